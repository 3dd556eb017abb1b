/*
 * The shell's side of the control protocol.  Blocking; one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_CLIENT_H
#define THEMIS_SHELL_CLIENT_H

#include "base/err.h"
#include "base/net.h"

#include <stdbool.h>

struct client {
	int fd; /* -1: not connected */
	struct net_lines lines;
};

/* What came of a command. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_REFUSED,
	OUTCOME_GONE, /* no daemon there, or it went away */
};

/* Connects and reads the greeting. REFUSED: the daemon does not let us in. */
enum outcome client_connect(struct client *c, const char *path, struct err *err);
void client_close(struct client *c);

/* Sends a line and reads the answer: row() for each row's JSON text; then done
 * (at most size octets) holds the daemon's closing words, or err those of its
 * refusal. */
enum outcome client_command(struct client *c, const char *line,
	void (*row)(void *arg, const char *json), void *arg, char *done, size_t size,
	struct err *err);

#endif
