#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The benchmark: what Themis costs beside the least that a milter can cost (floor.c),
# or a server of policies (policy_floor.c), and through a real Postfix beside none at all.  ./bootstrap bench calls it:
#
#	bench.sh		three rounds, interleaved, and one table of medians
#	bench.sh --flood [N]	N messages (10000000), each of a sender of its own but for
#				each hundredth: memory, and whether that one's limit held
#	bench.sh --rows N	a history of N messages alone
#
# From the environment: THEMIS_BUILD (an optimized build with tests/bench made),
# TMPDIR, BENCH_ROUNDS (3), BENCH_MESSAGES (30000, of a run without a rate; the others
# go along), BENCH_MILTER_ONLY=1 (leave Postfix out), BENCH_POLICY_ONLY=1 (the policy
# delegation protocol alone), BENCH_HISTORY_ONLY=1 (what is kept of messages alone),
# BENCH_ROWS (1000000, of the history that is made; 0: none), BENCH_QUICK=1 (of that, only
# its size and its answers: the housekeeping comes once a minute), BENCH_SECONDS (10, of a
# run with a rate).  The table goes to standard output, what is being done to standard error.

set -u
bench_dir=$(cd "$(dirname "$0")" && pwd)
THEMIS_SYSTEM=$(cd "$bench_dir/../system" && pwd)
# shellcheck source=../system/site.sh
. "$THEMIS_SYSTEM/site.sh"
# shellcheck source=../system/dns.sh
. "$THEMIS_SYSTEM/dns.sh"

tools=$THEMIS_BUILD/tests/bench
rounds=${BENCH_ROUNDS:-3}
messages=${BENCH_MESSAGES:-30000}
rate=150         # messages a second, where delays are measured
rate_seconds=${BENCH_SECONDS:-10}
policy_rate=1000 # requests a second, likewise
users=1000       # distinct senders, where no row says otherwise
many_policies=10000
many_members=1000000
many_counters=1000000
made_rows=${BENCH_ROWS:-1000000}
checked=100      # distinct senders, of those whose SPF is checked
mails=$((messages / 10)) # through Postfix
policies=$((messages * 4)) # of the policy delegation protocol
endless=limit=1000000000/day # a limit that is counted and never reached

# shellcheck source=history.sh
. "$bench_dir/history.sh"
# shellcheck source=flood.sh
. "$bench_dir/flood.sh"

FLOOR_PID=
LOAD_PID=
DEAD_PID=
LOG_PID=

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "bench: $*"
	exit 1
}

# must COMMAND...: its output is shown if it fails.
must() {
	"$@" >"$SITE/must.out" 2>&1 && return 0
	cat "$SITE/must.out" >&2
	die "this failed: $*"
}

stop_all() {
	bench_status=$1
	for bench_pid in $LOAD_PID $DEAD_PID $FLOOR_PID $LOG_PID; do
		kill -KILL "$bench_pid" 2>/dev/null && wait "$bench_pid" 2>/dev/null
	done
	return "$bench_status"
}

milliseconds() {
	echo $(($(date +%s%N) / 1000000))
}

# note ROW WHAT VALUE: one result.
note() {
	printf '%s\t%s\t%s\n' "$@" >>"$SITE/results"
}

# --- the milters ---

# floor_start PROGRAM [ARGUMENT]
floor_start() {
	rm -f "$SITE/milter/floor.sock"
	floor_program=$1
	shift
	"$tools/$floor_program" "$@" "unix:$SITE/milter/floor.sock" >>"$SITE/floor.log" 2>&1 &
	FLOOR_PID=$!
	wait_for 10 [ -S "$SITE/milter/floor.sock" ] || die 'the floor does not start'
	# for Postfix
	chmod 666 "$SITE/milter/floor.sock"
}

# libmilter takes its time to end on SIGTERM, and there is nothing to lose.
floor_stop() {
	kill -KILL "$FLOOR_PID"
	wait "$FLOOR_PID" 2>/dev/null
	FLOOR_PID=
}

# themis_start NAME [-o KEY=VALUE...]: on the database of that name.
themis_start() {
	themis_name=$1
	shift
	site_daemon_start -o "database=$SITE/db/$themis_name.db" "$@" || die 'themisd does not start'
}

themis_stop() {
	site_daemon_stop || die 'themisd did not end well'
}

# resident NAME: of the daemon, in KiB, from /proc/PID/status.
resident() {
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/$DAEMON_PID/status"
}

