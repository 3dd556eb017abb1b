/*
 * What is worth an alert: somebody is refused, somebody is near a limit.  While no
 * setting says where alerts go, that is a look at the settings.
 *
 * An object is refused where a policy or a block by hand has stopped a message or a
 * recipient of it.  Not where SPF has, whose object is any client that forges a sender,
 * nor by 452 4.5.3 (there is room in another message), nor for want of a step or of the
 * database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ALARM_H
#define THEMIS_ENGINE_ALARM_H

#include "engine/record.h"

/* Of so many hundredths of a limit an alert tells, what is granted included. */
#define ALARM_NEAR 80

/* Of a limit that is smaller than this none does: so much of it is all of it, and where
 * anybody's first message takes him there that is no news. */
#define ALARM_NEAR_LEAST 5

/* What the message, or a recipient of it, was told.  On its thread, as all that follow.
 */
void alarm_refusal(const struct message *m, const struct verdict *v, const char *queue_id,
	int64_t now);

/* What was charged for the message, and stays charged; and what it was told, unless that
 * was what recipients of it were told, one by one. */
void alarm_decision(const struct message *m, const struct decision *d);

#endif
