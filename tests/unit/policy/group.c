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

static int64_t id_of(struct site *s, const char *name)
{
	char sql[200];

	snprintf(sql, sizeof(sql), ID_OF "%s'", name);
	return site_number(s, sql);
}

/* Is the address (or, without an @, the client) in that group? */
static bool in_group(struct site *s, const struct group_index *index, const char *group,
	const char *who)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	int64_t id = id_of(s, group);
	struct cidr client;
	struct addr a;
	bool in;

	assert_true(group_index_has(index, id));
	assert_false(group_list_has(&groups, id));
	if (cidr_parse(who, &client, NULL) == 0) {
		group_match_client(index, &client, &groups);
	} else {
		a = addr_parse(arena, who);
		group_match_address(index, &a, &groups);
	}
	in = group_list_has(&groups, id);
	arena_free(arena);
	return in;
}

static void test_empty(void **state)
{
	struct site *s = *state;
	struct group_index *index = load(s);
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct addr a = addr_parse(arena, "bob@example.org");
	struct cidr client;

	assert_int_equal(group_index_count(index), 0);
	assert_false(group_index_has(index, 1));
	cidr_parse("192.0.2.7", &client, NULL);
	group_match_address(index, &a, &groups);
	group_match_client(index, &client, &groups);
	assert_int_equal(groups.n, 0);
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

static bool login_in_group(struct site *s, const struct group_index *index,
	const char *group, const char *login)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	bool in;

	group_match_login(index, login, strlen(login), &groups);
	in = group_list_has(&groups, id_of(s, group));
	arena_free(arena);
	return in;
}

/* "@.example.org": the domain and all below it, not what merely ends like it. */
static void test_below_a_domain(void **state)
{
	static const struct {
		const char *who;
		bool below, com, deep;
	} froms[] = {
		{ "x@example.org", true, false, false },
		{ "x@Example.ORG", true, false, false },
		{ "x@a.example.org", true, false, false },
		{ "x@a.b.example.org", true, false, true },
		{ "x@c.a.b.example.org", true, false, true },
		{ "x@xexample.org", false, false, false },
		{ "x@org", false, false, false },
		{ "x@example.org.com", false, true, false },
		{ "x@com", false, true, false },
		{ "x@b.com", false, true, false },
		{ "x@[192.0.2.1]", false, false, false },
		/* by what an MTA may take for its domain */
		{ "a b@a.b.example.org", true, false, true },
		{ "a@b@xexample.org", false, false, false },
		{ "<a@b@example.org.>", true, false, false },
	};
	struct site *s = *state;
	struct group_index *index;

	site_group(s, "below", "@.example.org", NULL);
	site_group(s, "com", "@.com", NULL);
	site_group(s, "deep", "@.a.b.example.org", NULL);
	index = load(s);
	for (size_t i = 0; i < LENGTH(froms); i++)
		if (in_group(s, index, "below", froms[i].who) != froms[i].below ||
			in_group(s, index, "com", froms[i].who) != froms[i].com ||
			in_group(s, index, "deep", froms[i].who) != froms[i].deep)
			fail_msg("wrong groups for %s", froms[i].who);
	group_index_release(index);
}

/* As long and as deep as a domain can be. */
static void test_longest_domain(void **state)
{
	struct site *s = *state;
	char who[3 + ADDR_DOMAIN_MAX] = "x@";
	struct group_index *index;

	for (size_t i = 0; i < ADDR_DOMAIN_MAX; i++)
		who[2 + i] = i % 2 == 1 ? '.' : 'a';
	site_group(s, "top", "@.a", "@.b", NULL);
	site_group(s, "all", who + 1, NULL);
	site_group(s, "none", "@.a.b.a", NULL);
	index = load(s);
	assert_true(in_group(s, index, "top", who));
	assert_true(in_group(s, index, "all", who));
	assert_false(in_group(s, index, "none", who));
	group_index_release(index);
}

