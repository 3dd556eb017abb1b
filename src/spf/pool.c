/*
 * Questions on their way: asked on the threads of messages and commands, answered by the
 * pool's own.  Between them is one lock; the workers are that thread's alone (crew.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/pool.h"

#include "base/arena.h"
#include "base/clock.h"
#include "spf/cache.h"
#include "spf/job.h"
#include "spf/trouble.h"
#include "spf/wire.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct spf_ask {
	struct spf_job *job; /* NULL: it was answered at once */
	bool traced;	     /* by hand: it is counted nowhere */
	bool told;	     /* its answer is counted */
	int64_t until;
	struct spf_answer own;		/* instead of the job's */
	const struct spf_answer *given; /* own or the job's; NULL: none yet */
};

struct pool {
	struct spf_service base;
	struct spf_crew *crew; /* the thread's */
	pthread_t thread;
	int wake; /* an eventfd: something was queued, or it is to stop */

	pthread_mutex_t lock; /* guards what follows, and all jobs and asks */
	pthread_cond_t answered;
	struct spf_job *open;
	struct spf_queue *queue;
	struct spf_cache *cache;
	struct spf_trouble trouble;
	uint64_t last_id;
	bool stopping;
	struct spf_pool_counts counts;
};

static void wake(struct pool *p)
{
	uint64_t one = 1;

	if (write(p->wake, &one, sizeof(one)) < 0)
		abort();
}

/* --- jobs; under the lock --- */

static void job_close(struct pool *p, struct spf_job *job)
{
	if (job->joined)
		HASH_DEL(p->open, job);
	job->joined = false;
	spf_queue_leave(p->queue, &job->place);
}

static void job_release(struct pool *p, struct spf_job *job)
{
	if (--job->holders > 0)
		return;
	job_close(p, job);
	spf_queue_forget(p->queue, &job->place);
	spf_job_free(job);
}

/* Takes the answer over.  What comes after the deadline may still be kept. */
static void job_finish(
	struct pool *p, struct spf_job *job, struct spf_answer *a, int64_t now)
{
	if (a->result != SPF_TEMPERROR)
		spf_cache_put(p->cache, &job->q, a, now);
	if (job->done) {
		spf_answer_clear(a);
		return;
	}
	job->answer = *a;
	job->done = true;
	job_close(p, job);
	pthread_cond_broadcast(&p->answered);
}

/* inside: the reason is one of this host. */
static void job_fail(
	struct pool *p, struct spf_job *job, const char *why, bool inside, int64_t now)
{
	struct spf_answer a;

	spf_answer_init(&a, SPF_TEMPERROR, why);
	a.inside = inside;
	job_finish(p, job, &a, now);
}

/* Nobody had room for it. */
static void note_full(struct pool *p, const char *why, int64_t now)
{
	if (spf_trouble_full(&p->trouble, why, now))
		wake(p);
}

/* --- the thread --- */

static void on_answer(void *arg, struct spf_job *job, struct spf_answer *a)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	spf_trouble_answer(&p->trouble, a);
	job_finish(p, job, a, clock_monotonic());
	job_release(p, job);
	pthread_mutex_unlock(&p->lock);
}

/* Under the lock. */
static void end_late_jobs(struct pool *p, int64_t now)
{
	struct spf_place *place;

	while ((place = spf_queue_first(p->queue)) != NULL && now >= place->until) {
		const char *why = spf_queue_why(p->queue, place);

		note_full(p, why, now);
		job_fail(p, place->job, why, false, now);
	}
}

/* The next one without a worker, held for one; NULL if there is none. */
static struct spf_job *next_job(struct pool *p, int64_t now)
{
	struct spf_place *place;

	pthread_mutex_lock(&p->lock);
	end_late_jobs(p, now);
	place = spf_queue_next(p->queue);
	if (place != NULL)
		place->job->holders++;
	pthread_mutex_unlock(&p->lock);
	return place != NULL ? place->job : NULL;
}

/* Gives jobs to workers, as long as there are both; true: there are more jobs. */
static bool hand_out(struct pool *p, int64_t now)
{
	struct spf_job *job;
	const char *why;

	while ((job = next_job(p, now)) != NULL) {
		enum spf_crew_offer offer = spf_crew_give(
			p->crew, job, job->id, &job->q, job->place.until, now, &why);

		pthread_mutex_lock(&p->lock);
		if (offer == SPF_CREW_BROKEN)
			job_fail(p, job, why, true, now);
		if (offer == SPF_CREW_TAKEN)
			spf_queue_start(p->queue, &job->place);
		else
			job_release(p, job);
		pthread_mutex_unlock(&p->lock);
		if (offer == SPF_CREW_LATER)
			return true;
	}
	return false;
}

