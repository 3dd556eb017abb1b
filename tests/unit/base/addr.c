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
			"j\xc3\xbcrgen@xn--mnchen-3ya.example",
			"xn--mnchen-3ya.example" },
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
		{ u8"a..b@B\u00fccher.example\u3002", "xn--bcher-kva.example" },
		{ u8"a..b@\u2603.example", NULL },
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

	assert_string_equal(addr_domain(arena, label), label);
	assert_null(addr_domain(arena, over));
	domain = arena_printf(arena, "%s.%s.%s.%s", label, label, label, label);
	assert_int_equal(strlen(domain), ADDR_DOMAIN_MAX);
	assert_string_equal(addr_domain(arena, domain), domain);
	expect(arena, arena_printf(arena, "b@%s", domain), ADDR_MAILBOX,
		arena_printf(arena, "b@%s", domain), domain);
	domain = arena_printf(arena, "a.%s.%s.%s.%s", label + 1, label, label, label);
	assert_int_equal(strlen(domain), ADDR_DOMAIN_MAX + 1);
	assert_null(addr_domain(arena, domain));
	expect(arena, arena_printf(arena, "b@%s", domain), ADDR_INVALID, "<invalid>",
		NULL);
}

static void test_domains(void **state)
{
	static const char *const good[] = { "example.org", "a", "a.b.c.d", "x--y.example",
		"EXAMPLE", "_dmarc.example", "[192.0.2.7]", "[IPv6:::1]",
		"m\xc3\xbcn.example", "xn--mnchen-3ya.example" };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a", "a-", "a b",
		"a@b", "[::1]", "[]", "[192.0.2.0/24]", "a\n", "\xff", "a/b", "a:b",
		"*.a", "\"a\"", "a\xc3", "a\xc2\x85", u8"\u2603", u8"a\uff20b",
		u8"\u00ad" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (addr_domain(*state, good[i]) == NULL)
			fail_msg("refused: \"%s\"", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (addr_domain(*state, bad[i]) != NULL)
			fail_msg("taken: \"%s\"", bad[i]);
}

static void test_complete(void **state)
{
	struct arena *arena = *state;
	struct addr a = addr_complete(arena, addr_parse(arena, "Bob"), "mx.example");

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
	assert_string_equal(a.text, "bob");
	assert_null(a.domain);
	a = addr_complete(arena, addr_parse(arena, u8"JÜRGEN"), "xn--bcher-kva.example");
	assert_string_equal(a.text, u8"jürgen@xn--bcher-kva.example");
	assert_string_equal(a.domain, "xn--bcher-kva.example");
}

/* One object, however it is spelled; NULL: not an address. */
static void test_smtputf8(void **state)
{
	static const struct {
		const char *path, *text;
	} table[] = {
		{ "user@xn--bcher-kva.example", "user@xn--bcher-kva.example" },
		{ "user@XN--BCHER-kva.example", "user@xn--bcher-kva.example" },
		{ u8"User@Bücher.example", "user@xn--bcher-kva.example" },
		{ u8"user@BU\u0308CHER.example.", "user@xn--bcher-kva.example" },
		{ u8"user@bücher\u3002example\u3002", "user@xn--bcher-kva.example" },
		{ u8"@bücher.example:a@b", "a@b" },
		{ u8"Strauß@Straße.example", "strauss@xn--strae-oqa.example" },
		{ u8"ΠΡΟΣ@βόλος.example", u8"προσ@xn--nxasmm1c.example" },
		{ u8"Προς@ΒΌΛΟΣ.example", u8"προσ@xn--nxasmq6b.example" },
		{ u8"İ.I.ı@c", u8"i\u0307.i.ı@c" },
		{ u8"Jose\u0301@c", u8"jos\u00e9@c" },
		{ u8"\"JOSÉ\"@c", u8"josé@c" },
		{ u8"\"José Ñ\"@c", u8"\"josé ñ\"@c" },
		{ u8"\"\\É\"@c", u8"é@c" },
		/* folding brings what must be quoted, and takes it away */
		{ u8"a\u037eb@c", "\"a;b\"@c" },
		{ u8"\"a>\u0338\"@c", u8"a\u226f@c" },
		{ u8"a\u226f@c", u8"a\u226f@c" },
		{ u8"user@\u2603.example", NULL },
		{ u8"user@\u0301a.example", NULL },
		{ u8"user@a\uff20b", NULL },
		{ u8"user@a\u00a0b", NULL },
		{ u8"user@a.\u00ad.b", NULL },
		{ u8"user@-ü", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct addr a = addr_parse(*state, table[i].path);
		const char *wanted = table[i].text ? table[i].text : "<invalid>";

		if (strcmp(a.text, wanted) != 0)
			fail_msg("\"%s\": \"%s\"", table[i].path, a.text);
	}
}

/* The limits hold before and after folding. */
static void test_smtputf8_lengths(void **state)
{
	struct arena *arena = *state;
	const char *x = run_of(arena, 'x', ADDR_LOCAL_MAX),
		   *label = run_of(arena, 'd', 61);
	char *path = arena_printf(arena, u8"%s\u00fc@c", x + 2);

	expect(arena, path, ADDR_MAILBOX, path, "c");
	expect(arena, arena_printf(arena, u8"%s\u00fc@c", x + 1), ADDR_INVALID,
		"<invalid>", NULL);
	/* two octets that fold to four, three that fold to one */
	expect(arena, arena_printf(arena, u8"%s\u0149@c", x + 3), ADDR_MAILBOX,
		arena_printf(arena, u8"%s\u02bcn@c", x + 3), "c");
	expect(arena, arena_printf(arena, u8"%s\u0149@c", x + 2), ADDR_INVALID,
		"<invalid>", NULL);
	expect(arena, arena_printf(arena, u8"%s\u212a@c", x + 2), ADDR_INVALID,
		"<invalid>", NULL);
	expect(arena, arena_printf(arena, u8"%s\u212a@c", x + 3), ADDR_MAILBOX,
		arena_printf(arena, "%sk@c", x + 3), "c");
	/* a label that is longer as an A-label */
	assert_null(addr_domain(arena, arena_printf(arena, u8"%s\u00fc", label)));
	assert_non_null(addr_domain(arena, arena_printf(arena, u8"%s\u00fc", label + 8)));
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
			assert_string_equal(addr_domain(*state, a.domain), a.domain);
	}
	assert_true(parsed > 1000);
}

/* A character that has a case, and its other one. */
static const char *const cases[][2] = { { "a", "A" }, { "k", u8"\u212a" },
	{ u8"ü", u8"Ü" }, { u8"ü", u8"U\u0308" }, { u8"ß", "SS" }, { u8"ς", u8"Σ" },
	{ u8"\u1fb4", u8"\u0391\u0345\u0301" }, { u8"i\u0307", u8"\u0130" },
	{ u8"д", u8"Д" }, { u8"\ufb03", "FFI" }, { u8"ǆ", u8"ǅ" } };

/* And what has none: quotes, marks, what folds to ASCII, what IDNA maps or refuses. */
static const char *const mean[] = { ".", "\"", "\\", "@", " ", "xn--", "-", u8"\u037e",
	u8"\u1fef", u8"\u0345", u8"\u0338", ">", u8"\u3002", u8"\u00ad", u8"\uff20",
	u8"\u2603", u8"\u200d", u8"א", u8"漢字", "1", u8"\u0301", u8"\u0323", u8"\uac00",
	u8"\u1100\u1161", u8"\U0001d15e" };

static void assert_same(
	const char *path, const char *other, const struct addr *a, const struct addr *b)
{
	if (a->kind != b->kind || strcmp(a->text, b->text) != 0 ||
		(a->domain == NULL) != (b->domain == NULL) ||
		(a->domain != NULL && strcmp(a->domain, b->domain) != 0))
		fail_msg("\"%s\" is \"%s\", \"%s\" is \"%s\"", path, a->text, other,
			b->text);
}

/* Spellings that differ in case are one address, and its text reads back as itself. */
static void test_unicode_property(void **state)
{
	uint64_t seed = 6532;
	size_t mailboxes = 0;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		struct arena *arena = arena_new();
		char lower[400] = "", upper[400] = "";
		bool quoted = next_random(&seed) % 2;
		size_t pieces = 1 + next_random(&seed) % 6, tail;
		struct addr a, b;

		lower[0] = upper[0] = quoted ? '"' : '\0';
		for (size_t n = 0; n < pieces; n++) {
			uint64_t pick = next_random(&seed);
			const char *const *pair = cases[pick / 4 % 11];
			const char *same = mean[pick / 4 % 25];

			str_append(lower, sizeof(lower), "%s", pick % 4 ? pair[0] : same);
			str_append(upper, sizeof(upper), "%s", pick % 4 ? pair[1] : same);
		}
		tail = next_random(&seed) % 25;
		str_append(lower, sizeof(lower), "%s@a%sü.c", quoted ? "\"" : "",
			mean[tail]);
		str_append(upper, sizeof(upper), "%s@A%sÜ.C", quoted ? "\"" : "",
			mean[tail]);
		a = addr_parse(arena, lower);
		b = addr_parse(arena, upper);
		if (a.kind == ADDR_MAILBOX && b.kind == ADDR_MAILBOX) {
			assert_same(lower, upper, &a, &b);
			mailboxes++;
		}
		if (a.kind != ADDR_INVALID) {
			b = addr_parse(arena, a.text);
			assert_same(lower, a.text, &a, &b);
		}
		arena_free(arena);
	}
	assert_true(mailboxes > 4000);
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
		cmocka_unit_test_setup_teardown(test_domains, setup, teardown),
		cmocka_unit_test_setup_teardown(test_complete, setup, teardown),
		cmocka_unit_test_setup_teardown(test_smtputf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_smtputf8_lengths, setup, teardown),
		cmocka_unit_test(test_unicode_property),
		cmocka_unit_test_setup_teardown(
			test_spellings_of_one_address, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_octets, setup, teardown),
	};

	return cmocka_run_group_tests_name("base/addr", tests, NULL, NULL);
}
