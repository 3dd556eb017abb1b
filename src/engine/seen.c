/*
 * What was seen of whom.  On the main thread; what is written is written by the writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/seen.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/housekeep.h"

#include <stdlib.h>
#include <string.h>

#define PLACES	 500 /* in the table that the rows of one go are put into */
#define DAY	 (86400 * CLOCK_SECOND)
#define RANGES	 10 /* of 1000 rows in one walk: ten million rows within a day */
#define HOUR	 (3600 * CLOCK_SECOND)
#define TRIES	 3
#define AGES_MAX (4000 * 24) /* hours: more than any setting says */

/* A place in the table, by its key. */
struct place {
	char *kind, *who, *what; /* owned; NULL: behind the last row */
};

struct seen {
	struct engine *engine;
	struct db *reader;
	struct chores *chores;
	/* of rows that fail: how often they did, when they did last, and until when such
	 * are not tried again */
	int tries;
	int64_t tried, hasty;
	/* The walk through the table, over and over: where it is; how many rows it has
	 * passed that were seen last so many hours ago; and what the last one has found
	 * to be too old, so that not too many are left (0: nothing). */
	struct place at;
	uint64_t ages[AGES_MAX];
	int64_t crowded;
};

static void place_clear(struct place *p)
{
	free(p->kind);
	free(p->who);
	free(p->what);
	*p = (struct place){ NULL, NULL, NULL };
}

/* The first of all rows is behind this one. */
static void place_start(struct place *p)
{
	place_clear(p);
	*p = (struct place){ mem_strdup(""), mem_strdup(""), mem_strdup("") };
}

struct add {
	struct chore chore; /* first */
	struct engine *engine;
	bool keep;
	int64_t rows, upto, time;
	bool more; /* may come at once */
};

/* Which rows are next. */
static int find_next(struct seen *seen, struct add *a, int64_t now, struct err *err)
{
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_UPTO, err, "iii",
		now - SEEN_AFTER, now, (int64_t)PLACES);

	if (q == NULL || db_next(seen->reader, q, err) != 1)
		return -1;
	a->rows = sqlite3_column_int64(q, 0);
	a->upto = sqlite3_column_int64(q, 1);
	a->time = sqlite3_column_int64(q, 2);
	a->more = sqlite3_column_int64(q, 3) != 0;
	sqlite3_reset(q);
	return 0;
}

/* Reads what the writer will ask for, so that it does not wait for the disk, and mail not
 * for it: in a table that is larger than memory each place is in a page of its own. */
static void look_ahead(struct seen *seen, const struct add *a)
{
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_PLACES, NULL, "i", a->upto);

	if (q != NULL && db_next(seen->reader, q, NULL) == 1)
		sqlite3_reset(q);
}

/* The next rows of the history, and how far that goes, in one transaction. */
static int run_add(struct chore *chore, struct db *db, struct err *err)
{
	const struct add *a = (const struct add *)chore;

	if (a->keep && db_run(db, SQL_SEEN_ADD, err, "i", a->upto) < 0)
		return -1;
	return db_run(db, SQL_MARK_PUT, err, "ti", "seen", a->upto) < 0 ? -1 : 0;
}

static void done_add(struct writer_job *job, bool committed)
{
	const struct add *a = (const struct add *)job;

	if (committed)
		a->engine->seen_upto = a->upto;
}

struct cut {
	struct chore chore; /* first */
	const struct place *from, *to;
	int64_t before;
};

static int run_cut(struct chore *chore, struct db *db, struct err *err)
{
	const struct cut *c = (const struct cut *)chore;

	return db_run(db, SQL_SEEN_TRIM, err, "tttttti", c->from->kind, c->from->who,
		       c->from->what, c->to->kind, c->to->who, c->to->what, c->before) < 0
		       ? -1
		       : 0;
}

/* The rows from one place to another: how old they are; true: some are too old. */
static bool look_at(
	struct seen *seen, const struct place *to, int64_t before, int64_t now)
{
	struct err err = { ERR_FAILED, "" };
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_AGES, &err, "tttttt",
		seen->at.kind, seen->at.who, seen->at.what, to->kind, to->who, to->what);
	bool old = false;

	while (q != NULL && db_next(seen->reader, q, &err) == 1) {
		int64_t hour = sqlite3_column_int64(q, 0), age = now / HOUR - hour;

		if (age < 0)
			age = 0;
		seen->ages[age < AGES_MAX ? age : AGES_MAX - 1] +=
			(uint64_t)sqlite3_column_int64(q, 1);
		old |= hour * HOUR < before;
	}
	return old;
}

