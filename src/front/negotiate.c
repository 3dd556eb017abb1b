/*
 * Negotiation.  Called once for each session, on a thread of libmilter's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/negotiate.h"

#include "base/log.h"
#include "policy/policy.h"

#define CLIENT                                                                           \
	"{auth_authen} {client_addr} {client_port} {daemon_addr} {daemon_port} "         \
	"{mail_addr}"
#define AT_END CLIENT " i"

bool negotiate_macros(SMFICTX *ctx, unsigned long actions, bool late)
{
	const struct {
		int where;
		const char *names;
	} macros[] = {
		{ SMFIM_CONNECT, "j" },
		/* {mail_addr} is always there: without any macro to send, an MTA leaves
		 * those of the message before in force */
		{ SMFIM_ENVFROM, CLIENT " j" },
		{ SMFIM_ENVRCPT, "{rcpt_addr} i" },
		/* j only if it must be: at the end it is cleanup(8) of Postfix that
		 * speaks, and smtpd(8) may have another name (-o myhostname); Postfix
		 * sends the macros of steps that are left out, too */
		{ SMFIM_EOM, late ? AT_END " j" : AT_END },
	};

	if ((actions & SMFIF_SETSYMLIST) == 0)
		return false;
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
		if (smfi_setsymlist(ctx, macros[i].where, (char *)macros[i].names) !=
			MI_SUCCESS) {
			log_warning("libmilter refuses to ask for the macros %s",
				macros[i].names);
			return false;
		}
	return true;
}

/* The steps that the MTA is to leave out, and those for which it is not to wait, in the
 * protocol's words.  A recipient that Postfix itself refuses is not sent, since
 * SMFIP_RCPT_REJ is not asked for. */
static unsigned long steps_unwanted(unsigned needs, bool told)
{
	unsigned long unwanted = SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH;

	/* a step that is left out is answered if it comes all the same: some testers
	 * of milters negotiate, and do not listen */
	unwanted |= told ? SMFIP_NOCONNECT : SMFIP_NR_CONN;
	unwanted |= needs & STEP_HELO ? SMFIP_NR_HELO : SMFIP_NOHELO;
	if (told && needs == 0)
		unwanted |= SMFIP_NOMAIL;
	else if (!(needs & STEP_MAIL_ANSWER))
		unwanted |= SMFIP_NR_MAIL;
	if (!(needs & STEP_RCPT))
		unwanted |= SMFIP_NORCPT;
	else if (!(needs & STEP_RCPT_ANSWER))
		unwanted |= SMFIP_NR_RCPT;
	unwanted |= needs & STEP_HEADERS ? SMFIP_NR_HDR : SMFIP_NOHDRS;
	unwanted |= needs & STEP_BODY ? SMFIP_NR_BODY : SMFIP_NOBODY;
	return unwanted;
}

struct negotiated negotiate_steps(unsigned needs, bool told, unsigned long offered)
{
	struct negotiated n = { .want = offered & steps_unwanted(needs, told) };

	/* what an MTA cannot leave out, it shows; what it must wait for, we can answer */
	n.shows_mail = (n.want & SMFIP_NOMAIL) == 0;
	n.answers_connect = (n.want & SMFIP_NR_CONN) == 0;
	n.answers_helo = (n.want & SMFIP_NR_HELO) == 0;
	n.answers_mail = (n.want & SMFIP_NR_MAIL) == 0;
	n.answers_rcpt = (n.want & SMFIP_NR_RCPT) == 0;
	n.answers_header = (n.want & SMFIP_NR_HDR) == 0;
	n.answers_body = (n.want & SMFIP_NR_BODY) == 0;
	if ((n.want & SMFIP_NOHELO) == 0)
		n.steps |= STEP_HELO;
	if (n.shows_mail && n.answers_mail)
		n.steps |= STEP_MAIL_ANSWER;
	if ((n.want & SMFIP_NORCPT) == 0)
		n.steps |= STEP_RCPT | (n.answers_rcpt ? STEP_RCPT_ANSWER : 0u);
	if ((n.want & SMFIP_NOHDRS) == 0)
		n.steps |= STEP_HEADERS;
	if ((n.want & SMFIP_NOBODY) == 0)
		n.steps |= STEP_BODY;
	return n;
}
