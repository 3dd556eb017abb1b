/*
 * Which results of SPF a policy acts on, as its attribute spf spells them
 * (behaviour.md, "SPF").  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_RESULTS_H
#define THEMIS_POLICY_RESULTS_H

#include "base/arena.h"
#include "base/err.h"

/* Reads "off" (none of them), "check" (fail), "strict" (fail and softfail) or a list with
 * commas of those that can be acted on, into bits 1 << enum spf_result.  0, or -1 and
 * err. */
int results_parse(const char *text, unsigned *results, struct err *err);

/* The spelling that results_parse() reads back: a word where there is one for them, else
 * the list in the order of RFC 7208; in the arena. */
const char *results_format(unsigned results, struct arena *arena);

#endif
