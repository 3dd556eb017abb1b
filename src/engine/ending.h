/*
 * What a message that comes to the milter has paid at the other door: found when it is
 * looked at, and put back until its end.  The end itself is in engine/engine.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ENDING_H
#define THEMIS_ENGINE_ENDING_H

#include "engine/message.h"

/* Takes it into m->pending, if there is any.  Once found it is known by its instance:
 * MTAs may tell of an abort when the next message has already paid. */
void ending_meet(struct message *m, const char *queue_id, int64_t now);

/* Puts it back, as it is not at its end. */
void ending_part(struct message *m, const char *queue_id);

#endif
