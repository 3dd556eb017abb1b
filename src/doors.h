/*
 * The two sockets at which Postfix asks, opened and closed together.  On the main thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DOORS_H
#define THEMIS_DOORS_H

#include "conf.h"
#include "engine/engine.h"

/* Opens what the configuration names, before the process gives up its rights;
 * doors_start() comes when the engine is whole.  0, or -1 and err. */
int doors_open(const struct conf *conf, struct engine *engine, struct err *err);

/* Serves at most so many connections at each of them.  gave_up: as milter_start() has it.
 */
int doors_start(
	const struct conf *conf, unsigned max, void (*gave_up)(void), struct err *err);

/* How many there are to open. */
unsigned doors_count(const struct conf *conf);

/* Removes the UNIX sockets that were opened. */
void doors_remove(void);

#endif
