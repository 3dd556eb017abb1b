/*
 * See policy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy.h"

#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static const char *const state_names[] = {
	[POLICY_RCPT] = "RCPT",
	[POLICY_DATA] = "DATA",
	[POLICY_END] = "END-OF-MESSAGE",
};
_Static_assert(COUNT_OF(state_names) == POLICY_STATES, "a state has no name");

int policy_state_from_name(const char *name)
{
	return str_choose(name, state_names, POLICY_STATES);
}

/* --- what is asked --- */

/* Up to the envelope, and behind it.  The host name is not known to the DNS. */
static const char session_part[] = "request=smtpd_access_policy\n"
				   "protocol_state=%s\n"
				   "protocol_name=ESMTP\n"
				   "client_address=%s\n"
				   "client_name=unknown\n"
				   "client_port=%u\n"
				   "reverse_client_name=unknown\n"
				   "server_address=192.0.2.1\n"
				   "server_port=%u\n"
				   "helo_name=client.example.org\n";
static const char mail_part[] = "sender=%s\n"
				"recipient=%s\n"
				"recipient_count=%ju\n"
				"queue_id=%s\n"
				"instance=%s\n"
				"size=%ju\n"
				"etrn_domain=\n"
				"stress=\n";
static const char login_part[] = "sasl_method=%s\n"
				 "sasl_username=%s\n"
				 "sasl_sender=\n"
				 "ccert_subject=\n"
				 "ccert_issuer=\n"
				 "ccert_fingerprint=\n"
				 "ccert_pubkey_fingerprint=\n"
				 "encryption_protocol=%s\n"
				 "encryption_cipher=%s\n"
				 "encryption_keysize=%u\n"
				 "policy_context=\n"
				 "\n";

/* After RCPT Postfix names a recipient if there is no other. */
static const char *recipient_of(
	const struct policy_mail *mail, enum policy_state state, char text[64])
{
	uint64_t n = state == POLICY_RCPT ? mail->nth : mail->last;

	if (state != POLICY_RCPT && mail->accepted != 1)
		return "";
	if (n == 0)
		return "recipient@example.net";
	snprintf(text, 64, "recipient%ju@example.net", (uintmax_t)n);
	return text;
}

size_t policy_request(char request[POLICY_REQUEST_MAX], const struct policy_mail *mail,
	enum policy_state state)
{
	char text[64];
	/* Postfix begins a queue file with the first recipient that it accepts */
	const char *queue_id = mail->accepted > 0 ? mail->queue_id : "";
	uintmax_t count = state == POLICY_RCPT ? 0 : mail->accepted;

	request[0] = '\0';
	str_append(request, POLICY_REQUEST_MAX, session_part, state_names[state],
		mail->client, mail->port, mail->login ? 587 : 25);
	str_append(request, POLICY_REQUEST_MAX, mail_part, mail->sender,
		recipient_of(mail, state, text), count, queue_id, mail->instance,
		(uintmax_t)mail->size);
	str_append(request, POLICY_REQUEST_MAX, login_part, mail->login ? "PLAIN" : "",
		mail->login ? mail->sender : "", mail->login ? "TLSv1.3" : "",
		mail->login ? "TLS_AES_256_GCM_SHA384" : "", mail->login ? 256 : 0);
	return strlen(request);
}

/* --- what is answered --- */

/* Of access(5) what a server of policies needs. */
static const struct action {
	const char *word;
	enum verdict verdict;
} actions[] = {
	{ "DUNNO", VERDICT_ACCEPTED },
	{ "HOLD", VERDICT_HELD },
	{ "DISCARD", VERDICT_DISCARDED },
	{ "DEFER_IF_PERMIT", VERDICT_DEFERRED },
	{ "DEFER", VERDICT_DEFERRED },
	{ "REJECT", VERDICT_REFUSED },
};

/* "450 4.7.1 text" */
static bool is_reply(const char *text)
{
	return (text[0] == '4' || text[0] == '5') && isdigit((unsigned char)text[1]) &&
	       isdigit((unsigned char)text[2]) && text[3] == ' ' && text[4] > ' ';
}

static int look_action(const char *text, enum verdict *verdict, struct err *err)
{
	size_t word = strcspn(text, " ");
	char shown[128];

	if (!str_is_utf8(text, strlen(text)) || str_has_control(text))
		return err_set(err, "its answer is no line of text: %s",
			str_escape(shown, sizeof(shown), text));
	if (is_reply(text)) {
		*verdict = text[0] == '4' ? VERDICT_DEFERRED : VERDICT_REFUSED;
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (strlen(actions[i].word) == word &&
			memcmp(actions[i].word, text, word) == 0) {
			*verdict = actions[i].verdict;
			return 0;
		}
	return err_set(
		err, "its action is none: %s", str_escape(shown, sizeof(shown), text));
}

int policy_answer(const char *answer, size_t n, enum verdict *verdict, struct err *err)
{
	static const char name[] = "action=";
	const size_t skip = sizeof(name) - 1;
	const char *end = memmem(answer, n, "\n\n", 2);
	char line[POLICY_ANSWER_MAX], shown[128];

	if (n > skip ? memcmp(answer, name, skip) != 0 : memcmp(answer, name, n) != 0) {
		snprintf(line, sizeof(line), "%.*s", (int)n, answer);
		return err_set(err, "its answer is none: %s",
			str_escape(shown, sizeof(shown), line));
	}
	if (end == NULL)
		return n < POLICY_ANSWER_MAX ? 0 : err_set(err, "its answer has no end");
	if (end + 2 != answer + n)
		return err_set(err, "it says more than it was asked");
	if (memchr(answer, '\0', n) != NULL)
		return err_set(err, "its answer has a NUL octet");
	snprintf(line, sizeof(line), "%.*s", (int)(end - answer - (ptrdiff_t)skip),
		answer + skip);
	return look_action(line, verdict, err) < 0 ? -1 : 1;
}
