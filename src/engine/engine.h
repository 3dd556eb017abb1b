/*
 * The engine: one entry for each step of a message.  Front ends call it; it
 * knows neither SMTP libraries nor sockets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ENGINE_H
#define THEMIS_ENGINE_ENGINE_H

#include "db/writer.h"
#include "engine/message.h"
#include "engine/stats.h"
#include "engine/verdict.h"

/* What it works with; all of it outlives every message. */
struct engine {
	struct policy_slot *slot;
	struct counter_store *store;
	struct writer *writer;
	struct stats *stats;
};

/* MAIL FROM: a new message with the policy set of now.  sender as in the command
 * ("<user@example.org>", "<>"), routed: the address that the MTA takes that for, login as
 * the MTA gives it; both may be NULL.  The session must outlive the message.  Never
 * NULL. */
struct message *engine_mail(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login);

/* An accepted RCPT TO.  routed: where the MTA takes that address to, NULL if it does
 * not say. */
void engine_rcpt(struct message *m, const char *recipient, const char *routed);

/* End of message: looks, charges all or nothing, records, and waits until that
 * is committed.  now in microseconds; queue_id may be NULL.  The texts of the
 * verdict live as long as the message. */
struct verdict engine_end(struct message *m, const char *queue_id, int64_t now);

/* The end of it, after a verdict or an abort.  NULL is fine. */
void engine_drop(struct message *m);

#endif
