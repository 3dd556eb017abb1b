/*
 * Tests of counter/mem.c: charging all or none, what the database holds after
 * each batch, a restart, the view that administrators read, and many threads at
 * one limit.  Most batches are driven by hand through the hook; where it is about
 * threads, the real writer runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include <pthread.h>

#define BUCKETS "SELECT COUNT(*) FROM bucket"
#define SUM	"SELECT TOTAL(count) FROM bucket"

/* Policy 1 of the database is moving, policy 2 is fixed. */
enum { M100, F100, M5, F3, MYEAR, FYEAR, LIMITS };

static const struct limit limits[LIMITS] = {
	[M100] = { 11, 100, 3600, STRATEGY_MOVING },
	[F100] = { 12, 100, 3600, STRATEGY_FIXED },
	[M5] = { 13, 5, 86400, STRATEGY_MOVING },
	[F3] = { 14, 3, 60, STRATEGY_FIXED },
	[MYEAR] = { 15, 100, 365 * 86400, STRATEGY_MOVING },
	[FYEAR] = { 16, 100, 365 * 86400, STRATEGY_FIXED },
};

static const char *const objects[] = { "a@x", "b@x", "@x", "192.0.2.7", "<>", "*" };

struct fixture {
	struct site site;
	struct counter_store *store;
	struct writer *writer;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = *state = mem_calloc(1, sizeof(*f));
	char sql[300], text[LIMIT_TEXT_MAX];

	site_open(&f->site);
	site_sql(&f->site,
		"INSERT INTO policy (id, name, enabled, type, priority, source_not, "
		"destination_not, key, strategy, count, action) SELECT id, name, 'yes', "
		"'regular', 5, 0, 0, 'sender', name, 'messages', 'defer' "
		"FROM (SELECT 1 AS id, 'moving' AS name UNION SELECT 2, 'fixed')");
	for (const struct limit *l = limits; l < limits + LIMITS; l++) {
		snprintf(sql, sizeof(sql),
			"INSERT INTO policy_limit VALUES (%d, %d, %d, %d, '%s')",
			(int)l->id, l->strategy == STRATEGY_FIXED ? 2 : 1, (int)l->period,
			(int)l->amount, limit_format(text, l));
		site_sql(&f->site, sql);
	}
	f->store = mem_store_new();
	return 0;
}

static void start_writer(struct fixture *f)
{
	struct writer_hook hook = mem_store_hook(f->store);

	f->writer = writer_new(db_open(f->site.database, DB_WRITER, NULL), &hook);
	assert_non_null(f->writer);
}

static void end_writer(struct fixture *f)
{
	writer_stop(f->writer);
	free(f->writer); /* nobody is left who could call it */
	f->writer = NULL;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	end_writer(f);
	f->store->close(f->store);
	site_close(&f->site);
	free(f);
	return 0;
}

static struct counter_hit hit(int which, const char *object, uint64_t cost)
{
	return (struct counter_hit){
		.key = { limits[which].id, object }, .limit = &limits[which], .cost = cost
	};
}

static bool charge(
	struct fixture *f, int which, const char *object, uint64_t cost, int64_t now)
{
	struct counter_hit h = hit(which, object, cost);
	int room = f->store->charge(f->store, &h, 1, now);

	assert_int_equal(h.charged, room);
	assert_int_equal(h.full, !room);
	return room;
}

static struct counter_hit peek(struct counter_store *store, int which, const char *object,
	uint64_t cost, int64_t now)
{
	struct counter_hit h = hit(which, object, cost);
	int room = store->peek(store, &h, 1, now);

	assert_int_equal(room, !h.full);
	assert_false(h.charged);
	return h;
}

static int used(struct fixture *f, int which, const char *object, int64_t now)
{
	return (int)peek(f->store, which, object, 0, now).used;
}

/* Charges; flags say what is expected of each hit: c charged, f full, - neither. */
static int charge_all(
	struct fixture *f, struct counter_hit *h, const char *flags, int64_t now)
{
	int room = f->store->charge(f->store, h, strlen(flags), now);

	for (size_t i = 0; flags[i] != '\0'; i++)
		assert_int_equal(h[i].charged ? 'c' : h[i].full ? 'f' : '-', flags[i]);
	return room;
}

/* What the writer does for a batch that is committed, or is not. */
static void batch(struct fixture *f, bool commit)
{
	struct writer_hook hook = mem_store_hook(f->store);

	site_sql(&f->site, "BEGIN IMMEDIATE");
	must(hook.flush(hook.arg, f->site.db, &f->err), &f->err);
	site_sql(&f->site, commit ? "COMMIT" : "ROLLBACK");
	hook.settle(hook.arg, commit);
}

