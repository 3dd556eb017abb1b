/*
 * What messages have paid before their end.  Postfix's policy service is asked about each
 * recipient, and again about the whole message; a milter sees the same message at its
 * end. Each of them may be the last that hears of it, so each charges what has not been
 * charged yet; what was is an entry here.
 *
 * The entries of one message are a struct pending.  The table has it while nobody works
 * on it; who takes it out has it alone, so a second request at the same moment finds
 * none, and is a message of its own.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_PENDING_H
#define THEMIS_ENGINE_PENDING_H

#include "db/db.h"
#include "engine/check.h"
#include "spf/spf.h"

#include <stdatomic.h>

/* For so long a message that has not come to its end is remembered (microseconds), and so
 * many at most: beyond, the oldest is forgotten, and would be charged again. */
#define PENDING_LIFE ((int64_t)3600 * 1000000)
#define PENDING_MOST 100000

struct pending;
struct pending_table;

struct pending_table *pending_table_new(void);
void pending_table_free(struct pending_table *t); /* NULL is fine */

/* How many messages are in it. */
size_t pending_count(struct pending_table *t);

/* A policy was passed over, since not all recipients are known: EPISODE_RECIPIENTS, which
 * is over when that has not been for PENDING_CALM. */
#define PENDING_CALM ((int64_t)600 * 1000000)
void pending_miss_recipients(struct pending_table *t, const char *policy, int64_t now);

/* Forgets those that are too old; true: it has forgotten many, and there may be more. */
bool pending_sweep(struct pending_table *t, int64_t now);

/* A message of which nothing was heard yet, and which is in no table.  instance: as the
 * MTA has it; NULL: it does not say. */
struct pending *pending_new(const char *instance, int64_t now);
void pending_free(struct pending *p); /* NULL is fine */

/* NULL: it has none. */
const char *pending_instance(const struct pending *p);

/* When it was first heard of. */
int64_t pending_begun(const struct pending *p);

/* Out of the table, by the instance.  NULL: not there. */
struct pending *pending_take(struct pending_table *t, const char *instance, int64_t now);

/* The same for another door, which does not know instances: by the queue id (NULL or "":
 * not known yet); as what the message was found to be before (m->tied); or, of those that
 * have no queue id yet, by the client address, its port and the sender, of those that
 * came last the one.  One that came to another address or port of ours is another
 * message, since a client can have its port again there. */
struct pending *pending_take_tied(struct pending_table *t, const struct message *m,
	const char *queue_id, int64_t now);

/* Into the table, as what the message and the queue id (NULL or "": not known yet) are
 * known by; one without an instance is freed. */
void pending_put(struct pending_table *t, struct pending *p, const struct message *m,
	const char *queue_id);

/* Forgets the message of that instance, if it is there: none of its requests can come any
 * more. */
void pending_forget(struct pending_table *t, const char *instance);

/* What the hits ask for that was paid already is taken off their costs.  one: they are
 * those of one recipient more, which recipients that were paid before do not pay for. */
void pending_deduct(struct pending *p, struct findings *f, bool one);

/* The hits that were charged are paid. */
void pending_pay(struct pending *p, const struct findings *f);

/* Gives back what was paid and the hits do not ask for.  f: as it was before
 * pending_deduct(); NULL: all of it.  known: what they do not speak of is given back,
 * too; else that may only not be known.  set: whose limits they are. */
void pending_refund(struct pending *p, struct counter_store *store,
	const struct policy_set *set, const struct findings *f, bool known, int64_t now);

/* The counters are forgotten, and what was paid there with them: those that match() says
 * (NULL: all). */
void pending_void(struct pending_table *t, counter_match *match, void *arg);

/* Recipients that were let pass: one that is said twice is one, and counted twice. */
bool pending_has_recipient(const struct pending *p, const char *address);
void pending_add_recipient(struct pending *p, const char *address);
size_t pending_recipients(const struct pending *p);
uint64_t pending_passed(const struct pending *p);
void pending_each_recipient(
	const struct pending *p, void (*fn)(void *arg, const char *address), void *arg);

/* What was counted of the message: for each policy (0: for all mail) the kind of verdict.
 * True: it was counted before, as *kind, which is the new one from then on. */
bool pending_told(const struct pending *p, int64_t policy_id, enum verdict_kind *kind);
void pending_tell(struct pending *p, int64_t policy_id, enum verdict_kind kind);

/* The policy (0: a flag) refuses a recipient for the object.  False: it did so before,
 * for another one. */
bool pending_refuse(struct pending *p, int64_t policy_id, const char *object);

/* Its row of the history.  The writer may still be at it when the message is forgotten,
 * so it has holders; NULL is fine for both. */
struct pending_row {
	atomic_uint holders;
	int64_t id;   /* the writer's; 0: none yet */
	int64_t time; /* of the row, which makes sure that it is the one */
};

struct pending_row *pending_row_new(int64_t id, int64_t time);
void pending_row_acquire(struct pending_row *row);
void pending_row_release(struct pending_row *row);

/* What else is known of it; the engine's to change while it has it. */
struct pending_facts {
	enum verdict_kind sealed; /* HOLD, DISCARD: what becomes of it; else ACCEPT */
	bool ended;		  /* its end was asked about, and it was let pass */
	struct pending_row *row;  /* held; NULL: none yet */
	uint64_t nrefused;	  /* recipients */
	char *refused_for;	  /* why the first of them; owned */
	struct spf_answer *spf;	  /* what came out; owned; NULL: not known */
};
struct pending_facts *pending_facts(struct pending *p);

/* All that is in the table as rows of the database, so that a restart charges nothing
 * twice: written at the stop, read and deleted at the start.  0, or -1 and err. */
int pending_save(struct pending_table *t, struct db *db, struct err *err);
int pending_load(struct pending_table *t, struct db *db, int64_t now, struct err *err);

#endif
