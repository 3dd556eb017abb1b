/*
 * What SPF is in an explanation.  Called by explain, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/explain.h"

#include "engine/trace.h"

/* The null sender has that of HELO. */
static bool has_identity(const struct message *m)
{
	const char *helo = m->session->helo;

	return m->sender.kind != ADDR_NULL || (helo != NULL && *helo != '\0');
}

const char *explain_spf(const struct message *m)
{
	const struct spf_answer *spf = m->spf;

	if (m->spf_exempt != NULL)
		return arena_printf(m->arena, "SPF is not checked: %s", m->spf_exempt);
	if (spf == NULL)
		return "SPF would be checked: say dns=yes to ask";
	if (*spf->problem != '\0')
		return arena_printf(m->arena, "SPF is %s: %s%s",
			spf_result_name(spf->result), spf->problem,
			has_identity(m) ? "" : " (give helo=NAME)");
	if (*spf->mechanism == '\0')
		return arena_printf(m->arena, "SPF is %s", spf_result_name(spf->result));
	return arena_printf(m->arena, "SPF is %s, by %s of %s",
		spf_result_name(spf->result), spf->mechanism, spf->domain);
}

/* One member more than its stage: what stands in no column of the others. */
static int text_row(struct request *rq, const char *at, const char *name,
	const char *text, struct err *err)
{
	return request_row(
		rq, json_pack("{s:s, s:o}", "at", at, name, json_text(text)), err);
}

int explain_trace(
	struct request *rq, const struct message *m, const char *at, struct err *err)
{
	const struct spf_answer *spf = m->spf;

	for (size_t i = 0; spf != NULL && i < spf->ntrace; i++)
		if (text_row(rq, at, "trace", spf->trace[i], err) < 0)
			return -1;
	return 0;
}

/* A header that the message would get, in one line. */
static int header_row(
	struct request *rq, const struct rule_addition *header, struct err *err)
{
	char *text = arena_printf(rq->arena, "%s: %s", header->name, header->value);
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (*p != '\n')
			text[n++] = *p;
	text[n] = '\0';
	return text_row(rq, "END", "header", text, err);
}

int explain_headers(
	struct request *rq, struct message *m, struct verdict *v, struct err *err)
{
	v->spf = m->spf;
	trace_mark(m, v);
	/* the last one is on top */
	for (size_t i = v->ntrace; i > 0; i--)
		if (header_row(rq, &v->trace[i - 1], err) < 0)
			return -1;
	for (size_t i = 0; i < v->nheaders && v->text == NULL; i++)
		if (header_row(rq, &v->headers[i], err) < 0)
			return -1;
	return 0;
}
