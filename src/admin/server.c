/*
 * The control server.  Everything here is on its own thread, which waits for nothing
 * but poll(): all clients' sockets are non-blocking, a client that does not read is
 * given no further command, and what waits for something is run by another thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/server.h"

#include "admin/client.h"
#include "admin/runners.h"
#include "admin/stage.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "base/pulse.h"
#include "base/str.h"
#include "config.h"
#include "ctl/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct server {
	pthread_t thread;
	int listener;
	int wake; /* an eventfd: something has finished, or we are to stop */
	atomic_bool stopping;
	struct runners runners;
	struct refusals refusals;
	struct tails tails;
	int64_t accept_after; /* out of descriptors: not before that moment */
	struct admin *admin;
	const struct roles *roles;
	struct client clients[SERVER_CLIENTS_MAX];
};

static bool may_write(const struct client *c)
{
	return c->role == ROLE_WRITE;
}

/* Says what came of a command, and forgets it. */
static void finish(struct client *c, struct task *task)
{
	c->closing |= task->rq.quit;
	c->stage = task->rq.stage;
	c->running = NULL;
	task_answer(task);
}

static void refuse(struct server *s, struct client *c, struct task *task, int64_t now)
{
	struct task *refusal = refusal_begin(&s->refusals, task, s->roles, now);

	if (refusal == NULL) {
		finish(c, task);
		return;
	}
	c->running = refusal;
	runners_refuse(&s->runners, refusal);
}

static void submit(struct server *s, struct client *c, struct task *task)
{
	struct err err;

	c->running = task;
	c->told = 0;
	if (runners_submit(&s->runners, task, may_write(c), &err) == 0)
		return; /* it is that thread's now */
	task->result = -1;
	task->err = err;
	finish(c, task);
}

static struct task *new_task(struct server *s, struct client *c, const char *line)
{
	struct task *task = task_new(s->admin, line, c->uid, c->user, &c->out);

	task->owner = c;
	task->rq.stage = c->stage;
	task->rq.written_before =
		c->stage != NULL && stage_kind(c->stage) != STAGE_CHANGES;
	return task;
}

/* Its answer ends when the client says so. */
static void begin_tail(struct server *s, struct client *c, struct task *task)
{
	c->tail = task->rq.tail;
	tail_begin(&s->tails, c->tail, &c->out);
	arena_free(task->rq.arena);
}

static void end_tail(struct client *c)
{
	uint64_t shown = tail_shown(c->tail);

	tail_free(c->tail);
	c->tail = NULL;
	task_say(&c->out, WIRE_DONE, "%llu decision%s", (unsigned long long)shown,
		shown == 1 ? "" : "s");
}

static void serve_line(struct server *s, struct client *c, const char *line, int64_t now)
{
	struct task *task = new_task(s, c, line);

	task->result = task_parse(task, may_write(c));
	if (task->result <= 0) {
		finish(c, task);
	} else if (command_writes(task->rq.command) && !may_write(c)) {
		refuse(s, c, task, now);
	} else if (c->stage != NULL &&
		   stage_takes(c->stage, task->rq.command, &task->err) < 0) {
		task->result = -1;
		finish(c, task);
	} else if (task_thread(task) != THREAD_SERVER) {
		submit(s, c, task);
	} else {
		runners_give_readers(&s->runners, task, THREAD_SERVER);
		task->result = task->handler(&task->rq, &task->err);
		if (task->rq.tail != NULL)
			begin_tail(s, c, task);
		else
			finish(c, task);
	}
}

/* A free place.  The last eighth of them is root's, who has to be able to look when
 * others have taken all; another is for those who may change something. */
static struct client *find_place(struct server *s, uid_t uid, enum role role)
{
	int places = (int)s->admin->max_clients, left = 0,
	    kept = uid == 0		? 0
		   : role == ROLE_WRITE ? places / 8
					: places / 4;
	struct client *place = NULL;

	for (int i = 0; i < places; i++)
		if (s->clients[i].fd < 0) {
			place = &s->clients[i];
			left++;
		}
	return left > kept ? place : NULL;
}

