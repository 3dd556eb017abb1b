/*
 * Tests of counter/scratch: what is charged there comes to what it comes to in the store
 * that mail is judged by, what is over goes, and there are never more than there may be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include "../random.h"
#include "counter/scratch.h"

static void expect_same(const struct counter_hit *a, const struct counter_hit *b)
{
	assert_int_equal(a->full, b->full);
	assert_int_equal(a->charged, b->charged);
	assert_int_equal(a->used, b->used);
	assert_int_equal(a->free_at, b->free_at);
	assert_int_equal(a->bucket, b->bucket);
}

static const struct limit tried[4] = {
	{ .id = 1, .amount = 8, .period = 3600, .strategy = STRATEGY_MOVING },
	{ .id = 2, .amount = 7, .period = 1800, .strategy = STRATEGY_SLIDING },
	{ .id = 3, .amount = 5, .period = 900, .strategy = STRATEGY_FIXED },
	{ .id = 4, .amount = 6, .period = 1200, .strategy = STRATEGY_BUCKET },
};

/* Some limits, each once, of one object or two; some of them soft, or looked at. */
static size_t make_hits(struct counter_hit *h, uint64_t *seed)
{
	unsigned soft = next_random(seed) % 8, look = next_random(seed) % 8;
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		if (next_random(seed) % 3 == 0)
			continue;
		h[n] = (struct counter_hit){ .limit = &tried[i],
			.key = { tried[i].id,
				objects[next_random(seed) % LENGTH(objects)] },
			.cost = next_random(seed) % 4,
			.group = (unsigned)i / 2,
			.soft = soft == (unsigned)i / 2,
			.look = look == (unsigned)i };
		n++;
	}
	return n;
}

static void test_same(void **state)
{
	struct fixture *f = *state;
	struct counter_store *scratch = scratch_store_new(1000);
	uint64_t seed = 4711;
	int64_t now = NOW;
	int charged = 0, refused = 0;

	for (int i = 0; i < 20000; i++) {
		struct counter_hit a[4], b[4];
		size_t n = make_hits(a, &seed);
		bool peeks = next_random(&seed) % 4 == 0;
		int room;

		memcpy(b, a, sizeof(b));
		now += (int64_t)(next_random(&seed) % (60 * CLOCK_SECOND));
		room = (peeks ? scratch->peek : scratch->charge)(scratch, a, n, now);
		assert_int_equal(
			(peeks ? f->store->peek : f->store->charge)(f->store, b, n, now),
			room);
		for (size_t k = 0; k < n; k++)
			expect_same(&a[k], &b[k]);
		charged += room == 1;
		refused += room == 0;
	}
	assert_true(charged > 1000 && refused > 1000);
	assert_false(scratch_store_is_full(scratch));
	scratch->close(scratch);
}

static int charge_one(struct counter_store *store, int which, int64_t now)
{
	static const struct limit hourly = { .id = 1, .amount = 100, .period = 3600 };
	char name[40];
	struct counter_hit h = { .limit = &hourly, .key = { 1, name }, .cost = 1 };

	snprintf(name, sizeof(name), "user%d@example.org", which);
	return store->charge(store, &h, 1, now);
}

/* A second between two of them: 3600 are in their window at any moment. */
static void test_sweep(void **state)
{
	struct counter_store *scratch = scratch_store_new(8000);

	(void)state;
	for (int i = 0; i < 30000; i++) {
		assert_int_equal(charge_one(scratch, i, NOW + i * CLOCK_SECOND), 1);
		assert_true(scratch->count(scratch) < 7500);
	}
	assert_false(scratch_store_is_full(scratch));
	scratch->close(scratch);
}

static void test_full(void **state)
{
	struct counter_store *scratch = scratch_store_new(100);
	int i = 0;

	(void)state;
	while (i < 101 && charge_one(scratch, i, NOW) == 1)
		i++;
	assert_int_equal(i, 100);
	assert_true(scratch_store_is_full(scratch));
	assert_int_equal(scratch->count(scratch), 100);
	/* who has a counter could go on, but nobody does who has asked */
	assert_int_equal(charge_one(scratch, 200, NOW + 1), -1);
	/* an hour later nobody is in the way */
	for (i = 200; i < 400; i++)
		assert_int_equal(charge_one(scratch, 200, NOW + HOURS), 1 - (i >= 300));
	assert_int_equal(scratch->count(scratch), 1);
	scratch->close(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("counter/scratch", tests, NULL, NULL);
}
