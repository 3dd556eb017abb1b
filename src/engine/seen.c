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

#define PLACES 300 /* in the table that the rows of one go are put into */
#define HOUR   (3600 * CLOCK_SECOND)
#define TRIES  3
#define WIDER  10  /* times as many places at once */
#define ALONE  100 /* messages that fail one by one: all would */

/* Of messages: beyond that somebody has played with them. */
#define NUMBER_MAX ((int64_t)1 << 60)

struct seen {
	struct engine *engine;
	struct db *reader;
	struct chores *chores;
	struct seen_walk *walk;
	/* of rows that fail: how often they did, when they did last, and until when such
	 * are not tried again */
	int tries;
	int64_t tried, hasty;
	int64_t places;	  /* of one go: fewer, to find which of the rows fail */
	int alone;	  /* so many in succession failed by themselves */
	int64_t left_out; /* messages, within that hour */
	int64_t mended;	  /* the mark, if it was wrong at the start; else -1 */
};

struct add {
	struct chore chore; /* first */
	struct engine *engine;
	bool keep;
	int64_t rows, upto, time;
	bool more;  /* may come at once */
	int places; /* out: in the table */
};

/* Which rows are next. */
static int find_next(struct seen *seen, struct add *a, int64_t now, struct err *err)
{
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_UPTO, err, "iii",
		now - SEEN_AFTER, now, seen->places);

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
 * for it: in a table that is larger than memory each place is in a page of its own.  And
 * what cannot be read does not come to the writer, whose batch would fail. */
static int look_ahead(struct seen *seen, const struct add *a, struct err *err)
{
	sqlite3_stmt *q = db_query(seen->reader, SQL_SEEN_PLACES, err, "i", a->upto);

	if (q == NULL || db_next(seen->reader, q, err) != 1)
		return -1;
	sqlite3_reset(q);
	return 0;
}

/* The next rows of the history, and how far that goes, in one transaction. */
static int run_add(struct chore *chore, struct db *db, struct err *err)
{
	struct add *a = (struct add *)chore;

	a->places = a->keep ? db_run(db, SQL_SEEN_ADD, err, "i", a->upto) : 0;
	if (a->places < 0)
		return -1;
	return db_run(db, SQL_MARK_PUT, err, "ti", "seen", a->upto) < 0 ? -1 : 0;
}

static void done_add(struct writer_job *job, bool committed)
{
	const struct add *a = (const struct add *)job;

	/* numbers go on behind recipients without a message, too */
	if (committed && a->upto > a->engine->seen_upto)
		a->engine->seen_upto = a->upto;
}

static bool is_kept(const struct settings *s)
{
	return s->seen_days > 0 && s->seen_rows > 0;
}

/* Rows have failed: true, if it is time to go on without those that do. */
static bool give_up(struct seen *seen, const struct add *a, int64_t now)
{
	seen->tried = now;
	if (now >= seen->hasty) {
		if (++seen->tries < TRIES)
			return false;
		log_warning("what was seen in messages up to %lld fails: each that does "
			    "is left out, for an hour: %s",
			(long long)a->upto, a->chore.why.text);
		seen->hasty = now + HOUR;
	}
	return true;
}

/* At the end of that hour, or of all. */
static void tell_left_out(struct seen *seen)
{
	if (seen->left_out > 0)
		log_warning("what was seen in %lld messages is left out for good",
			(long long)seen->left_out);
	seen->left_out = 0;
}

static void widen(struct seen *seen)
{
	seen->places = seen->places < PLACES / WIDER ? seen->places * WIDER : PLACES;
}

/* Has what failed time? */
static bool is_waiting(const struct seen *seen, int64_t now)
{
	return seen->tries > 0 && now >= seen->tried &&
	       now - seen->tried < HOUSEKEEPING_EVERY;
}

static int try_add(struct seen *seen, struct add *a, int64_t now)
{
	if (a->keep && look_ahead(seen, a, &a->chore.why) < 0) {
		a->chore.failed = true;
		chores_fail(seen->chores, now, &a->chore.why);
		return -1;
	}
	return chore_do(seen->chores, &a->chore, now);
}

