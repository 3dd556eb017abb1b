/*
 * The policy service.  Its threads wait together for what is ready (epoll), and whoever
 * gets a connection has it alone until it gives it back (EPOLLONESHOT): so a request that
 * waits for the disk or for DNS holds up its own connection.  Only who has a connection
 * closes it; others, who want it to end, shut it down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/policyd.h"

#include "base/clock.h"
#include "base/episode.h"
#include "engine/pending.h"
#include "front/action.h"
#include "front/inflight.h"
#include "front/request.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define THREADS_FIRST 2
/* more than can wait for SPF at a time (spf/queue.h, spf_max_waiting) */
#define THREADS_MOST 192
#define BURST	     8	      /* requests of one connection before others have a turn */
#define NAP_NS	     50000000 /* before the next look, without descriptors */
#define CALM	     (60 * CLOCK_SECOND) /* without the like of it: an episode is over */
/* Instances of one connection.  Postfix speaks of one message at a time: what stands
 * behind these few has come to its end. */
#define INSTANCES 8

struct peer {
	TAILQ_ENTRY(peer) link;
	int fd;
	bool busy;	/* a thread has it */
	bool in_middle; /* of a request, or of its answer */
	bool leaving;	/* it was shut down */
	int64_t since;	/* of the state that it is in */

	/* what follows is the thread's that has it */
	struct net_lines lines;
	struct request request;
	char out[ACTION_TEXT_MAX * BURST];
	size_t out_len, out_sent;
	char *instances[INSTANCES];
	unsigned next_instance;
};

TAILQ_HEAD(peers, peer);

static struct {
	struct engine *engine;
	int listener, epoll;
	const char *path; /* to be removed; NULL: not a UNIX socket */
	char *host;	  /* as addr_domain() has it; NULL: no name in full */
	atomic_uint threads, idle;

	pthread_mutex_t lock; /* guards what follows */
	struct peers peers;   /* who changed his state longest ago is the first */
	unsigned n, leaving, max;
	int64_t malformed_at, refused_at; /* 0: not lately */
} door = { .listener = -1, .epoll = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

/* Gives a connection, or the listener (NULL), back to all threads. */
static void arm(struct peer *p, uint32_t events)
{
	struct epoll_event event = { .events = events | EPOLLONESHOT, .data.ptr = p };

	epoll_ctl(door.epoll, EPOLL_CTL_MOD, p != NULL ? p->fd : door.listener, &event);
}

static void note(int64_t *moment, int64_t now)
{
	pthread_mutex_lock(&door.lock);
	*moment = now;
	pthread_mutex_unlock(&door.lock);
}

/* --- one connection --- */

static void peer_close(struct peer *p)
{
	pthread_mutex_lock(&door.lock);
	TAILQ_REMOVE(&door.peers, p, link);
	door.n--;
	door.leaving -= p->leaving;
	pthread_mutex_unlock(&door.lock);
	close(p->fd);
	request_clear(&p->request);
	net_lines_free(&p->lines);
	for (unsigned i = 0; i < INSTANCES; i++)
		free(p->instances[i]);
	free(p);
}

/* To be asked again when it has more to say, or takes more. */
static void peer_release(struct peer *p, uint32_t events)
{
	bool in_middle = request_is_begun(&p->request) || net_lines_cut(&p->lines) ||
			 p->out_len > 0;
	int64_t now = clock_now();

	pthread_mutex_lock(&door.lock);
	p->busy = false;
	if (!in_middle || !p->in_middle) {
		p->since = now;
		TAILQ_REMOVE(&door.peers, p, link);
		TAILQ_INSERT_TAIL(&door.peers, p, link);
	}
	p->in_middle = in_middle;
	pthread_mutex_unlock(&door.lock);
	arm(p, events);
}

/* The request of another message: those before, but for a few, have come to their end. */
static void note_instance(struct peer *p, const char *instance)
{
	char **place;

	if (instance == NULL || *instance == '\0')
		return;
	for (unsigned i = 0; i < INSTANCES; i++)
		if (p->instances[i] != NULL && strcmp(p->instances[i], instance) == 0)
			return;
	place = &p->instances[p->next_instance++ % INSTANCES];
	if (*place != NULL)
		pending_forget(door.engine->pending, *place);
	free(*place);
	*place = mem_strdup(instance);
}

static struct verdict decide(struct message *m, const struct asked *asked)
{
	int64_t now;

	do
		now = clock_now();
	while (asked->state != ASKED_MAIL && engine_wait_end(m, now));
	return asked_decide(m, asked, now);
}

/* Decides on the request, and puts the answer into p->out.  -1: there is none. */
static int answer(struct peer *p, struct err *err)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };
	struct session session;
	struct asked asked;
	struct message *m;
	int64_t now;

	if (request_read(&p->request, door.host, &session, &asked, err) < 0)
		return -1;
	if (!inflight_begin())
		return err_set(err, "themisd is stopping");
	now = clock_now();
	session.steps = asked_steps(door.engine, now);
	note_instance(p, asked.instance);
	m = asked_begin(door.engine, &session, &asked, now);
	if (m != NULL)
		v = decide(m, &asked);
	p->out_len += action_write(p->out + p->out_len, &v);
	if (m != NULL)
		asked_end(m, &asked);
	inflight_end();
	return 0;
}

