/*
 * Tests of spf/claim: whose trace fields are recognised as ours, whatever readers
 * forgive.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/received.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define US	      "mail.example.org"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

struct claim {
	bool ours;
	const char *value;
};

static void check_claims(enum received_field f, const struct claim *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (received_claims(f, cases[i].value, US) != cases[i].ours)
			fail_msg("%s: %s", received_field_name(f), cases[i].value);
}

static void test_results_claim(void **state)
{
	static const struct claim cases[] = {
		{ true, US "; spf=pass" },
		{ true, "MAIL.Example.ORG; none" },
		{ true, US " 1; none" },
		{ true, " \r\n\t" US "\r\n\t;none" },
		{ true, "(a (b) \\) c)" US "(x);none" },
		{ true, "\"" US "\"; none" },
		{ true, "\"m\\ail.example.org\" 1; none" },
		{ true, "mail.(x)example.org; none" },
		/* malformed, and read as ours by who forgives */
		{ true, US },
		{ true, US ".; none" },
		{ true, US ": spf=pass" },
		{ true, US "/1; none" },
		{ true, "\"" US "; none" },
		{ true, "(" US "; none" },
		{ true, "(\"" US "; none" },
		{ false, "not" US "; spf=pass" },
		{ false, "not " US "; spf=pass" },
		{ false, "mail.example.net; spf=pass" },
		{ false, "a." US "; spf=pass" },
		{ false, US ".example.net; spf=pass" },
		{ false, US "-2; spf=pass" },
		{ false, "other; spf=pass smtp.helo=" US },
		{ false, "(" US ") other; spf=pass" },
		{ false, "; " US },
		{ false, "" },
	};

	(void)state;
	check_claims(RECEIVED_FIELD_RESULTS, cases, LENGTH(cases));
	/* a name with more in it than a domain has; none at all */
	assert_true(received_claims(RECEIVED_FIELD_RESULTS, "\"Our Mail\"", "our mail"));
	assert_true(received_claims(RECEIVED_FIELD_RESULTS, "our mail; x", "our mail"));
	assert_false(received_claims(RECEIVED_FIELD_RESULTS, "; none", ""));
}

/* Read by those who forgive more than that. */
static void test_results_claim_loosely(void **state)
{
	static const struct claim cases[] = {
		/* strange blanks, and those which some take out */
		{ true, "\v" US "; spf=pass" },
		{ true, "\f" US "; spf=pass" },
		{ true, "\x1c" US "\x1c; spf=pass" },
		{ true, "\xa0" US "; spf=pass" },
		{ true, "\xc2\xa0" US "; spf=pass" },
		{ true, "\xc2\x85" US "; spf=pass" },
		{ true, "\xe2\x80\x8b" US "; spf=pass" },
		{ true, "mail . example . org; spf=pass" },
		{ true, "mail . example . org 1; spf=pass" },
		{ true, "mail.exam\r\n ple.org; spf=pass" },
		{ true, "m\\ail.example.org; spf=pass" },
		{ true, ")" US "; spf=pass" },
		/* comments as some see them */
		{ true, "(a\\) " US "; spf=pass" },
		{ true, "(a(b) " US "; spf=pass" },
		{ true, "\"(\" x) " US "; spf=pass" },
		{ true, "(" US "); spf=pass" },
		{ true, "(" US ") 1; spf=pass" },
		/* encoded words, whatever is in them */
		{ true, "=?utf-8?q?" US ";_spf=3Dpass?=" },
		{ true, "=?us-ascii?q?" US "?=; spf=pass" },
		{ true, "=?=?x?B?bWFpbA==?=; spf=pass" },
		{ true, "(=?utf-8?q?)?=) other; spf=pass" },
		{ true, "(;=?utf-8?q?)?=) other; spf=pass" },
		{ false, "other; spf=pass (=?utf-8?q?a?=)" },
		{ false, "=?other; spf=pass" },
		/* a full stop and letters of another width */
		{ true, "mail\xef\xbc\x8e"
			"example\xef\xbc\x8eorg; spf=pass" },
		{ true, "\xef\xbc\xad"
			"AIL.example.org 1; spf=pass" },
		{ true, "\xc2\xa0mail\xe3\x80\x82"
			"example.org; spf=pass" },
		{ false, "m\xc3\xbc" US "; spf=pass" },
		{ false, US "\xc3\xbc.example; spf=pass" },
	};

	(void)state;
	check_claims(RECEIVED_FIELD_RESULTS, cases, LENGTH(cases));
}

