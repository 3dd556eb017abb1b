/*
 * Tests of shell/object: the screen of one object, whole and cut to the screen's height.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2026-11-21T22:35:54.123Z */
#define NOW 1795300554123000

/* What is shown of the row; from malloc(). */
static char *show(const struct view *view, const char *json)
{
	json_t *row = json_loads(json, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(row);
	object_print(to, view, row);
	fclose(to);
	json_decref(row);
	return text;
}

static void expect(const struct view *view, const char *json, const char *expected)
{
	char *text = show(view, json);
	int differs = strcmp(text, expected);

	if (differs != 0)
		print_error("%s", text);
	free(text);
	assert_int_equal(differs, 0);
}

#define SEEN                                                                             \
	"\"object\":\"bob@example.org\",\"messages\":12,\"first_seen\":"                 \
	"\"2026-11-18T22:35:54.123Z\",\"last_seen\":\"2026-11-21T22:33:54.123Z\","       \
	"\"refused\":3,\"last_refused\":\"2026-11-21T22:33:54.123Z\""
#define SAID                                                                             \
	"\"flags\":[{\"flag\":\"block\",\"until\":\"2026-11-22T00:35:54.123Z\","         \
	"\"because\":\"his password is known\",\"since\":\"2026-11-21T22:30:54.123Z\","  \
	"\"user\":\"root\"},{\"flag\":\"bypass\",\"until\":null,\"because\":null,"       \
	"\"since\":\"2026-11-21T22:30:54.123Z\",\"user\":\"eve\"}],"                     \
	"\"grants\":[{\"policy\":null,\"amount\":50,\"until\":"                          \
	"\"2026-11-22T00:35:54.123Z\",\"because\":null,\"since\":"                       \
	"\"2026-11-21T22:35:54.123Z\",\"user\":\"eve\"}],\"grants_more\":2,"             \
	"\"penalties\":[{\"policy\":\"out\",\"until\":\"2026-11-21T22:36:54.123Z\"}]"
#define LISTS                                                                            \
	"\"refusals\":[{\"policy\":\"out\",\"refused\":3,\"first\":"                     \
	"\"2026-11-21T22:33:54.123Z\",\"last\":\"2026-11-21T22:33:54.123Z\"}],"          \
	"\"clients\":[],"                                                                \
	"\"counters\":[{\"policy\":\"out\",\"object\":\"bob@example.org\",\"limit\":"    \
	"\"4/hour\",\"used\":3,\"amount\":4,\"free_at\":null},{\"policy\":\"out\","      \
	"\"object\":\"bob@example.org\",\"limit\":\"3/day\",\"used\":3,\"amount\":3,"    \
	"\"free_at\":\"2026-11-22T22:35:54.123Z\"}],"                                    \
	"\"policies\":[{\"policy\":\"out\",\"key\":\"login\"}],\"policies_more\":9900"
#define LATELY                                                                           \
	"\"messages_day\":7,\"refused_day\":1,\"day_from\":"                             \
	"\"2026-11-21T19:35:54.123Z\",\"refused_lately\":[{\"time\":"                    \
	"\"2026-11-21T22:33:54.123Z\",\"verdict\":\"defer\",\"policy\":\"clients\","     \
	"\"object\":\"192.0.2.7\",\"reason\":\"6/hour\"}]"

static void test_screen(void **state)
{
	const struct view view = { .now = NOW };

	(void)state;
	expect(&view, "{" SEEN "," LATELY "," SAID "," LISTS "}",
		"object    bob@example.org\n"
		"seen      first 3 d ago, last 2 min ago\n"
		"last day  7 messages, 1 refused, whatever they were counted for"
		" (since 3 h ago)\n"
		"so far    3 refused for this object, the last 2 min ago\n"
		"block     5 min ago by root, ends in 2 h: his password is known\n"
		"bypass    5 min ago by eve, for good\n"
		"grant     50 more in every policy, now by eve, ends in 2 h\n"
		"grant     ... and 2 more\n"
		"penalty   out, ends in 60 s\n"
		"limits    policy  limit   used              free_at\n"
		"          out     4/hour     3  ########..  -\n"
		"          out     3/day      3  ##########  in 24 h\n"
		"refused   policy  refused  first      last\n"
		"          out           3  2 min ago  2 min ago\n"
		"lately    time       verdict  policy   object     reason\n"
		"          2 min ago  defer    clients  192.0.2.7  6/hour\n"
		"policies  policy  key\n"
		"          out     login\n"
		"          ... and 9900 more\n");
}

/* Of somebody who was never seen there is little to say. */
static void test_nothing_known(void **state)
{
	const struct view view = { .now = NOW };

	(void)state;
	expect(&view,
		"{\"object\":\"x@y\",\"messages\":0,\"first_seen\":null,\"refused\":0,"
		"\"messages_day\":0,\"refused_day\":0,"
		"\"flags\":[],\"counters\":[],\"policies\":[]}",
		"object    x@y\n"
		"so far    0 refused for this object\n");
	expect(&view, "{}", "object    -\n");
}

/* Of twelve messages a policy took eight for the domain: that the other four were refused
 * does not read as if all were. */
static void test_counted_for_another(void **state)
{
	const struct view view = { .now = NOW };

	(void)state;
	expect(&view,
		"{\"object\":\"x@y\",\"messages\":4,\"refused\":4,"
		"\"messages_day\":12,\"refused_day\":4,\"day_from\":null}",
		"object    x@y\n"
		"last day  12 messages, 4 refused, whatever they were counted for\n"
		"so far    4 refused for this object\n");
}

static int count_lines(const char *text)
{
	int lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void add_list(char *json, size_t size, const char *name, int n)
{
	str_append(json, size, ",\"%s\":[", name);
	for (int i = 0; i < n; i++)
		str_append(
			json, size, "%s{\"policy\":\"policy%d\"}", i > 0 ? "," : "", i);
	str_append(json, size, "]");
}

/* However much is known, it fits on the screen with the prompt; what is cut is counted.
 */
static void test_height(void **state)
{
	struct view view = { .now = NOW, .width = 80, .columns = 80 };
	char json[20000], *text;

	(void)state;
	for (int n = 0; n < 40; n++) {
		snprintf(json, sizeof(json), "{" SEEN);
		add_list(json, sizeof(json), "refusals", n);
		add_list(json, sizeof(json), "clients", n / 2);
		add_list(json, sizeof(json), "policies", 2 * n);
		if (n % 2 == 0)
			str_append(json, sizeof(json), ",\"policies_more\":%d", n);
		str_append(json, sizeof(json), "}");
		view.lines = 24;
		text = show(&view, json);
		assert_true(count_lines(text) < view.lines);
		/* no line is wasted */
		if (2 * n > 20)
			assert_int_equal(count_lines(text), view.lines - 1);
		if (n == 20) {
			assert_non_null(strstr(text, "\nfrom      policy\n"));
			assert_non_null(strstr(text, "(-w shows "));
			assert_non_null(strstr(text, " more) ... and 20 more\n"));
		}
		free(text);
		view.lines = 10; /* too few: a row of each is there */
		text = show(&view, json);
		if (n > 1)
			assert_non_null(
				strstr(text, "\npolicies  policy\n          policy0\n"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_counted_for_another),
		cmocka_unit_test(test_height),
	};

	return cmocka_run_group_tests_name("shell/object", tests, NULL, NULL);
}
