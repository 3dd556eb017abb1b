/*
 * Workers: started when there is work for them, and replaced when they are no good.
 * Driven by the pool's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/crew.h"

#include "base/arena.h"
#include "base/episode.h"
#include "base/log.h"
#include "spf/process.h"
#include "spf/wire.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RESOLV_CONF "/etc/resolv.conf"

/* A worker gives up by itself a little before the deadline: so its words are told. */
#define AHEAD_PART 10	  /* a tenth of the time, and at most */
#define AHEAD_MAX  100000 /* microseconds */

/* So many failures one behind the other are not those of single questions. */
#define FAILURES_MAX 3

#define WORDS_MAX ERR_TEXT_MAX

/* What a worker has in hand. */
struct task {
	struct spf_job *job;
	uint64_t id;
	int64_t until; /* then it is late; a grace later, its worker hangs */
};

struct worker {
	struct spf_process process;
	struct stat resolv_conf; /* as it was at its start */
	struct task tasks[SPF_CHECKS_MAX];
	unsigned n; /* of them; 0: it is idle */
};

struct spf_crew {
	char *program, *servers;
	unsigned size;
	spf_crew_answer answer;
	void *arg;

	struct worker workers[SPF_WORKERS_MAX];
	unsigned used;	     /* so many of them have been started at all */
	int64_t replace_at;  /* not earlier */
	unsigned failures;   /* since a worker has answered */
	char why[WORDS_MAX]; /* the last one failed */
	char buf[SPF_WIRE_MAX];
	atomic_uint alive, busy;
	_Atomic uint64_t replaced;
};

struct spf_crew *spf_crew_new(const char *program, const char *servers, unsigned workers,
	spf_crew_answer answer, void *arg)
{
	struct spf_crew *crew = mem_calloc(1, sizeof(*crew));

	crew->program = mem_strdup(program);
	crew->servers = mem_strdup(servers);
	crew->size = workers;
	crew->answer = answer;
	crew->arg = arg;
	for (unsigned i = 0; i < SPF_WORKERS_MAX; i++)
		crew->workers[i].process.fd = -1;
	return crew;
}

static bool is_alive(const struct worker *w)
{
	return w->process.pid > 0;
}

/* The answer to one of the worker's tasks; takes it over. */
static void answer(
	struct spf_crew *crew, struct worker *w, struct task *task, struct spf_answer *a)
{
	struct spf_job *job = task->job;

	*task = w->tasks[--w->n];
	crew->busy--;
	crew->answer(crew->arg, job, a);
}

/* To all that it has in hand. */
static void answer_temperror(struct spf_crew *crew, struct worker *w, const char *why)
{
	while (w->n > 0) {
		struct spf_answer a;

		spf_answer_init(&a, SPF_TEMPERROR, why);
		a.inside = true;
		answer(crew, w, &w->tasks[0], &a);
	}
}

/* NULL: the worker was not asked that, or has answered it. */
static struct task *find_task(struct worker *w, uint64_t id)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->tasks[i].id == id)
			return &w->tasks[i];
	return NULL;
}

/* When the first of its tasks is late; or SPF_CREW_NEVER. */
static int64_t late_at(const struct worker *w)
{
	int64_t when = SPF_CREW_NEVER;

	for (unsigned i = 0; i < w->n; i++)
		if (w->tasks[i].until < when)
			when = w->tasks[i].until;
	return when;
}

/* When it is taken to hang; or SPF_CREW_NEVER. */
static int64_t hangs_at(const struct worker *w)
{
	return w->n > 0 ? late_at(w) + SPF_CREW_GRACE : SPF_CREW_NEVER;
}

static void end(struct spf_crew *crew, struct worker *w, char how[SPAWN_END_MAX])
{
	spf_process_stop(&w->process, how);
	crew->alive--;
}

void spf_crew_free(struct spf_crew *crew)
{
	char how[SPAWN_END_MAX];

	if (crew == NULL)
		return;
	for (unsigned i = 0; i < crew->used; i++) {
		answer_temperror(crew, &crew->workers[i], "themisd stops");
		if (is_alive(&crew->workers[i]))
			end(crew, &crew->workers[i], how);
	}
	free(crew->program);
	free(crew->servers);
	free(crew);
}

