/*
 * The parts of `object show` (admin/do_object_show.c): what the history has of an object,
 * and which policies are for it.  On the searcher's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_OBJECT_SHOW_H
#define THEMIS_ADMIN_OBJECT_SHOW_H

#include "admin/request.h"

/* Rows of a list of the answer, which is one line: a client takes no longer one than
 * WIRE_REPLY_MAX, and nobody reads more. */
#define OBJECT_LIST_MAX 100

/* Puts a list into the row, and beside it, as NAME_more, how many there are that are not
 * in it.  Takes the list over. */
void object_put_list(json_t *row, const char *name, json_t *list, size_t more);

/* The same with the first rows of a query: 0, or -1 and err if it fails, or q is NULL. */
int object_add_list(struct request *rq, sqlite3_stmt *q, const char *name, json_t *row,
	struct err *err);

/* Adds what there was of it and from it: when it was seen, how much it sent, and was
 * refused, in the last day, and its addresses.  0, or -1 and err. */
int object_add_history(
	struct request *rq, const char *object, json_t *row, struct err *err);

/* Adds the policies that mail of the object meets, whatever they count it for (those that
 * are live, not what is staged), and its counters: those that there are, and for each
 * other limit that counts for it one of which nothing is used.  What is fullest comes
 * first.  0, or -1 and err. */
int object_add_policies(
	struct request *rq, const char *object, json_t *row, struct err *err);

#endif