static void client_accept(struct server *s, int64_t now)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct task *task;
	struct client *c = NULL;
	struct net_peer peer;
	struct err err;
	enum role role;

	if (fd < 0) {
		if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
			return;
		/* out of descriptors: the client waits in the listener's queue */
		episode_begin(EPISODE_CONTROL, now, "accept: %s", strerror(errno));
		s->accept_after = now + CLOCK_SECOND;
		return;
	}
	episode_end(EPISODE_CONTROL, now);
	if (net_peer_read(fd, &peer, &err) < 0) {
		log_warning("control socket: %s", err.text);
		close(fd);
		return;
	}
	role = role_of(s->roles, &peer);
	c = find_place(s, peer.uid, role);
	if (c == NULL) {
		static const char full[] = "421 too many clients, try again later\n";

		/* a fresh socket's buffer takes this; if not, closing says it too */
		if (write(fd, full, sizeof(full) - 1) < 0)
			log_debug("control socket: %s", strerror(errno));
		net_peer_free(&peer);
		close(fd);
		return;
	}
	*c = (struct client){ .fd = fd,
		.uid = peer.uid,
		.role = role,
		.lines = { .max = WIRE_LINE_MAX },
		.active = now };
	net_peer_free(&peer);
	if (c->role != ROLE_NONE) {
		task_say(&c->out, WIRE_GREETING, "themisd %s proto %d", PACKAGE_VERSION,
			WIRE_PROTO);
		return;
	}
	task = new_task(s, c, "");
	task->rq.quit = true;
	refuse(s, c, task, now);
}

/* What a client has sent: a command, or what is none. */
static void serve_sent(struct server *s, struct client *c, enum net_line sent,
	const char *line, int64_t now)
{
	if (c->tail != NULL)
		end_tail(c);
	else if (sent == NET_LINE)
		serve_line(s, c, line, now);
	else if (sent == NET_LINE_NUL)
		task_say(&c->out, ERR_BAD, "a line with a NUL octet in it");
	else
		task_say(&c->out, ERR_BAD, "a line has at most %d octets", WIRE_LINE_MAX);
}

/* Takes lines as long as the answers are being read; a tail is ended in any case.
 * Likewise. */
static int serve_lines(struct server *s, struct client *c, int64_t now)
{
	enum net_line sent;
	char *line;

	while ((c->out.used == 0 || c->tail != NULL) && c->running == NULL) {
		sent = net_lines_next(&c->lines, &line);
		if (sent == NET_LINE_MORE)
			return 0;
		serve_sent(s, c, sent, line, now);
		if (c->running != NULL)
			return 0; /* its outbox is that thread's */
		if (client_send(c, now) < 0)
			return -1;
	}
	return 0;
}

/* Nothing more comes.  A line without its end may be half of one: it is no command. */
static int end_input(struct client *c, int64_t now)
{
	if (c->tail != NULL)
		end_tail(c);
	else if (net_lines_cut(&c->lines))
		task_say(&c->out, ERR_BAD,
			"a line cut off: it does not end with a line feed");
	else
		return -1;
	c->closing = true;
	return client_send(c, now);
}

static int client_serve(struct server *s, struct client *c, short events, int64_t now)
{
	int n;

	if (c->running != NULL) {
		c->gone = true;
		return 0;
	}
	if ((events & (POLLERR | POLLNVAL)) != 0 || client_send(c, now) < 0)
		return -1;
	if ((events & (POLLIN | POLLHUP)) != 0 && (c->out.used == 0 || c->tail != NULL)) {
		n = net_lines_fill(&c->lines, c->fd);
		if (n == 0)
			return end_input(c, now);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		c->active = now;
	}
	return serve_lines(s, c, now);
}

static void take_back(struct server *s, struct task *task, int64_t now)
{
	struct client *c = task->owner;

	if (c == NULL) {
		arena_free(task->rq.arena);
		return;
	}
	finish(c, task);
	c->active = now;
	if (client_send(c, now) < 0 || (!s->stopping && serve_lines(s, c, now) < 0))
		client_close(c);
}

static void collect(struct server *s, int64_t now)
{
	struct task *task;

	while ((task = runners_finished(&s->runners)) != NULL) {
		if (task->refusal)
			refusal_end(&s->refusals, task);
		take_back(s, task, now);
	}
}

static void wake(const struct server *s)
{
	uint64_t one = 1;

	if (write(s->wake, &one, sizeof(one)) < 0)
		log_error("cannot wake the control server: %s", strerror(errno));
}

/* New decisions, to those who asked for them. */
static void serve_tails(struct server *s, int64_t now)
{
	if (tails_serve(&s->tails))
		wake(s);
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->tail == NULL)
			continue;
		if (tail_is_behind(c->tail))
			log_warning(
				"control socket: a tail of uid %u is ended: its client "
				"does not read",
				(unsigned)c->uid);
		else if (client_send(c, now) == 0)
			continue;
		client_close(c);
	}
}

