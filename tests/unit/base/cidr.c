/*
 * Tests of base/cidr: reading and writing of prefixes, what is refused and in
 * which words, IPv4-mapped addresses, and the trie against a plain list of
 * prefixes that is searched bit by bit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "../random.h"

static struct cidr parse(const char *text)
{
	struct err err = { .text = "" };
	struct cidr c;

	if (cidr_parse(text, &c, &err) != 0)
		fail_msg("\"%s\": %s", text, err.text);
	return c;
}

static void test_spellings(void **state)
{
	static const struct {
		const char *text, *canonical;
		unsigned family, bits;
	} table[] = {
		{ "192.0.2.7", "192.0.2.7", 4, 32 },
		{ "192.0.2.7/32", "192.0.2.7", 4, 32 },
		{ "192.0.2.0/24", "192.0.2.0/24", 4, 24 },
		{ "128.0.0.0/1", "128.0.0.0/1", 4, 1 },
		{ "0.0.0.0/0", "0.0.0.0/0", 4, 0 },
		{ "2001:DB8::7", "2001:db8::7", 6, 128 },
		{ "2001:db8:0:0::7/128", "2001:db8::7", 6, 128 },
		{ "2001:db8::/32", "2001:db8::/32", 6, 32 },
		{ "2001:db8:1:2::/64", "2001:db8:1:2::/64", 6, 64 },
		{ "8000::/1", "8000::/1", 6, 1 },
		{ "::/0", "::/0", 6, 0 },
		{ "::1", "::1", 6, 128 },
		{ "IPv6:2001:db8::7", "2001:db8::7", 6, 128 },
		{ "ipv6:2001:db8::/32", "2001:db8::/32", 6, 32 },
		{ "::ffff:192.0.2.7", "192.0.2.7", 4, 32 },
		{ "::ffff:c000:207", "192.0.2.7", 4, 32 },
		{ "IPv6:::ffff:192.0.2.7", "192.0.2.7", 4, 32 },
		{ "::ffff:192.0.2.0/120", "192.0.2.0/24", 4, 24 },
		{ "::ffff:0.0.0.0/96", "0.0.0.0/0", 4, 0 },
		{ "::ffff:128.0.0.0/97", "128.0.0.0/1", 4, 1 },
		{ "::/95", "::/95", 6, 95 },
		{ "::fffe:0:0", "::fffe:0:0", 6, 128 },
	};
	char buf[CIDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct cidr c = parse(table[i].text);

		assert_int_equal(c.family, table[i].family);
		assert_int_equal(c.bits, table[i].bits);
		assert_ptr_equal(cidr_format(buf, &c), buf);
		assert_string_equal(buf, table[i].canonical);
		for (int k = 4; c.family == 4 && k < 16; k++)
			assert_int_equal(c.addr[k], 0);
	}
}

static void test_refusals_name_the_thing(void **state)
{
	static const struct {
		const char *text, *words[2];
	} table[] = {
		{ "", { "not an address or network", "\"\"" } },
		{ "192.0.2", { "not an address or network", "\"192.0.2\"" } },
		{ "192.0.2.256", { "192.0.2.256", "try" } },
		{ "192.0.2.07", { "192.0.2.07", "try" } },
		{ "192.0.2.7 ", { "\"192.0.2.7 \"", "try" } },
		{ " 192.0.2.7", { "\" 192.0.2.7\"", "try" } },
		{ "192.0.2.7.1", { "192.0.2.7.1", "try" } },
		{ "example.org", { "example.org", "try" } },
		{ "2001:db8", { "2001:db8", "try" } },
		{ "2001::db8::1", { "2001::db8::1", "try" } },
		{ "2001:db8::g", { "2001:db8::g", "try" } },
		{ "fe80::1%eth0", { "fe80::1%eth0", "try" } },
		{ "IPv6:192.0.2.7", { "IPv6:192.0.2.7", "try" } },
		{ "IPv6:", { "IPv6:", "try" } },
		{ "/24", { "\"/24\"", "try" } },
		{ "192.0.2.0/", { "prefix length", "192.0.2.0/" } },
		{ "192.0.2.0/33", { "\"/33\"", "0 to 32" } },
		{ "192.0.2.0/-1", { "\"/-1\"", "0 to 32" } },
		{ "192.0.2.0/+8", { "\"/+8\"", "0 to 32" } },
		{ "192.0.2.0/8 ", { "\"/8 \"", "0 to 32" } },
		{ "192.0.2.0/24/24", { "\"/24/24\"", "0 to 32" } },
		{ "192.0.2.0/255.255.255.0", { "255.255.255.0", "0 to 32" } },
		{ "192.0.2.0/18446744073709551640", { "prefix length", "0 to 32" } },
		{ "2001:db8::/129", { "\"/129\"", "0 to 128" } },
		{ "192.0.2.7/24", { "192.0.2.7/24", "did you mean 192.0.2.0/24?" } },
		{ "192.0.2.128/24", { "bits set", "did you mean 192.0.2.0/24?" } },
		{ "192.0.2.1/31", { "bits set", "did you mean 192.0.2.0/31?" } },
		{ "192.0.2.7/0", { "bits set", "did you mean 0.0.0.0/0?" } },
		{ "2001:db8::1/64", { "bits set", "did you mean 2001:db8::/64?" } },
		{ "2001:db8::1/127", { "bits set", "did you mean 2001:db8::/127?" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err err = { .text = "" };
		struct cidr c;

		if (cidr_parse(table[i].text, &c, &err) != -1)
			fail_msg("taken: \"%s\"", table[i].text);
		assert_int_equal(err.code, ERR_BAD);
		for (int k = 0; k < 2; k++)
			if (strstr(err.text, table[i].words[k]) == NULL)
				fail_msg("\"%s\" is told: %s", table[i].text, err.text);
		assert_int_equal(cidr_parse(table[i].text, &c, NULL), -1);
	}
}

static void test_long_texts_are_refused(void **state)
{
	struct err err;
	struct cidr c;
	char text[5000];

	(void)state;
	for (size_t n = 40; n < sizeof(text); n += 61) {
		memset(text, '1', n);
		text[n] = '\0';
		assert_int_equal(cidr_parse(text, &c, &err), -1);
		memcpy(text, "10.0.0.0/", 9);
		assert_int_equal(cidr_parse(text, &c, &err), -1);
	}
}

static void test_from_sockaddr(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char buf[CIDR_TEXT_MAX];
	struct cidr c;

	(void)state;
	assert_int_equal(inet_pton(AF_INET, "192.0.2.7", &in.sin_addr), 1);
	assert_true(cidr_from_sockaddr((struct sockaddr *)&in, &c));
	assert_string_equal(cidr_format(buf, &c), "192.0.2.7");
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr), 1);
	assert_true(cidr_from_sockaddr((struct sockaddr *)&in6, &c));
	assert_string_equal(cidr_format(buf, &c), "2001:db8::7");
	assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.7", &in6.sin6_addr), 1);
	assert_true(cidr_from_sockaddr((struct sockaddr *)&in6, &c));
	assert_int_equal(c.family, 4);
	assert_string_equal(cidr_format(buf, &c), "192.0.2.7");
	assert_false(cidr_from_sockaddr((struct sockaddr *)&sun, &c));
	assert_int_equal(c.family, 0);
	c.family = 4;
	assert_false(cidr_from_sockaddr(NULL, &c));
	assert_int_equal(c.family, 0);
}

/* What an MTA tells takes the place of what was known, if it is one address or says that
 * there is none. */
