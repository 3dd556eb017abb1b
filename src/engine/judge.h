/*
 * What findings come to once it is known which hits have room: the verdict of each
 * policy, and of all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_JUDGE_H
#define THEMIS_ENGINE_JUDGE_H

#include "engine/check.h"

/* What the match's policy makes of the message: SPF first, then its limits. */
struct verdict judge_match(const struct message *m, const struct findings *f,
	const struct match *match, const char *queue_id, int64_t now);

/* The first policy in order without room gives the verdict; a monitor policy only if
 * nothing else does.  Each match has its own afterwards.  Begins the penalty of the one
 * that refuses, if it has one.  queue_id may be NULL. */
struct verdict judge_findings(
	struct message *m, struct findings *f, const char *queue_id, int64_t now);

/* The first match in order that has no room, monitors aside; NULL if all have.  Begins
 * nothing.  Each match has its verdict afterwards. */
struct match *judge_first(
	struct message *m, struct findings *f, const char *queue_id, int64_t now);

/* Begins the penalty of a policy that refuses for want of room, for each object without
 * room that is in none yet, and tells the match's verdict of it. */
void judge_punish(struct message *m, struct findings *f, struct match *match,
	const char *queue_id, int64_t now);

/* The same verdict with the headers that were found to be added. */
struct verdict judge_with_headers(const struct findings *f, struct verdict v);

#endif
