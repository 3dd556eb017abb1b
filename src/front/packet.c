/*
 * How libmilter reads packets.  The library's own mi_rd_cmd() waits up to two hours
 * for the rest of one, with a thread of its small pool, and hands on lists of macros
 * whose last name has no value; smfi_getsymval() then reads behind their end.  It
 * calls the function by name, so the linker gives it this one.  Where the library
 * was built so that it does not, nothing is lost but what is mended here.
 * Called on libmilter's threads, for one session by one thread at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/packet.h"

#include "base/clock.h"
#include "front/accept.h"
#include "front/inflight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* An MTA writes a packet at once, and Postfix waits as long for an answer. */
#define PACKET_SECONDS 30
#define STALLED_AFTER  50 /* milliseconds */
/* libmilter's own 64 KiB are less than Postfix puts into one packet: a header of up to
 * header_size_limit, whose default is 100 KiB. */
#define PAYLOAD_MAX (1024 * 1024)
#define IDLE_MAX    (24 * 3600) /* seconds, whatever libmilter says */
#define MACROS	    'D'
#define MILLISECOND (CLOCK_SECOND / 1000)
#define FAILED	    4 /* any "command" below ' ' ends the session */

struct reader {
	int fd;
	int64_t stalled,
		deadline; /* moments of clock_now(); 0: nothing was waited for yet */
	bool stirred;
};

static bool pooled; /* set once, by packet_begin() */

void packet_begin(bool is_pooled)
{
	pooled = is_pooled;
}

/* Waits until there is something to read; false: not within the time. */
static bool wait_for_more(struct reader *r)
{
	struct pollfd ready = { r->fd, POLLIN, 0 };

	if (r->deadline == 0) {
		r->stalled = clock_now() + STALLED_AFTER * MILLISECOND;
		r->deadline = r->stalled + PACKET_SECONDS * CLOCK_SECOND;
	}
	for (;;) {
		int64_t now = clock_now(),
			left = (r->stirred ? r->deadline : r->stalled) - now;
		int n;

		if (now >= r->deadline)
			return false;
		n = left > 0 ? poll(&ready, 1, (int)(left / MILLISECOND) + 1) : 0;
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0 && !r->stirred) {
			r->stirred = true;
			accept_stir();
		}
	}
}

/* Without a pool each session has a thread, which waits here for the next command. */
static bool wait_for_first(int fd, const struct timeval *timeout)
{
	struct pollfd ready = { fd, POLLIN, 0 };
	time_t seconds = timeout->tv_sec < IDLE_MAX ? timeout->tv_sec : IDLE_MAX;
	int n;

	do
		n = poll(&ready, 1, (int)seconds * 1000);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static bool read_all(struct reader *r, void *to, size_t size)
{
	char *p = to;

	while (size > 0) {
		/* as a rule all of it is there: to ask first would cost as much again */
		ssize_t n = recv(r->fd, p, size, MSG_DONTWAIT);

		if (n > 0) {
			p += n;
			size -= (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN) ||
			   !wait_for_more(r)) {
			return false;
		}
	}
	return true;
}

/* Name, value, name, value: each ends in a NUL, behind the command they are for. */
static bool are_macros(const char *payload, size_t length)
{
	size_t ends = 0;

	for (size_t i = 1; i < length; i++)
		ends += payload[i] == '\0';
	return length > 0 && ends % 2 == 0 &&
	       (length == 1 || payload[length - 1] == '\0');
}

char *mi_rd_cmd(
	int fd, struct timeval *timeout, char *command, size_t *length, char *name)
{
	struct reader r = { .fd = fd };
	char head[sizeof(uint32_t) + 1], *payload;
	uint32_t size;

	(void)name;
	/* an answer that the thread could not write is owed to nobody any more */
	inflight_written();
	*command = FAILED;
	*length = 0;
	if (!pooled && !wait_for_first(fd, timeout))
		return NULL;
	if (!read_all(&r, head, sizeof(head)))
		return NULL;
	memcpy(&size, head, sizeof(size));
	size = ntohl(size);
	if (size < 1 || size > 1 + PAYLOAD_MAX)
		return NULL;
	if (size == 1) {
		*command = head[sizeof(uint32_t)];
		return NULL;
	}
	/* one more: libmilter looks for a NUL at [length] */
	payload = calloc(1, size);
	if (payload == NULL || !read_all(&r, payload, size - 1) ||
		(head[sizeof(uint32_t)] == MACROS && !are_macros(payload, size - 1))) {
		free(payload);
		return NULL;
	}
	*command = head[sizeof(uint32_t)];
	*length = size - 1;
	return payload;
}
