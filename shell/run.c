/*
 * Running commands: a line is judged as far as the shell can, sent, and the answer
 * shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run.h"

#include "base/arena.h"
#include "base/str.h"
#include "csv.h"
#include "ctl/spec.h"
#include "ctl/words.h"
#include "fault.h"
#include "interrupt.h"
#include "local.h"
#include "output.h"
#include "page.h"
#include "progress.h"
#include "reader.h"
#include "terminal.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void run_begin(struct shell *s, const char *name)
{
	*s = (struct shell){ .name = name,
		.socket = getenv("THEMIS_CONTROL"),
		.client = { .fd = -1, .stop = interrupt_begin() } };
	if (s->socket == NULL || *s->socket == '\0')
		s->socket = SOCKET_DEFAULT;
}

void run_end(struct shell *s)
{
	client_close(&s->client);
}

/* Names of files and words of whoever answers stand in it. */
static void tell(const char *where, enum paint paint, const char *text)
{
	char place[ERR_TEXT_MAX * 4], escaped[ERR_TEXT_MAX * 4];
	const struct view view = { .colour = terminal_colours(STDERR_FILENO),
		.width = isatty(STDERR_FILENO) ? terminal_columns(STDERR_FILENO) : 0 };
	int indent;
	bool beside;

	str_printable(place, sizeof(place), where);
	indent = text_width(place) + (int)strlen(": ");
	/* beside a long name there is little room: below it */
	beside = view.width == 0 || 2 * indent <= view.width;
	fprintf(stderr, "%s:%s", place, beside ? " " : "\n  ");
	text_wrap(stderr, &view, paint, str_printable(escaped, sizeof(escaped), text),
		beside ? indent : 2);
	fputc('\n', stderr);
}

void run_remark(const char *where, const char *text)
{
	tell(where, PAINT_PLAIN, text);
}

void run_complain(const char *where, const char *text)
{
	tell(where, PAINT_BAD, text);
}

void run_refuse(const char *where, const char *line, const char *text)
{
	struct arena *arena = arena_new();
	const char *advice = fault_advice(arena, line, text);
	struct fault f;

	if (isatty(STDERR_FILENO) && fault_find(arena, line, text, &f))
		fputs(fault_picture(
			      arena, line, &f, (size_t)terminal_columns(STDERR_FILENO)),
			stderr);
	if (advice != NULL)
		text = arena_printf(arena, "%s; %s", text, advice);
	run_complain(where, text);
	arena_free(arena);
}

enum status run_status(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_DONE:
		return STATUS_DONE;
	case OUTCOME_REFUSED:
		return STATUS_REFUSED;
	case OUTCOME_STOPPED:
		return STATUS_INTERRUPTED;
	case OUTCOME_GONE:
	case OUTCOME_BROKEN:
	case OUTCOME_LATE:
		return STATUS_NO_DAEMON;
	}
	return STATUS_NO_DAEMON;
}

/* The connection has ended, or is to end now. */
static void let_go(struct shell *s, bool lost)
{
	client_close(&s->client);
	s->lost |= lost;
	s->staged = false;
}

/* Behind the ^C that a terminal shows. */
static void tell_interrupted(const char *where, const char *left)
{
	char text[200];

	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	snprintf(text, sizeof(text), "interrupted%s", left);
	run_remark(where, text);
}

/* A connection that the daemon had ended is there again: through us, or through a
 * completion meanwhile. */
static void tell_again(struct shell *s)
{
	if (s->lost)
		run_remark(s->name,
			s->client.daemon != s->daemon
				? "themisd was restarted; connected again"
				: "themisd had closed the connection; connected again");
	s->lost = false;
	s->daemon = s->client.daemon;
}

static enum status connect_anew(struct shell *s, const char *where)
{
	struct err err;
	enum outcome outcome = client_connect(&s->client, s->socket, CLIENT_WAITS, &err);

	if (outcome == OUTCOME_DONE)
		return STATUS_DONE;
	if (outcome == OUTCOME_STOPPED) {
		tell_interrupted(where, "");
		return STATUS_INTERRUPTED;
	}
	if (outcome != OUTCOME_REFUSED)
		err_prefix(&err,
			"%sno themisd answers (is it running? -s names another socket)",
			s->lost ? "the daemon has gone; " : "");
	run_complain(where, err.text);
	return run_status(outcome);
}

enum status run_connect(struct shell *s, const char *where)
{
	bool open = s->client.fd >= 0, staged = s->staged;
	enum status status = STATUS_DONE;

