/*
 * Groups: which ones an address or a client belongs to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#define ID_OF "SELECT id FROM member_group WHERE name = '"

static struct group_index *load(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct group_index *index = group_index_load(s->db, &err);

	must(index != NULL ? 0 : -1, &err);
	return index;
}

static int bit_of(struct site *s, const struct group_index *index, const char *name)
{
	char sql[200];

	snprintf(sql, sizeof(sql), ID_OF "%s'", name);
	return group_index_bit(index, site_number(s, sql));
}

/* Is the address (or, without an @, the client) in that group? */
static bool in_group(struct site *s, const struct group_index *index, const char *group,
	const char *who)
{
	struct arena *arena = arena_new();
	uint64_t *bits = group_bits_new(index, arena);
	int bit = bit_of(s, index, group);
	struct cidr client;
	struct addr a;
	bool in;

	assert_true(bit >= 0);
	assert_false(group_bit_test(bits, bit));
	if (cidr_parse(who, &client, NULL) == 0) {
		group_match_client(index, &client, bits);
	} else {
		a = addr_parse(arena, who);
		group_match_address(index, &a, bits);
	}
	in = group_bit_test(bits, bit);
	arena_free(arena);
	return in;
}

static void test_empty(void **state)
{
	struct site *s = *state;
	struct group_index *index = load(s);
	struct arena *arena = arena_new();
	struct addr a = addr_parse(arena, "bob@example.org");
	struct cidr client;

	assert_int_equal(group_index_count(index), 0);
	assert_int_equal(group_index_bit(index, 1), -1);
	cidr_parse("192.0.2.7", &client, NULL);
	group_match_address(index, &a, group_bits_new(index, arena));
	group_match_client(index, &client, group_bits_new(index, arena));
	arena_free(arena);
	group_index_release(index);
	group_index_release(NULL);
}

static const struct {
	const char *who;
	bool people, domains, nets, six;
} cases[] = {
	{ "bob@example.org", true, false, false, false },
	{ "BOB@Example.ORG", true, false, false, false },
	{ "<bob@example.org>", true, false, false, false },
	{ "bobby@example.org", false, false, false, false },
	{ "bob@sub.example.org", false, false, false, false },
	{ "\"john doe\"@example.org", true, false, false, false },
	{ "a+b-c@example.org", true, false, false, false },
	{ "anybody@example.net", false, true, false, false },
	{ "x@[192.0.2.9]", false, true, false, false },
	{ "x@sub.example.net", false, false, false, false },
	{ "x@xexample.net", false, false, false, false },
	{ "example.net", false, false, false, false },
	{ "192.0.2.7", false, false, true, false },
	{ "192.0.3.7", false, false, false, false },
	{ "198.51.100.1", false, false, true, false },
	{ "198.51.100.2", false, false, false, false },
	{ "::ffff:192.0.2.7", false, false, true, false },
	{ "2001:db8:1:2:3::4", false, false, false, true },
	{ "2001:db9::1", false, false, false, false },
	{ "::1", false, false, false, true },
	{ "0.0.0.1", false, false, false, false },
};

static void test_membership(void **state)
{
	struct site *s = *state;
	struct group_index *index;

	site_group(s, "people", "Bob@Example.org", "\"john doe\"@example.org",
		"a+b-c@example.org", NULL);
	site_group(s, "domains", "@example.net", "@[192.0.2.9]", NULL);
	site_group(s, "nets", "192.0.2.0/24", "198.51.100.1", NULL);
	site_group(s, "six", "2001:db8::/32", "::1", NULL);
	index = load(s);
	assert_int_equal(group_index_count(index), 4);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *who = cases[i].who;

		if (in_group(s, index, "people", who) != cases[i].people ||
			in_group(s, index, "domains", who) != cases[i].domains ||
			in_group(s, index, "nets", who) != cases[i].nets ||
			in_group(s, index, "six", who) != cases[i].six)
			fail_msg("wrong groups for %s", who);
	}
	group_index_release(index);
}

