/*
 * Names beyond ASCII in databases of before they had one spelling (base/addr.h): members
 * of groups and objects of counters become what they are called today.  SQL alone cannot.
 * The history keeps what was written then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_SPELLING_H
#define THEMIS_DB_SPELLING_H

#include "db/db.h"

/* A database that has been of this schema has gone through it. */
#define SPELLING_SCHEMA 9

/* In the transaction of the migrations, behind them.  A member that a group has in both
 * spellings is there once; of an object that was counted in both, what was used is added,
 * since all of it was one's mail.  A name that is none by now stays as it is. */
int spelling_renew(struct db *db, struct err *err);

#endif
