/*
 * Whoever has asked for a test of alerts, and waits for what comes of it.  One at a time.
 * It has a lock of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ALERT_WAIT_H
#define THEMIS_ENGINE_ALERT_WAIT_H

#include "base/err.h"

#include <stdbool.h>

struct alert_wait;

struct alert_wait *alert_wait_new(void);
void alert_wait_free(struct alert_wait *w); /* NULL is fine; nobody has it any more */

/* Asks.  -1 and err: somebody else waits, or there will be no answer any more. */
int alert_wait_begin(struct alert_wait *w, struct err *err);

/* Behind that, until there is an answer: 0, with its words in said; or -1 and err, which
 * has them. */
int alert_wait_end(struct alert_wait *w, char said[ERR_TEXT_MAX], struct err *err);

/* What came of it; another thread. */
void alert_wait_answer(struct alert_wait *w, bool good, const char *said);

/* There will be no answer any more. */
void alert_wait_close(struct alert_wait *w);

#endif