static struct counter_store *load(struct fixture *f, int64_t now)
{
	struct counter_store *store = mem_store_new();

	must(mem_store_load(store, f->site.db, now, &f->err), &f->err);
	return store;
}

static void restart(struct fixture *f, int64_t now)
{
	f->store->close(f->store);
	f->store = load(f, now);
}

/* The database holds what the memory does. */
static void check_stored(struct fixture *f, int64_t now)
{
	struct counter_store *stored = load(f, now);

	for (size_t o = 0; o < LENGTH(objects); o++)
		for (int which = 0; which < LIMITS; which++) {
			struct counter_hit x = peek(f->store, which, objects[o], 1, now);
			struct counter_hit y = peek(stored, which, objects[o], 1, now);

			assert_int_equal(x.used, y.used);
			assert_int_equal(x.free_at, y.free_at);
		}
	stored->close(stored);
}

static void all_hits_or_none(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[] = { hit(M100, "a@x", 2), hit(F100, "a@x", 1),
		hit(M5, "a@x", 1), hit(M100, "b@x", 0), hit(M5, "b@x", 0),
		hit(M5, "@x", 1), hit(F3, "a@x", 0), hit(F3, "b@x", 0),
		hit(M100, "<>", 1), hit(M100, "*", 1) };

	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(charge_all(f, h, "ccc--c--cc", NOW), 1);
		assert_int_equal(h[0].used, 2 * i);
		assert_int_equal(h[1].used, i);
		assert_int_equal(h[2].free_at, NOW);
	}
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(charge_all(f, h, "--f--f----", NOW + 1), 0);
		assert_int_equal(h[0].used, 10);
		assert_int_equal(h[2].used, 5);
		assert_int_equal(h[2].free_at, NOW + DAYS);
	}
	assert_int_equal(f->store->peek(f->store, h, 10, NOW), 0);
	assert_int_equal(f->store->peek(f->store, h, 2, NOW), 1);
	assert_int_equal(used(f, M100, "a@x", NOW), 10);
	assert_true(peek(f->store, M5, "a@x", 6, NOW).free_at == WINDOW_NEVER);
	assert_false(charge(f, M100, "a@x", 91, NOW));
	assert_true(charge(f, M100, "a@x", 90, NOW));
}

static void monitors_never_stand_in_the_way(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[] = { hit(M100, "a@x", 1), hit(F3, "a@x", 1),
		hit(M5, "a@x", 1), hit(F100, "a@x", 1) };

	h[1].group = h[2].group = 2; /* one policy, with two limits */
	h[3].group = 3;
	for (int i = 1; i < 4; i++)
		h[i].soft = true;
	assert_true(charge(f, M5, "a@x", 4, NOW));
	assert_int_equal(charge_all(f, h, "cccc", NOW), 1);
	/* without room in one of its limits it is charged in none */
	assert_int_equal(charge_all(f, h, "c-fc", NOW), 1);
	assert_int_equal(h[1].used, 1);
	assert_int_equal(h[2].free_at, NOW + DAYS);
	assert_int_equal(used(f, F3, "a@x", NOW), 1);
	assert_int_equal(used(f, M5, "a@x", NOW), 5);
	assert_int_equal(used(f, F100, "a@x", NOW), 2);
	/* monitors alone are no refusal either */
	assert_int_equal(charge_all(f, h + 1, "-f", NOW), 1);
	assert_int_equal(f->store->peek(f->store, h + 1, 2, NOW), 1);
	/* what is refused is charged nowhere */
	assert_true(charge(f, M100, "a@x", 98, NOW));
	assert_int_equal(charge_all(f, h, "f-f-", NOW), 0);
	assert_int_equal(used(f, F100, "a@x", NOW), 2);
}

static void a_refund_takes_back_what_was_charged(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[] = { hit(M5, "a@x", 2), hit(F3, "a@x", 3),
		hit(M100, "a@x", 0) };

	assert_true(charge(f, M5, "a@x", 1, NOW));
	assert_int_equal(charge_all(f, h, "cc-", NOW), 1);
	batch(f, true);
	assert_int_equal(site_number(&f->site, SUM), 6);
	f->store->refund(f->store, h, 3);
	assert_int_equal(used(f, M5, "a@x", NOW), 1);
	assert_int_equal(used(f, F3, "a@x", NOW), 0);
	assert_false(charge(f, M5, "a@x", 5, NOW));
	assert_int_equal(charge_all(f, h, "cc-", NOW), 1);
	/* what was not charged is not given back */
	assert_int_equal(charge_all(f, h, "-f-", NOW), 0);
	f->store->refund(f->store, h, 3);
	assert_int_equal(used(f, M5, "a@x", NOW), 3);
	batch(f, true);
	assert_int_equal(site_number(&f->site, SUM), 6);
	/* long after the window there is nothing to give back */
	h[0].charged = true;
	assert_true(charge(f, M5, "a@x", 5, NOW + 2 * DAYS));
	f->store->refund(f->store, h, 1);
	assert_int_equal(used(f, M5, "a@x", NOW + 2 * DAYS), 5);
}

