/*
 * What doctor has to know of Themis, from the daemon: where it listens, and which
 * policies look at what.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_THEMIS_H
#define THEMIS_SHELL_DOCTOR_THEMIS_H

#include "doctor.h"
#include "run.h"

/* Where it listens unless it was told otherwise, the policy service only when somebody
 * opens it. */
#define MILTER_DEFAULT "inet:8440@127.0.0.1"
#define POLICY_DEFAULT "inet:8441@127.0.0.1"

/* Asks the daemon, over a connection of its own.  Not DONE, with err: then out says where
 * it would listen by default, and nothing of policies. */
enum outcome themis_ask(
	const struct shell *s, struct arena *arena, struct themis *out, struct err *err);

/* A door is where somebody says that it is. */
int themis_say(struct themis *t, enum door door, const char *address, struct err *err);

/* From the rows of the daemon (arrays of objects): of status, of policy list and of
 * header list. */
void themis_read_status(struct themis *t, const json_t *rows);
void themis_read_policies(struct arena *arena, struct themis *t, const json_t *policies,
	const json_t *headers);

#endif
