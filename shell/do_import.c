/*
 * import: what another program's configuration is as commands.  Each kind has its
 * handler here, and a line in ctl/commands.def.  Nothing is printed of a file that is
 * wrong, so that no half of one is applied.  Called by shell/local.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "import.h"
#include "local.h"
#include "page.h"
#include "postfixlimit.h"
#include "terminal.h"

#include <jansson.h>

/* The commands alone, as rows of dump. */
static void print_json(const struct import *im)
{
	for (size_t i = 0; i < im->n; i++) {
		json_t *row = json_pack("{s:s}", "command", im->lines[i].text);

		if (im->lines[i].kind == IMPORT_COMMAND) {
			json_dumpf(row, stdout, JSON_COMPACT);
			putchar('\n');
		}
		json_decref(row);
	}
}

static void print(const struct shell *s, const struct import *im)
{
	struct view view = terminal_view(s->whole);
	struct page page;

	page_begin(&page, &view, !s->script);
	fputs(import_text(im), page.to);
	page_end(&page);
}

/* Whoever sends the commands on does not see their comments. */
static void tell_left_out(const struct import *im, const char *name)
{
	char place[READER_WHERE_MAX];

	for (size_t i = 0; i < im->n; i++) {
		const struct import_line *l = &im->lines[i];

		if (l->kind != IMPORT_LEFT_OUT)
			continue;
		snprintf(place, sizeof(place), "%s:%d", name, l->number);
		run_complain(place, arena_printf(im->arena, "not imported: %s", l->text));
	}
}

static enum status import(struct shell *s, struct import *im, FILE *in, const char *name,
	import_fn *make, const char *where)
{
	struct reader r;
	struct err err;

	reader_begin(&r, in, name);
	switch (make(im, &r, &err)) {
	case READER_END:
		break;
	case READER_INTERRUPTED:
		run_remark(where, "interrupted");
		return STATUS_INTERRUPTED;
	default:
		run_complain(r.where, err.text);
		return STATUS_USAGE;
	}
	if (s->json)
		print_json(im);
	else
		print(s, im);
	fflush(stdout);
	tell_left_out(im, name);
	return im->left_out == 0 ? STATUS_DONE : STATUS_REFUSED;
}

/* "-" is standard input. */
static enum status import_file(struct shell *s, const char *file, import_fn *make,
	const char *line, const char *where)
{
	struct import im = { 0 };
	enum status status;
	FILE *in = run_open(where, line, file, &status);

	if (in == NULL)
		return status;
	im.arena = arena_new();
	status = import(s, &im, in, in == stdin ? "standard input" : file, make, where);
	arena_free(im.arena);
	run_close(in);
	return status;
}

enum status do_import_postfixlimit(
	struct shell *s, char *const *args, size_t n, const char *line, const char *where)
{
	(void)n;
	return import_file(s, args[0], postfixlimit_import, line, where);
}
