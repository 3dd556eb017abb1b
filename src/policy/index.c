/*
 * The index of a set's policies.  Built by the writer's thread (or at start), read by
 * all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/index.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_open(const struct policy *p)
{
	return p->source.any || p->source.inverted;
}

static int compare_source(const void *left, const void *right)
{
	const struct source *a = left, *b = right;

	if (a->group_id != b->group_id)
		return a->group_id < b->group_id ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static void index_sources(
	struct policy_index *index, const struct policy *const *policies, size_t n)
{
	index->sources = mem_calloc(n, sizeof(*index->sources));
	index->open = mem_calloc(n, sizeof(*index->open));
	for (size_t i = 0; i < n; i++) {
		if (!policies[i]->enabled)
			continue;
		if (is_open(policies[i]))
			index->open[index->nopen++] = (unsigned)i;
		else
			index->sources[index->nsources++] =
				(struct source){ policies[i]->source.group_id,
					(unsigned)i };
	}
	qsort(index->sources, index->nsources, sizeof(*index->sources), compare_source);
}

static int compare_header(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcasecmp(*a, *b);
}

static void index_headers(
	struct policy_index *index, const struct policy *const *policies, size_t n)
{
	size_t rules = 0, found = 0, kept = 0;

	for (size_t i = 0; i < n; i++)
		rules += policies[i]->nrules;
	index->headers = mem_calloc(rules, sizeof(*index->headers));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < policies[i]->nrules; k++)
			index->headers[found++] = rule_header(policies[i]->rules[k]);
	qsort(index->headers, found, sizeof(*index->headers), compare_header);
	for (size_t i = 0; i < found; i++)
		if (kept == 0 ||
			strcasecmp(index->headers[kept - 1], index->headers[i]) != 0)
			index->headers[kept++] = index->headers[i];
	index->nheaders = kept;
}

void policy_index_init(
	struct policy_index *index, const struct policy *const *policies, size_t n)
{
	memset(index, 0, sizeof(*index));
	index_sources(index, policies, n);
	index_headers(index, policies, n);
}

void policy_index_clear(struct policy_index *index)
{
	free(index->sources);
	free(index->open);
	free(index->headers);
	memset(index, 0, sizeof(*index));
}

size_t policy_index_sources(
	const struct policy_index *index, int64_t group_id, const struct source **first)
{
	size_t low = 0, high = index->nsources, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->sources[middle].group_id < group_id)
			low = middle + 1;
		else
			high = middle;
	}
	*first = &index->sources[low];
	while (low + n < index->nsources && index->sources[low + n].group_id == group_id)
		n++;
	return n;
}

const char *policy_index_header(const struct policy_index *index, const char *name)
{
	const char *const *found = bsearch(&name, index->headers, index->nheaders,
		sizeof(*index->headers), compare_header);

	return found != NULL ? *found : NULL;
}