# log_watch FILE: looks after its size until log_unwatch, which leaves the greatest in
# $SITE/longest.
log_watch() {
	perl -e '
		my ($longest, $parent) = (0, getppid);
		local $SIG{TERM} = sub { print "$longest\n"; exit 0 };
		while (getppid == $parent) {
			my $size = -s $ARGV[0] // 0;
			$longest = $size if $size > $longest;
			select undef, undef, undef, 0.02;
		}' "$1" >"$SITE/longest" &
	LOG_PID=$!
}

log_unwatch() {
	kill -TERM "$LOG_PID"
	wait "$LOG_PID"
	LOG_PID=
}

# --- databases ---

# with_themis NAME COMMAND...: the daemon runs for as long as the command does.
with_themis() {
	themis_start "$1"
	shift
	must "$@"
	themis_stop
}

prepare_one() {
	with_themis one tm policy add one source=any destination=any "$endless" action=defer
}

prepare() {
	say 'Making the databases ...'
	prepare_one
	prepare_policies hundred 100 "$users"
	prepare_policies many "$many_policies" "$many_members"
	prepare_counters
	with_themis spf tm policy add one source=any destination=any "$endless" spf=check action=block
	# the load's domain, and one of which nobody hears
	must dns_start <<-'END'
		example.org   TXT  "v=spf1 ip4:192.0.2.0/24 -all"
		dead.example  TIMEOUT
	END
}

