/*
 * Policies as rows: what is written reads back, and a counter belongs to
 * (policy, object, period, count, strategy, key) and to nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#define LIMITS_OF                                                                        \
	"FROM policy_limit l JOIN policy p ON p.id = l.policy_id WHERE p.name = "

static struct policy find(struct site *s, const char *name)
{
	struct err err = { ERR_BAD, "" };
	struct policy p;

	must(policy_record_find(s->db, name, &p, &err), &err);
	return p;
}

static void test_read_back(void **state)
{
	static const char *const pairs[] = { "source=!staff", "destination=friends",
		"enabled=no", "type=regular", "priority=17", "key=client",
		"limit=3/hour,9/day", "strategy=fixed", "count=recipients", "action=hold",
		"reply=Wait {wait} s: 100% \"full\" \xe2\x82\xac", "penalty=30minutes",
		"stop=yes", "only-headers=yes", "rate-stats=yes",
		"spf=neutral,permerror" };
	struct site *s = *state;
	struct arena *arena = arena_new();
	struct policy p;
	struct err err;

	assert_int_equal(LENGTH(pairs), ATTRIBUTES);
	site_group(s, "staff", "@example.org", NULL);
	site_group(s, "friends", "@example.net", NULL);
	site_policy(s, "whole", pairs[0], pairs[1], pairs[2], pairs[3], pairs[4],
		pairs[5], pairs[6], pairs[7], pairs[8], pairs[9], pairs[10], pairs[11],
		pairs[12], pairs[13], pairs[14], pairs[15], NULL);
	p = find(s, "whole");
	assert_string_equal(p.name, "whole");
	assert_true(p.id > 0);
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		char name[20];
		int a;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(pairs[i], "="),
			pairs[i]);
		must(a = policy_attribute_find(name, &err), &err);
		assert_string_equal(policy_get(&p, (enum policy_attribute)a, arena),
			strchr(pairs[i], '=') + 1);
	}
	must(policy_check(&p, &err), &err);
	assert_true(p.limits.limit[0].id > 0 && p.limits.limit[1].id > 0);
	assert_int_not_equal(p.limits.limit[0].id, p.limits.limit[1].id);
	assert_int_equal(p.limits.limit[1].strategy, STRATEGY_FIXED);
	policy_clear(&p);
	arena_free(arena);
}

static void test_find_refuses(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;

	site_policy(s, "there", NULL);
	assert_int_equal(policy_record_find(s->db, "nowhere", &p, &err), -1);
	assert_int_equal(err.code, ERR_NO_SUCH);
	assert_non_null(strstr(err.text, "\"nowhere\""));
	assert_int_equal(policy_record_find(s->db, "There", &p, &err), -1);
}

struct seen {
	char names[200];
	int stop_at; /* the policy at which to give up */
	int n;
};

static int see(void *arg, struct policy *p, struct err *err)
{
	struct seen *seen = arg;

	snprintf(seen->names + strlen(seen->names),
		sizeof(seen->names) - strlen(seen->names), "%s ", p->name);
	policy_clear(p);
	if (++seen->n == seen->stop_at)
		return err_set(err, "enough");
	return 0;
}

/* Priority as a number, ascending; equal ones by name; disabled ones too. */
static void test_order(void **state)
{
	struct site *s = *state;
	struct seen all = { .stop_at = -1 }, some = { .stop_at = 2 }, one = { "", -1, 0 };
	struct err err = { ERR_BAD, "" };

	site_policy(s, "zeta", "reply=z", NULL);
	site_policy(s, "late", "priority=10", NULL);
	site_policy(s, "alpha", "reply=a", "enabled=no", NULL);
	site_policy(s, "first", "priority=0", NULL);
	site_policy(s, "nine", "priority=9", NULL);
	assert_int_equal(policy_records_read(s->db, policy_all(), see, &all, &err), 5);
	assert_string_equal(all.names, "first alpha zeta nine late ");
	assert_int_equal(policy_records_read(s->db, policy_all(), see, &some, &err), -1);
	assert_string_equal(err.text, "enough");
	assert_string_equal(some.names, "first alpha ");
	assert_int_equal(policy_records_read(s->db, policy_one(5), see, &one, &err), 1);
	assert_string_equal(one.names, "nine ");
	assert_int_equal(policy_records_read(s->db, policy_one(6), see, &one, &err), 0);
}

