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
#include "spf/spf.h"

#include <stdio.h>
#include <string.h>

#define OBJECT_SHOWN_MAX 200 /* octets of it in a reason */

static const char *const names[] = {
	[VERDICT_ACCEPT] = "accept",
	[VERDICT_BYPASS] = "bypass",
	[VERDICT_MONITOR] = "monitor",
	[VERDICT_DEFER] = "defer",
	[VERDICT_BLOCK] = "block",
	[VERDICT_HOLD] = "hold",
	[VERDICT_DISCARD] = "discard",
	[VERDICT_ERROR] = "error",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == VERDICTS, "a name for each verdict");

/* What an action comes to when a limit has no room (behaviour.md, "Actions"), and where
 * SPF speaks against the message ("SPF"; RFC 7372 3.2). */
static const struct {
	enum verdict_kind kind;
	const char *code, *enhanced;
	const char *spf_code, *spf_enhanced, *permerror_enhanced;
} outcomes[] = {
	[ACTION_MONITOR] = { VERDICT_MONITOR, "", "", "", "", "" },
	[ACTION_DEFER] = { VERDICT_DEFER, "450", "4.7.1", "451", "4.7.23", "4.7.24" },
	[ACTION_BLOCK] = { VERDICT_BLOCK, "550", "5.7.1", "550", "5.7.23", "5.7.24" },
	[ACTION_HOLD] = { VERDICT_HOLD, "", "", "", "", "" },
	[ACTION_DISCARD] = { VERDICT_DISCARD, "", "", "", "", "" },
};

const char *verdict_name(enum verdict_kind kind)
{
	return names[kind];
}

static void set_code(struct verdict *v, const char *code, const char *enhanced)
{
	snprintf(v->code, sizeof(v->code), "%s", code);
	snprintf(v->enhanced, sizeof(v->enhanced), "%s", enhanced);
}

/* What a limit of each kind is called. */
static const char *const limit_kinds[] = {
	[COUNT_MESSAGES] = "Message",
	[COUNT_RECIPIENTS] = "Recipient",
	[COUNT_BYTES] = "Size",
};

/* "12M message", "2000 byte message"; where none may pass, its size does not matter, and
 * may not be known yet. */
static const char *say_size(struct arena *arena, const struct counter_hit *hit)
{
	char size[OCTETS_TEXT_MAX];

	if (limit_room(hit->limit) == 0)
		return "1 message";
	octets_say(size, counter_hit_asks(hit));
	return arena_printf(arena, "%s%s message", size,
		size[strspn(size, "0123456789")] == '\0' ? " byte" : "");
}

/* "50 recipients, limit 10/hour": no wait will help this one. */
static const char *say_too_much(
	struct arena *arena, const struct policy *p, const struct counter_hit *hit)
{
	char limit[LIMIT_TEXT_MAX];

	limit_format(limit, hit->limit);
	if (p->count == COUNT_BYTES)
		return arena_printf(arena, "%s, limit %s", say_size(arena, hit), limit);
	return arena_printf(arena, "%llu %s%s, limit %s",
		(unsigned long long)counter_hit_asks(hit),
		p->count == COUNT_RECIPIENTS ? "recipient" : "message",
		counter_hit_asks(hit) == 1 ? "" : "s", limit);
}

/* An object as long as addresses can be would leave no room for anything else. */
static const char *short_object(struct arena *arena, const char *object)
{
	char *cut = arena_strdup(arena, object);

	str_utf8_cut(cut, OBJECT_SHOWN_MAX);
	return strlen(cut) < strlen(object) ? arena_printf(arena, "%s...", cut) : cut;
}

/* The hits of a match that say why it has no room, and from when on it will. */
struct lack {
	const struct counter_hit *limit; /* the limit to speak of */
	bool penalty;			 /* it has room, but a penalty lasts */
	int64_t free_at;
};

/* Before the last of all full ones has room there is no point in trying again. */
static bool find_lack(const struct counter_hit *hits, size_t n, struct lack *lack)
{
	const struct counter_hit *last = NULL, *full = NULL, *asked = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct counter_hit *hit = &hits[i];

		/* an object's penalty stands behind its limits */
		if (!hit->look && (asked == NULL || asked->group != hit->group))
			asked = hit;
		if (!hit->full)
			continue;
		if (!hit->look && (full == NULL || hit->free_at > full->free_at))
			full = hit;
		if (last == NULL || hit->free_at > last->free_at) {
			last = hit;
			lack->limit = asked;
		}
	}
	if (last == NULL)
		return false;
	lack->penalty = full == NULL;
	if (full != NULL)
		lack->limit = full;
	lack->free_at = last->free_at;
	return true;
}

