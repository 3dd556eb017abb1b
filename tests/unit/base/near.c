/*
 * Tests of base/near: the distance against a plain table of it, what is near enough, and
 * how it is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

static size_t distance(const char *a, const char *b)
{
	return near_distance(a, strlen(a), b, strlen(b), NEAR_LENGTH_MAX);
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(distance("", ""), 0);
	assert_int_equal(distance("policy", "policy"), 0);
	assert_int_equal(distance("polcy", "policy"), 1);
	assert_int_equal(distance("policyy", "policy"), 1);
	assert_int_equal(distance("pulicy", "policy"), 1);
	assert_int_equal(distance("ploicy", "policy"), 1);
	assert_int_equal(distance("outbuond", "outbound"), 1);
	assert_int_equal(distance("kitten", "sitting"), 3);
	assert_int_equal(distance("", "abc"), 3);
	assert_int_equal(distance("Gr\xc3\xbc\xc3\x9f"
				  "e",
				 "Gruesse"),
		4);
}

static void test_bound(void **state)
{
	char longest[NEAR_LENGTH_MAX + 2];

	(void)state;
	assert_int_equal(near_distance("kitten", 6, "sitting", 7, 3), 3);
	assert_int_equal(near_distance("kitten", 6, "sitting", 7, 2), 3);
	assert_int_equal(near_distance("kitten", 6, "sitting", 7, 0), 1);
	assert_int_equal(near_distance("a", 1, "abcdefgh", 8, 3), 4);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(
		near_distance(longest, NEAR_LENGTH_MAX, longest, NEAR_LENGTH_MAX, 0), 0);
	assert_int_equal(near_distance(longest, NEAR_LENGTH_MAX, "", 0, NEAR_LENGTH_MAX),
		NEAR_LENGTH_MAX);
	assert_int_equal(
		near_distance(longest, NEAR_LENGTH_MAX + 1, longest, 1, 200), 201);
}

/* The definition, by recursion over what is left of both. */
static size_t plain(const char *a, const char *b)
{
	size_t d, e;

	if (*a == '\0' || *b == '\0')
		return strlen(a) + strlen(b);
	d = plain(a + 1, b + 1) + (*a != *b);
	e = plain(a + 1, b) + 1;
	d = e < d ? e : d;
	e = plain(a, b + 1) + 1;
	d = e < d ? e : d;
	if (a[1] != '\0' && b[1] != '\0' && a[0] == b[1] && a[1] == b[0]) {
		e = plain(a + 2, b + 2) + 1;
		d = e < d ? e : d;
	}
	return d;
}

static size_t below(uint64_t *seed, size_t n)
{
	return (size_t)(next_random(seed) % n);
}

static void random_word(uint64_t *seed, char word[7])
{
	size_t n = below(seed, 7);

	for (size_t i = 0; i < n; i++)
		word[i] = (char)('a' + below(seed, 3));
	word[n] = '\0';
}

static void test_definition(void **state)
{
	uint64_t seed = 1;
	char a[7], b[7];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t wanted, most = below(&seed, 7);

		random_word(&seed, a);
		random_word(&seed, b);
		wanted = plain(a, b);
		if (distance(a, b) != wanted)
			fail_msg("%s and %s: %zu, not %zu", a, b, distance(a, b), wanted);
		assert_int_equal(near_distance(a, strlen(a), b, strlen(b), most),
			wanted > most ? most + 1 : wanted);
	}
}

static const char *found(const char *wanted, const char *const *words, struct near *n)
{
	near_begin(n, wanted);
	for (; *words != NULL; words++)
		near_offer(n, *words, strlen(*words));
	return near_found(n);
}

static void test_search(void **state)
{
	static const char *const nouns[] = { "group", "policy", "pool", "help", NULL };
	static const char *const letters[] = { "p", "one", "pp", NULL };
	static const char *const twins[] = { "box", "fox", "cox", NULL };
	struct near n;

	(void)state;
	assert_string_equal(found("polcy", nouns, &n), "policy");
	assert_string_equal(found("pol", nouns, &n), "pool");
	assert_string_equal(found("gruop", nouns, &n), "group");
	assert_null(found("status", nouns, &n));
	assert_null(found("", nouns, &n));
	/* a letter for another one is no guess */
	assert_null(found("q", letters, &n));
	assert_null(found("two", letters, &n));
	assert_string_equal(found("pq", letters, &n), "p");
	/* the first of equals */
	assert_string_equal(found("xox", twins, &n), "box");
	near_begin(&n, "abcd");
	near_offer(&n, "abcdefgh", 4);
	assert_string_equal(near_found(&n), "abcd");
}

static void test_words(void **state)
{
	static const char *const nouns[] = { "policy", NULL };
	char buf[NEAR_TEXT_MAX], longest[NEAR_LENGTH_MAX + 1],
		wanted[NEAR_LENGTH_MAX + 1];
	struct near n;

	(void)state;
	found("polcy", nouns, &n);
	assert_string_equal(near_behind(&n, buf), " (did you mean \"policy\"?)");
	assert_string_equal(near_within(&n, buf), "did you mean \"policy\"? ");
	found("status", nouns, &n);
	assert_string_equal(near_behind(&n, buf), "");
	assert_string_equal(near_within(&n, buf), "");
	memset(longest, 'x', NEAR_LENGTH_MAX);
	longest[NEAR_LENGTH_MAX] = '\0';
	memcpy(wanted, longest, sizeof(wanted));
	wanted[3] = 'y';
	near_begin(&n, wanted);
	near_offer(&n, longest, NEAR_LENGTH_MAX);
	assert_int_equal(strlen(near_behind(&n, buf)), NEAR_LENGTH_MAX + 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_definition),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
