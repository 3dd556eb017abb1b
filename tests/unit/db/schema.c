/*
 * Tests of src/db/schema: the copy that is made of a database before it is upgraded, when
 * it is, what it is called, and that the database is left alone where none can be made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/schema.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "place.h"

#define SCHEMA 6 /* where any will do */

static int setup(void **state)
{
	return place_setup(state, "schema");
}

static void exec_ok(sqlite3 *handle, const char *sql)
{
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
}

/* A database of that schema, with a group, as its daemon leaves it. */
static sqlite3 *make(const struct place *p, int schema)
{
	sqlite3 *handle;
	char version[60];

	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	exec_ok(handle, "PRAGMA application_id = 1416129907; PRAGMA journal_mode = WAL; "
			"PRAGMA wal_autocheckpoint = 0");
	for (int i = 0; i < schema; i++)
		exec_ok(handle, sql_migration[i]);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", schema);
	exec_ok(handle, version);
	exec_ok(handle, "INSERT INTO member_group (name) VALUES ('staff')");
	return handle;
}

static void make_closed(const struct place *p, int schema)
{
	assert_int_equal(sqlite3_close(make(p, schema)), SQLITE_OK);
}

/* The path of what lies beside it. */
static const char *beside(const struct place *p, const char *end)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s%s", p->path, end);
	return path;
}

static const char *copy_of(const struct place *p, int schema, const char *end)
{
	char name[60];

	snprintf(name, sizeof(name), ".schema-%d%s", schema, end);
	return beside(p, name);
}

