/*
 * Tests of shell/tried: the screens of `policy test` and `policy suggest`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tried.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct view plain = { .now = INT64_C(1700000000000000) };

static void expect(const char *json, const char *expected)
{
	json_t *given = json_loads(json, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int differs;

	assert_non_null(given);
	if (json_is_array(given))
		tried_print_limits(to, &plain, given);
	else
		tried_print(to, &plain, given);
	fclose(to);
	json_decref(given);
	differs = strcmp(text, expected);
	if (differs != 0)
		print_error("%s", text);
	free(text);
	assert_int_equal(differs, 0);
}

#define HEAD(policy, messages, refused, objects, first)                                  \
	"{\"policy\":" policy ",\"since\":\"2023-10-15T22:13:20.009Z\",\"until\":"       \
	"\"2023-11-14T22:13:20.009Z\",\"messages\":" messages ",\"refused\":" refused    \
	",\"objects\":" objects ",\"first\":" first                                      \
	",\"rows\":120,\"judged\":90,\"was_refused\":4"

static void test_refused(void **state)
{
	(void)state;
	expect(HEAD("\"out\"", "100", "5", "2",
		       "\"2023-11-14T22:08:20.000Z\"") ",\"not_judged_recipients\":7,"
						       "\"not_judged_size\":0,\"not_"
						       "judged_spf\":0,"
						       "\"days\":[{\"day\":\"2023-11-"
						       "14\",\"messages\":100,"
						       "\"refused\":5,"
						       "\"was_refused\":4}],\"who\":[{"
						       "\"object\":\"bob@x\",\"refused\":"
						       "5}]}",
		"policy    out\n"
		"mail      120 messages since 30 d ago; of these it would have been "
		"asked "
		"about 100, and matched 90\n"
		"refused   5 (5 % of 100), of 2 objects, first 5 min ago\n"
		"then      4 were refused by a policy of that name, or would have been\n"
		"unknown   7 were not judged: nobody knows their recipients (setting set "
		"history recipients)\n"
		"\n"
		"day         messages  refused  was_refused\n"
		"2023-11-14       100        5            4\n"
		"\n"
		"object  refused\n"
		"bob@x         5\n");
}

/* A policy without a name cannot have refused anything. */
static void test_none(void **state)
{
	(void)state;
	expect(HEAD("null", "0", "0", "0", "null") ",\"days\":[],\"who\":[]}",
		"policy    one that is not stored\n"
		"mail      120 messages since 30 d ago; of these it would have been "
		"asked "
		"about 0, and matched 90\n"
		"refused   none\n");
}

static void test_limits(void **state)
{
	(void)state;
	expect("[{\"period\":\"hour\",\"limit\":\"60/hour\",\"exact\":57,\"objects\":9,"
	       "\"touched\":1,\"quantile\":0.9,\"messages\":500,\"since\":"
	       "\"2023-11-13T22:13:20.000Z\",\"not_judged_size\":3},"
	       "{\"period\":\"day\",\"limit\":\"90/day\",\"exact\":90,\"touched\":0},"
	       "{\"object\":\"bob@x\",\"hour\":58,\"day\":80,\"hour_share\":96.7,"
	       "\"day_share\":88.9,\"messages\":99,\"last\":"
	       "\"2023-11-14T22:08:20.000Z\"}]",
		"mail      500 messages of 9 objects since 24 h ago\n"
		"limits    at most 10 % of the objects have come over\n"
		"unknown   3 were not judged: nobody knows their size (setting set "
		"history_size yes)\n"
		"\n"
		"period  limit    exact  touched\n"
		"hour    60/hour     57        1\n"
		"day     90/day      90        0\n"
		"\n"
		"object  hour  % of limit  day  % of it  messages  last\n"
		"bob@x     58        96.7   80     88.9        99  5 min ago\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("shell/tried", tests, NULL, NULL);
}
