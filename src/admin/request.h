/*
 * One command of one client: what was asked, and what is answered.  Made by the
 * control server, handled by a do_... function: on the server's thread if it only looks,
 * on the searcher's or the reporter's if that may take long, on an asker's if it may wait
 * for DNS, on the changer's if it changes something; in a change, apply() and committed()
 * are run by the writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_REQUEST_H
#define THEMIS_ADMIN_REQUEST_H

#include "admin/things.h"
#include "base/net.h"
#include "ctl/json.h"
#include "ctl/spec.h"
#include "db/keeper.h"
#include "engine/engine.h"
#include "policy/load.h"
#include "policy/named.h"

#define ADMIN_ASKERS 4

/* Whose work a command is.  From the searcher on they only look. */
enum admin_thread {
	THREAD_SERVER,	 /* what is soon done */
	THREAD_CHANGER,	 /* what changes something */
	THREAD_SEARCHER, /* what may look for long */
	THREAD_REPORTER, /* what reads all of the history, or of the database */
	THREAD_ASKER,	 /* what may wait for DNS, or for a program; the first of some */
	ADMIN_THREADS = THREAD_ASKER + ADMIN_ASKERS
};

/* What the handlers work with. */
struct admin {
	struct engine *engine;
	struct keeper *keeper;
	struct db *readers[ADMIN_THREADS];
	int64_t started;
	/* for `status` */
	const char *database, *control_socket, *milter_socket;
	const char *policy_socket; /* NULL or "": there is none */
	const char *sendmail;	   /* NULL: not known */
	void (*sessions)(unsigned *sessions, unsigned *messages);
	/* as many as there may be at a time; of clients at most SERVER_CLIENTS_MAX */
	unsigned max_connections, max_clients, max_counters;
	atomic_uint clients; /* of the control socket: the server's to write */
	unsigned (*connections)(void), (*policy_connections)(void);
	struct spf_service *spf_pool; /* spf/pool.h, for `status`; NULL: there is none */
};

struct batch; /* admin/batch.h */
struct stage; /* admin/stage.h */
struct tail;  /* admin/tail.h */

/* Bytes on their way to a client. */
struct outbox {
	char *bytes;
	size_t used, cap, sent;
};

void outbox_line(struct outbox *out, int code, const char *text);

/* A client's answer may not grow beyond this: a slow reader must not be able to
 * fill our memory. */
#define OUTBOX_MAX ((size_t)64 * 1024 * 1024)

/* All of what a command has to do. */
#define REQUEST_PROGRESS 1000

struct request {
	struct admin *admin;
	struct arena *arena; /* for the time of the command */
	const struct command *command;
	char *const *args; /* behind noun and verb, pairs too */
	size_t nargs;
	struct batch *batch; /* of which it is one; NULL: it stands alone */
	struct stage *stage; /* his transaction; begin sets it, commit and abort end it */
	struct db *live;     /* the reader of the thread that runs it */
	struct db *db;	     /* the configuration: as it is staged, else the same */
	const char *line;    /* as it came, for the audit */
	uid_t uid;
	const char *user; /* his name, if the changer runs this; else perhaps "" */
	/* its words were written at another time, in a file or in the audit: a moment
	 * that is past ("object block NAME until TIME") is no fault, and kept as what is
	 * over, and a program that is not there may come */
	bool written_before;
	struct set_edits touched; /* by a change, in its apply() */
	bool written_down;	  /* likewise: it has made the rows of the audit itself */
	const struct thing_list *about; /* settled; NULL: what its words say */
	int64_t undoes; /* the row of the audit that it takes back; or 0 */
	bool made;	/* its change is committed and live, whatever comes after */
	struct outbox *out;
	size_t rows;
	bool quit;
	struct tail *tail; /* what `tail` has asked for: the answer goes on */
	/* how far it is, of REQUEST_PROGRESS; 0: that is not to be told (yet) */
	atomic_int progress;
	char done[400]; /* what stands behind 200; "": "N rows" */
};

/* The value given as NAME=VALUE, NULL if it is not. */
const char *request_pair(const struct request *rq, const char *name);

/* The refusal of such a value that is none of those which ctl/pairs.def has for it.
 * Always -1. */
