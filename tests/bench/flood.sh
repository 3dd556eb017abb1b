# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# The part of the benchmark about a flood of senders: does memory stay bounded, and the limit
# of the one who sends often?  Sourced by bench.sh, which has
# what is called here.
# shellcheck disable=SC2154

# run_flood MESSAGES
run_flood() {
	flood_limit=$(($1 / 200))
	themis_start flood -o max_counters=100000
	must tm setting set history off
	must tm policy add flood source=any destination=any "limit=$flood_limit/day" action=defer
	say "Sending $1 messages ..."
	"$tools/load" -n "$1" -u "$1" -c -b 1 -p "$DAEMON_PID" "unix:$SITE/milter/themis.sock" \
		>"$SITE/flood.out" &
	LOAD_PID=$!
	wait "$LOAD_PID" || die 'the load failed'
	LOAD_PID=
	machine
	cat "$SITE/flood.out"
	printf 'resident KiB %s, most %s, database bytes %s, log bytes %s\n' "$(resident VmRSS)" \
		"$(resident VmHWM)" "$(stat -c %s "$SITE/db/flood.db")" \
		"$(stat -c %s "$SITE/db/flood.db-wal")"
	printf 'the busiest sender: %s messages, limit %s, deferred %s\n' $(($1 / 100)) \
		"$flood_limit" "$(sed -n 's/^deferred //p' "$SITE/flood.out")"
	themis_stop
}