/* Which limit, for whom, and when there is room. */
static const char *say_reason(struct arena *arena, const struct policy *p,
	const struct lack *lack, int64_t wait, const char *advice)
{
	const struct counter_hit *hit = lack->limit;
	const char *object = short_object(arena, hit->key.object);
	char limit[LIMIT_TEXT_MAX], duration[DURATION_TEXT_MAX];

	if (counter_hit_asks(hit) > limit_room(hit->limit))
		return arena_printf(
			arena, "%s for %s", say_too_much(arena, p, hit), object);
	duration_say(duration, wait);
	if (lack->penalty)
		return arena_printf(arena,
			"Penalty for %s after a limit was reached, %s in %s", object,
			advice, duration);
	return arena_printf(arena, "%s limit %s reached for %s, %s in %s",
		limit_kinds[p->count], limit_format(limit, hit->limit), object, advice,
		duration);
}

static const char *say_reply(struct arena *arena, const struct policy *p,
	const struct lack *lack, const char *queue_id, int64_t wait)
{
	const struct counter_hit *hit = lack->limit;
	char limit[LIMIT_TEXT_MAX], seconds[24];
	const char *words[REPLY_WORDS];
	const char *too_much;
	char *text;

	if (p->reply == NULL)
		return say_reason(arena, p, lack, wait, "try again");
	snprintf(seconds, sizeof(seconds), "%lld", (long long)wait);
	words[REPLY_WAIT] = seconds;
	words[REPLY_LIMIT] = limit_format(limit, hit->limit);
	words[REPLY_OBJECT] = hit->key.object;
	words[REPLY_POLICY] = p->name;
	words[REPLY_QUEUE_ID] = queue_id != NULL ? queue_id : "";
	text = reply_expand(arena, p->reply, words);
	/* a limit of 0 refuses all, whatever its size */
	if (counter_hit_asks(hit) <= limit_room(hit->limit) ||
		limit_room(hit->limit) == 0)
		return text;
	too_much = say_too_much(arena, p, hit);
	str_utf8_cut(text, REPLY_TEXT_MAX - strlen(too_much) - strlen(" ()"));
	return arena_printf(arena, "%s (%s)", text, too_much);
}

struct verdict verdict_full(const struct message *m, const struct policy *p,
	const struct counter_hit *hits, size_t n, const char *queue_id, int64_t now)
{
	struct verdict v = { .kind = VERDICT_ACCEPT, .policy = p };
	struct lack lack;
	int64_t wait;

	if (!find_lack(hits, n, &lack))
		return v;
	/* a period, where waiting for room is in vain */
	wait = lack.free_at == WINDOW_NEVER
		       ? lack.limit->limit->period
		       : (lack.free_at - now + CLOCK_SECOND - 1) / CLOCK_SECOND;
	v.kind = outcomes[p->action].kind;
	v.object = lack.limit->key.object;
	v.free_at = lack.free_at;
	v.limit = lack.limit->limit;
	v.reason = say_reason(m->arena, p, &lack, wait, "room again");
	set_code(&v, outcomes[p->action].code, outcomes[p->action].enhanced);
	if (*v.code != '\0')
		v.text = say_reply(m->arena, p, &lack, queue_id, wait);
	return v;
}

/* What each result says: "example.org does not permit 192.0.2.7 to send for it". */
static const struct {
	const char *does, *what;
} spf_words[] = {
	[SPF_NONE] = { "says nothing of", "" },
	[SPF_NEUTRAL] = { "does not say whether", " may send for it" },
	[SPF_PASS] = { "permits", " to send for it" },
	[SPF_FAIL] = { "does not permit", " to send for it" },
	[SPF_SOFTFAIL] = { "would rather not have", " send for it" },
	[SPF_TEMPERROR] = { NULL, NULL }, /* say_temperror() */
	[SPF_PERMERROR] = { "has a faulty policy, which says nothing of", "" },
};

_Static_assert(
	sizeof(spf_words) / sizeof(spf_words[0]) == SPF_RESULTS, "words for each result");

/* Whose policy it would have been, where that is known. */
static const char *domain_to_check(const struct message *m, const struct spf_answer *spf)
{
	const char *helo = m->session->helo;

	if (*spf->domain != '\0')
		return spf->domain;
	if (m->sender.kind != ADDR_NULL)
		return m->sender.domain;
	return helo != NULL ? addr_domain(m->arena, helo) : NULL;
}

/* "SPF of example.org cannot be checked now (no DNS server answers)": nobody has said
 * anything of the client. */
