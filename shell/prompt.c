/*
 * The prompt, on readline: lines typed on a terminal, and those typed before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "prompt.h"

#include "interrupt.h"
#include "tab.h"
#include "typed.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* needs stdio.h before it */
#include <readline/readline.h>

#define ABORT ('G' & 0x1f) /* readline's: ends a search, a number, half a key */

#define IN_BETWEEN                                                                       \
	(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG | RL_STATE_METANEXT | \
		RL_STATE_MULTIKEY)

/* Readline was told to abort what it was in; then the line goes. */
static bool dropping;

/* Drops the line and begins another one. */
static void drop_line(void)
{
	dropping = false;
	rl_echo_signal_char(SIGINT);
	rl_free_line_state();
	fputc('\n', rl_outstream);
	rl_replace_line("", 1);
	rl_on_new_line();
	rl_redisplay();
}

/* The next octet from the keyboard.  Readline would see Ctrl-C, too, but not one that
 * comes just before it waits: that one dropped nothing, or what was typed next. */
static int get_key(FILE *in)
{
	struct pollfd fds[] = { { fileno(in), POLLIN, 0 }, { -1, POLLIN, 0 } };

	for (;;) {
		bool taken;
		int n;

		/* at each key, since readline lets go of it when the shell is stopped */
		fds[1].fd = interrupt_hold();
		taken = interrupt_take();
		if (taken && !dropping && RL_ISSTATE(IN_BETWEEN)) {
			dropping = true;
			return ABORT;
		}
		if (taken || dropping)
			drop_line();
		n = poll(fds, 2, -1);
		if (n < 0 && errno == EINTR)
			rl_check_signals();
		else if (n < 0 || fds[1].revents == 0)
			return rl_getc(in);
	}
}

/* The star says that a transaction is open. */
static char *ask(const struct shell *s)
{
	char *line;

	interrupt_take(); /* one that came too late for the last command */
	interrupt_hold();
	line = readline(s->staged ? "themis*> " : "themis> ");
	interrupt_release();
	return line;
}

/* What was typed: a line, or several that were pasted at once (readline then takes line
 * ends as they come, up to Enter).  Like those of a file, they are run up to the first
 * that is refused. */
static void run_typed(struct shell *s, char *text)
{
	enum status status = STATUS_DONE;
	char *line, *rest = text;
	size_t left = 0;
	char remark[80];

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[strspn(line, " \t")] == '\0')
			continue;
		typed_add(line);
		if (status == STATUS_DONE && !s->quit)
			status = run_line(s, line, s->name);
		else
			left++;
	}
	if (left == 0 || s->quit)
		return;
	snprintf(remark, sizeof(remark), "%zu more line%s pasted, and not run", left,
		left == 1 ? " was" : "s were");
	run_remark(s->name, remark);
}

enum status prompt_run(struct shell *s)
{
	enum status status = run_connect(s, s->name);
	char *text;

	if (status != STATUS_DONE)
		return status;
	typed_begin();
	rl_readline_name = s->name; /* for conditions in the user's inputrc */
	rl_getc_function = get_key;
	tab_begin(s);
	while (!s->quit && (text = ask(s)) != NULL) {
		run_typed(s, text);
		free(text);
	}
	if (!s->quit)
		putchar('\n');
	run_forgets(s, s->name);
	typed_end();
	return STATUS_DONE;
}
