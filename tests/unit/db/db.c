/*
 * Tests of db/db.c: a file made, opened again and migrated; files that are not
 * ours refused and left as they were; statements and their parameters.  One
 * thread, files in a directory of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/db.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FILE_MAX     (1 << 20)

struct place {
	char dir[200];
	char path[240]; /* of the database, in it */
	struct err err;
};

/* What a file held, to compare with later. */
struct copy {
	char *bytes;
	size_t size;
};

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "%s/themis-db.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = p;
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/themis.db", p->dir);
	return 0;
}

/* Calls with the path of each file in the directory; how many there are. */
static unsigned each_file(const struct place *p, int (*call)(const char *path))
{
	DIR *d = opendir(p->dir);
	const struct dirent *e;
	char path[600];
	unsigned n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", p->dir, e->d_name);
		n++;
		if (call != NULL)
			call(path);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct place *p = *state;

	each_file(p, remove);
	rmdir(p->dir);
	free(p);
	return 0;
}

static struct db *open_ok(struct place *p, enum db_mode mode)
{
	struct db *db = db_open(p->path, mode, &p->err);

	if (db == NULL)
		fail_msg("%s", p->err.text);
	return db;
}

static void exec_ok(struct db *db, const char *sql)
{
	struct err err;

	if (db_exec(db, sql, &err) < 0)
		fail_msg("%s", err.text);
}

/* The first column of the first row as text, "(none)" without a row. */
static void ask(struct db *db, const char *sql, char out[200])
{
	sqlite3_stmt *q;

	assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &q, NULL), SQLITE_OK);
	snprintf(
		out, 200, "%s", sqlite3_step(q) == SQLITE_ROW ? db_text(q, 0) : "(none)");
	sqlite3_finalize(q);
}

