/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/trace.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define INDENT 2 /* blanks a level */

static char *make_line(const struct trace *t, const char *fmt, va_list ap)
{
	char text[2 * SPF_TRACE_LINE_MAX], line[SPF_TRACE_LINE_MAX];
	int n = snprintf(text, sizeof(text), "%*s", (int)t->depth * INDENT, "");

	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	return mem_strdup(spf_ascii(line, sizeof(line), text, strlen(text)));
}

static void keep(struct spf_answer *a, char *line)
{
	a->trace = mem_realloc(a->trace, a->ntrace + 1, sizeof(*a->trace));
	a->trace[a->ntrace++] = line;
}

void trace_say(struct trace *t, const char *fmt, ...)
{
	va_list ap;

	if (!t->on)
		return;
	/* the last two are trace_end()'s */
	if (t->answer->ntrace + 2 >= SPF_TRACE_MAX) {
		t->left_out++;
		return;
	}
	va_start(ap, fmt);
	keep(t->answer, make_line(t, fmt, ap));
	va_end(ap);
}

void trace_end(struct trace *t, const char *fmt, ...)
{
	char text[80];
	va_list ap;

	if (!t->on)
		return;
	t->depth = 0;
	snprintf(text, sizeof(text), "(%zu more lines are left out)", t->left_out);
	if (t->left_out > 0)
		keep(t->answer, mem_strdup(text));
	va_start(ap, fmt);
	keep(t->answer, make_line(t, fmt, ap));
	va_end(ap);
}
