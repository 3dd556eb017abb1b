/*
 * What is told of a message: lines of the log, and totals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TELL_H
#define THEMIS_ENGINE_TELL_H

#include "engine/record.h"

/* What each policy said; the message by its verdict. */
void tell_decision(const struct message *m, const struct decision *d);

/* A line of the log for what one recipient was told. */
void tell_recipient(const struct message *m, const struct recipient *r,
	const struct verdict *v, const char *queue_id);

#endif
