/*
 * The control server: one thread that serves the control socket with poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_SERVER_H
#define THEMIS_ADMIN_SERVER_H

#include "admin/role.h"

#define SERVER_CLIENTS_MAX 64 /* at a time, if there are descriptors for them */

struct server;

/* Serves the listening descriptor, which it takes over.  Starts the thread.
 * admin and roles must outlive it. */
struct server *server_new(int listener, struct admin *admin, const struct roles *roles);

/* Ends the thread after the command in hand, closes all clients. */
void server_stop(struct server *server);

#endif
