/*
 * Times of trouble.  On the main thread; what is written is written by the writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/trouble.h"

#include "base/arena.h"
#include "base/episode.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct trouble {
	const char *state;    /* stays */
	int64_t begun, ended; /* 0: it goes on */
	char said[ERR_TEXT_MAX];
};

struct entry {
	TAILQ_ENTRY(entry) link;
	struct trouble trouble;
	bool stored; /* as it is, or about to be */
};

struct trouble_log {
	struct writer *writer;
	TAILQ_HEAD(, entry) entries;
	int64_t ended[EPISODES]; /* when the last one that was looked at did */
};

struct put {
	struct writer_job job; /* first: the writer hands it back */
	struct trouble trouble;
};

static int run_put(struct writer_job *job, struct db *db, struct err *err)
{
	const struct trouble *t = &((struct put *)job)->trouble;
	const int64_t *ended = t->ended != 0 ? &t->ended : NULL;

	return db_run(db, SQL_TROUBLE_PUT, err, "ttin", t->state, t->said, t->begun,
		       ended) < 0
		       ? -1
		       : 0;
}

static void done_put(struct writer_job *job, bool committed)
{
	(void)committed; /* the writer has told of it */
	free(job);
}

static bool submit(struct writer *writer, const struct trouble *trouble)
{
	struct put *put = mem_calloc(1, sizeof(*put));

	put->job = (struct writer_job){
		.kind = WRITER_RECORD, .run = run_put, .done = done_put
	};
	put->trouble = *trouble;
	if (writer_submit(writer, &put->job))
		return true;
	free(put);
	return false;
}

static struct entry *find_open(struct trouble_log *log, const char *state)
{
	struct entry *e;

	TAILQ_FOREACH(e, &log->entries, link)
		if (e->trouble.ended == 0 && e->trouble.state == state)
			return e;
	return NULL;
}

static void add(struct trouble_log *log, const struct episode_seen *now)
{
	struct entry *e = mem_calloc(1, sizeof(*e));

	e->trouble.state = now->state;
	e->trouble.begun = now->since;
	e->trouble.ended = now->goes_on ? 0 : now->ended;
	/* it may be any octets, and is to be text for whoever reads it */
	str_printable(e->trouble.said, sizeof(e->trouble.said), now->words);
	TAILQ_INSERT_TAIL(&log->entries, e, link);
}

static void store(struct trouble_log *log)
{
	struct entry *e = TAILQ_FIRST(&log->entries), *next;

	for (; e != NULL; e = next) {
		next = TAILQ_NEXT(e, link);
		if (!e->stored)
			e->stored = submit(log->writer, &e->trouble);
		if (e->stored && e->trouble.ended != 0) {
			TAILQ_REMOVE(&log->entries, e, link);
			free(e);
		}
	}
}

/* One kind, of which one may have begun and ended since it was looked at last. */
static void watch(struct trouble_log *log, const struct episode_seen *seen, int64_t now)
{
	struct entry *e = find_open(log, seen->state);
	bool ended = !seen->goes_on && seen->ended != log->ended[seen->kind];

	if (e != NULL && (!seen->goes_on || seen->since != e->trouble.begun)) {
		e->trouble.ended = now;
		e->stored = false;
		ended &= seen->since != e->trouble.begun;
		e = NULL;
	}
	if (e == NULL && (seen->goes_on || ended))
		add(log, seen);
	log->ended[seen->kind] = seen->ended;
}

void trouble_log_watch(struct trouble_log *log, int64_t now)
{
	struct episode_seen seen;

	for (int kind = 0; kind < EPISODES; kind++) {
		episode_look((enum episode_kind)kind, &seen);
		watch(log, &seen, now);
	}
	store(log);
}

int trouble_log_begin(struct db *db, int64_t now, struct err *err)
{
	return db_run(db, SQL_TROUBLE_END_ALL, err, "i", now) < 0 ? -1 : 0;
}

struct trouble_log *trouble_log_new(struct writer *writer)
{
	struct trouble_log *log = mem_calloc(1, sizeof(*log));
	struct episode_seen seen;

	log->writer = writer;
	TAILQ_INIT(&log->entries);
	for (int kind = 0; kind < EPISODES; kind++) {
		episode_look((enum episode_kind)kind, &seen);
		log->ended[kind] = seen.ended;
	}
	return log;
}

void trouble_log_free(struct trouble_log *log)
{
	struct entry *e;

	if (log == NULL)
		return;
	while ((e = TAILQ_FIRST(&log->entries)) != NULL) {
		TAILQ_REMOVE(&log->entries, e, link);
		free(e);
	}
	free(log);
}
