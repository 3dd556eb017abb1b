/*
 * Answers to the MTA: replies, the hold queue, recipients deleted.  Called by the
 * callbacks, on libmilter's threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/answer.h"

#include "base/log.h"
#include "base/str.h"
#include "engine/message.h"
#include "policy/reply.h"

#define LINE_SIZE (REPLY_TEXT_MAX + 1)

/* Whatever words libmilter is told: one line of UTF-8 without controls. */
static char *one_line(char line[LINE_SIZE], const char *text)
{
	return str_printable(line, LINE_SIZE, text);
}

/* The one place where a verdict becomes an SMTP reply: 4xx goes with TEMPFAIL,
 * 5xx with REJECT.  libmilter takes the text for a format: each % is doubled. */
sfsistat answer_reply(
	SMFICTX *ctx, const char *code, const char *enhanced, const char *text)
{
	char line[LINE_SIZE], doubled[2 * LINE_SIZE];
	size_t n = 0;

	for (const char *p = one_line(line, text); *p != '\0'; p++) {
		if (*p == '%')
			doubled[n++] = '%';
		doubled[n++] = *p;
	}
	doubled[n] = '\0';
	if (smfi_setreply(ctx, (char *)code, (char *)enhanced, doubled) != MI_SUCCESS)
		log_error("libmilter refuses the reply: %s %s %s", code, enhanced, text);
	return code[0] == '4' ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

/* Into Postfix's hold queue, with the reason in a header.  Without the header
 * the message is held all the same. */
static sfsistat hold(SMFICTX *ctx, const char *queue_id, const char *reason)
{
	char line[LINE_SIZE];

	one_line(line, reason);
	if (smfi_insheader(ctx, 0, (char *)"X-Themis-Hold", line) != MI_SUCCESS)
		log_event(LEVEL_ERROR, queue_id,
			"held without a header (libmilter refused it)");
	if (smfi_quarantine(ctx, line) != MI_SUCCESS) {
		log_event(LEVEL_ERROR, queue_id, "cannot be held (libmilter refused it)");
		return answer_reply(
			ctx, "451", "4.3.0", "Message cannot be held, try again later");
	}
	return SMFIS_CONTINUE;
}

/* By the name that it came with, and by that which the MTA has for it: Postfix passes
 * over what is none of its own, and says nothing. */
static bool drop_recipient(SMFICTX *ctx, const struct recipient *r)
{
	return smfi_delrcpt(ctx, (char *)r->given) == MI_SUCCESS &&
	       (r->routed == NULL || smfi_delrcpt(ctx, (char *)r->routed) == MI_SUCCESS);
}

/* Takes recipients out of a message that goes on without them. */
static sfsistat drop_recipients(
	SMFICTX *ctx, const char *queue_id, const struct recipient_list *drops)
{
	const struct recipient *r;

	STAILQ_FOREACH(r, drops, link) {
		if (drop_recipient(ctx, r))
			continue;
		log_event(LEVEL_ERROR, queue_id,
			"a recipient cannot be discarded (libmilter refused it): %s",
			r->given);
		return answer_reply(ctx, "451", "4.3.0",
			"Recipients cannot be discarded, try again later");
	}
	return SMFIS_CONTINUE;
}

/* Without it the message goes on all the same: no mail is lost for a mark on it. */
static void tell_unmarked(const char *queue_id, const struct rule_addition *h)
{
	log_event(LEVEL_ERROR, queue_id,
		"goes on without the header %s (libmilter refused it)", h->name);
}

static void add_headers(SMFICTX *ctx, const char *queue_id, const struct verdict *v)
{
	for (const struct rule_addition *h = v->headers; h < v->headers + v->nheaders;
		h++)
		if (smfi_addheader(ctx, (char *)h->name, (char *)h->value) != MI_SUCCESS)
			tell_unmarked(queue_id, h);
}

/* On top, each above the one before. */
static void put_trace(SMFICTX *ctx, const char *queue_id, const struct verdict *v)
{
	for (const struct rule_addition *h = v->trace; h < v->trace + v->ntrace; h++)
		if (smfi_insheader(ctx, 0, (char *)h->name, (char *)h->value) !=
			MI_SUCCESS)
			tell_unmarked(queue_id, h);
}

/* Those that come later keep their places. */
static sfsistat take_out(SMFICTX *ctx, const char *queue_id, const struct verdict *v)
{
	for (size_t i = v->nforged; i-- > 0;) {
		const struct header_place *h = &v->forged[i];

		if (smfi_chgheader(ctx, (char *)h->name, (int)h->nth, NULL) == MI_SUCCESS)
			continue;
		log_event(LEVEL_ERROR, queue_id,
			"a forged header cannot be taken out (libmilter refused it): %s",
			h->name);
		return answer_reply(ctx, "451", "4.3.0",
			"Forged headers cannot be taken out, try again later");
	}
	return SMFIS_CONTINUE;
}

sfsistat answer_verdict(SMFICTX *ctx, const char *queue_id, const struct verdict *v)
{
	sfsistat said;

	if (v->text != NULL)
		return answer_reply(ctx, v->code, v->enhanced, v->text);
	if (v->kind == VERDICT_DISCARD && v->drops == NULL)
		return SMFIS_DISCARD;
	said = take_out(ctx, queue_id, v);
	if (said == SMFIS_CONTINUE)
		add_headers(ctx, queue_id, v);
	if (v->drops != NULL && said == SMFIS_CONTINUE)
		said = drop_recipients(ctx, queue_id, v->drops);
	if (v->kind == VERDICT_HOLD && said == SMFIS_CONTINUE)
		said = hold(ctx, queue_id, v->reason);
	if (said == SMFIS_CONTINUE)
		put_trace(ctx, queue_id, v);
	return said;
}
