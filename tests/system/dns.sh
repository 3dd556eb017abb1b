# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# A DNS server of a test's own (dns.py), for what asks about sender policies.  Sourced
# after lib.sh:
#
#	. "$(dirname "$0")/dns.sh"
#	need_dns
#	must site_begin
#	must dns_start <<'END'
#	example.org  TXT  "v=spf1 ip4:192.0.2.0/24 -all"
#	END
#	must site_daemon_start -o "$DNS_SERVERS"
#	...
#	is "$(dns_count example.org TXT)" 0 'never asked'
#
# The server ends with the script, whatever becomes of that (SITE_AT_EXIT, behind which
# it puts what was there).  Set by dns_start: DNS_PID, DNS_PORT
# and DNS_SERVERS, the option of themisd that names it.

DNS_PID=
dns_next_at_exit=

# Debian's own interpreter has Debian's modules; another one in PATH need not.
DNS_PYTHON=/usr/bin/python3
[ -x "$DNS_PYTHON" ] || DNS_PYTHON=python3
# nothing is to be left in the source
export PYTHONDONTWRITEBYTECODE=1

# need_dns [MODULE...]: Python, and these modules of it.
need_dns() {
	need "$DNS_PYTHON"
	for dns_module in "$@"; do
		"$DNS_PYTHON" -c "import $dns_module" 2>/dev/null ||
			tap_cannot "Python's module $dns_module is not installed"
	done
}

# dns_start [ZONE]: with this file, else with standard input.  A server that runs already
# is replaced by one on the same port that has counted nothing.
dns_start() {
	dns_stop
	if [ $# -gt 0 ]; then
		cp "$1" "$SITE/dns.zone"
	else
		cat >"$SITE/dns.zone"
	fi || return 1
	# the last one of the site's ports that are for the caller
	DNS_PORT=$((SITE_PORT + 5))
	DNS_SERVERS=dns_servers=127.0.0.1@$DNS_PORT
	rm -f "$SITE/dns.ready"
	: >"$SITE/dns.log"
	"$DNS_PYTHON" "$THEMIS_SYSTEM/dns.py" "$SITE/dns.zone" "$DNS_PORT" "$SITE/dns.log" \
		"$SITE/dns.ready" </dev/null 9>&- &
	DNS_PID=$!
	if [ "$SITE_AT_EXIT" != dns_at_exit ]; then
		dns_next_at_exit=$SITE_AT_EXIT
		SITE_AT_EXIT=dns_at_exit
	fi
	wait_for 60 dns_settled
	[ -f "$SITE/dns.ready" ]
}

dns_settled() {
	[ -f "$SITE/dns.ready" ] || site_gone "$DNS_PID"
}

dns_stop() {
	[ -n "$DNS_PID" ] || return 0
	kill -KILL "$DNS_PID" 2>/dev/null
	wait "$DNS_PID" 2>/dev/null
	DNS_PID=
}

dns_at_exit() {
	dns_stop
	"${dns_next_at_exit:-return}" "$1"
}

# dns_slow DOMAIN [RECORD]: lines of a zone by which a check of DOMAIN takes as long as one
# may, and then comes to this record: it asks for the ninety hosts of nine terms, one after
# the other.  Each of them is held for a quarter of a second, in which no resolver gives a
# name up: so nothing but the deadline ends the check.
dns_slow() {
	dns_terms=
	for dns_n in $(seq 10 99); do
		echo "${dns_n%?}.$1 MX 10 $dns_n.$1"
		echo "$dns_n.$1 HOLD 0.25"
		# nobody's
		echo "$dns_n.$1 A 240.0.0.1"
	done
	for dns_n in $(seq 9); do dns_terms="$dns_terms mx:$dns_n.$1"; done
	echo "$1 TXT \"v=spf1$dns_terms ${2:--all}\""
}

# dns_hurry: from here on nothing is slow; what is held is answered at once.
dns_hurry() {
	kill -USR1 "$DNS_PID"
}

# dns_count [NAME|'*' [TYPE|'*' [udp|tcp]]]: how many questions came, of this name and
# type.  What comes by TCP was asked before, by UDP, and a resolver that is in a hurry asks
# again for what it waits for: zero is certain, of others only that they are not zero.
dns_count() {
	awk -v name="${1:-*}" -v type="${2:-*}" -v way="${3:-*}" '
		(name == "*" || $1 == name) && (type == "*" || $2 == type) &&
			(way == "*" || $3 == way) { n++ }
		END { print n + 0 }' "$SITE/dns.log"
}

# dns_forget: counts from here on.
dns_forget() {
	: >"$SITE/dns.log"
}
