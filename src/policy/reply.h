/*
 * Reply texts: an administrator's words with placeholders in them.
 *
 *	{wait} (old %s)  whole seconds until there is room
 *	{limit}          the limit, as "100/hour"
 *	{object}         for whom
 *	{policy}         by which policy
 *	{queue_id}       Postfix's name of the message
 *
 * Every other character stands as it is.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_REPLY_H
#define THEMIS_POLICY_REPLY_H

#include "base/arena.h"
#include "base/err.h"
#include "ctl/bounds.h"

/* With its code a reply line has at most 512 octets (RFC 5321 4.5.3.1.5). */
#define REPLY_TEXT_MAX 490

enum reply_word {
	REPLY_WAIT,
	REPLY_LIMIT,
	REPLY_OBJECT,
	REPLY_POLICY,
	REPLY_QUEUE_ID,
	REPLY_WORDS
};

/* At most 200 characters of UTF-8, no controls, and no {word} that is not in
 * the list above. */
int reply_check(const char *text, struct err *err);

/* One line of at most REPLY_TEXT_MAX octets, in the arena; a '%' is one '%'. */
char *reply_expand(
	struct arena *arena, const char *text, const char *const words[REPLY_WORDS]);

#endif
