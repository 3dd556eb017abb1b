/*
 * Housekeeping.  Called on the main thread; what it deletes is deleted by the
 * writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/housekeep.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "engine/chore.h"
#include "engine/pending.h"
#include "engine/seen.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_MAX   (86400 * CLOCK_SECOND)
#define AHEAD_PAUSE (3600 * CLOCK_SECOND)

/* Between two steps, in milliseconds, and in times what the step took of the writer: it
 * and the disk are there for mail.  But what comes has to go in the end; and what is
 * hours behind has to be less, since the views look at all of it, and nothing of it goes.
 */
#define PAUSE_LEAST  5
#define PAUSE_MOST   50
#define PAUSE_SHARE  10
#define PAUSE_BEHIND 2

/* While rows come into table seen, all else has each such step. */
#define TIDY_EVERY 8

/* A table that is kept for so many days, and so many rows of it: the settings' members.
 */
struct kept {
	size_t days, rows;
	int64_t step;	 /* of traffic; 0: its moments are in microseconds */
	enum sql oldest; /* where it begins, if so many rows are left */
	enum sql trim;
};

#define SETTING_AT(member) offsetof(struct settings, member)

static const struct kept tables[] = {
	{ SETTING_AT(refusal_days), SETTING_AT(refusal_rows), 0, SQL_REFUSAL_OLDEST,
		SQL_REFUSAL_TRIM },
	{ SETTING_AT(refusal_days), SETTING_AT(refusal_rows), 0,
		SQL_REFUSED_CLIENT_OLDEST, SQL_REFUSED_CLIENT_TRIM },
	{ SETTING_AT(stats_days), SETTING_AT(stats_rows), 1, SQL_TRAFFIC_OLDEST,
		SQL_TRAFFIC_TRIM },
	{ SETTING_AT(stats_minute_days), SETTING_AT(stats_rows), 60, SQL_TRAFFIC_OLDEST,
		SQL_TRAFFIC_TRIM },
	{ SETTING_AT(stats_hour_days), SETTING_AT(stats_rows), 3600, SQL_TRAFFIC_OLDEST,
		SQL_TRAFFIC_TRIM },
	{ SETTING_AT(stats_day_days), SETTING_AT(stats_rows), 86400, SQL_TRAFFIC_OLDEST,
		SQL_TRAFFIC_TRIM },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

struct housekeeper {
	struct engine *engine;
	struct db *reader;
	struct seen *seen;
	struct seen_walk *walk;
	struct chores chores;
	int64_t spared; /* until then nothing goes */
	unsigned steps; /* of what was seen */
	bool behind;	/* with that, by hours */
	/* the walk through what is in memory: when it began, and whether there is more */
	int64_t swept;
	bool sweeps;
	int64_t counted;	  /* when what follows was looked at; 0: never */
	int64_t begins[TABLES];	  /* by the number of rows; 0: there are fewer */
	int64_t recipients_begin; /* likewise: the id of a message */
};

/* A step of all that goes when it is old. */
struct trim {
	struct chore chore; /* first: the writer hands it back */
	const struct settings *settings;
	int64_t now;
	int64_t begins[TABLES], recipients_begin;
	int gone;
};

static unsigned setting_of(const struct settings *s, size_t at)
{
	return *(const unsigned *)((const char *)s + at);
}

/* All of it, if it is kept for no time, or no row of it. */
static int64_t days_ago(int64_t now, unsigned days, unsigned rows)
{
	return days > 0 && rows > 0 ? now - (int64_t)days * 86400 * CLOCK_SECOND
				    : INT64_MAX;
}

static int trim_with(struct trim *t, struct db *db, enum sql statement, int64_t step,
	int64_t before, struct err *err)
{
	int gone = db_run(db, statement, err, "ii", step, before);

	if (gone > 0)
		t->gone += gone;
	return gone < 0 ? -1 : 0;
}

static int trim_table(struct chore *chore, struct db *db, int n, struct err *err)
{
	struct trim *t = (struct trim *)chore;
	const struct kept *k = &tables[n];
	int64_t before = days_ago(t->now, setting_of(t->settings, k->days),
		setting_of(t->settings, k->rows));

	if (k->step > 0 && before != INT64_MAX)
		before /= CLOCK_SECOND;
	if (before < t->begins[n])
		before = t->begins[n];
	return trim_with(t, db, k->trim, k->step, before, err);
}

static int trim_one(struct trim *t, struct db *db, enum sql statement, int64_t before,
	struct err *err)
{
	int gone = db_run(db, statement, err, "i", before);

	if (gone > 0)
		t->gone += gone;
	return gone < 0 ? -1 : 0;
}

/* Recipients go with their message, if not before it. */
static int trim_recipients(struct trim *t, struct db *db, struct err *err)
{
	const struct settings *s = t->settings;
	sqlite3_stmt *q = db_query(db, SQL_RECIPIENT_OLDEST, err, "ii",
		days_ago(t->now, s->recipients_days, s->recipients_rows), INT64_MAX);
	int64_t before;

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	before = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	if (before < t->recipients_begin)
		before = t->recipients_begin;
	return trim_one(t, db, SQL_RECIPIENT_TRIM, before, err);
}

static int trim_other(struct chore *chore, struct db *db, int n, struct err *err)
{
	struct trim *t = (struct trim *)chore;
	const struct settings *s = t->settings;

	switch (n) {
	case 0:
		return trim_one(t, db, SQL_DECISION_TRIM,
			days_ago(t->now, s->history_days, s->history_rows), err);
	case 1:
		return trim_one(t, db, SQL_DECISION_TRIM_ROWS, s->history_rows, err);
	case 2:
		return trim_recipients(t, db, err);
	case 3:
		return trim_one(t, db, SQL_FLAG_TRIM, t->now, err);
	case 4:
		return trim_one(t, db, SQL_GRANT_TRIM, t->now, err);
	default: /* as long as the hours in which it was */
		return trim_one(t, db, SQL_TROUBLE_TRIM,
			days_ago(t->now, s->stats_hour_days, s->stats_rows), err);
	}
}

#define OTHERS 6 /* of trim_other() */

/* Each by itself: one that fails keeps nothing else. */
static int run_trim(struct chore *chore, struct db *db, struct err *err)
{
	for (int n = 0; n < OTHERS; n++)
		if (chore_try(chore, db, trim_other, n, err) < 0)
			return -1;
	for (int n = 0; n < (int)TABLES; n++)
		if (chore_try(chore, db, trim_table, n, err) < 0)
			return -1;
	return 0;
}

/* Where a table has to begin; 0 where it cannot be told. */
static int64_t begin_of(struct db *db, sqlite3_stmt *q, struct err *err)
{
	int64_t begin = 0;

	if (q != NULL && db_next(db, q, err) == 1) {
		begin = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	}
	return begin;
}

/* Which rows are too many.  That is a look at all that are not, so not often. */
static void count_rows(struct housekeeper *h, const struct settings *s, int64_t now)
{
	struct db *db = h->reader;
	struct err err = { ERR_FAILED, "" };

	if (h->counted != 0 && now - h->counted < HOUSEKEEPING_COUNTS_EVERY)
		return;
	h->counted = now;
	for (size_t i = 0; i < TABLES; i++)
		h->begins[i] = begin_of(db,
			db_query(db, tables[i].oldest, &err, "ii", tables[i].step,
				(int64_t)setting_of(s, tables[i].rows)),
			&err);
	h->recipients_begin = begin_of(db,
		db_query(db, SQL_RECIPIENT_OLDEST_ROWS, &err, "i",
			(int64_t)s->recipients_rows),
		&err);
	if (*err.text != '\0')
		log_warning("how many rows there are cannot be told: %s", err.text);
}

int housekeep_begin(struct db *db, int64_t now, int64_t *when, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_MOMENT_LAST, err, "");
	char text[DURATION_TEXT_MAX];
	int64_t last;

	if (q == NULL || db_next(db, q, err) < 0)
		return -1;
	last = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	*when = now;
	if (last == 0 || now - last <= AHEAD_MAX)
		return 0;
	*when = now + AHEAD_PAUSE;
	log_warning(
		"the clock is %s ahead of what is stored: nothing of that is swept for "
		"an hour",
		duration_say(text, (now - last) / CLOCK_SECOND));
	return 0;
}

