/*
 * The rows that a replay reads: in slices, between which others may write and the log may
 * start again, and yet those of one moment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/replay_read.h"
#include "../fixture.h"

#define ROWS 1000

struct reading {
	struct db *db;
	struct replay_reader reader;
	struct replay_row row;
	struct err err;
};

static void begin(struct site *s, struct reading *r)
{
	r->err = (struct err){ ERR_BAD, "" };
	r->db = db_open(s->database, DB_READER, &r->err);
	assert_non_null(r->db);
	must(replay_read_begin(&r->reader, r->db, "out", false, NOW, NOW + ROWS, &r->err),
		&r->err);
}

static int next(struct reading *r)
{
	return replay_read_next(&r->reader, &r->row, &r->err);
}

static void end(struct reading *r)
{
	replay_read_end(&r->reader);
	db_close(r->db);
}

/* Two of each moment. */
static void make_rows(struct site *s)
{
	site_sql(s, "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n "
		    "LIMIT 1000) INSERT INTO decision (id, time, verdict, sender) "
		    "SELECT n, 1699999200000000 + (n + 1) / 2, 'accept', 'old' FROM n");
}

/* Is all copied into the file that was written so far? */
static bool is_copied(struct site *s)
{
	int pages, copied;

	assert_int_equal(sqlite3_wal_checkpoint_v2(db_handle(s->db), NULL,
				 SQLITE_CHECKPOINT_PASSIVE, &pages, &copied),
		SQLITE_OK);
	return pages == copied;
}

static void test_slices(void **state)
{
	struct site *s = *state;
	struct reading r;

	make_rows(s);
	begin(s, &r);
	assert_int_equal(next(&r), 1);
	site_sql(s, "UPDATE decision SET sender = 'new' WHERE id > 500");
	assert_false(is_copied(s));
	/* behind the last one, and of a moment that is still to come */
	site_sql(s, "INSERT INTO decision (time, verdict) VALUES (1699999200000400, "
		    "'accept')");
	for (int64_t i = 1; i < ROWS; i++) {
		assert_int_equal(next(&r), 1);
		assert_int_equal(r.reader.id, i + 1);
		assert_int_equal(r.row.time, NOW + i / 2 + 1);
		if (i == ROWS / 2)
			assert_true(is_copied(s));
	}
	assert_string_equal(r.row.sender, "new");
	assert_int_equal(next(&r), 0);
	end(&r);
}

/* What has been read may go, and nothing else. */
static void test_trimmed(void **state)
{
	struct site *s = *state;
	struct reading r;

	make_rows(s);
	begin(s, &r);
	for (int i = 0; i < 450; i++)
		assert_int_equal(next(&r), 1);
	site_sql(s, "DELETE FROM decision WHERE id <= 450");
	for (int i = 450; i < 800; i++)
		assert_int_equal(next(&r), 1);
	site_sql(s, "DELETE FROM decision WHERE id <= 900");
	assert_int_equal(next(&r), -1);
	assert_non_null(strstr(r.err.text, "have gone before they were read"));
	end(&r);
	/* all of them */
	begin(s, &r);
	assert_int_equal(next(&r), 1);
	assert_int_equal(r.reader.id, 901);
	site_sql(s, "DELETE FROM decision");
	while (r.reader.id < ROWS)
		assert_int_equal(next(&r), 1);
	assert_int_equal(next(&r), 0);
	end(&r);
	/* there were none */
	begin(s, &r);
	assert_int_equal(next(&r), 0);
	end(&r);
}

#define SET_BACK "UPDATE decision SET time = 1699999200000000 WHERE id > 900"

/* The clock was set back before the last 100 rows, which come first by their time. */
static void test_set_back(void **state)
{
	struct site *s = *state;
	struct reading r;

	make_rows(s);
	site_sql(s, SET_BACK);
	begin(s, &r);
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(next(&r), 1);
	assert_int_equal(r.reader.id, 900);
	site_sql(s, "DELETE FROM decision WHERE id <= 950");
	assert_int_equal(next(&r), 0);
	end(&r);
	site_sql(s, "DELETE FROM decision");
	make_rows(s);
	site_sql(s, SET_BACK);
	begin(s, &r);
	for (int i = 0; i < 250; i++)
		assert_int_equal(next(&r), 1);
	site_sql(s, "DELETE FROM decision WHERE id <= 600");
	while (r.reader.id != 900)
		assert_int_equal(next(&r), 1);
	assert_int_equal(next(&r), -1);
	assert_non_null(strstr(r.err.text, "have gone before they were read"));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_slices),
		SITE_TEST(test_trimmed),
		SITE_TEST(test_set_back),
	};

	return cmocka_run_group_tests_name("engine/replay_read", tests, NULL, NULL);
}
