/*
 * A verdict: what becomes of a message, with the words that the SMTP client
 * sees.  A value; its texts are in the message's arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_VERDICT_H
#define THEMIS_ENGINE_VERDICT_H

#include "counter/store.h"
#include "policy/set.h"

enum verdict_kind {
	VERDICT_ACCEPT,
	VERDICT_BYPASS,	 /* accepted; a bypass ended the look */
	VERDICT_MONITOR, /* accepted; a monitor policy would have refused */
	VERDICT_DEFER,
	VERDICT_BLOCK,
	VERDICT_HOLD,
	VERDICT_DISCARD, /* the message, or those of its recipients in `drops` */
	VERDICT_ERROR,	 /* decided by on_error, not by a policy */
	VERDICTS
};

const char *verdict_name(enum verdict_kind kind);

struct recipient_list; /* engine/message.h */
struct spf_answer;     /* spf/spf.h */

/* A header of the message: its name, and its place among those of that name, from 1. */
struct header_place {
	const char *name;
	unsigned nth;
};

struct verdict {
	enum verdict_kind kind;
	/* the reply: "" where the message is accepted */
	char code[4];	  /* RFC 5321 4.2 */
	char enhanced[8]; /* RFC 3463 */
	const char *text; /* one line; NULL where the message is accepted */
	/* for the record: what decided, else the first policy that matched */
	const struct policy *policy;
	const char *object;
	const char *reason; /* for log, history and hold; NULL: nothing was refused */
	int64_t free_at;    /* 0: not refused; WINDOW_NEVER: no wait helps */
	const struct limit
		*limit; /* that has no room, as long-lived as the message; or NULL */
	bool by_spf;	/* not for want of room: verdict_spf() */
	bool by_hand;	/* nor by a policy: verdict_blocked() */
	bool split;	/* room in another message: verdict_split() */
	/* added to a message that goes on, or is held */
	const struct rule_addition *headers;
	size_t nheaders;
	/* taken out of a message that goes on without them; NULL: none */
	const struct recipient_list *drops;
	/* of the message: what SPF came to, as long-lived as it; NULL: not checked */
	const struct spf_answer *spf;
	/* taken out of a message that goes on, or is held: by name in ascending order */
	const struct header_place *forged;
	size_t nforged;
	/* then put on top of it, the last one topmost; values of several lines */
	const struct rule_addition *trace;
	size_t ntrace;
};

struct message;

/* Does the message go on, with all its recipients and at once? */
static inline bool verdict_goes_on(const struct verdict *v)
{
	return v->kind <= VERDICT_MONITOR;
}

/* What rates and `top` count as refused: a policy or a flag has kept the message, or some
 * recipients of it, from being delivered now. */
static inline bool verdict_stops(enum verdict_kind kind)
{
	return kind >= VERDICT_DEFER && kind <= VERDICT_DISCARD;
}

/* Is it refused, by a policy or by a flag? */
static inline bool verdict_refuses(const struct verdict *v)
{
	return v->kind == VERDICT_DEFER || v->kind == VERDICT_BLOCK;
}

/* What a policy makes of the message that asked for these n hits: accepted if all have
 * room.  queue_id may be NULL. */
struct verdict verdict_full(const struct message *m, const struct policy *p,
	const struct counter_hit *hits, size_t n, const char *queue_id, int64_t now);

/* What a policy makes of a message that SPF speaks against (spf_against()): its action,
 * with the codes of RFC 7372; of a temperror 451 4.4.3, whatever the action.  It is the
 * client's: nobody whom it might have forged is the object.  queue_id may be NULL. */
struct verdict verdict_spf(const struct message *m, const struct policy *p,
	const struct spf_answer *spf, const char *queue_id);

/* One recipient too many for this message, for whom there is room in another: 452 4.5.3
 * (RFC 5321 4.5.3.1.10). */
struct verdict verdict_split(
	const struct message *m, const struct policy *p, const struct counter_hit *hit);

/* The object is blocked by a flag. */
struct verdict verdict_blocked(const struct message *m, const char *object);

/* The policy needs a step of SMTP that this session does not show: 421 4.3.2.  NULL: any
 * policy that checks SPF does, lest forged fields go through. */
struct verdict verdict_reconnect(const struct message *m, const struct policy *p);

/* It came with more header fields that claim to be ours than can be taken out: 550 5.7.1.
 */
struct verdict verdict_flooded(const struct message *m);

/* What on_error makes of it: accepted, or 451 4.3.0. */
struct verdict verdict_error(enum on_error on_error);

#endif