/* What is wrong as a whole is told, and what is over. */
static void tell_trouble(struct pool *p, int64_t now)
{
	struct spf_trouble trouble;

	pthread_mutex_lock(&p->lock);
	spf_trouble_look(&p->trouble, now);
	trouble = p->trouble;
	pthread_mutex_unlock(&p->lock);
	spf_trouble_tell(&trouble);
}

/* Milliseconds to wait, rounded up. */
static int until_next(struct pool *p, bool more, int64_t now)
{
	int64_t when = spf_crew_wakes(p->crew, more);
	struct spf_place *first;

	pthread_mutex_lock(&p->lock);
	first = spf_queue_first(p->queue);
	if (first != NULL && first->until < when)
		when = first->until;
	if (spf_trouble_wakes(&p->trouble) < when)
		when = spf_trouble_wakes(&p->trouble);
	pthread_mutex_unlock(&p->lock);
	if (when == SPF_CREW_NEVER)
		return -1;
	return when <= now ? 0 : (int)((when - now + 999) / 1000);
}

static void *run(void *arg)
{
	struct pollfd fds[1 + SPF_WORKERS_MAX];
	struct pool *p = arg;
	uint64_t count;

	fds[0] = (struct pollfd){ p->wake, POLLIN, 0 };
	for (;;) {
		int64_t now = clock_monotonic();
		bool more, stopping;
		size_t n;

		spf_crew_look(p->crew, now);
		more = hand_out(p, now);
		tell_trouble(p, now);
		n = spf_crew_poll(p->crew, fds + 1);
		if (poll(fds, n + 1, until_next(p, more, clock_monotonic())) > 0 &&
			(fds[0].revents & POLLIN) != 0 &&
			read(p->wake, &count, sizeof(count)) < 0)
			abort(); /* an eventfd that is ready can be read */
		pthread_mutex_lock(&p->lock);
		stopping = p->stopping;
		pthread_mutex_unlock(&p->lock);
		if (stopping)
			return NULL;
	}
}

/* --- the service --- */

static void answered_at_once(struct spf_ask *ask, const char *why)
{
	spf_answer_init(&ask->own, SPF_TEMPERROR, why);
	ask->given = &ask->own;
}

/* For want of room. */
static void refused(struct pool *p, struct spf_ask *ask, const char *why, int64_t now)
{
	note_full(p, why, now);
	answered_at_once(ask, why);
}

/* The job of all who ask the same, or a new one; NULL: there is no room, and why. */
static struct spf_job *find_job(struct pool *p, const struct spf_question *q,
	int64_t until, int64_t now, const char **why)
{
	struct spf_job *job = NULL;
	size_t len;
	void *key = spf_question_key(q, &len);

	if (!q->trace)
		HASH_FIND(hh, p->open, key, len, job);
	if (job != NULL && now >= job->place.until) { /* its worker hangs */
		HASH_DEL(p->open, job);
		job->joined = false;
		job = NULL;
	}
	if (job != NULL) {
		free(key);
		return job;
	}
	job = spf_job_new(q, key, len);
	job->id = ++p->last_id;
	*why = spf_queue_enter(p->queue, &job->place, q, until);
	if (*why != NULL) {
		spf_job_free(job);
		return NULL;
	}
	if (!q->trace) {
		HASH_ADD_KEYPTR(hh, p->open, job->key, job->key_len, job);
		job->joined = true;
	}
	wake(p);
	return job;
}

/* Under the lock. */
static void ask_locked(
	struct pool *p, struct spf_ask *ask, const struct spf_question *q, int64_t now)
{
	const struct spf_answer *kept = q->trace ? NULL : spf_cache_get(p->cache, q, now);
	const char *why;

	ask->traced = q->trace;
	p->counts.questions += !q->trace;
	if (p->stopping) {
		answered_at_once(ask, "themisd stops");
		ask->own.inside = true;
	} else if (!cidr_is_address(&q->client)) { /* no worker would take it */
		answered_at_once(ask, "there is no client address");
	} else if (kept != NULL) {
		spf_answer_copy(&ask->own, kept);
		ask->given = &ask->own;
		p->counts.cached++;
	} else if ((ask->job = find_job(p, q, ask->until, now, &why)) != NULL) {
		ask->job->holders++;
	} else {
		refused(p, ask, why, now);
	}
}

static struct spf_ask *pool_ask(
	struct spf_service *service, const struct spf_question *q, unsigned milliseconds)
{
	struct pool *p = (struct pool *)service;
	struct spf_ask *ask = mem_calloc(1, sizeof(*ask));
	int64_t now = clock_monotonic();

	ask->until = now + (int64_t)milliseconds * 1000;
	pthread_mutex_lock(&p->lock);
	ask_locked(p, ask, q, now);
	pthread_mutex_unlock(&p->lock);
	return ask;
}

