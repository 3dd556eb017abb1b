/*
 * Tests of counter/table.c and counter/stored.c: memory that stays within its bound,
 * counters that come back from the database, what can be neither stored nor read, and
 * clocks that went back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include "counter/table.h"

#include <pthread.h>
#include <stdatomic.h>

struct flood {
	struct counter_store *store;
	struct writer *writer;
	atomic_int charged, unknown;
	atomic_uint number;
};

static void *send_to_many(void *arg)
{
	struct flood *f = arg;
	unsigned number = atomic_fetch_add(&f->number, 1);
	char object[20];

	for (unsigned i = 0; i < 600; i++) {
		struct writer_job job = { .kind = WRITER_RECORD, .run = run_nothing };
		struct counter_hit h[] = { hit(M100, "busy@x", 1), hit(M5, object, 1) };

		snprintf(object, sizeof(object), "o%u@x", i * 4 + number % 4);
		if (f->store->charge(f->store, h, 2, NOW + i) < 0)
			f->unknown++;
		f->charged += h[0].charged;
		if (number == 0)
			f->store->sweep(f->store, NOW);
		if (writer_do(f->writer, &job, NULL) < 0)
			f->unknown++;
	}
	return NULL;
}

#define CROWD 40 /* ThreadSanitizer knows of 64 locks at a time */

/* Messages that each need more than there is room for: all of them are answered. */
static void *send_crowds(void *arg)
{
	struct flood *f = arg;
	unsigned number = atomic_fetch_add(&f->number, 1);
	struct counter_hit h[CROWD];
	char names[CROWD][20];

	for (unsigned i = 0; i < 30; i++) {
		for (unsigned k = 0; k < LENGTH(h); k++) {
			snprintf(names[k], sizeof(names[k]), "o%u@x",
				(number * 50 + k) % 400);
			h[k] = hit(MYEAR, names[k], i < 20 ? 1 : 0);
		}
		if (f->store->charge(f->store, h, LENGTH(h), NOW + i) < 0)
			f->unknown++;
		f->charged += h[0].charged;
	}
	return NULL;
}

static void crowds_do_not_keep_each_other_waiting(void **state)
{
	struct fixture *f = *state;
	struct flood crowd = { f->store, NULL, 0, 0, 0 };
	pthread_t threads[8];
	char object[20];
	uint64_t all = 0;

	for (int i = 0; i < 400; i++) {
		snprintf(object, sizeof(object), "o%d@x", i);
		assert_true(charge(f, MYEAR, object, 1, NOW));
		batch(f, true);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, send_crowds, &crowd), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.unknown, 0);
	batch(f, true);
	for (int i = 0; i < 400; i++) {
		snprintf(object, sizeof(object), "o%d@x", i);
		all += used(f, MYEAR, object, NOW + MINUTES);
	}
	/* each of a message's hits is charged, or none */
	assert_int_equal(all, 400 + crowd.charged * CROWD);
}

/* Counters come and go all the time, and nobody gets a message more. */
static void a_flood_stays_within_its_bounds(void **state)
{
	struct fixture *f = *state;
	struct writer_hook hook = mem_store_hook(f->store);
	struct flood flood = { f->store, writer_new(f->site.db, &hook), 0, 0, 0 };
	pthread_t threads[8];

	f->site.db = db_open(f->site.database, DB_READER, NULL); /* in its place */
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, send_to_many, &flood), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	writer_stop(flood.writer);
	free(flood.writer);
	assert_int_equal(flood.unknown, 0);
	assert_int_equal(flood.charged, 100);
	assert_int_equal(
		site_number(&f->site, "SELECT SUM(count) FROM bucket WHERE limit_id = 1"),
		100);
	assert_int_equal(
		site_number(&f->site, "SELECT SUM(count) FROM bucket WHERE limit_id = 2"),
		100);
}

