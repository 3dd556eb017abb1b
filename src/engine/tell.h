/*
 * What is told of a message: lines of the log, and totals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TELL_H
#define THEMIS_ENGINE_TELL_H

#include "engine/record.h"

/* To the log, the totals, those who have to be alerted, and those who watch; to these, of
 * a message that comes in requests, each time that it is another verdict. */
void tell_all(struct message *m, const struct decision *d);

/* A line of the log for what one recipient was told, and perhaps an alert. */
void tell_recipient(const struct message *m, const struct recipient *r,
	const struct verdict *v, const char *queue_id, int64_t now);

#endif
