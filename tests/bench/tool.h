/*
 * What the programs of the benchmark have in common: how they end when something is
 * wrong, options that are numbers, and connections to what they measure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_TOOL_H
#define THEMIS_BENCH_TOOL_H

#include "base/net.h"

#include <stddef.h>
#include <stdint.h>

#define TOOL_PATIENCE 30 /* seconds without an answer, after which a tool gives up */

/* "PROGRAM: WHAT: WHY" to standard error; status 1. */
_Noreturn void tool_die(const char *what, const char *why);

struct tool_number {
	int letter;
	uint64_t *to, least, most;
};

/* Takes the option, if it is one of these.  1: taken; 0: it is none of them; -1: its
 * value is no number, or out of bounds. */
int tool_take_number(
	const struct tool_number *numbers, size_t n, int letter, const char *text);

/* An address from the command line, or the end. */
void tool_take_address(const char *text, struct net_address *to);

/* A connection, or the end.  It blocks, so that a server whose queue is full is waited
 * for; a write on it gives up after TOOL_PATIENCE.  `whom` is for the words. */
int tool_connect(const struct net_address *to, const char *whom);

#endif
