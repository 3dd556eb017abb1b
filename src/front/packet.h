/*
 * How packets of the milter protocol are read, in place of libmilter's own way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_PACKET_H
#define THEMIS_FRONT_PACKET_H

#include <stddef.h>
#include <sys/time.h>

/* What libmilter calls for each packet; its header for it is not a public one.  Returns
 * the payload, which the caller frees, its length and the command; NULL without a
 * payload, or when the session is to end (a command that is none).  The timeout and the
 * name are libmilter's and not used. */
char *mi_rd_cmd(int fd, struct timeval *timeout, char *command, size_t *length,
	char *name) __attribute__((visibility("default"), used));

#endif