/* Read by those who see other comments and strings than RFC 5322. */
static void test_results_claim_oddly(void **state)
{
	static const struct claim cases[] = {
		/* a comment separates like a blank, here */
		{ true, US "(x)1; spf=pass" },
		{ true, US "()1; spf=pass" },
		{ true, US "(by us)1 (v); spf=pass" },
		{ true, "\"" US "\"1; spf=pass" },
		/* what begins with a parenthesis is a comment, however it is quoted */
		{ true, "\"(x\" " US "; spf=pass" },
		{ true, "\"(;x\" " US "; spf=pass" },
		{ true, "\\(x " US "; spf=pass" },
		{ true, "mail \\(mail.example.org; spf=pass" },
		{ true, "mail \"(x\".example.org; spf=pass" },
		{ true, "(x) \\(y " US "; spf=pass" },
		{ true, "(x " US "; spf=pass" },
		/* where the comment ends has more than one answer */
		{ true, "(a(b)m(c)) " US "; spf=pass" },
		{ true, "(a) m) " US "; spf=pass" },
		{ true, "(a;b) " US "; spf=pass" },
		/* a name of others, and ours in a comment of theirs */
		{ false, "other.example (" US "); spf=pass" },
		{ false, "other.example(x)1 (by " US ") ; spf=pass (" US ": a)" },
		{ false, "(checked by " US ") other.example; spf=pass" },
		{ false, "(a) other.example; spf=pass (b) smtp.helo=" US },
		{ false,
			"\"other.example\" (\"" US "\"); spf=pass reason=\"a; " US "\"" },
		{ false, "mail (" US ") 1; spf=pass" },
		{ false, "mail.example (example.org); spf=pass" },
		{ false, "(a) other.example; spf=pass reason=\"(b) " US "\"" },
		{ false, "\"not" US "\"; spf=pass" },
		{ false, "(x)" US ".evil.example; spf=pass" },
	};

	(void)state;
	check_claims(RECEIVED_FIELD_RESULTS, cases, LENGTH(cases));
}

