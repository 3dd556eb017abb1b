/*
 * Values in the configuration of postfixlimit, and what they are here.  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_POSTFIXLIMIT_VALUE_H
#define THEMIS_SHELL_POSTFIXLIMIT_VALUE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

enum postfixlimit_field {
	FIELD_SENDER,
	FIELD_LOGIN,
	FIELD_CLIENT,
};

struct postfixlimit_limit {
	const char *text; /* of the attribute limit */
	bool more; /* others stand behind it, which postfixlimit takes no notice of */
};

/* Reads "100 / day", "5 per 2 hours", the notation of the Python package limits.  0, or
 * -1 and err: it is no limit.  One that no policy can have has the text NULL; err says
 * what it lacks. */
int postfixlimit_limit(struct arena *arena, const char *text,
	struct postfixlimit_limit *out, struct err *err);

/* The reply for an action_text, "" for an empty one: {limit} is itself, {key} is
 * {object}, {field} the field's name.  A status code (RFC 3463) at its head is left out:
 * policies have their own; *coded says that there was one.  NULL and err: no reply says
 * that. */
const char *postfixlimit_reply(struct arena *arena, const char *text, const char *field,
	bool *coded, struct err *err);

/* The member of a group that is this key and nothing else; NULL and err if none is. */
const char *postfixlimit_member(struct arena *arena, const char *key,
	enum postfixlimit_field field, struct err *err);

#endif
