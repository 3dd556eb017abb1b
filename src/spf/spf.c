/*
 * Answers about sender policies, as values.  Called by daemon and worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/spf.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "none", "neutral", "pass", "fail", "softfail",
	"temperror", "permerror" };
_Static_assert(sizeof(names) / sizeof(names[0]) == SPF_RESULTS, "a name for each result");

const char *spf_result_name(enum spf_result r)
{
	return names[r];
}

int spf_result_find(const char *name)
{
	for (int r = 0; r < SPF_RESULTS; r++)
		if (strcmp(names[r], name) == 0)
			return r;
	return -1;
}

void spf_answer_init(struct spf_answer *a, enum spf_result result, const char *why)
{
	*a = (struct spf_answer){ .result = result,
		.sender = mem_strdup(""),
		.domain = mem_strdup(""),
		.mechanism = mem_strdup(""),
		.problem = mem_strdup(why) };
}

void spf_answer_copy(struct spf_answer *to, const struct spf_answer *from)
{
	*to = *from;
	to->sender = mem_strdup(from->sender);
	to->domain = mem_strdup(from->domain);
	to->mechanism = mem_strdup(from->mechanism);
	to->problem = mem_strdup(from->problem);
	to->trace = NULL;
	if (from->ntrace > 0)
		to->trace = mem_calloc(from->ntrace, sizeof(*to->trace));
	for (size_t i = 0; i < from->ntrace; i++)
		to->trace[i] = mem_strdup(from->trace[i]);
}

void spf_answer_clear(struct spf_answer *a)
{
	free(a->sender);
	free(a->domain);
	free(a->mechanism);
	free(a->problem);
	for (size_t i = 0; i < a->ntrace; i++)
		free(a->trace[i]);
	free(a->trace);
	*a = (struct spf_answer){ 0 };
}
