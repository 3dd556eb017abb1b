/*
 * Verdicts: the codes that behaviour.md fixes, and the words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

struct scene {
	struct message m;
	struct policy p;
	struct counter_hit hit;
};

/* A policy "out" of 3/hour without room for bob until half an hour from NOW. */
static int scene_setup(void **state)
{
	struct scene *c = mem_calloc(1, sizeof(*c));
	struct err err = { ERR_BAD, "" };

	c->m.arena = arena_new();
	policy_init(&c->p, "out");
	must(policy_set(&c->p, ATTRIBUTE_LIMIT, "3/hour", &err), &err);
	c->hit = (struct counter_hit){ .key = { 1, "bob@example.org" },
		.limit = &c->p.limits.limit[0],
		.cost = 1,
		.full = true,
		.used = 3,
		.free_at = NOW + 30 * MINUTES };
	*state = c;
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *c = *state;

	policy_clear(&c->p);
	arena_free(c->m.arena);
	free(c);
	return 0;
}

static struct verdict full(struct scene *c, const char *action, const char *reply)
{
	struct err err = { ERR_BAD, "" };

	must(policy_set(&c->p, ATTRIBUTE_ACTION, action, &err), &err);
	must(policy_set(&c->p, ATTRIBUTE_REPLY, reply, &err), &err);
	return verdict_full(&c->m, &c->p, &c->hit, 1, "4XyZ", NOW);
}

static void test_names(void **state)
{
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

	(void)state;
	assert_int_equal(LENGTH(names), VERDICTS);
	for (int v = 0; v < VERDICTS; v++)
		assert_string_equal(verdict_name((enum verdict_kind)v), names[v]);
}

static const struct {
	const char *action;
	enum verdict_kind kind;
	const char *code, *enhanced;
	bool text;
} outcomes[] = {
	{ "monitor", VERDICT_MONITOR, "", "", false },
	{ "defer", VERDICT_DEFER, "450", "4.7.1", true },
	{ "block", VERDICT_BLOCK, "550", "5.7.1", true },
	{ "hold", VERDICT_HOLD, "", "", false },
	{ "discard", VERDICT_DISCARD, "", "", false },
};

static void test_actions(void **state)
{
	static const char *const replies[] = { "", "Later" };
	struct scene *c = *state;

	for (size_t i = 0; i < LENGTH(outcomes) * 2; i++) {
		struct verdict v = full(c, outcomes[i / 2].action, replies[i % 2]);

		assert_int_equal(v.kind, outcomes[i / 2].kind);
		assert_string_equal(v.code, outcomes[i / 2].code);
		assert_string_equal(v.enhanced, outcomes[i / 2].enhanced);
		assert_int_equal(v.text != NULL, outcomes[i / 2].text);
		if (i % 2 == 1 && v.text != NULL)
			assert_string_equal(v.text, "Later");
		assert_ptr_equal(v.policy, &c->p);
		assert_string_equal(v.object, "bob@example.org");
		assert_int_equal(v.free_at, NOW + 30 * MINUTES);
		/* whom it takes out is the engine's to say */
		assert_null(v.drops);
		/* log, history and hold have the facts, whatever the sender is told */
		assert_non_null(strstr(v.reason, "3/hour"));
		assert_non_null(strstr(v.reason, "bob@example.org"));
	}
}

/* The default says which limit, for whom, and when there is room. */
static void test_default_words(void **state)
{
	static const char *const counts[] = { "messages", "recipients", "bytes" };
	static const char *const words[] = { "Message", "Recipient", "Size" };
	struct scene *c = *state;
	struct err err = { ERR_BAD, "" };

	for (size_t i = 0; i < LENGTH(counts); i++) {
		struct verdict v;

		must(policy_set(&c->p, ATTRIBUTE_COUNT, counts[i], &err), &err);
		v = full(c, "defer", "");
		assert_non_null(strstr(v.text, "3/hour"));
		assert_non_null(strstr(v.text, words[i]));
		for (size_t k = 0; k < LENGTH(words); k++)
			assert_int_equal(strstr(v.text, words[k]) != NULL, k == i);
		assert_non_null(strstr(v.text, "bob@example.org"));
		assert_non_null(strstr(v.text, "30 minutes"));
		v = full(c, "hold", "");
		assert_non_null(strstr(v.reason, "30 minutes"));
	}
}