/* True: something has gone, and there may be more. */
static bool trim(struct housekeeper *h, const struct settings *settings, int64_t now)
{
	struct trim t = {
		.chore = { .run = run_trim },
		.settings = settings,
		.now = now,
		.recipients_begin = h->recipients_begin,
	};

	memcpy(t.begins, h->begins, sizeof(t.begins));
	return chore_do(&h->chores, &t.chore, now) == 0 && t.gone > 0;
}

/* Once a minute, however many steps the tables take: it looks at everything.  True: there
 * is more. */
static bool sweep(struct housekeeper *h, int64_t now)
{
	struct engine *engine = h->engine;

	if (!h->sweeps && now >= h->swept && now - h->swept < HOUSEKEEPING_EVERY)
		return false;
	if (!h->sweeps)
		h->swept = now;
	h->sweeps = engine->store->sweep(engine->store, now);
	if (engine->pending != NULL)
		h->sweeps |= pending_sweep(engine->pending, now);
	return h->sweeps;
}

/* All but what was seen.  True: there is more. */
static bool tidy(struct housekeeper *h, const struct settings *settings, int64_t now)
{
	return trim(h, settings, now) || seen_walk_on(h->walk, settings, now);
}

/* Each part has had its turn: the trouble is over when none has failed for a minute, by
 * which what fails is tried again, however much there is to do yet. */
