/*
 * The widths of columns.  Called by shell/table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fit.h"

/* In their order. */
enum { CUT_LONG, CUT_LONG_NAMES, CUT_HEADERS, CUT_MORE, CUT_MORE_NAMES, PASSES };

/* How far columns are cut, one pass after the other; each stays as wide as it is if that
 * is less. */
static const struct pass {
	bool names;   /* those that name things, too */
	bool headers; /* only what a header is wider than the cells below it */
	int least;
} passes[PASSES] = {
	[CUT_LONG] = { false, false, 16 },
	[CUT_LONG_NAMES] = { true, false, 24 },
	[CUT_HEADERS] = { true, true, 6 },
	[CUT_MORE] = { false, false, 10 },
	[CUT_MORE_NAMES] = { true, false, 14 },
};

/* How little a column says. */
enum dullness { DULL_NOT, DULL_SAME, DULL_EMPTY };

/* What is tried, one step after the other: the passes before that one, and as often as
 * that is not enough, a column left out that says as little as that. */
static const struct step {
	int before;
	enum dullness dullness;
} steps[] = {
	{ CUT_LONG, DULL_EMPTY },
	{ CUT_MORE, DULL_SAME },
	{ PASSES, DULL_NOT },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static int whole(const struct fit *f)
{
	return f->header > f->cells ? f->header : f->cells;
}

int fit_taken(const struct fit *columns, size_t n)
{
	int taken = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].width > 0)
			taken += columns[i].width + (taken > 0 ? FIT_GAP : 0);
	return taken;
}

static int floor_of(const struct fit *f, const struct pass *pass)
{
	if (f->names && !pass->names)
		return f->width;
	if (pass->headers && f->cells > pass->least)
		return f->cells;
	return pass->least;
}

/* The widest that the pass may cut; NULL: none. */
static struct fit *widest(struct fit *columns, size_t n, const struct pass *pass)
{
	struct fit *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (columns[i].width > floor_of(&columns[i], pass) &&
			(found == NULL || columns[i].width > found->width))
			found = &columns[i];
	return found;
}

/* All that are not left out, cut in the passes before that one and as little as it takes;
 * what is still too much. */
static int cut(struct fit *columns, size_t n, int room, int before)
{
	int over;

	for (size_t i = 0; i < n; i++)
		columns[i].width = columns[i].width > 0 ? whole(&columns[i]) : 0;
	over = fit_taken(columns, n) - room;
	for (int p = 0; p < before; p++)
		for (struct fit *f; over > 0; over--, f->width--)
			if ((f = widest(columns, n, &passes[p])) == NULL)
				break;
	return over;
}

static enum dullness dullness(const struct fit *f)
{
	return f->empty ? DULL_EMPTY : f->same ? DULL_SAME : DULL_NOT;
}

/* The next to be left out, never the first; NULL: none says so little. */
static struct fit *least_wanted(struct fit *columns, size_t n, enum dullness least)
{
	struct fit *found = NULL;

	for (size_t i = 1; i < n; i++)
		if (columns[i].width > 0 && dullness(&columns[i]) >= least &&
			(found == NULL || dullness(&columns[i]) >= dullness(found)))
			found = &columns[i];
	return found;
}

void fit_columns(struct fit *columns, size_t n, int room)
{
	struct fit *out;
	int over = 1;

	for (size_t i = 0; i < n; i++)
		columns[i].width = whole(&columns[i]);
	if (room <= 0 || n == 0)
		return;
	for (size_t i = 0; i < STEPS && over > 0; i++)
		while ((over = cut(columns, n, room, steps[i].before)) > 0 &&
			(out = least_wanted(columns, n, steps[i].dullness)) != NULL)
			out->width = 0;
	if (columns[0].width > room)
		columns[0].width = room;
}
