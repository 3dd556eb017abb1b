/*
 * Copies of a database in use: one moment of it, whole, for its owner alone; or no file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/copy.h"
#include "../fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct work {
	struct site site;
	struct db *reader;
	char path[400];
};

static int setup(void **state)
{
	struct work *w = *state = mem_calloc(1, sizeof(*w));

	site_open(&w->site);
	w->reader = db_open(w->site.database, DB_READER, NULL);
	assert_non_null(w->reader);
	snprintf(w->path, sizeof(w->path), "%s/copy", w->site.dir);
	return 0;
}

static int teardown(void **state)
{
	struct work *w = *state;

	db_close(w->reader);
	site_close(&w->site);
	free(w);
	return 0;
}

/* Files of the directory: the database's three, and what is beside them. */
static int files(struct work *w)
{
	DIR *dir = opendir(w->site.dir);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void add_rows(struct work *w, int n)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
		"< "
		"%d) INSERT INTO decision (time, verdict, reason) "
		"SELECT i, 'accept', printf('%%0200d', i) FROM n",
		n);
	site_sql(&w->site, sql);
}

/* What a copy holds, by a connection that changes nothing. */
static int64_t asked(const char *path, const char *sql)
{
	sqlite3 *handle = NULL;
	sqlite3_stmt *q = NULL;
	int64_t number = -1;

	assert_int_equal(
		sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &q, NULL), SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		number = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(handle);
	return number;
}

static void test_copy(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	struct stat st;
	int64_t octets = 0;
	int before;

	add_rows(w, 5000);
	before = files(w);
	must(db_copy(w->reader, w->path, &octets, &err), &err);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, octets);
	assert_true(octets > 1000000);
	assert_int_equal(files(w), before + 1);
	assert_int_equal(asked(w->path, "SELECT COUNT(*) FROM v_decisions"), 5000);
	assert_int_equal(files(w), before + 1);
	/* a daemon takes it, and nothing holds the log of the source */
	site_sql(&w->site, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(db_check_file(w->path, &err), 0);
}

