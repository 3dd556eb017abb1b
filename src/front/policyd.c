/*
 * The policy service.  One thread has all connections: it reads, decides and answers, and
 * never waits.  What was decided is stored by the writer's thread, for all requests of
 * that moment together, which then says so; what may wait for DNS is decided by others
 * (front/waiters).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/policyd.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/pulse.h"
#include "front/peers.h"
#include "front/waiters.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS	    64 /* taken at once */
#define ACCEPTS	    16 /* newcomers before others have a turn */
#define WATCH_EVERY CLOCK_SECOND
#define CALM	    (60 * CLOCK_SECOND) /* without the like of it: an episode is over */

STAILQ_HEAD(peer_queue, peer);

static struct {
	struct peer_site site;
	int listener, epoll;
	const char *path; /* to be removed; NULL: not a UNIX socket, or not ours */
	char *host;	  /* as addr_domain() has it; NULL: no name in full */
	atomic_uint n;	  /* connections */

	int came; /* an eventfd: there are results */
	pthread_mutex_t lock;
	struct peer_queue results; /* the lock guards these */

	/* the thread's alone */
	struct peers peers;
	struct peer_queue ready; /* who have more in what was read */
	struct peer_queue gone;	 /* to be freed at the end of the round */
	bool deaf; /* the listener is not looked at, for want of descriptors */
	int64_t watch, malformed_at, refused_at; /* the last two: 0: not lately */
} door = { .listener = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- results, on any thread --- */

static void result_came(struct peer *p)
{
	uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&door.lock);
	first = STAILQ_EMPTY(&door.results);
	STAILQ_INSERT_TAIL(&door.results, p, next);
	pthread_mutex_unlock(&door.lock);
	if (first && write(door.came, &one, sizeof(one)) < 0)
		mem_exhausted();
}

/* --- one connection --- */

/* Has epoll look for that, 0: for nothing.  False: it cannot. */
static bool want(struct peer *p, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = p };
	int op = p->wanted == 0 ? EPOLL_CTL_ADD
		 : events == 0	? EPOLL_CTL_DEL
				: EPOLL_CTL_MOD;

	if (events == p->wanted)
		return true;
	p->wanted = events;
	return epoll_ctl(door.epoll, op, p->fd, &event) == 0;
}

static void drop(struct peer *p)
{
	if (p->has_more)
		STAILQ_REMOVE(&door.ready, p, peer, next);
	want(p, 0);
	peers_remove(&door.peers, p);
	atomic_store(&door.n, door.peers.n);
	/* an event of this round may still be about it */
	p->gone = true;
	STAILQ_INSERT_TAIL(&door.gone, p, next);
}

/* Closed without an answer: Postfix tries again, or does what it was told for that case.
 */
static void end(struct peer *p, const struct err *err, int64_t now)
{
	if (*err->text != '\0') {
		door.malformed_at = now;
		episode_begin(EPISODE_REQUESTS, now, "%s", err->text);
	}
	drop(p);
}

static void go_on(
	struct peer *p, enum peer_state state, const struct err *err, int64_t now)
{
	p->in_hand = state == PEER_WAITS;
	if (state == PEER_ENDS) {
		end(p, err, now);
		return;
	}
	peers_note(&door.peers, p, now);
	if ((state == PEER_READS || state == PEER_WRITES) &&
		!want(p, state == PEER_READS ? EPOLLIN : EPOLLOUT)) {
		drop(p);
		return;
	}
	p->has_more = state == PEER_MORE;
	if (p->has_more)
		STAILQ_INSERT_TAIL(&door.ready, p, next);
}

static void take_turn(struct peer *p, int64_t now)
{
	struct err err;
	enum peer_state state;

	if (p->gone)
		return;
	if (p->in_hand || p->has_more) {
		/* until its turn comes there is nothing to be done about it */
		want(p, 0);
		return;
	}
	state = peer_turn(p, &err);
	go_on(p, state, &err, now);
}

/* --- all of them --- */

static void add(int fd, int64_t now)
{
	struct peer *p;

	if (!peers_make_room(&door.peers)) {
		close(fd);
		door.refused_at = now;
		episode_begin(
			EPISODE_PEERS, now, "all of %u are in a request", door.peers.max);
		return;
	}
	p = peer_new(fd, &door.site, now);
	peers_add(&door.peers, p);
	atomic_store(&door.n, door.peers.n);
	if (!want(p, EPOLLIN))
		drop(p);
}

static void listen_for(uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = &door.listener };

	epoll_ctl(door.epoll, EPOLL_CTL_MOD, door.listener, &event);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void take_on(int64_t now)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(door.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			add(fd, now);
			continue;
		}
		if (is_shortage(errno)) {
			door.refused_at = now;
			episode_begin(EPISODE_PEERS, now, "%s", strerror(errno));
			door.deaf = true;
			listen_for(0);
		}
		return;
	}
}