/* Closes it without an answer: Postfix then does what it was told for that case. */
static void peer_refuse(const struct err *err)
{
	int64_t now = clock_now();

	if (inflight_is_draining())
		return;
	note(&door.malformed_at, now);
	episode_begin(EPISODE_REQUESTS, now, "%s", err->text);
}

/* Answers what was read.  0, or -1 and err: it is to be closed. */
static int peer_answer(struct peer *p, unsigned *answered, struct err *err)
{
	char *line;

	while (*answered < BURST) {
		int whole;

		switch (net_lines_next(&p->lines, &line)) {
		case NET_LINE_MORE:
			return 0;
		case NET_LINE_TOO_LONG:
			return err_set(
				err, "a line of more than %d octets", REQUEST_LINE_MAX);
		case NET_LINE_NUL:
			return err_set(err, "a line with a NUL octet");
		case NET_LINE:
			break;
		}
		whole = request_line(&p->request, line, err);
		if (whole < 0 || (whole > 0 && answer(p, err) < 0))
			return -1;
		if (whole > 0) {
			request_clear(&p->request);
			++*answered;
		}
	}
	return 0;
}

/* 1: all is sent; 0: not yet; -1: it cannot be. */
static int peer_flush(struct peer *p)
{
	while (p->out_sent < p->out_len) {
		ssize_t n = send(p->fd, p->out + p->out_sent, p->out_len - p->out_sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		p->out_sent += (size_t)n;
	}
	p->out_sent = p->out_len = 0;
	return 1;
}

/* One turn of a connection that has something to say, or takes more.  What it is to be
 * waited for next; 0: it has ended. */
static uint32_t peer_turn(struct peer *p)
{
	unsigned answered = 0;
	struct err err;
	int sent = peer_flush(p), said;

	if (sent <= 0)
		return sent < 0 ? 0 : EPOLLOUT;
	/* what was left of the turn before comes first */
	if (peer_answer(p, &answered, &err) < 0)
		goto malformed;
	if (answered == 0) {
		said = net_lines_fill(&p->lines, p->fd);
		if (said < 0)
			return errno == EAGAIN || errno == EINTR ? EPOLLIN : 0;
		if (said == 0)
			return 0;
		if (peer_answer(p, &answered, &err) < 0)
			goto malformed;
	}
	sent = peer_flush(p);
	if (sent <= 0)
		return sent < 0 ? 0 : EPOLLOUT;
	/* there may be more in what was read: a turn later */
	return answered == BURST ? EPOLLIN | EPOLLOUT : EPOLLIN;
malformed:
	peer_refuse(&err);
	/* what was answered before is */
	peer_flush(p);
	return 0;
}

static void peer_serve(struct peer *p)
{
	uint32_t events;

	pthread_mutex_lock(&door.lock);
	p->busy = true;
	pthread_mutex_unlock(&door.lock);
	events = peer_turn(p);
	if (events == 0)
		peer_close(p);
	else
		peer_release(p, events);
}

/* --- all of them --- */

static void peer_shut(struct peer *p)
{
	p->leaving = true;
	door.leaving++;
	shutdown(p->fd, SHUT_RDWR);
}

/* Room for one more, if need be in the place of who was silent for longest; under the
 * lock. */
static bool make_room(void)
{
	struct peer *p;

	if (door.n - door.leaving < door.max)
		return true;
	TAILQ_FOREACH(p, &door.peers, link) {
		if (p->busy || p->in_middle || p->leaving)
			continue;
		peer_shut(p);
		return true;
	}
	return false;
}

static void peer_add(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	struct peer *p = mem_calloc(1, sizeof(*p));
	int64_t now = clock_now();
	bool room;

	p->fd = fd;
	p->since = now;
	p->lines.max = REQUEST_LINE_MAX;
	event.data.ptr = p;
	pthread_mutex_lock(&door.lock);
	room = make_room();
	if (room) {
		TAILQ_INSERT_TAIL(&door.peers, p, link);
		door.n++;
	}
	pthread_mutex_unlock(&door.lock);
	if (!room) {
		close(fd);
		free(p);
		note(&door.refused_at, now);
		episode_begin(EPISODE_PEERS, now, "all of %u are in a request", door.max);
		return;
	}
	if (epoll_ctl(door.epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		peer_close(p);
}

static void take_on(void)
{
	int fd = accept4(door.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int error = errno;

	if (fd >= 0) {
		peer_add(fd);
	} else if (error == EMFILE || error == ENFILE || error == ENOBUFS ||
		   error == ENOMEM) {
		int64_t now = clock_now();

		note(&door.refused_at, now);
		episode_begin(EPISODE_PEERS, now, "%s", strerror(error));
		nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	}
	arm(NULL, EPOLLIN);
}

static void *serve(void *arg);

static int start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, serve, NULL) != 0)
		return -1;
	pthread_detach(thread);
	return 0;
}

/* Somebody has to wait for the next event while this thread works. */
static void stay_ready(void)
{
	if (atomic_load(&door.idle) > 0)
		return;
	if (atomic_fetch_add(&door.threads, 1) < THREADS_MOST && start_thread() == 0)
		return;
	atomic_fetch_sub(&door.threads, 1);
}

static void *serve(void *arg)
{
	struct epoll_event event;
	int n;

	for (;;) {
		atomic_fetch_add(&door.idle, 1);
		n = epoll_wait(door.epoll, &event, 1, -1);
		atomic_fetch_sub(&door.idle, 1);
		if (n <= 0)
			continue;
		stay_ready();
		if (event.data.ptr != NULL)
			peer_serve(event.data.ptr);
		else
			take_on();
	}
	return arg;
}

int policyd_open(
	const struct policyd_socket *where, struct engine *engine, struct err *err)
{
	bool is_unix = where->address->family == NET_UNIX;
	char host[HOST_NAME_MAX + 1] = "";
	struct arena *arena;

	door.engine = engine;
	TAILQ_INIT(&door.peers);
	/* closed to all until it has its group and mode */
	door.listener = net_listen(where->address, 0600, err);
	if (door.listener < 0)
		return err_prefix(err, "%s: cannot listen", where->spelling);
	if (is_unix)
		door.path = where->address->path;
	if (is_unix && (chown(door.path, where->uid, where->gid) < 0 ||
			       chmod(door.path, where->mode) < 0)) {
		err_set(err, "%s: %s", door.path, strerror(errno));
		policyd_stop();
		return -1;
	}
	if (gethostname(host, sizeof(host) - 1) < 0 || strchr(host, '.') == NULL)
		return 0;
	arena = arena_new();
	door.host = mem_strdup(addr_domain(arena, host));
	arena_free(arena);
	return 0;
}

int policyd_start(unsigned max, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };

	door.max = max;
	door.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (door.epoll < 0 ||
		epoll_ctl(door.epoll, EPOLL_CTL_ADD, door.listener, &event) < 0)
		return err_set(err, "policy_socket: %s", strerror(errno));
	for (unsigned i = 0; i < THREADS_FIRST; i++) {
		if (start_thread() < 0)
			return err_set(err, "cannot start a thread");
		atomic_fetch_add(&door.threads, 1);
	}
	return 0;
}

/* The moment is over, if there was one. */
static bool is_calm(int64_t *moment, int64_t now)
{
	if (*moment == 0 || now - *moment < CALM)
		return false;
	*moment = 0;
	return true;
}

void policyd_watch(int64_t now)
{
	bool well_formed, accepted;
	struct peer *p;

	if (door.listener < 0)
		return;
	pthread_mutex_lock(&door.lock);
	TAILQ_FOREACH(p, &door.peers, link)
		if (!p->busy && !p->leaving &&
			now - p->since >= (p->in_middle ? POLICYD_SLOW : POLICYD_IDLE))
			peer_shut(p);
	well_formed = is_calm(&door.malformed_at, now);
	accepted = is_calm(&door.refused_at, now);
	pthread_mutex_unlock(&door.lock);
	if (well_formed)
		episode_end(EPISODE_REQUESTS, now);
	if (accepted)
		episode_end(EPISODE_PEERS, now);
}

void policyd_stop(void)
{
	if (door.path != NULL)
		unlink(door.path);
	door.path = NULL;
}

unsigned policyd_count(void)
{
	unsigned n;

	pthread_mutex_lock(&door.lock);
	n = door.n;
	pthread_mutex_unlock(&door.lock);
	return n;
}
