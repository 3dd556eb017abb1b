/*
 * Where a moment begins in the history: nothing of it stands before the id that is found,
 * whatever has gone from the front, and little that is older behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/history.h"
#include "../fixture.h"
#include "../random.h"

static void add_row(struct site *s, int64_t id, int64_t time)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"INSERT INTO decision (id, time, verdict) VALUES (%lld, %lld, 'accept')",
		(long long)id, (long long)time);
	site_sql(s, sql);
}

static int64_t begin(struct site *s, int64_t since)
{
	struct err err = { ERR_BAD, "" };
	int64_t id = -1;

	must(history_begin(s->db, since, &id, &err), &err);
	return id;
}

/* Rows of that moment or later, and rows that a look from `id` on passes over. */
static int64_t before(struct site *s, int64_t id, int64_t since)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"SELECT COUNT(*) FROM decision WHERE id < %lld AND time >= %lld",
		(long long)id, (long long)since);
	return site_number(s, sql);
}

static int64_t older_behind(struct site *s, int64_t id, int64_t since)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"SELECT COUNT(*) FROM decision WHERE id >= %lld AND time < %lld",
		(long long)id, (long long)(since - HISTORY_DISORDER));
	return site_number(s, sql);
}

static void test_empty(void **state)
{
	struct site *s = *state;

	assert_int_equal(before(s, begin(s, NOW), NOW), 0);
	add_row(s, 7, NOW);
	assert_int_equal(begin(s, NOW), 7);
	assert_int_equal(begin(s, NOW - DAYS), 7);
	assert_int_equal(begin(s, NOW + DAYS), 8);
}

/* In order, with gaps where rows were trimmed: found to the row. */
static void test_in_order(void **state)
{
	struct site *s = *state;
	uint64_t seed = 1;
	int64_t id = 1000, time = NOW, times[300], ids[300];

	for (size_t i = 0; i < LENGTH(ids); i++) {
		id += 1 + (int64_t)(next_random(&seed) % (i % 50 == 0 ? 500 : 2));
		time += (int64_t)(next_random(&seed) % 3) * MINUTES;
		ids[i] = id;
		times[i] = time;
		add_row(s, id, time);
	}
	for (size_t i = 0; i < LENGTH(ids); i++) {
		size_t first = 0;

		while (times[first] < times[i])
			first++;
		/* behind the one before, whether there is a row with that id or not */
		assert_in_range(begin(s, times[i] + HISTORY_DISORDER),
			first > 0 ? ids[first - 1] + 1 : 0, ids[first]);
	}
}

/* A moment that came late to the writer is not left out. */
static void test_disorder(void **state)
{
	struct site *s = *state;
	uint64_t seed = 2;

	for (int64_t i = 0; i < 500; i++)
		add_row(s, i + 1,
			NOW + i * CLOCK_SECOND -
				(int64_t)(next_random(&seed) % 30) * CLOCK_SECOND);
	for (int64_t i = 0; i < 500; i += 7) {
		int64_t since = NOW + i * CLOCK_SECOND, id = begin(s, since);

		assert_int_equal(before(s, id, since), 0);
		assert_in_range(older_behind(s, id, since), 0, 30);
	}
}

/* A clock that was ahead has left rows of the future: nothing that is really of that
 * moment is lost, but for these. */
static void test_future(void **state)
{
	struct site *s = *state;

	for (int64_t i = 0; i < 100; i++)
		add_row(s, i + 1, NOW + 100 * DAYS + i);
	for (int64_t i = 100; i < 1000; i++)
		add_row(s, i + 1, NOW + i * MINUTES);
	for (int64_t i = 100; i < 1000; i += 13)
		assert_in_range(begin(s, NOW + i * MINUTES), 1, i + 1);
}

/* Of a long day the last rows, and since when these are. */
static void test_within(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	int64_t id, from, since = NOW + 10 * MINUTES;

	must(history_begin_within(s->db, NOW, 10, &id, &from, &err), &err);
	assert_true(from == NOW);
	for (int64_t i = 0; i < 100; i++)
		add_row(s, i + 1, NOW + i * MINUTES);
	must(history_begin_within(s->db, since, 100, &id, &from, &err), &err);
	assert_int_equal(id, begin(s, since));
	assert_true(from == since);
	must(history_begin_within(s->db, since, 50, &id, &from, &err), &err);
	assert_int_equal(id, 51);
	assert_true(from == NOW + 50 * MINUTES);
	must(history_begin_within(s->db, NOW + 51 * MINUTES, 50, &id, &from, &err), &err);
	assert_true(from == NOW + 51 * MINUTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_empty),
		SITE_TEST(test_in_order),
		SITE_TEST(test_disorder),
		SITE_TEST(test_future),
		SITE_TEST(test_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
