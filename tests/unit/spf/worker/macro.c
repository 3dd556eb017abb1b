/*
 * Tests of spf/worker/macro: the examples of RFC 7208, 7.4, and what else 7.1 to 7.3 say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/macro.h"

#include "base/str.h"
#include "spf/worker/peer.h"
#include "zone.h"

static const char *validated(void *arg, const char *domain)
{
	unsigned *asked = arg;

	++*asked;
	return strcmp(domain, "email.example.com") == 0 ? "mx.example.org" : "unknown";
}

static void expands_for(
	const char *client, const char *sender, const char *spec, const char *to)
{
	struct arena *arena = arena_new();
	struct cidr address = zone_client(client);
	const char *at = strrchr(sender, '@');
	unsigned asked = 0;
	struct macro_facts facts = {
		.sender = sender,
		.local = arena_memdup(arena, sender, (size_t)(at - sender)),
		.origin = at + 1,
		.domain = "email.example.com",
		.helo = "mail.example.net",
		.client = &address,
		.validated = validated,
		.arg = &asked,
	};

	assert_string_equal(macro_expand(arena, spec, &facts), to);
	assert_int_equal(asked, strstr(spec, "%{p") != NULL);
	arena_free(arena);
}

static void expands(const char *spec, const char *to)
{
	expands_for("192.0.2.3", "strong-bad@email.example.com", spec, to);
}

static void test_examples(void **state)
{
	(void)state;
	expands("%{s}", "strong-bad@email.example.com");
	expands("%{o}", "email.example.com");
	expands("%{d}", "email.example.com");
	expands("%{d4}", "email.example.com");
	expands("%{d3}", "email.example.com");
	expands("%{d2}", "example.com");
	expands("%{d1}", "com");
	expands("%{dr}", "com.example.email");
	expands("%{d2r}", "example.email");
	expands("%{l}", "strong-bad");
	expands("%{l-}", "strong.bad");
	expands("%{lr}", "strong-bad");
	expands("%{lr-}", "bad.strong");
	expands("%{l1r-}", "strong");
	expands("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com");
	expands("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com");
	expands("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		"3.2.0.192.in-addr.strong.lp._spf.example.com");
	expands("%{d2}.trusted-domains.example.net",
		"example.com.trusted-domains.example.net");
	expands_for("2001:db8::cb01", "strong-bad@email.example.com",
		"%{ir}.%{v}._spf.%{d2}",
		"1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
		"ip6._spf.example.com");
}

static void test_rest(void **state)
{
	(void)state;
	expands("%{p}.%{h}", "mx.example.org.mail.example.net");
	expands("%%%_%-x", "% %20x");
	expands("%{I}.%{D1R}.%{V}", "192.0.2.3.email.in-addr");
	expands("example.org.", "example.org");
	expands("a..example.org", "a..example.org");
	expands_for("192.0.2.3", "a+b=c/d_e@x.example", "%{S}",
		"a%2Bb%3Dc%2Fd_e%40x.example");
	expands_for("192.0.2.3", "a+b=c/d_e,f@x.example", "%{l+,/_=}", "a.b.c.d.e.f");
	expands_for("192.0.2.3", "a+b=c/d_e,f@x.example", "%{l2r+,/_=}", "b.a");
	expands_for("192.0.2.3", "\xff@x.example", "%{L}", "%FF");
	expands_for("192.0.2.3", ".a.@x.example", "%{lr}", ".a");
}

/* To 253 octets, by whole labels from the left. */
static void test_cut(void **state)
{
	static const char label[] =
		"a23456789012345678901234567890123456789012345678901234567890";
	char spec[400];

	(void)state;
	for (int first = 1; first <= 12; first++) {
		int n = snprintf(spec, sizeof(spec), "%.*s.%s.%s.%s.%.52s.example", first,
			label, label, label, label, label);

		expands(spec, n <= MACRO_DOMAIN_MAX ? spec : strchr(spec, '.') + 1);
	}
}

/* What is cut off is not expanded: ten thousand macros, in front of a name that just
 * fits, cost what that costs. */
