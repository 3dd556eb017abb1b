/*
 * Housekeeping that fails: mail does not fail with it, and the rest of it goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "base/episode.h"
#include "engine/housekeep.h"

#define DECISIONS "SELECT COUNT(*) FROM decision"
#define MARK	  "SELECT value FROM mark WHERE name = 'seen'"
#define SENDERS	  "SELECT GROUP_CONCAT(sender) FROM v_seen_senders"

static void fail_on(struct site *s, const char *what)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"CREATE TRIGGER broken BEFORE %s BEGIN SELECT RAISE(ABORT, 'broken'); "
		"END",
		what);
	site_sql(s, sql);
}

static struct housekeeper *house_of(struct site *s)
{
	return housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
}

static void keep(struct housekeeper *h, int64_t now)
{
	int steps = 1;

	while (housekeep(h, now))
		assert_true(steps++ < 1000);
}

static bool is_trouble(void)
{
	struct episode_seen seen;

	return episode_look(EPISODE_HOUSE, &seen);
}

static int run_mail(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	return db_exec(db,
		"INSERT INTO decision (time, verdict) VALUES (1700863200000000, "
		"'accept')",
		err);
}

/* Mail of the same batch is stored. */
static void test_mail(void **state)
{
	struct site *s = *state;
	struct housekeeper *h = house_of(s);
	struct writer_job mail = { .kind = WRITER_RECORD, .run = run_mail };

	SEND(s, NOW, .sender = "<a@x.net>");
	fail_on(s, "INSERT ON seen");
	assert_true(writer_post(s->engine.writer, &mail));
	keep(h, NOW + 10 * DAYS);
	assert_int_equal(mail.result, 0);
	assert_int_equal(site_number(s, DECISIONS), 2);
	assert_true(is_trouble());
	site_sql(s, "DROP TRIGGER broken");
	/* not at once again */
	keep(h, NOW + 10 * DAYS + 1);
	assert_int_equal(site_number(s, MARK), 0);
	assert_true(is_trouble());
	keep(h, NOW + 10 * DAYS + MINUTES);
	assert_int_equal(site_number(s, MARK), 1);
	assert_false(is_trouble());
	housekeeper_free(h);
}

/* What cannot be put into the table is left out after three tries; what can is in it. */
static void test_left_out(void **state)
{
	struct site *s = *state;
	struct housekeeper *h = house_of(s);
	int64_t later = NOW + 5 * DAYS;

	site_setting(s, "history_days", "1");
	fail_on(s, "INSERT ON seen WHEN NEW.who = 'b@x.net'");
	SEND(s, NOW, .sender = "<b@x.net>");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(site_number(s, MARK), 0);
		assert_int_equal(site_number(s, DECISIONS), 1);
		keep(h, later + i * MINUTES);
	}
	assert_int_equal(site_number(s, MARK), 1);
	assert_int_equal(site_number(s, DECISIONS), 0);
	/* others, and those that fail soon again */
	SEND(s, NOW + HOURS, .sender = "<c@x.net>");
	keep(h, later + 4 * MINUTES);
	SEND(s, NOW + HOURS, .sender = "<b@x.net>");
	keep(h, later + 5 * MINUTES);
	assert_int_equal(site_number(s, MARK), 3);
	assert_string_equal(site_text(s, SENDERS), "c@x.net");
	SEND(s, NOW + HOURS, .sender = "<b@x.net>");
	keep(h, later + 2 * HOURS);
	assert_int_equal(site_number(s, MARK), 3);
	housekeeper_free(h);
}

/* One table that fails keeps its rows; the others' go. */
static void test_trim(void **state)
{
	struct site *s = *state;

	site_setting(s, "history_days", "1");
	SEND(s, NOW, .sender = "<a@x.net>");
	site_sql(s, "INSERT INTO recipient (decision_id, n, address) VALUES (1, 1, 'a')");
	site_sql(s, "INSERT INTO traffic (step, start, policy_id) VALUES (1, 1, 0)");
	fail_on(s, "DELETE ON recipient");
	site_keep_house(s, NOW + 5 * DAYS);
	assert_int_equal(site_number(s, DECISIONS), 0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM recipient"), 1);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM traffic WHERE start = 1"), 0);
	site_sql(s, "DROP TRIGGER broken");
	site_keep_house(s, NOW + 5 * DAYS);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM recipient"), 0);
	assert_false(is_trouble());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_mail),
		SITE_TEST(test_left_out),
		SITE_TEST(test_trim),
	};

	return cmocka_run_group_tests_name("engine/chores", tests, NULL, NULL);
}