static void take_results(int64_t now)
{
	struct peer_queue results = STAILQ_HEAD_INITIALIZER(results);
	struct peer *p;
	uint64_t n;

	if (read(door.came, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&door.lock);
	STAILQ_CONCAT(&results, &door.results);
	pthread_mutex_unlock(&door.lock);
	while ((p = STAILQ_FIRST(&results)) != NULL) {
		struct err err;
		enum peer_state state;

		STAILQ_REMOVE_HEAD(&results, next);
		state = peer_resume(p, &err);
		go_on(p, state, &err, now);
	}
}

static void free_gone(void)
{
	struct peer *p;

	while ((p = STAILQ_FIRST(&door.gone)) != NULL) {
		STAILQ_REMOVE_HEAD(&door.gone, next);
		peer_free(p);
	}
}

static void serve_ready(int64_t now)
{
	struct peer_queue ready = STAILQ_HEAD_INITIALIZER(ready);
	struct peer *p;

	STAILQ_CONCAT(&ready, &door.ready);
	while ((p = STAILQ_FIRST(&ready)) != NULL) {
		STAILQ_REMOVE_HEAD(&ready, next);
		p->has_more = false;
		take_turn(p, now);
	}
}

/* The moment is over, if there was one. */
static bool is_calm(int64_t *moment, int64_t now)
{
	if (*moment == 0 || now - *moment < CALM)
		return false;
	*moment = 0;
	return true;
}

/* Each second: ends who is silent for too long, and episodes. */
static void watch(int64_t now)
{
	peers_watch(&door.peers, now);
	if (door.deaf) {
		door.deaf = false;
		listen_for(EPOLLIN);
	}
	if (is_calm(&door.malformed_at, now))
		episode_end(EPISODE_REQUESTS, now);
	if (is_calm(&door.refused_at, now))
		episode_end(EPISODE_PEERS, now);
	door.watch = now + WATCH_EVERY;
}

static void handle(const struct epoll_event *event, int64_t now)
{
	if (event->data.ptr == &door.listener)
		take_on(now);
	else if (event->data.ptr == &door.came)
		take_results(now);
	else
		take_turn(event->data.ptr, now);
}

static void *serve(void *arg)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n, wait = STAILQ_EMPTY(&door.ready) ? WATCH_EVERY / 1000 : 0;
		int64_t now;

		pulse_set(PULSE_POLICY, PULSE_IDLE);
		n = epoll_wait(door.epoll, events, EVENTS, wait);
		pulse_set(PULSE_POLICY, PULSE_BUSY);
		now = clock_now();
		for (int i = 0; i < n; i++)
			handle(&events[i], now);
		serve_ready(now);
		free_gone();
		/* all that was decided in this round, at once */
		writer_begin(door.site.engine->writer);
		if (now >= door.watch)
			watch(now);
	}
	return arg;
}

static void name_host(void)
{
	char host[HOST_NAME_MAX + 1] = "";
	struct arena *arena;

	if (gethostname(host, sizeof(host) - 1) < 0 || strchr(host, '.') == NULL)
		return;
	arena = arena_new();
	door.host = mem_strdup(addr_domain(arena, host));
	arena_free(arena);
}

int policyd_open(
	const struct policyd_socket *where, struct engine *engine, struct err *err)
{
	door.listener = net_listen_owned(where->address, &where->owner, err);
	if (door.listener < 0)
		return err_prefix(err, "%s: cannot listen", where->spelling);
	if (where->address->family == NET_UNIX)
		door.path = where->address->path;
	name_host();
	door.site = (struct peer_site){ engine, door.host, result_came, waiters_add };
	STAILQ_INIT(&door.ready);
	STAILQ_INIT(&door.gone);
	STAILQ_INIT(&door.results);
	return 0;
}

static int look_for_input(int fd, void *mark)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = mark };

	return fd < 0 ? -1 : epoll_ctl(door.epoll, EPOLL_CTL_ADD, fd, &event);
}

int policyd_start(unsigned max, struct err *err)
{
	pthread_t thread;

	peers_init(&door.peers, max);
	door.epoll = epoll_create1(EPOLL_CLOEXEC);
	door.came = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (door.epoll < 0 || look_for_input(door.listener, &door.listener) < 0 ||
		look_for_input(door.came, &door.came) < 0)
		return err_set(err, "policy_socket: %s", strerror(errno));
	if (pthread_create(&thread, NULL, serve, NULL) != 0)
		return err_set(err, "cannot start a thread");
	pthread_detach(thread);
	return 0;
}

void policyd_remove(void)
{
	if (door.path != NULL)
		unlink(door.path);
	door.path = NULL;
}

unsigned policyd_count(void)
{
	return atomic_load(&door.n);
}