# prepare_policies NAME POLICIES MEMBERS: each policy is for a group of its own, and each
# sender in one of them.  One of each is made by the daemon, the others are copies of it.
prepare_policies() {
	themis_start "$1"
	must tm group add g0 nobody@example.org
	must tm policy add p0 source=g0 destination=any "$endless" action=defer
	themis_stop
	must sqlite3 -bail "$SITE/db/$1.db" "
		CREATE TEMP TABLE place AS SELECT value AS n FROM generate_series(1, $2);
		INSERT INTO member_group (id, name) SELECT 1000 + n, 'g' || n FROM place;
		INSERT INTO member (group_id, name)
			SELECT 1001 + value / ($3 / $2), 'user' || value || '@example.org'
			FROM generate_series(0, $3 - 1);
		$(sql_copies policy "name = 'p0'" "id = 1000 + n, name = 'p' || n,
			source_group = 1000 + n")
		$(sql_copies policy_limit "policy_id = (SELECT id FROM policy WHERE name = 'p0')" \
			'id = 1000 + n, policy_id = 1000 + n')"
}

# sql_copies TABLE WHICH CHANGES: of that row, one for each place, changed, whatever
# columns the table has.
sql_copies() {
	cat <<-END
		CREATE TEMP TABLE copy AS SELECT o.*, n FROM main.$1 o, place WHERE $2;
		UPDATE copy SET $3;
		ALTER TABLE copy DROP COLUMN n;
		INSERT INTO $1 SELECT * FROM copy;
		DROP TABLE copy;
	END
}

# Counters of one event each, copies of one that the daemon has made.
prepare_counters() {
	themis_start counters
	must tm policy add one source=any destination=any "$endless" action=defer
	must "$tools/load" -n 1 "unix:$SITE/milter/themis.sock"
	themis_stop
	must sqlite3 -bail "$SITE/db/counters.db" "
		CREATE TEMP TABLE place AS SELECT value AS n
			FROM generate_series(1, $many_counters - 1);
		$(sql_copies bucket 1 "object = 'user' || n || '@example.org'")"
}

# --- straight to the milter ---

# load TOOL ROW PREFIX SOCKET OPTIONS...: one run; what it prints is noted, with the
# prefix.
load() {
	load_tool=$1
	load_row=$2
	load_prefix=$3
	load_socket=$4
	shift 4
	"$tools/$load_tool" "$@" "unix:$load_socket" >"$SITE/load.out" &
	LOAD_PID=$!
	wait "$LOAD_PID" || die 'the load failed'
	LOAD_PID=
	awk -v row="$load_row" -v prefix="$load_prefix" '
		{ print row "\t" prefix $1 "\t" $2 }' "$SITE/load.out" >>"$SITE/results"
	awk '/^(deferred|refused|held|discarded) / && $2 > 0 { bad = 1 }
		END { exit bad }' "$SITE/load.out" || die 'not everything was accepted'
}

# measure TOOL MESSAGES RATE ROW SOCKET PID OPTIONS...
measure() {
	measure_tool=$1
	measure_messages=$2
	measure_rate=$3
	measure_row=$4
	measure_socket=$5
	measure_pid=$6
	shift 6
	load "$measure_tool" "$measure_row" fast_ "$measure_socket" -p "$measure_pid" \
		-w 1000 -n "$measure_messages" "$@"
	load "$measure_tool" "$measure_row" paced_ "$measure_socket" -p "$measure_pid" \
		-w 1000 -r "$measure_rate" -n $((measure_rate * rate_seconds)) "$@"
}

round_floor() {
	say "  floor: $1"
	floor_start floor "$1"
	measure load "$messages" "$rate" "floor_$1" "$SITE/milter/floor.sock" "$FLOOR_PID" -u "$users"
	floor_stop
}

# round_themis NAME USERS [-o KEY=VALUE...]
round_themis() {
	say "  themisd: $1"
	round_row=$1
	round_users=$2
	shift 2
	round_began=$(milliseconds)
	themis_start "$round_row" "$@"
	set -- "$round_row" "$round_users"
	note "$1" start $(($(milliseconds) - round_began))
	note "$1" rest "$(resident VmRSS)"
	log_watch "$SITE/db/$1.db-wal"
	measure load "$messages" "$rate" "$1" "$SITE/milter/themis.sock" "$DAEMON_PID" -u "$2"
	note "$1" resident "$(resident VmRSS)"
	[ "$1" != many ] || round_change
	log_unwatch
	note "$1" wal "$(cat "$SITE/longest")"
	themis_stop
}

# A change of one policy among many, while mail comes.
round_change() {
	"$tools/load" -u "$many_members" -w 1000 -r "$rate" -n $((rate * 5)) \
		"unix:$SITE/milter/themis.sock" >"$SITE/change.out" &
	LOAD_PID=$!
	sleep 2
	change_began=$(milliseconds)
	must tm policy set p5 limit=999999999/day
	note many change $(($(milliseconds) - change_began))
	wait "$LOAD_PID" || die 'the load failed'
	LOAD_PID=
	awk '$1 == "max" { print "many\tpause\t" $2 }' "$SITE/change.out" >>"$SITE/results"
}

# Sessions whose messages wait for a DNS that is dead, and others that are none of its
# business: how long these take.
round_dead() {
	say '  themisd: DNS is dead'
	themis_start spf -o "$DNS_SERVERS"
	"$tools/load" -s 40 -r 20 -n $((20 * (rate_seconds + 5))) -u "$users" -d dead.example \
		"unix:$SITE/milter/themis.sock" >"$SITE/dead.out" &
	DEAD_PID=$!
	sleep 2
	load load dead paced_ "$SITE/milter/themis.sock" -s 50 -l -u "$users" -w 100 -r "$rate" \
		-n $((rate * rate_seconds))
	wait "$DEAD_PID" || die 'the load failed'
	DEAD_PID=
	themis_stop
}

# --- the policy delegation protocol ---

round_policies() {
	for policy_sessions in 20 50; do
		round_policy floor "end_$policy_sessions" "$policy_rate" -S END-OF-MESSAGE
		round_policy themis "end_$policy_sessions" "$policy_rate" -S END-OF-MESSAGE
	done
	policy_sessions=20
	round_policy themis rcpt_20 "$policy_rate" -S RCPT
	# two requests a message
	round_policy themis both_20 $((policy_rate / 2)) -S RCPT -S END-OF-MESSAGE
}

# round_policy floor|themis WHAT RATE OPTIONS...
round_policy() {
	policy_whom=$1
	policy_row=policy_$1_$2
	policy_pace=$3
	shift 3
	say "  policies: $policy_row"
	if [ "$policy_whom" = floor ]; then
		floor_start policy_floor
		set -- "$SITE/milter/floor.sock" "$FLOOR_PID" "$@"
	else
		themis_start one -o "policy_socket=unix:$SITE/milter/policy.sock"
		set -- "$SITE/milter/policy.sock" "$DAEMON_PID" "$@"
	fi
	measure policy_load "$policies" "$policy_pace" "$policy_row" "$@" \
		-s "$policy_sessions" -u "$users" -l
	"${policy_whom}_stop"
}

# --- through Postfix ---

# drained: nothing is on its way any more.
drained() {
	[ -z "$(find "$SITE/queue/incoming" "$SITE/queue/active" "$SITE/queue/deferred" \
		-type f -print -quit)" ]
}

# mail_run ROW WHAT MILTER-OPTIONS -- SMTP-SOURCE-OPTIONS...: the CPU time of all of
# Postfix and of the milter, of a message.
mail_run() {
	mail_row=$1
	mail_what=$2
	mail_pid=$3
	shift 3
	read -r mail_group <"$SITE/postfix.pid"
	mail_before=$("$tools/spent" -g "$mail_group" ${mail_pid:+-p "$mail_pid"}) || die 'no CPU time'
	must smtp-source "$@" -s 10 -l 1000 -m "$mails" -f sender@example.org \
		-t recipient@example.net "127.0.0.1:$SMTP_PORT"
	wait_for 60 drained || die 'Postfix does not deliver'
	sleep 0.5
	mail_after=$("$tools/spent" -g "$mail_group" ${mail_pid:+-p "$mail_pid"}) || die 'no CPU time'
	note "$mail_row" "$mail_what" "$(echo "$mail_before $mail_after $mails" |
		awk '{ print ($2 - $1) / $3 }')"
}