	if (!client_is_alive(&s->client)) {
		let_go(s, open);
		if (staged) {
			run_complain(where,
				"the connection has ended, and the transaction with it: "
				"nothing of that was done, nor this");
			return STATUS_NO_DAEMON;
		}
		status = connect_anew(s, where);
	}
	if (status == STATUS_DONE)
		tell_again(s);
	return status;
}

static bool is_noun(const struct command *c, const char *noun)
{
	return strcmp(c->noun, noun) == 0;
}

/* Behind what ended a command before its answer: what that leaves open.  What is staged
 * is not done before it is committed. */
static const char *what_is_left(const struct shell *s, const struct command *c)
{
	if (s->staged && is_noun(c, "commit"))
		return "; it is not known whether the transaction was committed";
	if (s->staged)
		return "; the transaction is gone, nothing of it was done";
	if (command_writes(c) && c->access != ACCESS_STAGE)
		return "; it is not known whether this was done";
	return "";
}

/* What a command that was done means for the shell itself. */
static void follow(struct shell *s, const struct command *c)
{
	s->quit |= is_noun(c, "quit");
	if (is_noun(c, "begin"))
		s->staged = true;
	else if (is_noun(c, "commit") || is_noun(c, "abort"))
		s->staged = false;
}

/* The user waits no longer.  A transaction lives on if the rest of the answer comes and
 * nobody presses again. */
static void stop_command(struct shell *s, const struct command *c, const char *where)
{
	const char *left;
	struct err err;

	if (s->staged) {
		tell_interrupted(where, "; the rest of the answer is passed over (Ctrl-C "
					"again gives up the transaction)");
		switch (client_settle(&s->client, &err)) {
		case OUTCOME_DONE:
			follow(s, c);
			return;
		case OUTCOME_REFUSED:
			run_complain(where, err.text);
			return;
		default:
			break;
		}
	}
	left = what_is_left(s, c);
	let_go(s, false);
	tell_interrupted(where, left);
}

static void break_command(struct shell *s, const struct command *c, enum outcome outcome,
	struct err *err, const char *where)
{
	bool sent = outcome == OUTCOME_BROKEN;

	str_append(err->text, sizeof(err->text), "%s",
		sent || s->staged ? what_is_left(s, c) : "");
	run_complain(where, err->text);
	let_go(s, true);
}

static int take_row(void *arg, const char *json)
{
	return output_row(arg, json);
}

enum outcome run_show(struct shell *s, const struct command *c, const char *line,
	FILE *to, const struct view *view, struct err *err)
{
	struct output *out = output_new(to, c->layout, s->json, view);
	enum outcome outcome;
	char done[1000];

	if (csv_is_asked(c, line))
		output_as_csv(out);
	outcome = client_command(
		&s->client, line, CLIENT_WAITS, take_row, out, done, sizeof(done), err);
	output_end(out, outcome == OUTCOME_DONE ? done : NULL);
	return outcome;
}

/* The same for somebody who waits for it. */
static enum outcome show_progress(struct shell *s, const struct command *c,
	const char *line, struct page *page, const struct view *view, struct err *err)
{
	struct arena *arena = arena_new();
	struct progress progress = { .view = view };
	enum outcome outcome;

	s->client.progress = progress_tell;
	s->client.progress_arg = &progress;
	outcome = run_show(s, c, progress_line(arena, c, line), page->to, view, err);
	s->client.progress = NULL;
	progress_tell(&progress, NULL);
	arena_free(arena);
	return outcome;
}

/* The user has seen enough. */
static enum outcome end_stream(struct shell *s, struct err *err)
{
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr); /* behind the ^C */
	return client_end(&s->client, err);
}

/* One line that is known to be a command. */
static enum status run_command(
	struct shell *s, const struct command *c, const char *line, const char *where)
{
	enum status status = run_connect(s, where);
	struct view view = terminal_view(s->whole);
	enum outcome outcome;
	struct page page;
	struct err err;

	if (status != STATUS_DONE)
		return status;
	page_begin(&page, &view, !s->script && c->layout != LAYOUT_STREAM);
	outcome = show_progress(s, c, line, &page, &view, &err);
	page_end(&page);
	/* what goes on until it is stopped is done when it is */
	if (outcome == OUTCOME_STOPPED && c->layout == LAYOUT_STREAM)
		outcome = end_stream(s, &err);
	switch (outcome) {
	case OUTCOME_DONE:
		follow(s, c);
		break;
	case OUTCOME_REFUSED:
		run_refuse(where, line, err.text);
		break;
	case OUTCOME_STOPPED:
		stop_command(s, c, where);
		break;
	case OUTCOME_GONE:
	case OUTCOME_BROKEN:
	case OUTCOME_LATE:
		break_command(s, c, outcome, &err, where);
	}
	return run_status(outcome);
}

