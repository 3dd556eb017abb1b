/*
 * Tests of base/addr: what parses and to which canonical spelling, what does
 * not, the lengths of RFC 5321, and that a canonical text reads back as itself,
 * for any input at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/addr.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

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

/* domain: where the canonical text's domain must begin; NULL: none. */
static void expect(struct arena *arena, const char *path, enum addr_kind kind,
	const char *text, const char *domain)
{
	struct addr a = addr_parse(arena, path);

	if (a.kind != kind || strcmp(a.text, text) != 0)
		fail_msg("\"%s\": kind %d, \"%s\"", path, (int)a.kind, a.text);
	if (kind == ADDR_INVALID) /* what it may have is test_domain_of_invalid()'s */
		return;
	if ((a.domain == NULL) != (domain == NULL))
		fail_msg("\"%s\": domain %s", path, a.domain ? a.domain : "NULL");
	if (domain != NULL) {
		assert_string_equal(a.domain, domain);
		assert_ptr_equal(a.domain, a.text + strlen(a.text) - strlen(domain));
	}
}

static void test_mailboxes(void **state)
{
	static const struct {
		const char *path, *text, *domain;
	} table[] = {
		{ "bob@example.org", "bob@example.org", "example.org" },
		{ "<bob@example.org>", "bob@example.org", "example.org" },
		{ "<Bob@EXAMPLE.Org>", "bob@example.org", "example.org" },
		{ "a.b+c-d_e@x-y.example", "a.b+c-d_e@x-y.example", "x-y.example" },
		{ "!#$%&'*+-/=?^_`{|}~@a.b", "!#$%&'*+-/=?^_`{|}~@a.b", "a.b" },
		{ "bob@localhost", "bob@localhost", "localhost" },
		{ "<bob@Example.org.>", "bob@example.org", "example.org" },
		{ "bob@under_score.example", "bob@under_score.example",
			"under_score.example" },
		{ "bob@1.2.example", "bob@1.2.example", "1.2.example" },
		{ "bob@[192.0.2.7]", "bob@[192.0.2.7]", "[192.0.2.7]" },
		{ "bob@[IPv6:2001:DB8::7]", "bob@[ipv6:2001:db8::7]",
			"[ipv6:2001:db8::7]" },
		{ "J\xc3\xbcrgen@m\xc3\xbcnchen.example",
			"j\xc3\xbcrgen@m\xc3\xbcnchen.example",
			"m\xc3\xbcnchen.example" },
		{ "\"bob\"@example.org", "bob@example.org", "example.org" },
		{ "\"b\\o\\b\"@example.org", "bob@example.org", "example.org" },
		{ "\"a.b\"@c", "a.b@c", "c" },
		{ "\"Bob Smith\"@c", "\"bob smith\"@c", "c" },
		{ "\"a\\ b\"@c", "\"a b\"@c", "c" },
		{ "\"a..b\"@c", "\"a..b\"@c", "c" },
		{ "\".a\"@c", "\".a\"@c", "c" },
		{ "\"a@b\"@c", "\"a@b\"@c", "c" },
		{ "<\"a>b\"@c>", "\"a>b\"@c", "c" },
		{ "\"a\\\"b\\\\c\"@d", "\"a\\\"b\\\\c\"@d", "d" },
		{ "\"\"@c", "\"\"@c", "c" },
		{ "\"@x:y\"@c", "\"@x:y\"@c", "c" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect(*state, table[i].path, ADDR_MAILBOX, table[i].text,
			table[i].domain);
}

static void test_source_routes_are_dropped(void **state)
{
	expect(*state, "<@a.example:bob@c.example>", ADDR_MAILBOX, "bob@c.example",
		"c.example");
	expect(*state, "<@a,@b,@c.d:Bob@e>", ADDR_MAILBOX, "bob@e", "e");
	expect(*state, "@a:\"x y\"@e", ADDR_MAILBOX, "\"x y\"@e", "e");
	expect(*state, "@a:postmaster", ADDR_LOCAL, "postmaster", NULL);
}

static void test_null_and_local(void **state)
{
	expect(*state, "<>", ADDR_NULL, "<>", NULL);
	expect(*state, "", ADDR_NULL, "<>", NULL);
	expect(*state, "Postmaster", ADDR_LOCAL, "postmaster", NULL);
	expect(*state, "<bob>", ADDR_LOCAL, "bob", NULL);
	expect(*state, "\"Bob Smith\"", ADDR_LOCAL, "\"bob smith\"", NULL);
	expect(*state, "<\"bob\">", ADDR_LOCAL, "bob", NULL);
}

static void test_invalid(void **state)
{
	static const char *const table[] = { "@", "bob@", "@example.org", "<", ">",
		"<<>>", " ", " bob@c", "bob@c ", "bob @c", "bob@ c", "bob@.", "bob@c..",
		"bob@.c", "bob@c..d", "bob@-c", "bob@c-", "bob@c-.d", "bob@c.-d",
		"bob@c@d", "a@b@c", ".bob@c", "bob.@c", "b..b@c", "b(x)b@c", "b,b@c",
		"b;b@c", "b:b@c", "b\\b@c", "<b@c", "b@c>", "bob@c>x", "a<b@c", "b[@c",
		"\"bob@c", "\"bob\"x@c", "x\"bob\"@c", "\"bob\\\"@c", "\"bob\\", "\"",
		"\"\"\"@c", "bob@\"c\"", "bob@c!d", "b\rb@c", "b\nb@c", "b@c\n", "b\tb@c",
		"\"b\rb\"@c", "\"b\\\nb\"@c", "\"b\tb\"@c", "\"b\x7f\"@c",
		"\"b\\\x01\"@c", "b\x7f@c", "b@c\x7f", "b\x1b@c", "\xff@c", "b@\xff",
		"b\xc3@c", "\xc0\xaf@c", "\xed\xa0\x80@c", "\"\xff\"@c", "bob@[]",
		"bob@[192.0.2]", "bob@[300.0.2.1]", "bob@[192.0.2.7", "bob@192.0.2.7]",
		"bob@[192.0.2.0/24]", "bob@[::1]", "bob@[IPv6:192.0.2.7]", "bob@[IPv6:]",
		"bob@[IPv6:1:2]", "bob@[IPv6:2001:db8::/32]", "bob@[192.0.2.7]x",
		"@a,b@c", "@a,@b", "@a;b@c", "@a:", "@:b@c", "@a,:b@c", "@a:@b:c@d",
		"@a b:c@d", "@[192.0.2.7:b@c", "MAIL FROM:<a@b>", "<a@b> SIZE=1" };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect(*state, table[i], ADDR_INVALID, "<invalid>", NULL);
}

/* What an MTA may still take for the domain gets nobody past a rule for it. */
static void test_domain_of_invalid(void **state)
{
	static const struct {
		const char *path, *domain;
	} table[] = {
		{ "<a..b@Example.org>", "example.org" },
		{ "a b@example.org", "example.org" },
		{ "bob.@example.org", "example.org" },
		{ "bob@example.org (c)", "example.org" },
		{ "bob@example.org ", "example.org" },
		{ "bob@example.org..", "example.org" },
		{ "a@b@example.org", "example.org" },
		{ "bob@example.org> x", "example.org" },
		{ "a..b@[192.0.2.7]", "[192.0.2.7]" },
		{ "@", NULL },
		{ "bob@", NULL },
		{ "bob@-c", NULL },
		{ "bob@c..d", NULL },
		{ "a..b", NULL },
		{ "\xff@\xff", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct addr a = addr_parse(*state, table[i].path);

		assert_int_equal(a.kind, ADDR_INVALID);
		if (table[i].domain == NULL)
			assert_null(a.domain);
		else if (a.domain == NULL || strcmp(a.domain, table[i].domain) != 0)
			fail_msg("\"%s\": %s", table[i].path, a.domain);
		else
			assert_int_equal(a.domain[-1], '@');
	}
}

/* n times c, in the arena. */
static char *run_of(struct arena *arena, char c, size_t n)
{
	char *s = arena_alloc(arena, n + 1);

	memset(s, c, n);
	return s;
}

static void test_local_part_length(void **state)
{
	struct arena *arena = *state;
	const char *fits = run_of(arena, 'x', ADDR_LOCAL_MAX);
	const char *over = run_of(arena, 'x', ADDR_LOCAL_MAX + 1);
	char *path = arena_printf(arena, "%s@c", fits), *quotes = run_of(arena, '"', 129);

	expect(arena, path, ADDR_MAILBOX, path, "c");
	expect(arena, fits, ADDR_LOCAL, fits, NULL);
	expect(arena, arena_printf(arena, "%s@c", over), ADDR_INVALID, "<invalid>", NULL);
	expect(arena, over, ADDR_INVALID, "<invalid>", NULL);
	expect(arena, arena_printf(arena, "\"%s\"@c", fits), ADDR_MAILBOX, path, "c");
	expect(arena, arena_printf(arena, "\"%s\"@c", over), ADDR_INVALID, "<invalid>",
		NULL);
	/* the longest that a canonical text gets: each octet behind a backslash */
	for (size_t i = 1; i < 129; i += 2)
		quotes[i] = '\\';
	path = arena_printf(arena, "%s\"@c", quotes);
	expect(arena, path, ADDR_MAILBOX, path, "c");
}

static void test_domain_length(void **state)
{
	struct arena *arena = *state;
	const char *label = run_of(arena, 'd', 63), *over = run_of(arena, 'd', 64);
	char *domain;

	assert_int_equal(addr_domain_check(label), 0);
	assert_int_equal(addr_domain_check(over), -1);
	domain = arena_printf(arena, "%s.%s.%s.%s", label, label, label, label);
	assert_int_equal(strlen(domain), ADDR_DOMAIN_MAX);
	assert_int_equal(addr_domain_check(domain), 0);
	expect(arena, arena_printf(arena, "b@%s", domain), ADDR_MAILBOX,
		arena_printf(arena, "b@%s", domain), domain);
	domain = arena_printf(arena, "a.%s.%s.%s.%s", label + 1, label, label, label);
	assert_int_equal(strlen(domain), ADDR_DOMAIN_MAX + 1);
	assert_int_equal(addr_domain_check(domain), -1);
	expect(arena, arena_printf(arena, "b@%s", domain), ADDR_INVALID, "<invalid>",
		NULL);
}

static void test_domain_check(void **state)
{
	static const char *const good[] = { "example.org", "a", "a.b.c.d", "x--y.example",
		"EXAMPLE", "_dmarc.example", "[192.0.2.7]", "[IPv6:::1]",
		"m\xc3\xbcn.example", "xn--mnchen-3ya.example" };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a", "a-", "a b",
		"a@b", "[::1]", "[]", "[192.0.2.0/24]", "a\n", "\xff", "a/b", "a:b",
		"*.a", "\"a\"", "a\xc3", "a\xc2\x85" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (addr_domain_check(good[i]) != 0)
			fail_msg("refused: \"%s\"", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (addr_domain_check(bad[i]) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
}

static void test_complete(void **state)
{
	struct arena *arena = *state;
	struct addr a = addr_complete(arena, addr_parse(arena, "Bob"), "MX.Example");

	assert_int_equal(a.kind, ADDR_MAILBOX);
	assert_string_equal(a.text, "bob@mx.example");
	assert_string_equal(a.domain, "mx.example");
	a = addr_complete(arena, addr_parse(arena, "\"b b\""), "c");
	assert_string_equal(a.text, "\"b b\"@c");
	assert_ptr_equal(a.domain, a.text + 6);
	a = addr_complete(arena, addr_parse(arena, "bob@a"), "c");
	assert_string_equal(a.text, "bob@a");
	assert_string_equal(a.domain, "a");
	a = addr_complete(arena, addr_parse(arena, "<>"), "c");
	assert_int_equal(a.kind, ADDR_NULL);
	assert_string_equal(a.text, "<>");
	a = addr_complete(arena, addr_parse(arena, "a..b"), "c");
	assert_int_equal(a.kind, ADDR_INVALID);
	a = addr_complete(arena, addr_parse(arena, "bob"), NULL);
	assert_int_equal(a.kind, ADDR_LOCAL);
	a = addr_complete(arena, addr_parse(arena, "bob"), "");
	assert_int_equal(a.kind, ADDR_LOCAL);
	assert_string_equal(a.text, "bob");
	assert_null(a.domain);
}

/* Any spelling of one local part, quoted with needless backslashes, comes to the
 * same text; that text reads back as itself, with brackets and without. */
static void test_spellings_of_one_address(void **state)
{
	static const char plain[] = "abcXYZ019.. @<>,;:\"\\()[]!#{}";
	uint64_t seed = 5321;

	for (int round = 0; round < 5000; round++) {
		char lazy[140] = "\"", eager[140] = "\"", *l = lazy + 1, *e = eager + 1;
		struct addr a, b, c;

		for (size_t n = next_random(&seed) % 20; n > 0; n--) {
			char ch = plain[next_random(&seed) % (sizeof(plain) - 1)];

			if (ch == '"' || ch == '\\')
				*l++ = '\\';
			if (ch == '"' || ch == '\\' || next_random(&seed) % 2)
				*e++ = '\\';
			*l++ = *e++ = ch;
		}
		memcpy(l, "\"@Example.ORG", sizeof("\"@Example.ORG"));
		memcpy(e, "\"@exaMPLE.org", sizeof("\"@exaMPLE.org"));
		a = addr_parse(*state, lazy);
		b = addr_parse(*state, eager);
		assert_int_equal(a.kind, ADDR_MAILBOX);
		assert_string_equal(a.text, b.text);
		assert_string_equal(a.domain, "example.org");
		c = addr_parse(*state, arena_printf(*state, "<%s>", a.text));
		assert_string_equal(c.text, a.text);
		c = addr_parse(*state, a.text);
		assert_string_equal(c.text, a.text);
	}
}

/* Whatever comes: it is one of the kinds, and what parses is clean and stable. */
static void test_any_octets(void **state)
{
	static const char *const pieces[] = { "a", "B", "@", "@", ".", "\"", "\\", "<",
		">", "-", "_", "[", "]", ":", ",", "192.0.2.7", "[192.0.2.7]",
		"IPv6:", "::1", "example.org", " ", "\xc3\xa9", "\xc3", "\xa9",
		"\xf0\x9f\x93\xa7", "\r", "\n", "\x01", "\x7f", "\t", "(",
		"aaaaaaaaaaaaaaaaaaaaaaaaa" };
	uint64_t seed = 6531;
	size_t parsed = 0;

	for (int round = 0; round < 100000; round++) {
		char path[400] = "";
		struct addr a, again;

		for (size_t n = next_random(&seed) % 9; n > 0; n--)
			str_append(path, sizeof(path), "%s",
				pieces[next_random(&seed) %
					(sizeof(pieces) / sizeof(pieces[0]))]);
		a = addr_parse(*state, path);
		assert_non_null(a.text);
		assert_false(a.domain == NULL && a.kind == ADDR_MAILBOX);
		assert_false(a.domain != NULL && a.kind == ADDR_LOCAL);
		if (a.domain != NULL)
			assert_int_equal(a.domain[-1], '@');
		if (a.kind != ADDR_MAILBOX && a.kind != ADDR_LOCAL)
			continue;
		parsed++;
		again = addr_parse(*state, a.text);
		if (again.kind != a.kind || strcmp(again.text, a.text) != 0)
			fail_msg("\"%s\" is \"%s\" is \"%s\"", path, a.text, again.text);
		assert_true(str_is_utf8(a.text, strlen(a.text)));
		assert_false(str_has_control(a.text));
		assert_int_equal(
			strpbrk(a.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL, 0);
		if (a.domain != NULL)
			assert_int_equal(addr_domain_check(a.domain), 0);
	}
	assert_true(parsed > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mailboxes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_source_routes_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_null_and_local, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invalid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_domain_of_invalid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_local_part_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_domain_length, setup, teardown),
		cmocka_unit_test(test_domain_check),
		cmocka_unit_test_setup_teardown(test_complete, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_spellings_of_one_address, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_octets, setup, teardown),
	};

	return cmocka_run_group_tests_name("base/addr", tests, NULL, NULL);
}
