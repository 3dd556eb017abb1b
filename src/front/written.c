/*
 * How libmilter writes packets: by its own mi_wr_cmd(), which it calls by name, so that
 * the linker gives it this one.  Where the library was built so that it does not, the
 * main thread gives the answers some time instead.  Called on libmilter's threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/written.h"

#include "front/inflight.h"

#include <dlfcn.h>

typedef int write_packet(int, struct timeval *, int, char *, size_t);

static write_packet *theirs; /* set once, by written_begin() */

void written_begin(void)
{
	/* ISO C has no conversion from one to the other, POSIX has */
	*(void **)&theirs = dlsym(RTLD_NEXT, "mi_wr_cmd");
}

int mi_wr_cmd(int fd, struct timeval *timeout, int command, char *payload, size_t length)
{
	int rc = theirs(fd, timeout, command, payload, length);

	inflight_tell();
	inflight_written();
	return rc;
}