static void test_unknown_group_refused(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;

	policy_init(&p, "p");
	must(policy_set(&p, ATTRIBUTE_SOURCE, "!ghosts", &err), &err);
	must(policy_set(&p, ATTRIBUTE_DESTINATION, "any", &err), &err);
	assert_int_equal(policy_record_write(s->db, &p, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NO_SUCH);
	assert_ptr_equal(strstr(err.text, "source"), err.text);
	assert_non_null(strstr(err.text, "ghosts"));
	must(policy_set(&p, ATTRIBUTE_SOURCE, "any", &err), &err);
	must(policy_set(&p, ATTRIBUTE_DESTINATION, "ghosts", &err), &err);
	assert_int_equal(policy_record_write(s->db, &p, NULL, &err), -1);
	assert_ptr_equal(strstr(err.text, "destination"), err.text);
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM policy"), "0");
	policy_clear(&p);
	/* nor is one that is not whole */
	policy_init(&p, "p");
	assert_int_equal(policy_record_write(s->db, &p, NULL, &err), -1);
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM policy"), "0");
	policy_clear(&p);
}

/* A policy with 3/hour and 9/day (or what the first change says), each with one
 * counter; then the second change.  Which of the counters of hour and day live? */
static const struct {
	const char *change;
	bool hour, day;
} changes[] = {
	{ "limit=5/hour,9/day", true, true },
	{ "limit=1/hour,1/day", true, true },
	{ "limit=0/60 minutes,9 per day", true, true },
	{ "limit=9/day,3/hour", true, true },
	{ "limit=3/hour,9/day,7/week", true, true },
	{ "limit=9/day", false, true },
	{ "limit=3/2h,9/day", false, true },
	{ "limit=3/minute", false, false },
	{ "limit=none", false, false },
	{ "strategy=fixed", false, false },
	{ "count=recipients", false, false },
	{ "key=client", false, false },
	{ "key=sender", false, false },
	{ "key=domain+", false, false },
	{ "key=recipient", false, false },
	{ "key=recipient-domain", false, false },
	{ "key=policy", false, false },
	{ "stop=yes", true, true },
	{ "action=discard", true, true },
	{ "priority=1", true, true },
	{ "action=block", true, true },
	{ "reply=Later", true, true },
	{ "enabled=no", true, true },
	{ "source=staff", true, true },
	{ "destination=!staff", true, true },
	{ "strategy=moving", true, true },
	{ "key=sender+", true, true },
};

static void use_limits(struct site *s, const char *policy)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"INSERT INTO bucket SELECT l.id, 'bob@example.org', 1, 2, "
		"l.amount, 0 " LIMITS_OF "'%s'",
		policy);
	site_sql(s, sql);
}

static int64_t used(struct site *s, const char *policy, int period)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"SELECT IFNULL(SUM(b.count), 0) FROM bucket b JOIN policy_limit l "
		"ON l.id = b.limit_id JOIN policy p ON p.id = l.policy_id "
		"WHERE p.name = '%s' AND l.period = %d",
		policy, period);
	return site_number(s, sql);
}

static void test_counter_identity(void **state)
{
	struct site *s = *state;
	char name[20];

	site_group(s, "staff", "@example.org", NULL);
	for (size_t i = 0; i < LENGTH(changes); i++) {
		snprintf(name, sizeof(name), "p%zu", i);
		site_policy(s, name, "limit=3/hour,9/day", NULL);
		use_limits(s, name);
		site_policy(s, name, changes[i].change, NULL);
		if (used(s, name, 3600) != (changes[i].hour ? 3 : 0) ||
			used(s, name, 86400) != (changes[i].day ? 9 : 0))
			fail_msg("%s: hour %d, day %d", changes[i].change,
				(int)used(s, name, 3600), (int)used(s, name, 86400));
	}
	/* no counters are left that nobody owns */
	assert_string_equal(
		site_text(s, "SELECT COUNT(*) FROM bucket WHERE limit_id NOT IN "
			     "(SELECT id FROM policy_limit)"),
		"0");
}

