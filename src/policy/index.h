/*
 * What the policies of a set are found by, so that a message looks at those few that
 * may be meant for it, however many there are: the group that their source names, and
 * the headers that their rules look at.  A part of one set, and as immutable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_INDEX_H
#define THEMIS_POLICY_INDEX_H

#include "policy/policy.h"

/* The place of an enabled policy among those of its set, with its source's group. */
struct source {
	int64_t group_id;
	unsigned place;
};

struct policy_index {
	struct source *sources; /* by group, then by place */
	size_t nsources;
	unsigned *open; /* those that need no group: any, !group; ascending */
	size_t nopen;
	const char **headers; /* names, without case in ASCII order, each once */
	size_t nheaders;
};

/* Of n policies, in the order of the set; the names of headers stay theirs. */
void policy_index_init(
	struct policy_index *index, const struct policy *const *policies, size_t n);
void policy_index_clear(struct policy_index *index);

/* The sources with that group: the first of them, and how many there are. */
size_t policy_index_sources(
	const struct policy_index *index, int64_t group_id, const struct source **first);

/* The header's name as a rule has it that looks at it, whatever the case; NULL: none
 * does. */
const char *policy_index_header(const struct policy_index *index, const char *name);

#endif
