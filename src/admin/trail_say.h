/*
 * What a change has changed, in words: from what, to what.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_TRAIL_SAY_H
#define THEMIS_ADMIN_TRAIL_SAY_H

#include "admin/model.h"
#include "policy/group.h"

/* Octets of each of the two texts, but for "and N more" at the end. */
#define TRAIL_SAY_MAX 1000

/* One text, as it grows: what no longer fits is counted. */
struct trail_text {
	struct arena *arena;
	char *text; /* NULL: nothing */
	size_t length, left_out;
};

struct trail_words {
	struct trail_text was, became;
};

/* A group before and after, and what was done to members in between.  An id of 0: there
 * is none. */
struct trail_group {
	const char *name;
	int64_t before, after;
	const struct group_edits *edits; /* of whatever groups; NULL: none */
};

/* The number of members that came to the group, or (gone) left it. */
size_t trail_group_count(const struct trail_group *group, bool gone);

/* Calls fn for each of them. */
void trail_group_each(const struct trail_group *group, bool gone,
	void (*fn)(void *arg, const char *member), void *arg);

/* Each adds what is different, and says whether anything is. */
bool trail_say_setting(struct trail_words *words, const struct model_setting *before,
	const struct model_setting *after);
bool trail_say_pool(struct trail_words *words, const struct model_pool *before,
	const struct model_pool *after);
bool trail_say_policy(struct trail_words *words, const struct model_policy *before,
	const struct model_policy *after);
bool trail_say_flag(struct trail_words *words, const struct model_flag *before,
	const struct model_flag *after);
bool trail_say_grant(struct trail_words *words, const struct model_grant *before,
	const struct model_grant *after);
bool trail_say_group(struct trail_words *words, const struct trail_group *group);

/* Of a policy that has another name. */
void trail_say_rename(struct trail_words *words, const char *before, const char *after);

/* The whole text; NULL if there is nothing to be said. */
const char *trail_text_end(struct trail_text *text);

#endif
