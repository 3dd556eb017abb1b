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

#define RANGE	  1000 /* rows, as SQL_SEEN_RANGE has it */
#define RANGES	  10   /* in a minute, and at once: ten million rows within a day */
#define FASTER	  10   /* rows for each that has come */
#define STRANGERS 8    /* they have this part of all rows at least */

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
	/* Of this walk: how many rows that stay were seen last so many hours ago.  Of the
	 * one before: since when rows have to have been seen, so that not too many are
	 * left (0: whenever). */
	uint32_t (*ages)[AGES_MAX];
	int64_t since[SEEN_CLASSES];
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

/* Since when so many rows were seen last, counted from the latest. */
static int64_t begin_of(const uint32_t ages[AGES_MAX], uint64_t rows, int64_t now)
{
	uint64_t n = 0;

	for (int age = 0; age < AGES_MAX; age++) {
		n += ages[age];
		if (n > rows)
			return (now / HOUR - age + 1) * HOUR;
	}
	return 0;
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
		w->since[c] = begin_of(w->ages[c], may[c], now);
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

/* The rows from where it is to there: how old they are.  True: some have to go. */
static bool look_at(struct seen_walk *w, const struct place *to,
	const int64_t since[SEEN_CLASSES], int64_t now)
{
	sqlite3_stmt *q = db_query(w->reader, SQL_SEEN_AGES, NULL, "tttttt", w->at.kind,
		w->at.who, w->at.what, to->kind, to->who, to->what);
	bool old = false;

	while (q != NULL && db_next(w->reader, q, NULL) == 1) {
		int64_t hour = sqlite3_column_int64(q, 0), age = now / HOUR - hour;
		int c = sqlite3_column_int(q, 1);

		if (age < 0)
			age = 0;
		if (age >= AGES_MAX)
			age = AGES_MAX - 1;
		if (hour * HOUR < since[c])
			old = true;
		if ((hour + 1) * HOUR > since[c])
			w->ages[c][age] += (uint32_t)sqlite3_column_int64(q, 2);
	}
	return old;
}

/* Where the next rows end; false: so does the table. */
static bool find_end(struct seen_walk *w, struct place *to)
{
	sqlite3_stmt *q = db_query(w->reader, SQL_SEEN_RANGE, NULL, "ttt", w->at.kind,
		w->at.who, w->at.what);
	bool more = q != NULL && db_next(w->reader, q, NULL) == 1;

	if (more)
		*to = place_of(db_text(q, 0), db_text(q, 1), db_text(q, 2));
	else
		*to = place_of("~", "", ""); /* behind each kind */
	if (more)
		sqlite3_reset(q);
	return more;
}

/* Passes the next rows.  True: some had to go. */
static bool pass(struct seen_walk *w, const struct settings *s, int64_t now)
{
	bool kept = s->seen_days > 0 && s->seen_rows > 0;
	int64_t before = kept ? now - (int64_t)s->seen_days * DAY : INT64_MAX;
	int64_t since[SEEN_CLASSES];
	char text[SEEN_CLASSES * 24] = "";
	struct place to;
	struct cut c = { .chore = { .run = run_cut }, .from = &w->at, .to = &to };
	bool more, old;

	for (int i = 0; i < SEEN_CLASSES; i++) {
		since[i] = before > w->since[i] ? before : w->since[i];
		str_append(text, sizeof(text), "%s%" PRId64, i > 0 ? "," : "[", since[i]);
	}
	str_append(text, sizeof(text), "]");
	c.since = text;
	more = find_end(w, &to);
	old = look_at(w, &to, since, now);
	if (old)
		chore_do(w->chores, &c.chore, now);
	place_clear(&w->at);
	w->at = to;
	if (!more)
		sum_up(w, s->seen_rows, now);
	return old;
}

void seen_walk_added(struct seen_walk *w, int64_t rows)
{
	w->left += FASTER * rows;
}

bool seen_walk_on(struct seen_walk *w, const struct settings *s, int64_t now)
{
	if (now < w->given || now - w->given >= HOUSEKEEPING_EVERY) {
		w->left += RANGES * RANGE;
		w->given = now;
	}
	for (int i = 0; i < RANGES && w->left > 0; i++) {
		w->left -= RANGE;
		if (pass(w, s, now))
			break;
	}
	return w->left > 0;
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
