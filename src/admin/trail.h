/*
 * The trail of changes: who changed what, when, from what to what, and with which
 * commands it is taken back.  A row of the table audit for each command that changed
 * something (or tried to without being allowed to), and one of audit_thing for each thing
 * that it really changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_TRAIL_H
#define THEMIS_ADMIN_TRAIL_H

#include "admin/request.h"
#include "admin/things.h"
#include "base/clock.h"

/* Commands that would take a change back, but are longer than this in all, are not kept:
 * it then cannot be taken back. */
#define TRAIL_UNDO_MAX ((size_t)64 * 1024)

/* Makes the change in the transaction and writes its row: of what the command is about
 * (or rq->about) it reads what was there before, and what is there then.  On the writer's
 * thread; 0, or -1 and err. */
int trail_apply(
	struct request *rq, struct db *db, const struct change *change, struct err *err);

/* Who has changed something. */
struct trail_change {
	int64_t number; /* of the audit's row */
	char user[100], time[CLOCK_TEXT_MAX];
};

/* Of the changes of the thing from that row on the last one that holds: of one and its
 * undo none does; its number is 0 if there is none.  with_settings: of a pool its
 * settings count, too.  0, or -1 and err.
 */
int audit_last_standing(struct db *db, const struct thing *thing, bool with_settings,
	int64_t number, struct trail_change *last, struct err *err);

/* Has the thing been changed after that row of the audit?  Of a pool its settings count,
 * too.  1 and by whom last, 0, or -1 and err. */
int audit_changed_since(struct db *db, const struct thing *thing, int64_t number,
	struct trail_change *change, struct err *err);

#endif
