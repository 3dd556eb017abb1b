/*
 * load: a file that says how things are to be, as one transaction.  The daemon never
 * opens the file: the shell reads it, with its user's rights, and sends it line by line.
 * Called by shell/local.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"
#include "ctl/words.h"
#include "local.h"
#include "reader.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>

struct load {
	struct shell *s;
	const char *where; /* of the command, for what is wrong with it */
	const char *file;
	bool diff, exact;
	size_t changes, faults;
};

static int read_options(struct load *l, char *const *args, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(args[i], "--diff") == 0)
			l->diff = true;
		else if (strcmp(args[i], "--exact") == 0)
			l->exact = true;
		else if (args[i][0] == '-' && args[i][1] != '\0')
			return err_set(err,
				"load has no option \"%.80s\" (there are: --diff, "
				"--exact)",
				args[i]);
		else if (l->file != NULL)
			return err_set(
				err, "load takes one file (also \"%.80s\"?)", args[i]);
		else
			l->file = args[i];
	return l->file != NULL ? 0
			       : err_set(err, "missing: \"FILE\" (usage: load [--diff] "
					      "[--exact] FILE)");
}

static int no_row(void *arg, const char *json)
{
	(void)arg;
	(void)json;
	return 0;
}

/* One command of the transaction; done: what the daemon said to it. */
static enum outcome say(
	struct load *l, const char *line, char done[1000], struct err *err)
{
	return client_command(
		&l->s->client, line, CLIENT_WAITS, no_row, NULL, done, 1000, err);
}

/* 1: a change; 0: nothing stands there; -1, REFUSED and err. */
static int judge(const char *line, struct err *err, enum outcome *outcome)
{
	struct arena *arena = arena_new();
	const struct command *c;
	size_t used = 0;
	char **words;
	int n = words_split(arena, line, &words, err);

	if (n > 0) {
		c = command_find(words, (size_t)n, &used, err);
		if (c == NULL ||
			command_check(c, words + used, (size_t)n - used, err) < 0)
			n = -1;
		else if (c->access != ACCESS_WRITE && c->access != ACCESS_FLAG)
			n = err_set(err,
				"\"%s%s%s\" cannot stand in a file that is loaded "
				"(changes of groups, policies, headers, pools, settings, "
				"and object block, bypass and clear can)",
				c->noun, *c->verb != '\0' ? " " : "", c->verb);
	}
	arena_free(arena);
	if (n < 0)
		*outcome = OUTCOME_REFUSED;
	return n > 0 ? 1 : n;
}

static bool has_ended(enum outcome outcome)
{
	return outcome != OUTCOME_DONE && outcome != OUTCOME_REFUSED;
}

/* The connection has ended, or the user waits no longer: then we end it, and the
 * transaction with it. */
static enum status end(
	struct load *l, enum outcome outcome, const struct err *err, const char *left)
{
	char text[ERR_TEXT_MAX + 80];

	client_close(&l->s->client);
	snprintf(text, sizeof(text), "%s: %s",
		outcome == OUTCOME_STOPPED ? "interrupted" : err->text, left);
	run_complain(l->where, text);
	return run_status(outcome);
}

static void tell_fault(struct load *l, const struct reader *r, const struct err *err)
{
	run_complain(r->where, err->text);
	l->faults++;
}

/* Each of its lines that is wrong is told, not only the first.  A file that was not read
 * to its end is wrong, too: what it does not name might go. */
static enum outcome send_lines(struct load *l, struct reader *r, struct err *err)
{
	enum outcome outcome = OUTCOME_DONE;
	char done[1000];

	while (!has_ended(outcome)) {
		outcome = OUTCOME_DONE;
		switch (reader_next(r, err)) {
		case READER_LINE:
			if (judge(r->line, err, &outcome) > 0) {
				l->changes++;
				outcome = say(l, r->line, done, err);
			}
			if (outcome == OUTCOME_REFUSED)
				tell_fault(l, r, err);
			break;
		case READER_BAD:
			tell_fault(l, r, err);
			break;
		case READER_FAILED:
			tell_fault(l, r, err);
			return OUTCOME_DONE;
		case READER_INTERRUPTED:
			return OUTCOME_STOPPED;
		case READER_END:
			return OUTCOME_DONE;
		}
	}
	return outcome;
}

static enum outcome send_file(struct load *l, FILE *in, struct err *err)
{
	struct reader r;

	reader_begin(&r, in, in == stdin ? "standard input" : l->file);
	return send_lines(l, &r, err);
}

static enum outcome show_diff(struct load *l, struct err *err)
{
	char word[] = "diff", *words[] = { word };
	struct view view = terminal_view(l->s->whole);
	size_t used;

	return run_show(
		l->s, command_find(words, 1, &used, NULL), word, stdout, &view, err);
}

/* With the transaction open, and nothing wrong: what is to be done with it. */
static enum outcome conclude(struct load *l, struct err *err)
{
	char done[1000];
	enum outcome outcome;

	if (l->diff)
		return show_diff(l, err);
	if (l->exact && l->changes == 0) {
		err_set(err, "there is no command in it, and with --exact all would go: "
			     "nothing was changed");
		return OUTCOME_REFUSED;
	}
	outcome = say(l, "commit", done, err);
	if (outcome == OUTCOME_DONE && !l->s->json)
		puts(done);
	return outcome;
}

/* With it still open: the next command is not to be one of it. */
static enum status forget(struct load *l, enum status status)
{
	char done[1000];
	struct err err;

	if (has_ended(say(l, "abort", done, &err)))
		client_close(&l->s->client);
	return status;
}

static enum status load(struct load *l, FILE *in)
{
	enum status status = run_connect(l->s, l->where);
	enum outcome outcome;
	char done[1000];
	struct err err;

	if (status != STATUS_DONE)
		return status;
	outcome = say(l, l->exact ? "begin exact" : "begin load", done, &err);
	if (outcome == OUTCOME_REFUSED) {
		run_complain(l->where, err.text);
		return STATUS_REFUSED;
	}
	if (!has_ended(outcome))
		outcome = send_file(l, in, &err);
	if (has_ended(outcome))
		return end(l, outcome, &err, "nothing was changed");
	if (l->faults > 0) {
		err_set(&err, "%zu fault%s: nothing was changed", l->faults,
			l->faults == 1 ? "" : "s");
		run_complain(l->where, err.text);
		return forget(l, STATUS_REFUSED);
	}
	outcome = conclude(l, &err);
	fflush(stdout);
	if (has_ended(outcome))
		return end(l, outcome, &err,
			l->diff ? "nothing was changed"
				: "it is not known whether the file was loaded");
	if (outcome == OUTCOME_REFUSED)
		run_complain(l->where, err.text);
	return l->diff || outcome == OUTCOME_REFUSED ? forget(l, run_status(outcome))
						     : STATUS_DONE;
}

enum status do_load(
	struct shell *s, char *const *args, size_t n, const char *line, const char *where)
{
	struct load l = { .s = s, .where = where };
	enum status status;
	struct err err;
	FILE *in;

	if (read_options(&l, args, n, &err) < 0) {
		run_refuse(where, line, err.text);
		return STATUS_USAGE;
	}
	in = run_open(where, line, l.file, &status);
	if (in == NULL)
		return status;
	status = load(&l, in);
	run_close(in);
	return status;
}
