/*
 * Sets that are made of the set before and a change: the same, field by field, as one
 * that is read from the database whole; and what was not changed is not read again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/load.h"
#include "../describe.h"
#include "../random.h"
#include "policy/rule_rows.h"

#ifndef CHANGES
#define CHANGES 600
#endif

static uint64_t seed;

#define ONE_OF(array) array[dice(&seed, LENGTH(array))]

/* A database that changes, and the set that follows it. */
struct follower {
	struct site *site;
	struct policy_set *set;
	struct arena *arena; /* of the change in hand */
	struct group_edits groups;
	struct set_edits touched;
	bool regrouped;
};

/* Pools whose names stand in another order than what begins with them. */
static const char *const pools[] = { "a", "a-b", "mx" };
static const char *const names[] = { "one", "two", "six", "a:one", "a:two", "a-b:one",
	"mx:one", "mx:zeta" };
static const char *const groups[] = { "staff", "friends", "guests" };

static struct policy_set *load(struct site *s, struct group_index *index)
{
	struct err err = { ERR_BAD, "" };
	struct policy_set *set = policy_set_load(s->db, index, &err);

	must(set != NULL ? 0 : -1, &err);
	return set;
}

static const char *some_group(struct follower *f, bool maybe_any)
{
	if (maybe_any && dice(&seed, 3) == 0)
		return "any";
	return arena_printf(
		f->arena, "%s%s", dice(&seed, 3) == 0 ? "!" : "", ONE_OF(groups));
}

/* One or two attributes, as a command gives them. */
static void give(struct follower *f, struct policy *p)
{
	static const char *const keys[] = { "sender", "client", "recipient" };
	static const char *const limits[] = { "none", "1/hour", "2/hour,5/day" };
	static const char *const penalties[] = { "0", "default", "1h", "2h" };
	static const char *const strategies[] = { "moving", "fixed" };
	static const char *const results[] = { "off", "strict", "none,fail" };
	static const char *const replies[] = { "", "no", "not now" };
	const struct {
		enum policy_attribute attribute;
		const char *value;
	} given[] = {
		{ ATTRIBUTE_SOURCE, some_group(f, true) },
		{ ATTRIBUTE_DESTINATION, some_group(f, true) },
		{ ATTRIBUTE_ENABLED, dice(&seed, 3) == 0 ? "no" : "yes" },
		{ ATTRIBUTE_PRIORITY, arena_printf(f->arena, "%zu", dice(&seed, 12)) },
		{ ATTRIBUTE_KEY, ONE_OF(keys) },
		{ ATTRIBUTE_LIMIT, ONE_OF(limits) },
		{ ATTRIBUTE_PENALTY, ONE_OF(penalties) },
		{ ATTRIBUTE_STRATEGY, ONE_OF(strategies) },
		{ ATTRIBUTE_REPLY, ONE_OF(replies) },
		{ ATTRIBUTE_SPF, ONE_OF(results) },
	};
	struct err err = { ERR_BAD, "" };

	for (size_t i = 0; i <= dice(&seed, 2); i++) {
		size_t k = dice(&seed, LENGTH(given));

		must(policy_set(p, given[k].attribute, given[k].value, &err), &err);
	}
}

/* The policy with that name; false: there is none. */
static bool find(struct follower *f, const char *name, struct policy *p)
{
	struct err err;

	return policy_record_find(f->site->db, name, p, &err) == 0;
}

static void write_policy(struct follower *f)
{
	const char *name = ONE_OF(names);
	struct err err = { ERR_BAD, "" };
	struct policy before, p;
	bool there = find(f, name, &before);

	if (there) {
		policy_copy(&p, &before);
	} else {
		policy_init(&p, name);
		must(policy_set(&p, ATTRIBUTE_SOURCE, some_group(f, true), &err), &err);
		must(policy_set(&p, ATTRIBUTE_DESTINATION, "any", &err), &err);
	}
	give(f, &p);
	must(policy_record_write(f->site->db, &p, there ? &before : NULL, &err), &err);
	policy_clear(&p);
	if (there)
		policy_clear(&before);
	assert_true(find(f, name, &p));
	policy_edits_add(&f->touched.policies, p.id);
	policy_clear(&p);
}