static void a_reset_forgets_what_it_names(void **state)
{
	static const struct counter_key keys[] = { { 13, "a@x" }, { 0, "b@x" },
		{ 12, NULL }, { 0, NULL } };
	static const char left[][7] = { "110111", "110000", "100000", "000000" };
	static const int which[] = { M100, F100, M5 };
	struct fixture *f = *state;

	for (int i = 0; i < 6; i++)
		assert_true(charge(f, which[i % 3], objects[i / 3], 1, NOW));
	for (size_t k = 0; k < LENGTH(keys); k++) {
		f->store->reset(f->store, &keys[k]);
		for (int i = 0; i < 6; i++)
			assert_int_equal(used(f, which[i % 3], objects[i / 3], NOW),
				left[k][i] - '0');
	}
	batch(f, true); /* nothing that was forgotten is stored */
	assert_int_equal(site_number(&f->site, BUCKETS), 0);
}

/* The window arithmetic promises it; looking must not spoil it. */
static void a_step_back_grants_nothing(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, F3, "a@x", 3, NOW));
	assert_true(charge(f, M5, "a@x", 5, NOW));
	assert_int_equal(used(f, F3, "a@x", NOW + MINUTES), 0);
	assert_int_equal(used(f, M5, "a@x", NOW + DAYS), 0);
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
	raised.amount = 7;
	for (int i = 0; i < 3; i++)
		assert_int_equal(charge_all(f, &h, i < 2 ? "c" : "f", NOW), i < 2);
	raised.amount = 2; /* and lowered */
	assert_int_equal(charge_all(f, &h, "f", NOW), 0);
	assert_int_equal(h.used, 7);
}

static void swept_counters_leave_memory_and_database(void **state)
{
	struct fixture *f = *state;
	char object[20];
	size_t swept, all = 0;

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(object, sizeof(object), "o%u@x", i);
		assert_true(charge(f, F3, object, 1, NOW));
	}
	assert_true(charge(f, M5, "a@x", 5, NOW));
	batch(f, true);
	assert_int_equal(site_number(&f->site, BUCKETS), 5001);
	assert_int_equal(f->store->sweep(f->store, NOW + MINUTES - 1), 0);
	f->store->sweep(f->store, NOW + MINUTES);
	batch(f, false); /* then they are still to go */
	for (int i = 0; (swept = f->store->sweep(f->store, NOW + 2 * MINUTES)) > 0; i++) {
		assert_in_range(swept, 1, 4999);
		assert_true(i < 10);
		all += swept;
		batch(f, true);
	}
	assert_int_equal(all, 5000);
	assert_int_equal(site_number(&f->site, BUCKETS), 1);
	assert_int_equal(used(f, M5, "a@x", NOW + 2 * MINUTES), 5);
	/* one that is charged again before its batch stays */
	f->store->sweep(f->store, NOW + 2 * DAYS);
	assert_true(charge(f, M5, "a@x", 2, NOW + 2 * DAYS));
	batch(f, true);
	assert_int_equal(site_number(&f->site, SUM), 2);
}

static void what_left_the_window_leaves_the_database(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		assert_true(charge(f, M100, "a@x", 1, NOW + i * 5 * MINUTES));
	batch(f, true);
	assert_int_equal(site_number(&f->site, BUCKETS), 10);
	assert_true(charge(f, M100, "a@x", 1, NOW + 75 * MINUTES));
	batch(f, true);
	assert_int_equal(site_number(&f->site, BUCKETS), 7);
	/* a row that a refund emptied goes too, even if a restart came between */
	for (int again = 0; again < 2; again++) {
		struct counter_hit h = hit(M5, "b@x", 2);

		assert_int_equal(charge_all(f, &h, "c", NOW), 1);
		batch(f, true);
		f->store->refund(f->store, &h, 1);
		batch(f, true);
		if (again)
			restart(f, NOW + MINUTES);
		f->store->sweep(f->store, NOW + 2 * DAYS);
		batch(f, true);
		assert_int_equal(site_number(&f->site, BUCKETS), 0);
	}
}

