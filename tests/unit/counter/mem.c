/*
 * Tests of counter/mem.c: charging all or none, what the database holds after
 * each batch, a restart, the view that administrators read, and many threads at one
 * limit.  Batches are driven by hand through the hook; the writer runs for the threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>

static void all_hits_or_none(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[10];

	for (int i = 0; i < 10; i++)
		h[i] = hit(i % 3, objects[i / 3], i % 2 ? 1 : 0);
	h[1].cost = 2;
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(charge_all(f, h, "-c-c-c-c-c", NOW), 1);
		assert_true(h[1].used == 2 * i && h[3].used == i && h[1].free_at == NOW);
	}
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(charge_all(f, h, "-f--------", NOW + 1), 0);
		assert_true(h[3].used == 2 && h[1].free_at == NOW + DAYS);
	}
	assert_int_equal(f->store->peek(f->store, h, 10, NOW), 0);
	assert_int_equal(f->store->peek(f->store, h + 2, 8, NOW), 1);
	assert_true(peek(f->store, M5, "a@x", 6, NOW).free_at == WINDOW_NEVER);
}

static void monitors_never_stand_in_the_way(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[4];

	/* a policy that defers, a monitor with two limits, another monitor */
	for (unsigned i = 0; i < 4; i++) {
		h[i] = hit((int[]){ M100, F3, M5, F100 }[i], "a@x", 1);
		h[i].group = (i + 1) / 2;
		h[i].soft = i > 0;
	}
	assert_true(charge(f, M5, "a@x", 4, NOW));
	assert_int_equal(charge_all(f, h, "cccc", NOW), 1);
	/* without room in one of its limits a monitor is charged in none */
	assert_int_equal(charge_all(f, h, "c-fc", NOW), 1);
	assert_true(h[1].used == 1 && h[2].used == 5 && h[2].free_at == NOW + DAYS);
	assert_int_equal(used(f, F3, "a@x", NOW), 1);
	/* monitors alone are no refusal either */
	assert_int_equal(charge_all(f, h + 1, "-f", NOW), 1);
	/* what is refused is charged nowhere */
	assert_true(charge(f, M100, "a@x", 98, NOW));
	assert_int_equal(charge_all(f, h, "f-f-", NOW), 0);
	assert_true(used(f, F100, "a@x", NOW) == 2);
}

static void a_refund_takes_back_what_was_charged(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[] = { hit(M5, "a@x", 2), hit(F3, "a@x", 3) };

	assert_true(charge(f, M5, "a@x", 1, NOW) && charge_all(f, h, "cc", NOW));
	expect_rows(f, 2);
	f->store->refund(f->store, h, 2, NOW);
	assert_true(used(f, M5, "a@x", NOW) == 1 && used(f, F3, "a@x", NOW) == 0);
	batch(f, true);
	check_stored(f, NOW);
	charge_all(f, h, "cc", NOW);
	/* what was not charged is not given back */
	assert_int_equal(charge_all(f, h, "-f", NOW), 0);
	f->store->refund(f->store, h, 2, NOW);
	assert_int_equal(used(f, M5, "a@x", NOW), 3);
	/* long after the window there is nothing to give back */
	h[0].charged = charge(f, M5, "a@x", 5, NOW + 2 * DAYS);
	f->store->refund(f->store, h, 1, NOW);
	assert_int_equal(used(f, M5, "a@x", NOW + 2 * DAYS), 5);
}

static void a_reset_forgets_what_it_names(void **state)
{
	struct counter_key keys[] = { { 3, "a@x" }, { 0, "b@x" }, { 2, NULL }, { 0 } };
	static const char left[][7] = { "110111", "110000", "100000", "000000" };
	struct fixture *f = *state;

	for (int i = 0; i < 6; i++)
		assert_true(charge(f, i % 3, objects[i / 3], 1, NOW));
	for (int k = 0; k < 24; k++) {
		if (k % 6 == 0)
			f->store->reset(f->store, site_is_of_key, &keys[k / 6]);
		assert_int_equal('0' + used(f, k % 3, objects[k % 6 / 3], NOW),
			left[k / 6][k % 6]);
	}
	expect_rows(f, 0); /* nothing that was forgotten is stored */
}

/* The window arithmetic promises it; looking must not spoil it. */
static void a_step_back_grants_nothing(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, F3, "a@x", 3, NOW) && charge(f, M5, "a@x", 5, NOW));
	assert_true(used(f, F3, "a@x", NOW + MINUTES) == 0);
	assert_true(used(f, M5, "a@x", NOW + DAYS) == 0);
	assert_false(charge(f, F3, "a@x", 1, NOW + MINUTES - 1));
	assert_false(charge(f, M5, "a@x", 1, NOW + DAYS - 1));
}

static void a_raised_limit_keeps_what_was_used(void **state)
{
	struct fixture *f = *state;
	struct limit raised = limits[M5];
	struct counter_hit h = hit(M5, "a@x", 1);

	assert_true(charge(f, M5, "a@x", 5, NOW));
	h.limit = &raised;
	raised.amount = 6;
	charge_all(f, &h, "c", NOW);
	raised.amount = 2; /* and lowered */
	charge_all(f, &h, "f", NOW);
	assert_int_equal(h.used, 6);
}