/* At the end of the walk: before when the rows are too many. */
static void sum_up(struct seen *seen, uint64_t rows, int64_t now)
{
	uint64_t n = 0;

	seen->crowded = 0;
	for (int age = 0; age < AGES_MAX && seen->crowded == 0; age++) {
		n += seen->ages[age];
		if (n > rows)
			seen->crowded = (now / HOUR - age + 1) * HOUR;
	}
	memset(seen->ages, 0, sizeof(seen->ages));
	place_start(&seen->at);
}

/* The next rows of the table.  False: it was the end of it. */
static bool walk(struct seen *seen, const struct settings *s, int64_t before, int64_t now)
{
	struct err err = { ERR_FAILED, "" };
	struct place to = { NULL, NULL, NULL };
	struct cut c = {
		.chore = { .run = run_cut },
		.from = &seen->at,
		.to = &to,
		.before = before,
	};
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_RANGE, &err, "ttt",
		seen->at.kind, seen->at.who, seen->at.what);
	bool more = q != NULL && db_next(seen->reader, q, &err) == 1;

	if (more) {
		to = (struct place){ mem_strdup(db_text(q, 0)), mem_strdup(db_text(q, 1)),
			mem_strdup(db_text(q, 2)) };
		sqlite3_reset(q);
	}
	if (look_at(seen, &to, before, now))
		chore_do(seen->chores, &c.chore, now);
	if (!more) {
		sum_up(seen, s->seen_rows, now);
		return false;
	}
	place_clear(&seen->at);
	seen->at = to;
	return true;
}

static bool is_kept(const struct settings *s)
{
	return s->seen_days > 0 && s->seen_rows > 0;
}

/* Rows have failed: true, if it is time to go on without them. */
static bool give_up(struct seen *seen, const struct add *a, int64_t now)
{
	seen->tried = now;
	if (now >= seen->hasty) {
		if (++seen->tries < TRIES)
			return false;
		log_warning("what was seen in messages up to %lld is left out, and so is "
			    "what fails within the hour: %s",
			(long long)a->upto, a->chore.why.text);
		seen->hasty = now + HOUR;
	}
	return true;
}

/* Has what failed time? */
static bool is_waiting(const struct seen *seen, int64_t now)
{
	return seen->tries > 0 && now >= seen->tried &&
	       now - seen->tried < HOUSEKEEPING_EVERY;
}

/* With or without what was seen in them. */
static int add_rows(struct seen *seen, struct add *a, int64_t now)
{
	if (a->keep)
		look_ahead(seen, a);
	if (chore_do(seen->chores, &a->chore, now) == 0)
		return 0;
	if (!a->chore.failed || !give_up(seen, a, now))
		return -1;
	a->keep = false;
	return chore_do(seen->chores, &a->chore, now);
}

enum seen_more seen_add(struct seen *seen, const struct settings *s, int64_t now)
{
	struct err err = { ERR_FAILED, "" };
	struct add a = {
		.chore = { .job = { .done = done_add }, .run = run_add },
		.engine = seen->engine,
		.keep = is_kept(s),
	};

	if (is_waiting(seen, now)) {
		seen->chores->failed = true;
		return SEEN_ALL;
	}
	if (find_next(seen, &a, now, &err) < 0) {
		chores_fail(seen->chores, now, &err);
		return SEEN_ALL;
	}
	if (a.rows == 0 || add_rows(seen, &a, now) < 0)
		return SEEN_ALL;
	seen->tries = 0;
	if (!a.more)
		return SEEN_ALL;
	return a.time < now - SEEN_AFTER - HOUR ? SEEN_BEHIND : SEEN_MORE;
}

void seen_walk(struct seen *seen, const struct settings *s, int64_t now)
{
	int64_t before = is_kept(s) ? now - (int64_t)s->seen_days * DAY : INT64_MAX;

	if (before < seen->crowded)
		before = seen->crowded;
	for (int i = 0; i < RANGES && walk(seen, s, before, now); i++)
		continue;
}

static int64_t read_mark(struct db *db)
{
	sqlite3_stmt *q = db_query(db, SQL_MARK_READ, NULL, "t", "seen");
	int64_t mark = 0;

	if (q != NULL && db_next(db, q, NULL) == 1) {
		mark = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	}
	return mark;
}

struct seen *seen_new(struct engine *engine, struct db *reader, struct chores *chores)
{
	struct seen *seen = mem_calloc(1, sizeof(*seen));

	seen->engine = engine;
	engine->seen_upto = read_mark(reader);
	seen->reader = reader;
	seen->chores = chores;
	place_start(&seen->at);
	return seen;
}

void seen_free(struct seen *seen)
{
	if (seen == NULL)
		return;
	place_clear(&seen->at);
	free(seen);
}