/* By hand, or by a Themis that split finer: what was used stays used. */
static void more_rows_than_buckets_do_no_harm(void **state)
{
	struct fixture *f = *state;

	site_sql(&f->site,
		"WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n LIMIT "
		"90) "
		"INSERT INTO bucket SELECT 11, 'a@x', (1699999200 + i) * 1000000, "
		"(1699999200 + i) * 1000000, 1 FROM n");
	restart(f, NOW + 2 * MINUTES);
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
	assert_true(charge(f, M5, "a@x", 1, NOW + HOURS));
	assert_true(charge(f, M100, "b@x", 1, NOW + HOURS));
	/* the disk is full in the middle of the flush */
	site_sql(&f->site,
		"CREATE TRIGGER full BEFORE INSERT ON bucket WHEN NEW.limit_id = 13 "
		"BEGIN SELECT RAISE (ROLLBACK, 'no space'); END; BEGIN IMMEDIATE");
	assert_int_equal(hook.flush(hook.arg, f->site.db, &f->err), -1);
	assert_non_null(strstr(f->err.text, "no space"));
	hook.settle(hook.arg, false);
	site_sql(&f->site, "DROP TRIGGER full");
	assert_int_equal(site_number(&f->site, BUCKETS), 0);
	assert_true(charge(f, M5, "a@x", 1, NOW + 90 * MINUTES));
	batch(f, true);
	assert_int_equal(site_number(&f->site, BUCKETS), 4);
	check_stored(f, NOW + 90 * MINUTES);
	/* stored once: the next batch has nothing to write */
	site_sql(&f->site, "DELETE FROM bucket");
	batch(f, true);
	assert_int_equal(site_number(&f->site, BUCKETS), 0);
}

static void charges_of_a_limit_that_is_gone_are_dropped(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, M5, "a@x", 1, NOW));
	assert_true(charge(f, F3, "a@x", 2, NOW));
	site_sql(&f->site, "DELETE FROM policy WHERE name = 'moving'");
	batch(f, true);
	assert_int_equal(site_number(&f->site, SUM), 2);
	assert_int_equal(site_number(&f->site, BUCKETS " WHERE limit_id = 14"), 1);
}

/* Random charges, refunds, sweeps, resets and failures: after each batch that is
 * committed, a restart would find what the memory holds. */
static void a_restart_finds_everything(void **state)
{
	struct fixture *f = *state;
	struct counter_hit h[2] = { 0 };
	int64_t now = NOW;

	srandom(1);
	for (int i = 0; i < 5000; i++) {
		long what = random() % 100;

		now += random() % (random() % 20 == 0 ? 3 * HOURS : MINUTES);
		if (what < 60) {
			const char *object = objects[(size_t)random() % LENGTH(objects)];

			h[0] = hit((int)(F100 + random() % (LIMITS - 1)), object, 1);
			h[1] = hit(M100, object, (uint64_t)random() % 3);
			h[1].soft = true;
			h[1].group = 1;
			f->store->charge(f->store, h, 2, now);
		} else if (what < 70) {
			f->store->refund(f->store, h, 2);
			h[0].charged = h[1].charged = false;
		} else if (what < 72) {
			f->store->sweep(f->store, now);
		} else if (what < 73) {
			site_sql(&f->site, "DELETE FROM bucket WHERE limit_id = 12");
			f->store->reset(f->store, &(struct counter_key){ 12, NULL });
		} else {
			batch(f, what > 76);
			if (what > 90)
				check_stored(f, now);
		}
	}
	batch(f, true);
	check_stored(f, now);
	check_stored(f, now + 20 * MINUTES);
}

static void check_view(struct fixture *f, int which, const char *object, int64_t now)
{
	struct counter_hit h = peek(f->store, which, object, 1, now);
	char sql[300], limit[LIMIT_TEXT_MAX], at[CLOCK_TEXT_MAX], want[100] = "";

	snprintf(sql, sizeof(sql),
		"SELECT used || ' ' || IFNULL(free_at, 'now') FROM v_counters "
		"WHERE policy = '%s' AND object = '%s' AND \"limit\" = '%s'",
		strategy_name(limits[which].strategy), object,
		limit_format(limit, &limits[which]));
	if (h.used > 0)
		snprintf(want, sizeof(want), "%d %s", (int)h.used,
			h.full ? clock_format(at, h.free_at) : "now");
	assert_string_equal(site_text(&f->site, sql), want);
}

