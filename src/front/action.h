/*
 * Verdicts as actions of Postfix's access(5), in the words of the policy protocol.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_ACTION_H
#define THEMIS_FRONT_ACTION_H

#include "engine/verdict.h"
#include "policy/reply.h"

#define ACTION_TEXT_MAX (REPLY_TEXT_MAX + 64)

/* "action=DUNNO" and the empty line behind it.  What is accepted is left to Postfix,
 * never permitted (OK), since that would pass over what the administrator asks for behind
 * us. Its length. */
size_t action_write(char out[ACTION_TEXT_MAX], const struct verdict *v);

#endif
