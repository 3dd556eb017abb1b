/*
 * See drive.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "drive.h"

#include "base/arena.h"
#include "base/clock.h"
#include "cpu.h"
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS 64

/* A ring of sessions; none is in it twice, so that it never overflows. */
struct ring {
	void **items;
	size_t cap, first, n;
};

/* One drive a process, and one thread. */
static struct {
	const struct drive_calls *calls;
	struct ring idle, later;
	int poller, timer;
} drive;

int drive_take_option(struct drive_want *want, int letter, const char *text)
{
	const struct tool_number numbers[] = {
		{ 's', &want->sessions, 1, DRIVE_SESSIONS_MAX },
		{ 'n', &want->messages, 1, UINT32_MAX },
		{ 'r', &want->rate, 0, 1000000 },
		{ 'w', &want->warm_up, 0, UINT32_MAX },
		{ 'p', &want->pid, 1, INT32_MAX },
	};

	return tool_take_number(
		numbers, sizeof(numbers) / sizeof(numbers[0]), letter, text);
}

static void ring_put(struct ring *r, void *item)
{
	r->items[(r->first + r->n++) % r->cap] = item;
}

static void *ring_take_first(struct ring *r)
{
	void *item = r->items[r->first];

	r->first = (r->first + 1) % r->cap;
	r->n--;
	return item;
}

static void *ring_take_last(struct ring *r)
{
	return r->items[(r->first + --r->n) % r->cap];
}

void drive_begin(const struct drive_calls *calls, void *sessions, size_t n, size_t size)
{
	drive.calls = calls;
	drive.poller = epoll_create1(EPOLL_CLOEXEC);
	drive.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (drive.poller < 0 || drive.timer < 0)
		tool_die("epoll", strerror(errno));
	drive_watch(drive.timer, NULL);
	drive.idle = (struct ring){ mem_calloc(n, sizeof(void *)), n, 0, 0 };
	drive.later = (struct ring){ mem_calloc(n, sizeof(void *)), n, 0, 0 };
	for (size_t i = 0; i < n; i++)
		ring_put(&drive.idle, (char *)sessions + i * size);
}

void drive_watch(int fd, void *session)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };

	if (epoll_ctl(drive.poller, EPOLL_CTL_ADD, fd, &event) < 0)
		tool_die("epoll", strerror(errno));
}

void drive_later(void *session)
{
	ring_put(&drive.later, session);
}

/* When message i is due. */
static int64_t due_at(int64_t start, uint64_t i, uint64_t rate)
{
	return start + (int64_t)(i * CLOCK_SECOND / rate);
}

/* The clock is the monotonic one, tied to the wall clock: a timer takes a distance. */
static void set_timer(int64_t when)
{
	int64_t left = when - clock_now();
	struct itimerspec t = { .it_value.tv_nsec = 1 };

	if (left > 0)
		t.it_value = (struct timespec){ left / CLOCK_SECOND,
			left % CLOCK_SECOND * 1000 };
	timerfd_settime(drive.timer, 0, &t, NULL);
}

/* Begins as many messages as are due and find a session; the number of the next one. */
static uint64_t begin_due(uint64_t next, uint64_t n, uint64_t rate, int64_t start)
{
	while (next < n && drive.idle.n > 0) {
		int64_t now = clock_now(),
			due = rate > 0 ? due_at(start, next, rate) : now;

		if (due > now) {
			set_timer(due);
			break;
		}
		drive.calls->begin(drive.calls->in_turn ? ring_take_first(&drive.idle)
							: ring_take_last(&drive.idle),
			due);
		next++;
	}
	return next;
}

/* What came since the last turn; then what was left in the last turn is sent.  Returns
 * how many messages were settled. */
static uint64_t turn(bool measured)
{
	struct epoll_event events[EVENTS];
	size_t left = drive.later.n;
	uint64_t settled = 0, expired;
	int ready = epoll_wait(
		drive.poller, events, EVENTS, left > 0 ? 0 : TOOL_PATIENCE * 1000);

	if (ready < 0 && errno != EINTR)
		tool_die("epoll", strerror(errno));
	if (ready == 0 && left == 0)
		tool_die(drive.calls->whom, "no answer in 30 seconds");
	for (int i = 0; i < ready; i++) {
		void *session = events[i].data.ptr;

		if (session == NULL) {
			(void)!read(drive.timer, &expired, sizeof(expired));
		} else if (drive.calls->look(session, measured)) {
			ring_put(&drive.idle, session);
			settled++;
		}
	}
	while (left-- > 0)
		drive.calls->resume(ring_take_first(&drive.later));
	return settled;
}

static void run(uint64_t n, uint64_t rate, bool measured)
{
	uint64_t next = 0, settled = 0;
	int64_t start = clock_now();

	while (settled < n) {
		next = begin_due(next, n, rate, start);
		settled += turn(measured);
	}
}

static int64_t cpu_so_far(uint64_t pid)
{
	int64_t cpu = pid != 0 ? cpu_of_process((pid_t)pid) : 0;

	if (cpu < 0)
		tool_die("CPU time of the process", strerror(errno));
	return cpu;
}

void drive_run(const struct drive_want *want, struct drive_cost *cost)
{
	int64_t began, cpu;

	run(want->warm_up, 0, false);
	began = clock_now();
	cpu = cpu_so_far(want->pid);
	run(want->messages, want->rate, true);
	cost->took = clock_now() - began;
	cost->cpu = cpu_so_far(want->pid) - cpu;
}

void drive_end(void)
{
	close(drive.poller);
	close(drive.timer);
	free(drive.idle.items);
	free(drive.later.items);
}
