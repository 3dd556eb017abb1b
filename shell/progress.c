/*
 * The bar.  Called by shell/run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "progress.h"

#include "bar.h"
#include "ctl/wire.h"
#include "text.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define BAR  40
#define PAIR "progress"

const char *progress_line(struct arena *arena, const struct command *c, const char *line)
{
	enum pair_set set = command_pairs(c);

	if (set == PAIRS_NONE || pair_find(set, PAIR, strlen(PAIR)) == NULL ||
		!isatty(STDERR_FILENO) || strstr(line, PAIR "=") != NULL ||
		strlen(line) + strlen(" " PAIR "=yes") > WIRE_LINE_MAX)
		return line;
	return arena_printf(arena, "%s " PAIR "=yes", line);
}

static void clear(struct progress *p)
{
	if (p->width > 0)
		fprintf(stderr, "\r%*s\r", p->width, "");
	p->width = 0;
}

static void draw(struct progress *p, double done, double of)
{
	struct arena *arena = arena_new();
	const char *bar = bar_of(arena, done, of, BAR, p->view), *text;

	text = arena_printf(arena, "%s %d %%", bar, (int)(100 * done / of));
	/* what was there is as wide, or less so */
	fprintf(stderr, "\r%s", text);
	fflush(stderr);
	p->width = text_width(text);
	arena_free(arena);
}

void progress_tell(void *arg, const char *json)
{
	struct progress *p = arg;
	json_t *row = json != NULL ? json_loads(json, 0, NULL) : NULL;
	double done = json_number_value(json_object_get(row, "done")),
	       of = json_number_value(json_object_get(row, "of"));

	json_decref(row);
	if (json == NULL)
		clear(p);
	else if (done >= 0 && done <= of && of > 0)
		draw(p, done, of);
}
