/*
 * The control server.  Everything here is on its own thread, which waits for nothing
 * but poll(): all clients' sockets are non-blocking, a client that does not read is
 * given no further command, and what changes something, or is refused to its user, is
 * run by the changer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/server.h"

#include "admin/changer.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "base/str.h"
#include "config.h"
#include "ctl/wire.h"
#include "ctl/words.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IDLE_SECONDS 3600 /* without a command */
#define READ_SECONDS 60	  /* with an answer that is not read */

struct client {
	int fd; /* -1: a free place */
	enum role role;
	uid_t uid;
	char user[USER_MAX]; /* "" until the changer has looked it up */
	struct net_lines lines;
	struct outbox out;
	struct change_task *changing; /* its command is with the changer */
	int64_t active;		      /* when it last sent or took something */
	bool closing;		      /* once the outbox is empty */
};

struct server {
	pthread_t thread;
	int listener;
	int wake; /* an eventfd: something has finished, or we are to stop */
	atomic_bool stopping;
	struct changer *changer;
	int changes; /* with the changer */
	struct refusals refusals;
	int64_t accept_after; /* out of descriptors: not before that moment */
	struct admin *admin;
	const struct roles *roles;
	struct client clients[SERVER_CLIENTS_MAX];
};

static int (*const handlers[])(struct request *, struct err *) = {
#define COMMAND(noun, verb, handler, ...) handler,
#include "ctl/commands.def"
#undef COMMAND
};

static void answer(struct client *c, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void answer(struct client *c, int code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX + 100], line[ERR_TEXT_MAX * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* whatever is quoted in it: one line */
	outbox_line(&c->out, code, str_printable(line, sizeof(line), text));
}

static void client_close(struct client *c)
{
	close(c->fd);
	net_lines_free(&c->lines);
	free(c->out.bytes);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

/* UTF-8 without controls; tabs may stand between words. */
static int check_line(const struct request *rq, struct err *err)
{
	char *untabbed = arena_strdup(rq->arena, rq->line);

	for (char *p = untabbed; (p = strchr(p, '\t')) != NULL;)
		*p = ' ';
	if (!str_is_utf8(untabbed, strlen(untabbed)) || str_has_control(untabbed))
		return err_set(
			err, "the line is not UTF-8, or has a control character in it");
	return 0;
}

static bool may(const struct client *c, const struct command *command)
{
	return command->access == ACCESS_READ || c->role == ROLE_WRITE;
}

/* 1: a command, good if it may be given; 0: an empty line; -1: refused. */
static int parse_line(const struct client *c, struct change_task *task)
{
	struct request *rq = &task->rq;
	struct err *err = &task->err;
	char **words;
	size_t used;
	int n;

	if (check_line(rq, err) < 0)
		return -1;
	n = words_split(rq->arena, rq->line, &words, err);
	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++)
		if (strchr(words[i], '\t') != NULL)
			return err_set(err, "a tab within a word: \"%s\"", words[i]);
	rq->command = command_find(words, (size_t)n, &used, err);
	if (rq->command == NULL)
		return -1;
	rq->args = words + used;
	rq->nargs = (size_t)n - used;
	task->handler = handlers[rq->command - commands];
	if (!may(c, rq->command))
		return 1; /* for whom it is not, its words are not looked at */
	return command_check(rq->command, rq->args, rq->nargs, err) < 0 ? -1 : 1;
}

/* Says what came of a command, and forgets it. */
static void finish(struct client *c, struct change_task *task)
{
	const struct request *rq = &task->rq;

	if (task->result < 0)
		answer(c, (int)task->err.code, "%s", task->err.text);
	else if (rq->done[0] != '\0')
		answer(c, rq->quit ? WIRE_BYE : WIRE_DONE, "%s", rq->done);
	else
		answer(c, WIRE_DONE, "%zu row%s", rq->rows, rq->rows == 1 ? "" : "s");
	c->closing |= rq->quit;
	c->changing = NULL;
	arena_free(rq->arena);
}

static struct change_task *task_new(struct server *s, struct client *c, const char *line)
{
	struct arena *arena = arena_new();
	struct change_task *task = arena_alloc(arena, sizeof(*task));

	task->rq = (struct request){ .admin = s->admin,
		.arena = arena,
		.line = arena_strdup(arena, line),
		.uid = c->uid,
		.user = c->user,
		.out = &c->out };
	task->user = c->user;
	task->owner = c;
	err_set(&task->err, "refused");
	return task;
}

static void hand_over(struct server *s, struct client *c, struct change_task *task)
{
	c->changing = task;
	changer_submit(s->changer, task);
}

static void refuse(
	struct server *s, struct client *c, struct change_task *task, int64_t now)
{
	struct change_task *refusal = refusal_begin(&s->refusals, task, s->roles, now);

	if (refusal != NULL)
		hand_over(s, c, refusal);
	else
		finish(c, task);
}

static void change(struct server *s, struct client *c, struct change_task *task)
{
	int most = (int)s->admin->max_clients / 2;

	if (s->changes < most) {
		s->changes++;
		hand_over(s, c, task);
		return;
	}
	/* so that who waits for the database leaves places for who looks */
	task->result = err_code(&task->err, ERR_FAILED,
		"%d changes are waiting already, try again later", most);
	finish(c, task);
}

static void serve_line(struct server *s, struct client *c, const char *line, int64_t now)
{
	struct change_task *task = task_new(s, c, line);

	task->result = parse_line(c, task);
	if (task->result > 0 && !may(c, task->rq.command)) {
		refuse(s, c, task, now);
	} else if (task->result > 0 && task->rq.command->access == ACCESS_WRITE) {
		change(s, c, task);
	} else {
		if (task->result > 0)
			task->result = task->handler(&task->rq, &task->err);
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
	struct change_task *task;
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
		answer(c, WIRE_GREETING, "themisd %s proto %d", PACKAGE_VERSION,
			WIRE_PROTO);
		return;
	}
	task = task_new(s, c, "");
	task->rq.quit = true;
	refuse(s, c, task, now);
}

/* 0, or -1 when the client is gone or has been told good-bye. */
static int send_some(struct client *c, int64_t now)
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

/* Takes lines as long as the answers are being read; likewise. */
static int serve_lines(struct server *s, struct client *c, int64_t now)
{
	char *line;

	while (c->out.used == 0 && c->changing == NULL) {
		switch (net_lines_next(&c->lines, &line)) {
		case NET_LINE_MORE:
			return 0;
		case NET_LINE_TOO_LONG:
			answer(c, ERR_BAD, "a line has at most %d octets", WIRE_LINE_MAX);
			break;
		case NET_LINE_NUL:
			answer(c, ERR_BAD, "a line with a NUL octet in it");
			break;
		case NET_LINE:
			serve_line(s, c, line, now);
		}
		if (c->changing != NULL)
			return 0; /* its outbox is the changer's */
		if (send_some(c, now) < 0)
			return -1;
	}
	return 0;
}

/* Nothing more comes.  A line without its end may be half of one: it is no command. */
static int end_input(struct client *c, int64_t now)
{
	if (!net_lines_cut(&c->lines))
		return -1;
	answer(c, ERR_BAD, "a line cut off: it does not end with a line feed");
	c->closing = true;
	return send_some(c, now);
}

static int client_serve(struct server *s, struct client *c, short events, int64_t now)
{
	int n;

	if ((events & (POLLERR | POLLNVAL)) != 0 || send_some(c, now) < 0)
		return -1;
	if ((events & (POLLIN | POLLHUP)) != 0 && c->out.used == 0) {
		n = net_lines_fill(&c->lines, c->fd);
		if (n == 0)
			return end_input(c, now);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		c->active = now;
	}
	return serve_lines(s, c, now);
}

static bool is_overdue(const struct client *c, int64_t now)
{
	return c->changing == NULL &&
	       now - c->active >
		       (c->out.used > 0 ? READ_SECONDS : IDLE_SECONDS) * CLOCK_SECOND;
}

static void collect(struct server *s, int64_t now)
{
	struct change_task *task;

	while ((task = changer_finished(s->changer)) != NULL) {
		struct client *c = task->owner;

		if (task->refusal)
			refusal_end(&s->refusals, task);
		else
			s->changes--;
		if (c == NULL) {
			arena_free(task->rq.arena);
			continue;
		}
		finish(c, task);
		c->active = now;
		if (send_some(c, now) < 0 || (!s->stopping && serve_lines(s, c, now) < 0))
			client_close(c);
	}
}

/* Fills in what to wait for; which[i] is whose it is.  Only what is in use: poll()
 * refuses more entries than there may be descriptors. */
static nfds_t watch(
	struct server *s, struct pollfd *fds, struct client **which, int64_t now)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ s->wake, POLLIN, 0 };
	fds[n++] = (struct pollfd){ now < s->accept_after ? -1 : s->listener, POLLIN, 0 };
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->fd < 0 || c->changing != NULL)
			continue;
		which[n] = c;
		fds[n++] =
			(struct pollfd){ c->fd, c->out.used > 0 ? POLLOUT : POLLIN, 0 };
	}
	return n;
}

