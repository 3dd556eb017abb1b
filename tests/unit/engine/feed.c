/*
 * The feed: what is put in comes out once, in order and as it was; nothing while nobody
 * listens, nothing lost without being counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include <pthread.h>
#include <sys/eventfd.h>

struct ear {
	struct feed *feed;
	int wake;
};

static struct ear ear_open(void)
{
	struct ear ear = { feed_new(), eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };

	assert_true(ear.wake >= 0);
	feed_listen(ear.feed, ear.wake);
	return ear;
}

static void ear_close(struct ear *ear)
{
	feed_leave(ear->feed);
	feed_free(ear->feed);
	close(ear->wake);
}

/* How often it was woken since this was asked last. */
static uint64_t woken(const struct ear *ear)
{
	uint64_t n = 0;

	return read(ear->wake, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void put(struct feed *feed, int64_t time)
{
	struct decision_row row = { .time = time, .verdict = "defer" };

	feed_put(feed, &row);
}

static void test_as_it_was(void **state)
{
	struct ear ear = ear_open();
	char verdict[] = "hold", sender[] = "bob@example.org", reason[] = "",
	     spf[] = "fail";
	struct decision_row row = { 7, verdict, NULL, NULL, NULL, NULL, sender, NULL,
		NULL, reason, spf, 3, 0, 9 };
	struct decision_row *got;

	(void)state;
	feed_put(ear.feed, &row);
	memset(verdict, 'x', strlen(verdict));
	memset(sender, 'x', strlen(sender));
	memset(spf, 'x', strlen(spf));
	got = feed_take(ear.feed);
	assert_non_null(got);
	assert_string_equal(got->verdict, "hold");
	assert_string_equal(got->sender, "bob@example.org");
	assert_string_equal(got->reason, "");
	assert_string_equal(got->spf, "fail");
	assert_null(got->queue_id);
	assert_null(got->mta);
	assert_int_equal(got->time, 7);
	assert_int_equal(got->recipients, 3);
	assert_int_equal(got->free_at, 9);
	free(got);
	assert_null(feed_take(ear.feed));
	ear_close(&ear);
	feed_free(NULL);
}

/* Only for who listens, and from then on. */
static void test_nobody(void **state)
{
	struct feed *feed = feed_new();
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct ear ear = { feed, wake };

	(void)state;
	put(feed, 1);
	assert_int_equal(feed_listeners(feed), 0);
	feed_listen(feed, wake);
	feed_listen(feed, wake);
	assert_int_equal(feed_listeners(feed), 2);
	assert_null(feed_take(feed));
	put(feed, 2);
	feed_leave(feed);
	put(feed, 3);
	assert_int_equal(woken(&ear), 1);
	/* the last one takes along what is left */
	feed_leave(feed);
	put(feed, 4);
	assert_int_equal(woken(&ear), 0);
	assert_null(feed_take(feed));
	feed_listen(feed, wake);
	assert_null(feed_take(feed));
	assert_int_equal(feed_lost(feed), 0);
	feed_leave(feed);
	feed_free(feed);
	close(wake);
}

/* Full: the newest are counted instead; once, and there is room again. */
static void test_full(void **state)
{
	struct ear ear = ear_open();
	struct decision_row *row;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < FEED_ROOM + 5; i++)
			put(ear.feed, i);
		/* woken once, when it was empty */
		assert_int_equal(woken(&ear), 1);
		for (int i = 0; i < FEED_ROOM; i++) {
			row = feed_take(ear.feed);
			assert_non_null(row);
			assert_int_equal(row->time, i);
			free(row);
		}
		assert_null(feed_take(ear.feed));
		assert_int_equal(feed_lost(ear.feed), 5);
		assert_int_equal(feed_lost(ear.feed), 0);
		assert_int_equal(feed_lost_ever(ear.feed), 5 * (round + 1));
	}
	put(ear.feed, 1);
	ear_close(&ear);
}

#define THREADS 4
#define EACH	5000

static void *talk(void *arg)
{
	for (int i = 0; i < EACH; i++)
		put(arg, i);
	return NULL;
}

/* None twice, none gone uncounted. */
static void test_threads(void **state)
{
	struct ear ear = ear_open();
	pthread_t threads[THREADS];
	struct decision_row *row;
	uint64_t taken = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, talk, ear.feed), 0);
	for (int i = 0; i < EACH; i++)
		if ((row = feed_take(ear.feed)) != NULL) {
			taken++;
			free(row);
		}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (; (row = feed_take(ear.feed)) != NULL; taken++)
		free(row);
	assert_int_equal(taken + feed_lost(ear.feed), THREADS * EACH);
	ear_close(&ear);
}

/* Each decision of the engine, as the history has it, wherever it was made. */
static void test_of_engine(void **state)
{
	struct site *s = *state;
	struct decision_row *row;
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	site_policy(s, "out", "limit=1/hour", "action=block", NULL);
	SEND(s, NOW, 0);
	feed_listen(s->engine.feed, wake);
	SEND(s, NOW + 1, .early = true, .client = "192.0.2.7", .login = "bob");
	row = feed_take(s->engine.feed);
	assert_non_null(row);
	assert_string_equal(row->verdict, "accept");
	assert_string_equal(row->login, "bob");
	free(row);
	SEND(s, NOW + 2, .early = true, .client = "192.0.2.7");
	row = feed_take(s->engine.feed);
	assert_non_null(row);
	assert_string_equal(row->verdict, "block");
	assert_string_equal(row->policy, "out");
	assert_string_equal(row->object, "bob@example.org");
	assert_string_equal(row->sender, "bob@example.org");
	assert_string_equal(row->client, "192.0.2.7");
	assert_null(row->queue_id);
	assert_string_equal(row->reason,
		site_text(s, "SELECT reason FROM decision ORDER BY id DESC LIMIT 1"));
	assert_int_equal(row->time, NOW + 2);
	free(row);
	assert_null(feed_take(s->engine.feed));
	feed_leave(s->engine.feed);
	close(wake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_it_was),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_threads),
		SITE_TEST(test_of_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
