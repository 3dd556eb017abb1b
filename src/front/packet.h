/*
 * How packets of the milter protocol are read, in place of libmilter's own way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_PACKET_H
#define THEMIS_FRONT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>

/* Whether libmilter calls for a packet when one has begun, as it does where it was built
 * with a pool of workers, or waits for it.  Before libmilter starts. */
void packet_begin(bool pooled);

/* What libmilter calls for each packet; its header for it is not a public one.  Returns
 * the payload, which the caller frees, its length and the command; NULL without a
 * payload, or when the session is to end (a command that is none).  The timeout is for
 * the next command, not for a packet; the name is not used. */
char *mi_rd_cmd(int fd, struct timeval *timeout, char *command, size_t *length,
	char *name) __attribute__((visibility("default"), used));

#endif
