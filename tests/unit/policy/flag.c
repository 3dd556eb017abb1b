/*
 * The table of flags: what the database says of objects (behaviour.md, "Objects and
 * grants").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/flag.h"
#include "../fixture.h"

#define BOB "bob@example.org"

static struct flag_table *load(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct flag_table *t = flag_table_load(s->db, &err);

	must(t != NULL ? 0 : -1, &err);
	return t;
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(flag_name(FLAG_BLOCK), "block");
	assert_string_equal(flag_name(FLAG_BYPASS), "bypass");
	for (int f = 0; f < FLAGS; f++)
		assert_int_equal(flag_parse(flag_name((enum flag)f)), f);
	assert_int_equal(flag_parse("blocked"), -1);
	assert_int_equal(flag_parse("Block"), -1);
	assert_int_equal(flag_parse(""), -1);
}

static void test_empty(void **state)
{
	struct flag_table *t = load(*state);

	assert_int_equal(flag_until(t, BOB, FLAG_BLOCK), 0);
	assert_int_equal(flag_last(t, FLAG_BLOCK), 0);
	assert_int_equal(flag_last(t, FLAG_BYPASS), 0);
	flag_table_release(t);
	flag_table_release(NULL);
}

/* Each object has its own, one of each kind; both at once is fine. */
static void test_until(void **state)
{
	struct site *s = *state;
	struct flag_table *t;

	site_flag(s, BOB, FLAG_BLOCK, NOW);
	site_flag(s, BOB, FLAG_BYPASS, NOW + 2);
	site_flag(s, "@example.org", FLAG_BLOCK, NOW + 1);
	site_flag(s, "2001:db8::/64", FLAG_BYPASS, 0);
	t = load(s);
	assert_int_equal(flag_until(t, BOB, FLAG_BLOCK), NOW);
	assert_int_equal(flag_until(t, BOB, FLAG_BYPASS), NOW + 2);
	assert_int_equal(flag_until(t, "@example.org", FLAG_BLOCK), NOW + 1);
	assert_int_equal(flag_until(t, "@example.org", FLAG_BYPASS), 0);
	assert_int_equal(flag_until(t, "2001:db8::/64", FLAG_BYPASS), INT64_MAX);
	assert_int_equal(flag_until(t, "2001:db8::/64", FLAG_BLOCK), 0);
	assert_int_equal(flag_until(t, "ob@example.org", FLAG_BLOCK), 0);
	assert_int_equal(flag_until(t, "", FLAG_BLOCK), 0);
	assert_int_equal(flag_last(t, FLAG_BLOCK), NOW + 1);
	assert_int_equal(flag_last(t, FLAG_BYPASS), INT64_MAX);
	flag_table_release(t);
	/* said again, it is as it was said last */
	site_flag(s, BOB, FLAG_BLOCK, NOW - 5);
	t = load(s);
	assert_int_equal(flag_until(t, BOB, FLAG_BLOCK), NOW - 5);
	flag_table_release(t);
}

/* As many as somebody may list. */
static void test_many(void **state)
{
	struct site *s = *state;
	struct flag_table *t;
	char object[40];

	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 5000) INSERT INTO object_flag SELECT 'u' || i || "
		    "'@example.org', 'block', i, NULL, 0, 'root' FROM c");
	t = load(s);
	for (int i = 1; i <= 5000; i++) {
		snprintf(object, sizeof(object), "u%d@example.org", i);
		assert_int_equal(flag_until(t, object, FLAG_BLOCK), i);
	}
	assert_int_equal(flag_last(t, FLAG_BLOCK), 5000);
	flag_table_release(t);
}

/* A flag that nobody knows makes no set: never one that lets more through. */
static void test_unknown(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_FAILED, "" };

	site_flag(s, BOB, FLAG_BLOCK, 0);
	site_sql(s, "INSERT INTO object_flag VALUES ('x', 'forgive', NULL, NULL, 0, '')");
	assert_null(flag_table_load(s->db, &err));
	assert_non_null(strstr(err.text, "forgive"));
	assert_null(policy_set_load(s->db, NULL, &err));
	site_sql(s, "DELETE FROM object_flag WHERE flag = 'forgive'");
	flag_table_release(load(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		DATABASE_TEST(test_empty),
		DATABASE_TEST(test_until),
		DATABASE_TEST(test_many),
		DATABASE_TEST(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
