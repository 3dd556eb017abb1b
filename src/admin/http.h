/*
 * Metrics and health over HTTP, for those who come to fetch them: GET and HEAD of
 * /metrics and /healthz, nothing else.  Without a password and without TLS: what is told
 * there is meant for this host, or for a proxy before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_HTTP_H
#define THEMIS_ADMIN_HTTP_H

#include "admin/request.h"
#include "base/net.h"

/* At a time.  Others wait to be accepted, until one has had a second, or a tenth of one
 * in which he has not asked. */
#define HTTP_CONNECTIONS_MAX 16
#define HTTP_SECONDS	     10 /* for a connection, from its beginning to its end */
#define HTTP_MEMORY_MAX	     (16 * 1024) /* of a connection: request line and headers */

struct http_socket {
	const char *spelling;		   /* as in themisd.conf */
	const struct net_address *address; /* stays */
	struct net_owner owner;		   /* of a UNIX socket */
};

/* Opens the socket; before the process gives up its rights.  Nobody is answered before
 * http_start() was called.  0, or -1 and err. */
int http_open(const struct http_socket *where, struct err *err);

/* Begins to answer, on a thread and with a connection to the database of its own.  admin
 * must outlive it.  Does nothing if no socket was opened.  0, or -1 and err. */
int http_start(const struct admin *admin, struct err *err);

/* Ends all of it, and removes a UNIX socket; does nothing where there is nothing. */
void http_stop(void);

#endif
