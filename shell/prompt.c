/*
 * The prompt, on readline: lines typed on a terminal, and those typed before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "prompt.h"

#include "base/arena.h"
#include "interrupt.h"
#include "tab.h"

#include <fcntl.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_LINES 1000

/* Makes every directory of a path but its last part, for this user alone. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* Where typed lines are kept (XDG base directories); NULL: nowhere. */
static char *history_file(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;
	int fd;

	if (state != NULL && state[0] == '/')
		path = arena_printf(arena, "%s/themis/history", state);
	else if (home != NULL && home[0] == '/')
		path = arena_printf(arena, "%s/.local/state/themis/history", home);
	else
		return NULL;
	make_parents(path);
	/* made here, so that it is never readable by others */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return NULL;
	fchmod(fd, 0600);
	close(fd);
	return path;
}

/* Within readline(): Ctrl-C drops the line and begins another one. */
static int drop_line(void)
{
	if (!interrupt_take())
		return 0;
	fputc('\n', rl_outstream);
	rl_replace_line("", 1);
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

/* The star says that a transaction is open. */
static char *ask(const struct shell *s)
{
	interrupt_take(); /* one that came too late for the last command */
	return readline(s->staged ? "themis*> " : "themis> ");
}

enum status prompt_run(struct shell *s)
{
	struct arena *arena = arena_new();
	enum status status = run_connect(s, s->name);
	char *history, *line;

	if (status != STATUS_DONE) {
		arena_free(arena);
		return status;
	}
	history = history_file(arena);
	using_history();
	stifle_history(HISTORY_LINES);
	if (history != NULL)
		read_history(history);
	rl_readline_name = s->name; /* for conditions in the user's inputrc */
	rl_signal_event_hook = drop_line;
	tab_begin(s);
	while (!s->quit && (line = ask(s)) != NULL) {
		if (*line != '\0')
			add_history(line);
		run_line(s, line, s->name);
		free(line);
	}
	if (!s->quit)
		putchar('\n');
	run_forgets(s, s->name);
	if (history != NULL)
		write_history(history);
	clear_history();
	arena_free(arena);
	return STATUS_DONE;
}