/* The daemon works in a directory of its own: a file that it is to write is named from
 * ours.  words: all of the line's, its command's arguments behind `used` of them. */
static const char *name_file(struct arena *arena, const struct command *c, char **words,
	size_t n, size_t used, const char *line)
{
	char *here;

	if (c->args[0].kind != ARG_FILE || used == n || words[used][0] == '/')
		return line;
	here = getcwd(NULL, 0);
	if (here == NULL)
		return line;
	words[used] = arena_printf(
		arena, "%s%s%s", here, strcmp(here, "/") == 0 ? "" : "/", words[used]);
	free(here);
	return words_join(arena, words, n);
}

/* What is no command is told without asking the daemon; everything else is the daemon's
 * to judge. */
static enum status run_plain(struct shell *s, const char *line, const char *where)
{
	struct arena *arena = arena_new();
	const struct command *c = NULL;
	enum status status = STATUS_DONE;
	struct err err;
	char **words;
	size_t used;
	int n = words_split(arena, line, &words, &err);

	if (n > 0)
		c = command_find(words, (size_t)n, &used, &err);
	if (n < 0 || (n > 0 && (c == NULL || command_check_words(c, words + used,
						     (size_t)n - used, &err) < 0))) {
		run_refuse(where, line, err.text);
		status = STATUS_USAGE;
	} else if (n > 0 && c->access == ACCESS_LOCAL) {
		status = local_run(s, c, words + used, (size_t)n - used, line, where);
	} else if (n > 0) {
		line = name_file(arena, c, words, (size_t)n, used, line);
		status = run_command(s, c, line, where);
	}
	arena_free(arena);
	return status;
}

/* What stands behind the options at the head of a line, which are noted. */
static const char *take_options(struct shell *s, const char *line)
{
	for (;;) {
		line += strspn(line, " \t");
		if (line[0] != '-' || line[1] == '\0' || strchr(" \t", line[2]) == NULL)
			return line;
		if (line[1] == 'j')
			s->json = true;
		else if (line[1] == 'w')
			s->whole = true;
		else
			return line;
		line += 2;
	}
}

enum status run_line(struct shell *s, const char *line, const char *where)
{
	bool json = s->json, whole = s->whole;
	enum status status = run_plain(s, take_options(s, line), where);

	s->json = json;
	s->whole = whole;
	return status;
}

enum status run_words(struct shell *s, char *const *words, size_t n)
{
	struct arena *arena = arena_new();
	enum status status = run_line(s, words_join(arena, words, n), s->name);

	arena_free(arena);
	return status;
}

bool run_forgets(struct shell *s, const char *where)
{
	if (!s->staged)
		return false;
	run_complain(where, "the transaction was not committed: nothing of it was done");
	s->staged = false;
	return true;
}

FILE *run_open(const char *where, const char *line, const char *name, enum status *status)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	int failed = errno;
	struct err err;

	if (in != NULL)
		return in;
	/* a named pipe is there when somebody writes to it */
	if (failed == EINTR && interrupt_take()) {
		tell_interrupted(where, "");
		*status = STATUS_INTERRUPTED;
		return NULL;
	}
	err_set(&err, "cannot read \"%.200s\": %s", name, strerror(failed));
	run_refuse(where, line, err.text);
	*status = STATUS_USAGE;
	return NULL;
}

void run_close(FILE *in)
{
	if (in != stdin)
		fclose(in);
}

static enum status run_next(struct shell *s, struct reader *r, bool *more)
{
	struct err err;

	switch (reader_next(r, &err)) {
	case READER_LINE:
		return run_line(s, r->line, r->where);
	case READER_BAD:
	case READER_FAILED:
		run_complain(r->where, err.text);
		return STATUS_REFUSED;
	case READER_INTERRUPTED:
		tell_interrupted(s->name, "");
		return STATUS_INTERRUPTED;
	case READER_END:
		break;
	}
	*more = false;
	return STATUS_DONE;
}

enum status run_stream(struct shell *s, FILE *in, const char *name)
{
	enum status status = STATUS_DONE;
	struct reader r;
	bool more = true;

	s->script = true;
	reader_begin(&r, in, name);
	while (more && status == STATUS_DONE && !s->quit)
		status = run_next(s, &r, &more);
	if (run_forgets(s, name) && status == STATUS_DONE)
		status = STATUS_REFUSED;
	return status == STATUS_USAGE ? STATUS_REFUSED : status;
}

enum status run_file(struct shell *s, const char *name)
{
	enum status status;
	FILE *in = run_open(s->name, "", name, &status);

	if (in == NULL)
		return status;
	status = run_stream(s, in, in == stdin ? "standard input" : name);
	run_close(in);
	return status;
}
