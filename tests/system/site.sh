# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# A site: one temporary directory with a private themisd and a private Postfix
# (postfix.sh) that know nothing of the machine's own.  Sourced by lib.sh for the
# system tests and by ./bootstrap for the demonstration, so nothing in here speaks
# TAP.  Functions return a status and complain on standard error.
#
#	. tests/system/site.sh
#	site_begin && site_daemon_start && site_postfix_start || exit 1
#	tm policy add ...
#	send -f bob@example.org		# prints "250 2.0.0 Ok: queued as ..."
#
# From the environment: THEMIS_BUILD (the directory with themisd and tmsh; found if
# it is . or ./build), TMPDIR, SITE_KEEP=1 (leave the directory to be looked at).
# Set by site_begin: SITE (the directory), SMTP_PORT, SITE_PORT (this port and the
# five after it are free for the caller), MILTER (the milter socket in Postfix's
# spelling; set another before site_postfix_start, or none).
# Set by site_daemon_start: DAEMON_PID.

case :$PATH: in
*:/usr/sbin:*) ;;
*) PATH=$PATH:/usr/sbin:/sbin ;;
esac

# What is sourced cannot ask where it lies; the script that sources it can.
if [ -z "${THEMIS_SYSTEM:-}" ]; then
	site_dir=$(dirname "$0")
	for site_dir in "$site_dir" "$site_dir/tests/system" tests/system; do
		[ -f "$site_dir/smtp.pl" ] || continue
		THEMIS_SYSTEM=$(cd "$site_dir" && pwd)
		break
	done
fi
if [ -z "${THEMIS_BUILD:-}" ]; then
	THEMIS_BUILD=.
	[ -x ./themisd ] || THEMIS_BUILD=build
