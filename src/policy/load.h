/*
 * Where sets come from: the database alone, or the set before and what a change did.
 * Both make the same set of the same database; what a change leaves alone, the second
 * shares with the set before instead of reading it again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_LOAD_H
#define THEMIS_POLICY_LOAD_H

#include "policy/record.h"
#include "policy/set.h"

/* Loads a set from the connection, in whatever transaction it is.  groups: an
 * index that is still true, or NULL to load it too.  The set is not published.
 * NULL with err if what the database holds is not a valid set. */
struct policy_set *policy_set_load(
	struct db *db, struct group_index *groups, struct err *err);

/* What a change has touched of all that a set is made of, but for groups.  Settings and
 * pools are few, and always read. */
struct set_edits {
	struct policy_edits policies;
	bool flags, grants;
	/* the settings or pools that limits come from: policy_records_settle() is due */
	bool terms;
};

/* The same, where nobody but the change has written since `before` was made; if somebody
 * has, by hand, all is loaded.  groups: those of before, with what the change did to
 * them. */
struct policy_set *policy_set_edit(const struct policy_set *before, struct db *db,
	struct group_index *groups, struct set_edits *edits, struct err *err);

/* The groups that the settings name in spf_trusted, by their ids.  0, or -1 and err if
 * one is not there. */
int settings_find_trusted(const struct settings *settings, int64_t ids[SPF_TRUSTED_MAX],
	struct db *db, struct err *err);

#endif