static void rename_policy(struct follower *f)
{
	const char *from = ONE_OF(names), *to = ONE_OF(names);
	struct err err = { ERR_BAD, "" };
	struct policy p, other;

	if (!find(f, from, &p))
		return;
	if (find(f, to, &other)) {
		policy_clear(&other);
	} else {
		must(policy_record_rename(f->site->db, &p, to, &err), &err);
		policy_edits_add(&f->touched.policies, p.id);
	}
	policy_clear(&p);
}

static void delete_policy(struct follower *f)
{
	struct err err = { ERR_BAD, "" };
	struct policy p;

	if (!find(f, ONE_OF(names), &p))
		return;
	must(policy_record_delete(f->site->db, &p, &err), &err);
	policy_edits_add(&f->touched.policies, p.id);
	policy_clear(&p);
}

static void change_rules(struct follower *f)
{
	static const char *const headers[] = { "Subject", "subject", "X-Spam", "From" };
	static const char *const regexes[] = { "/a/", "/b/i" };
	struct err err = { ERR_BAD, "" };
	const char *header = ONE_OF(headers);
	struct rule *rule;
	struct policy p;

	if (!find(f, ONE_OF(names), &p))
		return;
	must(db_run(f->site->db, SQL_HEADER_DELETE, &err, "itt", p.id, header, NULL),
		&err);
	rule = rule_new(header, ONE_OF(regexes), &err);
	for (size_t i = 0; i <= dice(&seed, 2); i++)
		must(rule_add(rule, "X-New", i > 0 ? "again" : "once", &err), &err);
	if (dice(&seed, 3) > 0)
		must(rule_rows_add(f->site->db, p.id, rule, &err), &err);
	rule_free(rule);
	policy_edits_add(&f->touched.policies, p.id);
	policy_clear(&p);
}

/* A member comes, or a group that no policy uses comes or goes. */
static void change_groups(struct follower *f)
{
	const char *member = arena_printf(f->arena, "u%zu@example.org", dice(&seed, 50));
	struct err err = { ERR_BAD, "" };
	int64_t id = 1 + (int64_t)dice(&seed, LENGTH(groups));

	f->regrouped = true;
	if (dice(&seed, 2) == 0)
		site_sql(f->site, dice(&seed, 2) == 0
					  ? "DELETE FROM member_group WHERE name = "
					    "'idle'"
					  : "INSERT OR IGNORE INTO member_group "
					    "(name) VALUES ('idle')");
	else if (db_run(f->site->db, SQL_GROUP_ADD, &err, "it", id, member) > 0)
		group_edits_add(&f->groups, id, member, false);
}

static void settle(struct follower *f)
{
	struct err err = { ERR_BAD, "" };

	must(policy_records_settle(f->site->db, &f->touched.policies, &err), &err);
}

static void change_setting(struct follower *f)
{
	static const struct {
		const char *name, *values[3]; /* NULL: it is unset */
		bool of_pools;
	} settings[] = {
		{ "default_limit", { "9/hour", "8/hour,80/day", NULL }, true },
		{ "default_penalty", { "3h", "4h", NULL }, true },
		{ "pool_fallback", { "yes", "no", NULL }, true },
		{ "pool_counters", { "yes", "no", NULL }, false },
		{ "history_days", { "7", "9", NULL }, false },
		{ "spf_temperror", { "defer", "accept", NULL }, true },
		{ "spf_trusted", { "staff", "friends,staff", NULL }, false },
	};
	size_t s = dice(&seed, LENGTH(settings));
	const char *value = ONE_OF(settings[s].values);
	int64_t pool = settings[s].of_pools ? (int64_t)dice(&seed, LENGTH(pools) + 1) : 0;
	struct err err = { ERR_BAD, "" };

	must(value != NULL ? db_run(f->site->db, SQL_SETTING_PUT, &err, "tit",
				     settings[s].name, pool, value)
			   : db_run(f->site->db, SQL_SETTING_UNSET, &err, "ti",
				     settings[s].name, pool),
		&err);
	settle(f);
}

/* A pool without policies comes or goes. */
static void change_pool(struct follower *f)
{
	site_sql(f->site, dice(&seed, 2) == 0
				  ? "DELETE FROM pool WHERE name = 'b'"
				  : "INSERT OR IGNORE INTO pool (name) VALUES ('b')");
	settle(f);
}