/* Names beyond ASCII, in either form of each label. */
static void test_international_claim(void **state)
{
	static const char name[] = "xn--bcher-kva.xn--strae-oqa.example";
	static const struct {
		bool ours;
		enum received_field field;
		const char *value;
	} cases[] = {
		{ true, RECEIVED_FIELD_RESULTS, u8"bücher.straße.example 1; none" },
		{ true, RECEIVED_FIELD_RESULTS,
			"XN--BCHER-KVA.xn--strae-oqa.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"xn--bcher-kva.straße.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"bücher.xn--strae-oqa.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"BÜCHER.STRA\u1e9eE.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"  Bu\u0308cher.straße.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"\tbücher.straße.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"(x) bücher.straße.example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"bücher .straße. example; x" },
		{ true, RECEIVED_FIELD_RESULTS, u8"b\u00adücher.straße.example; x" },
		{ true, RECEIVED_FIELD_SPF, u8"pass receiver=\"bücher.straße.example\"" },
		{ true, RECEIVED_FIELD_SPF, u8"pass receiver= bücher.straße.example;" },
		{ true, RECEIVED_FIELD_SPF, u8"pass ( bücher.straße.example: x)" },
		{ false, RECEIVED_FIELD_RESULTS, "bcher.strae.example; none" },
		{ false, RECEIVED_FIELD_RESULTS, u8"bücher.straße.example.net; none" },
		{ false, RECEIVED_FIELD_RESULTS, u8"xbücher.straße.example; none" },
		{ false, RECEIVED_FIELD_SPF, u8"pass receiver=bücherei.straße.example" },
	};
	char blanks[1024];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (received_claims(cases[i].field, cases[i].value, name) !=
			cases[i].ours)
			fail_msg("%s", cases[i].value);
	snprintf(blanks, sizeof(blanks), "%*s; none", (int)sizeof(blanks) - 10,
		u8"bücher.straße.example");
	assert_true(received_claims(RECEIVED_FIELD_RESULTS, blanks, name));
	assert_true(received_claims(
		RECEIVED_FIELD_RESULTS, "mail.example; x", "Mail.example."));
	assert_true(received_claims(
		RECEIVED_FIELD_RESULTS, "xn--bcher-kva.example; x", u8"Bücher.example"));
}

static void test_pairs_claim(void **state)
{
	static const struct claim cases[] = {
		{ true, "pass receiver=" US },
		{ true, "pass (x) identity=helo; RECEIVER=" US "; a=b" },
		{ true, "pass (x) receiver (a) = (b) \"" US "\"" },
		{ true, "pass a=\"\\\"\"; receiver=\n\t" US "." },
		{ true, "pass receiver=other; receiver=" US },
		{ true, "(pass receiver=" US },
		{ true, "pass a=\"b; receiver=" US },
		{ true, "pass receiver=\v" US },
		{ true, "pass\xc2\xa0receiver=\xc2\xa0" US },
		{ true, "pass receiver\x1c=\x1c" US },
		{ true, "pass receiver=m\\ail.example.org" },
		{ true, "pass rec\\eiver=" US "; a=b" },
		{ true, "pass receiver=mail . example.org" },
		{ true, "pass receiver=" US "(x)1; a=b" },
		{ true, "pass receiver=\"" US "\"1; a=b" },
		{ true, "pass receiver=\"" US "\\1\"; a=b" },
		{ true, "pass receiver:" US },
		{ true, "pass a=b=receiver:=" US },
		{ true, "pass (a(b) receiver=" US ") c=d" },
		{ true, "pass (a\\) receiver=" US "; b=c)" },
		{ true, "pass receiver=mail\xef\xbc\x8e"
			"example.org; a=b" },
		{ true, "pass =?utf-8?q?receiver=3D" US "?=" },
		{ false, "pass receiver=not" US },
		{ false, "pass receiver=other; helo:" US },
		{ false, "pass (receiver=" US ") receiver=other" },
		{ false, "pass helo=\"; receiver=" US "\"" },
		{ false, "pass receivers=" US },
		{ false, "pass receiver=a." US },
		{ false, "pass receiver; helo=" US },
		{ false, "pass " US },
		{ false, "" },
	};

	(void)state;
	check_claims(RECEIVED_FIELD_SPF, cases, LENGTH(cases));
}

/* As the examples of RFC 7208 9.1 have it, and milters of before. */
static void test_comments_claim(void **state)
{
	static const struct claim cases[] = {
		{ true, "pass (" US ": domain of a@b permits) client-ip=1" },
		{ true, "pass (MAIL.Example.ORG : x) receiver=other" },
		{ true, "pass\r\n\t(\r\n\t" US "\r\n\t: x)" },
		{ true, "pass (x) ((a (b) c) " US ".: x)" },
		{ true, "pass (x (" US ": y))" },
		{ true, "pass (mail\\.example.org: x)" },
		{ true, "pass helo=a(" US ": x)" },
		{ true, "pass (" US ": x" },
		{ true, "pass \"(" US ": x" },
		{ true, "pass (\\(" US ": x)" },
		{ true, "pass (mail . example\v.org: x)" },
		{ true, "pass (mail\xef\xbc\x8e"
			"example.org: x)" },
		{ false, "pass (not" US ": x)" },
		{ false, "pass (a." US ": x)" },
		{ false, "pass (" US ".net: x)" },
		{ false, "pass (" US " permits) a: b" },
		{ false, "pass (" US " permits 2001:db8::7)" },
		{ false, "pass (domain of " US ": x)" },
		{ false, "pass helo=\"(" US ": x)\"" },
		{ false, US ": x (" US ")" },
	};

	(void)state;
	check_claims(RECEIVED_FIELD_SPF, cases, LENGTH(cases));
}

/* What makes trouble in a header, each often. */
static const char *junk(struct arena *arena, uint64_t *seed)
{
	static const char *const pieces[] = { "\"", "\\", "(", ")", ";", "=", ":", " ",
		"\v", "\r\n ", "\xc2\xa0", "\xc3\xb6", "\xff", "receiver", US, "a", ".",
		"=?", "=?utf-8?q?", "?=" };
	const char *text = "";

	for (uint64_t n = next_random(seed) % 40; n > 0; n--)
		text = arena_printf(
			arena, "%s%s", text, pieces[next_random(seed) % LENGTH(pieces)]);
	return text;
}

/* Any octets are read to their end, and no further (the sanitizers look). */
static void test_any_value(void **state)
{
	uint64_t seed = 8601;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct arena *arena = arena_new();
		const char *value = junk(arena, &seed);
		char *exact = mem_strdup(value);

		for (int f = 0; f < RECEIVED_FIELDS; f++)
			received_claims(f, exact, US);
		free(exact);
		arena_free(arena);
	}
}

/* A megabyte of what has no end takes no longer than one of anything else: this test
 * would not come to an end within a day. */
static void test_time(void **state)
{
	static const char *const pieces[] = { "(", "\"", "(\"", "\"(", "()", "\\(", "(\\",
		"(x)", "(a(b)", "(x)m", "=", ";", "a=(", "\"\"", ":", "(:", "(:)",
		"\"(:", "=?", "receiver=", "receiver=(", "receiver:\"", "receiver=\v",
		"\xc2\xa0", "(m(x)", "m(x)", "(x)", "\")", "receiver=\xc3\xbc.a.b;",
		"\xc3\xbc.", "\xef\xb7\xbb", "\xcc\x81\xcc\xa7" };
	size_t size = (size_t)1 << 20;
	char *value = arena_alloc(*state, size);

	for (size_t i = 0; i < LENGTH(pieces); i++) {
		size_t len = strlen(pieces[i]);

		for (size_t at = 0; at < size - 1; at++)
			value[at] = pieces[i][at % len];
		for (int f = 0; f < RECEIVED_FIELDS; f++)
			received_claims(f, value, US);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results_claim),
		cmocka_unit_test(test_results_claim_loosely),
		cmocka_unit_test(test_results_claim_oddly),
		cmocka_unit_test(test_international_claim),
		cmocka_unit_test(test_pairs_claim),
		cmocka_unit_test(test_comments_claim),
		cmocka_unit_test(test_any_value),
		cmocka_unit_test_setup_teardown(test_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