/* What is no mailbox is in no group, whatever its text looks like. */
static void test_no_mailbox(void **state)
{
	static const char *const none[] = { "<>", "", "a b@example.net", "bob" };
	struct site *s = *state;
	struct group_index *index;

	site_group(s, "g", "@example.org", "0.0.0.0/0", "::/0", NULL);
	index = load(s);
	for (size_t i = 0; i < LENGTH(none); i++)
		assert_false(in_group(s, index, "g", none[i]));
	assert_true(in_group(s, index, "g", "bob@example.org"));
	/* a misspelled local part gets nobody past the rule for a domain */
	assert_true(in_group(s, index, "g", "a b@example.org"));
	group_index_release(index);
}

/* No client address (a local submission) is in no network. */
static void test_no_client(void **state)
{
	struct site *s = *state;
	struct arena *arena = arena_new();
	struct cidr none = { .family = 0 };
	struct group_index *index;
	uint64_t *bits;

	site_group(s, "g", "0.0.0.0/0", "::/0", NULL);
	index = load(s);
	bits = group_bits_new(index, arena);
	group_match_client(index, &none, bits);
	assert_int_equal(*bits, 0);
	arena_free(arena);
	group_index_release(index);
}

/* More groups than bits in a word; one member in many of them; the bits of a
 * second look are added to the first's. */
static void test_many_groups(void **state)
{
	struct site *s = *state;
	struct arena *arena = arena_new();
	struct group_index *index;
	struct addr a, b;
	uint64_t *bits;
	char name[20];

	site_sql(s, "BEGIN");
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		if (i % 3 == 0)
			site_group(s, name, "bob@example.org", "@example.org",
				"192.0.2.0/24", NULL);
		else if (i % 3 == 1)
			site_group(s, name, "@example.com", NULL);
		else
			site_group(s, name, NULL);
	}
	site_sql(s, "COMMIT");
	index = load(s);
	bits = group_bits_new(index, arena);
	a = addr_parse(arena, "bob@example.org");
	b = addr_parse(arena, "bob@example.com");
	group_match_address(index, &a, bits);
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(
			group_bit_test(bits, bit_of(s, index, name)), i % 3 == 0);
	}
	group_match_address(index, &b, bits);
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(
			group_bit_test(bits, bit_of(s, index, name)), i % 3 != 2);
	}
	arena_free(arena);
	group_index_release(index);
}

/* Ids with gaps, as after deletions. */
static void test_bits_of_ids(void **state)
{
	struct site *s = *state;
	struct group_index *index;

	for (int i = 0; i < 7; i++) {
		char name[20];

		snprintf(name, sizeof(name), "g%d", i);
		site_group(s, name, NULL);
	}
	site_sql(s, "DELETE FROM member_group WHERE id IN (1, 4, 7)");
	index = load(s);
	assert_int_equal(group_index_count(index), 4);
	assert_int_equal(group_index_bit(index, 1), -1);
	assert_int_equal(group_index_bit(index, 4), -1);
	assert_int_equal(group_index_bit(index, 7), -1);
	assert_int_equal(group_index_bit(index, 0), -1);
	assert_int_equal(group_index_bit(index, 2), 0);
	assert_int_equal(group_index_bit(index, 3), 1);
	assert_int_equal(group_index_bit(index, 5), 2);
	assert_int_equal(group_index_bit(index, 6), 3);
	group_index_release(index);
}

/* A file that somebody else has written in is not taken as it comes. */
static void test_bad_member_refused(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };

	site_group(s, "g", "@example.org", NULL);
	site_sql(s, "INSERT INTO member VALUES (1, 'not a member')");
	assert_null(group_index_load(s->db, &err));
	assert_non_null(strstr(err.text, "not a member"));
}

/* The last reference frees it (LeakSanitizer looks), no earlier one does. */
static void test_references(void **state)
{
	struct site *s = *state;
	struct group_index *index, *same;

	site_group(s, "g", "@example.org", NULL);
	index = load(s);
	same = group_index_acquire(index);
	assert_ptr_equal(same, index);
	group_index_release(index);
	assert_true(in_group(s, same, "g", "bob@example.org"));
	group_index_release(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_empty),
		DATABASE_TEST(test_membership),
		DATABASE_TEST(test_no_mailbox),
		DATABASE_TEST(test_no_client),
		DATABASE_TEST(test_many_groups),
		DATABASE_TEST(test_bits_of_ids),
		DATABASE_TEST(test_bad_member_refused),
		DATABASE_TEST(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
