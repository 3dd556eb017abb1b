/*
 * Tests of spf/worker/match: each mechanism through libspf2, and what is prepared since
 * libspf2 gets it wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/match.h"

#include "zone.h"

static const struct zone_row rows[] = {
	{ "a.example.org", LOOKUP_A, "192.0.2.1", 0, 0 },
	{ "a.example.org", LOOKUP_A, "192.0.2.7", 0, 0 },
	{ "a.example.org", LOOKUP_AAAA, "2001:db8::7", 0, 0 },
	{ "mx.example.org", LOOKUP_MX, "nowhere.example.org", 0, 0 },
	{ "mx.example.org", LOOKUP_MX, "a.example.org", 0, 0 },
	{ "null.example.org", LOOKUP_MX, "", 0, 0 },
	{ "lame.example.org", LOOKUP_MX, "dead.example.org", 0, 0 },
	{ "only4.example.org", LOOKUP_A, "192.0.2.1", 0, 0 },
	{ "dead.example.org", ZONE_FAILED, "", 0, 0 },
	{ "late.example.org", ZONE_TIME_IS_UP, "", 0, 0 },
	{ "50% off.example.org", LOOKUP_A, "192.0.2.7", 0, 0 },
	{ "a.example.org/24", LOOKUP_A, "192.0.2.7", 0, 0 },
	{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "dead.example.org", 0, 0 },
	{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "A.example.org", 0, 0 },
	{ "8.2.0.192.in-addr.arpa", ZONE_FAILED, "", 0, 0 },
	{ "9.2.0.192.in-addr.arpa", LOOKUP_PTR, "late.example.org", 0, 0 },
	{ "lies.example.org", LOOKUP_A + ZONE_RAW, "\xc0\x00\x02", 3, 0 },
	{ "lies.example.org", LOOKUP_A + ZONE_RAW, "\xc0\x00\x02\x07\x07", 5, 0 },
	{ "lies.example.org", LOOKUP_A + ZONE_RAW, "", 0, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "", 0, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "\0", 1, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "\0\0\077a", 4, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "\0\0\300\014", 4, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "\0\0\001a", 4, 0 },
	{ "lies.example.org", LOOKUP_MX + ZONE_RAW, "\0\0\003a.b\0", 7, 0 },
};

struct seen {
	enum match match;
	unsigned asked, voids;
	bool late;
	char told[ERR_TEXT_MAX];
};

static struct seen look_in(
	struct zone *z, const char *client, const char *term, const char *domain)
{
	struct arena *arena = arena_new();
	char *text = arena_printf(arena, "v=spf1 %s", term);
	struct cidr address = zone_client(client);
	struct trace trace = { .on = false };
	struct lookup lookup = { .resolver = &z->base, .trace = &trace, .ttl = 3600 };
	struct matcher *m = match_new(&lookup, &address);
	struct err err = { ERR_BAD, "" };
	struct record r;
	struct seen seen;

	z->asked = 0;
	if (record_parse(arena, text, strlen(text), &r, &err) != 0)
		fail_msg("%s", err.text);
	lookup_begin_term(&lookup);
	seen.match = match_term(m, r.mechanisms, domain, &err);
	seen.asked = z->asked;
	seen.voids = lookup.voids;
	seen.late = lookup.late;
	snprintf(seen.told, sizeof(seen.told), "%s", err.text);
	match_free(m);
	arena_free(arena);
	zone_clear(z);
	return seen;
}

static struct seen look(const char *client, const char *term, const char *domain)
{
	struct zone z = zone_make(rows, LENGTH(rows));

	return look_in(&z, client, term, domain);
}

static const struct {
	const char *client, *term, *domain;
	enum match match;
} matches[] = {
	{ "192.0.2.7", "-all", "", MATCH_YES },
	{ "192.0.2.7", "ip4:192.0.2.7", "", MATCH_YES },
	{ "192.0.2.8", "ip4:192.0.2.7", "", MATCH_NO },
	{ "192.0.2.8", "ip4:192.0.2.7/24", "", MATCH_YES },
	{ "192.0.2.7", "ip4:192.0.2.7/32", "", MATCH_YES },
	{ "192.0.2.8", "ip4:192.0.2.7/32", "", MATCH_NO },
	{ "192.0.2.8", "ip4:10.0.0.0/0", "", MATCH_YES },
	{ "2001:db8::1", "ip4:10.0.0.0/0", "", MATCH_NO },
	{ "2001:db8::7", "ip6:2001:db8::7", "", MATCH_YES },
	{ "2001:db8::8", "ip6:2001:db8::7/128", "", MATCH_NO },
	{ "2001:db8::8", "ip6:2001:db8::7/124", "", MATCH_YES },
	{ "2001:db8::8", "ip6:::/0", "", MATCH_YES },
	{ "192.0.2.7", "ip6:::/0", "", MATCH_NO },
	{ "192.0.2.7", "ip6:::ffff:192.0.2.7", "", MATCH_NO },
	{ "::ffff:192.0.2.7", "ip4:192.0.2.7", "", MATCH_YES },
	{ "192.0.2.7", "a", "a.example.org", MATCH_YES },
	{ "192.0.2.2", "a", "a.example.org", MATCH_NO },
	{ "192.0.2.2", "a/24", "a.example.org", MATCH_YES },
	{ "198.51.100.1", "a/0", "a.example.org", MATCH_YES },
	{ "198.51.100.1", "a//0", "a.example.org", MATCH_NO },
	{ "2001:db8::7", "a/0", "a.example.org", MATCH_YES },
	{ "2001:db8:1::", "a/0", "a.example.org", MATCH_NO },
	{ "2001:db8:1::", "a//32", "a.example.org", MATCH_YES },
	{ "2001:db8:1::", "a//0", "a.example.org", MATCH_YES },
	{ "2001:db8:1::", "a//0", "only4.example.org", MATCH_NO },
	{ "192.0.2.7", "a", "nowhere.example.org", MATCH_NO },
	{ "192.0.2.7", "a", "dead.example.org", MATCH_TEMPERROR },
	{ "192.0.2.7", "a", "50% off.example.org", MATCH_YES },
	{ "192.0.2.7", "a", "a.example.org/24", MATCH_YES },
	{ "192.0.2.8", "a", "a.example.org/24", MATCH_NO },
	{ "192.0.2.7", "a", "lies.example.org", MATCH_NO },
	{ "192.0.2.7", "mx", "mx.example.org", MATCH_YES },
	{ "192.0.2.2", "mx/24", "mx.example.org", MATCH_YES },
	{ "198.51.100.1", "mx/0", "mx.example.org", MATCH_YES },
	{ "192.0.2.2", "mx", "mx.example.org", MATCH_NO },
	{ "192.0.2.2", "mx", "null.example.org", MATCH_NO },
	{ "192.0.2.2", "mx", "lies.example.org", MATCH_NO },
	{ "192.0.2.2", "mx", "lame.example.org", MATCH_TEMPERROR },
	{ "192.0.2.7", "ptr", "example.org", MATCH_YES },
	{ "192.0.2.7", "ptr", "a.EXAMPLE.org", MATCH_YES },
	{ "192.0.2.7", "ptr", "ample.org", MATCH_NO },
	{ "192.0.2.8", "ptr", "example.org", MATCH_NO },
	{ "192.0.2.7", "exists:x.y", "only4.example.org", MATCH_YES },
	{ "2001:db8::", "exists:x.y", "only4.example.org", MATCH_YES },
	{ "192.0.2.7", "exists:x.y", "nowhere.example.org", MATCH_NO },
	{ "192.0.2.7", "exists:x.y", "dead.example.org", MATCH_TEMPERROR },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(matches); i++) {
		struct seen s =
			look(matches[i].client, matches[i].term, matches[i].domain);

		if (s.match != matches[i].match)
			fail_msg("%s of %s for %s: %d (%s)", matches[i].term,
				matches[i].domain, matches[i].client, (int)s.match,
				s.told);
	}
}

/* A name that DNS cannot hold is not asked for, and counts as nothing. */
static void test_names(void **state)
{
	static char longest[300];
	const char *const names[] = { "", "a..example.org", ".example.org", longest,
		"a123456789012345678901234567890123456789012345678901234567890123.org" };
	static const char *const terms[] = { "a", "mx", "ptr", "exists:x.y" };

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(longest); i++)
		longest[i] = i % 2 ? '.' : 'a';
	for (size_t i = 0; i < LENGTH(names) * LENGTH(terms); i++) {
		struct seen s = look(
			"192.0.2.7", terms[i % LENGTH(terms)], names[i / LENGTH(terms)]);

		assert_int_equal(s.match, MATCH_NO);
		assert_int_equal(s.asked, 0);
		assert_int_equal(s.voids, 0);
	}
}

