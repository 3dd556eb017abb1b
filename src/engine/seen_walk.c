/*
 * The walk through table seen.  On the main thread; what is deleted is deleted by the
 * writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/seen_walk.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "engine/housekeep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAY	 (86400 * CLOCK_SECOND)
#define HOUR	 (3600 * CLOCK_SECOND)
#define AGES_MAX (4000 * 24) /* hours: more than any setting says */

#define RANGE	  1000 /* rows */
#define RANGES	  10   /* in a minute, and at once: ten million rows within a day */
#define FASTER	  10   /* rows for each that has come */
#define STRANGERS 8    /* they have this part of all rows at least */
#define TRIES	  3    /* to read some, a minute between */

/* A place in the table, by its key. */
struct place {
	char *kind, *who, *what; /* owned */
};

struct seen_walk {
	struct db *reader;
	struct chores *chores;
	struct place at;
	/* how many rows it may pass yet, and when it was given some */
	int64_t left, given;
	/* how often it could not read on, and when that was last */
	int tries, leaps;
	int64_t failed;
	int64_t rows; /* at once: fewer in front of those that cannot be read */
	/* Of this walk: how many rows that stay were seen last so many hours ago.  Of the
	 * one before: since when rows have to have been seen, so that not too many are
	 * left (0: whenever), and how many of the hour that begins then have to go. */
	uint32_t (*ages)[AGES_MAX];
	int64_t since[SEEN_CLASSES];
	uint64_t most[SEEN_CLASSES];
};

static void place_clear(struct place *p)
{
	free(p->kind);
	free(p->who);
	free(p->what);
	*p = (struct place){ NULL, NULL, NULL };
}

static struct place place_of(const char *kind, const char *who, const char *what)
{
	return (struct place){ mem_strdup(kind), mem_strdup(who), mem_strdup(what) };
}

/* The first of all rows is behind this one. */
static void start(struct seen_walk *w)
{
	place_clear(&w->at);
	w->at = place_of("", "", "");
	w->rows = RANGE;
	free(w->ages);
	w->ages = mem_calloc(SEEN_CLASSES, sizeof(*w->ages));
}

/* As much for each of n classes, and what one does not need for the others. */
static void share(const uint64_t *there, int n, uint64_t rows, uint64_t *may)
{
	int open = n;
	bool full = false;

	for (int i = 0; i < n; i++)
		may[i] = UINT64_MAX;
	while (!full && open > 0) {
		uint64_t each = rows / (uint64_t)open;

		full = true;
		for (int i = 0; i < n; i++)
			if (may[i] == UINT64_MAX && there[i] <= each) {
				may[i] = there[i];
				rows -= there[i];
				open--;
				full = false;
			}
	}
	for (int i = 0; i < n; i++)
		if (may[i] == UINT64_MAX)
			may[i] = rows / (uint64_t)open;
}

static uint64_t sum(const uint64_t *there, int n)
{
	uint64_t all = 0;

	while (n-- > 0)
		all += there[n];
	return all;
}

void seen_share(
	const uint64_t there[SEEN_CLASSES], uint64_t rows, uint64_t may[SEEN_CLASSES])
{
	uint64_t least = rows / STRANGERS, ours = sum(there, SEEN_OURS);
	uint64_t strangers = sum(there + SEEN_OURS, SEEN_CLASSES - SEEN_OURS);
	uint64_t theirs = ours < rows - least ? rows - ours : least;

	if (strangers < theirs)
		theirs = strangers;
	share(there, SEEN_OURS, rows - theirs, may);
	share(there + SEEN_OURS, SEEN_CLASSES - SEEN_OURS, theirs, may + SEEN_OURS);
}

/* So many rows of a class may stay, counted from the latest.  Of the hour that is too
 * much only a part goes: all may be of one hour. */
static void bound(struct seen_walk *w, int c, uint64_t rows, int64_t now)
{
	uint64_t n = 0;

	w->since[c] = 0;
	w->most[c] = 0;
	for (int age = 0; age < AGES_MAX && n <= rows; age++) {
		n += w->ages[c][age];
		if (n > rows) {
			w->since[c] = (now / HOUR - age) * HOUR;
			w->most[c] = n - rows;
		}
	}
}

