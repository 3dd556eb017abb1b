/*
 * Tests of base/episode: one line when trouble begins and one when it is over, however
 * often it is met between; what `status` is told meanwhile.  stderr is a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/episode.h"

#include "base/clock.h"
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 2023-11-14T22:00:00Z, in microseconds */
#define NOW ((int64_t)1699999200 * CLOCK_SECOND)

static struct {
	int saved, file; /* stderr as it was; the file in its place */
	char text[1 << 20];
} capture;

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char path[220];

	(void)state;
	snprintf(path, sizeof(path), "%s/themis-episode.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	capture.file = mkstemp(path);
	if (capture.file < 0)
		return -1;
	unlink(path);
	fcntl(capture.file, F_SETFL, O_APPEND);
	log_open("t", 0, LEVEL_INFO);
	capture.saved = dup(STDERR_FILENO);
	return dup2(capture.file, STDERR_FILENO) < 0;
}

/* What was logged since the last call. */
static const char *logged(void)
{
	ssize_t n = pread(capture.file, capture.text, sizeof(capture.text) - 1, 0);

	assert_true(n >= 0 && n < (ssize_t)sizeof(capture.text) - 1);
	capture.text[n] = '\0';
	assert_int_equal(ftruncate(capture.file, 0), 0);
	return capture.text;
}

static int teardown(void **state)
{
	(void)state;
	dup2(capture.saved, STDERR_FILENO);
	close(capture.saved);
	return close(capture.file);
}

static void test_one_line_each(void **state)
{
	struct episode_seen seen;
	uint64_t before = episode_count(), stored, other;
	char text[EPISODE_TEXT_MAX] = "x";
	struct episode_seen list[EPISODES];

	(void)state;
	assert_false(episode_look(EPISODE_STORE, &seen));
	stored = seen.begun;
	assert_false(episode_look(EPISODE_COPY, &seen));
	other = seen.begun;
	assert_int_equal(episode_list(list), 0);
	assert_false(episode_say(text));
	assert_string_equal(text, "");
	episode_end(EPISODE_STORE, NOW);
	assert_string_equal(logged(), "");
	for (int i = 0; i < 100; i++)
		episode_begin(EPISODE_STORE, NOW + i * CLOCK_SECOND, "try %d", i);
	assert_string_equal(logged(), "t: error: cannot store: try 0\n");
	assert_true(episode_say(text));
	assert_string_equal(text, "since 2023-11-14T22:00:00.000Z: cannot store: try 99");
	assert_int_equal(episode_list(list), 1);
	assert_int_equal(list[0].kind, EPISODE_STORE);
	assert_string_equal(list[0].state, "store");
	assert_string_equal(episode_state(EPISODE_STORE), "store");
	assert_true(episode_look(EPISODE_STORE, &seen));
	assert_int_equal(seen.begun, stored + 1);
	assert_int_equal(list[0].since, NOW);
	assert_string_equal(list[0].words, "cannot store: try 99");
	for (int i = 0; i < 100; i++)
		episode_end(EPISODE_STORE, NOW + (i + 99) * CLOCK_SECOND);
	assert_string_equal(logged(), "t: warning: storing again, after 100 seconds\n");
	assert_false(episode_say(text));
	assert_string_equal(text, "");
	assert_int_equal(episode_count(), before + 1);
	/* another one */
	episode_begin(EPISODE_STORE, NOW + 500 * CLOCK_SECOND, "%s", "full");
	assert_string_equal(logged(), "t: error: cannot store: full\n");
	assert_true(episode_say(text));
	assert_string_equal(text, "since 2023-11-14T22:08:20.000Z: cannot store: full");
	episode_end(EPISODE_STORE, NOW + 500 * CLOCK_SECOND);
	assert_string_equal(logged(), "t: warning: storing again, after 1 second\n");
	assert_int_equal(episode_count(), before + 2);
	/* each kind for itself */
	assert_false(episode_look(EPISODE_STORE, &seen));
	assert_int_equal(seen.begun, stored + 2);
	/* it is known when it was, and why */
	assert_int_equal(seen.since, NOW + 500 * CLOCK_SECOND);
	assert_int_equal(seen.ended, NOW + 500 * CLOCK_SECOND);
	assert_string_equal(seen.words, "cannot store: full");
	assert_false(episode_look(EPISODE_COPY, &seen));
	assert_int_equal(seen.begun, other);
}

static void note(void *arg)
{
	/* the line is there already */
	assert_string_equal(logged(), "t: warning: DNS does not answer: no answer of "
				      "192.0.2.53\n");
	++*(int *)arg;
}

/* Who wants to know hears of each line about a beginning, and of nothing else. */
static void test_who_wants_to_know(void **state)
{
	const int64_t then = NOW + 86400 * CLOCK_SECOND;
	int told = 0;

	(void)state;
	episode_tell(note, &told);
	episode_begin(EPISODE_DNS, then, "no answer of %s", "192.0.2.53");
	assert_int_equal(told, 1);
	episode_begin(EPISODE_DNS, then + CLOCK_SECOND, "none again");
	episode_end(EPISODE_DNS, then + 90 * CLOCK_SECOND);
	episode_end(EPISODE_DNS, then + 91 * CLOCK_SECOND);
	assert_int_equal(told, 1);
	episode_tell(NULL, NULL);
	assert_string_equal(
		logged(), "t: warning: DNS answers again, after 91 seconds\n");
}

/* A disk that is full for some, and has room for others: no flood of lines, and none
 * that says too much. */
