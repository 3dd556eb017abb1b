/*
 * The shell's side of the control protocol.  One thread.
 *
 * A command has one answer, and the answers come in the order of the commands.  So one
 * that nobody waits for any more is not lost: it is owed, and passed over when it comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_CLIENT_H
#define THEMIS_SHELL_CLIENT_H

#include "base/err.h"
#include "base/net.h"

#include <jansson.h>
#include <stdbool.h>

struct client {
	int fd;	      /* -1: not connected */
	int stop;     /* readable when the user will not wait any longer; -1: never */
	pid_t daemon; /* who has answered there last; 0: nobody yet */
	unsigned owed;
	/* called with the words of each line that says how far a command is, and with
	 * NULL for any other line; NULL: nobody wants to know */
	void (*progress)(void *arg, const char *json);
	void *progress_arg;
	struct net_lines lines;
};

/* What came of a command. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_REFUSED,
	OUTCOME_GONE,	 /* no daemon there, or it went away: nothing was sent */
	OUTCOME_BROKEN,	 /* the same after the command was sent, or the answer is none */
	OUTCOME_STOPPED, /* by the user, while it was waited for; it is owed */
	OUTCOME_LATE,	 /* no answer in time; it is owed */
};

#define CLIENT_WAITS (-1) /* as milliseconds: without end, but for the user */

/* Connects and reads the greeting: DONE, REFUSED (the daemon does not let us in), GONE
 * or STOPPED. */
enum outcome client_connect(
	struct client *c, const char *path, int milliseconds, struct err *err);
void client_close(struct client *c);

/* Has the daemon left the connection as it was since the last answer?  Else what is
 * asked on it would not be heard. */
bool client_is_alive(struct client *c);

/* Sends a line and reads the answer: row() for each row's JSON text, -1 from it if that
 * is none; then done (at most size octets) holds the daemon's closing words, or err those
 * of its refusal, without control characters.  It is not sent before all that is owed has
 * come: if that is too late, or the user stops it, nothing was asked. */
enum outcome client_command(struct client *c, const char *line, int milliseconds,
	int (*row)(void *arg, const char *json), void *arg, char *done, size_t size,
	struct err *err);

/* Likewise, for as long as it takes: each row is put into the array rows. */
enum outcome client_rows(
	struct client *c, const char *line, json_t *rows, struct err *err);

/* After STOPPED: ends a command whose answer has no end of its own (`tail`), and waits
 * for its last line: as client_settle(). */
enum outcome client_end(struct client *c, struct err *err);

/* Waits for what is owed, and passes over its rows: what came of it (DONE if nothing
 * was), or STOPPED, or BROKEN. */
enum outcome client_settle(struct client *c, struct err *err);

#endif
