# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# A guide of doc/ whose commands are run as they stand there, with the paths of this site in
# the place of a host's.  Sourced behind lib.sh and site_begin.
#
#	. "$(dirname "$0")/guide.sh"
#	guide_begin backup.md
#	guide_do 'The configuration as text' 1	# the first command there, a check by itself
#
# Commands run in this shell, one after the other: a cd holds for those behind it.  Instead of
# a service manager and its journal there are functions, on the themisd and the Postfix of the
# site; site_daemon_start gets GUIDE_DAEMON.

GUIDE_DAEMON=

# guide_begin NAME: a file of doc/.
guide_begin() {
	guide=$(cd "${THEMIS_SOURCE:-$THEMIS_SYSTEM/../..}" && pwd)/doc/$1
	mkdir "$SITE/bin" "$SITE/root" || return 1
	cat >"$SITE/bin/tmsh" <<-END
		#!/bin/sh
		case \$1 in
		-s) exec '$THEMIS_BUILD/tmsh' "\$@" ;;
		*) exec '$THEMIS_BUILD/tmsh' -s '$SITE/control' "\$@" ;;
		esac
	END
	cat >"$SITE/bin/themisd" <<-END
		#!/bin/sh
		case \$1 in
		-c) exec '$THEMIS_BUILD/themisd' "\$@" -o user=root -o control_write_group=root ;;
		*) exec '$THEMIS_BUILD/themisd' -c '$SITE/themisd.conf' "\$@" ;;
		esac
	END
	chmod +x "$SITE/bin/tmsh" "$SITE/bin/themisd"
	PATH=$SITE/bin:$PATH
	# whose configuration postconf, postqueue and the like look at
	MAIL_CONFIG=$SITE/postfix
	export MAIL_CONFIG
}

# guide_here: a text of the guide, on this site.
guide_here() {
	sed -e "s|/var/lib/themis|$SITE/db|g" -e "s|/etc/postfix|$SITE/postfix|g" \
		-e "s|/root/|$SITE/root/|g" -e "s|/usr/local/sbin|$SITE/sbin|g" \
		-e 's/-o themis -g themis //'
}

# guide_section TITLE: what stands below that heading.
guide_section() {
	awk -v title="## $1" '/^## / { found = $0 == title; next } found' "$guide"
}

# guide_commands TITLE: what is to be typed there, a line each.
guide_commands() {
	guide_section "$1" | sed -n 's/^    //p' | guide_here
}

# guide_file PATH: the block below the line that names it.
guide_file() {
	awk -v name="\`$1\`" '
		/^    / || /^$/ { if (found && (any || NF)) { print substr($0, 5); any = 1 } next }
		any { exit }
		{ found = index($0, name) > 0 }' "$guide" | guide_here
}

# guide_do TITLE NUMBER...: each of these commands succeeds.
guide_do() {
	guide_title=$1
	shift
	for guide_number; do
		guide_line=$(guide_commands "$guide_title" | sed -n "${guide_number}p")
		ok "${guide_line:-there is no command $guide_number in $guide_title}" \
			eval "${guide_line:-false}"
	done
}

# guide_says TITLE NUMBER: what that command prints.
guide_says() {
	guide_line=$(guide_commands "$1" | sed -n "${2}p")
	eval "${guide_line:-false}" 2>&1
}

systemctl() {
	case $* in
	'stop themisd') site_daemon_stop ;;
	# shellcheck disable=SC2086 # words
	'start themisd') site_daemon_start $GUIDE_DAEMON ;;
	'restart themisd') systemctl stop themisd && systemctl start themisd ;;
	'status themisd') tail -n 10 "$SITE/themisd.log" ;;
	daemon-reload | 'enable --now themis-backup.timer') ;;
	'start themis-backup.service') "$SITE/sbin/themis-backup" ;;
	*) return 1 ;;
	esac
}

journalctl() {
	case $* in
	'-u themisd --since '*) cat "$SITE/themisd.log" ;;
	'--since '*) cat "$SITE/maillog" ;;
	*) return 1 ;;
	esac
}
