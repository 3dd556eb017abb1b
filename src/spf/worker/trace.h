/*
 * What a check has done, line by line, for who asks to see it (spf_question.trace): each
 * level of records is indented more than the one above.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_TRACE_H
#define THEMIS_SPF_WORKER_TRACE_H

#include "spf/spf.h"

struct trace {
	bool on;	/* else nothing is kept */
	unsigned depth; /* of what is said next */
	size_t left_out;
	struct spf_answer *answer; /* whose trace it is */
};

/* A line more, without what is not printable ASCII. */
void trace_say(struct trace *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The last line of all, also where there is no room for more; says how many were left
 * out, if any were. */
void trace_end(struct trace *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
