/*
 * Rates, against a list of all messages: what is read of a span is off by the messages of
 * a step at most.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/rates.h"
#include "../fixture.h"
#include "../random.h"

static const struct {
	int64_t span, step; /* microseconds */
} spans[RATE_SPANS] = {
	[RATE_NOW] = { 10 * CLOCK_SECOND, CLOCK_SECOND },
	[RATE_MINUTE] = { MINUTES, 5 * CLOCK_SECOND },
	[RATE_HOUR] = { HOURS, 5 * MINUTES },
	[RATE_DAY] = { DAYS, HOURS },
};

/* "now/minute/hour/day" of messages, or of those refused. */
static const char *shown(const struct rates *r, bool refused, int64_t now)
{
	static char text[100];

	*text = '\0';
	for (int i = 0; i < RATE_SPANS; i++) {
		struct rate rate = rates_read(r, (enum rate_span)i, now);

		str_append(text, sizeof(text), "%s%u", i > 0 ? "/" : "",
			refused ? rate.refused : rate.messages);
	}
	return text;
}

static void test_nothing(void **state)
{
	struct rates r = { 0 };

	(void)state;
	assert_string_equal(shown(&r, false, 0), "0/0/0/0");
	assert_string_equal(shown(&r, false, NOW), "0/0/0/0");
	/* the first second there is */
	rates_count(&r, true, 0);
	assert_string_equal(shown(&r, true, 0), "1/1/1/1");
	rates_count(&r, false, 5 * CLOCK_SECOND);
	assert_string_equal(shown(&r, false, 5 * CLOCK_SECOND), "2/2/2/2");
}

/* Each span forgets at its own time, and what was refused with it. */
static void test_spans_end(void **state)
{
	struct rates r = { 0 };

	(void)state;
	rates_count(&r, false, NOW);
	rates_count(&r, true, NOW + 1);
	rates_count(&r, true, NOW + CLOCK_SECOND);
	assert_string_equal(shown(&r, false, NOW + 2 * CLOCK_SECOND), "3/3/3/3");
	assert_string_equal(shown(&r, true, NOW + 2 * CLOCK_SECOND), "2/2/2/2");
	assert_string_equal(shown(&r, false, NOW + 12 * CLOCK_SECOND), "0/3/3/3");
	assert_string_equal(shown(&r, false, NOW + 66 * CLOCK_SECOND), "0/0/3/3");
	assert_string_equal(shown(&r, true, NOW + 66 * CLOCK_SECOND), "0/0/2/2");
	assert_string_equal(shown(&r, false, NOW + 66 * MINUTES), "0/0/0/3");
	assert_string_equal(shown(&r, false, NOW + 26 * HOURS), "0/0/0/0");
}

/* The oldest step counts by that part of it which still lies in the span. */
static void test_oldest_step(void **state)
{
	struct rates r = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		rates_count(&r, i % 2 == 0, NOW + i * (5 * MINUTES / 100));
	assert_int_equal(rates_read(&r, RATE_HOUR, NOW + HOURS).messages, 100);
	assert_int_equal(rates_read(&r, RATE_HOUR, NOW + HOURS + MINUTES).messages, 80);
	assert_int_equal(rates_read(&r, RATE_HOUR, NOW + HOURS + MINUTES).refused, 40);
	assert_int_equal(
		rates_read(&r, RATE_HOUR, NOW + HOURS + 5 * MINUTES - 1).messages, 1);
	assert_int_equal(
		rates_read(&r, RATE_HOUR, NOW + HOURS + 5 * MINUTES).messages, 0);
}

/* Even traffic reads the same at whatever moment. */
static void test_even(void **state)
{
	struct rates r = { 0 };
	int64_t now = NOW;

	(void)state;
	for (; now < NOW + 3 * HOURS; now += CLOCK_SECOND / 10)
		rates_count(&r, false, now);
	for (int i = 0; i < 100; i++, now += CLOCK_SECOND * 7 / 10) {
		for (int k = 0; k < 7; k++)
			rates_count(&r, false, now + k * CLOCK_SECOND / 10);
		assert_in_range(
			rates_read(&r, RATE_NOW, now + CLOCK_SECOND * 7 / 10).messages,
			93, 107);
		assert_in_range(
			rates_read(&r, RATE_MINUTE, now + CLOCK_SECOND * 7 / 10).messages,
			590, 610);
	}
}