# round_mail ROW MILTER-SOCKET PID
round_mail() {
	say "  Postfix: $1"
	# shellcheck disable=SC2034 # site_postfix_start takes it
	MILTER=${2:+unix:$2}
	must site_postfix_start
	must smtp-source -s 10 -m 200 "127.0.0.1:$SMTP_PORT"
	wait_for 60 drained || die 'Postfix does not deliver'
	mail_run "mail_$1" same "$3" -d
	mail_run "mail_$1" new "$3"
	site_postfix_stop
}

round_postfix() {
	round_mail none '' ''
	floor_start floor end
	round_mail floor "$SITE/milter/floor.sock" "$FLOOR_PID"
	floor_stop
	themis_start one
	round_mail themis "$SITE/milter/themis.sock" "$DAEMON_PID"
	themis_stop
}

# --- ---

machine() {
	printf '%s; %s, %s processors; %s; %s; SQLite %s; Postfix %s\n' "$(date -u +%Y-%m-%d)" \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
		"$(uname -sr)" "$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release)" \
		"$(sqlite3 --version | cut -d ' ' -f 1)" \
		"$(postconf -dh mail_version 2>/dev/null || echo none)"
}

round_milters() {
	round_floor end
	round_floor steps
	round_themis one "$users"
	round_themis hundred "$users"
	round_themis many "$many_members"
	round_themis counters "$many_counters"
	round_themis spf "$checked" -o "$DNS_SERVERS"
	round_dead
}

rounds_of() {
	round=1
	while [ "$round" -le "$rounds" ]; do
		say "Round $round of $rounds"
		for round_part; do
			"$round_part"
		done
		round=$((round + 1))
	done
}

table() {
	machine
	awk -f "$bench_dir/table.awk" -f "$bench_dir/history.awk" -v rounds="$rounds" \
		-v counters="$many_counters" -v rate="$rate" -v policy_rate="$policy_rate" \
		-v rows="$made_rows" "$SITE/results" | sed 's/ *$//'
}

run_table() {
	with_postfix=round_postfix
	if [ -n "${BENCH_MILTER_ONLY:-}" ]; then
		with_postfix=
	elif [ "$(id -u)" -ne 0 ] || ! site_has_postfix; then
		say 'Without Postfix: that needs root, and the package postfix.'
		with_postfix=
	fi
	prepare
	prepare_modes
	# shellcheck disable=SC2086 # a word or none
	rounds_of round_milters round_modes round_policies $with_postfix
	[ "$made_rows" -eq 0 ] || round_made
	table
}

run_policies() {
	say 'Making the database ...'
	prepare_one
	rounds_of round_policies
	table
}

run_history() {
	say 'Making the databases ...'
	prepare_modes
	rounds_of round_modes
	[ "$made_rows" -eq 0 ] || round_made
	table
}

run_made() {
	made_rows=$1
	rounds=0
	round_made
	table
}

for tool in load floor policy_load policy_floor spent; do
	[ -x "$tools/$tool" ] || die "no $tools/$tool; use ./bootstrap bench"
done
# shellcheck disable=SC2034 # site_end calls it
SITE_AT_EXIT=stop_all
site_begin || die 'no place for it'
case ${1:-}:${2:-} in
:)
	if [ -n "${BENCH_POLICY_ONLY:-}" ]; then
		run_policies
	elif [ -n "${BENCH_HISTORY_ONLY:-}" ]; then
		run_history
	else
		run_table
	fi
	;;
--flood:)
	run_flood 10000000
	;;
--rows: | --flood:*[!0-9]* | --flood:0* | --rows:*[!0-9]* | --rows:0*)
	die "not a number of messages: ${2:-}"
	;;
--flood:*)
	run_flood "$2"
	;;
--rows:*)
	run_made "$2"
	;;
*)
	die 'usage: bench.sh [--flood [MESSAGES] | --rows MESSAGES]'
	;;
esac
