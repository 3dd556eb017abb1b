/*
 * Clients of the control server, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/client.h"

#include "admin/stage.h"
#include "base/clock.h"
#include "ctl/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDLE_SECONDS 3600 /* without a command */
#define READ_SECONDS 60	  /* with an answer that is not read */

void client_close(struct client *c)
{
	close(c->fd);
	net_lines_free(&c->lines);
	free(c->out.bytes);
	stage_free(c->stage);
	tail_free(c->tail);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

int client_send(struct client *c, int64_t now)
{
	ssize_t n;

	if (c->out.used == 0)
		return 0;
	n = send(c->fd, c->out.bytes + c->out.sent, c->out.used - c->out.sent,
		MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	c->active = now;
	c->out.sent += (size_t)n;
	if (c->out.sent < c->out.used)
		return 0;
	free(c->out.bytes);
	c->out = (struct outbox){ 0 };
	return c->closing ? -1 : 0;
}

void client_tell(struct client *c, int progress)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "%d {\"done\":%d,\"of\":%d}\n",
		WIRE_PROGRESS, progress - 1, REQUEST_PROGRESS);
	ssize_t n = send(c->fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);

	c->told = progress;
	/* a socket of this kind takes so little as a whole; half of it would be no line
	 */
	if (n > 0 && n < len)
		shutdown(c->fd, SHUT_RDWR);
}

short client_events(const struct client *c)
{
	/* while its command runs, no more than that it hangs up */
	if (c->running != NULL)
		return 0;
	if (c->out.used == 0)
		return POLLIN;
	/* it may end its tail, whatever it has not read yet */
	return c->tail != NULL ? POLLIN | POLLOUT : POLLOUT;
}

bool client_is_overdue(const struct client *c, int64_t now)
{
	/* while its command runs, its outbox is another thread's */
	if (c->running != NULL || (c->tail != NULL && c->out.used == 0))
		return false;
	return now - c->active >
	       (c->out.used > 0 ? READ_SECONDS : IDLE_SECONDS) * CLOCK_SECOND;
}