static void memory_is_bounded(void **state)
{
	struct fixture *f = *state;
	char object[20];
	int passed = 0;

	f->store->close(f->store);
	f->store = site_store(&f->site, 1000, NOW);
	for (int i = 0; i < 10000; i++) {
		snprintf(object, sizeof(object), "o%d@x", i);
		assert_true(charge(f, M5, object, 1, NOW));
		if (i % 90 == 0)
			passed += charge(f, M100, "busy@x", 1, NOW + i);
		if (i % 64 == 0)
			batch(f, true);
		assert_in_range(f->store->count(f->store), 0, 1000 + 12 * SHARDS);
	}
	assert_int_equal(passed, 100);
	expect_rows(f, 10001);
	/* each of them is where it was */
	for (int i = 0; i < 10000; i += 7) {
		snprintf(object, sizeof(object), "o%d@x", i);
		assert_int_equal(used(f, M5, object, NOW), 1);
	}
	/* a start takes no more into memory either */
	batch(f, true);
	f->store->close(f->store);
	f->store = site_store(&f->site, 1000, NOW);
	assert_in_range(f->store->count(f->store), 200, 1000 + 10 * SHARDS);
	assert_int_equal(used(f, M5, "o1@x", NOW), 1);
	assert_int_equal(used(f, M5, "o9999@x", NOW), 1);
	/* and those that are over go, wherever they are */
	for (int i = 0; f->store->sweep(f->store, NOW + 2 * DAYS); i++) {
		batch(f, true);
		assert_in_range(i, 0, 1000);
	}
	expect_rows(f, 0);
}

/* While nothing can be stored nothing can leave the memory: then a flood finds no place
 * in it, and those who are there go on. */
static void fill_memory(struct fixture *f)
{
	struct counter_hit h[2] = { hit(M5, "a@x", 1) };
	char object[20];
	int places = 0;

	assert_int_equal(f->store->charge(f->store, h, 1, NOW), 1);
	h[1] = hit(M100, object, 1);
	for (int i = 0; i < 50000; i++) {
		snprintf(object, sizeof(object), "o%d@x", i);
		places += f->store->charge(f->store, h + 1, 1, NOW) == 1;
	}
	assert_in_range(f->store->count(f->store), 2000, 2000 + 90 * SHARDS);
	assert_in_range(places, 2000, 2000 + 80 * SHARDS);
	assert_int_equal(f->store->charge(f->store, h, 1, NOW), 1);
	assert_int_equal(f->store->charge(f->store, h, 2, NOW), -1);
	assert_true(!h[0].charged && !h[1].charged && !h[0].full && h[0].free_at == NOW);
	batch(f, true);
	assert_int_equal(f->store->charge(f->store, h, 2, NOW), 1);
	assert_int_equal(h[0].used, 3);
}

static void what_cannot_be_stored_fills_no_memory(void **state)
{
	struct fixture *f = *state;

	f->store->close(f->store);
	f->store = site_store(&f->site, 1000, NOW);
	fill_memory(f);
	/* the same once some of them are in the database alone */
	f->store->reset(f->store, NULL, NULL);
	site_sql(&f->site, "DELETE FROM bucket");
	for (int i = 0; i < 3000; i++) {
		char object[20];

		snprintf(object, sizeof(object), "o%d@x", i);
		assert_true(charge(f, M5, object, 1, NOW));
		if (i % 100 == 99)
			batch(f, true);
	}
	fill_memory(f);
}

/* What was asked for and is nowhere takes no room. */
static void who_only_asks_is_forgotten(void **state)
{
	struct fixture *f = *state;
	char object[20];

	assert_true(charge(f, M5, "a@x", 1, NOW));
	batch(f, true);
	assert_int_equal(used(f, M5, "a@x", NOW), 1);
	for (int i = 0; i < 1000; i++) {
		snprintf(object, sizeof(object), "o%d@x", i);
		assert_int_equal(used(f, M5, object, NOW), 0);
		assert_int_equal(f->store->count(f->store), 0);
	}
}

/* Each round of the sweep begins at the first row. */
static void every_sweep_sees_every_row(void **state)
{
	struct fixture *f = *state;
	char object[20];

	for (int round = 1; round <= 4; round++) {
		int64_t now = NOW + round * 5 * DAYS;

		for (int i = 0; i < 450; i++) {
			snprintf(object, sizeof(object), "o%d@x", i);
			assert_true(charge(f, M5, object, 1, now));
			batch(f, true);
		}
		assert_int_equal(f->store->count(f->store) < 450, 1);
		for (int i = 0; f->store->sweep(f->store, now + 2 * DAYS); i++) {
			batch(f, true);
			assert_in_range(i, 0, 100);
		}
		expect_rows(f, 0);
	}
}

/* A row that no version knows is left alone, and nobody's batch fails for it. */
static void a_row_of_strange_making_stays(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, M5, "a@x", 1, NOW) && charge(f, F3, "b@x", 1, NOW));
	batch(f, true);
	assert_true(used(f, M5, "a@x", NOW) == 1 && used(f, F3, "b@x", NOW) == 1);
	site_sql(&f->site, "UPDATE policy SET strategy = 'odd' WHERE name = 'moving'");
	while (f->store->sweep(f->store, NOW + 2 * DAYS))
		batch(f, true);
	expect_rows(f, 1);
}

