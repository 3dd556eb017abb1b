/*
 * The two sockets at which Postfix asks, and the one where metrics can be read, opened
 * and closed together.  On the main thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DOORS_H
#define THEMIS_DOORS_H

#include "admin/request.h"
#include "conf.h"
#include "engine/engine.h"

/* Opens what the configuration names, before the process gives up its rights;
 * doors_start() comes when the engine is whole.  0, or -1 and err. */
int doors_open(const struct conf *conf, struct engine *engine, struct err *err);

/* Serves as many connections at each of those where Postfix asks as admin says.  gave_up:
 * as milter_start() has it. */
int doors_start(const struct conf *conf, const struct admin *admin, void (*gave_up)(void),
	struct err *err);

/* How many there are at which Postfix asks; and descriptors that the other one needs. */
unsigned doors_count(const struct conf *conf);
unsigned doors_set_aside(const struct conf *conf);

/* Removes the UNIX sockets that were opened. */
void doors_remove(void);

#endif
