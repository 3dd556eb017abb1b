#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Includes point downward only (doc/architecture.md, "Floors").  Every #include
# "room/file.h" of every source is held against the table below: to a lower floor,
# to the own room, or to a room that is listed as a neighbour.  Speaks TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

table='base 0
ctl 1
db 1
spf 1
worker 2
policy 2 counter
counter 2
engine 3
front 4
admin 4
notify 5
main 5 notify
shell 2'

# room FILE: the room that a file of the tree is in.
room() {
	case $1 in
	src/spf/worker/*) echo worker ;;
	src/*/*) echo "$1" | cut -d/ -f2 ;;
	src/*) echo main ;;
	shell/*) echo shell ;;
	esac
}

# floor ROOM; neighbours ROOM: from the table, empty for an unknown room.
floor() {
	echo "$table" | awk -v room="$1" '$1 == room { print $2 }'
}

neighbours() {
	echo "$table" | awk -v room="$1" '$1 == room { $1 = $2 = ""; print }'
}

# may FROM TO: is an include from one room into the other allowed?
may() {
	[ "$1" != "$2" ] || return 0
	case " $(neighbours "$1") " in
	*" $2 "*) return 0 ;;
	esac
	# the shell is a program of its own: it shares base and ctl, nothing else
	if [ "$1" = shell ]; then
		[ "$2" = base ] || [ "$2" = ctl ]
		return
	fi
	# so is themis-spf, and nothing of it is in the daemon
	if [ "$1" = worker ]; then
		[ "$2" = base ] || [ "$2" = spf ]
		return
	fi
	[ "$2" != worker ] && [ "$(floor "$2")" -lt "$(floor "$1")" ]
}

# check FILE...: prints each edge that is wrong.
check() {
	for file; do
		from=$(room "$file")
		[ -n "$(floor "$from")" ] || echo "$file: in no room of the table"
		sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file" | while read -r header; do
			case $header in
			config.h) continue ;; # of configure's
			conf.h | conf.def | process.h) to=main ;;
			spf/worker/*) to=worker ;;
			*/*) to=${header%%/*} ;;
			*) to=shell ;; # its headers lie beside its sources
			esac
			if [ -z "$(floor "$to")" ]; then
				echo "$file: includes $header, which is in no room of the table"
			elif ! may "$from" "$to"; then
				echo "$file: $from (floor $(floor "$from")) may not include $header"
			fi
		done
	done
}

verdict 'includes point downward' "$(check src/*/*.[ch] src/spf/worker/*.[ch] src/*.[ch] shell/*.[ch])"

# the lint itself: edges that run up must be found
probe=$(mktemp -d) || exit 1
mkdir -p "$probe/src/base"
printf '#include "engine/engine.h"\n#include "conf.h"\n#include "client.h"\n' \
	>"$probe/src/base/wrong.c"
found=$(cd "$probe" && check src/base/wrong.c | wc -l)
rm -r "$probe"
[ "$found" -eq 3 ] && missed='' || missed="found $found of 3"
verdict 'includes that point upward are found' "$missed"
done_linting