static void trouble(struct spf_crew *crew, const char *why)
{
	crew->failures++;
	snprintf(crew->why, sizeof(crew->why), "%s", why);
	episode_begin(EPISODE_SPF, clock_now(), "%s", why);
}

/* One that had nothing in hand has cost nobody an answer: no episode, whose end would be
 * a long time coming where nobody asks. */
static void bury(struct spf_crew *crew, struct worker *w)
{
	char how[SPAWN_END_MAX];
	int pid = (int)w->process.pid;

	end(crew, w, how);
	log_warning("themis-spf %d %s while it had nothing to do: another is started for "
		    "the next question",
		pid, how);
}

/* It is no good: what it did, or NULL if its end says it all. */
static void dismiss(struct spf_crew *crew, struct worker *w, const char *did)
{
	char how[SPAWN_END_MAX], words[WORDS_MAX];
	int pid = (int)w->process.pid;

	end(crew, w, how);
	snprintf(words, sizeof(words), "themis-spf %d %s", pid, did != NULL ? did : how);
	trouble(crew, words);
	answer_temperror(crew, w, words);
}

/* --- what comes --- */

static void take_answer(struct spf_crew *crew, struct worker *w, size_t len)
{
	struct spf_wire_answer said;
	char words[WORDS_MAX];
	struct task *task;

	spf_wire_read_answer(crew->buf, len, &said);
	if (said.kind == SPF_WIRE_REFUSAL) {
		snprintf(words, sizeof(words), "does not work: %.300s", said.refusal);
		dismiss(crew, w, words);
		crew->failures = FAILURES_MAX;
	} else if (said.kind == SPF_WIRE_NONSENSE ||
		   (task = find_task(w, said.id)) == NULL) {
		dismiss(crew, w, "has answered nonsense, and was killed");
		spf_answer_clear(&said.answer);
	} else {
		crew->failures = 0;
		episode_end(EPISODE_SPF, clock_now());
		answer(crew, w, task, &said.answer);
	}
}

/* What it has said in time counts, also behind other answers. */
static void look_at(struct spf_crew *crew, struct worker *w, int64_t now)
{
	ssize_t n;

	while ((n = spf_process_receive(&w->process, crew->buf)) > 0) {
		take_answer(crew, w, (size_t)n);
		if (!is_alive(w))
			return;
	}
	if (n == 0 && w->n == 0)
		bury(crew, w);
	else if (n == 0)
		dismiss(crew, w, NULL);
	else if (now >= hangs_at(w))
		dismiss(crew, w, "does not answer, and was killed");
}

void spf_crew_look(struct spf_crew *crew, int64_t now)
{
	for (unsigned i = 0; i < crew->used; i++)
		if (is_alive(&crew->workers[i]))
			look_at(crew, &crew->workers[i], now);
}

size_t spf_crew_poll(const struct spf_crew *crew, struct pollfd *fds)
{
	size_t n = 0;

	for (unsigned i = 0; i < crew->used; i++)
		if (is_alive(&crew->workers[i]))
			fds[n++] =
				(struct pollfd){ crew->workers[i].process.fd, POLLIN, 0 };
	return n;
}

int64_t spf_crew_wakes(const struct spf_crew *crew, bool more)
{
	int64_t when = SPF_CREW_NEVER;

	for (unsigned i = 0; i < crew->used; i++) {
		int64_t hangs = hangs_at(&crew->workers[i]);

		if (hangs < when)
			when = hangs;
	}
	if (more && crew->alive < crew->used && crew->replace_at < when)
		when = crew->replace_at;
	return when;
}

/* --- what goes out --- */

/* What says of /etc/resolv.conf that it is another one; zeros where nobody reads it. */
static struct stat resolv_conf(const struct spf_crew *crew)
{
	struct stat st = { 0 };

	if (*crew->servers == '\0' && stat(RESOLV_CONF, &st) < 0)
		st = (struct stat){ 0 };
	return st;
}