/* After a batch a few rows less are there: a sweep goes in steps. */
static void expect_fewer(struct fixture *f, int64_t rows)
{
	batch(f, true);
	assert_in_range(
		site_number(&f->site, "SELECT COUNT(*) FROM bucket"), rows - 300, rows);
}

static void swept_counters_leave_memory_and_database(void **state)
{
	struct fixture *f = *state;
	char object[20];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(object, sizeof(object), "o%u@x", i);
		assert_true(charge(f, F3, object, 1, NOW));
	}
	assert_true(charge(f, M5, "a@x", 5, NOW));
	expect_rows(f, 5001);
	while (f->store->sweep(f->store, NOW + MINUTES - 1))
		continue;
	expect_rows(f, 5001);
	assert_true(f->store->sweep(f->store, NOW + 2 * MINUTES));
	batch(f, false); /* then they are still to go */
	expect_fewer(f, 5000);
	while (f->store->sweep(f->store, NOW + 2 * MINUTES))
		batch(f, true);
	expect_rows(f, 1);
}

static void what_left_the_window_leaves_the_database(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h = hit(M5, "b@x", 2);

	for (int i = 0; i < 10; i++) {
		expect_rows(f, i);
		assert_true(charge(f, M100, "a@x", 1, NOW + i * 5 * MINUTES));
	}
	assert_true(charge(f, M100, "a@x", 1, NOW + 75 * MINUTES));
	expect_rows(f, 7);
	/* a row that a refund emptied goes too, even if a restart comes between */
	charge_all(f, &h, "c", NOW);
	expect_rows(f, 8);
	f->store->refund(f->store, &h, 1, NOW);
	batch(f, true);
	f->store->close(f->store);
	f->store = site_store(&f->site, 1000000, NOW + MINUTES);
	f->store->sweep(f->store, NOW + 2 * DAYS);
	expect_rows(f, 0);
}

/* By hand, or by a Themis that split finer: what was used stays used. */
static void more_rows_than_buckets_do_no_harm(void **state)
{
	struct fixture *f = *state;

	site_sql(&f->site, "WITH RECURSIVE n (t) AS (VALUES (1699999200000000) UNION ALL "
			   "SELECT t + 1000000 FROM n LIMIT 90) "
			   "INSERT INTO bucket SELECT 1, 'a@x', t, t, 1, 0 FROM n");
	f->store->close(f->store);
	f->store = site_store(&f->site, 1000000, NOW + 2 * MINUTES);
	assert_int_equal(used(f, M100, "a@x", NOW + 2 * MINUTES), 90);
	for (int i = 0; i < 11; i++)
		assert_int_equal(
			charge(f, M100, "a@x", 1, NOW + (2 + i) * MINUTES), i < 10);
}

static void a_batch_that_fails_leaves_its_charges_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct writer_hook hook = mem_store_hook(f->store);

	assert_true(charge(f, M5, "a@x", 1, NOW));
	batch(f, false);
	hook.settle(hook.arg, false); /* one that failed before the flush */
	assert_true(charge(f, M5, "a@x", 1, NOW + HOURS) &&
		    charge(f, M100, "b@x", 1, NOW + HOURS));
	/* the disk is full in the middle of the flush */
	site_sql(&f->site,
		"CREATE TRIGGER full BEFORE INSERT ON bucket WHEN NEW.limit_id = 2 "
		"BEGIN SELECT RAISE (ROLLBACK, 'no space'); END; BEGIN IMMEDIATE");
	assert_int_equal(hook.flush(hook.arg, f->site.db, &f->err), -1);
	hook.settle(hook.arg, false);
	site_sql(&f->site, "DROP TRIGGER full");
	expect_rows(f, 3);
	check_stored(f, NOW + HOURS);
	/* stored once: the next batch has nothing to write */
	site_sql(&f->site, "DELETE FROM bucket");
	expect_rows(f, 0);
}

static void charges_of_a_limit_that_is_gone_are_dropped(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, M5, "a@x", 1, NOW) && charge(f, F3, "a@x", 2, NOW));
	site_sql(&f->site, "DELETE FROM policy WHERE name = 'moving'");
	expect_rows(f, 1);
	assert_int_equal(site_number(&f->site, "SELECT limit_id FROM bucket"), 5);
}

static void a_restart_finds_everything(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[2] = { 0 };
	int64_t now = NOW;

	srandom(1);
	for (int i = 0; i < 5000; i++) {
		const char *object = objects[(size_t)random() % LENGTH(objects)];
		long what = random() % 100;

		now += random() % (random() % 20 == 0 ? 3 * HOURS : MINUTES);
		if (what < 60) {
			h[0] = hit((int)(M5 + random() % (LIMITS - 1)), object, 1);
			h[1] = hit(M100, object, (uint64_t)random() % 3);
			h[1].soft = true;
			h[1].group = 1;
			f->store->charge(f->store, h, 2, now);
		} else if (what < 70) {
			f->store->refund(f->store, h, 2, now);
			h[0].charged = h[1].charged = false;
		} else if (what < 72) {
			f->store->sweep(f->store, now);
		} else if (what < 73) {
			site_sql(&f->site, "DELETE FROM bucket WHERE limit_id = 4");
			f->store->reset(f->store, site_is_of_key,
				&(struct counter_key){ 4, NULL });
		} else {
			batch(f, what > 76);
			if (what > 90)
				check_stored(f, now);
		}
	}
}