/* However long the object, the words behind it are there. */
static void test_long_object(void **state)
{
	struct site *s = *state;
	char sender[600];
	struct outcome o;

	snprintf(
		sender, sizeof(sender), "<%0255d@%060d.%060d.%060d.example>", 0, 0, 0, 0);
	site_policy(s, "long", "limit=1/hour", "key=sender", "action=defer", NULL);
	site_publish(s);
	SEND(s, NOW, .sender = sender);
	o = SEND(s, NOW, .sender = sender);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_non_null(strstr(o.text, "00..., try again in "));
	assert_true(strlen(o.text) < 300);
	assert_true(strlen(o.object) > 380);
}

static void test_reply_words(void **state)
{
	struct scene *c = *state;
	struct verdict v;

	v = full(
		c, "block", "{wait}|%s|{limit}|{object}|{policy}|{queue_id}|100%|\"{}\"");
	assert_string_equal(
		v.text, "1800|1800|3/hour|bob@example.org|out|4XyZ|100%|\"{}\"");
}

/* Whole seconds, never too few. */
static void test_wait_rounds_up(void **state)
{
	static const struct {
		int64_t ahead;
		const char *wait;
	} waits[] = { { 1, "1" }, { CLOCK_SECOND - 1, "1" }, { CLOCK_SECOND, "1" },
		{ CLOCK_SECOND + 1, "2" }, { HOURS - 1, "3600" }, { HOURS, "3600" } };
	struct scene *c = *state;

	for (size_t i = 0; i < LENGTH(waits); i++) {
		c->hit.free_at = NOW + waits[i].ahead;
		assert_string_equal(full(c, "defer", "{wait}").text, waits[i].wait);
	}
}

/* `N recipients, limit L`: what alone exceeds the limit is told so, also where
 * the administrator has words of his own. */
static void test_alone_too_much(void **state)
{
	struct scene *c = *state;
	struct err err = { ERR_BAD, "" };
	struct verdict v;

	must(policy_set(&c->p, ATTRIBUTE_COUNT, "recipients", &err), &err);
	c->hit.cost = 50;
	c->hit.free_at = WINDOW_NEVER;
	v = full(c, "block", "");
	assert_non_null(strstr(v.text, "50 recipients, limit 3/hour"));
	assert_null(strstr(v.text, "again"));
	assert_int_equal(v.free_at, WINDOW_NEVER);
	v = full(c, "defer", "Too much, wait {wait}");
	assert_ptr_equal(strstr(v.text, "Too much, wait 3600"), v.text);
	assert_non_null(strstr(v.text, "50 recipients, limit 3/hour"));
	v = full(c, "hold", "");
	assert_non_null(strstr(v.reason, "50 recipients, limit 3/hour"));
	v = full(c, "discard", "");
	assert_non_null(strstr(v.reason, "50 recipients, limit 3/hour"));
	c->hit.cost = 1;
	must(policy_set(&c->p, ATTRIBUTE_COUNT, "messages", &err), &err);
	must(policy_set(&c->p, ATTRIBUTE_LIMIT, "0/hour", &err), &err);
	assert_non_null(strstr(full(c, "defer", "").text, "1 message, limit 0/hour"));
	/* a limit of 0 has nothing to do with the size */
	assert_string_equal(full(c, "block", "No mail").text, "No mail");
}

/* The MTA need not have named the message (engine_end() allows NULL). */
static void test_no_queue_id(void **state)
{
	struct scene *c = *state;
	struct verdict v;

	full(c, "defer", "<{queue_id}> {policy}");
	v = verdict_full(&c->m, &c->p, &c->hit, 1, NULL, NOW);
	assert_non_null(v.text);
	assert_non_null(strstr(v.text, "out"));
}

