/*
 * What is decided before the end of a message (behaviour.md, "When it decides"): when a
 * sender hears of it, never what.  Nothing is charged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_EARLY_H
#define THEMIS_ENGINE_EARLY_H

#include "engine/check.h"

/* Will the message be refused, whoever its recipients are and whatever it holds? Accepted
 * if that is not certain.  *certain: no policy before that one could still refuse single
 * recipients, so that it can be said at once; else it is to be said to each of them.
 * For a message without recipients. */
struct verdict early_look(
	struct message *m, struct findings *f, int64_t now, bool *certain);

/* Does it depend on SPF, for which nobody has waited yet, whether this recipient is
 * refused at that moment?  For a message whose SPF is open (spf_is_open()). */
bool early_needs_spf(struct message *m, const struct recipient *r, int64_t now);

/* Is this recipient refused, the message going on to those accepted before?  Accepted if
 * what it comes to is for the end of the message.  Counts the one in m->early, too. */
struct verdict early_recipient(struct message *m, const struct recipient *r,
	struct findings *f, const char *queue_id, int64_t now);

#endif