static void test_client(void **state)
{
	static const struct {
		const char *told, *then;
	} cases[] = {
		{ "198.51.100.7", "198.51.100.7" },
		{ "::ffff:198.51.100.7", "198.51.100.7" },
		{ "IPv6:2001:db8::7", "2001:db8::7" },
		{ "unknown", "unknown" },
		{ "", "unknown" },
		{ "010.0.0.1", "192.0.2.7" },
		{ "10.1", "192.0.2.7" },
		{ "[127.0.0.1]", "192.0.2.7" },
		{ "198.51.100.7 ", "192.0.2.7" },
		{ "0.0.0.0/0", "192.0.2.7" },
		{ "10.0.0.0/8", "192.0.2.7" },
		{ "10.0.0.1/32", "192.0.2.7" },
		{ "nonsense", "192.0.2.7" },
	};
	char buf[CIDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cidr c;

		assert_int_equal(cidr_parse("192.0.2.7", &c, NULL), 0);
		cidr_take_client(&c, cases[i].told);
		assert_string_equal(cidr_format(buf, &c), cases[i].then);
		assert_int_equal(
			cidr_is_address(&c), strcmp(cases[i].then, "unknown") != 0);
	}
}

static void test_truncate(void **state)
{
	struct cidr c = parse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
	char buf[CIDR_TEXT_MAX];

	(void)state;
	cidr_truncate(&c, 200);
	assert_int_equal(c.bits, 128);
	cidr_truncate(&c, 64);
	assert_string_equal(cidr_format(buf, &c), "2001:db8:ffff:ffff::/64");
	cidr_truncate(&c, 63);
	assert_string_equal(cidr_format(buf, &c), "2001:db8:ffff:fffe::/63");
	cidr_truncate(&c, 64);
	assert_string_equal(cidr_format(buf, &c), "2001:db8:ffff:fffe::/63");
	cidr_truncate(&c, 33);
	assert_string_equal(cidr_format(buf, &c), "2001:db8:8000::/33");
	cidr_truncate(&c, 0);
	assert_string_equal(cidr_format(buf, &c), "::/0");
	c = parse("255.255.255.255");
	cidr_truncate(&c, 1);
	assert_string_equal(cidr_format(buf, &c), "128.0.0.0/1");
}