static void what_cannot_be_read_is_not_charged(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[] = { hit(M5, "a@x", 1), hit(M5, "b@x", 1) };

	assert_int_equal(charge_all(f, h, "cc", NOW), 1);
	batch(f, true);
	/* whoever was asked for goes again */
	assert_true(used(f, M5, "a@x", NOW) == 1 && used(f, M5, "b@x", NOW) == 1);
	assert_int_equal(f->store->count(f->store), 0);
	mem_store_stop(f->store);
	assert_int_equal(charge_all(f, h, "--", NOW), -1);
	assert_int_equal(f->store->peek(f->store, h, 2, NOW), -1);
	expect_rows(f, 2);
	assert_int_equal(site_number(&f->site, "SELECT SUM(count) FROM bucket"), 2);
}

/* What would be lost if the process ended now. */
static void what_is_not_stored_is_known(void **state)
{
	struct fixture *f = *state;
	struct writer_hook hook = mem_store_hook(f->store);

	assert_int_equal(hook.unstored(hook.arg), 0);
	assert_true(charge(f, M5, "a@x", 1, NOW) && charge(f, M5, "b@x", 1, NOW) &&
		    charge(f, M5, "a@x", 1, NOW));
	assert_int_equal(hook.unstored(hook.arg), 2);
	batch(f, false);
	assert_int_equal(hook.unstored(hook.arg), 2);
	batch(f, true);
	assert_int_equal(hook.unstored(hook.arg), 0);
}

/* What the writer took along is not in the database before its commit. */
static void what_is_on_its_way_stays(void **state)
{
	struct fixture *f = *state;
	struct writer_hook hook = mem_store_hook(f->store);

	assert_true(charge(f, M5, "a@x", 3, NOW));
	site_sql(&f->site, "BEGIN IMMEDIATE");
	must(hook.flush(hook.arg, f->site.db, &f->err), &f->err);
	for (int i = 0; i < 3; i++)
		assert_int_equal(used(f, M5, "a@x", NOW), 3);
	site_sql(&f->site, "COMMIT");
	hook.settle(hook.arg, true);
	for (int i = 0; i < 3; i++)
		assert_int_equal(used(f, M5, "a@x", NOW), 3);
	assert_int_equal(f->store->count(f->store), 0);
}

/* A reset between the reading of the rows and their coming into memory; once. */
static int reset_now(unsigned event, void *arg, void *statement, void *took)
{
	struct fixture *f = arg;

	(void)event, (void)took;
	sqlite3_trace_v2(sqlite3_db_handle(statement), 0, NULL, NULL);
	site_sql(&f->site, "DELETE FROM bucket");
	f->store->reset(f->store, NULL, NULL);
	return 0;
}

static void what_was_read_too_early_is_read_again(void **state)
{
	struct fixture *f = *state;
	struct db *reader = db_open(f->site.database, DB_READER, &f->err);

	assert_true(charge(f, M5, "a@x", 5, NOW));
	batch(f, true);
	f->store->close(f->store);
	f->store = mem_store_open(f->site.db, reader, 0, NOW, &f->err);
	assert_false(charge(f, M5, "a@x", 1, NOW));
	sqlite3_trace_v2(db_handle(reader), SQLITE_TRACE_PROFILE, reset_now, f);
	assert_true(charge(f, M5, "a@x", 1, NOW));
	assert_int_equal(used(f, M5, "a@x", NOW), 1);
}

/* That is how one who has read the database knows. */
static void whoever_leaves_is_noticed(void **state)
{
	struct table t = { .max = 0 };
	struct shard *s;
	struct key key;
	char room[20];
	uint64_t locked;

	(void)state;
	table_init(&t, 0);
	key_make(&key, room, 7, "a@x");
	locked = table_lock(&t, &key, 1);
	s = table_shard(&t, &key);
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(s->left, i);
		assert_int_equal(key_limit_id(shard_find_or_make(s, &key)->key), 7);
		while (shard_find(s, &key) != NULL)
			table_trim(&t, s);
		assert_true(t.away);
	}
	table_unlock(&t, locked);
	table_clear(&t);
}

/* What amend() and a restart make of a charge of a moment ago, when its limit becomes
 * another one and nobody looks for a while. */