fi
case $THEMIS_BUILD in
/*) ;;
*) THEMIS_BUILD=$PWD/$THEMIS_BUILD ;;
esac
export THEMIS_SYSTEM THEMIS_BUILD
# shellcheck source=postfix.sh
. "$THEMIS_SYSTEM/postfix.sh"

# THEMIS_SITE carries the site into the commands of smtp_session; a variable SITE
# that somebody has for his own purposes must not.
SITE=${THEMIS_SITE:-}
DAEMON_PID=
SITE_AT_EXIT=

# --- the site itself ---

site_say() {
	printf 'site: %s\n' "$*" >&2
}

# site_tail FILE: what a complaint about a program quotes from its log.
site_tail() {
	[ ! -f "$SITE/$1" ] || tail -n 20 "$SITE/$1" | sed "s/^/$1: /" >&2
}

# wait_for SECONDS COMMAND...: until the command succeeds; status 1 if it never does.  It
# has its last chance at the end, however long we ourselves were kept from looking.
wait_for() {
	site_deadline=$(($(date +%s) + $1 + 1))
	shift
	until "$@"; do
		if [ "$(date +%s)" -ge "$site_deadline" ]; then
			"$@"
			return
		fi
		sleep 0.05
	done
}

# site_listens PATH: does somebody take connections at this UNIX socket?  That it is there
# does not say so: it is made first.
site_listens() {
	awk -v path="$1" '$8 == path && $4 == "00010000" { found = 1 }
		END { exit !found }' /proc/net/unix
}

# A process that has ended stays visible to kill -0 until its parent looks, which
# init may do late and a container's init never.
site_alive() {
	site_stat=
	{ read -r site_stat <"/proc/$1/stat"; } 2>/dev/null
	case ${site_stat##*) } in
	'' | [ZX]*) return 1 ;;
	esac
}

site_gone() {
	! site_alive "$1"
}

# Ports.  A site owns a block of eight between 20000 and 31999, below the range
# from which the kernel takes ports for outgoing connections.  It is ours while
# somebody holds the lock on the block's file (descriptor 9, inherited by what we
# start): so scripts that run at the same time never have the same block, and one
# that was killed leaves no stale claim.  The bind shows that no stranger, nobody's
# orphan either, sits there.  The files stay: removing one that another script has
# just opened would give its block to two.
site_ports_claim() {
	site_locks=/tmp/themis-ports.$(id -u)
	(umask 077 && mkdir "$site_locks") 2>/dev/null
	# shellcheck disable=SC3067 # dash, ksh and busybox have -O
	if ! [ -d "$site_locks" ] || ! [ -O "$site_locks" ]; then
		site_say "$site_locks is not a directory of ours; remove it"
		return 1
	fi
	site_block=20000
	while [ "$site_block" -lt 32000 ]; do
		exec 9>"$site_locks/$site_block"
		if flock -n 9 && site_ports_free "$site_block"; then
			SMTP_PORT=$site_block
			SITE_PORT=$((site_block + 2))
			export SMTP_PORT SITE_PORT
			return 0
		fi
		site_block=$((site_block + 8))
	done
	exec 9>&-
	site_say 'no free block of ports between 20000 and 31999'
	return 1
}

site_ports_free() {
	perl -MIO::Socket::INET -e '
		for my $port ($ARGV[0] .. $ARGV[0] + 7) {
			push @kept, IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
			    LocalAddr => "127.0.0.1", LocalPort => $port) || exit 1;
		}' "$1"
}

# site_begin: makes the directory, claims ports, and has everything cleared away
# when the script ends, however it ends.  A caller with business of its own at that
# moment names a function in SITE_AT_EXIT; it gets the exit status and may return
# another one.
site_begin() {
	if [ -n "$SITE" ]; then
		site_say 'there is a site already'
		return 1
	fi
	site_trap
	SITE=$(mktemp -d "${TMPDIR:-/tmp}/themis.XXXXXX") || return 1
	case $SITE in
	/*) ;;
	*) SITE=$PWD/$SITE ;;
	esac
	: >"$SITE/.site"
	# A socket's name has no more than 107 characters, a list in main.cf no spaces.
	case ${#SITE}:$SITE in
	*[!A-Za-z0-9:/._+-]* | [89]?:* | ???*:/*)
		site_say "$SITE is too long or too strange a path; set another TMPDIR"
		return 1
		;;
	esac
	# Postfix's own user passes through here.
	chmod 755 "$SITE" && mkdir "$SITE/milter" "$SITE/db" || return 1
	MILTER=unix:$SITE/milter/themis.sock
	THEMIS_SITE=$SITE
	export SITE THEMIS_SITE MILTER
	site_ports_claim
}

site_trap() {
	trap 'site_exit $?' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

site_exit() {
	site_status=$1
	# Not ignored: what we start from here on would inherit that.
	trap : HUP INT TERM
	trap - EXIT
	if [ -n "$SITE_AT_EXIT" ]; then
		"$SITE_AT_EXIT" "$site_status"
		site_status=$?
	fi
	site_end
	exit "$site_status"
}

# site_end: stops what was started and removes the directory.  Safe at any time.  A
# script that was killed with SIGKILL leaves its site behind; from the source's root:
#	THEMIS_SITE=/tmp/themis.... sh -c '. tests/system/site.sh; site_end'
site_end() {
	# The mark guards a directory that is none of ours from a wrong variable.
	[ -n "$SITE" ] && [ -f "$SITE/.site" ] || return 0
	[ ! -f "$SITE/postfix.pid" ] || site_postfix_stop
	[ ! -f "$SITE/daemon.pid" ] || site_daemon_stop
	if [ -n "${SITE_KEEP:-}" ]; then
		site_say "left to be looked at: $SITE"
	else
		rm -rf "$SITE"
	fi
	unset THEMIS_SITE
	SITE=
	exec 9>&-
}

# site_leave: lets everything run on after the end of the script, and prints the
# command that will stop it and remove the directory.
site_leave() {
	cat >"$SITE/stop" <<END
#!/bin/sh
THEMIS_SITE='$SITE'
THEMIS_SYSTEM='$THEMIS_SYSTEM'
THEMIS_BUILD='$THEMIS_BUILD'
. "\$THEMIS_SYSTEM/site.sh"
SITE_KEEP=
site_left=yes
site_end
END
	chmod 755 "$SITE/stop"
	trap - EXIT HUP INT TERM
	printf '%s\n' "$SITE/stop"
}

# --- themisd ---

# site_daemon_start [-o KEY=VALUE...]: starts themisd and waits until it answers.
# The arguments go to themisd itself, after the file that all sites share.
site_daemon_start() {
	if [ -f "$SITE/daemon.pid" ]; then
		site_say 'themisd was started already'
		return 1
	fi
	if ! [ -x "$THEMIS_BUILD/themisd" ] || ! [ -x "$THEMIS_BUILD/tmsh" ]; then
		site_say "no themisd and tmsh in $THEMIS_BUILD; set THEMIS_BUILD"
		return 1
	fi
	cat >"$SITE/themisd.conf" <<END
milter_socket = "unix:$SITE/milter/themis.sock"
milter_socket_mode = "0660"
milter_socket_group = "postfix"
control_socket = "$SITE/control"
control_write_group = "root"
database = "$SITE/db/themis.db"
pidfile = "$SITE/themisd.pid"
user = "root"
log = "stderr"
END
	"$THEMIS_BUILD/themisd" -f -c "$SITE/themisd.conf" "$@" \
		</dev/null >>"$SITE/themisd.log" 2>&1 &
	DAEMON_PID=$!
	export DAEMON_PID
	echo "$DAEMON_PID" >"$SITE/daemon.pid"
	wait_for 180 site_daemon_settled
	if site_gone "$DAEMON_PID"; then
		site_reap "$DAEMON_PID"
		site_say "themisd ended with status $site_reaped instead of starting"
	elif site_daemon_answers; then
		return 0
	else
		site_say 'themisd does not answer'
		site_daemon_kill
	fi
	site_tail themisd.log
	rm -f "$SITE/daemon.pid"
	return 1
}

site_daemon_settled() {
	site_gone "$DAEMON_PID" || site_daemon_answers
}

site_daemon_answers() {
	timeout 30 "$THEMIS_BUILD/tmsh" -s "$SITE/control" status >/dev/null 2>&1
}

# The exit status of a process in site_reaped; 127 if another shell started it, as
# in a pipe, $(...) or smtp_session, since only that one can know.  What site_leave
# has left has nobody any more who could.
site_reap() {
	wait "$1" 2>/dev/null
	site_reaped=$?
	[ "$site_reaped" -ne 127 ] || [ -z "${site_left:-}" ] || site_reaped=0
}

# site_daemon_stop: SIGTERM.  Returns the status with which themisd ended; never 0
# if it had ended before it was asked to, or had to be killed.
site_daemon_stop() {
	site_daemon_pid || return 1
	if site_gone "$site_pid"; then
		site_reap "$site_pid"
		site_say "themisd had died, with status $site_reaped"
		site_tail themisd.log
		[ "$site_reaped" -gt 0 ] || return 1
		return "$site_reaped"
	fi
	kill -TERM "$site_pid"
	if ! wait_for 60 site_gone "$site_pid"; then
		site_say 'themisd did not end within 60 seconds of SIGTERM; killing it'
		kill -KILL "$site_pid"
		site_reap "$site_pid"
		return 124
	fi
	site_reap "$site_pid"
	if [ "$site_reaped" -eq 127 ]; then
		site_say 'another shell started themisd and alone knows its exit status'
	elif [ "$site_reaped" -gt 0 ]; then
		site_say "themisd ended with status $site_reaped"
		site_tail themisd.log
	fi
	return "$site_reaped"
}

# site_daemon_kill: SIGKILL, as a crash would.  Status 1 if it had died before.
site_daemon_kill() {
	site_daemon_pid || return 1
	if site_gone "$site_pid"; then
		site_say 'themisd had died already'
		site_tail themisd.log
		return 1
	fi
	kill -KILL "$site_pid"
	wait_for 20 site_gone "$site_pid"
	site_reap "$site_pid"
}

# The number is kept in a file, so that subshells and the commands of smtp_session
# may stop and start the daemon too.
site_daemon_pid() {
	if ! [ -f "$SITE/daemon.pid" ]; then
		site_say 'themisd was not started'
		return 1
	fi
	read -r site_pid <"$SITE/daemon.pid"
	rm -f "$SITE/daemon.pid"
	DAEMON_PID=
}

# tm ARGUMENTS...: tmsh on this site's socket.  Not longer than five minutes: 124.
tm() {
	timeout 300 "$THEMIS_BUILD/tmsh" -s "$SITE/control" "$@"
}

# site_sql [-json] SELECT: as an administrator with the sqlite3 program would ask.
# Without -json, columns are separated by |.
site_sql() {
	site_mode=-list
	if [ $# -gt 1 ]; then
		site_mode=$1
		shift
	fi
	sqlite3 -readonly -bail "$site_mode" -cmd '.timeout 5000' \
		"$SITE/db/themis.db" "$1"
}

# site_lock KIND: another program has begun to write (IMMEDIATE, EXCLUSIVE), or to read
# (DEFERRED), in the database, and does not end before site_unlock.
site_lock() {
	rm -f "$SITE/locked" "$SITE/unlock"
	sqlite3 "$SITE/db/themis.db" '.timeout 10000' "BEGIN $1" 'SELECT count(*) FROM policy' \
		".system touch $SITE/locked; until [ -e $SITE/unlock ]; do sleep 0.05; done" >/dev/null &
	site_holder=$!
	wait_for 20 [ -e "$SITE/locked" ]
}

site_unlock() {
	: >"$SITE/unlock"
	wait "$site_holder"
}

# --- SMTP ---

# send [OPTIONS]: one message through the private Postfix.  Prints the reply that
# settled it (all its lines): that to the end of the data, or to MAIL if that was
# refused, or to the last RCPT if all were.  Status 0 accepted, 1 refused, 2 neither.
#
#	-f SENDER	may be empty; default sender@example.org
#	-t RCPT		repeatable; default recipient@example.net
#	-l LOGIN	as if it had authenticated so (XCLIENT LOGIN)
#	-a ADDRESS	as if it came from this IPv4 or IPv6 address (XCLIENT ADDR)
#	-s BYTES	size of the body, line ends included
#	-H 'N: V'	a header field more; repeatable
#	-e HELO		-m PARAMETERS of MAIL, as in -m 'SMTPUTF8 BODY=8BITMIME'
#	-n COUNT	so many messages, one after the other in one session; a line each
#	-p PARALLEL	the -n messages shared out over so many sessions at once
#	-d		instead of the result every "COMMAND -> reply", a line each
#	-w SECONDS	patience with one reply; default 60
#	-S HOST:PORT	another server
send() {
	perl "$THEMIS_SYSTEM/smtp.pl" "$@"
}

# smtp_session [OPTIONS] <SCRIPT: one session step by step, for what no well-behaved
# client does.  Prints every "COMMAND -> reply".  Status 0 if every line could be
# sent, whatever the replies, else 2.  The script starts after EHLO (and XCLIENT, by
# -l and -a).  A line of it is an SMTP command or
#
#	DATA		DATA, the message and the dot
#	HALF		DATA and half a message, for a CLOSE in the middle
#	CLOSE		drops the connection
#	OPEN		begins another one
#	! COMMAND	runs a shell command, the functions of this file included, while
#			the session waits
smtp_session() {
	perl "$THEMIS_SYSTEM/smtp.pl" -i "$@"
}
