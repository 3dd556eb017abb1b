/*
 * The prompt, on readline: lines typed on a terminal, and those typed before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "prompt.h"

#include "interrupt.h"
#include "tab.h"
#include "typed.h"

#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	rl_signal_event_hook = drop_line;
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
