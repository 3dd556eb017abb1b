/*
 * Totals by verdict, for all mail and for each policy, from any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include <pthread.h>

#define THREADS 4
#define ROUNDS	2000

static void test_zeros(void **state)
{
	struct stats *stats = stats_new();
	uint64_t out[VERDICTS];

	(void)state;
	memset(out, 0xff, sizeof(out));
	stats_read(stats, 0, out);
	for (int v = 0; v < VERDICTS; v++)
		assert_int_equal(out[v], 0);
	memset(out, 0xff, sizeof(out));
	stats_count(stats, 1, VERDICT_DEFER, NOW);
	stats_read(stats, 2, out);
	for (int v = 0; v < VERDICTS; v++)
		assert_int_equal(out[v], 0);
	stats_free(stats);
	stats_free(NULL);
}

/* Each policy and all mail apart; each verdict apart. */
static void test_counts(void **state)
{
	struct stats *stats = stats_new();
	uint64_t out[VERDICTS];

	(void)state;
	for (int64_t id = 0; id < 100; id++)
		for (int v = 0; v < VERDICTS; v++)
			for (int n = 0; n < v + 1 + id % 3; n++)
				stats_count(
					stats, id * 1000003, (enum verdict_kind)v, NOW);
	for (int64_t id = 0; id < 100; id++) {
		stats_read(stats, id * 1000003, out);
		for (int v = 0; v < VERDICTS; v++)
			assert_int_equal(out[v], v + 1 + id % 3);
	}
	stats_free(stats);
}

/* What keeps a message, or a part of it, counts as refused. */
static void test_refused(void **state)
{
	static const enum verdict_kind refused[] = { VERDICT_DEFER, VERDICT_BLOCK,
		VERDICT_HOLD, VERDICT_DISCARD };
	struct stats *stats = stats_new();
	struct rates rates;

	(void)state;
	for (int v = 0; v < VERDICTS; v++) {
		bool stops = false;

		for (size_t i = 0; i < LENGTH(refused); i++)
			stops |= refused[i] == (enum verdict_kind)v;
		stats_count(stats, v, (enum verdict_kind)v, NOW);
		stats_rates(stats, v, &rates);
		assert_int_equal(rates_read(&rates, RATE_HOUR, NOW).messages, 1);
		assert_int_equal(rates_read(&rates, RATE_HOUR, NOW).refused, stops);
	}
	stats_rates(stats, 4711, &rates);
	assert_int_equal(rates_read(&rates, RATE_HOUR, NOW).messages, 0);
	stats_free(stats);
}

static uint64_t total(struct stats *stats, int64_t id)
{
	uint64_t out[VERDICTS];

	stats_read(stats, id, out);
	return out[VERDICT_ACCEPT];
}

/* A policy that is gone is forgotten, but not at once. */
static void test_forget(void **state)
{
	struct policy stays = { .id = 3 }, comes = { .id = 9 };
	const struct policy *both[] = { &stays, &comes };
	struct policy_set set = { .policies = both, .npolicies = 1 };
	struct stats *stats = stats_new();

	(void)state;
	for (int64_t id = 0; id <= 3; id++)
		stats_count(stats, id, VERDICT_ACCEPT, NOW);
	stats_forget(stats, &set);
	assert_int_equal(total(stats, 1), 1);
	/* newer than the set that is looked at */
	stats_count(stats, 9, VERDICT_ACCEPT, NOW);
	stats_forget(stats, &set);
	assert_int_equal(total(stats, 1), 0);
	assert_int_equal(total(stats, 2), 0);
	assert_int_equal(total(stats, 9), 1);
	set.npolicies = 2;
	for (int i = 0; i < 3; i++)
		stats_forget(stats, &set);
	assert_int_equal(total(stats, 0), 1);
	assert_int_equal(total(stats, 3), 1);
	assert_int_equal(total(stats, 9), 1);
	/* a message in hand still counts for it */
	stats_count(stats, 1, VERDICT_ACCEPT, NOW);
	assert_int_equal(total(stats, 1), 1);
	stats_free(stats);
}

struct crowd {
	struct stats *stats;
	int64_t own;
};

static void *count(void *arg)
{
	struct crowd *crowd = arg;
	uint64_t out[VERDICTS];
	struct rates rates;

	for (int i = 0; i < ROUNDS; i++) {
		stats_count(crowd->stats, 0, VERDICT_ACCEPT, NOW + i);
		stats_count(crowd->stats, crowd->own + i % 7, VERDICT_HOLD, NOW);
		stats_rates(crowd->stats, crowd->own, &rates);
		stats_read(crowd->stats, 0, out);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct stats *stats = stats_new();
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	uint64_t out[VERDICTS], sum = 0;

	(void)state;
	for (int t = 0; t < THREADS; t++) {
		crowds[t] = (struct crowd){ stats, 1 + 7 * (t / 2) };
		assert_int_equal(pthread_create(&threads[t], NULL, count, &crowds[t]), 0);
	}
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	stats_read(stats, 0, out);
	assert_int_equal(out[VERDICT_ACCEPT], THREADS * ROUNDS);
	for (int64_t id = 1; id <= 7 * (THREADS / 2); id++) {
		stats_read(stats, id, out);
		sum += out[VERDICT_HOLD];
	}
	assert_int_equal(sum, THREADS * ROUNDS);
	stats_free(stats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
