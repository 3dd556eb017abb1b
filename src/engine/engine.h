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

#include <stdatomic.h>

struct alerts;
struct feed;
struct pending_table;
struct retries;
struct spf_service;
struct traffic;

/* What it works with; all of it outlives every message. */
struct engine {
	struct policy_slot *slot;
	struct counter_store *store;
	struct writer *writer;
	struct stats *stats;
	struct traffic *traffic; /* engine/traffic.h */
	struct feed *feed;	 /* engine/feed.h */
	struct alerts *alerts;	 /* engine/alerts.h; NULL: nobody is told of anything */
	struct spf_service *spf; /* NULL: there is none, and SPF is not checked */
	struct pending_table *pending; /* what comes by two doors; NULL: nothing does */
	struct retries *retries; /* engine/retry.h; NULL: each is a message of its own */
	/* the last row of the history that is in table seen; the writer's thread's */
	int64_t seen_upto;
	bool relaxed; /* messages are answered before they are stored */
	bool silent;  /* what it decides is told to nobody (engine/replay.h) */
	_Atomic int64_t refusing; /* until then something is being refused */
};

/* Goes on with the messages that were not at their end when the last process stopped.
 * Once, before the first message; db is the writer's.  0, or -1 and err. */
int engine_resume(struct engine *engine, struct db *db, int64_t now, struct err *err);

/* Keeps these for the next one; what cannot be stored is a line of the log. */
void engine_suspend(struct engine *engine);

/* Forgets the counters for which match() says so (NULL: all), whoever has paid them. */
void engine_reset(struct engine *engine, counter_match *match, void *arg);

/* The steps (enum step) that a session which begins now needs. */
unsigned engine_steps(struct engine *engine, int64_t now);

/* A new message with the policy set of now: at MAIL FROM, or at its end where the session
 * does not show that.  sender as in the command ("<user@example.org>", "<>"), routed: the
 * address that the MTA takes that for ("" for the null sender), login as the MTA gives
 * it; each may be NULL.  Its SPF is asked for if a policy looks at that.  The session
 * must outlive the message.  Never NULL. */
struct message *engine_mail(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login, int64_t now);

/* The same, but nobody asks for its SPF yet: spf_begin() is the caller's. */
struct message *engine_message(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login);

/* A message that is only asked about: nothing is charged, recorded or counted for it, and
 * nothing begins.  set and pool (NULL: none) are the caller's, and outlive it. */
struct message *engine_ask(struct engine *engine, const struct session *session,
	struct policy_set *set, const struct pool *pool, const char *sender,
	const char *login);

/* Does it matter which MTA a message of that login (NULL: none) and sender comes from? */
bool engine_needs_mta(struct engine *engine, const char *login, const char *sender);

/* MAIL FROM, in a session that shows it: what is refused at once (text not NULL), and
 * then written down; the message is to be dropped.  May wait. */
struct verdict engine_early(struct message *m, int64_t now);

/* Waits for SPF, if what RCPT or the end comes to at that moment depends on it; each is
 * to be called before its own, with the same arguments.  True: it has waited, and the
 * moment is another one; then it is to be called again.  After false nothing waits for
 * SPF. */
bool engine_wait_rcpt(
	struct message *m, const char *recipient, const char *routed, int64_t now);
bool engine_wait_end(struct message *m, int64_t now);

/* RCPT TO.  routed: where the MTA takes that address to, NULL if it
 * does not say. Refused (text not NULL) only if the session can answer: then the message
 * goes on without it. */
struct verdict engine_rcpt(struct message *m, const char *recipient, const char *routed,
	const char *queue_id, int64_t now);

/* A header of the message, as the MTA hands it on. */
void engine_header(struct message *m, const char *name, const char *value);

/* So many octets more of its body. */
void engine_body(struct message *m, size_t len);

/* The message does not come to its end: what was refused until here is written down, and
 * what another door has charged for it is given back, where that is sure to be its own.
 * It is to be dropped then. */
void engine_abort(struct message *m, int64_t now);

/* End of message: looks, charges all or nothing of what was not paid before, records, and
 * waits until that is committed, unless the engine is relaxed.  Also for one recipient
 * more of a message that comes in requests (m->one).  now in microseconds; queue_id may
 * be NULL. The texts of the verdict live as long as the message. */
struct verdict engine_end(struct message *m, const char *queue_id, int64_t now);

struct decision; /* engine/record.h */

/* The two halves of engine_end(), for who must not wait.  True: what was decided is to be
 * stored between them (record_post() of m->ending), and the second one is told whether it
 * was. */
bool engine_end_begin(struct message *m, const char *queue_id, int64_t now);
struct verdict engine_end_finish(struct message *m, bool stored);

/* Would engine_wait_end() wait? */
bool engine_end_waits(struct message *m, int64_t now);

/* The decision alone: of a message that is only asked about (dry), nothing else is done.
 * *d: zeroed, and as long-lived as the message. */
struct verdict engine_decide(
	struct message *m, struct decision *d, const char *queue_id, int64_t now);

/* The end of it, after a verdict or an abort; what the writer still has of it goes when
 * that is stored.  NULL is fine. */
void engine_drop(struct message *m);

#endif