/* Waits until then, if there is room for one more who does; NULL or why there is none. */
static const char *await_until(struct pool *p, struct spf_ask *ask, enum spf_wait wait,
	unsigned max_waiting, int64_t when)
{
	const struct timespec until = clock_at(when);
	const struct spf_place *place = &ask->job->place;
	const char *why = spf_queue_wait(p->queue, place, wait, max_waiting);
	int rc = 0;

	if (why != NULL)
		return why;
	while (!ask->job->done && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&p->answered, &p->lock, &until);
	spf_queue_waited(p->queue, place, wait);
	return NULL;
}

/* Under the lock, which is free meanwhile.  NULL: it is done, or with a worker; else why
 * there was no room for it. */
static const char *await(struct pool *p, struct spf_ask *ask, unsigned max_waiting)
{
	const struct spf_job *job = ask->job;
	int64_t brief = clock_monotonic() + SPF_POOL_BRIEF;
	const char *why = await_until(p, ask, SPF_WAIT_BRIEFLY, max_waiting,
		brief < ask->until ? brief : ask->until);

	if (why == NULL && !job->done && brief < ask->until)
		why = await_until(p, ask, SPF_WAIT_LONG, max_waiting, ask->until);
	if (why != NULL)
		return why;
	return job->done ? NULL : spf_queue_why(p->queue, &job->place);
}

static const struct spf_answer *pool_wait(
	struct spf_service *service, struct spf_ask *ask, unsigned max_waiting)
{
	struct pool *p = (struct pool *)service;
	const char *why = NULL;

	pthread_mutex_lock(&p->lock);
	if (ask->given == NULL && !ask->job->done)
		why = await(p, ask, max_waiting);
	if (why != NULL)
		refused(p, ask, why, clock_monotonic());
	else if (ask->given == NULL && ask->job->done)
		ask->given = &ask->job->answer;
	else if (ask->given == NULL)
		answered_at_once(ask, "there was no answer in time");
	if (!ask->told && !ask->traced && ask->given->result == SPF_TEMPERROR)
		p->counts.temperrors++;
	ask->told = true;
	pthread_mutex_unlock(&p->lock);
	return ask->given;
}

static void pool_drop(struct spf_service *service, struct spf_ask *ask)
{
	struct pool *p = (struct pool *)service;

	if (ask == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	if (ask->job != NULL)
		job_release(p, ask->job);
	pthread_mutex_unlock(&p->lock);
	spf_answer_clear(&ask->own);
	free(ask);
}

/* --- its life --- */

/* Signals are for the main thread. */
static int start_thread(struct pool *p)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&p->thread, NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

struct spf_service *spf_pool_new(
	const char *program, const char *servers, unsigned workers, struct err *err)
{
	struct pool *p = mem_calloc(1, sizeof(*p));
	int rc;

	p->base = (struct spf_service){ pool_ask, pool_wait, pool_drop };
	pthread_mutex_init(&p->lock, NULL);
	clock_cond_init(&p->answered);
	p->queue = spf_queue_new(SPF_POOL_QUEUE, workers * SPF_CHECKS_MAX);
	p->cache = spf_cache_new(SPF_POOL_CACHE);
	p->crew = spf_crew_new(program, servers, workers, on_answer, p);
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = p->wake >= 0 ? start_thread(p) : errno;
	if (rc == 0)
		return &p->base;
	err_set(err, "cannot start a thread for SPF: %s", strerror(rc));
	spf_crew_free(p->crew);
	spf_pool_free(&p->base);
	return NULL;
}

void spf_pool_stop(struct spf_service *service)
{
	struct pool *p = (struct pool *)service;
	struct spf_crew *crew;
	struct spf_place *place;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	wake(p);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	pthread_mutex_lock(&p->lock);
	crew = p->crew;
	p->crew = NULL;
	pthread_mutex_unlock(&p->lock);
	spf_crew_free(crew);
	pthread_mutex_lock(&p->lock);
	while ((place = spf_queue_first(p->queue)) != NULL)
		job_fail(p, place->job, "themisd stops", true, clock_monotonic());
	pthread_mutex_unlock(&p->lock);
}

void spf_pool_free(struct spf_service *service)
{
	struct pool *p = (struct pool *)service;

	if (p == NULL)
		return;
	spf_cache_free(p->cache);
	spf_queue_free(p->queue);
	pthread_cond_destroy(&p->answered);
	pthread_mutex_destroy(&p->lock);
	if (p->wake >= 0)
		close(p->wake);
	free(p);
}

void spf_pool_count(struct spf_service *service, struct spf_pool_counts *counts)
{
	struct pool *p = (struct pool *)service;

	pthread_mutex_lock(&p->lock);
	*counts = p->counts;
	if (p->crew != NULL)
		spf_crew_count(p->crew, &counts->crew);
	pthread_mutex_unlock(&p->lock);
}