static void test_late(void **state)
{
	(void)state;
	assert_true(look("192.0.2.7", "a", "late.example.org").late);
	assert_true(look("192.0.2.9", "ptr", "example.org").late);
	assert_false(look("192.0.2.7", "ptr", "example.org").late);
}

static void test_voids(void **state)
{
	(void)state;
	assert_int_equal(look("192.0.2.7", "a", "nowhere.example.org").voids, 1);
	assert_int_equal(look("2001:db8::1", "a", "only4.example.org").voids, 1);
	assert_int_equal(look("192.0.2.2", "mx", "mx.example.org").voids, 1);
	assert_int_equal(look("198.51.100.1", "ptr", "example.org").voids, 1);
	assert_int_equal(look("192.0.2.2", "a", "dead.example.org").voids, 0);
}

/* 4.6.4: the eleventh MX record is an error, the eleventh PTR record is not there. */
static void test_many(void **state)
{
	struct zone z = zone_make(NULL, 0);
	struct seen s;

	(void)state;
	for (int i = 0; i < 10; i++)
		zone_add(&z, "mx.example.org", LOOKUP_MX, "a.example.org");
	for (int i = 0; i < 10; i++)
		zone_add(&z, "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "b.example.org");
	zone_add(&z, "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "a.example.org");
	zone_add(&z, "a.example.org", LOOKUP_A, "192.0.2.7");
	zone_add(&z, "b.example.org", LOOKUP_A, "192.0.2.8");
	s = look_in(&z, "192.0.2.8", "mx", "mx.example.org");
	assert_int_equal(s.match, MATCH_NO);
	assert_int_equal(s.asked, 11);
	assert_int_equal(z.asked_of_client, 0);
	s = look_in(&z, "192.0.2.7", "ptr", "example.org");
	assert_int_equal(s.match, MATCH_NO);
	assert_int_equal(s.asked, 11);
	assert_int_equal(z.asked_of_client, 11);
	zone_add(&z, "mx.example.org", LOOKUP_MX, "a.example.org");
	s = look_in(&z, "192.0.2.7", "mx", "mx.example.org");
	assert_int_equal(s.match, MATCH_PERMERROR);
	assert_string_equal(s.told, "mx: more than 10 MX records");
	assert_int_equal(s.asked, 1);
}

/* The longest names that DNS can hold, each octet one that is escaped. */
static void test_longest(void **state)
{
	char name[LOOKUP_NAME_SIZE];
	struct zone z = zone_make(NULL, 0);

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		name[i] = "% "[i % 2];
	for (size_t i = 63; i < sizeof(name) - 1; i += 64)
		name[i] = '.';
	name[sizeof(name) - 1] = '\0';
	assert_true(spf_is_name(name));
	zone_add(&z, name, LOOKUP_A, "192.0.2.7");
	zone_add(&z, name, LOOKUP_MX, name);
	assert_int_equal(look_in(&z, "192.0.2.7", "a/32//128", name).match, MATCH_YES);
	assert_int_equal(look_in(&z, "192.0.2.7", "exists:x.y", name).match, MATCH_YES);
	/* blanks make no host name */
	assert_int_equal(look_in(&z, "192.0.2.7", "mx", name).match, MATCH_NO);
	assert_int_equal(look_in(&z, "192.0.2.7", "ptr", name).match, MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_voids),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