static const char *say_temperror(const struct message *m, const struct spf_answer *spf)
{
	const char *domain = domain_to_check(m, spf), *excuse = spf_answer_excuse(spf);
	char *text = arena_printf(m->arena, "SPF%s%s cannot be checked now (%s)",
		domain != NULL ? " of " : "", domain != NULL ? domain : "",
		*excuse != '\0' ? excuse : "temperror");

	str_utf8_cut(text, REPLY_TEXT_MAX);
	return text;
}

static const char *say_spf(const struct message *m, const struct spf_answer *spf)
{
	const char *excuse = spf_answer_excuse(spf);
	const char *because = *excuse != '\0' ? excuse : spf->mechanism;
	char client[CIDR_TEXT_MAX];
	char *text;

	text = arena_printf(m->arena, "SPF %s: %s %s %s%s", spf_result_name(spf->result),
		*spf->domain != '\0' ? spf->domain : "the sender",
		spf_words[spf->result].does, cidr_format(client, &m->session->client),
		spf_words[spf->result].what);
	if (*because != '\0')
		text = arena_printf(m->arena, "%s (%s)", text, because);
	str_utf8_cut(text, REPLY_TEXT_MAX);
	return text;
}

static const char *say_spf_reply(const struct message *m, const struct policy *p,
	const struct spf_answer *spf, const char *queue_id)
{
	const char *words[REPLY_WORDS];

	words[REPLY_WAIT] = "0";
	words[REPLY_LIMIT] =
		arena_printf(m->arena, "SPF %s", spf_result_name(spf->result));
	words[REPLY_OBJECT] = m->client;
	words[REPLY_POLICY] = p->name;
	words[REPLY_QUEUE_ID] = queue_id != NULL ? queue_id : "";
	return reply_expand(m->arena, p->reply, words);
}

struct verdict verdict_spf(const struct message *m, const struct policy *p,
	const struct spf_answer *spf, const char *queue_id)
{
	struct verdict v = { .kind = outcomes[p->action].kind,
		.policy = p,
		.object = m->client,
		.by_spf = true };

	if (spf->result == SPF_TEMPERROR) {
		v.kind = VERDICT_DEFER;
		v.reason = v.text = say_temperror(m, spf);
		set_code(&v, "451", "4.4.3");
		return v;
	}
	v.reason = say_spf(m, spf);
	set_code(&v, outcomes[p->action].spf_code,
		spf->result == SPF_PERMERROR ? outcomes[p->action].permerror_enhanced
					     : outcomes[p->action].spf_enhanced);
	if (*v.code != '\0')
		v.text = p->reply != NULL ? say_spf_reply(m, p, spf, queue_id) : v.reason;
	return v;
}

struct verdict verdict_split(
	const struct message *m, const struct policy *p, const struct counter_hit *hit)
{
	struct verdict v = { .kind = VERDICT_DEFER, .policy = p, .split = true };
	char limit[LIMIT_TEXT_MAX];

	v.object = hit->key.object;
	v.reason = v.text = arena_printf(m->arena,
		"Recipient limit %s of %s leaves no room in this message, try another "
		"one",
		limit_format(limit, hit->limit), short_object(m->arena, v.object));
	set_code(&v, "452", "4.5.3");
	return v;
}

struct verdict verdict_blocked(const struct message *m, const char *object)
{
	struct verdict v = { .kind = VERDICT_BLOCK, .object = object, .by_hand = true };

	v.reason = arena_printf(
		m->arena, "%s is blocked by hand", short_object(m->arena, object));
	v.text = "Account manually blocked, contact your administrator";
	set_code(&v, "550", "5.7.1");
	return v;
}

struct verdict verdict_reconnect(const struct message *m, const struct policy *p)
{
	struct verdict v = { .kind = VERDICT_ERROR, .policy = p };

	if (p != NULL)
		v.reason = arena_printf(m->arena,
			"policy %s needs what this session, begun before it, does not "
			"show",
			p->name);
	else
		v.reason = "this session, begun before SPF was checked, does not show "
			   "its header";
	v.text = "policy changed, please reconnect";
	set_code(&v, "421", "4.3.2");
	return v;
}

struct verdict verdict_flooded(const struct message *m)
{
	struct verdict v = { .kind = VERDICT_BLOCK, .object = m->client };

	v.reason = v.text =
		arena_printf(m->arena, "Too many header fields that claim to be of %s",
			short_object(m->arena, m->receiver));
	set_code(&v, "550", "5.7.1");
	return v;
}

struct verdict verdict_error(enum on_error on_error)
{
	struct verdict v = { .kind = VERDICT_ERROR };

	if (on_error == ON_ERROR_TEMPFAIL) {
		set_code(&v, "451", "4.3.0");
		v.text = "Mail policy service temporarily unavailable, try again later";
	}
	return v;
}
