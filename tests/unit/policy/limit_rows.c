/*
 * Rows of limits and penalties: to whom a counter belongs (behaviour.md, "Policies"), for
 * penalties and pools.  Limits alone are in record.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/limit_rows.h"
#include "../fixture.h"

/* Rows of the policy, as "0:limit:3/hour mx:penalty:1/30minutes ...". */
static const char *rows(struct site *s, const char *policy)
{
	char sql[600];

	snprintf(sql, sizeof(sql),
		"SELECT IFNULL(GROUP_CONCAT(one, ' '), '') FROM (SELECT "
		"IFNULL(o.name, l.pool_id) || ':' || kind || ':' || spelling || "
		"IIF(inherited, '*', '') AS one FROM policy_limit l JOIN policy p ON "
		"p.id = policy_id LEFT JOIN pool o ON o.id = l.pool_id WHERE p.name = "
		"'%s' ORDER BY l.pool_id, kind, period)",
		policy);
	return site_text(s, sql);
}

/* A charge in each of them. */
static void use_all(struct site *s)
{
	site_sql(s, "INSERT OR REPLACE INTO bucket SELECT id, 'bob@example.org', 1, "
		    "strftime('%s', 'now') * 1000000, 1, 0 FROM policy_limit");
}

/* Of which rows is the charge still there? */
static const char *used(struct site *s, const char *policy)
{
	char sql[600];

	snprintf(sql, sizeof(sql),
		"SELECT IFNULL(GROUP_CONCAT(one, ' '), '') FROM (SELECT "
		"IFNULL(o.name, l.pool_id) || ':' || kind || ':' || l.period AS one FROM "
		"bucket JOIN policy_limit l ON l.id = limit_id JOIN policy p ON p.id = "
		"policy_id LEFT JOIN pool o ON o.id = l.pool_id WHERE p.name = '%s' "
		"ORDER BY l.pool_id, kind, period)",
		policy);
	return site_text(s, sql);
}

