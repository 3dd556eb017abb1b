/*
 * The table of grants: what the database says of objects (behaviour.md, "Objects and
 * grants").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/grant.h"
#include "../grants.h"

#define BOB "bob@example.org"

static struct grant_table *load(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct grant_table *t = grant_table_load(s->db, &err);

	must(t != NULL ? 0 : -1, &err);
	return t;
}

/* In the policy of that id. */
static void expect(const struct grant_table *t, const char *object, int64_t policy,
	int64_t now, uint64_t amount, int64_t until)
{
	struct grant g = grant_of(t, object, policy, now);

	assert_int_equal(g.amount, amount);
	assert_int_equal(g.until, until);
}

static void test_empty(void **state)
{
	struct grant_table *t = load(*state);

	expect(t, BOB, 1, 0, 0, 0);
	assert_int_equal(grant_last(t), 0);
	assert_ptr_equal(grant_table_acquire(t), t);
	grant_table_release(t);
	grant_table_release(t);
	grant_table_release(NULL);
}

/* Those of a policy and of all come together, each as long as it lasts. */
static void test_grants(void **state)
{
	struct site *s = *state;
	struct grant_table *t;

	site_policy(s, "one", NULL);
	site_policy(s, "two", NULL);
	site_grant(s, BOB, "one", 5, NOW + 10);
	site_grant(s, BOB, NULL, 700, NOW + 20);
	site_grant(s, "@example.org", "two", 30, NOW + 15);
	t = load(s);
	expect(t, BOB, 1, NOW, 705, NOW + 10);
	expect(t, BOB, 1, NOW + 9, 705, NOW + 10);
	expect(t, BOB, 1, NOW + 10, 700, NOW + 20);
	expect(t, BOB, 1, NOW + 19, 700, NOW + 20);
	expect(t, BOB, 1, NOW + 20, 0, 0);
	expect(t, BOB, 2, NOW, 700, NOW + 20);
	expect(t, BOB, 3, NOW, 700, NOW + 20);
	expect(t, "@example.org", 1, NOW, 0, 0);
	expect(t, "@example.org", 2, NOW, 30, NOW + 15);
	expect(t, "ob@example.org", 1, NOW, 0, 0);
	expect(t, "", 1, NOW, 0, 0);
	assert_int_equal(grant_last(t), NOW + 20);
	grant_table_release(t);
	/* granted again, it is as it was granted last */
	site_grant(s, BOB, NULL, 3, NOW + 1);
	t = load(s);
	expect(t, BOB, 1, NOW, 8, NOW + 1);
	assert_int_equal(grant_last(t), NOW + 15);
	grant_table_release(t);
	/* with the policy its grants go, the others stay */
	site_sql(s, "DELETE FROM policy WHERE name = 'one'");
	t = load(s);
	expect(t, BOB, 1, NOW, 3, NOW + 1);
	grant_table_release(t);
}

static void test_many(void **state)
{
	struct site *s = *state;
	struct grant_table *t;
	char object[40];

	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 5000) INSERT INTO object_grant SELECT 'u' || i || "
		    "'@example.org', NULL, i, i, NULL, 0, 'root' FROM c");
	t = load(s);
	for (int i = 1; i <= 5000; i++) {
		snprintf(object, sizeof(object), "u%d@example.org", i);
		expect(t, object, 9, 0, (uint64_t)i, i);
	}
	assert_int_equal(grant_last(t), 5000);
	grant_table_release(t);
}

/* Nobody can write what is none, by hand either. */
static void test_refused(void **state)
{
	static const char *const rows[] = { "('x', NULL, 0, 1, NULL, 0, '')",
		"('x', NULL, 2000000001, 1, NULL, 0, '')", "('x', 77, 1, 1, NULL, 0, '')",
		"('y', NULL, 1, 1, NULL, 0, '')" };
	struct site *s = *state;
	char sql[200];

	site_grant(s, "y", NULL, 2000000000, NOW);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO object_grant VALUES %s", rows[i]);
		assert_int_not_equal(
			sqlite3_exec(db_handle(s->db), sql, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM object_grant"), 1);
	/* nor can the database fail unseen */
	site_sql(s, "DROP VIEW v_counters; DROP VIEW live_bucket; DROP VIEW v_grants; "
		    "DROP TABLE object_grant");
	assert_null(grant_table_load(s->db, NULL));
	assert_null(policy_set_load(s->db, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_empty),
		DATABASE_TEST(test_grants),
		DATABASE_TEST(test_many),
		DATABASE_TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
