/*
 * Running commands for whoever typed or wrote them: connects when there is
 * something to ask, prints answers to standard output and what is wrong to standard
 * error.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_RUN_H
#define THEMIS_SHELL_RUN_H

#include "client.h"
#include "ctl/spec.h"
#include "view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SOCKET_DEFAULT "/run/themis/control"

/* What the program exits with. */
enum status {
	STATUS_DONE,
	STATUS_REFUSED,
	STATUS_USAGE,
	STATUS_NO_DAEMON,
	STATUS_INTERRUPTED = 130, /* by Ctrl-C: as a shell says of who died of it */
};

struct shell {
	const char *name; /* of the program, before what is wrong */
	const char *socket;
	bool json, whole; /* options -j and -w */
	bool script;	  /* commands come from a file: no pager between them */
	struct client client;
	bool lost;    /* the connection has ended, and not by us */
	pid_t daemon; /* that a command was last sent to; 0: none yet */
	bool staged;  /* a transaction is open, and goes with the connection */
	bool quit;
};

/* The socket is that of THEMIS_CONTROL, else the default; nothing is opened yet. */
void run_begin(struct shell *s, const char *name);
void run_end(struct shell *s);

/* "tmsh: " or "FILE:LINE: " before a remark; on a terminal its words stay whole. */
void run_remark(const char *where, const char *text);

/* The same before what is wrong. */
void run_complain(const char *where, const char *text);

/* The same about a command, for who sits at a terminal with the line and a caret under
 * what is meant (shell/fault.h). */
void run_refuse(const char *where, const char *line, const char *text);

/* What the program would exit with. */
enum status run_status(enum outcome outcome);

/* Sees to a connection that the daemon has not closed: a restart, or an idle hour, is
 * noticed here and told, before anything is sent on it.  Not DONE, and told, if there
 * cannot be one, and if a transaction has gone with the last one. */
enum status run_connect(struct shell *s, const char *where);

/* Sends a line, which is that command, over the connection that there is, and prints its
 * rows.  err: words of refusal. */
enum outcome run_show(struct shell *s, const struct command *c, const char *line,
	FILE *to, const struct view *view, struct err *err);

/* A line as it was typed or read, perhaps with -j or -w before the command, which then
 * hold for it alone; where: what run_complain() puts before what is wrong with it. */
enum status run_line(struct shell *s, const char *line, const char *where);

/* One command, each word being one of it. */
enum status run_words(struct shell *s, char *const *words, size_t n);

/* Is a transaction open where everything ends?  Then it is told that nothing of it was
 * done. */
bool run_forgets(struct shell *s, const char *where);

/* Opens a file of commands that the line names; "-" is standard input.  NULL, and told,
 * if that cannot be done or was interrupted: *status is what came of it. */
FILE *run_open(
	const char *where, const char *line, const char *name, enum status *status);
void run_close(FILE *in);

/* Up to the first refusal; a wrong line of a file is a refusal, too, and
 * so is a transaction that is open at its end. */
enum status run_stream(struct shell *s, FILE *in, const char *name);

/* The same for a file by name; "-" is standard input. */
enum status run_file(struct shell *s, const char *name);

#endif