static void check_amended(struct fixture *f, struct limit before, struct limit after,
	int64_t changed, int64_t looked, uint64_t left)
{
	struct limit_change change = { before, after, false };
	struct counter_hit h = hit(M5, "a@x", 0);

	f->store->reset(f->store, NULL, NULL);
	before.id = after.id = h.key.limit_id;
	change.before.id = change.after.id = before.id;
	h.limit = &before;
	h.cost = before.amount;
	assert_int_equal(f->store->charge(f->store, &h, 1, NOW), 1);
	batch(f, true);
	f->store->amend(f->store, &change, 1, changed);
	for (int i = 0; i < 2; i++) {
		h.limit = &after;
		h.cost = 0;
		f->store->peek(f->store, &h, 1, looked);
		assert_int_equal(h.used, left);
		/* nor does the sweep think otherwise */
		while (f->store->sweep(f->store, looked))
			batch(f, true);
		batch(f, true);
	}
	assert_int_equal(f->store->count(f->store), left > 0);
}

static void a_limit_that_becomes_another_one_ends_by_that(void **state)
{
	struct fixture *f = *state;
	const struct limit half = { 0, 1, 1800, STRATEGY_MOVING, false, 0, 0 },
			   two = { 0, 1, 7200, STRATEGY_MOVING, false, 0, 0 },
			   level100 = { 0, 100, 3600, STRATEGY_BUCKET, false, 0, 0 },
			   level10 = { 0, 10, 3600, STRATEGY_BUCKET, false, 0, 0 };

	/* a penalty is made longer: in time, and when it was over */
	check_amended(f, half, two, NOW + 10 * MINUTES, NOW + 45 * MINUTES, 1);
	check_amended(f, half, two, NOW + 30 * MINUTES, NOW + 45 * MINUTES, 0);
	/* shorter */
	check_amended(f, two, half, NOW + 10 * MINUTES, NOW + 29 * MINUTES, 1);
	check_amended(f, two, half, NOW + 10 * MINUTES, NOW + 30 * MINUTES, 0);
	/* a level drains by the number that holds */
	check_amended(f, level100, level10, NOW + MINUTES, NOW + 61 * MINUTES, 90);
	check_amended(f, level100, level10, NOW + HOURS, NOW + 61 * MINUTES, 0);
	check_amended(f, level10, level100, NOW + MINUTES, NOW + 6 * MINUTES, 0);
}

/* The clock was wrong, or is: what was charged then counts from now on, for a period. */
static void charges_of_the_future_count_for_one_period(void **state)
{
	static const int64_t later[] = { 3 * MINUTES, 3 * DAYS, 3650 * DAYS };
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(later); i++) {
		int64_t then = NOW + later[i];

		assert_true(charge(f, M5, "a@x", 2, then) &&
			    charge(f, M5, "a@x", 3, then + HOURS) &&
			    charge(f, F100, "a@x", 100, then));
		batch(f, true);
		f->store->close(f->store);
		f->store = site_store(&f->site, i % 2 ? 0 : 1000, NOW + MINUTES);
		assert_int_equal(used(f, M5, "a@x", NOW + MINUTES), 5);
		assert_int_equal(used(f, F100, "a@x", NOW + MINUTES), 100);
		assert_int_equal(peek(f->store, M5, "a@x", 1, NOW + MINUTES).free_at,
			NOW + MINUTES + DAYS);
		assert_int_equal(peek(f->store, F100, "a@x", 1, NOW + MINUTES).free_at,
			NOW + HOURS);
		/* and so it is stored */
		batch(f, true);
		check_stored(f, NOW + MINUTES);
		assert_int_equal(site_number(&f->site, "SELECT MAX(last) FROM bucket"),
			NOW + MINUTES);
		site_sql(&f->site, "DELETE FROM bucket");
		f->store->reset(f->store, NULL, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_flood_stays_within_its_bounds),
		TIGHT(crowds_do_not_keep_each_other_waiting),
		TEST(memory_is_bounded),
		TEST(what_cannot_be_stored_fills_no_memory),
		TIGHT(who_only_asks_is_forgotten),
		TIGHT(every_sweep_sees_every_row),
		TIGHT(a_row_of_strange_making_stays),
		TEST(a_limit_that_becomes_another_one_ends_by_that),
		TIGHT(what_cannot_be_read_is_not_charged),
		TEST(what_is_not_stored_is_known),
		TIGHT(what_is_on_its_way_stays),
		TEST(what_was_read_too_early_is_read_again),
		cmocka_unit_test(whoever_leaves_is_noticed),
		TEST(charges_of_the_future_count_for_one_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
