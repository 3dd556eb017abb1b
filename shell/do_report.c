/*
 * report html: the rows of reports as a page for people.  It is made here, by the user
 * who asks for it, not by the daemon.  Called by shell/local.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/clock.h"
#include "config.h"
#include "ctl/json.h"
#include "interrupt.h"
#include "local.h"
#include "period.h"
#include "replace.h"
#include "report.h"
#include "say.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOP 10 /* rows of those reports that are about some objects of many */

/* FILE was forgotten, as a rule. */
static int check_file(const struct command *c, const char *file, struct err *err)
{
	const char *value;
	size_t len;

	if (pair_split(file, &len, &value) &&
		pair_find(command_pairs(c), file, len) != NULL)
		return err_set(err,
			"report html: the FILE comes first, and \"%.200s\" is none (if "
			"it "
			"is: ./%.200s)",
			file, file);
	return strcmp(file, "-") == 0 ? 0 : replace_check(file, err);
}

static int read_asked(struct period *p, char *const *args, size_t n, struct err *err)
{
	char noun[] = "report", verb[] = "html", *words[] = { noun, verb };
	const char *since = NULL, *until = NULL, *value;
	const struct command *c;
	size_t len;

	c = command_find(words, 2, &len, err);
	if (command_check(c, args, n, err) < 0 || check_file(c, args[0], err) < 0)
		return -1;
	for (size_t i = 1; i < n; i++)
		if (pair_split(args[i], &len, &value))
			*(strncmp(args[i], "since", len) == 0 ? &since : &until) = value;
	/* what is until now is up to the end of this second */
	return period_parse(since, until, (int64_t)time(NULL) + 1, p, err);
}

static const char *say_utc(struct arena *arena, int64_t at)
{
	char text[CLOCK_TEXT_MAX];

	return arena_strdup(arena, clock_format(text, at * CLOCK_SECOND));
}

/* All are about the same time, to the second; what is compared with is as long. */
static const char *question(const struct report *r, enum report_part part)
{
	static const int tops[REPORT_PARTS] = {
		[REPORT_TOP_OBJECTS] = TOP,
		[REPORT_REFUSED] = TOP,
		[REPORT_TROUBLE] = REPORT_TROUBLES,
	};
	bool before = part == REPORT_BEFORE;
	int64_t since = before ? 2 * r->since - r->until : r->since;

	if (part == REPORT_SETTINGS)
		return report_commands[part];
	return arena_printf(r->arena, "%s since=%s until=%s%s", report_commands[part],
		say_utc(r->arena, since), say_utc(r->arena, before ? r->since : r->until),
		tops[part] > 0 ? arena_printf(r->arena, " top=%d", tops[part]) : "");
}

static enum outcome ask_part(struct shell *s, const struct report *r,
	enum report_part part, json_t *rows, struct err *err)
{
	enum outcome outcome;

	json_array_clear(rows);
	outcome = client_rows(&s->client, question(r, part), rows, err);
	if (outcome != OUTCOME_DONE)
		err_prefix(err, "%s", report_commands[part]);
	return outcome;
}

/* Traffic is counted in whole steps, so the page is about a period of these: what is
 * rounded once is not rounded again, unless its steps are others by then. */
static enum outcome ask_traffic(
	struct shell *s, struct report *r, json_t *rows, struct err *err)
{
	struct period p = { r->since, r->until };
	enum outcome outcome;

	do {
		r->since = p.since;
		r->until = p.until;
		outcome = ask_part(s, r, REPORT_TRAFFIC, rows, err);
	} while (outcome == OUTCOME_DONE &&
		 period_widen(&p, series_base(rows), r->made + 1));
	return outcome;
}

/* A report that is refused leaves its part of the page empty, with the reason; that one
 * takes too long is no reason to have none of the others.  The first one is needed. */
