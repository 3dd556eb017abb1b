/*
 * Answers of the policy protocol: one line and an empty one for each verdict, whatever
 * its words are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/action.h"
#include "../fixture.h"

/* What is written; always one answer that is whole. */
static const char *action(struct verdict v)
{
	static char out[ACTION_TEXT_MAX];
	size_t len = action_write(out, &v);

	assert_true(len < sizeof(out));
	assert_int_equal(len, strlen(out));
	assert_true(len > strlen("\n\n"));
	/* the first line feed is that of the end, and nothing is behind it */
	assert_string_equal(strchr(out, '\n'), "\n\n");
	assert_memory_equal(out, "action=", strlen("action="));
	out[len - 2] = '\0';
	assert_false(str_has_control(out));
	return out + strlen("action=");
}

#define ACTION(...) action((struct verdict){ __VA_ARGS__ })

static void test_goes_on(void **state)
{
	(void)state;
	assert_string_equal(ACTION(.kind = VERDICT_ACCEPT), "DUNNO");
	assert_string_equal(
		ACTION(.kind = VERDICT_BYPASS, .reason = "bob is bypassed"), "DUNNO");
	assert_string_equal(
		ACTION(.kind = VERDICT_MONITOR, .reason = "Message limit"), "DUNNO");
	/* by on_error=accept */
	assert_string_equal(ACTION(.kind = VERDICT_ERROR, .reason = "broken"), "DUNNO");
}

static void test_refused(void **state)
{
	(void)state;
	assert_string_equal(ACTION(.kind = VERDICT_DEFER, .code = "450",
				    .enhanced = "4.7.1", .text = "Try again"),
		"DEFER_IF_PERMIT 4.7.1 Try again");
	assert_string_equal(ACTION(.kind = VERDICT_BLOCK, .code = "550",
				    .enhanced = "5.7.1", .text = "No"),
		"550 5.7.1 No");
	assert_string_equal(ACTION(.kind = VERDICT_DEFER, .code = "451",
				    .enhanced = "4.7.23", .text = "SPF"),
		"451 4.7.23 SPF");
	assert_string_equal(ACTION(.kind = VERDICT_DEFER, .code = "452",
				    .enhanced = "4.5.3", .text = "Too many"),
		"452 4.5.3 Too many");
	assert_string_equal(ACTION(.kind = VERDICT_ERROR, .code = "451",
				    .enhanced = "4.3.0", .text = "Later"),
		"451 4.3.0 Later");
}

static void test_kept(void **state)
{
	(void)state;
	assert_string_equal(
		ACTION(.kind = VERDICT_HOLD, .reason = "Message limit 3/hour"),
		"HOLD Message limit 3/hour");
	assert_string_equal(ACTION(.kind = VERDICT_DISCARD, .reason = "Size limit"),
		"DISCARD Size limit");
}

/* Nothing that comes from strangers ends the line, or begins another one. */
static void test_safe(void **state)
{
	static const char text[] =
		"a\r\naction=OK\n\n%s %n \x7f\x1b[2J \xff \xe2\x80\xa8",
			  safe[] = "a\\x0d\\x0aaction=OK\\x0a\\x0a%s %n \\x7f\\x1b[2J "
				   "\\xff \\xe2\\x80\\xa8";
	char line[sizeof(safe) + 40];

	(void)state;
	snprintf(line, sizeof(line), "550 5.7.1 %s", safe);
	assert_string_equal(ACTION(.kind = VERDICT_BLOCK, .code = "550",
				    .enhanced = "5.7.1", .text = text),
		line);
	snprintf(line, sizeof(line), "HOLD %s", safe);
	assert_string_equal(ACTION(.kind = VERDICT_HOLD, .reason = text), line);
	snprintf(line, sizeof(line), "DISCARD %s", safe);
	assert_string_equal(ACTION(.kind = VERDICT_DISCARD, .reason = text), line);
	/* escaped before, it stays as it is */
	assert_string_equal(
		ACTION(.kind = VERDICT_HOLD, .reason = "for \\x0d"), "HOLD for \\x0d");
}

/* As long as a reply may be, and longer; each octet may become four. */
static void test_long(void **state)
{
	static char text[5 * REPLY_TEXT_MAX];
	const char *got;

	(void)state;
	for (size_t len = REPLY_TEXT_MAX - 2; len < REPLY_TEXT_MAX + 3; len++) {
		memset(text, 'x', len);
		text[len] = '\0';
		got = ACTION(.kind = VERDICT_DEFER, .code = "450", .enhanced = "4.7.1",
			.text = text);
		got += strlen("DEFER_IF_PERMIT 4.7.1 ");
		assert_int_equal(
			strlen(got), len < REPLY_TEXT_MAX ? len : REPLY_TEXT_MAX);
		assert_int_equal(strcmp(got, text) == 0, len <= REPLY_TEXT_MAX);
	}
	for (int octet = 1; octet < 256; octet++) {
		memset(text, octet, sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		ACTION(.kind = VERDICT_BLOCK, .code = "550", .enhanced = "5.7.23",
			.text = text);
		ACTION(.kind = VERDICT_HOLD, .reason = text);
		ACTION(.kind = VERDICT_DISCARD, .reason = text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
