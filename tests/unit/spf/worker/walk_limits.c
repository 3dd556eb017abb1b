/*
 * Tests of spf/worker/walk: the limits of RFC 7208, 4.6.4, over all records of a check.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/walk.h"

#include "zone.h"

#define CLIENT "192.0.2.7"
#define SENDER "bob@example.org"

static void test_terms(void **state)
{
	struct zone z =
		zone_with("v=spf1 a:a.example a:a.example a:a.example a:a.example "
			  "include:i.example a:a.example ip4:192.0.2.7 -all");
	struct spf_answer a;

	(void)state;
	zone_add(&z, "a.example", LOOKUP_A, "192.0.2.8");
	zone_add(&z, "i.example", LOOKUP_TXT,
		"v=spf1 a:a.example mx:a.example exists:b.example ?all");
	zone_add(&z, "a.example", LOOKUP_MX, "a.example");
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.result, SPF_PASS);
	assert_int_equal(a.terms, 9);
	spf_answer_clear(&a);
	z.rows[2].value = "v=spf1 a:a.example mx:a.example exists:b.example "
			  "include:i.example ?all";
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.result, SPF_PERMERROR);
	assert_string_equal(a.problem, "mx:a.example: more than 10 terms that ask DNS");
	spf_answer_clear(&a);
	zone_clear(&z);
}

static unsigned voids_of(struct zone *z, const char *client, enum spf_result result)
{
	struct spf_answer a = zone_ask(z, client, SENDER, "h");
	unsigned voids = a.voids;

	if (voids > LOOKUP_VOIDS_MAX)
		assert_non_null(strstr(a.problem, ": more than 2 void lookups"));
	if (a.result != result)
		fail_msg("%s (%s)", spf_result_name(a.result), a.problem);
	spf_answer_clear(&a);
	return voids;
}

/* A domain whose hosts have IPv4 only says what IPv6 clients it has: in whatever order
 * its mail exchangers come, and if one of them is not there. */
static void test_voids_of_mx(void **state)
{
	static const char *const hosts[] = { "m1.example.org", "m2.example.org",
		"m3.example.org", "gone.example.org" };
	struct zone z = zone_with("v=spf1 a mx ip6:2001:db8::/32 -all");

	(void)state;
	zone_add(&z, "example.org", LOOKUP_A, "192.0.2.1");
	for (size_t i = 0; i + 1 < LENGTH(hosts); i++)
		zone_add(&z, hosts[i], LOOKUP_A, "192.0.2.2");
	for (size_t i = 0; i < LENGTH(hosts); i++)
		zone_add(&z, "example.org", LOOKUP_MX, "");
	for (unsigned order = 0; order < 4 * 4 * 4 * 4; order++) {
		unsigned seen = 0;

		for (unsigned i = 0; i < 4; i++) {
			unsigned host = order >> 2 * i & 3;

			seen |= 1U << host;
			z.rows[z.n - 1 - i].value = hosts[host];
		}
		if (seen != 15)
			continue;
		assert_int_equal(voids_of(&z, "2001:db8::1", SPF_PASS), 2);
		assert_int_equal(voids_of(&z, "2001:db9::1", SPF_FAIL), 2);
		/* over IPv4 "a" has its record, and of "mx" a host is missing */
		assert_int_equal(voids_of(&z, "198.51.100.1", SPF_FAIL), 1);
	}
	zone_clear(&z);
}

/* The third term with a void lookup is one too many, unless an exchanger that comes
 * before the one that is not there is the client: by preference, not by the order in the
 * answer. */
static void test_order_of_mx(void **state)
{
	static const struct zone_row rows[] = {
		{ "example.org", LOOKUP_TXT, "v=spf1 a a mx -all", 0, 0 },
		{ "m.example", LOOKUP_A, CLIENT, 0, 0 },
		{ "example.org", LOOKUP_MX + ZONE_RAW, "\0\012\4gone\7example", 16, 0 },
		{ "example.org", LOOKUP_MX + ZONE_RAW, "\0\012\1m\7example", 13, 0 },
	};
	static const struct {
		const char *preference; /* of the one that is there */
		enum spf_result result;
	} cases[] = {
		{ "\0\5", SPF_PASS },
		{ "\1\0", SPF_PERMERROR },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char there[13];
		struct zone z = zone_make(rows, LENGTH(rows));
		struct zone_row first = z.rows[2];

		memcpy(there, rows[3].value, sizeof(there));
		memcpy(there, cases[i].preference, 2);
		z.rows[3].value = there;
		voids_of(&z, CLIENT, cases[i].result);
		z.rows[2] = z.rows[3];
		z.rows[3] = first;
		voids_of(&z, CLIENT, cases[i].result);
		zone_clear(&z);
	}
}

