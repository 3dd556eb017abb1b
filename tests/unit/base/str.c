/*
 * Tests of base/str: numbers, truth values, UTF-8, escaping, case; SipHash-1-3
 * against values from an independent implementation (CPython 3.11).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

static void test_to_u64(void **state)
{
	static const char *const bad[] = { "", " ", "-1", "+1", " 1", "1 ", "1\n", "1.0",
		"0x1", "1e3", "a", "1a", "\xd9\xa1" /* an Arabic one */,
		"18446744073709551616", "18446744073709551620", "28446744073709551615",
		"99999999999999999999999" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_to_u64(bad[i], UINT64_MAX, &n) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
	assert_int_equal(str_to_u64("0", 0, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(str_to_u64("000000000000000000000000000007", 7, &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(str_to_u64("8", 7, &n), -1);
	assert_int_equal(n, 7);
	assert_int_equal(str_to_u64("1", 0, &n), -1);
	assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX - 1, &n), -1);
}

static void test_to_u64_round_trip(void **state)
{
	uint64_t seed = 64, x, n;
	char text[40];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		x = next_random(&seed) >> next_random(&seed) % 64;
		snprintf(text, sizeof(text), "%llu", (unsigned long long)x);
		assert_int_equal(str_to_u64(text, x, &n), 0);
		assert_true(n == x);
		if (x > 0)
			assert_int_equal(str_to_u64(text, x - 1, &n), -1);
	}
}

static void test_to_bool(void **state)
{
	static const char *const yes[] = { "yes", "YES", "true", "TRUE", "True", "on",
		"On", "1" };
	static const char *const no[] = { "no", "No", "false", "FALSE", "off", "OFF",
		"0" };
	static const char *const bad[] = { "", "y", "n", "yes ", " no", "2", "01",
		"enabled", "ja" };
	bool b;

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		b = false;
		assert_int_equal(str_to_bool(yes[i], &b), 0);
		assert_true(b);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		b = true;
		assert_int_equal(str_to_bool(no[i], &b), 0);
		assert_false(b);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_to_bool(bad[i], &b) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
}

/* UTF-8 of any number, the wrong ones too. */
static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Every code point is taken but the surrogates, and nothing past the last. */
static void test_utf8_code_points(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x1fffff; c++) {
		char s[4];
		size_t n = encode(c, s);
		bool good = c < 0x110000 && (c < 0xd800 || c > 0xdfff);

		if (str_is_utf8(s, n) != good)
			fail_msg("U+%04X", c);
		if (n > 1)
			assert_false(str_is_utf8(s, n - 1));
	}
}

static void test_utf8_malformed(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3",
		"\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2(\xa1",
		"\xe2\x82(", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf0\x9f\x93", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "a\xff",
		"\xc3\xa9\xa9", "\xef\xbb" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_is_utf8(bad[i], strlen(bad[i])))
			fail_msg("no. %zu", i);
	assert_true(str_is_utf8("", 0));
	assert_true(str_is_utf8("a\0b", 3));
	assert_true(str_is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7z", 11));
	assert_true(str_is_utf8("\xc3\xa9\xff", 2));
}

static void test_ascii(void **state)
{
	(void)state;
	assert_true(str_is_ascii("", 0));
	assert_true(str_is_ascii("a\0\x7f", 3));
	assert_false(str_is_ascii("a\0\x80", 3));
	assert_false(str_is_ascii("\xff", 1));
	assert_true(str_is_ascii("a\xff", 1));
}

static void test_utf8_length_and_cut(void **state)
{
	static const char text[] =
		"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7z"; /* 1 2 3 4 1 */
	static const size_t cut_to[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11 };

	(void)state;
	assert_int_equal(str_utf8_length(""), 0);
	assert_int_equal(str_utf8_length(text), 5);
	for (size_t max = 0; max < sizeof(cut_to) / sizeof(cut_to[0]); max++) {
		char *s = strdup(text);

		str_utf8_cut(s, max);
		assert_int_equal(strlen(s), cut_to[max]);
		assert_memory_equal(s, text, cut_to[max]);
		assert_true(str_is_utf8(s, strlen(s)));
		free(s);
	}
}

static void test_has_control(void **state)
{
	char s[8];

	(void)state;
	for (uint32_t c = 1; c < 0x300; c++) {
		size_t n = encode(c, s + 1);

		s[0] = 'a';
		s[n + 1] = '\0';
		if (str_has_control(s) != (c < 0x20 || (c >= 0x7f && c < 0xa0)))
			fail_msg("U+%04X", c);
	}
	assert_false(str_has_control(""));
	assert_false(str_has_control("a b~\xc2\xa0"));
	assert_true(str_has_control("\xff\n"));
	/* within a longer character it is none */
	assert_false(str_has_control("\xe2\x82\x9b"));
}