static bool is_stale(const struct worker *w, const struct stat *now)
{
	const struct stat *then = &w->resolv_conf;

	return now->st_ino != then->st_ino || now->st_dev != then->st_dev ||
	       now->st_size != then->st_size ||
	       now->st_mtim.tv_sec != then->st_mtim.tv_sec ||
	       now->st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

/* 0, or -1: it cannot be started. */
static int start(struct spf_crew *crew, struct worker *w)
{
	struct err err;

	*w = (struct worker){ .resolv_conf = resolv_conf(crew) };
	if (spf_process_start(&w->process, crew->program, crew->servers, &err) < 0) {
		trouble(crew, err.text);
		crew->failures = FAILURES_MAX; /* another would do no better */
		return -1;
	}
	crew->alive++;
	return 0;
}

/* One that is late may hang; one that is stale is to be idle soon, and then replaced. */
static bool may_have_more(const struct worker *w, const struct stat *conf, int64_t now)
{
	return w->n == 0 ||
	       (w->n < SPF_CHECKS_MAX && now < late_at(w) && !is_stale(w, conf));
}

/* Who has the least to do; NULL if nobody can do more. */
static struct worker *find_least(
	struct spf_crew *crew, const struct stat *conf, int64_t now)
{
	struct worker *least = NULL;

	for (unsigned i = 0; i < crew->used; i++) {
		struct worker *w = &crew->workers[i];

		if (is_alive(w) && (least == NULL || w->n < least->n) &&
			may_have_more(w, conf, now))
			least = w;
	}
	return least;
}

/* A worker more, or in place of one that is gone; NULL if there may be none now. */
static struct worker *start_one(struct spf_crew *crew, int64_t now)
{
	struct worker *w = NULL;

	for (unsigned i = 0; i < crew->used && w == NULL; i++)
		if (!is_alive(&crew->workers[i]))
			w = &crew->workers[i];
	if (w != NULL && now >= crew->replace_at) {
		crew->replace_at = now + SPF_CREW_APART;
		crew->replaced++;
	} else if (crew->used < crew->size) {
		w = &crew->workers[crew->used++];
	} else {
		return NULL;
	}
	return start(crew, w) == 0 ? w : NULL;
}

/* An idle worker, else one more, else who has the least to do. */
static struct worker *find_worker(struct spf_crew *crew, int64_t now)
{
	const struct stat conf = resolv_conf(crew);
	struct worker *w = find_least(crew, &conf, now), *another;
	char how[SPAWN_END_MAX];

	if (w == NULL || w->n > 0) {
		another = start_one(crew, now);
		return another != NULL ? another : w;
	}
	if (!is_stale(w, &conf))
		return w;
	end(crew, w, how);
	return start(crew, w) == 0 ? w : NULL;
}

/* For the worker itself. */
static int64_t ahead_of(int64_t until, int64_t now)
{
	int64_t ahead = (until - now) / AHEAD_PART;

	return until - (ahead < AHEAD_MAX ? ahead : AHEAD_MAX);
}

enum spf_crew_offer spf_crew_give(struct spf_crew *crew, struct spf_job *job, uint64_t id,
	const struct spf_question *q, int64_t until, int64_t now, const char **why)
{
	struct worker *w = find_worker(crew, now);
	char *text;
	int rc;

	if (w == NULL) {
		*why = crew->why;
		return crew->failures >= FAILURES_MAX && crew->alive == 0
			       ? SPF_CREW_BROKEN
			       : SPF_CREW_LATER;
	}
	text = spf_wire_ask(id, ahead_of(until, now), q);
	rc = spf_process_send(&w->process, text);
	free(text);
	if (rc < 0) {
		dismiss(crew, w, NULL);
		return SPF_CREW_LATER;
	}
	w->tasks[w->n++] = (struct task){ job, id, until };
	crew->busy++;
	return SPF_CREW_TAKEN;
}

void spf_crew_count(const struct spf_crew *crew, struct spf_crew_counts *counts)
{
	*counts = (struct spf_crew_counts){ crew->alive, crew->busy, crew->replaced };
}