/* Fills in what to wait for; which[i] is whose it is.  Only what is in use: poll()
 * refuses more entries than there may be descriptors. */
static nfds_t watch(
	struct server *s, struct pollfd *fds, struct client **which, int64_t now)
{
	unsigned clients = 0;
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ s->wake, POLLIN, 0 };
	fds[n++] = (struct pollfd){ now < s->accept_after ? -1 : s->listener, POLLIN, 0 };
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		clients += c->fd >= 0;
		if (c->fd < 0 || c->gone)
			continue;
		which[n] = c;
		fds[n++] = (struct pollfd){ c->fd, client_events(c), 0 };
	}
	s->admin->clients = clients;
	return n;
}

/* Nobody waits for what these find, ask or copy.  A change that has begun is made. */
static void end_looks(struct server *s)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (s->clients[i].gone && s->clients[i].running != NULL)
			runners_abandon(&s->runners, s->clients[i].running);
}

/* How far commands are whose clients want to know; true: some do.  Nothing else is on its
 * way to them meanwhile, so a line goes whole or, where nobody reads, not at all. */
static bool tell_progress(struct server *s)
{
	bool some = false;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		int progress = c->fd >= 0 && c->running != NULL && !c->gone
				       ? atomic_load(&c->running->rq.progress)
				       : 0;

		some |= progress != 0;
		if (progress != 0 && progress != c->told)
			client_tell(c, progress);
	}
	return some;
}

static void poll_once(struct server *s)
{
	struct client *which[SERVER_CLIENTS_MAX + 2];
	struct pollfd fds[SERVER_CLIENTS_MAX + 2];
	int64_t now = clock_now();
	nfds_t n = watch(s, fds, which, now);
	struct task *task;
	uint64_t drained;

	pulse_set(PULSE_CONTROL, PULSE_IDLE);
	if (poll(fds, n, tell_progress(s) ? 200 : 1000) < 0) {
		if (errno == EINTR)
			return;
		log_error("control socket: poll: %s", strerror(errno));
		sleep(1);
		return;
	}
	pulse_set(PULSE_CONTROL, PULSE_BUSY);
	now = clock_now();
	for (nfds_t i = 2; i < n; i++)
		if ((fds[i].revents != 0 &&
			    client_serve(s, which[i], fds[i].revents, now) < 0) ||
			client_is_overdue(which[i], now))
			client_close(which[i]);
	if (read(s->wake, &drained, sizeof(drained)) == (ssize_t)sizeof(drained)) {
		collect(s, now);
		serve_tails(s, now);
	}
	end_looks(s);
	if (fds[1].revents != 0)
		client_accept(s, now);
	task = refusals_rest(&s->refusals, s->admin, s->roles, now);
	if (task != NULL)
		runners_refuse(&s->runners, task);
}

static void *server_main(void *arg)
{
	struct server *s = arg;
	struct task *task;

	while (!s->stopping)
		poll_once(s);
	pulse_set(PULSE_CONTROL, PULSE_IDLE);
	runners_stop(&s->runners);
	collect(s, clock_now());
	/* the changer is gone, and nobody is left to wait for us */
	task = refusals_rest(&s->refusals, s->admin, s->roles, INT64_MAX);
	if (task != NULL) {
		task->handler(&task->rq, &task->err);
		arena_free(task->rq.arena);
	}
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0)
			client_close(&s->clients[i]);
	return NULL;
}

static void server_free(struct server *s)
{
	runners_free(&s->runners);
	if (s->wake >= 0)
		close(s->wake);
	free(s);
}

struct server *server_new(int listener, struct admin *admin, const struct roles *roles)
{
	struct server *s = mem_calloc(1, sizeof(*s));

	s->listener = listener;
	s->admin = admin;
	s->roles = roles;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->tails = (struct tails){ .feed = admin->engine->feed, .wake = s->wake };
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	if (runners_start(&s->runners, admin, s->wake) == 0 &&
		pthread_create(&s->thread, NULL, server_main, s) == 0)
		return s;
	log_error("cannot start the control server: %s", strerror(errno));
	runners_stop(&s->runners);
	server_free(s);
	return NULL;
}

void server_stop(struct server *s)
{
	if (s == NULL)
		return;
	s->stopping = true;
	wake(s);
	pthread_join(s->thread, NULL);
	close(s->listener);
	server_free(s);
}
