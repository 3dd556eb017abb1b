#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# record.sh TREE DIRECTORY: writes down what a themisd of an earlier schema leaves behind.
# TREE is that version's source, built in place; its own site (a private Postfix, so this is
# for root) is what it runs in.  The daemon is given all that it understands, has mail to
# count, and is stopped as it should be.  Then there are, for its schema N,
#
#	DIRECTORY/N.sql		the database as text
#	DIRECTORY/N.want	what its own tmsh said just before: "$ COMMAND", then rows
#
# README.md says what was made from which commit.  A schema is recorded before the next one
# is begun; nothing of this runs in the tests.
set -u

tree=$(cd "$1" && pwd) || exit 1
to=$(cd "$2" && pwd) || exit 1
commit=$(git -C "$tree" rev-parse HEAD) || exit 1
schema=$(find "$tree/sql/migrate" -name '[0-9]*.sql' | wc -l)
THEMIS_SYSTEM=$tree/tests/system THEMIS_BUILD=$tree
# shellcheck source=../system/site.sh
. "$THEMIS_SYSTEM/site.sh"

knows() {
	[ "$schema" -ge "$1" ]
}

must() {
	"$@" >"$SITE/out" 2>&1 && return
	printf 'status %s from: %s\n' "$?" "$*" >&2
	cat "$SITE/out" >&2
	exit 1
}

# told REPLY OPTIONS...: a message to which just this is said.
told() {
	told=$1
	shift
	said=$(send "$@")
	case $said in
	$told*) return ;;
	esac
	printf 'not %s but %s to: %s\n' "$told" "$said" "$*" >&2
	exit 1
}

# add NAME ATTRIBUTES...: a policy for the members of the group of that name.
add() {
	add=$1
	shift
	must tm group add "$add" "$add@example.org" "full-$add@example.org"
	must tm policy add "$add" source="$add" destination=any "$@"
}

strategies='moving fixed'
keys='login sender sender+ client'
actions='monitor defer block hold'
counts=recipients
! knows 2 || keys="$keys domain domain+ recipient recipient-domain policy" actions="$actions discard"
! knows 4 || strategies="$strategies sliding bucket" counts="$counts bytes"

groups() {
	must tm group add staff @example.org @müller.example user@other.example 192.0.2.0/24 \
		2001:db8:1::/48
	must tm group add many one@list.example two@list.example three@list.example
	must tm group add trusted 203.0.113.0/28
}

policies() {
	for strategy in $strategies; do
		add "$strategy" key=sender limit=4/year strategy="$strategy" action=defer
	done
	for key in $keys; do
		must tm policy add "key-$(echo "$key" | tr + .)" source=any destination=any key="$key" \
			limit=1000/year action=defer priority=20
	done
	must tm policy set key-login limit=1000/year,5000/10years
	for count in $counts; do
		must tm policy add "by-$count" source=staff destination='!many' key=sender+ \
			limit=900000/year count="$count" action=block priority=30
	done
	for action in $actions; do
		add "act-$action" key=sender limit=1/year action="$action"
	done
	add worded key=sender limit=1/300days action=block priority=1 \
		reply='über {limit} für {object}, 100% sicher'
	must tm policy add asleep enabled=no source='!staff' destination=many limit=7/day action=hold
	must tm policy add unlimited source=staff destination=any priority=40
}

more_policies() {
	must tm setting set default_limit 800/year
	must tm policy set unlimited stop=yes
	knows 3 || return 0
	must tm policy add free type=bypass source=trusted destination=any priority=0
	must tm policy add free-to type=bypass+ source=trusted destination=many priority=0
	add penal key=sender limit=1/year action=block penalty=20d
	must tm policy add marks source=any destination=any only-headers=yes
	must tm header add marks X-Score '/(9[6-9]|100).*/' X-Flag YES X-Said 'so it is: $1'
	must tm header add marks Subject "/it's naïve/i" X-Naive yes
	must tm policy set key-login rate-stats=yes
	must tm pool add edge edge.themis.test mx9.themis.test
	must tm pool add idle mx8.themis.test
	must tm setting set pool_counters yes
	must tm setting set pool_fallback yes
	must tm policy add edge:own source=any destination=any key=sender limit=3/year action=defer
	must tm setting set default_penalty 2h pool=edge
	must tm setting set stats_days 60
	must tm setting set reject_early never
	knows 7 || return 0
	must tm policy add forged source=any destination=any spf=strict action=monitor priority=50
	must tm policy add spoofed source=any destination='!many' spf=fail,permerror action=block \
		enabled=no
	must tm setting set spf_trusted trusted
	must tm setting set authserv_id mail.example.org
	must tm setting set spf_deadline 8s
}

settings() {
	must tm setting set history_days 90
	must tm setting set ipv6_prefix 56
	must tm setting set login_realm example.org
	must tm setting set null_sender count
	must tm setting set on_error tempfail
}

# What is made and goes again: numbers that must not come back.
comings_and_goings() {
	must tm policy add short source=any destination=any limit=5/hour
	must tm policy rename short shorter
	must tm policy delete shorter
	must tm policy disable key-client
	must tm policy enable key-client
	must tm group add brief a@brief.example b@brief.example
	must tm group remove brief a@brief.example
	must tm group delete brief
}

objects() {
	must tm object block spammer@example.org because "his password's known"
	must tm object block late@example.org for 300d because 'until he pays'
	must tm object bypass '<>'
	must tm object bypass 198.51.100.9 for 200d
	told 5 -f spammer@example.org
	told 2 -a 198.51.100.9 -f any@other.example
	knows 6 || return 0
	must tm object grant granted@example.org 3 policy=moving for 250d because 'a newsletter'
	must tm object grant everywhere@example.org 20 for 100d
	must tm group add moving granted@example.org
	told 2 -f granted@example.org -n 6
}

