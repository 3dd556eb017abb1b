/*
 * One client of the control server: its socket, what it has sent and what it is to read.
 * The server's thread alone, but for the outbox and the user's name while a command of
 * the client's is with another thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_CLIENT_H
#define THEMIS_ADMIN_CLIENT_H

#include "admin/role.h"
#include "admin/tail.h"

struct client {
	int fd; /* -1: a free place */
	enum role role;
	uid_t uid;
	char user[USER_MAX]; /* "" until the changer has looked it up */
	struct net_lines lines;
	struct outbox out;
	struct stage *stage;  /* his transaction, NULL: none is open */
	struct tail *tail;    /* decisions go to him; NULL: none */
	struct task *running; /* its command is with another thread */
	int told;	/* how far it is: what he was told last (request.progress) */
	int64_t active; /* when it last sent or took something */
	bool closing;	/* once the outbox is empty */
	bool gone;	/* while its command ran */
};

/* The place is free then. */
void client_close(struct client *client);

/* Sends what the socket takes: 0, or -1 when the client is gone or has been told
 * good-bye. */
int client_send(struct client *client, int64_t now);

/* Sends how far its command is (request.progress), while another thread has that. */
void client_tell(struct client *client, int progress);

/* What to wait for at its socket, for poll(). */
short client_events(const struct client *client);

/* Has it been silent, or not read its answer, for too long? */
bool client_is_overdue(const struct client *client, int64_t now);

#endif
