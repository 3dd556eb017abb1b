/*
 * Tests of src/spf/cache: an answer is there for as long as it holds, for the very same
 * question alone, and the one that nobody asks for goes first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/cache.h"

#include "base/arena.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW (1000 * CLOCK_SECOND)

static struct spf_question question(
	const char *client, const char *helo, const char *sender)
{
	struct spf_question q = { .sender = sender, .helo = helo };

	assert_int_equal(cidr_parse(client, &q.client, NULL), 0);
	return q;
}

static void put(struct spf_cache *cache, const struct spf_question *q,
	enum spf_result result, unsigned ttl, int64_t now)
{
	struct spf_answer a;

	spf_answer_init(&a, result, "");
	a.ttl = ttl;
	a.queries = 1;
	spf_cache_put(cache, q, &a, now);
	spf_answer_clear(&a);
}

/* SPF_RESULTS: there is none. */
static enum spf_result get(
	struct spf_cache *cache, const struct spf_question *q, int64_t now)
{
	const struct spf_answer *a = spf_cache_get(cache, q, now);

	return a != NULL ? a->result : SPF_RESULTS;
}

static void test_holds(void **state)
{
	struct spf_cache *cache = spf_cache_new(10);
	struct spf_question q = question("192.0.2.7", "mx", "bob@example.org");

	(void)state;
	assert_int_equal(get(cache, &q, NOW), SPF_RESULTS);
	put(cache, &q, SPF_FAIL, 60, NOW);
	assert_int_equal(get(cache, &q, NOW), SPF_FAIL);
	assert_int_equal(spf_cache_get(cache, &q, NOW)->ttl, 60);
	assert_int_equal(spf_cache_get(cache, &q, NOW + 59 * CLOCK_SECOND + 1)->ttl, 1);
	assert_int_equal(get(cache, &q, NOW + 60 * CLOCK_SECOND - 1), SPF_FAIL);
	assert_int_equal(get(cache, &q, NOW + 60 * CLOCK_SECOND), SPF_RESULTS);
	assert_int_equal(get(cache, &q, NOW), SPF_RESULTS);
	spf_cache_free(cache);
}

static void test_newest(void **state)
{
	struct spf_cache *cache = spf_cache_new(10);
	struct spf_question q = question("192.0.2.7", "mx", "bob@example.org");

	(void)state;
	put(cache, &q, SPF_FAIL, 60, NOW);
	put(cache, &q, SPF_PASS, 10, NOW);
	assert_int_equal(get(cache, &q, NOW + CLOCK_SECOND), SPF_PASS);
	put(cache, &q, SPF_NONE, 0, NOW); /* for one message alone: changes nothing */
	assert_int_equal(get(cache, &q, NOW + CLOCK_SECOND), SPF_PASS);
	spf_cache_free(cache);
}

static void test_same_question_alone(void **state)
{
	const struct spf_question questions[] = {
		question("192.0.2.7", "mx", "bob@example.org"),
		question("192.0.2.8", "mx", "bob@example.org"),
		question("2001:db8::7", "mx", "bob@example.org"),
		question("192.0.2.7", "mx2", "bob@example.org"),
		question("192.0.2.7", "mx", "eve@example.org"),
		question("192.0.2.7", "", "mxbob@example.org"),
		question("192.0.2.7", "mxbob@example.org", ""),
	};
	struct spf_cache *cache = spf_cache_new(10);

	(void)state;
	for (size_t i = 0; i < SPF_RESULTS; i++) {
		assert_int_equal(get(cache, &questions[i], NOW), SPF_RESULTS);
		put(cache, &questions[i], (enum spf_result)i, 60, NOW);
	}
	for (size_t i = 0; i < SPF_RESULTS; i++)
		assert_int_equal(get(cache, &questions[i], NOW), i);
	spf_cache_free(cache);
}

static void test_bound(void **state)
{
	struct spf_question a = question("192.0.2.1", "mx", "a@example.org"),
			    b = question("192.0.2.1", "mx", "b@example.org"),
			    c = question("192.0.2.1", "mx", "c@example.org");
	struct spf_cache *cache = spf_cache_new(2);

	(void)state;
	put(cache, &a, SPF_PASS, 60, NOW);
	put(cache, &b, SPF_FAIL, 60, NOW);
	assert_int_equal(get(cache, &a, NOW), SPF_PASS);
	put(cache, &c, SPF_NONE, 60, NOW);
	assert_int_equal(get(cache, &b, NOW), SPF_RESULTS);
	assert_int_equal(get(cache, &a, NOW), SPF_PASS);
	assert_int_equal(get(cache, &c, NOW), SPF_NONE);
	spf_cache_free(cache);
}

static void test_without_trace(void **state)
{
	struct spf_question q = question("192.0.2.1", "mx", "a@example.org");
	struct spf_cache *cache = spf_cache_new(2);
	struct spf_answer a;

	(void)state;
	spf_answer_init(&a, SPF_PASS, "");
	a.ttl = 60;
	a.queries = 1;
	a.trace = mem_calloc(1, sizeof(*a.trace));
	a.trace[0] = mem_strdup("a line");
	a.ntrace = 1;
	spf_cache_put(cache, &q, &a, NOW);
	spf_answer_clear(&a);
	assert_int_equal(spf_cache_get(cache, &q, NOW)->ntrace, 0);
	spf_cache_free(cache);
}

/* What holds for this message alone, and what needs no DNS to be said again. */
static void test_not_kept(void **state)
{
	static const struct {
		unsigned ttl, queries;
	} cases[] = { { 0, 1 }, { 60, 0 } };
	struct spf_question q = question("192.0.2.1", "mx", "a@example.org");
	struct spf_cache *cache = spf_cache_new(2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spf_answer a;

		spf_answer_init(&a, SPF_NONE, "");
		a.ttl = cases[i].ttl;
		a.queries = cases[i].queries;
		spf_cache_put(cache, &q, &a, NOW);
		spf_answer_clear(&a);
		assert_int_equal(get(cache, &q, NOW), SPF_RESULTS);
	}
	spf_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_same_question_alone),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_without_trace),
		cmocka_unit_test(test_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
