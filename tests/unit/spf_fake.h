/*
 * Who answers questions about sender policies in a test: at once, what the test has said,
 * and counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_SPF_FAKE_H
#define THEMIS_TESTS_SPF_FAKE_H

#include "fixture.h"

#include "spf/service.h"

#define FAKE_WAIT (20 * CLOCK_SECOND)

struct fake {
	struct spf_service service; /* first: it is what the engine has */
	struct spf_answer answer;   /* to everything; its texts are not owned */
	enum spf_result (*decide)(const struct spf_question *); /* NULL: the answer's */
	unsigned asked, waited, open;	    /* open: not dropped yet */
	unsigned late;			    /* waits where a clock was read before */
	int64_t *clock;			    /* NULL: a wait takes no time */
	unsigned milliseconds, max_waiting; /* of the last */
	char client[CIDR_TEXT_MAX], sender[600], helo[600];
};

struct spf_ask {
	struct spf_answer answer;
};

static inline struct spf_ask *fake_ask(
	struct spf_service *service, const struct spf_question *q, unsigned milliseconds)
{
	struct fake *fake = (struct fake *)service;
	struct spf_ask *ask = mem_calloc(1, sizeof(*ask));

	spf_answer_copy(&ask->answer, &fake->answer);
	if (fake->decide != NULL)
		ask->answer.result = fake->decide(q);
	cidr_format(fake->client, &q->client);
	KEEP(fake->sender, q->sender);
	KEEP(fake->helo, q->helo);
	fake->milliseconds = milliseconds;
	fake->asked++;
	fake->open++;
	return ask;
}

static inline const struct spf_answer *fake_wait(
	struct spf_service *service, struct spf_ask *ask, unsigned max_waiting)
{
	struct fake *fake = (struct fake *)service;

	fake->max_waiting = max_waiting;
	fake->waited++;
	fake->late += !mail_waits;
	if (fake->clock != NULL)
		*fake->clock += FAKE_WAIT;
	return &ask->answer;
}

static inline void fake_drop(struct spf_service *service, struct spf_ask *ask)
{
	struct fake *fake = (struct fake *)service;

	spf_answer_clear(&ask->answer);
	free(ask);
	fake->open--;
}

/* Puts one into the engine that says so. */
static inline struct fake *fake_begin(struct site *s, enum spf_result result)
{
	static char step[] = "-all  matches: fail", *steps[] = { step };
	struct fake *fake = mem_calloc(1, sizeof(*fake));

	fake->service = (struct spf_service){ fake_ask, fake_wait, fake_drop };
	fake->answer = (struct spf_answer){ .result = result,
		.sender = (char *)(uintptr_t) "bob@example.org",
		.domain = (char *)(uintptr_t) "example.org",
		.mechanism = (char *)(uintptr_t) "-all",
		.problem = (char *)(uintptr_t) "",
		.trace = steps,
		.ntrace = 1 };
	s->engine.spf = &fake->service;
	return fake;
}

/* Every question has been dropped, and was waited for where it should. */
static inline void fake_end(struct site *s)
{
	struct fake *fake = (struct fake *)s->engine.spf;

	s->engine.spf = NULL;
	assert_int_equal(fake->open, 0);
	assert_int_equal(fake->late, 0);
	free(fake);
}

#endif
