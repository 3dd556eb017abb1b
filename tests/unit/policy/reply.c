/*
 * Reply texts: what may be set, and what the SMTP client reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/reply.h"
#include "../fixture.h"
#include "base/str.h"

static const char *const words[REPLY_WORDS] = {
	[REPLY_WAIT] = "42",
	[REPLY_LIMIT] = "100/hour",
	[REPLY_OBJECT] = "bob@example.org",
	[REPLY_POLICY] = "outbound",
	[REPLY_QUEUE_ID] = "4XyZ",
};

static void test_check_accepts(void **state)
{
	static const char *const good[] = { "", "Too much", "wait {wait} seconds",
		"{limit}{object}{policy}{queue_id}", "old %s", "100% sure", "%n %d %x %%",
		"{}", "{", "}", "{Wait}", "{wait", "wait}", "{ wait }", "{1}",
		"quotes \" and ' and \\", "zu viel, sp\xc3\xa4ter" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		if (reply_check(good[i], &err) < 0)
			fail_msg("%s: %s", good[i], err.text);
}

static void test_check_refuses(void **state)
{
	static const char *const bad[] = { "{seconds}", "a {wait} and {waits}",
		"{queueid}", "{{nope}}", "two\nlines", "cr\r", "tab\t", "del\x7f",
		"c1 \xc2\x85", "latin \xe4", "cut \xc3", "surrogate \xed\xa0\x80",
		"overlong \xc0\xaf" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		err.text[0] = '\0';
		if (reply_check(bad[i], &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERR_BAD);
		assert_string_not_equal(err.text, "");
	}
	assert_int_equal(reply_check("in {seconds} s", &err), -1);
	assert_non_null(strstr(err.text, "{seconds}"));
	assert_non_null(strstr(err.text, "{wait}"));
}

/* 200 characters, not octets. */
static void test_check_counts_characters(void **state)
{
	char text[3 * REPLY_CHARS_MAX + 4];
	struct err err;

	(void)state;
	for (int i = 0; i <= REPLY_CHARS_MAX; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 4);
	assert_int_equal(reply_check(text, &err), -1);
	assert_non_null(strstr(err.text, "201"));
	assert_non_null(strstr(err.text, "200"));
	text[3 * REPLY_CHARS_MAX] = '\0';
	must(reply_check(text, &err), &err);
}

static const struct {
	const char *text, *expanded;
} expansions[] = {
	{ "", "" },
	{ "no words", "no words" },
	{ "in {wait} s", "in 42 s" },
	{ "in %s s", "in 42 s" },
	{ "%s%s{wait}", "424242" },
	{ "{limit} {object} {policy} {queue_id}",
		"100/hour bob@example.org outbound 4XyZ" },
	{ "{{wait}}", "{42}" },
	{ "{wait", "{wait" },
	{ "{Wait} {} {", "{Wait} {} {" },
	{ "100% of %d, %n, %%", "100% of %d, %n, %%" },
	{ "%%s", "%42" },
	{ "a\\b \"c\" 'd'", "a\\b \"c\" 'd'" },
	{ "{wait}\xe2\x82\xac", "42\xe2\x82\xac" },
};

static void test_expand(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(expansions); i++)
		assert_string_equal(reply_expand(arena, expansions[i].text, words),
			expansions[i].expanded);
	arena_free(arena);
}

/* What a stranger wrote is not looked at for placeholders. */
static void test_expand_once(void **state)
{
	const char *const sly[REPLY_WORDS] = { "1", "{object}", "{wait}%s{policy}@x.net",
		"{queue_id}", "%s" };
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(
		reply_expand(arena, "{object} {limit} {policy} {queue_id}", sly),
		"{wait}%s{policy}@x.net {object} {queue_id} %s");
	arena_free(arena);
}

/* One SMTP line: cut, and never inside a character. */
static void test_expand_cuts(void **state)
{
	struct arena *arena = arena_new();
	char object[REPLY_TEXT_MAX + 100];
	const char *const big[REPLY_WORDS] = { "1", "1/hour", object, "p", "q" };
	char *out;

	(void)state;
	for (size_t pad = 0; pad < 3; pad++) {
		memset(object, 'x', pad);
		for (size_t i = pad; i + 4 < sizeof(object); i += 3)
			memcpy(object + i, "\xe2\x82\xac", 4);
		out = reply_expand(arena, "{object}", big);
		assert_true(strlen(out) <= REPLY_TEXT_MAX);
		assert_true(strlen(out) > REPLY_TEXT_MAX - 3);
		assert_true(str_is_utf8(out, strlen(out)));
		assert_memory_equal(out, object, strlen(out));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_accepts),
		cmocka_unit_test(test_check_refuses),
		cmocka_unit_test(test_check_counts_characters),
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_expand_once),
		cmocka_unit_test(test_expand_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