int request_refuse(
	const struct request *rq, const char *name, const char *value, struct err *err);

/* The address that is given by client=; family 0 if none is.  0, or -1 and err. */
int request_client(struct request *rq, struct cidr *client, struct err *err);

/* The moment that NAME= says: so long before now, or one as it is; 0 if it is not given.
 * 0, or -1 and err. */
int request_moment(const struct request *rq, const char *name, int64_t now, int64_t *when,
	struct err *err);

/* From when on, as since= says: a duration before now, or a moment; else so many seconds
 * before.  0, or -1 and err. */
int request_since(const struct request *rq, int64_t now, int64_t seconds, int64_t *since,
	struct err *err);

/* Is mail written down in the history?  By the settings that it is judged by, whatever a
 * transaction has staged. */
bool request_is_recorded(const struct request *rq);

/* Sets what the command gives of the attributes of a policy; other pairs are passed over.
 * 0, or -1 and err. */
int request_attributes(const struct request *rq, struct policy *p, struct err *err);

/* The value given behind a keyword ("for 2h"), NULL if it is not. */
const char *request_said(const struct request *rq, const char *keyword);

/* The settings as they hold where no pool's are different: those of now, or as the
 * command's transaction or batch has left them.  0, or -1 and err. */
int request_settings(
	const struct request *rq, struct settings *settings, struct err *err);

/* The one spelling of an object (policy/name.h), in the arena.  NULL with err. */
const char *request_object(struct request *rq, const char *text, struct err *err);

/* The id of a policy that has to be there: 0, or -1 and err. */
int request_policy(struct db *db, const char *name, int64_t *id, struct err *err);

/* Takes the row over.  0, or -1 and err when it is longer than a client takes, or the
 * answer has grown too long (or row is NULL). */
int request_row(struct request *rq, json_t *row, struct err *err);

/* What the client reads when all went well. Always 0. */
int request_done(struct request *rq, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The row at which a query stands, its columns as members: text, numbers and NULL
 * as they are. */
json_t *request_row_of(sqlite3_stmt *q);

/* The first column of all rows of a query, with commas between, as words name what stands
 * in the way: not more of them than fit.  In the arena; NULL if there is no row.  q NULL:
 * -1. */
int request_names(struct request *rq, struct db *db, sqlite3_stmt *q, const char **names,
	struct err *err);

/* The rows of a query as a list within a row; NULL and err if it fails, or q is NULL. */
json_t *request_list(struct db *db, sqlite3_stmt *q, struct err *err);

/* All the rows of a query.  q NULL: -1. */
int request_rows(struct request *rq, struct db *db, sqlite3_stmt *q, struct err *err);

/* The row of a command in the trail of changes that was refused for who gave it, and why
 * (NULL: it was done).  On the writer's thread, within its batch. */
int request_audit(
	const struct request *rq, struct db *db, const char *refusal, struct err *err);

/* The same for a command that changes nothing of the configuration, done or refused: from
 * any thread but the writer's, waits until it is stored.  0, or -1 and err. */
int request_write_down(const struct request *rq, const char *refusal, struct err *err);

struct change {
	/* In the writer's transaction: changes the database or refuses.  Says in
	 * rq->touched which policies are not as they were, or have other rows of their
	 * own, and whether flags and grants are: the rest of them is not read again;
	 * and whether the limits of all policies are to be settled. */
	int (*apply)(struct request *rq, struct db *db, void *arg, struct err *err);
	/* Once it is committed and published, still on the writer's thread, after
	 * the charges of its batch; may be NULL. */
	void (*committed)(struct request *rq, void *arg);
	void *arg;
	struct group_edits *groups; /* what apply() did to members; NULL: nothing */
};

/* Makes a change (from the changer's thread alone: what two changes of one batch did
 * would not be seen by each other): one transaction with its audit row, a new
 * policy set made of it and published, the log synced.  Durable and live when it
 * returns 0; when it returns -1 nothing has changed (or, if only the sync failed, the
 * words say so). */
int admin_change(struct request *rq, const struct change *change, struct err *err);

#define COMMAND(noun, verb, handler, access, ...)                                        \
	COMMAND_SIDE(access, int handler(struct request *rq, struct err *err);, )
#include "ctl/commands.def"
#undef COMMAND

#endif