static void check_view(struct fixture *f, int which, const char *object, int64_t now)
{
	struct counter_hit h = peek(f->store, which, object, 1, now);
	char sql[300], text[LIMIT_TEXT_MAX], at[CLOCK_TEXT_MAX], want[100] = "";

	snprintf(sql, sizeof(sql),
		"SELECT used || ' ' || IFNULL(free_at, 'now') FROM v_counters "
		"WHERE policy = '%s' AND object = '%s' AND \"limit\" = '%s'",
		strategy_name(h.limit->strategy), object, limit_format(text, h.limit));
	if (h.used > 0)
		snprintf(want, sizeof(want), "%d %s", (int)h.used,
			h.full ? clock_format(at, h.free_at) : "now");
	assert_string_equal(site_text(&f->site, sql), want);
}

static void the_view_agrees_with_the_store(void **state)
{
	static const int which[] = { M100, M5, MYEAR, FYEAR }; /* none ends now */
	struct fixture *f = *state;
	int64_t now = clock_now();

	for (int i = 0; i < 4; i++) {
		int64_t period = limits[which[i]].period * CLOCK_SECOND;
		int64_t ago = which[i] == FYEAR ? CLOCK_SECOND : period / 2;
		uint64_t amount = limits[which[i]].amount;

		charge(f, which[i], "full@x", amount - 2, now - ago - 333);
		charge(f, which[i], "full@x", 2, now - ago / 2);
		charge(f, which[i], "room@x", amount - 1, now - ago);
		charge(f, which[i], "gone@x", amount, now - 2 * period);
	}
	batch(f, true);
	for (int i = 0; i < 12; i++)
		check_view(f, which[i / 3],
			(const char *[]){ "full@x", "room@x", "gone@x" }[i % 3], now);
	/* lowered: the first piece alone makes no room */
	site_sql(&f->site, "CREATE TEMP TABLE was AS SELECT * FROM v_counters; "
			   "UPDATE policy_limit SET amount = 2");
	now = site_number(&f->site,
		"SELECT COUNT(*) FROM v_counters n JOIN was w USING "
		"(policy, object, period) WHERE n.free_at > w.free_at");
	assert_int_equal(now, 3);
}

struct crowd {
	struct counter_store *store;
	struct writer *writer;
	atomic_int moving, fixed, failed;
};

static void *send_many(void *arg)
{
	struct crowd *c = arg;

	for (unsigned i = 0; i < 200; i++) {
		struct writer_job job = { .kind = WRITER_RECORD, .run = run_nothing };
		struct counter_hit h[] = { hit(M100, "a@x", 1), hit(F100, "a@x", 1) };
		size_t n = 1 + i / 2 % 2; /* one of them, or both */

		c->store->charge(c->store, n == 2 ? h : h + i % 2, n, NOW + i);
		c->moving += h[0].charged;
		c->fixed += h[1].charged;
		c->failed += writer_do(c->writer, &job, NULL) < 0;
	}
	return NULL;
}

static void sixteen_threads_get_exactly_the_limit(void **state)
{
	struct fixture *f = *state;
	struct writer_hook hook = mem_store_hook(f->store);
	struct crowd c = { f->store, writer_new(f->site.db, &hook), 0, 0, 0 };
	pthread_t threads[16];

	f->site.db = db_open(f->site.database, DB_READER, NULL); /* in its place */
	for (int i = 0; i < 16; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_many, &c), 0);
	for (int i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	assert_true(c.failed == 0 && c.moving == 100 && c.fixed == 100);
	/* accepted although its batch failed, and no other came: it is not lost */
	assert_true(charge(f, M5, "b@x", 3, NOW));
	writer_stop(c.writer);
	free(c.writer);
	assert_int_equal(site_number(&f->site, "SELECT SUM(count) FROM bucket"), 203);
	check_stored(f, NOW + 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(all_hits_or_none),
		BOTH(monitors_never_stand_in_the_way),
		BOTH(a_refund_takes_back_what_was_charged),
		BOTH(a_reset_forgets_what_it_names),
		BOTH(a_step_back_grants_nothing),
		BOTH(a_raised_limit_keeps_what_was_used),
		TEST(swept_counters_leave_memory_and_database),
		BOTH(what_left_the_window_leaves_the_database),
		BOTH(a_batch_that_fails_leaves_its_charges_to_the_next),
		BOTH(charges_of_a_limit_that_is_gone_are_dropped),
		BOTH(a_restart_finds_everything),
		BOTH(the_view_agrees_with_the_store),
		BOTH(sixteen_threads_get_exactly_the_limit),
		BOTH(more_rows_than_buckets_do_no_harm),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
