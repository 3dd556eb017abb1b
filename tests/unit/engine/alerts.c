/*
 * Alerts on their way: an episode by given clocks, the bound of the table, what is put in
 * comes out once and as it was, a test waits for its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alerts.h"
#include "../fixture.h"

#include <pthread.h>

static bool happens(struct lately *l, const char *object, int64_t now)
{
	return lately_begins(l,
		&(struct lately_what){
			.kind = 1, .policy = 2, .limit = 3, .object = object },
		now);
}

/* The first of an hour without any; each one prolongs it, also for days. */
static void test_episode(void **state)
{
	struct lately *l = lately_new();
	int64_t now = NOW;

	(void)state;
	assert_true(happens(l, "bob", now));
	for (int i = 0; i < 100; i++)
		assert_false(happens(l, "bob", now += HOURS - 1));
	assert_true(happens(l, "bob", now += HOURS));
	assert_false(happens(l, "bob", now));
	/* a thread that read its clock earlier neither begins one nor shortens it */
	assert_false(happens(l, "bob", now - 5 * MINUTES));
	assert_false(happens(l, "bob", now + HOURS - 1));
	assert_int_equal(lately_count(l), 1);
	lately_free(l);
	lately_free(NULL);
}

/* The clock was set back: what goes on in its past begins there, once. */
static void test_set_back(void **state)
{
	struct lately *l = lately_new();

	(void)state;
	assert_true(happens(l, "bob", NOW));
	assert_true(happens(l, "eve", NOW));
	assert_true(happens(l, "bob", NOW - 5 * HOURS));
	assert_false(happens(l, "bob", NOW - 5 * HOURS + 1));
	assert_int_equal(lately_count(l), 1);
	assert_true(happens(l, "bob", NOW - 4 * HOURS + 1));
	lately_free(l);
}

static void again(struct lately *l, const char *object, int64_t from)
{
	lately_again(l,
		&(struct lately_what){
			.kind = 1, .policy = 2, .limit = 3, .object = object },
		from);
}

/* Nobody heard of the beginning: it has another one, once. */
static void test_again(void **state)
{
	struct lately *l = lately_new();

	(void)state;
	assert_true(happens(l, "bob", NOW));
	assert_true(happens(l, "eve", NOW));
	again(l, "bob", NOW + 10 * MINUTES);
	again(l, "nobody", NOW);
	assert_int_equal(lately_count(l), 2);
	assert_false(happens(l, "bob", NOW + 1));
	assert_false(happens(l, "bob", NOW + 10 * MINUTES - 1));
	assert_true(happens(l, "bob", NOW + 10 * MINUTES));
	assert_false(happens(l, "bob", NOW + 11 * MINUTES));
	assert_false(happens(l, "eve", NOW + 11 * MINUTES));
	lately_free(l);
}

/* Each kind, policy, limit and object for itself. */
static void test_whose(void **state)
{
	static const struct lately_what whats[] = {
		{ 1, 2, 3, "bob" },
		{ 2, 2, 3, "bob" },
		{ 1, 3, 3, "bob" },
		{ 1, 2, 4, "bob" },
		{ 1, 2, 3, "bo" },
		{ 1, 2, 3, "" },
	};
	struct lately *l = lately_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(whats); i++)
		assert_true(lately_begins(l, &whats[i], NOW));
	for (size_t i = 0; i < LENGTH(whats); i++)
		assert_false(lately_begins(l, &whats[i], NOW));
	lately_free(l);
}

