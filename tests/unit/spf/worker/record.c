/*
 * Tests of spf/worker/record: the grammar of RFC 7208, 12.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/record.h"

#include "zone.h"

static int parse_octets(struct arena *arena, const char *text, size_t len,
	struct record *r, struct err *err)
{
	return record_is_spf(text, len) ? record_parse(arena, text, len, r, err) : -2;
}

static int parse(struct arena *arena, const char *text, struct record *r, struct err *err)
{
	return parse_octets(arena, text, strlen(text), r, err);
}

static void test_version(void **state)
{
	(void)state;
	assert_true(record_is_spf("v=spf1", 6));
	assert_true(record_is_spf("V=SpF1 -all", 11));
	assert_false(record_is_spf("v=spf1", 5));
	assert_false(record_is_spf("v=spf10", 7));
	assert_false(record_is_spf("v=spf1-all", 10));
	assert_false(record_is_spf("v=spf1\t-all", 11));
	assert_false(record_is_spf(" v=spf1", 7));
	assert_false(record_is_spf("", 0));
}

static void test_right(void **state)
{
	static const char *const records[] = {
		"v=spf1",
		"v=spf1  ",
		"v=spf1   a  -ALL ",
		"v=spf1 a/24//64 mx//0 a/0 mx:example.org/32//128",
		"v=spf1 ip4:192.0.2.1 ip4:0.0.0.0/0 ip6:::/0 ip6:::ffff:1.2.3.4/96",
		"v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} include:%{d2}",
		"v=spf1 a:foo:8080.example.org a:foo/bar.example.org./7",
		"v=spf1 a:.com a:a..com a:%%%_%-.example.org a:%%",
		"v=spf1 a:a-b.c1-d a:1.a1",
		"v=spf1 redirect=%{d}.example.org exp=exp.example.org",
		"v=spf1 foo= a=b all=x x.y-z_1=%{s}/%% moo=cow moo=cow",
		"v=spf1 a:%{D127} a:%{d1000000000000000000000r.-+,/_=}",
	};
	struct arena *arena = arena_new();
	struct record r;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(records); i++)
		if (parse(arena, records[i], &r, &err) != 0)
			fail_msg("%s: %s", records[i], err.text);
	arena_free(arena);
}

static const struct {
	const char *record, *told;
} refused[] = {
	{ "v=spf1 moo", "moo: no such mechanism" },
	{ "v=spf1 -all moo -all", "moo: no such mechanism" },
	{ "v=spf1 --all", "--all: no such mechanism" },
	{ "v=spf1 -exp=e.example", "-exp=e.example: no such mechanism" },
	{ "v=spf1 all:example.org", "all:example.org: takes no domain-spec" },
	{ "v=spf1 all/8", "all/8: nothing like that may follow its name" },
	{ "v=spf1 a:museum", "a:museum: not a domain-spec" },
	{ "v=spf1 a:", "a:: not a domain-spec" },
	{ "v=spf1 a:1.2.3.4", "a:1.2.3.4: not a domain-spec" },
	{ "v=spf1 a:a.-b", "a:a.-b: not a domain-spec" },
	{ "v=spf1 a:a.b-", "a:a.b-: not a domain-spec" },
	{ "v=spf1 a:a.b..", "a:a.b..: not a domain-spec" },
	{ "v=spf1 a:%{x}", "a:%{x}: not a domain-spec" },
	{ "v=spf1 a:%{}", "a:%{}: not a domain-spec" },
	{ "v=spf1 a:%{d0}", "a:%{d0}: not a domain-spec" },
	{ "v=spf1 a:%{dr2}", "a:%{dr2}: not a domain-spec" },
	{ "v=spf1 a:%{d*}", "a:%{d*}: not a domain-spec" },
	{ "v=spf1 a:%{d", "a:%{d: not a domain-spec" },
	{ "v=spf1 a:%a.example.org", "a:%a.example.org: not a domain-spec" },
	{ "v=spf1 exists:%{c}.example", "exists:%{c}.example: not a domain-spec" },
	{ "v=spf1 include:%{t}", "include:%{t}: not a domain-spec" },
	{ "v=spf1 redirect=%{r}", "redirect=%{r}: not a domain-spec" },
	{ "v=spf1 include", "include: a domain-spec is missing" },
	{ "v=spf1 exists", "exists: a domain-spec is missing" },
	{ "v=spf1 exists:", "exists:: not a domain-spec" },
	{ "v=spf1 include:a.b/24", "include:a.b/24: not a domain-spec" },
	{ "v=spf1 include/24", "include/24: nothing like that may follow its name" },
	{ "v=spf1 ptr/24", "ptr/24: nothing like that may follow its name" },
	{ "v=spf1 a/33", "a/33: the prefix length is wrong" },
	{ "v=spf1 a/024", "a/024: the prefix length is wrong" },
	{ "v=spf1 a//129", "a//129: the prefix length is wrong" },
	{ "v=spf1 a/99999999999", "a/99999999999: the prefix length is wrong" },
	{ "v=spf1 a/", "a/: nothing like that may follow its name" },
	{ "v=spf1 a//", "a//: nothing like that may follow its name" },
	{ "v=spf1 a//64/24", "a//64/24: nothing like that may follow its name" },
	{ "v=spf1 ip4", "ip4: an address is missing" },
	{ "v=spf1 ip4/32", "ip4/32: an address is missing" },
	{ "v=spf1 ip4:", "ip4:: not an IPv4 address" },
	{ "v=spf1 ip4:1.2.3", "ip4:1.2.3: not an IPv4 address" },
	{ "v=spf1 ip4:1.2.03.4", "ip4:1.2.03.4: not an IPv4 address" },
	{ "v=spf1 ip4:1.2.3.4/33", "ip4:1.2.3.4/33: the prefix length is wrong" },
	{ "v=spf1 ip4:1.2.3.4//32", "ip4:1.2.3.4//32: not an IPv4 address" },
	{ "v=spf1 ip4:::1", "ip4:::1: not an IPv4 address" },
	{ "v=spf1 ip6:1.2.3.4", "ip6:1.2.3.4: not an IPv6 address" },
	{ "v=spf1 ip6:::1/129", "ip6:::1/129: the prefix length is wrong" },
	{ "v=spf1 ip6:::1/", "ip6:::1/: not an IPv6 address" },
	{ "v=spf1 redirect=a.b redirect=a.b", "redirect=a.b: is there more than once" },
	{ "v=spf1 exp=a.b Exp=c.d", "Exp=c.d: is there more than once" },
	{ "v=spf1 redirect=", "redirect=: not a domain-spec" },
	{ "v=spf1 exp=", "exp=: not a domain-spec" },
	{ "v=spf1 redirect:a.b", "redirect:a.b: no such mechanism" },
	{ "v=spf1 moo=%{", "moo=%{: not a macro-string" },
	{ "v=spf1 9moo=x", "9moo=x: no such mechanism" },
	{ "v=spf1 a\tmx", "a\\x09mx: has an octet that is no visible ASCII" },
	{ "v=spf1 moo=\xc3\xa4", "moo=\xc3\xa4: has an octet that is no visible ASCII" },
	{ "v=spf1 \x7f", "\\x7f: has an octet that is no visible ASCII" },
};

static void test_wrong(void **state)
{
	struct arena *arena = arena_new();
	struct record r;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		if (parse(arena, refused[i].record, &r, &err) != -1)
			fail_msg("%s is taken", refused[i].record);
		assert_string_equal(err.text, refused[i].told);
	}
	assert_int_equal(parse_octets(arena, "v=spf1 all\0", 11, &r, &err), -1);
	assert_int_equal(parse_octets(arena, "v=spf1 a:a.b\0c", 14, &r, &err), -1);
	arena_free(arena);
}

static void test_terms(void **state)
{
	struct arena *arena = arena_new();
	const struct term *t;
	char text[CIDR_TEXT_MAX];
	struct record r;
	struct err err;

	(void)state;
	assert_int_equal(parse(arena,
				 "v=spf1 ~MX:%{d}.example.org./20//64 redirect=x.example"
				 " ?ip4:192.0.2.7/24 a//0 moo=x -all",
				 &r, &err),
		0);
	assert_int_equal(r.n, 4);
	t = r.mechanisms;
	assert_int_equal(t[0].kind, TERM_MX);
	assert_int_equal(t[0].qualifier, SPF_SOFTFAIL);
	assert_string_equal(t[0].text, "~MX:%{d}.example.org./20//64");
	assert_string_equal(t[0].domain, "%{d}.example.org.");
	assert_int_equal(t[0].bits4, 20);
	assert_int_equal(t[0].bits6, 64);
	assert_int_equal(t[1].qualifier, SPF_NEUTRAL);
	assert_string_equal(cidr_format(text, &t[1].network), "192.0.2.7/24");
	assert_int_equal(t[2].qualifier, SPF_PASS);
	assert_string_equal(t[2].domain, "");
	assert_int_equal(t[2].bits4, 32);
	assert_int_equal(t[2].bits6, 0);
	assert_int_equal(t[3].qualifier, SPF_FAIL);
	assert_string_equal(r.redirect->domain, "x.example");
	arena_free(arena);
}

/* As much as TCP can bring; no limit is on its terms. */
static void test_long(void **state)
{
	static char text[65536] = "v=spf1";
	struct arena *arena = arena_new();
	size_t n = strlen(text);
	struct record r;
	struct err err;

	(void)state;
	for (; n + 4 < sizeof(text); n += 4)
		memcpy(text + n, " all", 4);
	assert_int_equal(parse_octets(arena, text, n, &r, &err), 0);
	assert_int_equal(r.n, (n - 6) / 4);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