static void test_refusals(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	const char *base = strrchr(w->site.database, '/') + 1;
	char path[500];
	int before = files(w);

	assert_int_equal(db_copy(w->reader, "copy", NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	assert_string_equal(err.text, "not an absolute path: \"copy\"");
	assert_int_equal(db_copy(w->reader, "", NULL, &err), -1);
	snprintf(path, sizeof(path), "%s/", w->site.dir);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	snprintf(path, sizeof(path), "%s/none/copy", w->site.dir);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NO_SUCH);
	assert_non_null(strstr(err.text, "/none: No such file"));
	/* the database itself, and what SQLite would take for its own */
	assert_int_equal(db_copy(w->reader, w->site.database, NULL, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	snprintf(path, sizeof(path), "%s-journal", w->site.database);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	/* however that is spelled */
	snprintf(path, sizeof(path), "%s//%s-journal", w->site.dir, base);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	snprintf(path, sizeof(path), "%s/./%s-x", w->site.dir, base);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	assert_int_equal(symlink(".", w->path), 0);
	snprintf(path, sizeof(path), "%s/%s-journal", w->path, base);
	assert_int_equal(db_copy(w->reader, path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	assert_int_equal(unlink(w->path), 0);
	/* a link that leads nowhere is something, too */
	assert_int_equal(symlink("nowhere", w->path), 0);
	assert_int_equal(db_copy(w->reader, w->path, NULL, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(unlink(w->path), 0);
	assert_int_equal(files(w), before);
}

/* Where nothing can be written, as under the unit of the packages: in a child, whose
 * mounts are its own.  Its status: 77 where there can be no such child. */
static void copy_read_only(struct work *w)
{
	struct err err = { ERR_BAD, "" };
	char path[500];

	if (unshare(CLONE_NEWNS) < 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", w->path, "tmpfs", MS_RDONLY, NULL) < 0)
		_exit(77);
	snprintf(path, sizeof(path), "%s/copy", w->path);
	if (db_copy(w->reader, path, NULL, &err) == -1 &&
		strstr(err.text, "(themisd runs as root; the unit of the packages lets "
				 "it write below /var/lib/themis alone, ") != NULL)
		_exit(0);
	fprintf(stderr, "%s\n", err.text);
	_exit(1);
}

static void test_read_only(void **state)
{
	struct work *w = *state;
	int status = -1;
	pid_t child;

	assert_int_equal(mkdir(w->path, 0700), 0);
	child = fork();
	if (child == 0)
		copy_read_only(w);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	/* who builds packages is not root, and cannot: skip() would be a failure in TAP
	 */
	if (WEXITSTATUS(status) == 77)
		return;
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A connection that has the log open goes on where the file has gone. */
static void test_removed(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };

	must(db_open_log(w->reader, &err), &err);
	add_rows(w, 500);
	assert_int_equal(unlink(w->site.database), 0);
	must(db_copy(w->reader, w->path, NULL, &err), &err);
	assert_int_equal(asked(w->path, "SELECT COUNT(*) FROM v_decisions"), 500);
}

/* A file that cannot be written to its end leaves nothing. */
static void test_no_room(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	struct rlimit was, small = { 100000, RLIM_INFINITY };
	int before, rc;

	add_rows(w, 5000);
	before = files(w);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = db_copy(w->reader, w->path, NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_FAILED);
	assert_int_equal(files(w), before);
	must(db_copy(w->reader, w->path, NULL, &err), &err);
}

/* What is wrong with the database is told, and not copied over. */
static void test_not_whole(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	int before;

	site_sql(&w->site, "INSERT INTO member_group (name) VALUES ('a'), ('b')");
	sqlite3_db_config(db_handle(w->site.db), SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	site_sql(&w->site,
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
		"(SELECT rootpage FROM sqlite_schema WHERE name = 'decision') "
		"WHERE name = 'audit'; PRAGMA writable_schema = OFF");
	before = files(w);
	assert_int_equal(db_copy(w->reader, w->path, NULL, &err), -1);
	assert_non_null(
		strstr(err.text, "the copy is not whole: 2nd reference to page "));
	assert_null(strchr(err.text, '\n'));
	assert_int_equal(files(w), before);
}

/* The connection's own thread is in db_copy() while another one interrupts it. */
struct interruption {
	struct work *w;
	useconds_t after; /* microseconds */
};

static void *interrupt(void *arg)
{
	const struct interruption *i = arg;

	usleep(i->after);
	sqlite3_interrupt(db_handle(i->w->reader));
	return NULL;
}

static void test_interrupted(void **state)
{
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	bool early = false;
	pthread_t thread;
	int before;

	add_rows(w, 100000);
	before = files(w);
	/* one that comes before the first page, or too late, says nothing: so it comes
	 * after 100 us, 200 us and so on to 0.4 s, again and again */
	for (int i = 0; i < 600 && !early; i++) {
		struct interruption when = { w, 100U << (i % 13) };

		assert_int_equal(pthread_create(&thread, NULL, interrupt, &when), 0);
		if (db_copy(w->reader, w->path, NULL, &err) == 0)
			assert_int_equal(unlink(w->path), 0);
		else
			early = strstr(err.text, "interrupted after ") != NULL;
		pthread_join(thread, NULL);
		assert_int_equal(files(w), before);
	}
	assert_true(early);
	/* and it is forgotten */
	must(db_copy(w->reader, w->path, NULL, &err), &err);
}

struct writing {
	struct work *w;
	atomic_bool over;
};

static void *write_on(void *arg)
{
	struct writing *writing = arg;
	struct db *db = writing->w->site.db;

	/* two rows at a time: a copy that has but one of them is none of a moment */
	while (!writing->over)
		db_exec(db,
			"BEGIN IMMEDIATE; INSERT INTO decision (time, verdict) VALUES "
			"(0, "
			"'hold'); INSERT INTO decision (time, verdict) VALUES (0, "
			"'hold'); "
			"COMMIT",
			NULL);
	return NULL;
}

static void test_while_written(void **state)
{
	struct writing writing = { .w = *state };
	struct work *w = *state;
	struct err err = { ERR_BAD, "" };
	pthread_t thread;

	/* of many steps: what began anew with each change would never come to its end */
	add_rows(w, 100000);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &writing), 0);
	for (int i = 0; i < 2; i++) {
		must(db_copy(w->reader, w->path, NULL, &err), &err);
		assert_int_equal(asked(w->path, "SELECT COUNT(*) % 2 FROM decision "
						"WHERE verdict = 'hold'"),
			0);
		assert_true(asked(w->path, "SELECT COUNT(*) FROM decision") >= 100000);
		assert_int_equal(unlink(w->path), 0);
	}
	writing.over = true;
	pthread_join(thread, NULL);
}

#define COPY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COPY_TEST(test_copy),
		COPY_TEST(test_refusals),
		COPY_TEST(test_read_only),
		COPY_TEST(test_removed),
		COPY_TEST(test_no_room),
		COPY_TEST(test_not_whole),
		COPY_TEST(test_interrupted),
		COPY_TEST(test_while_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