/* Behind U+009F, what no text has: what breaks a line, or has it shown in another order
 * than it is in; tags; noncharacters (Unicode 23.7, 23.8). */
static bool is_bad_text(uint32_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || (c >= 0xe0000 && c <= 0xe007f) ||
	       (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

static void test_layout(void **state)
{
	char s[8], hex[20], to[20];

	(void)state;
	for (uint32_t c = 0xa0; c < 0x110000; c++) {
		bool bad = is_bad_text(c);

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		s[encode(c, s)] = '\0';
		hex[0] = '\0';
		for (const char *p = s; *p != '\0'; p++)
			str_append(hex, sizeof(hex), "\\x%02x", (unsigned char)*p);
		if (str_has_control(s) != bad ||
			strcmp(str_escape(to, sizeof(to), s), bad ? hex : s) != 0 ||
			strcmp(str_printable(to, sizeof(to), s), bad ? hex : s) != 0)
			fail_msg("U+%04X", c);
	}
}

static void test_escape(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = {
		{ "", "" },
		{ "plain text", "plain text" },
		{ "a\r\nb", "a\\x0d\\x0ab" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "\t\x01\x1f\x7f", "\\x09\\x01\\x1f\\x7f" },
		{ "a\\b", "a\\\\b" },
		{ "\\x0a", "\\\\x0a" },
		{ "%s \"'<>", "%s \"'<>" },
		{ "J\xc3\xbcrgen \xf0\x9f\x93\xa7", "J\xc3\xbcrgen \xf0\x9f\x93\xa7" },
		{ "\xff\xc3", "\\xff\\xc3" },
		{ "\xc3(", "\\xc3(" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xc2\x9b\xc2\xa0", "\\xc2\\x9b\xc2\xa0" },
	};
	char buf[200];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ptr_equal(str_escape(buf, sizeof(buf), table[i].from), buf);
		assert_string_equal(buf, table[i].to);
	}
}

static void random_text(uint64_t *seed, char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint64_t r = next_random(seed);
		char c[4];
		size_t k = encode((uint32_t)(r >> 8) % (r % 2 ? 0x100 : 0x11000), c);

		if (r % 8 < 3) /* an octet, good or not */
			s[i++] = (char)(1 + (r >> 8) % 255);
		else if (c[0] != '\0' && i + k <= n)
			for (size_t j = 0; j < k; j++)
				s[i++] = c[j];
	}
	s[n] = '\0';
}

/* Reads \xHH and \\ back; the octets, or -1. */
static int unescape(const char *s, char *out)
{
	int n = 0;

	for (; *s != '\0'; s++) {
		if (*s != '\\') {
			out[n++] = *s;
		} else if (*++s == '\\') {
			out[n++] = '\\';
		} else {
			char hex[3] = { s[1], s[2], '\0' };

			if (s[0] != 'x' || strspn(hex, "0123456789abcdef") != 2)
				return -1;
			out[n++] = (char)strtoul(hex, NULL, 16);
			s += 2;
		}
	}
	return n;
}

/* On any octets: one clean line, from which they can be told again. */
static void test_escape_any_octets(void **state)
{
	uint64_t seed = 3629;
	char from[300], to[1300], back[1300];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = next_random(&seed) % 60;

		random_text(&seed, from, n);
		str_escape(to, sizeof(to), from);
		assert_true(str_is_utf8(to, strlen(to)));
		assert_false(str_has_control(to));
		assert_int_equal(unescape(to, back), n);
		assert_memory_equal(back, from, n);
	}
}

/* What fits is whole; what does not is cut, and ends in "...". */
static void check_fit(const char *from, const char *whole, size_t size)
{
	char to[400];
	size_t most;

	memset(to, '#', sizeof(to));
	str_escape(to, size, from);
	assert_true(strlen(to) < size);
	for (size_t i = size; i < sizeof(to); i++)
		assert_int_equal(to[i], '#');
	assert_true(str_is_utf8(to, strlen(to)));
	assert_false(str_has_control(to));
	if (size > strlen(whole)) {
		assert_string_equal(to, whole);
		return;
	}
	most = strlen(to) - 3;
	assert_string_equal(to + most, "...");
	assert_memory_equal(to, whole, most);
	/* no piece is longer than 4: not cut for nothing */
	assert_true(most + 3 + 4 >= size - 1);
}

static void test_escape_fits(void **state)
{
	uint64_t seed = 3630;
	char from[60], whole[300];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		random_text(&seed, from, next_random(&seed) % 40);
		str_escape(whole, sizeof(whole), from);
		for (size_t size = 4; size < strlen(whole) + 6; size++)
			check_fit(from, whole, size);
	}
}

