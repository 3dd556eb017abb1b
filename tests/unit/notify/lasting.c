/*
 * Trouble, as it is told: by given clocks, once however often it comes and goes, its end
 * when that has held for a minute, so many in an hour.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/lasting.h"
#include "../fixture.h"

#define SECONDS CLOCK_SECOND

static struct {
	struct lasting lasting;
	int64_t now; /* far behind what the test before did */
} l = { .now = NOW };

static int setup(void **state)
{
	(void)state;
	memset(&l.lasting, 0, sizeof(l.lasting));
	lasting_forget(&l.lasting);
	l.now += 100 * HOURS;
	return 0;
}

/* What is told now: "trouble store 0: cannot store: full; ..."; the number: for how long
 * it has been going on by then, in seconds. */
static const char *told(void)
{
	static char text[2000];
	struct lasting_tale tale;

	*text = '\0';
	while (lasting_next(&l.lasting, l.now, &tale)) {
		const struct alert *a = &tale.alert;

		str_append(text, sizeof(text), "%s%s %s %d: %s",
			*text != '\0' ? "; " : "", alert_kind_name(a->kind), a->state,
			(int)((a->time - a->since) / SECONDS), a->words);
	}
	return text;
}

static void begin(enum episode_kind kind)
{
	episode_begin(kind, l.now, "full");
}

static void end(enum episode_kind kind)
{
	episode_end(kind, l.now);
}

#define BEGINS "trouble store 0: cannot store: full"

static void test_both(void **state)
{
	(void)state;
	assert_string_equal(told(), "");
	assert_false(lasting_waits(&l.lasting));
	begin(EPISODE_STORE);
	assert_string_equal(told(), BEGINS);
	assert_string_equal(told(), "");
	assert_true(lasting_waits(&l.lasting));
	l.now += 90 * SECONDS;
	end(EPISODE_STORE);
	l.now += EPISODE_APART - 1;
	assert_string_equal(told(), "");
	l.now++;
	assert_string_equal(
		told(), "trouble_end store 90: storing again, after 91 seconds");
	assert_string_equal(told(), "");
	assert_false(lasting_waits(&l.lasting));
}

/* Over before anybody looked: both are told all the same. */
static void test_short(void **state)
{
	(void)state;
	begin(EPISODE_COPY);
	end(EPISODE_COPY);
	assert_string_equal(told(), "trouble copy 0: the log cannot be copied into the "
				    "database: full");
	l.now += EPISODE_APART;
	assert_string_equal(told(), "trouble_end copy 0: the log is copied into the "
				    "database again, after 1 second");
}

/* It begins again within the minute of which the log says nothing, and then the log has
 * no line of its end either: the last word is what holds. */
static void test_comes_back(void **state)
{
	(void)state;
	begin(EPISODE_STORE);
	assert_string_equal(told(), BEGINS);
	l.now += 2 * SECONDS;
	end(EPISODE_STORE);
	l.now += 2 * SECONDS;
	begin(EPISODE_STORE);
	l.now += EPISODE_APART;
	assert_string_equal(told(), "");
	l.now += HOURS;
	assert_string_equal(told(), "");
	end(EPISODE_STORE);
	l.now += EPISODE_APART;
	assert_string_equal(
		told(), "trouble_end store 3664: storing again, after 62 minutes");
}

/* Up and down for a day, now within a minute and now after more than one. */
static void test_comes_and_goes(void **state)
{
	const int64_t since = l.now;
	size_t alerts = 0;

	(void)state;
	for (int i = 0; l.now < since + 24 * HOURS; i++) {
		begin(EPISODE_STORE);
		alerts += *told() != '\0';
		l.now += i % 80 * SECONDS;
		end(EPISODE_STORE);
		alerts += *told() != '\0';
		l.now += 59 * SECONDS;
		alerts += *told() != '\0';
	}
	assert_int_equal(alerts, 1);
	l.now += 2 * SECONDS;
	assert_non_null(strstr(told(), "trouble_end store "));
}

/* So many in an hour, with an end for each; then the next when there is room, if it still
 * goes on. */
static void test_hourly(void **state)
{
	const int64_t since = l.now;

	(void)state;
	for (int i = 0; i < LASTING_HOURLY; i++) {
		begin(EPISODE_STORE);
		assert_string_equal(told(), BEGINS);
		end(EPISODE_STORE);
		l.now += EPISODE_APART;
		assert_non_null(strstr(told(), "trouble_end store "));
	}
	begin(EPISODE_STORE);
	begin(EPISODE_DNS);
	assert_string_equal(told(), "");
	assert_true(lasting_waits(&l.lasting));
	assert_int_equal(l.lasting.left_out, 0);
	end(EPISODE_DNS);
	assert_string_equal(told(), "");
	assert_int_equal(l.lasting.left_out, 1);
	l.now = since + HOURS;
	assert_string_equal(told(), "trouble store 0: cannot store: full");
	end(EPISODE_STORE);
	l.now += EPISODE_APART;
	assert_non_null(strstr(told(), "trouble_end store "));
	assert_false(lasting_waits(&l.lasting));
}

/* Each kind for itself, but for that alerts cannot be delivered. */
static void test_kinds(void **state)
{
	(void)state;
	for (int kind = 0; kind < EPISODES; kind++)
		begin((enum episode_kind)kind);
	for (int kind = 0; kind < EPISODES; kind++) {
		struct lasting_tale tale;

		if (kind == EPISODE_ALERTS)
			continue;
		assert_true(lasting_next(&l.lasting, l.now, &tale));
		assert_string_equal(
			tale.alert.state, episode_state((enum episode_kind)kind));
	}
	assert_string_equal(told(), "");
	for (int kind = 0; kind < EPISODES; kind++)
		end((enum episode_kind)kind);
}

/* While nobody wants to know; who wants to is told what goes on by then. */
static void test_forgotten(void **state)
{
	(void)state;
	begin(EPISODE_STORE);
	assert_string_equal(told(), BEGINS);
	begin(EPISODE_DNS);
	end(EPISODE_DNS);
	begin(EPISODE_COPY);
	lasting_forget(&l.lasting);
	assert_false(lasting_waits(&l.lasting));
	end(EPISODE_STORE);
	assert_string_equal(told(), "trouble copy 0: the log cannot be copied into the "
				    "database: full");
	l.now += EPISODE_APART;
	assert_string_equal(told(), "");
	end(EPISODE_COPY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_both, setup),
		cmocka_unit_test_setup(test_short, setup),
		cmocka_unit_test_setup(test_comes_back, setup),
		cmocka_unit_test_setup(test_comes_and_goes, setup),
		cmocka_unit_test_setup(test_hourly, setup),
		cmocka_unit_test_setup(test_kinds, setup),
		cmocka_unit_test_setup(test_forgotten, setup),
	};

	return cmocka_run_group_tests_name("notify/lasting", tests, NULL, NULL);
}
