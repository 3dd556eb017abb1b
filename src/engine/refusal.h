/*
 * What was refused, as those have to know it who come next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_REFUSAL_H
#define THEMIS_ENGINE_REFUSAL_H

#include "engine/engine.h"

/* Whoever comes next may be told early. */
void refusal_remember(struct engine *engine, const struct verdict *v, int64_t now);

/* A recipient of the message has heard this; it is in none of its lists. */
void refusal_keep(struct message *m, struct recipient *r, const struct verdict *v);

#endif
