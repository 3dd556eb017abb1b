# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# What every tests/system/*.test begins with: TAP (Test Anything Protocol) and
# assertions over the private Postfix and themisd of site.sh.  A test is an
# executable sh script that runs from any directory, alone or beside others:
#
#	#!/bin/sh
#	# SPDX-License-Identifier: Apache-2.0
#	#
#	# What this shows, in a sentence or two.
#	. "$(dirname "$0")/lib.sh"
#	need_postfix
#	must site_begin
#	must site_daemon_start
#	must site_postfix_start
#
#	must tm policy add few source=any destination=any limit=1/hour action=defer
#	ok 'the first message passes' send -f bob@example.org
#	like "$(send -f bob@example.org)" '^450 4\.7\.1 ' 'the second is deferred'
#	is "$(site_sql "SELECT count(*) FROM v_decisions")" 2 'both are in the history'
#	done_testing
#
# Set things up with must, so that a set-up that fails cannot pass for a result, and
# compare what is there (is, like) rather than the absence of something.  The last
# line has to be done_testing: it stops themisd, which is a check too (exit status 0
# and no word of a sanitizer in its log), and prints the plan.  A script that ends
# before has printed no plan, so every TAP reader takes it for a failure.
# Checks run in this shell, never in a pipe or subshell, which would lose the count.

set -u
# shellcheck source=site.sh
. "${THEMIS_SYSTEM:-$(dirname "$0")}/site.sh"

tap_count=0
tap_failures=0
tap_done=
SITE_AT_EXIT=tap_at_exit
site_trap
tap_out=$(mktemp "${TMPDIR:-/tmp}/themis-tap.XXXXXX") || exit 1

# --- output ---

# diag TEXT...: a remark for whoever reads the output; each line of it gets a "#".
diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

tap_show() {
	diag "$1:"
	printf '%s\n' "$2" | sed 's/^/#   /'
}

tap_logs() {
	for tap_log in themisd.log maillog; do
		[ ! -s "$SITE/$tap_log" ] ||
			tap_show "the end of $tap_log" "$(tail -n "$1" "$SITE/$tap_log")"
	done
}

