# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# The part of the benchmark about what is kept: what a message costs by how much of it is
# written down, and a great history: how large it is, how long one waits for an answer from
# it, and whether mail waits while it is digested and while it goes.  Sourced by bench.sh,
# which has the numbers.
# shellcheck disable=SC2154

modes='off messages recipients size'
made_days=30
busiest=user0@d0.example.org

# --- what is written down of a message ---

prepare_modes() {
	for mode in $modes; do
		case $mode in
		size) mode_setting='history_size yes' ;;
		*) mode_setting="history $mode" ;;
		esac
		themis_start "history_$mode"
		must tm policy add one source=any destination=any "$endless" action=defer
		# shellcheck disable=SC2086 # a name and a value
		must tm setting set $mode_setting
		themis_stop
	done
}

round_modes() {
	for mode in $modes; do
		say "  history: $mode"
		themis_start "history_$mode"
		measure load "$messages" "$rate" "history_$mode" "$SITE/milter/themis.sock" \
			"$DAEMON_PID" -u "$users"
		themis_stop
	done
}

# --- a great history ---

# made_policies: their commands.  Each is for the senders of a domain, the first one for
# those of the load, too; and one of all mail that is only tried.  Nothing goes until it is
# to.
made_policies() {
	echo "setting set history_days $((made_days * 2))"
	echo "setting set history_rows $((made_rows * 2))"
	echo "setting set recipients_days $((made_days * 2))"
	echo "setting set recipients_rows $((made_rows * 2))"
	echo 'policy add tried source=any destination=any key=sender' \
		'limit=1000/hour,10000/day action=defer enabled=no'
	for made_n in $(seq 0 29); do
		made_load=@example.org
		[ "$made_n" -eq 0 ] || made_load=
		made_stats=no
		[ "$made_n" -ge 10 ] || made_stats=yes
		echo "group add g$made_n @d$made_n.example.org @.d$made_n.example.net $made_load"
		echo "policy add p$made_n source=g$made_n destination=any" \
			"limit=1000/hour,10000/day action=defer rate-stats=$made_stats"
	done
}

made_sql() {
	sqlite3 -readonly -bail -cmd '.timeout 5000' "$SITE/db/made.db" "$1"
}

# made_load WHEN: at a rate, with what else goes on; three times, since other work on the
# machine is felt most in a short time.
made_load() {
	for made_n in 1 2 3; do
		load load "made_$1" paced_ "$SITE/milter/themis.sock" -u "$users" \
			-p "$DAEMON_PID" -w "$rate" -r "$rate" -n $((rate * rate_seconds))
	done
}

# prepare_made DIGESTED: so many messages of it have been looked at by the housekeeping.
prepare_made() {
	say "Making a history of $made_rows messages ..."
	made_policies >"$SITE/made"
	with_themis made tm -f "$SITE/made"
	must env SQLITE_TMPDIR="$SITE" sqlite3 -bail -cmd ".parameter set :rows $made_rows" \
		-cmd ".parameter set :digested $1" "$SITE/db/made.db" <"$bench_dir/history.sql"
}

# made_seen: the last message that is digested; made_oldest: the first that is there.
made_seen() {
	made_sql "SELECT value FROM mark WHERE name = 'seen'"
}

made_oldest() {
	made_sql 'SELECT min(id) FROM decision'
}

made_is_past() {
	[ "$("$1")" -gt "$2" ]
}

# made_speed WHAT ROWS SINCE: rows a second, since that millisecond.
made_speed() {
	made_took=$(($(milliseconds) - $3))
	note made "$1" $(($2 * 1000 / (made_took > 0 ? made_took : 1)))
}

# Housekeeping comes once a minute, and begins with what is not digested.
made_digest() {
	made_load before
	say '  waiting for the housekeeping ...'
	made_first=$(made_seen)
	wait_for 100 made_is_past made_seen "$made_first" || die 'nothing is digested'
	made_began=$(milliseconds)
	made_first=$(made_seen)
	made_load digest
	# what is older than an hour, and a little more
	made_last=$(made_sql "SELECT max(id) FROM decision
		WHERE time < (strftime('%s', 'now') - 4000) * 1000000")
	say '  waiting until all is digested ...'
	wait_for 3600 made_is_past made_seen $((made_last - 1)) || die 'it is not digested'
	made_speed digested $((made_last - made_first)) "$made_began"
}

made_sizes() {
	made_sql "SELECT 'made' || char(9) || 'size_' || iif(t.type = 'table', '', 'index ')
			|| d.name || char(9) || (sum(d.pgsize) * 1.0 / $made_rows)
		FROM dbstat d
		JOIN sqlite_schema t ON t.name = d.name
		GROUP BY d.name
		HAVING sum(d.pgsize) > $made_rows / 2
		ORDER BY sum(d.pgsize) DESC" >>"$SITE/results" 2>"$SITE/must.out" ||
		say '  no table by itself: sqlite3 has no dbstat'
	note made size_file "$(made_sql "SELECT page_count * page_size * 1.0 / $made_rows
		FROM pragma_page_count, pragma_page_size")"
}

# made_ask WHAT PERIOD COMMAND...: how long an answer takes, of three the one in the middle,
# unless that is long.
made_ask() {
	made_what=$1
	made_period=$2
	shift 2
	for made_n in 1 2 3; do
		made_began=$(milliseconds)
		tm "$@" >"$SITE/made.out" 2>&1 || {
			say "  $*: $(tail -n 1 "$SITE/made.out")"
			return
		}
		made_took=$(($(milliseconds) - made_began))
		note "ask_$made_what" "$made_period" "$made_took"
		[ "$made_took" -lt 5000 ] || break
	done
}

made_questions() {
	say '  asking ...'
	for made_name in $(tm -j report list 2>/dev/null |
		sed -n 's/^{"name":"\([^"]*\)".*/\1/p'); do
		made_ask "report $made_name" default report "$made_name"
		made_ask "report $made_name" month report "$made_name" since=30d
	done
	made_ask 'top objects' default top objects last=1d
	made_ask 'top objects' month top objects last=30d
	made_ask 'object show' default object show "$busiest"
	made_ask 'policy test, of a million messages' default \
		policy test tried since="${made_million}d"
	made_ask 'policy test, of a million messages' month policy test tried since=30d
	made_ask 'policy suggest, of a million messages' default \
		policy suggest key=sender since="${made_million}d"
	made_ask 'policy suggest, of a million messages' month \
		policy suggest key=sender since=30d
}

made_delete() {
	made_load quiet
	made_first=$(made_oldest)
	must tm setting set history_days $((made_days - made_million))
	say '  waiting for the housekeeping ...'
	wait_for 100 made_is_past made_oldest "$made_first" || die 'nothing is deleted'
	made_first=$(made_oldest)
	made_began=$(milliseconds)
	made_load delete
	made_speed deleted $(($(made_oldest) - made_first)) "$made_began"
}

round_made() {
	# how many days have a million messages, but not all of them
	made_million=$((made_days * 1000000 / made_rows))
	[ "$made_million" -ge 1 ] || made_million=1
	[ "$made_million" -lt "$made_days" ] || made_million=$((made_days - 1))
	if [ -n "${BENCH_QUICK:-}" ]; then
		prepare_made "$made_rows"
		themis_start made
		made_sizes
		made_questions
	else
		prepare_made $((made_rows > 1000000 ? made_rows - 1000000 : 0))
		themis_start made
		made_digest
		made_sizes
		made_questions
		made_delete
	fi
	themis_stop
	rm -f "$SITE/db/made.db"*
}
