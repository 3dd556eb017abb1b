/*
 * What the policy socket cannot do of what policies ask for, in words for administrators.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_POLICY_DOOR_H
#define THEMIS_ADMIN_POLICY_DOOR_H

#include "admin/request.h"

/* Behind the answer to a change of a policy ("; at policy_socket ..."): what of it has no
 * effect there, "" if all has, or nobody asks there. */
const char *policy_door_note(struct request *rq, const struct policy *p);

/* The same for a header rule. */
const char *policy_door_note_header(const struct request *rq);

/* Adds its members to the row of `status`, if there is such a socket. */
void policy_door_status(struct request *rq, json_t *row);

#endif