static enum outcome ask(struct shell *s, struct report *r, json_t *rows[REPORT_PARTS],
	const char *where, struct err *err)
{
	enum outcome outcome = ask_traffic(s, r, rows[REPORT_TRAFFIC], err);

	for (int i = REPORT_TRAFFIC + 1; i < REPORT_PARTS && outcome == OUTCOME_DONE;
		i++) {
		/* there was no time before */
		if (i == REPORT_BEFORE && 2 * r->since <= r->until)
			continue;
		outcome = ask_part(s, r, (enum report_part)i, rows[i], err);
		if (outcome != OUTCOME_REFUSED)
			continue;
		json_array_clear(rows[i]);
		r->unasked[i] = arena_strdup(r->arena, err->text);
		run_complain(where, err->text);
		outcome = OUTCOME_DONE;
	}
	return outcome;
}

/* The connection is as it was, but for a question that nobody waits for any more. */
static enum status give_up(
	struct shell *s, enum outcome outcome, const struct err *err, const char *where)
{
	if (outcome == OUTCOME_STOPPED)
		run_remark(where, "interrupted: nothing was written");
	else
		run_complain(where, err->text);
	if (outcome != OUTCOME_REFUSED && !s->staged)
		client_close(&s->client);
	return run_status(outcome);
}

static void tell_written(
	const struct shell *s, const struct report *r, const char *file, size_t size)
{
	json_t *row;

	if (s->json) {
		row = json_pack("{s:o, s:I, s:s, s:s}", "file", json_text(file), "bytes",
			(json_int_t)size, "since", say_utc(r->arena, r->since), "until",
			say_utc(r->arena, r->until));
		json_dumpf(row, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(row);
	} else {
		printf("%s: a page about %s, %s bytes\n", file,
			say_length(r->arena, r->until - r->since),
			say_count(r->arena, (double)size));
	}
	fflush(stdout);
}

static enum status write_page(
	const struct shell *s, struct report *r, const char *file, const char *where)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	enum status status = STATUS_REFUSED;
	struct err err;

	if (to == NULL)
		mem_exhausted();
	html_page(to, r);
	if (fclose(to) != 0)
		mem_exhausted();
	if (interrupt_take()) {
		run_remark(where, "interrupted: nothing was written");
		status = STATUS_INTERRUPTED;
	} else if (strcmp(file, "-") == 0) {
		fwrite(text, 1, size, stdout);
		fflush(stdout);
		status = STATUS_DONE;
	} else if (replace_file(file, text, size, &err) < 0) {
		run_complain(where, err.text);
	} else {
		tell_written(s, r, file, size);
		status = STATUS_DONE;
	}
	free(text);
	return status;
}

static enum status make_page(
	struct shell *s, struct report *r, const char *file, const char *where)
{
	json_t *rows[REPORT_PARTS];
	enum status status = run_connect(s, where);
	enum outcome outcome;
	bool whole = true;
	struct err err;

	if (status != STATUS_DONE)
		return status;
	for (int i = 0; i < REPORT_PARTS; i++)
		r->rows[i] = rows[i] = json_array();
	outcome = ask(s, r, rows, where, &err);
	if (outcome == OUTCOME_DONE)
		status = write_page(s, r, file, where);
	else
		status = give_up(s, outcome, &err, where);
	for (int i = 0; i < REPORT_PARTS; i++) {
		whole &= r->unasked[i] == NULL;
		json_decref(rows[i]);
	}
	return status == STATUS_DONE && !whole ? STATUS_REFUSED : status;
}

enum status do_report_html(
	struct shell *s, char *const *args, size_t n, const char *line, const char *where)
{
	struct report r = { .version = PACKAGE_VERSION };
	char host[HOST_NAME_MAX + 1] = "";
	enum status status = STATUS_USAGE;
	struct period period;
	struct err err;

	if (read_asked(&period, args, n, &err) < 0) {
		run_refuse(where, line, err.text);
		return status;
	}
	gethostname(host, sizeof(host) - 1);
	r.arena = arena_new();
	r.host = host;
	r.since = period.since;
	r.until = period.until;
	r.made = (int64_t)time(NULL);
	status = make_page(s, &r, args[0], where);
	arena_free(r.arena);
	return status;
}