static void test_what_comes_and_goes(void **state)
{
	static const int64_t hour = 3600 * CLOCK_SECOND;
	uint64_t before = episode_count();
	char text[EPISODE_TEXT_MAX];
	int64_t now = NOW + hour;

	(void)state;
	for (; now < NOW + hour + EPISODE_APART; now += CLOCK_SECOND) {
		episode_begin(EPISODE_STORE, now, "full");
		assert_true(episode_say(text));
		assert_string_equal(
			text, "since 2023-11-14T23:00:00.000Z: cannot store: full");
		episode_end(EPISODE_STORE, now);
		assert_false(episode_say(text));
	}
	assert_string_equal(logged(), "t: error: cannot store: full\n"
				      "t: warning: storing again, after 1 second\n");
	assert_int_equal(episode_count(), before + 1);
	/* begun again in time, and gone on too long */
	episode_begin(EPISODE_STORE, NOW + 2 * hour, "one");
	episode_end(EPISODE_STORE, NOW + 2 * hour);
	logged();
	now = NOW + 2 * hour + EPISODE_APART;
	episode_begin(EPISODE_STORE, now - 1, "two");
	assert_string_equal(logged(), "");
	episode_begin(EPISODE_STORE, now, "three");
	episode_begin(EPISODE_STORE, now, "four");
	assert_string_equal(logged(), "t: error: cannot store: three\n");
	episode_end(EPISODE_STORE, now);
	assert_string_equal(logged(), "t: warning: storing again, after 61 seconds\n");
	assert_int_equal(episode_count(), before + 3);
}

/* Every kind has its words, and `status` is told of all that go on. */
static void test_several(void **state)
{
	static const char *const words[] = {
		"cannot store: 15",
		"cannot read counters: 14",
		"the log cannot be copied into the database: 13",
		"the database file was moved or removed: 12",
		"milter connections wait: 11",
		"control clients wait: 10",
		"the log cannot start again: 9",
		"the clocks differ: 8",
		"SPF cannot be checked: 7",
		"SPF of some messages is not checked: 6",
		"DNS does not answer: 5",
		"malformed requests come to policy_socket: 4",
		"connections to policy_socket are refused: 3",
		"policies are passed over, since requests at policy_socket do not say "
		"all recipients: 2",
		"alerts cannot be delivered: 1",
		"housekeeping fails in part: 0",
	};
	uint64_t before = episode_count();
	char text[EPISODE_TEXT_MAX], line[200];
	const char *log, *at;

	(void)state;
	for (int kind = EPISODES; kind-- > 0;)
		episode_begin((enum episode_kind)kind, NOW, "%d", EPISODES - 1 - kind);
	assert_int_equal(episode_count(), before + EPISODES);
	log = logged();
	episode_say(text);
	at = text;
	for (size_t i = 0; i < COUNT(words); i++) {
		snprintf(line, sizeof(line), "%s\n", words[i]);
		assert_non_null(strstr(log, line));
		snprintf(line, sizeof(line), "since 2023-11-14T22:00:00.000Z: %s%s",
			words[i], i + 1 < COUNT(words) ? "; " : "");
		assert_memory_equal(at, line, strlen(line));
		at += strlen(line);
	}
	assert_string_equal(at, "");
	for (int kind = 0; kind < EPISODES; kind++) {
		assert_true(episode_say(text));
		episode_end((enum episode_kind)kind, NOW);
		log = logged();
		assert_non_null(strstr(log, " again"));
		assert_non_null(strstr(log, ", after 1 second\n"));
	}
	assert_false(episode_say(text));
}

/* What is quoted breaks no line; what is too long is cut, all of them at once too. */
static void test_any_why(void **state)
{
	char text[EPISODE_TEXT_MAX], why[3 * ERR_TEXT_MAX];

	(void)state;
	episode_begin(EPISODE_FILE, NOW + EPISODE_APART, "%s",
		"a\nt: info: forged\x1b[2J\xff%n");
	assert_string_equal(logged(), "t: error: the database file was moved or removed: "
				      "a\\x0at: info: forged\\x1b[2J\\xff%n\n");
	memset(why, 'y', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	for (int kind = 0; kind < EPISODES; kind++)
		episode_begin((enum episode_kind)kind, NOW, "%s", why);
	assert_true(episode_say(text));
	assert_true(strlen(text) > EPISODES * (ERR_TEXT_MAX - 1) &&
		    strlen(text) < sizeof(text) - 1);
	for (int kind = 0; kind < EPISODES; kind++)
		episode_end((enum episode_kind)kind, NOW);
	logged();
}

#define ROUNDS 500

static _Atomic int64_t flaps = 1000;

static void *flap(void *arg)
{
	char text[EPISODE_TEXT_MAX];

	for (int i = 0; i < ROUNDS; i++) {
		int64_t now = atomic_fetch_add(&flaps, 1) * EPISODE_APART + NOW;

		episode_begin(EPISODE_CONTROL, now, "%s", (const char *)arg);
		if (episode_say(text) && strstr(text, "control clients wait: ") == NULL)
			return arg;
		episode_end(EPISODE_CONTROL, now);
	}
	return NULL;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

/* From several threads: as many lines as episodes, as many ends as beginnings. */
static void test_threads(void **state)
{
	static char names[][2] = { "a", "b", "c", "d" };
	uint64_t before = episode_count();
	pthread_t threads[COUNT(names)];
	char text[EPISODE_TEXT_MAX];
	const char *log;
	void *wrong;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, flap, names[i]), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	assert_false(episode_say(text));
	log = logged();
	assert_int_equal(count(log, "wait: "), episode_count() - before);
	assert_int_equal(count(log, "accepted again"), episode_count() - before);
	assert_true(episode_count() - before >= ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_line_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_wants_to_know, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_comes_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_why, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
	};

	return cmocka_run_group_tests_name("base/episode", tests, NULL, NULL);
}
