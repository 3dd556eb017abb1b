/*
 * The widths of columns.  Called by shell/table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fit.h"

/* How far columns are cut, one pass after the other; each stays as wide as it is if that
 * is less. */
static const struct pass {
	bool names;   /* those that name things, too */
	bool headers; /* only what a header is wider than the cells below it */
	int least;
} passes[] = {
	{ false, false, 16 },
	{ true, false, 24 },
	{ true, true, 6 },
	{ false, false, 10 },
	{ true, false, 14 },
};

#define PASSES (sizeof(passes) / sizeof(passes[0]))

static int whole(const struct fit *f)
{
	return f->header > f->cells ? f->header : f->cells;
}

/* How many columns of the terminal are too many. */
static int excess(const struct fit *columns, size_t n, int room)
{
	int taken = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].width > 0)
			taken += columns[i].width + (taken > 0 ? FIT_GAP : 0);
	return taken - room;
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

/* All that are not left out, cut as little as it takes; what is still too much. */
static int cut(struct fit *columns, size_t n, int room)
{
	int over;

	for (size_t i = 0; i < n; i++)
		columns[i].width = columns[i].width > 0 ? whole(&columns[i]) : 0;
	over = excess(columns, n, room);
	for (size_t p = 0; p < PASSES; p++)
		for (struct fit *f; over > 0; over--, f->width--)
			if ((f = widest(columns, n, &passes[p])) == NULL)
				break;
	return over;
}

/* How little a column says. */
static int dullness(const struct fit *f)
{
	return f->empty ? 2 : f->same ? 1 : 0;
}

/* The next to be left out, never the first; NULL: there is none. */
static struct fit *least_wanted(struct fit *columns, size_t n)
{
	struct fit *found = NULL;

	for (size_t i = 1; i < n; i++)
		if (columns[i].width > 0 &&
			(found == NULL || dullness(&columns[i]) >= dullness(found)))
			found = &columns[i];
	return found;
}

void fit_columns(struct fit *columns, size_t n, int room)
{
	struct fit *out;

	for (size_t i = 0; i < n; i++)
		columns[i].width = whole(&columns[i]);
	if (room <= 0 || n == 0)
		return;
	while (cut(columns, n, room) > 0 && (out = least_wanted(columns, n)) != NULL)
		out->width = 0;
	if (columns[0].width > room)
		columns[0].width = room;
}
