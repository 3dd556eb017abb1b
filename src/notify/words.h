/*
 * An alert in words: a sentence, a letter, JSON.  All of it is UTF-8 without control
 * characters, whatever strangers have put into it.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_WORDS_H
#define THEMIS_NOTIFY_WORDS_H

#include "engine/alerts.h"

/* "bob@example.org: mail is deferred by policy outbound"; in the arena. */
const char *words_title(const struct alert *alert, struct arena *arena);

/* What, who, since when, which limit, and what to type in tmsh next: lines that end with
 * "\n".  host: where it happens.  In the arena. */
const char *words_letter(
	const struct alert *alert, const char *host, struct arena *arena);

/* One JSON object and "\n"; in the arena. */
const char *words_json(const struct alert *alert, const char *host, struct arena *arena);

#endif
