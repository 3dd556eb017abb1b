# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# A Postfix of the site that asks the policy service, in as many ways as a test wants.
# Sourced after lib.sh:
#
#	must site_daemon_start -o "policy_socket=$POLICY"
#	must site_postfix_start
#	must policy_smtpd both 1 "smtpd_recipient_restrictions=$ASK" ...
#	must policy_reload
#	send -S "$(policy_host both)" ...

POLICY=unix:$SITE/milter/policy
ASK="check_policy_service $POLICY"
policy_hosts=

# policy_smtpd NAME N OPTION...: an smtpd on SITE_PORT + N (0 to 5) with these settings.
policy_smtpd() {
	policy_hosts="$policy_hosts $1=127.0.0.1:$((SITE_PORT + $2))"
	policy_line="127.0.0.1:$((SITE_PORT + $2)) inet n - n - - smtpd"
	shift 2
	for policy_option in "$@"; do
		policy_line="$policy_line -o { $policy_option }"
	done
	printf '%s\n' "$policy_line" >>"$SITE/postfix/master.cf"
}

# policy_host NAME: of that smtpd.
policy_host() {
	printf '%s\n' "$policy_hosts" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# policy_reload: until all of them answer.
policy_reload() {
	touch -t 200001010000 "$SITE/postfix/master.cf"
	postfix -c "$SITE/postfix" reload || return 1
	for policy_at in $policy_hosts; do
		wait_for 60 site_greets "${policy_at#*:}" || return 1
	done
}

# policy_ask [SOCKET] <SCRIPT: a client of the service itself, step by step (policy.pl).
policy_ask() {
	perl "$THEMIS_SYSTEM/policy.pl" "${1:-${POLICY#unix:}}"
}