static void change_flags(struct follower *f)
{
	static const char *const objects[] = { "eve@example.com", "@example.com" };
	enum flag flag = (enum flag)dice(&seed, FLAGS);
	const char *object = ONE_OF(objects);
	struct err err = { ERR_BAD, "" };

	f->touched.flags = true;
	if (dice(&seed, 2) == 0)
		site_flag(f->site, object, flag, NOW + (int64_t)dice(&seed, 5));
	else
		must(db_run(f->site->db, SQL_FLAG_CLEAR, &err, "tt", object,
			     flag_name(flag)),
			&err);
}

static void (*const changes[])(struct follower *) = { write_policy, write_policy,
	write_policy, write_policy, rename_policy, rename_policy, delete_policy,
	change_rules, change_rules, change_groups, change_setting, change_pool,
	change_flags };

/* The set after the change, which it takes the place of. */
static struct policy_set *follow(struct follower *f)
{
	struct err err = { ERR_BAD, "" };
	struct group_index *index = f->regrouped ? group_index_edit(f->set->groups,
							   f->site->db, &f->groups, &err)
						 : group_index_acquire(f->set->groups);
	struct policy_set *set =
		policy_set_edit(f->set, f->site->db, index, &f->touched, &err);

	must(set != NULL ? 0 : -1, &err);
	group_index_release(index);
	return set;
}

static bool is_edited(const struct follower *f, int64_t id)
{
	for (size_t i = 0; i < f->touched.policies.n; i++)
		if (f->touched.policies.ids[i] == id)
			return true;
	return false;
}

/* Those that were not edited are the same ones as before. */
static size_t count_shared(const struct follower *f, const struct policy_set *after)
{
	size_t shared = 0;

	for (size_t i = 0; i < after->npolicies; i++)
		for (size_t k = 0; k < f->set->npolicies; k++) {
			const struct policy *p = after->policies[i],
					    *before = f->set->policies[k];

			if (p->id != before->id)
				continue;
			assert_int_equal(p == before, !is_edited(f, p->id));
			shared += p == before;
		}
	return shared;
}

static size_t change_and_compare(struct follower *f, int turn)
{
	struct policy_set *after, *whole;
	char *was, *is, *should_be;
	size_t shared;

	f->arena = arena_new();
	f->groups = (struct group_edits){ .arena = f->arena };
	f->touched = (struct set_edits){ .policies.arena = f->arena };
	f->regrouped = false;
	was = describe(f->set);
	for (size_t i = 0; i <= dice(&seed, 3); i++)
		ONE_OF(changes)(f);
	after = follow(f);
	whole = load(f->site, NULL);
	is = describe(after);
	should_be = describe(whole);
	if (strcmp(is, should_be) != 0)
		fail_msg("turn %d\n%s\nshould be\n%s", turn, is, should_be);
	free(is);
	/* whoever has the set before still has it as it was */
	is = describe(f->set);
	assert_string_equal(is, was);
	shared = count_shared(f, after);
	assert_int_equal(after->flags == f->set->flags, !f->touched.flags);
	policy_set_discard(whole);
	policy_set_discard(f->set);
	f->set = after;
	arena_free(f->arena);
	free(was);
	free(is);
	free(should_be);
	return shared;
}

static void test_edited_is_loaded(void **state)
{
	struct follower f = { .site = *state };
	size_t shared = 0, most = 0;

	for (size_t i = 0; i < LENGTH(groups); i++)
		site_group(f.site, groups[i], "bob@example.org", NULL);
	for (size_t i = 0; i < LENGTH(pools); i++)
		site_pool(f.site, pools[i], NULL);
	f.set = load(f.site, NULL);
	for (int turn = 0; turn < CHANGES; turn++) {
		seed = (uint64_t)turn;
		shared += change_and_compare(&f, turn);
		if (f.set->npolicies > most)
			most = f.set->npolicies;
	}
	policy_set_discard(f.set);
	/* what was to be tested has happened */
	assert_true(shared > CHANGES);
	assert_true(most >= 5);
}

/* More at once than are read one by one. */
static void test_many_edits(void **state)
{
	struct site *s = *state;
	struct set_edits edits = { .policies.arena = arena_new() };
	struct policy_edits *policies = &edits.policies;
	struct err err = { ERR_BAD, "" };
	struct policy_set *before, *after;
	char name[20];

	site_sql(s, "BEGIN");
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		site_policy(s, name, i % 2 ? "limit=none" : "limit=5/hour", NULL);
	}
	before = load(s, NULL);
	site_sql(s, "INSERT INTO setting VALUES ('default_limit', 0, '7/day')");
	must(policy_records_settle(s->db, policies, &err), &err);
	assert_int_equal(policies->n, 150);
	after = policy_set_edit(before, s->db, before->groups, &edits, &err);
	must(after != NULL ? 0 : -1, &err);
	assert_int_equal(after->npolicies, 300);
	for (size_t i = 0; i < after->npolicies; i++)
		assert_int_equal(after->policies[i]->limits.n, 1);
	policy_set_discard(after);
	/* what is as it is to be is left alone */
	policies->n = 0;
	must(policy_records_settle(s->db, policies, &err), &err);
	assert_int_equal(policies->n, 0);
	policy_set_discard(before);
	arena_free(policies->arena);
	site_sql(s, "ROLLBACK");
}

