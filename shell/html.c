/*
 * Markup.  Called by whoever writes a part of the page of `report html`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void put_escaped(FILE *to, const char *text)
{
	size_t size = 4 * strlen(text) + 1;
	char *line = mem_calloc(size, 1);

	str_printable(line, size, text);
	for (const char *c = line; *c != '\0'; c++)
		switch (*c) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			putc(*c, to);
		}
	free(line);
}

/* What the conversion that fmt begins with says; behind it, where fmt goes on. */
static const char *put_one(FILE *to, const char *fmt, va_list *values)
{
	int digits = 0;

	if (strncmp(fmt, "%zu", 3) == 0) {
		fprintf(to, "%zu", va_arg(*values, size_t));
		return fmt + 3;
	}
	if (strncmp(fmt, "%lld", 4) == 0) {
		fprintf(to, "%lld", va_arg(*values, long long));
		return fmt + 4;
	}
	if (fmt[1] == '.' && fmt[2] >= '0' && fmt[2] <= '9' && fmt[3] == 'f') {
		digits = fmt[2] - '0';
		fprintf(to, "%.*f", digits, va_arg(*values, double));
		return fmt + 4;
	}
	switch (fmt[1]) {
	case 's':
		put_escaped(to, va_arg(*values, const char *));
		break;
	case 'd':
		fprintf(to, "%d", va_arg(*values, int));
		break;
	case '%':
		putc('%', to);
		break;
	default:
		abort(); /* fmt is ours, and wrong */
	}
	return fmt + 2;
}

void html_put(FILE *to, const char *fmt, ...)
{
	va_list values;

	va_start(values, fmt);
	while (*fmt != '\0') {
		size_t n = strcspn(fmt, "%");

		fwrite(fmt, 1, n, to);
		fmt += n;
		if (*fmt == '%')
			fmt = put_one(to, fmt, &values);
	}
	va_end(values);
}
