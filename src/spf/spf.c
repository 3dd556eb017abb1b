/*
 * Answers about sender policies, as values.  Called by daemon and worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/spf.h"

#include "base/addr.h"
#include "base/str.h"

#include <stdio.h>
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

bool spf_is_name(const char *name)
{
	size_t label, all = strlen(name);

	if (all == 0 || all > SPF_NAME_MAX)
		return false;
	for (;; name += label + 1) {
		label = strcspn(name, ".");
		if (label == 0 || label > SPF_LABEL_MAX)
			return false;
		if (name[label] == '\0')
			return true;
	}
}

bool spf_is_domain(const char *name)
{
	return spf_is_name(name) && strchr(name, '.') != NULL && *name != '[';
}

const char *spf_clean_domain(struct arena *arena, const char *domain)
{
	size_t len = strlen(domain);
	const char *ascii = str_is_ascii(domain, len) ? NULL : addr_domain(arena, domain);

	if (ascii != NULL)
		return ascii;
	return arena_memdup(
		arena, domain, len > 1 && domain[len - 1] == '.' ? len - 1 : len);
}

const char *spf_question_name(const struct spf_question *q)
{
	const char *at = strrchr(q->sender, '@');

	if (*q->sender == '\0')
		return q->helo;
	return at != NULL ? at + 1 : q->sender;
}

const char *spf_question_domain(struct arena *arena, const struct spf_question *q)
{
	return spf_clean_domain(arena, spf_question_name(q));
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

const char *spf_answer_excuse(const struct spf_answer *a)
{
	return a->inside ? "there was no way to check it" : a->problem;
}

char *spf_ascii(char *dst, size_t size, const char *src, size_t len)
{
	static const char dots[] = "...";
	size_t n = 0, fits = 0; /* what can stand before the dots */

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];
		char one[5];
		size_t width = (size_t)snprintf(
			one, sizeof(one), c < ' ' || c > '~' ? "\\x%02x" : "%c", c);

		if (n + width >= size) {
			snprintf(dst + fits, size - fits, "%s", dots);
			return dst;
		}
		memcpy(dst + n, one, width);
		n += width;
		if (n + sizeof(dots) <= size)
			fits = n;
	}
	dst[n] = '\0';
	return dst;
}
