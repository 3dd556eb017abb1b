/*
 * What is written down of a message: its row of the history, with its recipients; what
 * was refused to whom; traffic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_RECORD_H
#define THEMIS_ENGINE_RECORD_H

#include "engine/check.h"
#include "engine/discard.h"

/* All that was decided on a message. */
struct decision {
	struct findings f;
	struct discards d;
	struct verdict v;
	const char *queue_id; /* NULL: not known (yet) */
	int64_t now;	      /* when it was made, in microseconds */
	bool again;	      /* an earlier recipient was told the same */
	bool cut;	 /* it did not come to its end: v is what recipients were told */
	bool retried;	 /* a local message that was told the same a short while ago */
	bool unrecorded; /* nothing of it is stored: there was no need, or no way */
};

/* The same as a row of the history, and as those who watch see it; its texts are as long-
 * lived as the message, but for queue_id and mta.  NULL, or 0 of a number: not known, or
 * there is none. */
struct decision_row {
	int64_t time;
	const char *verdict, *queue_id, *policy, *object, *login, *sender, *client, *mta,
		*reason, *spf; /* spf: the result of the check */
	int64_t recipients, size, free_at;
};

struct decision_row record_row(struct message *m, const struct decision *d);

/* The moment that its row of the history has: of a message that comes in requests, or by
 * two doors, that of the first. */
int64_t record_time(const struct message *m, const struct decision *d);

/* Is there anything to store, and so to wait for? */
bool record_is_needed(const struct message *m, const struct decision *d);

/* Waits until the record, and the charges before it, are committed; where the engine is
 * relaxed, and the store is not in trouble, it does not wait.  d: as long-lived as the
 * message, but for its queue_id.  0, or -1: the store is in trouble. */
int record_store(struct message *m, const struct decision *d);

/* The same without waiting.  1: once somebody has called writer_begin(), stored() will be
 * called, on the writer's thread, and until then the message must stay as it is; 0 and -1
 * as above, and it will not. */
int record_post(struct message *m, const struct decision *d,
	void (*stored)(void *arg, bool committed), void *arg);

#endif