/* The files there, as words. */
static const char *files(const struct place *p)
{
	static char names[1000];
	struct dirent **list = NULL;
	int n = scandir(p->dir, &list, NULL, alphasort);

	*names = '\0';
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.')
			snprintf(names + strlen(names), sizeof(names) - strlen(names),
				"%s%s", *names == '\0' ? "" : " ", list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return names;
}

static void upgrade_ok(const struct place *p)
{
	struct err err = { ERR_BAD, "" };
	struct db *db = db_open(p->path, DB_WRITER, &err);
	int schema;

	if (db == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(schema_read(db, p->path, &schema, &err), 0);
	assert_int_equal(schema, SQL_MIGRATIONS);
	db_close(db);
}

/* It is of that schema, whole, has the group, and needs no file beside it. */
static void expect_copy(const char *path, int schema)
{
	char want[60];
	struct stat st;
	sqlite3 *handle;
	sqlite3_stmt *q;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(
		sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(handle,
			"SELECT (SELECT user_version FROM pragma_user_version) || "
			"(SELECT integrity_check FROM pragma_integrity_check) || "
			"(SELECT journal_mode FROM pragma_journal_mode) || "
			"(SELECT group_concat(name) FROM member_group)",
			-1, &q, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	snprintf(want, sizeof(want), "%dokdeletestaff", schema);
	assert_string_equal(db_text(q, 0), want);
	sqlite3_finalize(q);
	sqlite3_close(handle);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_text(const char *path, const char *text)
{
	char got[100] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_true(fread(got, 1, sizeof(got) - 1, file) > 0);
	fclose(file);
	assert_string_equal(got, text);
}

static void each_earlier_schema_is_copied(void **state)
{
	const struct place *p = *state;
	char want[100];

	for (int schema = 1; schema < SQL_MIGRATIONS; schema++) {
		make_closed(p, schema);
		upgrade_ok(p);
		expect_copy(copy_of(p, schema, ""), schema);
		snprintf(want, sizeof(want), "themis.db themis.db.schema-%d", schema);
		assert_string_equal(files(p), want);
		/* once */
		upgrade_ok(p);
		assert_string_equal(files(p), want);
		assert_int_equal(unlink(p->path), 0);
		assert_int_equal(unlink(copy_of(p, schema, "")), 0);
	}
}

static void a_new_one_is_not(void **state)
{
	const struct place *p = *state;

	upgrade_ok(p);
	upgrade_ok(p);
	assert_string_equal(files(p), "themis.db");
	assert_int_equal(unlink(p->path), 0);
	put(p->path, "");
	upgrade_ok(p);
	assert_string_equal(files(p), "themis.db");
}

/* As a daemon that was killed leaves it. */
static void what_the_log_alone_has_is_copied(void **state)
{
	const struct place *p = *state;
	sqlite3 *handle = make(p, SCHEMA);
	struct stat st;

	assert_int_equal(stat(beside(p, "-wal"), &st), 0);
	assert_true(st.st_size > 100000);
	upgrade_ok(p);
	expect_copy(copy_of(p, SCHEMA, ""), SCHEMA);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* Somebody has gone back to one, and then forward again. */
static void no_copy_takes_the_place_of_another(void **state)
{
	const struct place *p = *state;

	put(copy_of(p, SCHEMA, ""), "precious");
	make_closed(p, SCHEMA);
	upgrade_ok(p);
	assert_int_equal(unlink(p->path), 0);
	make_closed(p, SCHEMA);
	upgrade_ok(p);
	expect_text(copy_of(p, SCHEMA, ""), "precious");
	expect_copy(copy_of(p, SCHEMA, ".2"), SCHEMA);
	expect_copy(copy_of(p, SCHEMA, ".3"), SCHEMA);
	assert_string_equal(files(p), "themis.db themis.db.schema-6 themis.db.schema-6.2 "
				      "themis.db.schema-6.3");
}

/* What was left by one that was killed before it had upgraded anything. */
static void tries_do_not_pile_up(void **state)
{
	const struct place *p = *state;

	make_closed(p, SCHEMA);
	put(copy_of(p, SCHEMA, ".new"), "half of a copy");
	put(copy_of(p, SCHEMA, ".new-journal"), "and what lay beside it");
	upgrade_ok(p);
	expect_copy(copy_of(p, SCHEMA, ""), SCHEMA);
	assert_string_equal(files(p), "themis.db themis.db.schema-6");
}

/* And by one that was killed when it had: its copy gets its name. */
static void a_copy_that_has_no_name_yet_is_kept(void **state)
{
	const struct place *p = *state;
	char name[400];

	make_closed(p, SCHEMA);
	upgrade_ok(p);
	snprintf(name, sizeof(name), "%s", copy_of(p, SCHEMA, ""));
	assert_int_equal(rename(name, copy_of(p, SCHEMA, ".new")), 0);
	upgrade_ok(p);
	expect_copy(name, SCHEMA);
	assert_string_equal(files(p), "themis.db themis.db.schema-6");
	/* what is none keeps the name that says so */
	put(copy_of(p, 3, ".new"), "half of a copy");
	upgrade_ok(p);
	assert_string_equal(
		files(p), "themis.db themis.db.schema-3.new themis.db.schema-6");
}

/* Nor does anybody wait for who writes into it. */
static void what_is_no_file_is_no_copy(void **state)
{
	const struct place *p = *state;

	make_closed(p, SCHEMA);
	assert_int_equal(mkfifo(copy_of(p, SCHEMA, ".new"), 0600), 0);
	upgrade_ok(p);
	expect_copy(copy_of(p, SCHEMA, ""), SCHEMA);
	assert_int_equal(mkfifo(copy_of(p, SCHEMA, ".new"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", copy_of(p, 3, ".new")), 0);
	upgrade_ok(p);
	assert_string_equal(files(p), "themis.db themis.db.schema-3.new "
				      "themis.db.schema-6 themis.db.schema-6.new");
}

static char *octets_of(const char *path, size_t *n)
{
	char *octets = mem_calloc(1, (size_t)1 << 20);
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	*n = fread(octets, 1, (size_t)1 << 20, file);
	fclose(file);
	return octets;
}

/* Refused with these words, and the database has the same octets. */
static void __attribute__((format(printf, 2, 3)))
refused(const struct place *p, const char *fmt, ...)
{
	struct err err = { ERR_BAD, "" };
	char words[ERR_TEXT_MAX];
	size_t before, after;
	char *was = octets_of(p->path, &before), *is;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	assert_null(db_open(p->path, DB_WRITER, &err));
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
	is = octets_of(p->path, &after);
	assert_int_equal(before, after);
	assert_memory_equal(was, is, before);
	free(was);
	free(is);
}

static void without_room_nothing_is_done(void **state)
{
	const struct place *p = *state;
	struct rlimit was, small = { 50000, RLIM_INFINITY };
	struct err err = { ERR_BAD, "" };

	make_closed(p, SCHEMA);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	refused(p,
		"/themis.db: not upgraded from schema %d to %d, and left as it was, "
		"since "
		"no copy of it can be made, for which 1 MB are needed beside it: ",
		SCHEMA, SQL_MIGRATIONS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(access(copy_of(p, SCHEMA, ".new"), F_OK), -1);
	assert_int_equal(access(copy_of(p, SCHEMA, ""), F_OK), -1);
	/* that is seen before it is tried, where the file system says it */
	assert_int_equal(schema_check_room(p->path, SCHEMA, 1000, &err), 0);
	assert_int_equal(schema_check_room(p->path, SCHEMA, INT64_MAX / 2, &err), -1);
	assert_non_null(strstr(err.text, " MB are needed beside it: "));
	assert_non_null(strstr(err.text, " MB are free"));
	upgrade_ok(p);
	expect_copy(copy_of(p, SCHEMA, ""), SCHEMA);
}

static void where_it_cannot_be_written_nothing_is_done(void **state)
{
	const struct place *p = *state;

	make_closed(p, SCHEMA);
	assert_int_equal(mkdir(copy_of(p, SCHEMA, ".new"), 0700), 0);
	refused(p, "/themis.db.schema-6.new: Is a directory");
	assert_int_equal(access(copy_of(p, SCHEMA, ""), F_OK), -1);
}

/* A copy of it would not be whole; and what an earlier try has copied may be all that
 * there is. */
static void one_that_is_not_whole_is_left_alone(void **state)
{
	const struct place *p = *state;
	sqlite3 *handle = make(p, SCHEMA);

	exec_ok(handle,
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
		"(SELECT rootpage FROM sqlite_schema WHERE name = 'decision') "
		"WHERE name = 'audit'; PRAGMA writable_schema = OFF");
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	refused(p,
		"%s: the database is damaged, and was left as it was: restore a backup "
		"(doc/backup.md, \"Going back to a copy\"): the file is not whole: 2nd "
		"reference to page ",
		p->path);
	assert_int_equal(access(copy_of(p, SCHEMA, ".new"), F_OK), -1);
	put(copy_of(p, SCHEMA, ".new"), "a copy");
	refused(p,
		".schema-6.new, which an earlier try has left: the file is not whole: ");
	expect_text(copy_of(p, SCHEMA, ".new"), "a copy");
}

/* Pages of noise, as a broken disk gives them: from that one on so many. */
static void spoil(const struct place *p, long page, int count)
{
	FILE *file = fopen(p->path, "r+b");
	uint32_t noise = 1;

	assert_non_null(file);
	assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
	for (int i = 0; i < count * 4096; i++) {
		noise = noise * 1664525 + 1013904223;
		fputc((int)(noise >> 24), file);
	}
	fclose(file);
}

/* Wherever it is: in one line, without what is said of room. */
static void one_that_is_noise_is_left_alone(void **state)
{
	const struct place *p = *state;

	for (long page = 0; page < 30; page++) {
		struct err err = { ERR_BAD, "" };

		make_closed(p, SCHEMA);
		if (page == 0)
			assert_int_equal(truncate(p->path, 8192), 0);
		else
			spoil(p, page, 3);
		refused(p, "/themis.db: the database is damaged, and was left as it was: "
			   "restore a backup (doc/backup.md, ");
		assert_null(db_open(p->path, DB_WRITER, &err));
		assert_null(strchr(err.text, '\n'));
		assert_null(strstr(err.text, "***"));
		assert_null(strstr(err.text, " MB "));
		assert_null(strstr(files(p), ".schema-"));
		assert_int_equal(unlink(p->path), 0);
		unlink(beside(p, "-wal"));
		unlink(beside(p, "-shm"));
	}
}

/* As it changes nothing, its copy is of no use. */
static void a_migration_that_fails_leaves_no_copy(void **state)
{
	const struct place *p = *state;
	sqlite3 *handle = make(p, 1);

	exec_ok(handle, "CREATE VIEW v_audit AS SELECT 1");
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	refused(p, "/themis.db: left as it was: migration 2: ");
	assert_int_equal(access(copy_of(p, 1, ".new"), F_OK), -1);
	assert_int_equal(access(copy_of(p, 1, ""), F_OK), -1);
}

static char told[200];

static void tell(const char *words)
{
	snprintf(told, sizeof(told), "%s", words);
}

static void who_wants_to_know_is_told(void **state)
{
	const struct place *p = *state;
	char want[200];

	schema_tell(tell);
	upgrade_ok(p);
	assert_string_equal(told, "");
	assert_int_equal(unlink(p->path), 0);
	make_closed(p, SCHEMA);
	upgrade_ok(p);
	snprintf(want, sizeof(want),
		"upgrading the database from schema %d to %d, after a copy of it (1 MB)",
		SCHEMA, SQL_MIGRATIONS);
	assert_string_equal(told, want);
	schema_tell(NULL);
}

/* One sentence, that says what to do. */
static void a_newer_one_is_refused_with_what_to_do(void **state)
{
	const struct place *p = *state;
	sqlite3 *handle = make(p, SQL_MIGRATIONS);

	exec_ok(handle, "PRAGMA user_version = 1000");
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	refused(p,
		"%s: written by a newer Themis (schema 1000, this one knows up to %d), "
		"and left alone: install that version or a newer one, or put a backup "
		"from before its upgrade in its place (themisd(8), UPGRADING)",
		p->path, SQL_MIGRATIONS);
	put(copy_of(p, SQL_MIGRATIONS - 1, ""), "a copy");
	put(copy_of(p, SQL_MIGRATIONS, ""), "a copy");
	put(copy_of(p, SQL_MIGRATIONS + 1, ""), "a copy that is newer, too");
	refused(p,
		"or put the copy from before its upgrade in its place, %s.schema-%d "
		"(themisd(8), UPGRADING)",
		p->path, SQL_MIGRATIONS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_earlier_schema_is_copied),
		TEST(a_new_one_is_not),
		TEST(what_the_log_alone_has_is_copied),
		TEST(no_copy_takes_the_place_of_another),
		TEST(tries_do_not_pile_up),
		TEST(a_copy_that_has_no_name_yet_is_kept),
		TEST(what_is_no_file_is_no_copy),
		TEST(without_room_nothing_is_done),
		TEST(where_it_cannot_be_written_nothing_is_done),
		TEST(one_that_is_not_whole_is_left_alone),
		TEST(one_that_is_noise_is_left_alone),
		TEST(a_migration_that_fails_leaves_no_copy),
		TEST(who_wants_to_know_is_told),
		TEST(a_newer_one_is_refused_with_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
