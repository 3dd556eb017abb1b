/*
 * The feed of decisions.  Put in by messages, taken out by the control server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/feed.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct feed {
	atomic_uint listeners; /* changes under the lock */
	_Atomic uint64_t lost_ever;

	pthread_mutex_t lock; /* guards what follows */
	int wake;
	uint64_t lost;
	size_t first, n; /* of the ring, those that wait */
	struct decision_row *ring[FEED_ROOM];
};

struct feed *feed_new(void)
{
	struct feed *f = mem_calloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

static struct decision_row *take(struct feed *f)
{
	struct decision_row *row;

	if (f->n == 0)
		return NULL;
	row = f->ring[f->first];
	f->first = (f->first + 1) % FEED_ROOM;
	f->n--;
	return row;
}

static void forget_all(struct feed *f)
{
	struct decision_row *row;

	while ((row = take(f)) != NULL)
		free(row);
	f->lost = 0;
}

void feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	forget_all(f);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

void feed_listen(struct feed *f, int wake)
{
	pthread_mutex_lock(&f->lock);
	f->wake = wake;
	f->listeners++;
	pthread_mutex_unlock(&f->lock);
}

void feed_leave(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	if (--f->listeners == 0)
		forget_all(f);
	pthread_mutex_unlock(&f->lock);
}

unsigned feed_listeners(const struct feed *f)
{
	return atomic_load_explicit(&f->listeners, memory_order_relaxed);
}

/* The texts of a row, each by its place in it. */
static const size_t texts[] = {
	offsetof(struct decision_row, verdict),
	offsetof(struct decision_row, queue_id),
	offsetof(struct decision_row, policy),
	offsetof(struct decision_row, object),
	offsetof(struct decision_row, login),
	offsetof(struct decision_row, sender),
	offsetof(struct decision_row, client),
	offsetof(struct decision_row, mta),
	offsetof(struct decision_row, reason),
	offsetof(struct decision_row, spf),
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static const char **text_at(struct decision_row *row, size_t i)
{
	return (const char **)((char *)row + texts[i]);
}

/* In one piece, its texts behind it. */
static struct decision_row *copy_row(const struct decision_row *row)
{
	struct decision_row from = *row, *copy;
	size_t size = sizeof(*copy);
	char *to;

	for (size_t i = 0; i < TEXTS; i++)
		if (*text_at(&from, i) != NULL)
			size += strlen(*text_at(&from, i)) + 1;
	copy = mem_calloc(1, size);
	*copy = *row;
	to = (char *)(copy + 1);
	for (size_t i = 0; i < TEXTS; i++) {
		const char **text = text_at(copy, i);

		if (*text != NULL)
			*text = memcpy(to, *text, strlen(*text) + 1);
		to += *text != NULL ? strlen(to) + 1 : 0;
	}
	return copy;
}

/* Under the lock, since the descriptor is the listeners'; it never blocks. */
static void wake_taker(struct feed *f)
{
	uint64_t one = 1;

	if (write(f->wake, &one, sizeof(one)) < 0)
		log_error("cannot wake the control server: %s", strerror(errno));
}

void feed_put(struct feed *f, const struct decision_row *row)
{
	struct decision_row *copy = copy_row(row);

	pthread_mutex_lock(&f->lock);
	if (f->listeners > 0 && f->n < FEED_ROOM) {
		f->ring[(f->first + f->n++) % FEED_ROOM] = copy;
		copy = NULL;
		if (f->n == 1)
			wake_taker(f);
	} else if (f->listeners > 0) {
		f->lost++;
		f->lost_ever++;
	}
	pthread_mutex_unlock(&f->lock);
	free(copy);
}

struct decision_row *feed_take(struct feed *f)
{
	struct decision_row *row;

	pthread_mutex_lock(&f->lock);
	row = take(f);
	pthread_mutex_unlock(&f->lock);
	return row;
}

uint64_t feed_lost(struct feed *f)
{
	uint64_t lost;

	pthread_mutex_lock(&f->lock);
	lost = f->lost;
	f->lost = 0;
	pthread_mutex_unlock(&f->lock);
	return lost;
}

uint64_t feed_lost_ever(const struct feed *f)
{
	return atomic_load(&f->lost_ever);
}