static void test_escape_tiny_room(void **state)
{
	char buf[4] = "###";

	(void)state;
	str_escape(buf, 1, "long");
	assert_string_equal(buf, "");
	str_escape(buf, 2, "long");
	assert_true(strlen(buf) < 2);
	str_escape(buf, 3, "long");
	assert_true(strlen(buf) < 3);
}

static void test_append(void **state)
{
	char buf[8] = "";

	(void)state;
	str_append(buf, sizeof(buf), "%s", "ab");
	str_append(buf, sizeof(buf), "%d%%", 5);
	assert_string_equal(buf, "ab5%");
	str_append(buf, sizeof(buf), "%s", "long text");
	assert_string_equal(buf, "ab5%lon");
	str_append(buf, sizeof(buf), "%s", "more");
	assert_string_equal(buf, "ab5%lon");
}

static void test_fold(void **state)
{
	char s[256], expected[256];

	(void)state;
	for (int i = 1; i < 256; i++) {
		s[i - 1] = expected[i - 1] = (char)i;
		if (i >= 'A' && i <= 'Z')
			expected[i - 1] = (char)(i + 32);
	}
	s[255] = expected[255] = '\0';
	str_fold(s);
	assert_string_equal(s, expected);
}

/* hash(bytes((i * 7 + n) & 255 for i in range(n))) in CPython 3.11, which is
 * SipHash-1-3: with PYTHONHASHSEED=0, key 0, and with 42, from which CPython draws
 * the key below (Python/bootstrap_hash.c, lcg_urandom). */
static const struct {
	size_t n;
	uint64_t key_0, key_42;
} hashes[] = {
	{ 1, 0x44bc103b1f8540ed, 0x89404b342d44cd29 },
	{ 2, 0x59c293a98a99f70b, 0x71515a4c4e079b03 },
	{ 3, 0x711b47561b9b33e2, 0x7a7bdb39d1ddb8c7 },
	{ 4, 0xd18e60eb59380f69, 0x74db2ddf0687c26a },
	{ 5, 0x4983680039fb2f34, 0x404a737645cdf8fd },
	{ 6, 0xb646f9a3ed9bf441, 0x6fd8ca4bc4cf6da8 },
	{ 7, 0x9fff4ac9ef420232, 0x0336f804e351866a },
	{ 8, 0xcaf590d4e8867659, 0x3de44bc65842791b },
	{ 9, 0xdbc958e03a783083, 0x10c6138161324054 },
	{ 15, 0xade679b8aedd64c4, 0x5d81d63c3c6a2e8f },
	{ 16, 0xd16eb79de4d128d0, 0xf0bd3a3a6514ce02 },
	{ 17, 0x64aa3c973ae91df5, 0x57b8da908cc17fc1 },
	{ 31, 0xe7bfc3e032e8eec3, 0x9b958b586fe4b5e5 },
	{ 32, 0x28800d68bca87613, 0xd08204d5f3f5b5f7 },
	{ 33, 0xeb48ef9f48e7f55c, 0x53e90e4da8d41f39 },
	{ 64, 0x5567a64c7eaaba34, 0xf2dffc64974c904e },
	{ 100, 0xe7e90a1389544e65, 0xb91287bb06d62677 },
};

static void test_hash_vectors(void **state)
{
	unsigned char data[100];

	(void)state;
	for (size_t k = 0; k < sizeof(hashes) / sizeof(hashes[0]); k++) {
		for (size_t i = 0; i < hashes[k].n; i++)
			data[i] = (unsigned char)(i * 7 + hashes[k].n);
		assert_true(str_hash_keyed(data, hashes[k].n, 0, 0) == hashes[k].key_0);
		assert_true(str_hash_keyed(data, hashes[k].n, 0xdc504fd368cd90af,
				    0xb920bb9ffe99e9c1) == hashes[k].key_42);
	}
}

/* One key for the process, and not the key 0; octets matter, not addresses. */
static void test_hash(void **state)
{
	char a[] = "bob@example.org", b[] = "xbob@example.org";

	(void)state;
	assert_true(str_hash(a, sizeof(a)) == str_hash(b + 1, sizeof(a)));
	assert_true(str_hash(a, sizeof(a)) != str_hash(a, sizeof(a) - 1));
	assert_true(str_hash(a, sizeof(a)) != str_hash_keyed(a, sizeof(a), 0, 0));
	a[0] ^= 1;
	assert_true(str_hash(a, sizeof(a)) != str_hash(b + 1, sizeof(a)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_u64),
		cmocka_unit_test(test_to_u64_round_trip),
		cmocka_unit_test(test_to_bool),
		cmocka_unit_test(test_utf8_code_points),
		cmocka_unit_test(test_utf8_malformed),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_utf8_length_and_cut),
		cmocka_unit_test(test_has_control),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_any_octets),
		cmocka_unit_test(test_escape_fits),
		cmocka_unit_test(test_escape_tiny_room),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_hash_vectors),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
