/*
 * A disk that fails.  Three scenes (the first start, a start after a crash, mail with a
 * change and a checkpoint) are played over and over; each time another call of SQLite to
 * its file system fails, once or from there on for good, until none is left that has not
 * failed.  After each: what was answered is there, nothing is there by half, and the file
 * is whole.  After one failure alone the next attempt works.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../db/shim.h"
#include "../fixture.h"

#include <fcntl.h>
#include <stdatomic.h>

#define MESSAGES  6
#define CALLS_MAX 5000 /* of a scene; more: it does not come to its end */

static struct {
	atomic_bool armed;
	atomic_int calls, at; /* the at-th since it was armed fails */
	bool for_good;	      /* and those after it */
} fault;

static const int codes[SHIM_CALLS] = {
	[SHIM_OPEN] = SQLITE_CANTOPEN,
	[SHIM_READ] = SQLITE_IOERR_READ,
	[SHIM_WRITE] = SQLITE_FULL,
	[SHIM_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
	[SHIM_SYNC] = SQLITE_IOERR_FSYNC,
	[SHIM_SIZE] = SQLITE_IOERR_FSTAT,
	[SHIM_LOCK] = SQLITE_IOERR_LOCK,
	[SHIM_SHM_MAP] = SQLITE_IOERR_SHMMAP,
	[SHIM_SHM_LOCK] = SQLITE_IOERR_SHMLOCK,
};

static int fail_nth(enum shim_call call, bool log)
{
	int n;

	(void)log;
	if (!fault.armed)
		return SQLITE_OK;
	n = ++fault.calls;
	return n == fault.at || (fault.for_good && n > fault.at) ? codes[call]
								 : SQLITE_OK;
}

static int install(void **state)
{
	(void)state;
	return shim_install(fail_nth);
}

static void arm(int at, bool for_good)
{
	fault.calls = 0;
	fault.at = at;
	fault.for_good = for_good;
	fault.armed = true;
}

/* Was it early enough to happen? */
static bool disarm(void)
{
	fault.armed = false;
	return fault.calls >= fault.at;
}

/* Plays the scene until no call is left that has not failed. */
static void play(bool (*scene)(int at, bool for_good))
{
	for (int for_good = 0; for_good < 2; for_good++) {
		int at = 1;

		while (scene(at, for_good))
			assert_true(++at < CALLS_MAX);
		assert_true(at > 20);
	}
}

static void check_whole(struct site *s)
{
	assert_string_equal(site_text(s, "PRAGMA integrity_check"), "ok");
	assert_int_equal(site_number(s, "PRAGMA user_version"), SQL_MIGRATIONS);
}

/* --- a start --- */

/* As main.c does it. */
static int start(const char *database, struct err *err)
{
	struct db *db = db_open(database, DB_WRITER, err), *reader = NULL;
	struct counter_store *store = NULL;
	struct policy_set *set = NULL;

	if (db != NULL)
		set = policy_set_load(db, NULL, err);
	if (set != NULL)
		reader = db_open(database, DB_READER, err);
	if (reader != NULL)
		store = mem_store_open(db, reader, 1000, NOW, err);
	policy_set_discard(set);
	db_close(db);
	if (store == NULL)
		return -1;
	store->close(store);
	return 0;
}

/* Fails, with words, or does not; when the fault is over it starts. */
static bool start_with(struct site *s, int at, bool for_good)
{
	struct err err = { ERR_BAD, "" };
	bool met;
	int rc;

	arm(at, for_good);
	rc = start(s->database, &err);
	met = disarm();
	assert_true(rc == 0 || err.text[0] != '\0');
	assert_true(rc == 0 || met);
	must(start(s->database, &err), &err);
	s->db = db_open(s->database, DB_WRITER, &err);
	must(s->db != NULL ? 0 : -1, &err);
	check_whole(s);
	return met;
}

/* A directory with no database in it. */
static void site_make(struct site *s)
{
	site_open(s);
	db_close(s->db);
	s->db = NULL;
	unlink(s->database);
}

static bool first_start(int at, bool for_good)
{
	struct site s;
	bool met;

	site_make(&s);
	met = start_with(&s, at, for_good);
	site_close(&s);
	return met;
}

static void copy_file(const char *from, const char *to, const char *end)
{
	char path[2][320], bytes[65536];
	ssize_t n;
	int in, out;

	snprintf(path[0], sizeof(path[0]), "%s%s", from, end);
	snprintf(path[1], sizeof(path[1]), "%s%s", to, end);
	in = open(path[0], O_RDONLY);
	out = open(path[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	close(in);
	close(out);
}

/* What a process leaves that was killed: the file, and a log that nobody has copied. */
static struct site crashed;

static bool start_after_crash(int at, bool for_good)
{
	struct site s;
	bool met;

	site_make(&s);
	copy_file(crashed.database, s.database, "");
	copy_file(crashed.database, s.database, "-wal");
	met = start_with(&s, at, for_good);
	assert_int_equal(site_number(&s, "SELECT sum(count) FROM bucket"), MESSAGES);
	assert_int_equal(site_number(&s, "SELECT count(*) FROM decision"), MESSAGES);
	site_close(&s);
	return met;
}

/* --- mail --- */

/* Two rows that belong together. */
static int run_change(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	for (int i = 0; i < 2; i++)
		if (db_run(db, SQL_SETTING_PUT, err, "tit", i == 0 ? "half" : "other",
			    (int64_t)0, "1") < 0)
			return -1;
	return 0;
}

/* What has failed, having begun at that moment, fails at once for as long again: until
 * then. */
static void outlast(int64_t began)
{
	usleep((useconds_t)(clock_now() - began));
}

static int change(struct site *s)
{
	struct writer_job job = { .kind = WRITER_CHANGE, .run = run_change };
	struct err err = { ERR_BAD, "" };
	int64_t began = clock_now();
	int rc = writer_do(s->engine.writer, &job, &err);

	assert_true(rc == 0 || err.text[0] != '\0');
	if (rc < 0)
		outlast(began);
	return rc;
}

/* How many were accepted and stored; the others were not, and on_error decided. */
static int send_some(struct site *s, enum on_error on_error)
{
	int stored = 0;

	for (int i = 0; i < MESSAGES; i++) {
		int64_t began = clock_now();
		struct outcome o = SEND(s, NOW + i * CLOCK_SECOND);

		if (o.kind == VERDICT_ACCEPT) {
			stored++;
			continue;
		}
		assert_string_equal(o.code, on_error == ON_ERROR_TEMPFAIL ? "451" : "");
		outlast(began);
	}
	return stored;
}

/* When the fault is over it all works. */
static void send_again(struct site *s, enum on_error on_error)
{
	assert_int_equal(send_some(s, on_error), MESSAGES);
	assert_int_equal(change(s), 0);
	site_stop(s);
}

/* at_least, at_most: charges, and rows of the history. */
static void check_mail(
	struct site *s, int at_least, int at_most, int recorded_at_most, bool changed)
{
	int64_t halves = site_number(
		s, "SELECT count(*) FROM setting WHERE name IN ('half', 'other')");

	check_whole(s);
	assert_in_range(site_number(s, "SELECT ifnull(sum(count), 0) FROM bucket"),
		at_least, at_most);
	assert_true(site_number(s, "SELECT count(*) FROM decision") <= recorded_at_most);
	assert_true(halves == 2 || (halves == 0 && !changed));
}

static bool mail(int at, bool for_good, enum on_error on_error)
{
	struct db *keeper;
	struct site s;
	int stored;
	bool met, changed;

	site_open(&s);
	site_start(&s, NOW);
	site_setting(
		&s, "on_error", on_error == ON_ERROR_TEMPFAIL ? "tempfail" : "accept");
	site_policy(&s, "out", "limit=1000/hour", "action=defer", NULL);
	keeper = db_open(s.database, DB_KEEPER, NULL);
	arm(at, for_good);
	stored = send_some(&s, on_error);
	changed = change(&s) == 0;
	sqlite3_wal_checkpoint_v2(
		db_handle(keeper), "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (for_good)
		site_stop(&s);
	met = disarm();
	if (!for_good) {
		assert_true(stored >= MESSAGES - 1);
		send_again(&s, on_error);
	}
	db_close(keeper);
	db_close(s.db);
	s.db = db_open(s.database, DB_WRITER, NULL);
	assert_non_null(s.db);
	assert_true(site_number(&s, "SELECT count(*) FROM decision") >= stored);
	if (for_good)
		check_mail(&s, stored, MESSAGES, MESSAGES, changed);
	else if (on_error == ON_ERROR_TEMPFAIL)
		check_mail(&s, stored + MESSAGES, stored + MESSAGES, 2 * MESSAGES, true);
	else
		check_mail(&s, 2 * MESSAGES, 2 * MESSAGES, 2 * MESSAGES, true);
	site_close(&s);
	return met;
}

static bool mail_accepted(int at, bool for_good)
{
	return mail(at, for_good, ON_ERROR_ACCEPT);
}

static bool mail_refused(int at, bool for_good)
{
	return mail(at, for_good, ON_ERROR_TEMPFAIL);
}

static void test_first_start(void **state)
{
	(void)state;
	play(first_start);
}

static void test_start_after_crash(void **state)
{
	(void)state;
	site_open(&crashed);
	site_start(&crashed, NOW);
	site_policy(&crashed, "out", "limit=1000/hour", "action=defer", NULL);
	assert_int_equal(send_some(&crashed, ON_ERROR_ACCEPT), MESSAGES);
	play(start_after_crash);
	site_close(&crashed);
}

static void test_mail(void **state)
{
	(void)state;
	play(mail_accepted);
	play(mail_refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_start),
		cmocka_unit_test(test_start_after_crash),
		cmocka_unit_test(test_mail),
	};

	return cmocka_run_group_tests(tests, install, NULL);
}
