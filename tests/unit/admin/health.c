/*
 * Health: for which trouble mail is better sent elsewhere, and what is told of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/health.h"

#include "base/episode.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2023-11-14T22:00:00Z, in microseconds */
#define NOW ((int64_t)1699999200 * CLOCK_SECOND)

static void expect(bool well, const char *wanted)
{
	char *text;

	assert_int_equal(health_text(&text), well);
	assert_string_equal(text, wanted);
	free(text);
}

/* Each kind by itself; only these four are grave. */
static void test_each(void **state)
{
	(void)state;
	expect(true, "ok\n");
	for (int k = 0; k < EPISODES; k++) {
		enum episode_kind kind = (enum episode_kind)k;
		bool grave = kind == EPISODE_STORE || kind == EPISODE_READ ||
			     kind == EPISODE_FILE || kind == EPISODE_CONNECTIONS;
		char *text;

		episode_begin(kind, NOW, "why");
		assert_int_equal(health_text(&text), !grave);
		assert_int_equal(
			strncmp(text, episode_state(kind), strlen(episode_state(kind))),
			0);
		assert_non_null(strstr(text, " since 2023-11-14T22:00:00.000Z: "));
		assert_non_null(strstr(text, ": why\n"));
		free(text);
		episode_end(kind, NOW);
		expect(true, "ok\n");
	}
}

/* A line each, whatever is quoted in them. */
static void test_lines(void **state)
{
	(void)state;
	episode_begin(EPISODE_COPY, NOW, "a\nb\xff");
	expect(true, "copy since 2023-11-14T22:00:00.000Z: the log cannot be copied into "
		     "the database: a\\x0ab\\xff\n");
	episode_begin(EPISODE_STORE, NOW, "full");
	expect(false,
		"store since 2023-11-14T22:00:00.000Z: cannot store: full\n"
		"copy since 2023-11-14T22:00:00.000Z: the log cannot be copied into "
		"the database: a\\x0ab\\xff\n");
	episode_end(EPISODE_STORE, NOW);
	episode_end(EPISODE_COPY, NOW);
	expect(true, "ok\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_lines),
	};

	log_open("t", 0, LEVEL_ERROR);
	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