# tap_point STATUS DESCRIPTION [LABEL TEXT]...: one line of TAP, and after a failure
# what explains it.  The first failure shows the logs as they are at that moment; the
# end of them, when the script is over, may be about something else.
tap_point() {
	tap_count=$((tap_count + 1))
	# In a description a "#" would begin a directive.
	tap_text="$tap_count - $(printf '%s\n' "$2" | sed 's/#/\\#/g')"
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_text"
		return 0
	fi
	tap_failures=$((tap_failures + 1))
	echo "not ok $tap_text"
	shift 2
	while [ $# -gt 1 ]; do
		tap_show "$1" "$2"
		shift 2
	done
	[ "$tap_failures" -gt 1 ] || tap_logs 20
	return 1
}

# --- before the first check ---

# need PROGRAM...: without them the whole script is skipped; where CI=true, and so
# everything has to run, it fails.
need() {
	for tap_program in "$@"; do
		command -v "$tap_program" >/dev/null ||
			tap_cannot "$tap_program is not installed"
	done
}

need_postfix() {
	site_has_postfix || tap_cannot 'postfix is not installed'
	[ "$(id -u)" -eq 0 ] || tap_cannot 'only root can start postfix'
	need perl flock setpriv timeout
}

tap_cannot() {
	if [ "${CI:-}" = true ]; then
		tap_done=1
		printf '1..1\nnot ok 1 - %s\n' "$1"
		exit 1
	fi
	tap_skip "$1"
}

# tap_skip REASON: for what even CI may lack, since it is no program: the whole script.
tap_skip() {
	tap_done=1
	echo "1..0 # SKIP $1"
	exit 0
}

# must COMMAND...: a step that is no check, but without which no check means anything.
must() {
	"$@" >"$tap_out" 2>&1 && return 0
	tap_show "cannot go on, status $? from: $*" "$(cat "$tap_out")"
	exit 1
}

# --- checks ---

# ok DESCRIPTION COMMAND...: the command succeeds.
ok() {
	exits 0 "$@"
}

# exits STATUS DESCRIPTION COMMAND...: the command ends with just this status.
exits() {
	tap_lowest=$1
	tap_highest=$1
	shift
	tap_exits "$@"
}

# not_ok DESCRIPTION COMMAND...: the command refuses.  That it is missing, was killed
# or took too long (124 and above) is no refusal.
not_ok() {
	tap_lowest=1
	tap_highest=123
	tap_exits "$@"
}

tap_exits() {
	if [ $# -lt 2 ]; then
		tap_point 1 "${1:-no description}" fault 'no command to check'
		return
	fi
	tap_what=$1
	shift
	"$@" >"$tap_out" 2>&1
	tap_status=$?
	[ "$tap_status" -ge "$tap_lowest" ] && [ "$tap_status" -le "$tap_highest" ]
	tap_point $? "$tap_what" command "$*" 'exit status' "$tap_status" \
		'wanted, from and to' "$tap_lowest $tap_highest" \
		output "$(cat "$tap_out")"
}

# ends COMMAND...: with the status of a program that has to end by itself, as a themisd
# that refuses to start.  One that does not is killed after 60 seconds: 124, or 137.
ends() {
	timeout -k 5 60 "$@"
}

# ended PID: waits for a child that was told to end, with its status; as above.
ended() {
	wait_for 60 site_gone "$1" || { kill -KILL "$1"; wait "$1"; return 124; }
	wait "$1"
}

# is GOT WANTED DESCRIPTION: the same text.
is() {
	tap_three "$@" || return
	[ "$1" = "$2" ]
	tap_point $? "$3" got "$1" wanted "$2"
}

# like GOT REGEX DESCRIPTION: a line of it matches the extended regular expression.
like() {
	tap_three "$@" || return
	tap_grep "$1" "$2"
	tap_point $? "$3" got "$1" 'wanted a line like' "$2"
}

# becomes WANTED DESCRIPTION COMMAND...: in the end it prints just this.  For what comes a
# moment behind what was waited for, as a line of the log behind the status.
becomes() {
	tap_wanted=$1
	tap_what=$2
	shift 2
	wait_for 60 tap_prints "$@"
	is "$("$@")" "$tap_wanted" "$tap_what"
}

tap_prints() {
	[ "$("$@")" = "$tap_wanted" ]
}

# unlike GOT REGEX DESCRIPTION: no line matches.  Fails if there is nothing in GOT,
# as that would be unlike anything.
unlike() {
	tap_three "$@" || return
	[ -n "$1" ] && { tap_grep "$1" "$2"; [ $? -eq 1 ]; }
	tap_point $? "$3" got "$1" 'wanted no line like' "$2"
}

# An unquoted empty variable must not turn a check into another one, nor may an empty
# expression, which every text matches.
tap_three() {
	if [ $# -ne 3 ] || [ -z "$3" ]; then
		tap_point 1 "${3:-no description}" fault "$# arguments instead of 3" \
			arguments "$*"
		return 1
	fi
}

tap_grep() {
	[ -n "$2" ] || return 2
	printf '%s\n' "$1" | LC_ALL=C grep -Eq -e "$2" 2>/dev/null
}

# --- the end ---

tap_unsanitized() {
	grep -E 'runtime error:|Sanitizer' "$SITE/themisd.log"
	[ $? -eq 1 ]
}

# done_testing: the last line of every script.
done_testing() {
	if [ "$tap_count" -eq 0 ]; then
		diag 'nothing was checked'
		exit 1
	fi
	[ ! -f "$SITE/daemon.pid" ] || ok 'themisd ends well' site_daemon_stop
	[ ! -f "$SITE/themisd.log" ] || ok 'no sanitizer speaks' tap_unsanitized
	if [ "$tap_failures" -gt 0 ]; then
		tap_logs 40
		diag "$tap_failures of $tap_count checks failed"
	fi
	echo "1..$tap_count"
	tap_done=1
	[ "$tap_failures" -eq 0 ]
	exit
}

# Without a plan and with a status other than 0, whatever ended the script.
tap_at_exit() {
	rm -f "$tap_out"
	[ -z "$tap_done" ] || return "$1"
	diag "ended with status $1 before done_testing"
	tap_logs 40
	[ "$1" -gt 0 ] || return 1
	return "$1"
}
