/*
 * A transaction of one client: what he has changed and not committed yet.  It is a
 * private copy of the configuration, in memory, to which his commands are applied, and
 * the list of these commands.  So nothing is locked and nothing held in the database, and
 * what he lists is what he would get.
 *
 * Made and changed on the changer's thread, read by whichever thread runs the client's
 * command (he has one at a time), freed by the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_STAGE_H
#define THEMIS_ADMIN_STAGE_H

#include "admin/batch.h"

enum stage_kind {
	STAGE_CHANGES, /* begin: commands one after the other */
	/* a file that says how things are to be: a policy that it adds is to be as it
	 * says, whether it is there or not */
	STAGE_LOAD,
	STAGE_EXACT, /* likewise, and what it does not name is to go: begins empty */
};

#define STAGES_MAX	 8	/* at a time, of all clients */
#define STAGES_OF_ROOT	 2	/* of these are left for root */
#define STAGE_LINES_MAX	 200000 /* commands of one transaction */
#define STAGE_OCTETS_MAX ((size_t)64 * 1024 * 1024)

struct stage;

/* A copy of what the database file holds now.  NULL with err. */
struct stage *stage_new(const char *database, enum stage_kind kind, struct err *err);
void stage_free(struct stage *stage); /* NULL is fine */

/* How many are open now.  Any thread. */
unsigned stage_count(void);

enum stage_kind stage_kind(const struct stage *stage);

/* The configuration as it is staged. */
struct db *stage_db(struct stage *stage);

/* The commands that were staged, in their order, by their words (noun and verb first);
 * the stage's. */
const struct batch_line *stage_lines(const struct stage *stage, size_t *n);

/* The newest row of the audit when the copy was made: what is newer is a change that the
 * copy has not. */
int64_t stage_begun(const struct stage *stage);

/* May this command be given in it?  0, or -1 and err. */
int stage_takes(
	const struct stage *stage, const struct command *command, struct err *err);

/* Makes a change in the copy, as admin_change() does in the database.  0 and the command
 * is one more of its lines, or -1 and err, and nothing has changed. */
int stage_change(struct stage *stage, struct request *rq, const struct change *change,
	struct err *err);

/* In a file that is loaded, something that it names, by words that nothing else has: 1 if
 * it may be put in the place of what is there; 0 if this is no such file; -1 if the file
 * has named it before. */
int stage_declares(struct stage *stage, const char *thing);

#endif
