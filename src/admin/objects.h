/*
 * What block, bypass and grant read alike (admin/do_object.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_OBJECTS_H
#define THEMIS_ADMIN_OBJECTS_H

#include "admin/request.h"

/* The command's first word as an object; a network larger than what an address makes is
 * none, since no mail is ever from it.  NULL with err. */
const char *object_word(struct request *rq, struct err *err);

/* What stands behind "because": NULL if nothing does.  0, or -1 and err. */
int object_because(struct request *rq, const char **because, struct err *err);

/* So long from now as "for" says: 0 if nothing does.  0, or -1 and err. */
int object_for(struct request *rq, int64_t now, int64_t *until, struct err *err);

#endif