static void test_cut_macros(void **state)
{
	enum { MANY = 10000 };
	static const char macro[] = "%{p}.", name[] = "a.example";
	struct arena *arena = arena_new();
	char *spec = arena_alloc(arena, MANY * strlen(macro) + sizeof(name));
	unsigned asked = 0;
	struct macro_facts facts = {
		.domain = "example", .validated = validated, .arg = &asked
	};
	const char *expansion;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		memcpy(spec + i * strlen(macro), macro, strlen(macro));
	memcpy(spec + MANY * strlen(macro), name, sizeof(name));
	expansion = macro_expand(arena, spec, &facts);
	assert_true(strlen(expansion) <= MACRO_DOMAIN_MAX);
	assert_true(strlen(expansion) + strlen("unknown.") > MACRO_DOMAIN_MAX);
	assert_int_equal(strncmp(expansion, "unknown.unknown.", 16), 0);
	assert_true(asked <= 2 * MACRO_DOMAIN_MAX);
	/* one label too long is no name, whatever stands before it */
	spec = arena_alloc(arena, 2 * MACRO_DOMAIN_MAX + 8);
	memcpy(spec, "x.", 2);
	memset(spec + 2, 'a', 2 * MACRO_DOMAIN_MAX);
	assert_true(strlen(macro_expand(arena, spec, &facts)) > MACRO_DOMAIN_MAX);
	arena_free(arena);
}

static void test_syntax(void **state)
{
	(void)state;
	assert_true(macro_is_string("", 0));
	assert_true(macro_is_string("!~%%%{s}/", 9));
	assert_false(macro_is_string("a b", 3));
	assert_false(macro_is_string("a\x7f", 2));
	assert_false(macro_is_string("%", 1));
	assert_false(macro_is_string("%{s}", 3));
	assert_false(macro_is_domain_spec("", 0));
	assert_false(macro_is_domain_spec(".", 1));
	assert_true(macro_is_domain_spec("a.b", 3));
	assert_true(macro_is_domain_spec("%{s}", 4));
	assert_false(macro_is_domain_spec("%{s}.", 5));
	assert_false(macro_is_domain_spec("%{s}b", 5));
}

static void test_has_local(void **state)
{
	(void)state;
	assert_true(macro_has_local("%{l}.example.org"));
	assert_true(macro_has_local("x.%{S2r-}"));
	assert_false(macro_has_local("%{d}.%%{l}.%{o}"));
	assert_false(macro_has_local("%_l.example.org"));
}

/* A domain-spec as long as a record can be, of as many macros as fit. */
static void test_many(void **state)
{
	static char spec[65001];
	char end[300] = "example.com";

	(void)state;
	for (size_t n = 0; n + 4 < sizeof(spec); n += 4)
		memcpy(spec + n, "%{s}", 4);
	for (int i = 0; i < 8; i++)
		str_append(end, sizeof(end), "strong-bad@email.example.com");
	expands(spec, end);
}

/* RFC 7208, 7.3 on %{p}, and 5.5: the domain itself, then one below it, then any. */
static void test_validated(void **state)
{
	static const struct zone_row rows[] = {
		{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "any.example", 0, 0 },
		{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "dead.example", 0, 0 },
		{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "lies.example.org", 0, 0 },
		{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "a.example.org", 0, 0 },
		{ "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "Example.net", 0, 0 },
		{ "any.example", LOOKUP_A, "192.0.2.7", 0, 0 },
		{ "dead.example", ZONE_FAILED, "", 0, 0 },
		{ "lies.example.org", LOOKUP_A, "192.0.2.8", 0, 0 },
		{ "a.example.org", LOOKUP_A, "192.0.2.8", 0, 0 },
		{ "a.example.org", LOOKUP_A, "192.0.2.7", 0, 0 },
		{ "example.net", LOOKUP_A, "192.0.2.7", 0, 0 },
	};
	struct zone z = zone_make(rows, LENGTH(rows));
	struct cidr client = zone_client("192.0.2.7"), other = zone_client("192.0.2.9");
	struct trace trace = { .on = false };
	struct lookup lookup = { .resolver = &z.base, .trace = &trace };
	struct peer p = { .lookup = &lookup, .client = &client };

	(void)state;
	assert_string_equal(peer_name(&p, "example.org"), "a.example.org");
	assert_int_equal(z.asked, 6);
	assert_int_equal(z.asked_of_client, 6);
	assert_false(lookup.of_client);
	assert_string_equal(peer_name(&p, "example.net"), "Example.net");
	assert_string_equal(peer_name(&p, "ple.org"), "any.example");
	assert_int_equal(z.asked, 6);
	p = (struct peer){ .lookup = &lookup, .client = &other };
	assert_string_equal(peer_name(&p, "example.org"), "unknown");
	zone_clear(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_macros),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_has_local),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_validated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