/* At the end of a walk: what the next one has to take away. */
static void sum_up(struct seen_walk *w, uint64_t rows, int64_t now)
{
	uint64_t there[SEEN_CLASSES] = { 0 }, may[SEEN_CLASSES];
	bool crowded = false;

	for (int c = 0; c < SEEN_CLASSES; c++)
		for (int age = 0; age < AGES_MAX; age++)
			there[c] += w->ages[c][age];
	seen_share(there, rows, may);
	for (int c = 0; c < SEEN_CLASSES; c++) {
		bound(w, c, may[c], now);
		crowded |= w->since[c] > 0;
	}
	if (!crowded)
		w->left = 0;
	start(w);
}

struct cut {
	struct chore chore; /* first */
	const struct place *from, *to;
	const char *since; /* of each class, a JSON list */
};

static int run_cut(struct chore *chore, struct db *db, struct err *err)
{
	const struct cut *c = (const struct cut *)chore;

	return db_run(db, SQL_SEEN_TRIM, err, "ttttttt", c->from->kind, c->from->who,
		       c->from->what, c->to->kind, c->to->who, c->to->what, c->since) < 0
		       ? -1
		       : 0;
}

static int64_t age_of(int64_t hour, int64_t now)
{
	int64_t age = now / HOUR - hour;

	if (age < 0)
		return 0;
	return age < AGES_MAX ? age : AGES_MAX - 1;
}

/* Of each class some rows of the hour of which not all may stay: they go, unless that is
 * more than half too many.  True: some do. */
static bool take_part(struct seen_walk *w, const uint64_t part[SEEN_CLASSES],
	int64_t since[SEEN_CLASSES], int64_t now)
{
	bool old = false;

	for (int c = 0; c < SEEN_CLASSES; c++) {
		if (part[c] == 0)
			continue;
		if (w->most[c] >= part[c] - part[c] / 2) {
			since[c] += HOUR;
			w->most[c] -= w->most[c] < part[c] ? w->most[c] : part[c];
			old = true;
		} else {
			w->ages[c][age_of(since[c] / HOUR, now)] += (uint32_t)part[c];
		}
	}
	return old;
}

/* The rows from where it is to there: how old they are.  1: some have to go, those from
 * before since, which is set for them; 0; or -1. */
static int look_at(struct seen_walk *w, const struct place *to,
	int64_t since[SEEN_CLASSES], int64_t now, struct err *err)
{
	sqlite3_stmt *q = db_query(w->reader, SQL_SEEN_AGES, err, "tttttt", w->at.kind,
		w->at.who, w->at.what, to->kind, to->who, to->what);
	uint64_t part[SEEN_CLASSES] = { 0 };
	int rc = -1;
	bool old = false;

	while (q != NULL && (rc = db_next(w->reader, q, err)) == 1) {
		int64_t hour = sqlite3_column_int64(q, 0);
		int64_t n = sqlite3_column_int64(q, 2);
		int c = sqlite3_column_int(q, 1);

		if (hour * HOUR < since[c])
			old = true;
		if (hour * HOUR == since[c] && since[c] == w->since[c])
			part[c] += (uint64_t)n;
		else if ((hour + 1) * HOUR > since[c])
			w->ages[c][age_of(hour, now)] += (uint32_t)n;
	}
	if (rc < 0)
		return -1;
	return take_part(w, part, since, now) || old;
}

/* Where the next rows end.  1; 0: so does the table; or -1. */
static int find_end(struct seen_walk *w, struct place *to, struct err *err)
{
	sqlite3_stmt *q = db_query(w->reader, SQL_SEEN_RANGE, err, "ttti", w->at.kind,
		w->at.who, w->at.what, w->rows - 1);
	int rc = q != NULL ? db_next(w->reader, q, err) : -1;

	if (rc == 0)
		*to = place_of("~", "", ""); /* behind each kind */
	if (rc <= 0)
		return rc;
	*to = place_of(db_text(q, 0), db_text(q, 1), db_text(q, 2));
	sqlite3_reset(q);
	return 1;
}