static void expect(struct db *db, const char *sql, const char *want)
{
	char got[200];

	ask(db, sql, got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, not %s", sql, got, want);
}

/* A database by somebody else's hand. */
static void make_file(const struct place *p, const char *sql)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(p->path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void write_file(const struct place *p, const void *bytes, size_t n)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static struct copy take(const struct place *p)
{
	struct copy c = { malloc(FILE_MAX), 0 };
	int fd = open(p->path, O_RDONLY);
	ssize_t n;

	assert_non_null(c.bytes);
	assert_true(fd >= 0);
	while ((n = read(fd, c.bytes + c.size, FILE_MAX - c.size)) > 0)
		c.size += (size_t)n;
	assert_true(c.size < FILE_MAX);
	close(fd);
	return c;
}

/* The writer, which opens first, does not open it; the refusal says `says`, not a byte of
 * it changes and nothing appears beside it. */
static void refused(struct place *p, const char *says)
{
	struct copy before = take(p), after;

	if (db_open(p->path, DB_WRITER, &p->err) != NULL)
		fail_msg("opened: %s", says);
	if (strstr(p->err.text, says) == NULL || strstr(p->err.text, p->path) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", p->err.text, says);
	after = take(p);
	assert_int_equal(after.size, before.size);
	assert_memory_equal(after.bytes, before.bytes, before.size);
	assert_int_equal(each_file(p, NULL), 1);
	free(before.bytes);
	free(after.bytes);
}

/* From outside too: what `themisd -t` asks. */
static void refused_at_sight(struct place *p, const char *says)
{
	assert_int_equal(db_check_file(p->path, &p->err), -1);
	assert_non_null(strstr(p->err.text, says));
	refused(p, says);
}

static void a_new_file_is_ours(void **state)
{
	struct place *p = *state;
	struct db *db;
	char version[20];

	assert_int_equal(db_check_file(p->path, &p->err), 0);
	assert_int_equal(each_file(p, NULL), 0);
	db = open_ok(p, DB_WRITER);
	snprintf(version, sizeof(version), "%d", SQL_MIGRATIONS);
	expect(db, "PRAGMA application_id", "1416129907"); /* "Thms" */
	expect(db, "PRAGMA user_version", version);
	expect(db, "PRAGMA journal_mode", "wal");
	expect(db, "PRAGMA synchronous", "1");
	expect(db, "PRAGMA wal_autocheckpoint", "0");
	expect(db, "PRAGMA foreign_keys", "1");
	expect(db, "PRAGMA integrity_check", "ok");
	expect(db, "SELECT COUNT(*) > 5 FROM pragma_table_list WHERE type = 'table'",
		"1");
	expect(db,
		"SELECT GROUP_CONCAT(name) FROM pragma_table_list "
		"WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict",
		"");
	assert_int_equal(db_check_file(p->path, &p->err), 0);
	db_close(db);
	db_close(NULL);
}

static void opened_again_it_is_the_same(void **state)
{
	static const char schema[] =
		"SELECT COUNT(*) || ' ' || SUM(LENGTH(sql)) FROM sqlite_schema";
	struct place *p = *state;
	struct db *db = open_ok(p, DB_WRITER);
	char before[200], version[200], changes[200];

	ask(db, schema, before);
	ask(db, "PRAGMA user_version", version);
	exec_ok(db, "INSERT INTO setting VALUES ('history', 0, 'off')");
	ask(db, "PRAGMA schema_version", changes);
	db_close(db);
	for (int i = 0; i < 3; i++) {
		db = open_ok(p, DB_WRITER);
		expect(db, schema, before);
		expect(db, "PRAGMA user_version", version);
		expect(db, "PRAGMA schema_version", changes);
		expect(db, "SELECT value FROM setting WHERE name = 'history'", "off");
		db_close(db);
	}
}

/* A migration that cannot end leaves nothing of itself. */
static void a_migration_is_whole_or_not_at_all(void **state)
{
	struct place *p = *state;
	sqlite3 *raw;

	/* the first migration makes other tables before this one */
	make_file(p, "PRAGMA application_id = 1416129907; CREATE TABLE audit (x)");
	assert_null(db_open(p->path, DB_WRITER, &p->err));
	assert_non_null(strstr(p->err.text, "migration 1"));
	assert_non_null(strstr(p->err.text, "audit"));
	assert_int_equal(sqlite3_open(p->path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_table_column_metadata(
				 raw, NULL, "policy", NULL, NULL, NULL, NULL, NULL, NULL),
		SQLITE_ERROR);
	sqlite3_close(raw);
}

static void what_is_no_file_is_refused(void **state)
{
	struct place *p = *state;

	assert_null(db_open(p->dir, DB_WRITER, &p->err));
	assert_non_null(strstr(p->err.text, "not a regular file"));
	assert_int_equal(db_check_file(p->dir, &p->err), -1);
	assert_int_equal(each_file(p, NULL), 0);
	/* and at once: nobody will ever write into this one */
	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_null(db_open(p->path, DB_WRITER, &p->err));
	assert_non_null(strstr(p->err.text, "not a regular file"));
}

static void a_text_file_is_refused(void **state)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	write_file(*state, text, sizeof(text));
	refused_at_sight(*state, "not an SQLite database");
	write_file(*state, "x", 1);
	refused_at_sight(*state, "not an SQLite database");
}

static void another_programs_file_is_refused(void **state)
{
	struct place *p = *state;

	make_file(p, "CREATE TABLE t (x)");
	refused_at_sight(p, "another program");
	make_file(p, "PRAGMA application_id = 252006673; PRAGMA user_version = 1");
	refused_at_sight(p, "another program");
	make_file(p, "PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)");
	refused_at_sight(p, "another program");
}

static void a_newer_file_is_refused(void **state)
{
	struct place *p = *state;
	char sql[60];

	db_close(open_ok(p, DB_WRITER));
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", SQL_MIGRATIONS + 1);
	make_file(p, sql);
	refused_at_sight(p, "newer Themis");
}

static void a_cut_file_is_refused_and_an_empty_one_taken(void **state)
{
	static const size_t header[] = { 1, 15, 16, 50, 99 }, body[] = { 100, 511, 4096 };
	struct place *p = *state;
	struct copy whole, cut;

	db_close(open_ok(p, DB_WRITER));
	whole = take(p);
	for (size_t i = 0; i < COUNT(header); i++) {
		write_file(p, whole.bytes, header[i]);
		refused_at_sight(p, "not an SQLite database");
	}
	for (size_t i = 0; i < COUNT(body); i++) {
		write_file(p, whole.bytes, body[i]);
		assert_null(db_open(p->path, DB_WRITER, &p->err));
		assert_null(db_open(p->path, DB_KEEPER, &p->err));
		cut = take(p);
		assert_int_equal(cut.size, body[i]);
		assert_memory_equal(cut.bytes, whole.bytes, cut.size);
		free(cut.bytes);
	}
	free(whole.bytes);
	write_file(p, "", 0);
	assert_int_equal(db_check_file(p->path, &p->err), 0);
	db_close(open_ok(p, DB_WRITER));
}

static void every_connection_is_on_its_guard(void **state)
{
	struct place *p = *state;

	db_close(open_ok(p, DB_WRITER));
	for (enum db_mode mode = DB_WRITER; mode <= DB_KEEPER; mode++) {
		struct db *db = open_ok(p, mode);
		int defensive = -1, trusted = -1;

		sqlite3_db_config(
			db_handle(db), SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
		sqlite3_db_config(
			db_handle(db), SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1, &trusted);
		assert_int_equal(defensive, 1);
		assert_int_equal(trusted, 0);
		db_exec(db, "PRAGMA writable_schema = ON", NULL);
		assert_int_equal(db_exec(db, "DELETE FROM sqlite_schema", &p->err), -1);
		db_close(db);
	}
}

static void a_reader_cannot_write(void **state)
{
	static const char *const writes[] = { "INSERT INTO setting VALUES ('a', 0, 'b')",
		"CREATE TABLE t (x)", "PRAGMA user_version = 9", "DELETE FROM setting",
		"BEGIN IMMEDIATE" };
	struct place *p = *state;
	struct db *writer = open_ok(p, DB_WRITER), *reader = open_ok(p, DB_READER);

	exec_ok(writer, "INSERT INTO setting VALUES ('history', 0, 'off')");
	expect(reader, "SELECT value FROM setting", "off");
	for (size_t i = 0; i < COUNT(writes); i++)
		assert_int_equal(db_exec(reader, writes[i], &p->err), -1);
	assert_int_equal(
		db_exec(reader, "PRAGMA query_only = OFF; DELETE FROM setting", NULL),
		-1);
	assert_int_equal(
		db_run(reader, SQL_SETTING_PUT, &p->err, "tit", "a", (int64_t)0, "b"),
		-1);
	assert_int_equal(p->err.code, ERR_FAILED);
	expect(writer, "SELECT COUNT(*) FROM setting", "1");
	db_close(reader);
	db_close(writer);
}

static void only_the_writer_makes_the_file(void **state)
{
	struct place *p = *state;

	assert_null(db_open(p->path, DB_READER, &p->err));
	assert_non_null(strstr(p->err.text, p->path));
	assert_null(db_open(p->path, DB_KEEPER, &p->err));
	assert_int_equal(each_file(p, NULL), 0);
	snprintf(p->path, sizeof(p->path), "%s/none/themis.db", p->dir);
	assert_null(db_open(p->path, DB_WRITER, &p->err));
	assert_non_null(strstr(p->err.text, p->path));
}

static void parameters_are_bound_by_their_letters(void **state)
{
	struct place *p = *state;
	struct db *db = open_ok(p, DB_WRITER);
	int64_t recipients = INT64_MIN, size = 7, free_at = INT64_MAX;

	assert_int_equal(
		db_run(db, SQL_DECISION_ADD, &p->err, "ittttttttnntntt", INT64_C(-5),
			"4XyZ", "defer", NULL, "a'b\"c", "", NULL, NULL, NULL,
			&recipients, &size, "ü", &free_at, "fail", "mx"),
		1);
	assert_int_equal(db_last_id(db), 1);
	assert_int_equal(db_run(db, SQL_DECISION_ADD, &p->err, "ittttttttnntntt",
				 INT64_C(7), NULL, "accept", NULL, NULL, NULL, NULL, NULL,
				 NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		1);
	assert_int_equal(db_last_id(db), 2);
	expect(db,
		"SELECT time || queue_id || verdict || object || login || recipients || "
		"reason || free_at || spf || spf_domain FROM decision WHERE id = 1",
		"-54XyZdefera'b\"c-9223372036854775808ü9223372036854775807failmx");
	expect(db,
		"SELECT (policy IS NULL) + (client IS NULL) + (mta IS NULL) "
		"FROM decision WHERE id = 1",
		"3");
	/* what was bound the time before is gone */
	expect(db,
		"SELECT (queue_id IS NULL) + (object IS NULL) + (login IS NULL) + "
		"(recipients IS NULL) + (free_at IS NULL) FROM decision WHERE id = 2",
		"5");
	db_close(db);
}

static void statements_give_rows_and_numbers(void **state)
{
	struct place *p = *state;
	struct db *db = open_ok(p, DB_WRITER);
	sqlite3_stmt *q;

	assert_int_equal(
		db_run(db, SQL_SETTING_PUT, &p->err, "tit", "a", (int64_t)0, "1"), 1);
	assert_int_equal(
		db_run(db, SQL_SETTING_PUT, &p->err, "tit", "b", (int64_t)0, "2"), 1);
	assert_int_equal(
		db_run(db, SQL_SETTING_UNSET, &p->err, "ti", "none", (int64_t)0), 0);
	for (int again = 0; again < 2; again++) {
		q = db_query(db, SQL_SETTING_LOAD, &p->err, "");
		assert_non_null(q);
		assert_int_equal(db_next(db, q, &p->err), 1);
		assert_string_equal(db_text(q, 0), "a");
		if (again == 0)
			continue; /* asked for anew, it begins anew */
		assert_int_equal(db_next(db, q, &p->err), 1);
		assert_string_equal(db_text(q, 2), "2");
		assert_int_equal(db_next(db, q, &p->err), 0);
	}
	q = db_query(db, SQL_SETTING_FIND, &p->err, "ti", "none", (int64_t)0);
	assert_int_equal(db_next(db, q, &p->err), 0);
	q = db_query(db, SQL_SETTING_FIND, &p->err, "ti", "b", (int64_t)0);
	assert_int_equal(db_next(db, q, &p->err), 1);
	assert_string_equal(db_text(q, 0), "2");
	sqlite3_reset(q);
	assert_false(db_in_transaction(db));
	exec_ok(db, "BEGIN IMMEDIATE");
	assert_true(db_in_transaction(db));
	exec_ok(db, "ROLLBACK");
	assert_false(db_in_transaction(db));
	db_close(db);
}

static void a_failure_says_what_and_leaves_no_trace(void **state)
{
	struct place *p = *state;
	struct db *db = open_ok(p, DB_WRITER);

	assert_int_equal(db_run(db, SQL_GROUP_MAKE, &p->err, "t", "staff"), 1);
	assert_int_equal(db_run(db, SQL_GROUP_MAKE, &p->err, "t", "staff"), -1);
	assert_int_equal(p->err.code, ERR_FAILED);
	assert_non_null(strstr(p->err.text, "UNIQUE"));
	assert_int_equal(db_run(db, SQL_GROUP_MAKE, NULL, "t", NULL), -1);
	assert_int_equal(
		db_run(db, SQL_GROUP_ADD, &p->err, "it", INT64_C(99), "a@b"), -1);
	assert_non_null(strstr(p->err.text, "FOREIGN KEY"));
	assert_int_equal(db_run(db, SQL_GROUP_MAKE, &p->err, "ttt", "a", "b", "c"), -1);
	assert_int_equal(db_run(db, SQL_GROUP_MAKE, &p->err, "x", "a"), -1);
	assert_null(db_query(db, SQL_GROUP_FIND, &p->err, "ti", "a", INT64_C(1)));
	assert_int_equal(db_exec(db, "not SQL", &p->err), -1);
	assert_int_equal(db_run(db, SQL_GROUP_MAKE, &p->err, "t", "guests"), 1);
	expect(db, "SELECT COUNT(*) FROM member_group", "2");
	db_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_is_ours),
		TEST(opened_again_it_is_the_same),
		TEST(a_migration_is_whole_or_not_at_all),
		TEST(what_is_no_file_is_refused),
		TEST(a_text_file_is_refused),
		TEST(another_programs_file_is_refused),
		TEST(a_newer_file_is_refused),
		TEST(a_cut_file_is_refused_and_an_empty_one_taken),
		TEST(every_connection_is_on_its_guard),
		TEST(a_reader_cannot_write),
		TEST(only_the_writer_makes_the_file),
		TEST(parameters_are_bound_by_their_letters),
		TEST(statements_give_rows_and_numbers),
		TEST(a_failure_says_what_and_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