mail() {
	for strategy in $strategies; do
		told 2 -f "$strategy@example.org" -n 3
		told 2 -f "full-$strategy@example.org" -n 4
		told 450 -f "full-$strategy@example.org"
	done
	for action in $actions; do
		told 2 -f "act-$action@example.org"
		case $action in
		block) told 550 -f "act-$action@example.org" ;;
		defer) told 450 -f "act-$action@example.org" ;;
		*) told 2 -f "act-$action@example.org" ;;
		esac
	done
	told 2 -f worded@example.org
	told 550 -f worded@example.org
	told 2 -l jürgen@example.org -f office@example.org -a 192.0.2.7
	told 2 -l jürgen@example.org -f office@example.org -a 2001:db8:1:2::7 -t one@list.example \
		-t two@list.example -t user@other.example
	told 2 -l plain -f Mixed.Case@Example.ORG -s 20000
	told 2 -f 'jürgen@müller.example' -m 'SMTPUTF8 BODY=8BITMIME' -H 'Subject: größer'
	told 2 -f '"quoted local"@example.org'
	told 2 -f ''
	told 2 -f probe@example.org -a 203.0.113.5 -t two@list.example
	knows 3 || return 0
	told 2 -f penal@example.org
	told 550 -f penal@example.org
	told 2 -f edge@example.org -S "127.0.0.1:$SITE_PORT" -n 2
	told 2 -f full-edge@example.org -S "127.0.0.1:$SITE_PORT" -n 3
	told 450 -f full-edge@example.org -S "127.0.0.1:$SITE_PORT"
	told 2 -f scored@example.org -H 'X-Score: 99'
	knows 7 || return 0
	told 2 -f forger@fail.example -a 198.51.100.7
	told 2 -f honest@fail.example -a 192.0.2.1
}

second_mta() {
	printf '127.0.0.1:%s inet n - n - - smtpd -o myhostname=edge.themis.test\n' "$SITE_PORT" \
		>>"$SITE/postfix/master.cf"
	touch -t 200001010000 "$SITE/postfix/master.cf"
	postfix -c "$SITE/postfix" reload >/dev/null 2>&1
	wait_for 60 site_greets "$SITE_PORT"
}

# A message that Postfix has asked about by the policy protocol, and whose end it has not:
# it is under way when the daemon stops.
half_a_message() {
	# shellcheck source=../system/policy.sh
	. "$THEMIS_SYSTEM/policy.sh"
	perl "$THEMIS_SYSTEM/policy.pl" "$SITE/milter/policy" >"$SITE/out" <<-'END'
		RCPT instance=under.way queue_id=4fKdZc0nPzzA sender=moving2@example.org recipient=a@example.net
		RCPT instance=under.way queue_id=4fKdZc0nPzzA sender=moving2@example.org recipient=b@example.net
	END
	case $(cat "$SITE/out") in
	*DUNNO*DUNNO*) ;;
	*) cat "$SITE/out" >&2; exit 1 ;;
	esac
}

# Somebody who may only look wants to change something.
refused_to_change() {
	cp "$THEMIS_BUILD/tmsh" "$SITE/tmsh" # strangers may not reach the build
	setpriv --reuid=nobody --regid=games --groups=games \
		"$SITE/tmsh" -s "$SITE/control" policy delete key-client >/dev/null 2>&1 && exit 1
}

taken_back() {
	must tm object block mistake@example.org
	must tm audit undo "$(tm -j audit last=1 | sed 's/.*"number":\([0-9]*\).*/\1/')"
}

say() {
	for say in "$@"; do
		printf '$ %s\n' "$say"
		# shellcheck disable=SC2086 # words of ours
		tm -j $say | sed 's/,"default":".*/}/' # else what a setting means
	done
}

want() {
	say 'policy list' 'group list' 'group show staff' 'group show many' 'group show moving' \
		'setting list' 'counter list'
	knows 3 || return 0
	say 'object list' 'pool list' 'pool show edge' 'header list' 'setting list pool=edge'
}

site_begin || exit 1
set -- -o control_read_group=games
if knows 7; then
	. "$THEMIS_SYSTEM/dns.sh"
	must dns_start <<-'END'
		fail.example TXT "v=spf1 ip4:192.0.2.0/28 -all"
	END
	set -- "$@" -o "$DNS_SERVERS"
fi
! knows 8 || set -- "$@" -o "policy_socket=unix:$SITE/milter/policy"
must site_daemon_start "$@"
must site_postfix_start 'smtputf8_enable = yes'
must second_mta
groups
policies
settings
! knows 2 || more_policies
comings_and_goings
mail
! knows 3 || objects
! knows 2 || refused_to_change
! knows 5 || taken_back
! knows 8 || half_a_message
sleep 2 # what was counted in the background is stored
want >"$to/$schema.want"
must site_postfix_stop
must site_daemon_stop
{
	printf -- '-- Schema %s, as themisd of %s left it.\n-- made %s\n' "$schema" "$commit" "$(date +%s)"
	sqlite3 "$SITE/db/themis.db" .dump
	for pragma in application_id user_version; do
		printf 'PRAGMA %s = %s;\n' "$pragma" "$(sqlite3 "$SITE/db/themis.db" "PRAGMA $pragma")"
	done
} >"$to/$schema.sql"