/* Of several hits: free when, penalty or limit, of which group. */
static const struct {
	struct {
		unsigned group;
		bool look, full;
		int minutes;
	} hits[4];
	int said; /* the hit that is spoken of */
	bool penalty;
	int minutes;
} lacks[] = {
	/* limits: the last that has room again */
	{ { { 1, false, true, 5 }, { 1, false, true, 9 } }, 1, false, 9 },
	{ { { 1, false, true, 9 }, { 1, false, true, 5 } }, 0, false, 9 },
	{ { { 1, false, true, 5 }, { 1, false, false, 9 } }, 0, false, 5 },
	/* with a penalty of any length it is the limit, and the later of both */
	{ { { 1, false, true, 5 }, { 1, true, true, 9 } }, 0, false, 9 },
	{ { { 1, false, true, 9 }, { 1, true, true, 5 } }, 0, false, 9 },
	/* a penalty alone: of the object's first limit */
	{ { { 1, false, false, 0 }, { 1, false, false, 0 }, { 1, true, true, 5 } }, 0,
		true, 5 },
	{ { { 1, false, false, 0 }, { 1, true, false, 0 }, { 2, false, false, 0 },
		  { 2, true, true, 7 } },
		2, true, 7 },
	{ { { 1, false, false, 0 }, { 1, true, true, 9 }, { 2, false, false, 0 },
		  { 2, true, true, 7 } },
		0, true, 9 },
	{ { { 1, false, false, 0 }, { 1, true, true, 9 }, { 2, false, true, 3 },
		  { 2, true, false, 0 } },
		2, false, 9 },
};

static void test_what_is_spoken_of(void **state)
{
	static const char *const objects[] = { "o0", "o1", "o2", "o3" };
	struct scene *c = *state;
	struct err err = { ERR_BAD, "" };

	must(policy_set(&c->p, ATTRIBUTE_ACTION, "defer", &err), &err);
	for (size_t i = 0; i < LENGTH(lacks); i++) {
		struct counter_hit hits[4];
		struct verdict v;

		for (size_t h = 0; h < LENGTH(hits); h++) {
			hits[h] = c->hit;
			hits[h].key.object = objects[h];
			hits[h].group = lacks[i].hits[h].group;
			hits[h].look = lacks[i].hits[h].look;
			hits[h].full = lacks[i].hits[h].full;
			hits[h].free_at = NOW + lacks[i].hits[h].minutes * MINUTES;
		}
		v = verdict_full(&c->m, &c->p, hits, LENGTH(hits), NULL, NOW);
		assert_int_equal(v.kind, VERDICT_DEFER);
		assert_string_equal(v.object, objects[lacks[i].said]);
		assert_int_equal(v.free_at, NOW + lacks[i].minutes * MINUTES);
		assert_int_equal(strstr(v.text, "Penalty") != NULL, lacks[i].penalty);
	}
}

/* What no policy refuses as it is. */
static void test_other_words(void **state)
{
	struct scene *c = *state;
	struct verdict v = verdict_split(&c->m, &c->p, &c->hit);

	assert_int_equal(v.kind, VERDICT_DEFER);
	assert_string_equal(v.code, "452");
	assert_string_equal(v.enhanced, "4.5.3");
	assert_non_null(strstr(v.text, "3/hour"));
	assert_string_equal(v.object, "bob@example.org");
	assert_int_equal(v.free_at, 0);
	v = verdict_blocked(&c->m, "@example.org");
	assert_int_equal(v.kind, VERDICT_BLOCK);
	assert_string_equal(v.code, "550");
	assert_string_equal(v.enhanced, "5.7.1");
	assert_string_equal(
		v.text, "Account manually blocked, contact your administrator");
	assert_string_equal(v.object, "@example.org");
	assert_non_null(strstr(v.reason, "@example.org"));
	assert_null(v.policy);
	v = verdict_reconnect(&c->m, &c->p);
	assert_int_equal(v.kind, VERDICT_ERROR);
	assert_string_equal(v.code, "421");
	assert_string_equal(v.enhanced, "4.3.2");
	assert_string_equal(v.text, "policy changed, please reconnect");
	assert_non_null(strstr(v.reason, "out"));
}

static void test_error(void **state)
{
	struct verdict v = verdict_error(ON_ERROR_ACCEPT);

	(void)state;
	assert_int_equal(v.kind, VERDICT_ERROR);
	assert_null(v.text);
	assert_string_equal(v.code, "");
	v = verdict_error(ON_ERROR_TEMPFAIL);
	assert_int_equal(v.kind, VERDICT_ERROR);
	assert_string_equal(v.code, "451");
	assert_string_equal(v.enhanced, "4.3.0");
	assert_non_null(v.text);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		SCENE_TEST(test_actions),
		SCENE_TEST(test_default_words),
		SITE_TEST(test_long_object),
		SCENE_TEST(test_reply_words),
		SCENE_TEST(test_wait_rounds_up),
		SCENE_TEST(test_alone_too_much),
		SCENE_TEST(test_what_is_spoken_of),
		SCENE_TEST(test_other_words),
		cmocka_unit_test(test_error),
		SCENE_TEST(test_no_queue_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
