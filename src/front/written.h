/*
 * When an answer of the milter protocol is written: libmilter does that behind the back
 * of its callbacks, and a process that ends between the two has answered nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_WRITTEN_H
#define THEMIS_FRONT_WRITTEN_H

#include <stddef.h>
#include <sys/time.h>

/* Looks for libmilter's own.  Before libmilter starts. */
void written_begin(void);

/* What libmilter calls to write a packet; its header for it is not a public one. */
int mi_wr_cmd(int fd, struct timeval *timeout, int command, char *payload, size_t length)
	__attribute__((visibility("default"), used));

#endif