/* What a span holds, by the list of all. */
static uint32_t count_since(const int64_t *times, size_t n, int64_t since)
{
	uint32_t count = 0;

	while (count < n && times[n - 1 - count] > since)
		count++;
	return count;
}

#define MANY 20000

static uint64_t seed = 6;

static int64_t below(uint64_t n)
{
	return (int64_t)(next_random(&seed) % n);
}

/* Bursts and gaps of every length, read at every moment. */
static void test_against_list(void **state)
{
	static const int64_t gaps[] = { 1, 1000, CLOCK_SECOND / 3, CLOCK_SECOND,
		11 * CLOCK_SECOND, MINUTES, 13 * MINUTES, HOURS, 7 * HOURS, 40 * HOURS };
	static int64_t times[MANY];
	struct rates r = { 0 }, before;
	int64_t now = NOW;

	(void)state;
	for (size_t n = 0; n < MANY; n++) {
		/* the longer, the more seldom */
		size_t kind = (size_t)below(LENGTH(gaps) * 100);

		kind = kind < 950 ? kind % 4 : kind % LENGTH(gaps);
		now += below(1000) * gaps[kind] / 500;
		times[n] = now;
		rates_count(&r, false, now);
		before = r;
		for (int i = 0; i < RATE_SPANS; i++) {
			int64_t later = now + below(3) * below(2000) * gaps[kind] / 1000;
			uint32_t got = rates_read(&r, (enum rate_span)i, later).messages;
			uint32_t least = count_since(
				times, n + 1, later - spans[i].span + spans[i].step);
			uint32_t most = count_since(
				times, n + 1, later - spans[i].span - spans[i].step);

			if (got < least || got > most)
				fail_msg(
					"span %d: %u, not %u to %u", i, got, least, most);
		}
		/* a look changes nothing */
		assert_memory_equal(&r, &before, sizeof(r));
	}
}

/* A thread that comes late counts in the newest step; nothing is shown as gone. */
static void test_late(void **state)
{
	struct rates r = { 0 };

	(void)state;
	rates_count(&r, false, NOW);
	rates_count(&r, true, NOW - 3 * CLOCK_SECOND);
	rates_count(&r, false, NOW - 3 * DAYS);
	assert_string_equal(shown(&r, false, NOW), "3/3/3/3");
	assert_string_equal(shown(&r, false, NOW - DAYS), "3/3/3/3");
	/* and a clock far ahead leaves nothing behind */
	rates_count(&r, false, NOW + 4000 * DAYS);
	assert_string_equal(shown(&r, false, NOW + 4000 * DAYS), "1/1/1/1");
	assert_string_equal(shown(&r, true, NOW + 4000 * DAYS), "0/0/0/0");
}

static void test_trend(void **state)
{
	uint32_t trend[RATES_TREND];
	struct rates r = { 0 };

	(void)state;
	for (int step = 0; step < 15; step++)
		for (int i = 0; i <= step; i++)
			rates_count(&r, false, NOW + step * 5 * MINUTES + i);
	rates_trend(&r, trend, NOW + 14 * 5 * MINUTES + MINUTES);
	for (uint32_t i = 0; i < RATES_TREND; i++)
		assert_int_equal(trend[i], i + 4);
	/* after a gap */
	rates_trend(&r, trend, NOW + 24 * 5 * MINUTES);
	assert_int_equal(trend[0], 14);
	assert_int_equal(trend[1], 15);
	for (uint32_t i = 2; i < RATES_TREND; i++)
		assert_int_equal(trend[i], 0);
	rates_trend(&r, trend, NOW + DAYS);
	assert_int_equal(trend[0] + trend[RATES_TREND - 1], 0);
}

/* Numbers as large as can be are no more than they are. */
static void test_large(void **state)
{
	struct rates r = { 0 };

	(void)state;
	rates_count(&r, true, NOW);
	for (int i = 0; i < RATES_STEPS; i++)
		if (r.steps[i].messages > 0)
			r.steps[i] = (struct rate){ UINT32_MAX, UINT32_MAX };
	assert_int_equal(rates_read(&r, RATE_DAY, NOW + DAYS).messages, UINT32_MAX);
	assert_int_equal(rates_read(&r, RATE_DAY, NOW + DAYS + HOURS / 2).refused,
		UINT32_MAX / 2 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_spans_end),
		cmocka_unit_test(test_oldest_step),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_against_list),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_trend),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