static void poll_once(struct server *s)
{
	struct client *which[SERVER_CLIENTS_MAX + 2];
	struct pollfd fds[SERVER_CLIENTS_MAX + 2];
	int64_t now = clock_now();
	nfds_t n = watch(s, fds, which, now);
	struct change_task *task;
	uint64_t drained;

	if (poll(fds, n, 1000) < 0) {
		if (errno == EINTR)
			return;
		log_error("control socket: poll: %s", strerror(errno));
		sleep(1);
		return;
	}
	now = clock_now();
	for (nfds_t i = 2; i < n; i++)
		if ((fds[i].revents != 0 &&
			    client_serve(s, which[i], fds[i].revents, now) < 0) ||
			is_overdue(which[i], now))
			client_close(which[i]);
	if (read(s->wake, &drained, sizeof(drained)) == (ssize_t)sizeof(drained))
		collect(s, now);
	if (fds[1].revents != 0)
		client_accept(s, now);
	task = refusals_rest(&s->refusals, s->admin, s->roles, now);
	if (task != NULL)
		changer_submit(s->changer, task);
}

static void *server_main(void *arg)
{
	struct server *s = arg;
	struct change_task *task;

	while (!s->stopping)
		poll_once(s);
	changer_stop(s->changer);
	collect(s, clock_now());
	/* the changer has gone, and nobody is left to wait for us */
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
	changer_free(s->changer);
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
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	s->changer = s->wake >= 0 ? changer_new(s->wake) : NULL;
	if (s->changer != NULL && pthread_create(&s->thread, NULL, server_main, s) == 0)
		return s;
	log_error("cannot start the control server: %s", strerror(errno));
	if (s->changer != NULL)
		changer_stop(s->changer);
	server_free(s);
	return NULL;
}

void server_stop(struct server *s)
{
	uint64_t one = 1;

	if (s == NULL)
		return;
	s->stopping = true;
	if (write(s->wake, &one, sizeof(one)) < 0)
		log_error("cannot stop the control server: %s", strerror(errno));
	pthread_join(s->thread, NULL);
	close(s->listener);
	server_free(s);
}
