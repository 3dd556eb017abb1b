/*
 * watch: a command that looks, again and again: on a terminal in place, else one answer
 * below the other.  Called by shell/local.c.
 *
 * It has a connection of its own, so that a daemon which goes away and comes back is
 * nothing to the shell's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"
#include "ctl/words.h"
#include "local.h"
#include "screen.h"
#include "terminal.h"
#include "text.h"
#include "watch.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct watching {
	struct shell shell; /* with that connection */
	struct watch asked;
	const struct command *command;
	const char *line; /* of that command */
};

static enum outcome look_once(
	struct watching *w, FILE *to, const struct view *view, struct err *err)
{
	struct client *client = &w->shell.client;
	enum outcome outcome = OUTCOME_DONE;

	if (!client_is_alive(client)) {
		client_close(client);
		outcome = client_connect(client, w->shell.socket, CLIENT_WAITS, err);
		if (outcome == OUTCOME_GONE)
			err_prefix(err, "no themisd answers (is it running?)");
	}
	if (outcome == OUTCOME_DONE)
		outcome = run_show(&w->shell, w->command, w->line, to, view, err);
	/* what is owed on it is nobody's any more */
	if (outcome != OUTCOME_DONE && outcome != OUTCOME_REFUSED)
		client_close(client);
	return outcome;
}

/* What one look shows, of the terminal's size; from open_memstream(). */
struct look {
	enum outcome outcome;
	struct err err;
	struct view view;
	char *text;
	size_t size;
};

static void look(struct watching *w, struct look *l)
{
	FILE *to;

	/* what is wider than the screen would not be seen in any case */
	l->view = terminal_view(w->shell.whole && !isatty(STDOUT_FILENO));
	to = open_memstream(&l->text, &l->size);
	if (to == NULL)
		mem_exhausted();
	l->outcome = look_once(w, to, &l->view, &l->err);
	if (l->view.terminal && l->outcome != OUTCOME_DONE)
		text_wrap(to, &l->view, PAINT_BAD, l->err.text, 0);
	fclose(to);
}

/* The command and how often on the left, the time on the right. */
static const char *head_of(
	struct arena *arena, const struct watching *w, const struct view *view)
{
	time_t now = time(NULL);
	struct tm tm;
	char clock[16];
	const char *left;
	int room;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	room = view->columns - text_width(clock) - 1;
	left = arena_printf(
		arena, "every %g s: %s", (double)w->asked.period / CLOCK_SECOND, w->line);
	if (room < 1)
		return text_cut(arena, left, view->columns, view);
	left = text_cut(arena, left, room, view);
	return arena_printf(arena, "%s%*s %s", left, room - text_width(left), "", clock);
}

/* Prints what a look has shown. */
static void show(const struct watching *w, const struct look *l)
{
	struct arena *arena = arena_new();

	if (l->view.terminal) {
		screen_draw(&l->view, head_of(arena, w, &l->view), l->text);
	} else {
		fwrite(l->text, 1, l->size, stdout);
		fflush(stdout);
		if (l->outcome != OUTCOME_DONE)
			run_complain(w->shell.name, l->err.text);
	}
	arena_free(arena);
}

static struct timespec after(struct timespec t, int64_t period)
{
	int64_t us = t.tv_nsec / 1000 + period % CLOCK_SECOND;

	t.tv_sec += period / CLOCK_SECOND + us / CLOCK_SECOND;
	t.tv_nsec = us % CLOCK_SECOND * 1000;
	return t;
}

/* The first look has been. */
static void go_on(struct watching *w, struct look *l)
{
	enum screen_event event;
	struct timespec next;
	struct screen screen;

	screen_begin(&screen, w->shell.client.stop);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &next);
		next = after(next, w->asked.period);
		show(w, l);
		event = screen_wait(&screen, &next);
		free(l->text);
		l->text = NULL;
		if (event == SCREEN_END)
			break;
		if (!l->view.terminal && !w->shell.json)
			putchar('\n');
		look(w, l);
		if (l->outcome == OUTCOME_STOPPED)
			break;
	}
	screen_end(&screen);
}

/* What cannot be done even once is refused like any command; to be ended by Ctrl-C is
 * what it is for. */
static enum status watch(struct watching *w, const char *where)
{
	enum status status = STATUS_DONE;
	struct look l;

	look(w, &l);
	if (l.outcome == OUTCOME_DONE) {
		go_on(w, &l);
	} else if (l.outcome != OUTCOME_STOPPED) {
		run_refuse(where, w->line, l.err.text);
		status = run_status(l.outcome);
	}
	free(l.text);
	client_close(&w->shell.client);
	return status;
}

enum status do_watch(
	struct shell *s, char *const *args, size_t n, const char *line, const char *where)
{
	struct watching w = { .shell = *s };
	struct arena *arena = arena_new();
	enum status status = STATUS_USAGE;
	struct err err;
	size_t used;

	w.shell.client = (struct client){ .fd = -1, .stop = s->client.stop };
	if (watch_read(&w.asked, args, n, &err) < 0) {
		run_refuse(where, line, err.text);
	} else {
		w.command = command_find(w.asked.words, w.asked.n, &used, &err);
		w.line = words_join(arena, w.asked.words, w.asked.n);
		status = watch(&w, where);
	}
	arena_free(arena);
	return status;
}
