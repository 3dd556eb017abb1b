/*
 * Verdicts: codes and words.  Called by the engine; pure but for the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/verdict.h"

#include "base/clock.h"
#include "base/str.h"
#include "counter/window.h"
#include "engine/message.h"
#include "policy/reply.h"

#include <stdio.h>
#include <string.h>

#define OBJECT_SHOWN_MAX 200 /* octets of it in a reason */

static const char *const names[] = {
	[VERDICT_ACCEPT] = "accept",
	[VERDICT_MONITOR] = "monitor",
	[VERDICT_DEFER] = "defer",
	[VERDICT_BLOCK] = "block",
	[VERDICT_HOLD] = "hold",
	[VERDICT_DISCARD] = "discard",
	[VERDICT_ERROR] = "error",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == VERDICTS, "a name for each verdict");

/* What an action comes to when a limit has no room (behaviour.md, "Actions"). */
static const struct {
	enum verdict_kind kind;
	const char *code, *enhanced;
} outcomes[] = {
	[ACTION_MONITOR] = { VERDICT_MONITOR, "", "" },
	[ACTION_DEFER] = { VERDICT_DEFER, "450", "4.7.1" },
	[ACTION_BLOCK] = { VERDICT_BLOCK, "550", "5.7.1" },
	[ACTION_HOLD] = { VERDICT_HOLD, "", "" },
	[ACTION_DISCARD] = { VERDICT_DISCARD, "", "" },
};

const char *verdict_name(enum verdict_kind kind)
{
	return names[kind];
}

/* "50 recipients, limit 10/hour": no wait will help this one. */
static const char *say_too_much(
	struct arena *arena, const struct policy *p, const struct counter_hit *hit)
{
	char limit[LIMIT_TEXT_MAX];

	return arena_printf(arena, "%llu %s%s, limit %s", (unsigned long long)hit->cost,
		p->count == COUNT_RECIPIENTS ? "recipient" : "message",
		hit->cost == 1 ? "" : "s", limit_format(limit, hit->limit));
}

/* An object as long as addresses can be would leave no room for anything else. */
static const char *short_object(struct arena *arena, const char *object)
{
	char *cut = arena_strdup(arena, object);

	str_utf8_cut(cut, OBJECT_SHOWN_MAX);
	return strlen(cut) < strlen(object) ? arena_printf(arena, "%s...", cut) : cut;
}

/* Which limit, for whom, and when there is room. */
static const char *say_reason(struct arena *arena, const struct policy *p,
	const struct counter_hit *hit, int64_t wait, const char *advice)
{
	const char *object = short_object(arena, hit->key.object);
	char limit[LIMIT_TEXT_MAX], duration[DURATION_TEXT_MAX];

	if (hit->free_at == WINDOW_NEVER)
		return arena_printf(
			arena, "%s for %s", say_too_much(arena, p, hit), object);
	return arena_printf(arena, "%s limit %s reached for %s, %s in %s",
		p->count == COUNT_RECIPIENTS ? "Recipient" : "Message",
		limit_format(limit, hit->limit), object, advice,
		duration_say(duration, wait));
}

static const char *say_reply(struct arena *arena, const struct policy *p,
	const struct counter_hit *hit, const char *queue_id, int64_t wait)
{
	char limit[LIMIT_TEXT_MAX], seconds[24];
	const char *words[REPLY_WORDS];
	const char *too_much;
	char *text;

	if (p->reply == NULL)
		return say_reason(arena, p, hit, wait, "try again");
	snprintf(seconds, sizeof(seconds), "%lld", (long long)wait);
	words[REPLY_WAIT] = seconds;
	words[REPLY_LIMIT] = limit_format(limit, hit->limit);
	words[REPLY_OBJECT] = hit->key.object;
	words[REPLY_POLICY] = p->name;
	words[REPLY_QUEUE_ID] = queue_id != NULL ? queue_id : "";
	text = reply_expand(arena, p->reply, words);
	/* a limit of 0 refuses all, whatever its size */
	if (hit->free_at != WINDOW_NEVER || hit->limit->amount == 0)
		return text;
	too_much = say_too_much(arena, p, hit);
	str_utf8_cut(text, REPLY_TEXT_MAX - strlen(too_much) - strlen(" ()"));
	return arena_printf(arena, "%s (%s)", text, too_much);
}

struct verdict verdict_full(const struct message *m, const struct policy *p,
	const struct counter_hit *hit, const char *queue_id, int64_t now)
{
	/* a period, where waiting for room is in vain */
	int64_t wait = hit->free_at == WINDOW_NEVER
			       ? hit->limit->period
			       : (hit->free_at - now + CLOCK_SECOND - 1) / CLOCK_SECOND;
	struct verdict v = { .kind = outcomes[p->action].kind, .policy = p };

	v.object = hit->key.object;
	v.free_at = hit->free_at;
	v.reason = say_reason(m->arena, p, hit, wait, "room again");
	snprintf(v.code, sizeof(v.code), "%s", outcomes[p->action].code);
	snprintf(v.enhanced, sizeof(v.enhanced), "%s", outcomes[p->action].enhanced);
	if (*v.code != '\0')
		v.text = say_reply(m->arena, p, hit, queue_id, wait);
	return v;
}

struct verdict verdict_error(enum on_error on_error)
{
	struct verdict v = { .kind = VERDICT_ERROR };

	if (on_error == ON_ERROR_TEMPFAIL) {
		snprintf(v.code, sizeof(v.code), "451");
		snprintf(v.enhanced, sizeof(v.enhanced), "4.3.0");
		v.text = "Mail policy service temporarily unavailable, try again later";
	}
	return v;
}
