/*
 * For the tests of importers: what one makes of a text, as if that were a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_IMPORTED_H
#define THEMIS_TESTS_IMPORTED_H

#include "import.h"

#include <stdio.h>
#include <stdlib.h>

struct imported {
	struct import im;
	struct reader r;
	struct err err;
	enum reader_result result;
};

static inline FILE *text_open(const void *text, size_t size)
{
	FILE *in = size > 0 ? fmemopen((void *)(size_t)text, size, "r")
			    : fopen("/dev/null", "re");

	if (in == NULL)
		abort();
	return in;
}

/* The arena is the caller's. */
static inline void import_octets(struct imported *out, struct arena *arena,
	import_fn *make, const void *text, size_t size)
{
	FILE *in = text_open(text, size);

	*out = (struct imported){ .im = { .arena = arena } };
	reader_begin(&out->r, in, "x.conf");
	out->result = make(&out->im, &out->r, &out->err);
	fclose(in);
}

#endif
