# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# The private Postfix of a site.  Sourced by site.sh, whose variables and helpers it
# uses.  It is a complete Postfix with a queue of its own, started from
# $SITE/postfix; of the machine's /etc/postfix it needs the files that describe the
# package (postfix-files, dynamicmaps.cf) and no main.cf.

site_has_postfix() {
	command -v postfix >/dev/null && command -v postconf >/dev/null
}

# site_postfix_start ['NAME = VALUE'...]: a Postfix that takes mail for everybody
# from everybody on 127.0.0.1:$SMTP_PORT, asks the milter, and throws the mail away.
# The arguments are lines of main.cf and win over what stands here.  May be called
# again after site_postfix_stop; the queue is kept.  What recipients do:
#
#	...@refused.test	Postfix refuses them (554 5.7.1)
#	...@later.test		Postfix defers them (450 4.7.1)
#	...@held.test		the message stays in the hold queue, as the filter left
#				it, to be read with site_cat
#
# On SITE_PORT - 1 listens a second smtpd that asks no milter: it shows that the
# configuration works without a session that themisd would see.
site_postfix_start() {
	if [ "$(id -u)" -ne 0 ]; then
		site_say 'Postfix starts as root only'
		return 1
	fi
	if [ -f "$SITE/postfix.pid" ]; then
		site_say 'Postfix was started already'
		return 1
	fi
	site_owner=$(postconf -dh mail_owner) || return 1
	if ! setpriv --reuid "$site_owner" --regid "$site_owner" --clear-groups \
		test -x "$SITE"; then
		site_say "the user $site_owner cannot enter $SITE; set another TMPDIR"
		return 1
	fi
	mkdir -p "$SITE/postfix" "$SITE/queue" "$SITE/data"
	chown "$site_owner" "$SITE/data"
	site_main_cf >"$SITE/postfix/main.cf"
	site_master_cf >"$SITE/postfix/master.cf"
	[ $# -eq 0 ] || postconf -c "$SITE/postfix" -e "$@" || return 1
	# A main.cf from the last two seconds could be half written, so every program of
	# Postfix would wait until it is older.
	touch -t 200001010000 "$SITE/postfix/main.cf"

	if ! postfix -c "$SITE/postfix" start </dev/null >"$SITE/postfix.out" 2>&1; then
		site_say 'Postfix does not start'
		site_tail postfix.out
		return 1
	fi
	read -r site_pid <"$SITE/queue/pid/master.pid"
	echo "$site_pid" >"$SITE/postfix.pid"
	site_greeted=
	wait_for 60 site_postfix_settled
	if [ -z "$site_greeted" ]; then
		site_say 'Postfix has started, but smtpd does not answer'
		site_tail maillog
		site_postfix_stop
		return 1
	fi
}

# Nothing here leads out of the machine: master.cf has no smtp(8) and no DNS is
# asked.  The limits are those that would count a test's many messages as abuse, or
# slow them down, or (in_flow_delay) make their timing a matter of luck.
site_main_cf() {
	cat <<END
compatibility_level = 3.6
queue_directory = $SITE/queue
data_directory = $SITE/data
maillog_file = $SITE/maillog
maillog_file_prefixes = $SITE
myhostname = mx.themis.test
mydomain = themis.test
mydestination =
mynetworks = 0.0.0.0/0 [::]/0
inet_interfaces = loopback-only
inet_protocols = all

disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:
local_transport = discard:
relay_transport = discard:
virtual_transport = discard:
notify_classes =

smtpd_authorized_xclient_hosts = 127.0.0.0/8 [::1]
smtpd_relay_restrictions = check_client_access static:OK, reject
smtpd_recipient_restrictions = check_recipient_access inline:{
  { refused.test = 554 5.7.1 refused by Postfix }
  { later.test = 450 4.7.1 deferred by Postfix }
  { held.test = HOLD } }

smtpd_milters = $MILTER
non_smtpd_milters = $MILTER
milter_default_action = tempfail
milter_connect_timeout = 30s
milter_command_timeout = 50s
milter_content_timeout = 50s

default_process_limit = 200
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100001
smtpd_junk_command_limit = 100000
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
END
}

site_master_cf() {
	cat <<END
127.0.0.1:$SMTP_PORT inet n - n - - smtpd
127.0.0.1:$((SITE_PORT - 1)) inet n - n - - smtpd -o smtpd_milters=
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
END
}

# smtpd that ends with a fatal error will not be better a second later.
site_postfix_settled() {
	if site_greets $((SITE_PORT - 1)); then
		site_greeted=yes
	else
		grep -q 'fatal:' "$SITE/maillog"
	fi
}

# site_greets PORT: an smtpd says 220 there.
site_greets() {
	perl -MIO::Socket::INET -e '
		local $SIG{ALRM} = sub { exit 1 };
		alarm 10;
		my $peer = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") || exit 1;
		exit(!(($peer->getline // "") =~ /^220 /));' "$1"
}

# site_postfix_stop: master ends its own process group; what is left of that after
# twenty seconds is killed.
site_postfix_stop() {
	if ! [ -f "$SITE/postfix.pid" ]; then
		site_say 'Postfix was not started'
		return 1
	fi
	read -r site_group <"$SITE/postfix.pid"
	rm -f "$SITE/postfix.pid"
	site_gone "$site_group" || kill -TERM "$site_group"
	if ! wait_for 20 site_group_gone "$site_group"; then
		kill -KILL -- "-$site_group" 2>/dev/null
		wait_for 20 site_group_gone "$site_group"
	fi
}

# Those that have ended, but are not yet buried, do not count.
site_group_gone() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v group="$1" '
		{ sub(/^.*\) /, "") }
		$3 == group && $1 !~ /[ZX]/ { alive = 1 }
		END { exit alive }'
}

# site_queue: the private queue, one JSON object a message.
site_queue() {
	postqueue -c "$SITE/postfix" -j
}

# queue_name_of ID: hold, active, deferred, incoming; status 1 if it is in none.
queue_name_of() {
	site_queue |
		sed -n 's/^{"queue_name": "\([a-z]*\)", "queue_id": "'"$1"'".*/\1/p' |
		grep .
}

# queue_id_of REPLY: of a reply as send prints it, "250 2.0.0 Ok: queued as ID".
queue_id_of() {
	case $1 in
	*'queued as '?*) printf '%s\n' "${1##*queued as }" ;;
	*) return 1 ;;
	esac
}

# site_cat ID: header and body of a message in the queue, after the filter.
site_cat() {
	postcat -c "$SITE/postfix" -bhq "$1"
}

# site_sendmail ARGUMENTS... <MESSAGE: a local submission, through postdrop, pickup
# and cleanup to the non_smtpd_milters.  What became of it is in $SITE/maillog.
site_sendmail() {
	sendmail -C "$SITE/postfix" "$@"
}

# site_pickup: has pickup try again now what it could not hand in before; otherwise
# it does so once a minute.
site_pickup() {
	postkick -c "$SITE/postfix" public pickup W
}
