/*
 * Lists as main.cf has them: items with commas or blanks between, where braces keep what
 * is within them together: "inet:127.0.0.1:1, { unix:x, default_action=accept }"
 * (postconf(5), smtpd_milters and check_policy_service).  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_LIST_H
#define THEMIS_SHELL_DOCTOR_LIST_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An item: octets from start to before end of the list's text. */
struct listed {
	const char *text; /* it alone, in the arena */
	size_t start, end;
};

/* The items; how many there are. */
size_t list_read(struct arena *arena, const char *text, struct listed **items);

/* Is this word an item of it? */
bool list_has(const char *text, const char *word);

/* The list with other text in place of those octets, or without them and what stood
 * between them and their neighbours (with is NULL). */
char *list_replace(struct arena *arena, const char *text, size_t start, size_t end,
	const char *with);

/* The list with this before, or behind, all of it. */
char *list_prepend(struct arena *arena, const char *text, const char *item);
char *list_append(struct arena *arena, const char *text, const char *item);

/* The same list without blanks, as far as commas can stand for them: not within braces in
 * braces. */
char *list_squeeze(struct arena *arena, const char *text);

/* Of an item with settings of its own: what it is about, and one of the settings; NULL if
 * that is not there. */
const char *item_name(struct arena *arena, const char *item);
const char *item_setting(struct arena *arena, const char *item, const char *name);

/* The item with that setting. */
char *item_set(
	struct arena *arena, const char *item, const char *name, const char *value);

/* The item about something else. */
char *item_rename(struct arena *arena, const char *item, const char *name);

/* A time as Postfix spells it ("30s", "5m", "100") in seconds; -1 if it is none. */
int64_t time_read(const char *text);

#endif