/* Somebody writes to the database by hand: it is seen with the next change, whatever that
 * touches, and refused if it is not valid. */
static void test_written_by_others(void **state)
{
	struct site *s = *state;
	struct set_edits none = { 0 };
	struct err err = { ERR_BAD, "" };
	struct db *other = db_open(s->database, DB_WRITER, &err);
	struct policy_set *before, *after;

	must(other != NULL ? 0 : -1, &err);
	site_policy(s, "a", "limit=1/hour", NULL);
	before = load(s, NULL);
	must(db_exec(other, "UPDATE policy SET priority = 77", &err), &err);
	after = policy_set_edit(before, s->db, before->groups, &none, &err);
	must(after != NULL ? 0 : -1, &err);
	assert_int_equal(after->policies[0]->priority, 77);
	policy_set_discard(before);
	/* nor is a version of another connection one of this */
	before = policy_set_edit(after, other, after->groups, &none, &err);
	must(before != NULL ? 0 : -1, &err);
	assert_ptr_not_equal(before->policies[0], after->policies[0]);
	must(db_exec(other, "UPDATE policy SET action = 'explode'", &err), &err);
	assert_null(policy_set_edit(after, s->db, after->groups, &none, &err));
	assert_non_null(strstr(err.text, "explode"));
	policy_set_discard(before);
	policy_set_discard(after);
	db_close(other);
}

/* A set that is not valid is refused whole, whether or not the fault is an edited
 * policy's. */
static void test_invalid_refused(void **state)
{
	static const struct {
		const char *sql, *words;
		int64_t edited;
	} faults[] = {
		{ "UPDATE policy SET action = 'explode' WHERE name = 'b'", "policy b",
			2 },
		{ "UPDATE policy_limit SET spelling = 'x' WHERE policy_id = 2",
			"policy b", 2 },
		{ "INSERT INTO header_rule VALUES (1, 2, 'A', '/(/'); INSERT INTO "
		  "header_addition VALUES (1, 0, 'X', 'y')",
			"policy b", 2 },
		{ "INSERT INTO setting VALUES ('history', 0, 'perhaps')", "history", 2 },
		{ "PRAGMA defer_foreign_keys = ON; DELETE FROM member_group", "policy a",
			2 },
		{ "PRAGMA defer_foreign_keys = ON; DELETE FROM member_group", "policy a",
			1 },
		{ "PRAGMA defer_foreign_keys = ON; DELETE FROM pool", "policy mx:c", 2 },
	};
	struct site *s = *state;
	struct policy_set *before;

	site_pool(s, "mx", NULL);
	site_group(s, "g", "@example.org", NULL);
	site_policy(s, "a", "source=g", NULL);
	site_policy(s, "b", "limit=1/hour", NULL);
	site_policy(s, "mx:c", NULL);
	before = load(s, NULL);
	for (size_t i = 0; i < LENGTH(faults); i++) {
		int64_t ids[] = { faults[i].edited };
		struct set_edits edits = { .policies = { .ids = ids, .n = 1 } };
		struct group_edits none = { 0 };
		struct err err = { ERR_FAILED, "" };
		struct group_index *index;

		site_sql(s, "BEGIN");
		site_sql(s, faults[i].sql);
		index = group_index_edit(before->groups, s->db, &none, &err);
		if (policy_set_edit(before, s->db, index, &edits, &err) != NULL ||
			strstr(err.text, faults[i].words) == NULL)
			fail_msg("%s: %s", faults[i].sql, err.text);
		group_index_release(index);
		site_sql(s, "ROLLBACK");
	}
	policy_set_discard(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_edited_is_loaded),
		DATABASE_TEST(test_many_edits),
		DATABASE_TEST(test_written_by_others),
		DATABASE_TEST(test_invalid_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
