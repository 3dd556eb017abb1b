/*
 * The control server: one thread that serves the control socket with poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_SERVER_H
#define THEMIS_ADMIN_SERVER_H

#include "admin/request.h"

/* Who may do what: root and the daemon's user write always. */
struct roles {
	uid_t daemon;
	gid_t write_group, read_group; /* (gid_t)-1: none */
	const char *write_group_name;  /* for the words of a refusal */
};

struct server;

/* Serves the listening descriptor, which it takes over.  Starts the thread.
 * admin and roles must outlive it. */
struct server *server_new(int listener, struct admin *admin, const struct roles *roles);

/* Ends the thread after the command in hand, closes all clients. */
void server_stop(struct server *server);

#endif