static void test_contains(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool yes;
	} table[] = {
		{ "192.0.2.0/24", "192.0.2.7", true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/24", "192.0.1.255", false },
		{ "192.0.2.0/24", "192.0.2.0/24", true },
		{ "192.0.2.0/24", "192.0.2.128/25", true },
		{ "192.0.2.0/24", "192.0.2.0/23", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "192.0.2.7", false },
		{ "::/0", "::ffff:192.0.2.7", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::ffff:192.0.2.0/120", "192.0.2.7", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct cidr outer = parse(table[i].outer), inner = parse(table[i].inner);

		if (cidr_contains(&outer, &inner) != table[i].yes)
			fail_msg("%s in %s", table[i].inner, table[i].outer);
	}
}

/* Clusters, so that prefixes nest and branch at every depth. */
static struct cidr random_prefix(uint64_t *seed, unsigned char family, bool whole)
{
	static const unsigned char octets[] = { 0x00, 0xff, 0x80, 0x7f };
	unsigned max = family == 4 ? 32 : 128;
	struct cidr c = { .family = family, .bits = (unsigned char)max };

	for (unsigned i = 0; i < max / 8; i++) {
		uint64_t r = next_random(seed);

		c.addr[i] = r % 16 == 0 ? (unsigned char)(r >> 8) : octets[(r >> 8) % 4];
	}
	if (!whole && next_random(seed) % 8 != 0)
		cidr_truncate(&c, (unsigned)(next_random(seed) % (max + 1)));
	return c;
}

static void test_text_round_trip(void **state)
{
	uint64_t seed = 4291;
	char buf[CIDR_TEXT_MAX], again[CIDR_TEXT_MAX];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct cidr c = random_prefix(&seed, i % 2 ? 4 : 6, false), d;

		d = parse(cidr_format(buf, &c));
		assert_string_equal(cidr_format(again, &d), buf);
		/* a random IPv6 prefix may be a mapped one: that is folded */
		if (d.family == c.family)
			assert_memory_equal(&c, &d, sizeof(c));
	}
}

/* Bit by bit, with none of the code under test. */
static bool plainly_within(const struct cidr *net, const struct cidr *addr)
{
	if (net->family != addr->family || net->bits > addr->bits)
		return false;
	for (unsigned i = 0; i < net->bits; i++)
		if (((net->addr[i / 8] ^ addr->addr[i / 8]) & (0x80 >> i % 8)) != 0)
			return false;
	return true;
}

#define PREFIXES 1500

struct found {
	struct cidr prefixes[200];
	size_t n;
};

static void note(void *arg, const struct cidr *prefix)
{
	struct found *found = arg;

	assert_true(found->n < 200);
	found->prefixes[found->n++] = *prefix;
}

/* Same prefixes found, each once, the shortest first. */
static void compare(const struct cidr_trie *t, const struct cidr *list, size_t n,
	const struct cidr *addr)
{
	struct found found = { .n = 0 };
	size_t expected = 0;
	int bits = -1;

	cidr_trie_match(t, addr, note, &found);
	for (size_t i = 0; i < n; i++)
		expected += plainly_within(&list[i], addr);
	assert_int_equal(found.n, expected);
	for (size_t i = 0; i < found.n; i++) {
		const struct cidr *net = &found.prefixes[i];
		size_t k = 0;

		while (k < n && memcmp(&list[k], net, sizeof(*net)) != 0)
			k++;
		assert_true(k < n);
		assert_true(plainly_within(net, addr));
		assert_true(net->bits > bits);
		bits = net->bits;
	}
}

