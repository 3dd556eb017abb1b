#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bounded.sh TEST...: runs a test of the suite, and ends one that does not end by itself,
# so that it fails under its name instead of holding up the rest without a word.  Whoever
# sits at a terminal sees that for himself, and has Ctrl-C, which would not reach what
# timeout puts into a process group of its own.  (Nor does a signal to the group of make:
# what was running then comes to its end.)

# seconds; the longest tests take three minutes with threads watched, and were seen to take
# more than eight where eight times as much wanted to run as could
bound=1800

# shellcheck disable=SC2188 # is there a terminal that controls us?
if (: </dev/tty) 2>/dev/null || ! command -v timeout >/dev/null; then
	exec "$@"
fi
began=$(date +%s)
# TERM lets a test clear away what it has started
timeout -k 30 "$bound" "$@"
status=$?
[ "$(($(date +%s) - began))" -lt "$bound" ] ||
	echo "Bail out! ended from outside: not over after $bound seconds"
exit "$status"