/* Without what was seen in them. */
static int leave_out(struct seen *seen, struct add *a, int64_t now)
{
	a->keep = false;
	if (chore_do(seen->chores, &a->chore, now) < 0)
		return -1;
	seen->left_out += a->rows;
	if (++seen->alone >= ALONE)
		widen(seen);
	return 0;
}

/* Rows that fail are taken fewer at once, down to one: it alone is left out.  So that
 * what is good costs little, the next ones are more again; but where nothing is good, the
 * history must not come faster than it is left out.  0: more may come, or -1. */
static int add_rows(struct seen *seen, struct add *a, int64_t now)
{
	if (try_add(seen, a, now) == 0) {
		seen->alone = 0;
		widen(seen);
		return 0;
	}
	if (!a->chore.failed || !give_up(seen, a, now))
		return -1;
	if (a->rows == 1 || seen->alone >= ALONE)
		return leave_out(seen, a, now);
	seen->places /= WIDER;
	a->places = 0;
	a->more = true;
	return 0;
}

/* Writes what begin() has found. */
static void mend(struct seen *seen, int64_t now)
{
	struct add a = {
		.chore = { .job = { .done = done_add }, .run = run_add },
		.engine = seen->engine,
		.upto = seen->mended,
	};

	if (seen->mended >= 0 && chore_do(seen->chores, &a.chore, now) == 0)
		seen->mended = -1;
}

enum seen_more seen_add(struct seen *seen, const struct settings *s, int64_t now)
{
	struct err err = { ERR_FAILED, "" };
	struct add a = {
		.chore = { .job = { .done = done_add }, .run = run_add },
		.engine = seen->engine,
		.keep = is_kept(s),
	};

	mend(seen, now);
	if (now >= seen->hasty)
		tell_left_out(seen);
	if (is_waiting(seen, now))
		return SEEN_ALL;
	if (find_next(seen, &a, now, &err) < 0) {
		chores_fail(seen->chores, now, &err);
		return SEEN_ALL;
	}
	if (a.rows == 0 || add_rows(seen, &a, now) < 0)
		return SEEN_ALL;
	seen->tries = 0;
	seen_walk_added(seen->walk, a.places);
	if (!a.more)
		return SEEN_ALL;
	return a.time < now - SEEN_AFTER - HOUR ? SEEN_BEHIND : SEEN_MORE;
}

/* Where the mark is, and the number behind which messages go on.  Somebody may have
 * edited the database: a mark behind the last message would leave a gap of numbers, by
 * which the history is counted, or none for the next one; and recipients whose message
 * has gone must not be given to another.  What is at or before the mark is taken for
 * seen. */
static void begin(struct seen *seen, struct db *db)
{
	sqlite3_stmt *q = db_query(db, SQL_MARK_BEGIN, NULL, "t", "seen");
	int64_t mark, last, upto;
	bool known;

	seen->mended = -1;
	if (q == NULL || db_next(db, q, NULL) != 1)
		return;
	known = sqlite3_column_type(q, 0) != SQLITE_NULL;
	mark = sqlite3_column_int64(q, 0);
	last = sqlite3_column_int64(q, 1);
	upto = sqlite3_column_int64(q, 2);
	if (!known || mark < 0 || (last > 0 && mark > last) || mark > NUMBER_MAX) {
		log_warning(
			"how far the history has been looked through is not known, or "
			"not true: it goes on behind message %lld",
			(long long)last);
		seen->mended = mark = last;
	}
	sqlite3_reset(q);
	seen->engine->seen_upto = upto > mark && upto < NUMBER_MAX ? upto : mark;
}

struct seen *seen_new(struct engine *engine, struct db *reader, struct chores *chores,
	struct seen_walk *walk)
{
	struct seen *seen = mem_calloc(1, sizeof(*seen));

	seen->engine = engine;
	seen->places = PLACES;
	begin(seen, reader);
	seen->reader = reader;
	seen->chores = chores;
	seen->walk = walk;
	return seen;
}

void seen_free(struct seen *seen)
{
	if (seen != NULL)
		tell_left_out(seen);
	free(seen);
}