static void test_rows(void **state)
{
	struct site *s = *state;

	site_policy(s, "p", NULL);
	assert_string_equal(rows(s, "p"), "");
	site_policy(s, "p", "limit=9/day,3/hour", "penalty=30m", NULL);
	assert_string_equal(
		rows(s, "p"), "0:limit:3/hour 0:limit:9/day 0:penalty:1/30minutes");
	site_policy(s, "p", "penalty=0", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:3/hour 0:limit:9/day");
	site_policy(s, "p", "penalty=1h", "limit=none", NULL);
	assert_string_equal(rows(s, "p"), "0:penalty:1/hour");
	site_setting(s, "default_limit", "7/week");
	assert_string_equal(rows(s, "p"), "0:limit:7/week* 0:penalty:1/hour");
	site_setting(s, "default_penalty", "2h");
	assert_string_equal(rows(s, "p"), "0:limit:7/week* 0:penalty:1/hour");
	site_policy(s, "p", "penalty=default", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:7/week* 0:penalty:1/2hours");
	site_policy(s, "p", "penalty=0", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:7/week*");
	/* of messages it is no limit for bytes, where such a policy may have none */
	site_policy(s, "p", "count=bytes", "type=bypass", NULL);
	assert_string_equal(rows(s, "p"), "");
	site_policy(s, "p", "limit=1024K/day,5/hour", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:5/hour 0:limit:1M/day");
}

/* What a policy inherits becomes its own by the same words, and its own the default's:
 * the row, and with it the counter, stays. */
static void test_inherited_or_own(void **state)
{
	struct site *s = *state;
	int64_t id;

	site_setting(s, "default_limit", "7/week");
	site_policy(s, "p", NULL);
	id = site_number(s, "SELECT id FROM policy_limit");
	site_policy(s, "p", "limit=7/week", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:7/week");
	site_setting(s, "default_limit", "8/week");
	assert_string_equal(rows(s, "p"), "0:limit:7/week");
	site_policy(s, "p", "limit=none", NULL);
	assert_string_equal(rows(s, "p"), "0:limit:8/week*");
	assert_int_equal(site_number(s, "SELECT id FROM policy_limit"), id);
}

/* A limit of an hour and a penalty of an hour are two counters; so are those of a pool.
 */
static const struct {
	const char *change, *keeps;
} changes[] = {
	{ "limit=5/hour", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "limit=0/60 minutes",
		"0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "limit=3/day", "0:penalty:3600 mx:penalty:3600" },
	{ "limit=none", "0:penalty:3600 mx:penalty:3600" },
	/* those who are in one stay in it */
	{ "penalty=2h", "0:limit:3600 0:penalty:7200 mx:limit:3600 mx:penalty:7200" },
	{ "penalty=0", "0:limit:3600 mx:limit:3600" },
	{ "penalty=60m", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "action=block", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "reply=No", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "priority=9", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "enabled=no", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "stop=yes", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "rate-stats=yes", "0:limit:3600 0:penalty:3600 mx:limit:3600 mx:penalty:3600" },
	{ "strategy=fixed", "" },
	{ "strategy=bucket", "" },
	{ "count=recipients", "" },
	{ "count=bytes", "" },
	{ "key=client", "" },
};

static void test_what_keeps_a_counter(void **state)
{
	struct site *s = *state;
	char name[20];

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	for (size_t i = 0; i < LENGTH(changes); i++) {
		snprintf(name, sizeof(name), "p%zu", i);
		site_policy(s, name, "limit=3/hour", "penalty=1h", NULL);
		use_all(s);
		site_policy(s, name, changes[i].change, NULL);
		if (strcmp(used(s, name), changes[i].keeps) != 0)
			fail_msg("%s: %s", changes[i].change, used(s, name));
	}
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket WHERE limit_id NOT "
					"IN (SELECT id FROM policy_limit)"),
		0);
}

static void rename_policy(struct site *s, const char *from, const char *to)
{
	struct err err = { ERR_BAD, "" };
	struct policy p;

	must(policy_record_find(s->db, from, &p, &err), &err);
	must(policy_record_rename(s->db, &p, to, &err), &err);
	policy_clear(&p);
}

/* Another number: levels that have drained do not come back with it, the others stay;
 * other strategies have no levels. */
static void test_levels(void **state)
{
	struct site *s = *state;

	site_policy(s, "b", "strategy=bucket", "limit=100/hour", NULL);
	site_policy(s, "m", "limit=100/hour", NULL);
	/* a token in 36 seconds */
	site_sql(s, "INSERT INTO bucket SELECT l.id, o, 0,"
		    "CAST((unixepoch() - f * 36) * 1000000 AS INTEGER), 50, 0 "
		    "FROM policy_limit l, (SELECT 'half' AS o, 25 AS f UNION "
		    "SELECT 'drained', 50 UNION SELECT 'nearly', 49)");
	site_policy(s, "b", "priority=7", NULL);
	site_policy(s, "m", "limit=10/hour", NULL);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 6);
	site_policy(s, "b", "limit=10/hour", NULL);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(object) FROM (SELECT object "
			     "FROM bucket b JOIN policy_limit l ON l.id = "
			     "b.limit_id WHERE l.policy_id = 1 ORDER BY object)"),
		"half,nearly");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 5);
}

/* Another name, of another pool or of none, keeps it; in a pool nothing counts apart. */
static void test_renamed(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_policy(s, "p", "limit=3/hour", NULL);
	use_all(s);
	rename_policy(s, "p", "q");
	assert_string_equal(used(s, "q"), "0:limit:3600 mx:limit:3600");
	rename_policy(s, "q", "mx:q");
	assert_string_equal(rows(s, "mx:q"), "0:limit:3/hour");
	assert_string_equal(used(s, "mx:q"), "0:limit:3600");
	rename_policy(s, "mx:q", "p");
	assert_string_equal(rows(s, "p"), "0:limit:3/hour mx:limit:3/hour");
	assert_string_equal(used(s, "p"), "mx:limit:3600");
}

/* What comes from settings, in each of the places: the nearest has the word. */
static void test_settings_of_pools(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_policy(s, "g", NULL);
	site_policy(s, "mx:p", NULL);
	site_setting(s, "default_limit", "5/hour");
	site_setting_of(s, "mx", "default_limit", "6/hour,7/day");
	assert_string_equal(rows(s, "g"), "0:limit:5/hour*");
	assert_string_equal(rows(s, "mx:p"), "0:limit:6/hour* 0:limit:7/day*");
	site_setting(s, "pool_counters", "yes");
	assert_string_equal(rows(s, "g"), "0:limit:5/hour* mx:limit:6/hour* "
					  "mx:limit:7/day* out:limit:5/hour*");
	use_all(s);
	/* a change there leaves the others, and the counter where the period stays */
	site_setting_of(s, "mx", "default_limit", "9/hour");
	assert_string_equal(
		rows(s, "g"), "0:limit:5/hour* mx:limit:9/hour* out:limit:5/hour*");
	assert_string_equal(used(s, "g"), "0:limit:3600 mx:limit:3600 out:limit:3600");
	site_setting_of(s, "out", "default_limit", "none");
	site_setting_of(s, "out", "default_penalty", "10m");
	assert_string_equal(
		rows(s, "g"), "0:limit:5/hour* mx:limit:9/hour* out:penalty:1/10minutes");
	/* the policy's own is the same everywhere */
	site_policy(s, "g", "limit=1/minute", "penalty=5m", NULL);
	assert_string_equal(rows(s, "g"),
		"0:limit:1/minute 0:penalty:1/5minutes mx:limit:1/minute "
		"mx:penalty:1/5minutes out:limit:1/minute out:penalty:1/5minutes");
	site_pool(s, "new", "new.example.org", NULL);
	assert_non_null(strstr(rows(s, "g"), "new:limit:1/minute"));
	assert_string_equal(rows(s, "mx:p"), "0:limit:9/hour*");
}

/* As a set has it: the limits in order, the penalty, and those of pools. */
static void test_read(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_policy(s, "p",
		"limit=1/minute,2/2minutes,3/3minutes,4/4minutes,5/5minutes,6/6minutes,"
		"7/7minutes,8/8minutes",
		"penalty=30m", "strategy=fixed", NULL);
	must(policy_record_find(s->db, "p", &p, &err), &err);
	assert_int_equal(p.limits.n, LIMITS_MAX);
	assert_int_equal(p.limits.limit[7].amount, 8);
	assert_int_equal(p.limits.limit[7].strategy, STRATEGY_FIXED);
	assert_int_equal(p.limits.penalty.amount, 1);
	assert_int_equal(p.limits.penalty.period, 1800);
	/* a penalty is so long from whenever it begins */
	assert_int_equal(p.limits.penalty.strategy, STRATEGY_MOVING);
	assert_false(p.limits.inherited);
	assert_int_equal(p.napart, 1);
	assert_int_equal(p.apart[0].pool_id, site_pool_id(s, "mx"));
	assert_int_equal(p.apart[0].limits.n, LIMITS_MAX);
	assert_int_equal(p.apart[0].limits.penalty.period, 1800);
	assert_int_not_equal(p.apart[0].limits.penalty.id, p.limits.penalty.id);
	policy_clear(&p);
}

/* What somebody else has written is refused with words. */
static void test_bad_rows(void **state)
{
	static const char *const faults[] = { "spelling = 'lots'",
		"spelling = '3/hour,4/day'", "spelling = 'none'" };
	struct site *s = *state;
	struct policy p;
	char sql[200];

	site_policy(s, "bad", "limit=3/hour", "penalty=1d", NULL);
	for (size_t i = 0; i < LENGTH(faults); i++) {
		struct err err = { ERR_FAILED, "" };

		site_sql(s, "BEGIN");
		snprintf(sql, sizeof(sql), "UPDATE policy_limit SET %s WHERE kind = '%s'",
			faults[i], i % 2 ? "limit" : "penalty");
		site_sql(s, sql);
		assert_int_equal(policy_record_find(s->db, "bad", &p, &err), -1);
		assert_non_null(strstr(err.text, "policy bad"));
		site_sql(s, "ROLLBACK");
	}
}

/* One more than a policy can have. */
static void test_too_many(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_FAILED, "" };
	struct policy p;

	site_policy(s, "bad", "limit=1/minute", NULL);
	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 9) INSERT INTO policy_limit (policy_id, period, amount, "
		    "spelling) SELECT policy_id, i * 60, i, i || '/' || i || 'minutes' "
		    "FROM c, policy_limit");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 9);
	assert_int_equal(policy_record_find(s->db, "bad", &p, &err), -1);
	assert_non_null(strstr(err.text, "one too many: \"9/9minutes\""));
}

/* Deleted with all its counters, those of pools and of penalties too. */
static void test_dropped(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy p;
	int64_t last;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_policy(s, "gone", "limit=3/hour", "penalty=1h", NULL);
	last = site_number(s, "SELECT MAX(id) FROM policy_limit");
	use_all(s);
	must(policy_record_find(s->db, "gone", &p, &err), &err);
	must(policy_record_delete(s->db, &p, &err), &err);
	policy_clear(&p);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 0);
	site_policy(s, "gone", "limit=3/hour", NULL);
	assert_true(site_number(s, "SELECT MIN(id) FROM policy_limit") > last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_rows),
		DATABASE_TEST(test_inherited_or_own),
		DATABASE_TEST(test_what_keeps_a_counter),
		DATABASE_TEST(test_levels),
		DATABASE_TEST(test_renamed),
		DATABASE_TEST(test_settings_of_pools),
		DATABASE_TEST(test_read),
		DATABASE_TEST(test_bad_rows),
		DATABASE_TEST(test_too_many),
		DATABASE_TEST(test_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
