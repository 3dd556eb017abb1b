/*
 * Fuzz target: what daemon and worker say to each other.  Whatever is taken is within its
 * bounds, and is the same when it is said again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "spf/wire.h"

#include <string.h>

static void check_question(const char *octets, size_t size)
{
	struct spf_wire_question q, again;
	char *said;

	if (spf_wire_read_question(octets, size, &q) < 0)
		return;
	MUST(q.until >= 0);
	MUST(strlen(q.sender) <= SPF_TEXT_MAX && strlen(q.helo) <= SPF_TEXT_MAX);
	said = spf_wire_ask(q.id, q.until, &q.question);
	MUST(strlen(said) <= SPF_WIRE_MAX);
	MUST(spf_wire_read_question(said, strlen(said), &again) == 0);
	MUST(again.id == q.id && again.until == q.until);
	MUST(strcmp(again.sender, q.sender) == 0 && strcmp(again.helo, q.helo) == 0);
	MUST(memcmp(&again.question.client, &q.question.client, sizeof(struct cidr)) ==
		0);
	MUST(again.question.trace == q.question.trace);
	free(said);
}

static void check_text(const char *text, size_t max)
{
	MUST(strlen(text) <= max);
	for (; *text != '\0'; text++)
		MUST(*text >= ' ' && *text <= '~');
}

static void check_answer(const struct spf_wire_answer *a)
{
	char *said = spf_wire_answer(a->id, &a->answer);
	struct spf_wire_answer again;

	check_text(a->answer.sender, SPF_TEXT_MAX);
	check_text(a->answer.domain, SPF_TEXT_MAX);
	check_text(a->answer.mechanism, SPF_TEXT_MAX);
	check_text(a->answer.problem, SPF_TEXT_MAX);
	MUST(a->answer.result < SPF_RESULTS && a->answer.ntrace <= SPF_TRACE_MAX);
	for (size_t i = 0; i < a->answer.ntrace; i++)
		check_text(a->answer.trace[i], SPF_TRACE_LINE_MAX);
	MUST(strlen(said) <= SPF_WIRE_MAX);
	spf_wire_read_answer(said, strlen(said), &again);
	MUST(again.kind == SPF_WIRE_ANSWER && again.id == a->id);
	MUST(strcmp(again.answer.mechanism, a->answer.mechanism) == 0);
	MUST(again.answer.ntrace == a->answer.ntrace);
	spf_answer_clear(&again.answer);
	free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spf_wire_answer a;

	check_question((const char *)data, size);
	spf_wire_read_answer((const char *)data, size, &a);
	if (a.kind == SPF_WIRE_ANSWER)
		check_answer(&a);
	else if (a.kind == SPF_WIRE_REFUSAL)
		check_text(a.refusal, SPF_TEXT_MAX);
	spf_answer_clear(&a.answer);
	return 0;
}
