/*
 * For the tests of what is shown of rows: the view, and what stands in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_SHOWN_H
#define THEMIS_TESTS_SHOWN_H

#include "output.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(...)                                                                        \
	(const char *const[])                                                            \
	{                                                                                \
		__VA_ARGS__, NULL                                                        \
	}

/* 2026-11-21T22:35:54.123Z */
#define NOW 1795300554123000

static struct view view = { .now = NOW };

/* What is shown of these rows in that view; from malloc().  Not inlined: there some
 * compilers warn of a pointer to `text` itself. */
static __attribute__((noinline, unused)) char *show(
	enum command_layout layout, bool json, const char *const *rows, const char *done)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	struct output *o = output_new(to, layout, json, &view);

	for (; rows != NULL && *rows != NULL; rows++)
		output_row(o, *rows);
	output_end(o, done);
	fclose(to);
	return text;
}

static inline void expect(enum command_layout layout, const char *const *rows,
	const char *done, const char *expected)
{
	char *text = show(layout, false, rows, done);
	int differs = strcmp(text, expected);

	if (differs != 0)
		print_error("%s", text);
	free(text);
	assert_int_equal(differs, 0);
}

#endif