/* Full: the one that was silent for longest goes.  What is over goes by itself. */
static void test_bound(void **state)
{
	struct lately *l = lately_new();
	char object[20];

	(void)state;
	for (int i = 0; i < LATELY_MAX; i++) {
		snprintf(object, sizeof(object), "%d", i);
		assert_true(happens(l, object, NOW + i));
	}
	assert_false(happens(l, "0", NOW + LATELY_MAX));
	assert_int_equal(lately_count(l), LATELY_MAX);
	assert_true(happens(l, "one more", NOW + LATELY_MAX));
	assert_int_equal(lately_count(l), LATELY_MAX);
	assert_false(happens(l, "0", NOW + LATELY_MAX));
	assert_true(happens(l, "1", NOW + LATELY_MAX));
	assert_true(happens(l, "2", NOW + LATELY_MAX));
	assert_false(happens(l, "9999", NOW + LATELY_MAX));
	happens(l, "later", NOW + LATELY_MAX + HOURS);
	assert_int_equal(lately_count(l), 1);
	lately_free(l);
}

/* The texts are copied. */
static void test_as_it_was(void **state)
{
	struct alerts *a = alerts_new();
	char object[] = "bob@example.org", reason[] = "";
	struct alert alert = { .kind = ALERT_NEAR,
		.time = 7,
		.object = object,
		.reason = reason,
		.used = 8,
		.room = 9,
		.free_at = 10 };
	const struct timespec past = clock_in(0);
	struct alert *got;

	(void)state;
	assert_null(alerts_take(a, &past));
	alerts_put(a, &alert);
	memset(object, 'x', strlen(object));
	alert.kind = ALERT_TROUBLE;
	alerts_put(a, &alert);
	got = alerts_take(a, NULL);
	assert_int_equal(got->kind, ALERT_NEAR);
	assert_string_equal(got->object, "bob@example.org");
	assert_string_equal(got->reason, "");
	assert_null(got->policy);
	assert_int_equal(got->time + (int64_t)got->used, 15);
	assert_int_equal(got->free_at, 10);
	alert_free(got);
	got = alerts_take(a, NULL);
	assert_int_equal(got->kind, ALERT_TROUBLE);
	alert_free(got);
	alert_free(NULL);
	assert_null(alerts_take(a, &past));
	alerts_free(a);
	alerts_free(NULL);
}

/* Whoever takes looks up, once, and what waits stays. */
static void test_woken(void **state)
{
	struct alerts *a = alerts_new();
	const struct alert alert = { .kind = ALERT_REFUSED };
	const struct timespec past = clock_in(0);

	(void)state;
	alerts_wake(a);
	alerts_wake(a);
	assert_null(alerts_take(a, NULL));
	assert_null(alerts_take(a, &past));
	alerts_wake(a);
	alerts_put(a, &alert);
	alert_free(alerts_take(a, NULL));
	assert_null(alerts_take(a, &past));
	alerts_free(a);
}

/* Full, or closed: counted instead. */
static void test_full(void **state)
{
	struct alerts *a = alerts_new();
	const struct alert alert = {
		.kind = ALERT_REFUSED, .time = NOW, .object = "bob"
	};
	const struct lately_what what = { .kind = ALERT_REFUSED, .object = "bob" };
	struct err err;
	char said[ERR_TEXT_MAX];

	(void)state;
	assert_true(alerts_begin(a, &what, NOW));
	for (int i = 0; i < ALERTS_ROOM + 5; i++)
		alerts_put(a, &alert);
	assert_false(alerts_begin(a, &what, NOW + ALERTS_AGAIN - 1));
	assert_true(alerts_begin(a, &what, NOW + ALERTS_AGAIN));
	assert_int_equal(alerts_lost(a), 5);
	assert_int_equal(alerts_lost(a), 0);
	alert_free(alerts_take(a, NULL));
	alerts_put(a, &alert);
	assert_int_equal(alerts_lost(a), 0);
	assert_false(alerts_are_closed(a));
	assert_int_equal(alerts_close(a), ALERTS_ROOM);
	assert_true(alerts_are_closed(a));
	assert_null(alerts_take(a, NULL));
	alerts_put(a, &alert);
	assert_null(alerts_take(a, NULL));
	assert_int_equal(alerts_test(a, &alert, said, &err), -1);
	assert_string_equal(err.text, "themisd is stopping");
	alerts_free(a);
}

