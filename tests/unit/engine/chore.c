/*
 * Housekeeping that fails: mail does not fail with it, and the rest of it goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "base/episode.h"
#include "base/log.h"
#include "engine/housekeep.h"

#include <stdio.h>
#include <unistd.h>

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

static void send_many(struct site *s, int n, int bad_every)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < %d) INSERT INTO decision (time, verdict, sender) "
		"SELECT %lld + i, 'accept', CASE i %% %d WHEN 7 %% %d THEN 'bad' ELSE "
		"'good' END || i || '@x.net' FROM c",
		n, (long long)NOW, bad_every, bad_every);
	site_sql(s, sql);
}

/* What that says. */
static const char *logged(struct housekeeper *h, int64_t now)
{
	static char text[1000];
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);

	assert_true(file != NULL && dup2(fileno(file), STDERR_FILENO) >= 0);
	log_open("test", 0, LEVEL_WARNING);
	keep(h, now);
	log_open("test", 0, LEVEL_ERROR);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* Of many rows only those that fail are left out, and the log says how many. */
static void test_left_out_alone(void **state)
{
	struct site *s = *state;
	struct housekeeper *h = house_of(s);

	fail_on(s, "INSERT ON seen WHEN NEW.who GLOB 'bad*'");
	send_many(s, 1000, 50);
	for (int i = 0; i < 3; i++)
		keep(h, NOW + 5 * DAYS + i * MINUTES);
	assert_int_equal(site_number(s, MARK), 1000);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_seen_senders"), 980);
	assert_non_null(strstr(logged(h, NOW + 5 * DAYS + 2 * HOURS),
		"what was seen in 20 messages is left out for good\n"));
	housekeeper_free(h);
}

/* Where all fail it is not slow for ever. */
static void test_left_out_all(void **state)
{
	struct site *s = *state;
	struct housekeeper *h = house_of(s);

	fail_on(s, "INSERT ON seen");
	send_many(s, 20000, 1);
	for (int i = 0; i < 3; i++)
		keep(h, NOW + 5 * DAYS + i * MINUTES);
	assert_int_equal(site_number(s, MARK), 20000);
	housekeeper_free(h);
}

/* A page that cannot be read does not come to the writer. */
static void test_spoiled(void **state)
{
	struct site *s = *state;
	struct writer_job mail = { .kind = WRITER_RECORD, .run = run_mail };
	struct episode_seen seen;
	struct housekeeper *h;

	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 3000) INSERT INTO seen SELECT 'sender', 's' || i || "
		    "'@x.net', '', 1, 0, 1, 1700000000000000 FROM c");
	site_spoil(s, "s2000@x.net");
	h = house_of(s);
	SEND(s, NOW, .sender = "<s2000@x.net>");
	assert_true(writer_post(s->engine.writer, &mail));
	for (int i = 0; i < 3; i++)
		keep(h, NOW + DAYS + i * MINUTES);
	assert_int_equal(mail.result, 0);
	assert_int_equal(site_number(s, DECISIONS), 2);
	assert_int_equal(site_number(s, MARK), 2);
	assert_true(is_trouble());
	assert_false(episode_look(EPISODE_STORE, &seen) || seen.since > 0);
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

/* It is over when nothing has failed for a minute, though there is more to do. */
static void test_end(void **state)
{
	struct site *s = *state;
	struct housekeeper *h = house_of(s);
	int64_t later = NOW + 5 * DAYS;

	send_many(s, 20000, 20000);
	fail_on(s, "DELETE ON recipient");
	site_sql(s, "INSERT INTO recipient (decision_id, n, address) VALUES (0, 1, 'a')");
	assert_true(housekeep(h, later));
	assert_true(is_trouble());
	site_sql(s, "DROP TRIGGER broken");
	for (int i = 0; i < 16; i++)
		assert_true(housekeep(h, later + MINUTES - 1));
	assert_true(is_trouble());
	for (int i = 0; i < 8; i++)
		assert_true(housekeep(h, later + MINUTES));
	assert_false(is_trouble());
	housekeeper_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_mail),
		SITE_TEST(test_left_out),
		SITE_TEST(test_left_out_alone),
		SITE_TEST(test_left_out_all),
		SITE_TEST(test_spoiled),
		SITE_TEST(test_trim),
		SITE_TEST(test_end),
	};

	return cmocka_run_group_tests_name("engine/chore", tests, NULL, NULL);
}