/* There and back again is not the same counter. */
static void test_identity_never_returns(void **state)
{
	struct site *s = *state;
	int64_t id;

	site_policy(s, "p", "limit=3/hour", NULL);
	id = site_number(s, "SELECT l.id " LIMITS_OF "'p'");
	site_policy(s, "p", "limit=3/day", NULL);
	site_policy(s, "p", "limit=3/hour", NULL);
	assert_true(site_number(s, "SELECT l.id " LIMITS_OF "'p'") > id);
	id = site_number(s, "SELECT MAX(id) FROM policy_limit");
	site_sql(s, "DELETE FROM policy");
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM policy_limit"), "0");
	site_policy(s, "p", "limit=3/hour", NULL);
	assert_true(site_number(s, "SELECT l.id " LIMITS_OF "'p'") > id);
}

static void test_delete(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;

	site_policy(s, "gone", "limit=3/hour,9/day", NULL);
	site_policy(s, "stays", "limit=4/hour", NULL);
	use_limits(s, "gone");
	use_limits(s, "stays");
	p = find(s, "gone");
	must(policy_record_delete(s->db, &p, &err), &err);
	policy_clear(&p);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(name) FROM policy"), "stays");
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM policy_limit"), "1");
	assert_string_equal(site_text(s, "SELECT GROUP_CONCAT(count) FROM bucket"), "4");
}

/* What somebody else wrote into the file is refused with the policy's name. */
static void test_bad_row_refused(void **state)
{
	static const char *const faults[] = { "action = 'explode'", "priority = -1",
		"enabled = 'perhaps'", "reply = '{nonsense}'", "key = ''",
		"count = 'bits'" };
	struct site *s = *state;
	struct policy p;
	char sql[200];

	for (size_t i = 0; i < LENGTH(faults); i++) {
		struct err err = { ERR_FAILED, "" };

		site_policy(s, "bad", NULL);
		snprintf(sql, sizeof(sql), "UPDATE policy SET %s", faults[i]);
		site_sql(s, sql);
		assert_int_equal(policy_record_find(s->db, "bad", &p, &err), -1);
		assert_ptr_equal(strstr(err.text, "policy bad: "), err.text);
		site_sql(s, "DELETE FROM policy");
	}
}

/* As a command sets it, in the setting and in the rows of those that inherit it. */
static void set_default_limit(struct site *s, const char *value)
{
	struct err err = { ERR_BAD, "" };

	if (value != NULL)
		must(db_run(s->db, SQL_SETTING_PUT, &err, "tit", "default_limit",
			     (int64_t)0, value),
			&err);
	else
		must(db_run(s->db, SQL_SETTING_UNSET, &err, "ti", "default_limit",
			     (int64_t)0),
			&err);
	must(policy_records_settle(s->db, NULL, &err), &err);
}

/* What applies ("3/hour,9/day"), and whether it is shown as the policy's own. */
static void expect_limits(
	struct site *s, const char *policy, const char *applies, bool own)
{
	struct arena *arena = arena_new();
	struct policy p = find(s, policy);
	char all[200] = "", one[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < p.limits.n; i++) {
		str_append(all, sizeof(all), "%s%s", i > 0 ? "," : "",
			limit_format(one, &p.limits.limit[i]));
		assert_true(p.limits.limit[i].id > 0);
		assert_int_equal(p.limits.limit[i].strategy, p.strategy);
	}
	assert_string_equal(all, applies);
	assert_string_equal(
		policy_get(&p, ATTRIBUTE_LIMIT, arena), own ? applies : "none");
	assert_int_equal(p.limits.inherited, !own && *applies != '\0');
	policy_clear(&p);
	arena_free(arena);
}

/* Whoever has no limit gets it, before or after; nobody else does. */
static void test_default_limit(void **state)
{
	struct site *s = *state;

	site_policy(s, "before", NULL);
	site_policy(s, "fixed", "strategy=fixed", "limit=none", NULL);
	site_policy(s, "own", "limit=7/hour,8/week", NULL);
	set_default_limit(s, "3/hour,9/day");
	site_policy(s, "after", NULL);
	expect_limits(s, "before", "3/hour,9/day", false);
	expect_limits(s, "fixed", "3/hour,9/day", false);
	expect_limits(s, "after", "3/hour,9/day", false);
	expect_limits(s, "own", "7/hour,8/week", true);
	set_default_limit(s, "0/minute");
	expect_limits(s, "fixed", "0/minute", false);
	set_default_limit(s, NULL);
	expect_limits(s, "before", "", false);
	expect_limits(s, "fixed", "", false);
	expect_limits(s, "own", "7/hour,8/week", true);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 2);
	set_default_limit(s, "5/hour");
	set_default_limit(s, "0:0");
	expect_limits(s, "before", "", false);
}