static void look_back(struct housekeeper *h, int64_t now)
{
	int64_t failed = h->chores.failed;

	if (failed != 0 && now >= failed && now - failed < HOUSEKEEPING_EVERY)
		return;
	h->chores.failed = 0;
	episode_end(EPISODE_HOUSE, now);
}

bool housekeep(struct housekeeper *h, int64_t now)
{
	struct engine *engine = h->engine;
	struct policy_set *set = policy_slot_acquire(engine->slot);
	bool may_go = now >= h->spared, more;
	enum seen_more adds;

	h->chores.took = 0;
	/* the job takes what the sweep has emptied along with it */
	more = may_go && sweep(h, now);
	count_rows(h, &set->settings, now);
	/* a row of the history goes when it is known what was seen in it */
	adds = seen_add(h->seen, &set->settings, now);
	h->behind = adds == SEEN_BEHIND;
	more |= adds != SEEN_ALL;
	if (adds == SEEN_ALL || h->steps++ % TIDY_EVERY == 0) {
		more |= may_go && tidy(h, &set->settings, now);
		look_back(h, now);
	}
	if (!more)
		stats_forget(engine->stats, set);
	policy_slot_release(engine->slot, set);
	return more;
}

int housekeep_pause(int64_t took, bool behind)
{
	int64_t pause = took * (behind ? PAUSE_BEHIND : PAUSE_SHARE) / 1000;

	if (pause < PAUSE_LEAST)
		return PAUSE_LEAST;
	return pause < PAUSE_MOST ? (int)pause : PAUSE_MOST;
}

int housekeep_wait(const struct housekeeper *h)
{
	return housekeep_pause(h->chores.took, h->behind);
}

void housekeeper_spare(struct housekeeper *h, int64_t until)
{
	h->spared = until;
}

struct housekeeper *housekeeper_new(struct engine *engine, struct db *reader)
{
	struct housekeeper *h = mem_calloc(1, sizeof(*h));

	h->engine = engine;
	h->reader = reader;
	h->chores.writer = engine->writer;
	h->walk = seen_walk_new(reader, &h->chores);
	h->seen = seen_new(engine, reader, &h->chores, h->walk);
	return h;
}

void housekeeper_free(struct housekeeper *h)
{
	if (h == NULL)
		return;
	seen_free(h->seen);
	seen_walk_free(h->walk);
	db_close(h->reader);
	free(h);
}
