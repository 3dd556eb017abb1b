/*
 * The queue of alerts.  Put in by messages, taken out by the thread of notify/, tested by
 * the control server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alerts.h"

#include "engine/alert_wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[ALERT_REFUSED] = "refused",
	[ALERT_NEAR] = "near",
	[ALERT_TROUBLE] = "trouble",
	[ALERT_TROUBLE_END] = "trouble_end",
	[ALERT_SUPPRESSED] = "suppressed",
	[ALERT_TEST] = "test",
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == ALERT_KINDS, "a name for each kind");

STAILQ_HEAD(alert_list, alert);

struct alerts {
	pthread_mutex_t lock; /* guards all of it */
	pthread_cond_t more;
	struct alert_list waiting;
	size_t n;
	bool closed, woken;
	uint64_t lost;
	struct lately *lately;
	struct alert_wait *wait; /* who has asked for a test; with its own lock */
	struct alert_counts counts;
};

const char *alert_kind_name(enum alert_kind kind)
{
	return kinds[kind];
}

struct alerts *alerts_new(void)
{
	struct alerts *a = mem_calloc(1, sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	clock_cond_init(&a->more);
	STAILQ_INIT(&a->waiting);
	a->lately = lately_new();
	a->wait = alert_wait_new();
	return a;
}

static struct alert *take(struct alerts *a)
{
	struct alert *alert = STAILQ_FIRST(&a->waiting);

	if (alert == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&a->waiting, link);
	a->n--;
	return alert;
}

static void forget_all(struct alerts *a)
{
	struct alert *alert;

	while ((alert = take(a)) != NULL)
		alert_free(alert);
}

void alerts_free(struct alerts *a)
{
	if (a == NULL)
		return;
	forget_all(a);
	lately_free(a->lately);
	alert_wait_free(a->wait);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

bool alerts_begin(struct alerts *a, const struct lately_what *what, int64_t now)
{
	bool begins;

	pthread_mutex_lock(&a->lock);
	begins = lately_begins(a->lately, what, now);
	pthread_mutex_unlock(&a->lock);
	return begins;
}

/* Under the lock. */
static void miss(struct alerts *a, const struct alert *alert, int64_t now)
{
	lately_again(a->lately,
		&(struct lately_what){ .kind = alert->kind,
			.policy = alert->policy_id,
			.limit = alert->limit_id,
			.object = alert->object },
		now + ALERTS_AGAIN);
}

void alerts_missed(struct alerts *a, const struct alert *alert, int64_t now)
{
	pthread_mutex_lock(&a->lock);
	miss(a, alert, now);
	pthread_mutex_unlock(&a->lock);
}

/* The texts of an alert, each by its place in it. */
static const size_t texts[] = {
	offsetof(struct alert, policy),
	offsetof(struct alert, object),
	offsetof(struct alert, verdict),
	offsetof(struct alert, reason),
	offsetof(struct alert, limit),
	offsetof(struct alert, count),
	offsetof(struct alert, queue_id),
	offsetof(struct alert, login),
	offsetof(struct alert, sender),
	offsetof(struct alert, client),
	offsetof(struct alert, mta),
	offsetof(struct alert, state),
	offsetof(struct alert, words),
	offsetof(struct alert, user),
};

static struct alert *copy_of(const struct alert *alert)
{
	struct arena *arena = arena_new();
	struct alert *copy = arena_alloc(arena, sizeof(*copy));

	*copy = *alert;
	copy->arena = arena;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char **text = (const char **)((char *)copy + texts[i]);

		*text = arena_strdup(arena, *text);
	}
	return copy;
}

void alert_free(struct alert *alert)
{
	if (alert != NULL)
		arena_free(alert->arena);
}

void alerts_put(struct alerts *a, const struct alert *alert)
{
	struct alert *copy = copy_of(alert);

	pthread_mutex_lock(&a->lock);
	if (!a->closed && a->n < ALERTS_ROOM) {
		STAILQ_INSERT_TAIL(&a->waiting, copy, link);
		a->n++;
		copy = NULL;
		pthread_cond_signal(&a->more);
	} else {
		a->lost++;
		miss(a, alert, alert->time);
	}
	pthread_mutex_unlock(&a->lock);
	alert_free(copy);
}

struct alert *alerts_take(struct alerts *a, const struct timespec *until)
{
	struct alert *alert;

	pthread_mutex_lock(&a->lock);
	while ((alert = take(a)) == NULL && !a->closed && !a->woken) {
		if (until == NULL)
			pthread_cond_wait(&a->more, &a->lock);
		else if (clock_is_past(until))
			break;
		else
			pthread_cond_timedwait(&a->more, &a->lock, until);
	}
	a->woken = false;
	pthread_mutex_unlock(&a->lock);
	return alert;
}

void alerts_wake(void *arg)
{
	struct alerts *a = arg;

	pthread_mutex_lock(&a->lock);
	a->woken = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
}

uint64_t alerts_lost(struct alerts *a)
{
	uint64_t lost;

	pthread_mutex_lock(&a->lock);
	lost = a->lost;
	a->lost = 0;
	pthread_mutex_unlock(&a->lock);
	return lost;
}

size_t alerts_close(struct alerts *a)
{
	size_t left;

	pthread_mutex_lock(&a->lock);
	left = a->n;
	forget_all(a);
	a->closed = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	alert_wait_close(a->wait);
	return left;
}

bool alerts_are_closed(struct alerts *a)
{
	bool closed;

	pthread_mutex_lock(&a->lock);
	closed = a->closed;
	pthread_mutex_unlock(&a->lock);
	return closed;
}

int alerts_test(struct alerts *a, const struct alert *test, char said[ERR_TEXT_MAX],
	struct err *err)
{
	struct alert *copy;

	if (alert_wait_begin(a->wait, err) < 0)
		return -1;
	copy = copy_of(test);
	pthread_mutex_lock(&a->lock);
	if (!a->closed) {
		STAILQ_INSERT_HEAD(&a->waiting, copy, link);
		a->n++;
		copy = NULL;
		pthread_cond_signal(&a->more);
	}
	pthread_mutex_unlock(&a->lock);
	alert_free(copy);
	return alert_wait_end(a->wait, said, err);
}

void alerts_done(
	struct alerts *a, const struct alert *alert, bool delivered, const char *said)
{
	pthread_mutex_lock(&a->lock);
	if (delivered)
		a->counts.delivered++;
	else
		a->counts.failed++;
	pthread_mutex_unlock(&a->lock);
	if (alert->kind == ALERT_TEST)
		alert_wait_answer(a->wait, delivered, said);
}

void alerts_suppressed(struct alerts *a, uint64_t n)
{
	pthread_mutex_lock(&a->lock);
	a->counts.suppressed += n;
	pthread_mutex_unlock(&a->lock);
}

void alerts_count(struct alerts *a, struct alert_counts *counts)
{
	pthread_mutex_lock(&a->lock);
	*counts = a->counts;
	pthread_mutex_unlock(&a->lock);
}