/* Away from rows that cannot be read, the further the oftener: which key is behind them
 * nobody can say, so one that is greater in its last octet, in the one before ... in the
 * first, and at last another kind, which are words of letters. */
static void leap(struct place *p, int times)
{
	size_t n = strlen(p->who);
	char kind[2] = { p->kind[0] != '\0' ? p->kind[0] : 'a', '\0' };
	char *at = p->who + (n > (size_t)times ? n - (size_t)times : 0);

	free(p->what);
	p->what = mem_strdup("");
	if (n > 0 && (at > p->who || (unsigned char)*at < '~')) {
		if ((unsigned char)*at < '~')
			(*at)++;
		return;
	}
	kind[0]++;
	place_clear(p);
	*p = place_of(kind, "", "");
}

/* The next rows cannot be read.  That may pass, so they are not taken for none. */
static void fail(struct seen_walk *w, int64_t now, const struct err *err)
{
	chores_fail(w->chores, now, err);
	w->failed = now;
	if (++w->tries < TRIES)
		return;
	if (w->rows > 1)
		w->rows /= 10;
	else
		leap(&w->at, ++w->leaps);
}

/* From where it is to there; also -1. */
static int trim(struct seen_walk *w, const struct place *to, int64_t before, int64_t now,
	struct err *err)
{
	int64_t since[SEEN_CLASSES];
	char text[SEEN_CLASSES * 24] = "";
	struct cut c = { .chore = { .run = run_cut }, .from = &w->at, .to = to };
	int old;

	for (int i = 0; i < SEEN_CLASSES; i++)
		since[i] = before > w->since[i] ? before : w->since[i];
	old = look_at(w, to, since, now, err);
	for (int i = 0; i < SEEN_CLASSES; i++)
		str_append(text, sizeof(text), "%s%" PRId64, i > 0 ? "," : "[", since[i]);
	str_append(text, sizeof(text), "]");
	c.since = text;
	if (old > 0)
		chore_do(w->chores, &c.chore, now);
	return old;
}

/* Passes the next rows.  1: some had to go; 0; or -1: it has failed. */
static int pass(struct seen_walk *w, const struct settings *s, int64_t now)
{
	bool kept = s->seen_days > 0 && s->seen_rows > 0;
	int64_t before = kept ? now - (int64_t)s->seen_days * DAY : INT64_MAX;
	struct err err = { ERR_FAILED, "" };
	struct place to = { NULL, NULL, NULL };
	int more = find_end(w, &to, &err);
	int old = more < 0 ? -1 : trim(w, &to, before, now, &err);

	if (old < 0) {
		place_clear(&to);
		fail(w, now, &err);
		return -1;
	}
	if (w->leaps > 0)
		w->rows = RANGE;
	w->tries = w->leaps = 0;
	place_clear(&w->at);
	w->at = to;
	if (more == 0)
		sum_up(w, s->seen_rows, now);
	return old;
}

void seen_walk_added(struct seen_walk *w, int64_t rows)
{
	w->left += FASTER * rows;
}

bool seen_walk_on(struct seen_walk *w, const struct settings *s, int64_t now)
{
	int old = 0;

	if (w->tries > 0 && now >= w->failed && now - w->failed < HOUSEKEEPING_EVERY)
		return false;
	if (now < w->given || now - w->given >= HOUSEKEEPING_EVERY) {
		w->left += RANGES * RANGE;
		w->given = now;
	}
	for (int i = 0; i < RANGES && w->left > 0 && old == 0; i++) {
		w->left -= RANGE;
		old = pass(w, s, now);
	}
	return old >= 0 && w->left > 0;
}

struct seen_walk *seen_walk_new(struct db *reader, struct chores *chores)
{
	struct seen_walk *w = mem_calloc(1, sizeof(*w));

	w->reader = reader;
	w->chores = chores;
	start(w);
	return w;
}

void seen_walk_free(struct seen_walk *w)
{
	if (w == NULL)
		return;
	place_clear(&w->at);
	free(w->ages);
	free(w);
}