/* The list's prefixes, and addresses near them. */
static void compare_all(
	const struct cidr_trie *t, const struct cidr *list, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++)
		compare(t, list, n, &list[i]);
	for (int i = 0; i < 1000; i++) {
		struct cidr c = random_prefix(seed, i % 2 ? 4 : 6, true);
		size_t k;

		compare(t, list, n, &c);
		/* a neighbour: a prefix's own address with one bit turned */
		c = list[next_random(seed) % n];
		k = next_random(seed) % (c.family == 4 ? 32 : 128);
		c.bits = c.family == 4 ? 32 : 128;
		c.addr[k / 8] ^= (unsigned char)(0x80 >> k % 8);
		compare(t, list, n, &c);
	}
}

/* Half of them go into a trie, the other half into a copy of it, and then into the trie
 * itself: each has what it was given, whatever becomes of the others. */
static void run_trie(uint64_t seed, size_t max, bool mixed)
{
	struct cidr_trie *t = cidr_trie_new(), *copy, *kept;
	struct cidr list[PREFIXES];
	size_t n = 0, half, k;

	for (size_t i = 0; i < max; i++) {
		struct cidr c = random_prefix(&seed, mixed && i % 2 ? 4 : 6, false);

		for (k = 0; k < n && memcmp(&list[k], &c, sizeof(c)) != 0; k++)
			continue;
		if (k == n)
			list[n++] = c;
	}
	half = (n + 1) / 2;
	for (size_t i = 0; i < half; i++) {
		cidr_trie_add(t, &list[i]);
		cidr_trie_add(t, &list[i / 2]); /* there already */
	}
	copy = cidr_trie_copy(t);
	for (size_t i = half; i < n; i++)
		cidr_trie_add(copy, &list[i]);
	compare_all(t, list, half, &seed);
	compare_all(copy, list, n, &seed);
	kept = cidr_trie_copy(t);
	for (size_t i = half; i < n; i++)
		cidr_trie_add(t, &list[i]);
	compare_all(t, list, n, &seed);
	cidr_trie_free(t);
	compare_all(kept, list, half, &seed);
	cidr_trie_free(kept);
	compare_all(copy, list, n, &seed);
	cidr_trie_free(copy);
}

static void test_trie_against_a_list(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		run_trie(seed, 1 + seed % 30, seed % 3 != 0);
	run_trie(1000, 300, false);
	run_trie(1001, PREFIXES, true);
}

static void test_trie_edges(void **state)
{
	struct cidr_trie *t = cidr_trie_new();
	struct cidr any4 = parse("0.0.0.0/0"), one = parse("192.0.2.7"),
		    none = { .family = 0 };
	struct cidr_trie *empty = cidr_trie_copy(t);
	struct found found = { .n = 0 };

	(void)state;
	cidr_trie_match(t, &one, note, &found);
	cidr_trie_match(empty, &one, note, &found);
	cidr_trie_free(empty);
	assert_int_equal(found.n, 0);
	cidr_trie_add(t, &one);
	cidr_trie_add(t, &any4);
	cidr_trie_match(t, &one, note, &found);
	assert_int_equal(found.n, 2);
	assert_memory_equal(&found.prefixes[0], &any4, sizeof(any4));
	assert_memory_equal(&found.prefixes[1], &one, sizeof(one));
	cidr_trie_match(t, &none, note, &found);
	one = parse("::1");
	cidr_trie_match(t, &one, note, &found);
	assert_int_equal(found.n, 2);
	cidr_trie_free(t);
	cidr_trie_free(NULL);
}

static void test_format_of_no_address(void **state)
{
	struct cidr none = { .family = 0 };
	char buf[CIDR_TEXT_MAX];

	(void)state;
	assert_string_equal(cidr_format(buf, &none), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_refusals_name_the_thing),
		cmocka_unit_test(test_long_texts_are_refused),
		cmocka_unit_test(test_from_sockaddr),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_text_round_trip),
		cmocka_unit_test(test_trie_against_a_list),
		cmocka_unit_test(test_trie_edges),
		cmocka_unit_test(test_format_of_no_address),
	};

	return cmocka_run_group_tests_name("base/cidr", tests, NULL, NULL);
}