/* Takes what there is; what it says of a test is in the object. */
static void *deliver(void *arg)
{
	struct alerts *a = arg;
	struct alert *alert;

	while ((alert = alerts_take(a, NULL)) != NULL) {
		bool fails = alert->user != NULL && strcmp(alert->user, "eve") == 0;

		alerts_done(a, alert, !fails, fails ? "nobody is there" : "all of it");
		alert_free(alert);
	}
	return NULL;
}

static void test_test(void **state)
{
	struct alerts *a = alerts_new();
	const struct alert test = { .kind = ALERT_TEST, .user = "bob" },
			   bad = { .kind = ALERT_TEST, .user = "eve" },
			   other = { .kind = ALERT_REFUSED, .object = "bob" };
	struct alert_counts counts;
	char said[ERR_TEXT_MAX];
	pthread_t thread;
	struct err err;

	(void)state;
	for (int i = 0; i < 10; i++)
		alerts_put(a, &other);
	assert_int_equal(pthread_create(&thread, NULL, deliver, a), 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(alerts_test(a, &test, said, &err), 0);
		assert_string_equal(said, "all of it");
		assert_int_equal(alerts_test(a, &bad, said, &err), -1);
		assert_string_equal(err.text, "nobody is there");
		assert_int_equal(err.code, ERR_FAILED);
	}
	alerts_suppressed(a, 3);
	while (alerts_count(a, &counts), counts.delivered < 110)
		usleep(1000);
	assert_int_equal(counts.delivered, 110);
	assert_int_equal(counts.failed, 100);
	assert_int_equal(counts.suppressed, 3);
	alerts_close(a);
	pthread_join(thread, NULL);
	alerts_free(a);
}

/* Nobody takes any more: who waits for a test is told so. */
static void *close_soon(void *arg)
{
	struct alert *test;

	while ((test = alerts_take(arg, NULL)) == NULL)
		continue;
	alerts_close(arg);
	alert_free(test);
	return NULL;
}

static void test_closed_meanwhile(void **state)
{
	struct alerts *a = alerts_new();
	const struct alert test = { .kind = ALERT_TEST };
	char said[ERR_TEXT_MAX];
	pthread_t thread;
	struct err err;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, close_soon, a), 0);
	assert_int_equal(alerts_test(a, &test, said, &err), -1);
	assert_string_equal(err.text, "themisd is stopping");
	pthread_join(thread, NULL);
	alerts_free(a);
}

#define THREADS 4
#define EACH	5000

static void *talk(void *arg)
{
	const struct alert alert = { .kind = ALERT_REFUSED, .object = "bob" };
	const struct lately_what what = { .object = "bob" };

	for (int i = 0; i < EACH; i++) {
		alerts_begin(arg, &what, NOW + i);
		alerts_put(arg, &alert);
	}
	return NULL;
}

struct taker {
	struct alerts *from;
	pthread_t thread;
	uint64_t taken;
};

/* Until they are closed. */
static void *take_all(void *arg)
{
	struct taker *t = arg;
	struct alert *got;

	for (; (got = alerts_take(t->from, NULL)) != NULL; t->taken++)
		alert_free(got);
	return NULL;
}

/* None twice, none gone uncounted, however many were taken in time. */
static void test_threads(void **state)
{
	struct taker taker = { .from = alerts_new() };
	pthread_t threads[THREADS];
	uint64_t left;

	(void)state;
	assert_int_equal(pthread_create(&taker.thread, NULL, take_all, &taker), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, talk, taker.from), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	left = alerts_close(taker.from);
	pthread_join(taker.thread, NULL);
	assert_int_equal(taker.taken + left + alerts_lost(taker.from), THREADS * EACH);
	alerts_free(taker.from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_episode),
		cmocka_unit_test(test_set_back),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_whose),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_as_it_was),
		cmocka_unit_test(test_woken),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_test),
		cmocka_unit_test(test_closed_meanwhile),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests_name("engine/alerts", tests, NULL, NULL);
}
