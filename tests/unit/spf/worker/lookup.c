/*
 * Tests of spf/worker/lookup: names, and rdata whose lengths lie.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/lookup.h"

#include "zone.h"

/* The octets in memory of exactly their size, so that a sanitizer sees what reads beyond.
 */
static bool reads_name(const char *octets, size_t len, size_t behind, const char *name)
{
	unsigned char *copy = mem_calloc(1, len + (len == 0));
	struct dns_datum d = { copy, len };
	char text[LOOKUP_NAME_SIZE];
	bool right;

	memcpy(copy, octets, len);
	right = lookup_name(&d, behind, text);
	free(copy);
	return right && strcmp(text, name) == 0;
}

static void test_names(void **state)
{
	(void)state;
	assert_true(reads_name("\001a\002bc\0", 6, 0, "a.bc"));
	assert_true(reads_name("\0\012\001a\002bc\0", 8, LOOKUP_MX_NAME, "a.bc"));
	assert_false(reads_name("", 0, 0, ""));
	assert_false(reads_name("", 0, LOOKUP_MX_NAME, ""));
	assert_false(reads_name("\0", 1, 0, ""));
	assert_false(reads_name("\001a", 2, 0, "a"));
	assert_false(reads_name("\002a", 2, 0, "a"));
	assert_false(reads_name("\003a", 2, 0, "a"));
	assert_false(reads_name("\001a\0x", 4, 0, "a"));
	assert_false(reads_name("\001a\300\0", 4, 0, "a"));
	assert_false(reads_name("\003a.b\0", 5, 0, "a.b"));
	assert_false(reads_name("\003a\\b\0", 5, 0, "a\\b"));
	assert_false(reads_name("\003a b\0", 5, 0, "a b"));
	assert_false(reads_name("\001\377\0", 3, 0, "\377"));
}

/* 63 octets a label, 253 in all. */
static void test_lengths(void **state)
{
	char octets[300], name[300];
	const size_t full = 3 * 64;

	(void)state;
	for (size_t last = 1; last <= 63; last++) {
		const bool fits = full + last <= 253;

		memset(octets, 'a', sizeof(octets));
		memset(name, 'a', sizeof(name));
		for (size_t at = 0; at < full; at += 64) {
			octets[at] = 63;
			name[at + 63] = '.';
		}
		octets[full] = (char)last;
		octets[full + last + 1] = '\0';
		name[full + last] = '\0';
		assert_int_equal(spf_is_name(name), fits);
		assert_int_equal(reads_name(octets, full + last + 2, 0, name), fits);
	}
	name[full] = '\0';
	assert_false(spf_is_name(name));
	name[63] = 'a';
	name[full - 1] = '\0';
	assert_false(spf_is_name(name));
	assert_true(spf_is_name("a"));
	assert_false(spf_is_name("a."));
	assert_false(spf_is_name(".a"));
}

static void test_texts(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		const char *text; /* NULL: nonsense */
	} cases[] = {
		{ "", 0, "" },
		{ "\0", 1, "" },
		{ "\001a\0\002bc", 6, "abc" },
		{ "\001", 1, NULL },
		{ "\002a", 2, NULL },
		{ "\001a\003bc", 5, NULL },
		{ "\377a", 2, NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		unsigned char *copy = mem_calloc(1, cases[i].len + 1);
		size_t len;
		char *text;

		memcpy(copy, cases[i].octets, cases[i].len);
		text = lookup_text(
			arena, &(struct dns_datum){ copy, cases[i].len }, &len);
		free(copy);
		assert_int_equal(text == NULL, cases[i].text == NULL);
		if (text == NULL)
			continue;
		assert_string_equal(text, cases[i].text);
		assert_int_equal(len, strlen(text));
	}
	arena_free(arena);
}

static void test_reverse(void **state)
{
	struct cidr four = zone_client("192.0.2.7"), six = zone_client("2001:db8::7f");
	char name[LOOKUP_NAME_SIZE];

	(void)state;
	lookup_reverse_name(&four, name);
	assert_string_equal(name, "7.2.0.192.in-addr.arpa");
	lookup_reverse_name(&six, name);
	assert_string_equal(name,
		"f.7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		"1.0.0.2.ip6.arpa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_reverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
