/*
 * The job that holds the writer until others have queued up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_GATE_H
#define THEMIS_TESTS_GATE_H

#include "db/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct gate {
	struct writer_job job;
	struct writer *writer;
	pthread_t thread;
	sem_t entered, open;
};

static inline int run_gate(struct writer_job *job, struct db *db, struct err *err)
{
	struct gate *g = (struct gate *)job;

	(void)db;
	(void)err;
	sem_post(&g->entered);
	sem_wait(&g->open);
	return 0;
}

static inline void *submit_gate(void *arg)
{
	struct gate *g = arg;

	writer_do(g->writer, &g->job, NULL);
	return NULL;
}

/* It is a record, which a batch begins with: what is submitted from here on waits for the
 * next one. */
static inline void gate_shut(struct gate *g, struct writer *w)
{
	*g = (struct gate){ .job = { .kind = WRITER_RECORD, .run = run_gate },
		.writer = w };
	sem_init(&g->entered, 0, 0);
	sem_init(&g->open, 0, 0);
	assert_int_equal(pthread_create(&g->thread, NULL, submit_gate, g), 0);
	sem_wait(&g->entered);
}

static inline void gate_open(struct gate *g)
{
	sem_post(&g->open);
	pthread_join(g->thread, NULL);
	sem_destroy(&g->entered);
	sem_destroy(&g->open);
}

#endif
