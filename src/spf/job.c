/*
 * Questions under way, as values.  Called by the pool (pool.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/job.h"

#include "base/arena.h"

#include <stdlib.h>

struct spf_job *spf_job_new(const struct spf_question *q, void *key, size_t key_len)
{
	struct spf_job *job = mem_calloc(1, sizeof(*job));

	job->key = key;
	job->key_len = key_len;
	job->q = *q;
	job->q.sender = mem_strdup(q->sender);
	job->q.helo = mem_strdup(q->helo);
	job->place.job = job;
	return job;
}

void spf_job_free(struct spf_job *job)
{
	spf_answer_clear(&job->answer);
	free((char *)job->q.sender);
	free((char *)job->q.helo);
	free(job->key);
	free(job);
}
