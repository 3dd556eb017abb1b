/*
 * What the tests of the counter store stand on: a store over a database with two
 * policies, whose batches are driven by hand through the hook.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_COUNTER_STORE_H
#define THEMIS_TESTS_COUNTER_STORE_H

#include "../fixture.h"

/* As setup() makes them, so that their ids are known: M of a moving policy, F of a
 * fixed one. */
enum { M100, M5, MYEAR, F100, F3, FYEAR, LIMITS };

static const struct limit limits[LIMITS] = {
	[M100] = { 1, 100, 3600, STRATEGY_MOVING },
	[M5] = { 2, 5, 86400, STRATEGY_MOVING },
	[MYEAR] = { 3, 100, 365 * 86400, STRATEGY_MOVING },
	[F100] = { 4, 100, 3600, STRATEGY_FIXED },
	[F3] = { 5, 3, 60, STRATEGY_FIXED },
	[FYEAR] = { 6, 100, 365 * 86400, STRATEGY_FIXED },
};

static const char *const objects[] = { "a@x", "b@x", "@x", "192.0.2.7", "<>", "*" };

struct fixture {
	struct site site;
	struct counter_store *store;
	struct err err;
};

static inline int setup_with(void **state, size_t max)
{
	struct fixture *f = *state = mem_calloc(1, sizeof(*f));

	site_open(&f->site);
	site_policy(&f->site, "moving", "limit=100/hour,5/day,100/year", NULL);
	site_policy(&f->site, "fixed", "limit=100/hour,3/minute,100/year",
		"strategy=fixed", NULL);
	f->store = site_store(&f->site, max, NOW);
	return 0;
}

static inline int setup(void **state)
{
	return setup_with(state, 1000000);
}

/* No counter stays in memory once it is stored: whatever a test asks for is read back. */
static inline int setup_tight(void **state)
{
	return setup_with(state, 0);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	f->store->close(f->store);
	site_close(&f->site);
	free(f);
	return 0;
}

static inline struct counter_hit hit(int which, const char *object, uint64_t cost)
{
	return (struct counter_hit){
		.key = { limits[which].id, object }, .limit = &limits[which], .cost = cost
	};
}

/* Charges; flags say what is expected of each hit: c charged, f full, - neither. */
static inline int charge_all(
	struct fixture *f, struct counter_hit *h, const char *flags, int64_t now)
{
	int room = f->store->charge(f->store, h, strlen(flags), now);

	for (size_t i = 0; flags[i] != '\0'; i++)
		assert_int_equal(h[i].charged ? 'c' : h[i].full ? 'f' : '-', flags[i]);
	return room;
}

static inline bool charge(
	struct fixture *f, int which, const char *object, uint64_t cost, int64_t now)
{
	struct counter_hit h = hit(which, object, cost);

	return f->store->charge(f->store, &h, 1, now) == 1;
}

static inline struct counter_hit peek(struct counter_store *store, int which,
	const char *object, uint64_t cost, int64_t now)
{
	struct counter_hit h = hit(which, object, cost);
	int room = store->peek(store, &h, 1, now);

	assert_true(h.full == (room == 0) && !h.charged);
	return h;
}

static inline int used(struct fixture *f, int which, const char *object, int64_t now)
{
	return (int)peek(f->store, which, object, 0, now).used;
}

/* What the writer does for a batch that is committed, or is not. */
static inline void batch(struct fixture *f, bool commit)
{
	struct writer_hook hook = mem_store_hook(f->store);

	site_sql(&f->site, "BEGIN IMMEDIATE");
	must(hook.flush(hook.arg, f->site.db, &f->err), &f->err);
	site_sql(&f->site, commit ? "COMMIT" : "ROLLBACK");
	hook.settle(hook.arg, commit);
}

/* After a batch so many rows are there. */
static inline void expect_rows(struct fixture *f, int64_t rows)
{
	batch(f, true);
	assert_int_equal(site_number(&f->site, "SELECT COUNT(*) FROM bucket"), rows);
}

/* A restart would find what the memory holds. */
static inline void check_stored(struct fixture *f, int64_t now)
{
	struct counter_store *stored = site_store(&f->site, 1000000, now);

	for (int i = 0; i < LIMITS * (int)LENGTH(objects); i++) {
		const char *object = objects[i / LIMITS];
		struct counter_hit x = peek(f->store, i % LIMITS, object, 1, now);
		struct counter_hit y = peek(stored, i % LIMITS, object, 1, now);

		assert_int_equal(x.used, y.used);
		assert_int_equal(x.free_at, y.free_at);
	}
	stored->close(stored);
}

static inline int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job, (void)db, (void)err;
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TIGHT(name)                                                                      \
	{                                                                                \
#name " (read back)", name, setup_tight, teardown, NULL                  \
	}
#define BOTH(name) TEST(name), TIGHT(name)

#endif
