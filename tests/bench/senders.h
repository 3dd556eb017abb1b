/*
 * Who sends the messages of a load: the same senders in the same order in each run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_SENDERS_H
#define THEMIS_BENCH_SENDERS_H

#include <stdbool.h>
#include <stdint.h>

#define SENDERS_OPTIONS	 "u:cb:d:" /* for getopt() */
#define SENDERS_TEXT_MAX 96

/* What the options say; SENDERS_DEFAULTS to begin. */
struct senders {
	uint64_t users, busy;
	const char *domain;
	bool cycle;
	uint64_t seed, number; /* of the next message, from the first one of all */
};

#define SENDERS_DEFAULTS                                                                 \
	{                                                                                \
		.users = 1, .domain = "example.org"                                      \
	}

/* As tool_take_number(). */
int senders_take_option(struct senders *s, int letter, char *text);

/* The next message's sender; returns the message's number. */
uint64_t senders_next(struct senders *s, char sender[SENDERS_TEXT_MAX]);

#endif