/* A change of the default is like a change of the policy's own limit. */
static void test_default_limit_keeps_counters(void **state)
{
	static const struct {
		const char *to;
		bool hour, day;
	} steps[] = { { "5/hour,1/day", true, true }, { "9/day,3/hour", true, true },
		{ "3/hour,9/day,7/week", true, true }, { "4/60 minutes", true, false },
		{ "4/day", false, true }, { "none", false, false },
		{ NULL, false, false } };
	static const char *const policies[] = { "moving", "fixed" };
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		site_sql(s, "DELETE FROM policy; DELETE FROM bucket");
		set_default_limit(s, "3/hour,9/day");
		site_policy(s, "moving", NULL);
		site_policy(s, "fixed", "strategy=fixed", "count=recipients", NULL);
		site_policy(s, "own", "limit=6/hour", NULL);
		use_limits(s, "moving");
		use_limits(s, "fixed");
		use_limits(s, "own");
		set_default_limit(s, steps[i].to);
		for (size_t p = 0; p < LENGTH(policies); p++)
			if (used(s, policies[p], 3600) != (steps[i].hour ? 3 : 0) ||
				used(s, policies[p], 86400) != (steps[i].day ? 9 : 0))
				fail_msg("%s: %s", steps[i].to, policies[p]);
		assert_int_equal(used(s, "own", 3600), 6);
		assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket WHERE "
						"limit_id NOT IN (SELECT id FROM "
						"policy_limit)"),
			0);
	}
}

/* An own limit for an inherited one, and back: what has its period has its counter. */
static void test_inherited_and_own(void **state)
{
	struct site *s = *state;

	set_default_limit(s, "3/hour,9/day");
	site_policy(s, "p", NULL);
	use_limits(s, "p");
	site_policy(s, "p", "limit=5/hour", NULL);
	expect_limits(s, "p", "5/hour", true);
	assert_int_equal(used(s, "p", 3600), 3);
	assert_int_equal(used(s, "p", 86400), 0);
	/* no longer an heir */
	set_default_limit(s, "2/hour,8/day");
	expect_limits(s, "p", "5/hour", true);
	site_policy(s, "p", "limit=none", NULL);
	expect_limits(s, "p", "2/hour,8/day", false);
	assert_int_equal(used(s, "p", 3600), 3);
	/* what is not about limits leaves it an heir, with its counters */
	site_policy(s, "p", "action=block", "priority=1", NULL);
	expect_limits(s, "p", "2/hour,8/day", false);
	assert_int_equal(used(s, "p", 3600), 3);
	site_policy(s, "p", "limit=none", NULL);
	assert_int_equal(used(s, "p", 3600), 3);
	site_policy(s, "p", "strategy=fixed", NULL);
	expect_limits(s, "p", "2/hour,8/day", false);
	assert_int_equal(used(s, "p", 3600), 0);
}

static void test_delete_an_heir(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;

	set_default_limit(s, "3/hour");
	site_policy(s, "gone", NULL);
	site_policy(s, "stays", NULL);
	use_limits(s, "gone");
	use_limits(s, "stays");
	p = find(s, "gone");
	must(policy_record_delete(s->db, &p, &err), &err);
	policy_clear(&p);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 1);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 1);
	assert_int_equal(used(s, "stays", 3600), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_read_back),
		DATABASE_TEST(test_find_refuses),
		DATABASE_TEST(test_order),
		DATABASE_TEST(test_unknown_group_refused),
		DATABASE_TEST(test_counter_identity),
		DATABASE_TEST(test_identity_never_returns),
		DATABASE_TEST(test_delete),
		DATABASE_TEST(test_bad_row_refused),
		DATABASE_TEST(test_default_limit),
		DATABASE_TEST(test_default_limit_keeps_counters),
		DATABASE_TEST(test_inherited_and_own),
		DATABASE_TEST(test_delete_an_heir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