static void the_view_agrees_with_the_store(void **state)
{
	static const int which[] = { M100, M5, MYEAR,
		FYEAR }; /* no window ends meanwhile */
	struct fixture *f = *state;
	int64_t now = clock_now();

	for (const int *w = which; w < which + LENGTH(which); w++) {
		int64_t ago = *w == FYEAR ? CLOCK_SECOND : 30 * MINUTES;
		uint64_t amount = limits[*w].amount;

		charge(f, *w, "full@x", amount - 2, now - ago - 333);
		charge(f, *w, "full@x", 2, now - ago / 2);
		charge(f, *w, "room@x", amount - 2, now - ago);
		charge(f, *w, "room@x", 1, now - ago / 3);
		charge(f, *w, "gone@x", amount,
			now - 2 * limits[*w].period * CLOCK_SECOND);
	}
	batch(f, true);
	for (const int *w = which; w < which + LENGTH(which); w++) {
		check_view(f, *w, "full@x", now);
		check_view(f, *w, "room@x", now);
		check_view(f, *w, "gone@x", now);
	}
	/* lowered: the first piece alone makes no room; and never */
	site_sql(&f->site, "CREATE TEMP TABLE was AS SELECT * FROM v_counters; "
			   "UPDATE policy_limit SET amount = 2");
	assert_int_equal(
		site_number(&f->site,
			"SELECT COUNT(*) FROM v_counters n JOIN was w USING (policy, "
			"object, "
			"\"limit\") WHERE object = 'full@x' AND n.free_at > w.free_at"),
		3);
	site_sql(&f->site, "UPDATE policy_limit SET amount = 0");
	assert_int_equal(
		site_number(&f->site, "SELECT COUNT(free_at) FROM v_counters"), 0);
}

static int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

struct sender {
	struct fixture *f;
	pthread_t thread;
	int which, let, failed;
};

static void *send_many(void *arg)
{
	struct sender *s = arg;
	struct counter_store *store = s->f->store;

	for (int i = 0; i < 200; i++) {
		struct writer_job job = { .kind = WRITER_RECORD, .run = run_nothing };
		struct counter_hit h = hit(s->which, "a@x", 1);

		s->let += store->charge(store, &h, 1, NOW + i * CLOCK_SECOND);
		s->failed += writer_do(s->f->writer, &job, NULL) < 0;
		if (i % 50 == 0)
			store->sweep(store, NOW);
	}
	return NULL;
}

static void exactly_the_limit_passes(struct fixture *f, int which)
{
	struct sender s[16];
	int let = 0;

	start_writer(f);
	for (size_t i = 0; i < LENGTH(s); i++) {
		s[i] = (struct sender){ .f = f, .which = which };
		assert_int_equal(pthread_create(&s[i].thread, NULL, send_many, &s[i]), 0);
	}
	for (size_t i = 0; i < LENGTH(s); i++) {
		pthread_join(s[i].thread, NULL);
		assert_int_equal(s[i].failed, 0);
		let += s[i].let;
	}
	end_writer(f);
	assert_int_equal(let, 100);
	assert_int_equal(used(f, which, "a@x", NOW + 200 * CLOCK_SECOND), 100);
	assert_int_equal(site_number(&f->site, SUM), 100);
	check_stored(f, NOW + 200 * CLOCK_SECOND);
}

static void sixteen_threads_at_a_moving_limit(void **state)
{
	exactly_the_limit_passes(*state, M100);
}

static void sixteen_threads_at_a_fixed_limit(void **state)
{
	exactly_the_limit_passes(*state, F100);
}

/* Accepted although its batch failed (on_error = accept): it must not be lost. */
static void stop_stores_what_could_not_be_stored_before(void **state)
{
	struct fixture *f = *state;

	assert_true(charge(f, M5, "a@x", 3, NOW));
	batch(f, false);
	start_writer(f);
	end_writer(f);
	assert_int_equal(site_number(&f->site, SUM), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_hits_or_none),
		TEST(monitors_never_stand_in_the_way),
		TEST(a_refund_takes_back_what_was_charged),
		TEST(a_reset_forgets_what_it_names),
		TEST(a_step_back_grants_nothing),
		TEST(a_raised_limit_keeps_what_was_used),
		TEST(swept_counters_leave_memory_and_database),
		TEST(what_left_the_window_leaves_the_database),
		TEST(a_batch_that_fails_leaves_its_charges_to_the_next),
		TEST(charges_of_a_limit_that_is_gone_are_dropped),
		TEST(a_restart_finds_everything),
		TEST(the_view_agrees_with_the_store),
		TEST(sixteen_threads_at_a_moving_limit),
		TEST(sixteen_threads_at_a_fixed_limit),
		TEST(stop_stores_what_could_not_be_stored_before),
		TEST(more_rows_than_buckets_do_no_harm),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
