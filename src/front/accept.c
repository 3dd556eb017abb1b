/*
 * accept(2) for libmilter's listener, which has no limit of its own and no hook for one:
 * what a program defines, the dynamic linker prefers to what the C library has.  Nobody
 * else in the process calls it.  Called on the listener's thread; accept_watch() on the
 * main one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/accept.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OTHERS	     24 /* libmilter's pipe, the name service, SQLite's temporary files */
#define OPEN_AT_MOST 1024		/* when accept_limit() is called */
#define NAP_NS	     50000000		/* between two looks, while newcomers wait */
#define CALM	     (3 * CLOCK_SECOND) /* without anybody waiting: it is over */

/* A connection that libmilter has.  It does not say when it closes one; by then the
 * descriptor is free, or another file's. */
struct held {
	int fd;
	ino_t inode;
};

static struct {
	pthread_mutex_t lock; /* guards what follows */
	struct held *held;
	unsigned n, max; /* max 0: no limit yet; then it stays */
	int64_t full_at; /* when somebody last had to wait; 0: nobody, lately */
	struct sockaddr_storage address; /* of the listener, once it has been here */
	socklen_t address_size;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_held(const struct held *held)
{
	struct stat st;

	return fstat(held->fd, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       st.st_ino == held->inode;
}

static void forget_closed(void)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < gate.n; i++)
		if (is_held(&gate.held[i]))
			gate.held[kept++] = gate.held[i];
	gate.n = kept;
}

/* Is there no room?  Looks closely only where there seems to be none. */
static bool is_full(int64_t now)
{
	if (gate.n < gate.max)
		return false;
	forget_closed();
	if (gate.n < gate.max)
		return false;
	gate.full_at = now;
	return true;
}

static void hold(int fd)
{
	struct stat st;

	if (gate.n < gate.max && fstat(fd, &st) == 0)
		gate.held[gate.n++] = (struct held){ fd, st.st_ino };
}

static int nap(int error)
{
	nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	errno = error;
	return -1;
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void note_address(int listener)
{
	socklen_t size = sizeof(gate.address);

	if (getsockname(listener, (struct sockaddr *)&gate.address, &size) == 0)
		gate.address_size = size;
}

/* EAGAIN, and libmilter asks again.  Out of descriptors all the same, as when somebody
 * has taken those of the whole system: not at once. */
int accept_within_limits(int listener, struct sockaddr *address, socklen_t *length)
{
	int64_t now = clock_now();
	bool full;
	int fd, error;

	pthread_mutex_lock(&gate.lock);
	full = gate.max > 0 && is_full(now);
	if (gate.address_size == 0)
		note_address(listener);
	pthread_mutex_unlock(&gate.lock);
	if (full) {
		episode_begin(EPISODE_CONNECTIONS, now, "%u are all that there may be",
			gate.max);
		return nap(EAGAIN);
	}
	fd = accept4(listener, address, length, SOCK_CLOEXEC);
	error = errno;
	pthread_mutex_lock(&gate.lock);
	if (fd >= 0)
		hold(fd);
	else if (is_shortage(error))
		gate.full_at = now;
	pthread_mutex_unlock(&gate.lock);
	if (fd < 0 && is_shortage(error)) {
		episode_begin(EPISODE_CONNECTIONS, now, "%s", strerror(error));
		return nap(error);
	}
	errno = error;
	return fd;
}

void accept_stir(void)
{
	struct sockaddr_storage address;
	socklen_t size;
	int fd;

	pthread_mutex_lock(&gate.lock);
	address = gate.address;
	/* not in the place of others */
	size = gate.n + 1 < gate.max ? gate.address_size : 0;
	pthread_mutex_unlock(&gate.lock);
	fd = size > 0 ? socket(address.ss_family,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
		      : -1;
	if (fd < 0)
		return;
	/* a queue that is full has newcomers enough */
	(void)connect(fd, (struct sockaddr *)&address, size);
	close(fd);
}

void accept_watch(int64_t now)
{
	bool over = false, busy;

	pthread_mutex_lock(&gate.lock);
	forget_closed();
	busy = gate.n > 0;
	if (gate.full_at != 0 && now - gate.full_at >= CALM) {
		gate.full_at = 0;
		over = true;
	}
	pthread_mutex_unlock(&gate.lock);
	if (over)
		episode_end(EPISODE_CONNECTIONS, now);
	if (busy)
		accept_stir();
}

unsigned accept_count(void)
{
	unsigned n;

	pthread_mutex_lock(&gate.lock);
	forget_closed();
	n = gate.n;
	pthread_mutex_unlock(&gate.lock);
	return n;
}

static unsigned count_open(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < OPEN_AT_MOST; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* How many descriptors there may be, raised to what is wanted if that can be. */
static rlim_t raise_limit(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return OPEN_AT_MOST;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0 ||
			getrlimit(RLIMIT_NOFILE, &limit) < 0)
			return OPEN_AT_MOST;
	}
	return limit.rlim_cur;
}

unsigned accept_limit(unsigned wanted, unsigned sockets, unsigned set_aside,
	unsigned *clients_max, struct err *err)
{
	unsigned max = wanted, taken = count_open() + OTHERS + set_aside;
	rlim_t limit = raise_limit((rlim_t)wanted * sockets + taken + *clients_max);
	rlim_t clients = limit / 4 < *clients_max ? limit / 4 : *clients_max;

	if (limit < taken + clients + sockets) {
		err_set(err,
			"%llu file descriptors are too few (the limit of open files must "
			"be more than %llu)",
			(unsigned long long)limit,
			(unsigned long long)(taken + clients + sockets - 1));
		return 0;
	}
	if ((limit - taken - clients) / sockets < wanted) {
		max = (unsigned)((limit - taken - clients) / sockets);
		log_warning("max_connections is %u, but %llu file descriptors are enough "
			    "for %u",
			wanted, (unsigned long long)limit, max);
	}
	*clients_max = (unsigned)clients;
	pthread_mutex_lock(&gate.lock);
	gate.held = mem_calloc(max, sizeof(*gate.held));
	gate.max = max;
	pthread_mutex_unlock(&gate.lock);
	return max;
}