/* 4.6.4: two terms may have void lookups, however many each, over all records. */
static void test_voids(void **state)
{
	static const struct {
		const char *record;
		enum spf_result result;
		unsigned voids;
	} cases[] = {
		{ "v=spf1 a:x1.example a:x1.example all", SPF_PASS, 2 },
		{ "v=spf1 a:x1.example a:x1.example ip4:192.0.2.7", SPF_PASS, 2 },
		{ "v=spf1 a:x1.example a:x1.example a:x1.example all", SPF_PERMERROR, 3 },
		{ "v=spf1 mx:many.example all", SPF_PASS, 1 },
		{ "v=spf1 mx:many.example mx:many.example all", SPF_PASS, 2 },
		{ "v=spf1 mx:many.example mx:many.example a:x1.example all",
			SPF_PERMERROR, 3 },
		{ "v=spf1 ptr:example.org ptr:example.org all", SPF_PASS, 2 },
		{ "v=spf1 ptr:example.org ptr:example.org ptr:example.org all",
			SPF_PERMERROR, 3 },
		/* the names of %{p} are asked for once, by the term that has it first */
		{ "v=spf1 a:%{p}.here.example all", SPF_PASS, 1 },
		{ "v=spf1 a:%{p}.here.example a:%{p}.here.example a:x1.example all",
			SPF_PASS, 2 },
		{ "v=spf1 a:%{p}.here.example a:x1.example a:x1.example all",
			SPF_PERMERROR, 3 },
		{ "v=spf1 exists:%{p}.example exists:%{p}.example all", SPF_PASS, 2 },
		{ "v=spf1 a:x1.example a:x1.example redirect=%{p}.name.example",
			SPF_PERMERROR, 3 },
		/* an include counts its own, and those of its record's terms */
		{ "v=spf1 include:two.example all", SPF_PASS, 2 },
		{ "v=spf1 include:two.example a:x1.example all", SPF_PERMERROR, 3 },
		{ "v=spf1 a:x1.example include:two.example all", SPF_PERMERROR, 3 },
		{ "v=spf1 a:x1.example redirect=two.example", SPF_PERMERROR, 3 },
		{ "v=spf1 redirect=two.example", SPF_NEUTRAL, 2 },
		{ "v=spf1 include:%{p}.name.example all", SPF_PASS, 2 },
		{ "v=spf1 include:%{p}.name.example a:x1.example all", SPF_PERMERROR, 3 },
		/* the own record of a domain is no term's */
		{ "v=spf10", SPF_NONE, 0 },
	};
	struct zone z = zone_with("");

	(void)state;
	for (int i = 0; i < 4; i++)
		zone_add(&z, "many.example", LOOKUP_MX, "x.example");
	for (int i = 0; i < 4; i++)
		zone_add(&z, "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "x.example");
	zone_add(&z, "unknown.here.example", LOOKUP_A, "192.0.2.8");
	zone_add(&z, "unknown.name.example", LOOKUP_TXT, "v=spf1 a:x1.example ?all");
	zone_add(&z, "two.example", LOOKUP_TXT,
		"v=spf1 a:x1.example mx:many.example ?all");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		z.rows[0].value = cases[i].record;
		assert_int_equal(voids_of(&z, CLIENT, cases[i].result), cases[i].voids);
	}
	zone_clear(&z);
}

static void test_loops(void **state)
{
	static const char *const records[] = {
		"v=spf1 include:example.org all",
		"v=spf1 redirect=example.org",
		"v=spf1 include:%{d} redirect=%{o}",
		"v=spf1 redirect=r.example",
	};
	struct zone z = zone_with("");

	(void)state;
	zone_add(&z, "r.example", LOOKUP_TXT, "v=spf1 redirect=example.org");
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct spf_answer a;

		z.rows[0].value = records[i];
		a = zone_ask(&z, CLIENT, SENDER, "h");
		assert_int_equal(a.result, SPF_PERMERROR);
		assert_int_equal(z.asked_txt, 11);
		spf_answer_clear(&a);
	}
	zone_clear(&z);
}

/* Every record includes nine, five levels deep: 66,430 questions to who does not count.
 */
static void test_tree(void **state)
{
	char names[6][24], records[6][400];
	struct zone z = zone_make(NULL, 0);
	struct spf_answer a;

	(void)state;
	for (int level = 0; level < 6; level++) {
		snprintf(names[level], sizeof(names[level]), "l%d.example", level);
		snprintf(records[level], sizeof(records[level]), "v=spf1");
		for (int i = 0; i < 9; i++)
			snprintf(records[level] + strlen(records[level]),
				sizeof(records[level]) - strlen(records[level]),
				level < 5 ? " include:l%d.example" : " ip4:192.0.3.%d",
				level + 1);
		zone_add(&z, names[level], LOOKUP_TXT, records[level]);
	}
	a = zone_ask(&z, CLIENT, "bob@l0.example", "h");
	assert_int_equal(a.result, SPF_PERMERROR);
	assert_true(z.asked <= 11);
	spf_answer_clear(&a);
	zone_clear(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_voids_of_mx),
		cmocka_unit_test(test_order_of_mx),
		cmocka_unit_test(test_voids),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