/* "user@": that local part wherever it is, in its one spelling. */
static void test_local_part(void **state)
{
	struct site *s = *state;
	struct group_index *index;

	site_group(s, "g", "Postmaster@", "\"john doe\"@", "\"a@b\"@", NULL);
	index = load(s);
	assert_true(in_group(s, index, "g", "postmaster@example.org"));
	assert_true(in_group(s, index, "g", "PostMaster@[192.0.2.1]"));
	assert_true(in_group(s, index, "g", "\"postmaster\"@a.b.example.net"));
	assert_true(in_group(s, index, "g", "\"John Doe\"@example.org"));
	assert_true(in_group(s, index, "g", "\"a@b\"@example.org"));
	assert_false(in_group(s, index, "g", "a@b"));
	assert_false(in_group(s, index, "g", "postmaster+x@example.org"));
	assert_false(in_group(s, index, "g", "john doe@example.org"));
	/* alone it is at no domain, and no login's name */
	assert_false(in_group(s, index, "g", "postmaster"));
	assert_false(login_in_group(s, index, "g", "postmaster"));
	group_index_release(index);
}

/* A login is found as a login alone, and nothing else is found by it. */
static void test_login(void **state)
{
	static const char *const others[] = { "", "/", "/10.0.0.0/8", "10.0.0.0/8",
		"10.1.1.1", "eve", "bob@example.org", "bob@", "BOB" };
	struct site *s = *state;
	struct group_index *index;

	site_group(s, "g", "Bob", "corp\\carol", "100234", "10.0.0.0/8", "@example.net",
		"x@example.edu", NULL);
	index = load(s);
	assert_true(login_in_group(s, index, "g", "bob"));
	assert_true(login_in_group(s, index, "g", "corp\\carol"));
	assert_true(login_in_group(s, index, "g", "100234"));
	for (size_t i = 0; i < LENGTH(others); i++)
		if (login_in_group(s, index, "g", others[i]))
			fail_msg("a login: %s", others[i]);
	assert_false(in_group(s, index, "g", "bob"));
	assert_false(in_group(s, index, "g", "bob@example.org"));
	assert_true(in_group(s, index, "g", "10.1.1.1"));
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
	struct group_list groups = { .arena = arena };
	struct cidr none = { .family = 0 };
	struct group_index *index;

	site_group(s, "g", "0.0.0.0/0", "::/0", NULL);
	index = load(s);
	group_match_client(index, &none, &groups);
	assert_int_equal(groups.n, 0);
	arena_free(arena);
	group_index_release(index);
}

/* One member in many groups, one group by many names: each once, ascending; those of a
 * second look are added to the first's. */
static void test_many_groups(void **state)
{
	struct site *s = *state;
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct group_index *index;
	struct addr a, b;
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
	a = addr_parse(arena, "bob@example.org");
	b = addr_parse(arena, "bob@example.com");
	group_match_address(index, &a, &groups);
	assert_int_equal(groups.n, 50);
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(group_list_has(&groups, id_of(s, name)), i % 3 == 0);
	}
	group_match_address(index, &b, &groups);
	assert_int_equal(groups.n, 100);
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(group_list_has(&groups, id_of(s, name)), i % 3 != 2);
	}
	for (size_t i = 1; i < groups.n; i++)
		assert_true(groups.ids[i - 1] < groups.ids[i]);
	arena_free(arena);
	group_index_release(index);
}

/* Ids with gaps, as after deletions. */
static void test_ids(void **state)
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
	assert_false(group_index_has(index, 1));
	assert_false(group_index_has(index, 4));
	assert_false(group_index_has(index, 7));
	assert_false(group_index_has(index, 0));
	assert_true(group_index_has(index, 2));
	assert_true(group_index_has(index, 3));
	assert_true(group_index_has(index, 5));
	assert_true(group_index_has(index, 6));
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
		DATABASE_TEST(test_below_a_domain),
		DATABASE_TEST(test_longest_domain),
		DATABASE_TEST(test_local_part),
		DATABASE_TEST(test_login),
		DATABASE_TEST(test_no_mailbox),
		DATABASE_TEST(test_no_client),
		DATABASE_TEST(test_many_groups),
		DATABASE_TEST(test_ids),
		DATABASE_TEST(test_bad_member_refused),
		DATABASE_TEST(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
