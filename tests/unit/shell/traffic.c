/*
 * Tests of shell/traffic: the screen of `stats`, in 80 columns and whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "traffic.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROW(policy, deferred)                                                            \
	"{\"policy\":\"" policy "\",\"messages\":12345,\"accept\":12300,\"bypass\":0,"   \
	"\"defer\":" deferred ",\"block\":0,\"now\":1.5,\"minute\":90,\"hour\":5400,"    \
	"\"day\":12345,\"refused_minute\":1,\"refused_hour\":2,\"refused_day\":45,"      \
	"\"trend\":[0,0,0,0,0,0,0,0,0,0,0,9]}"

static const char rows[] = "[" ROW("all", "45") "," ROW("outbound", "0") "]";

static void expect(const struct view *view, const char *json, const char *expected)
{
	json_t *list = json_loads(json, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int differs;

	assert_non_null(list);
	traffic_print(to, view, list);
	fclose(to);
	json_decref(list);
	differs = strcmp(text, expected);
	if (differs != 0)
		print_error("%s", text);
	free(text);
	assert_int_equal(differs, 0);
}

#define LATELY                                                                           \
	"policy    msg/s  msg/min  msg/h  msg/day  ref/min  ref/h  ref/day  last hour\n" \
	"all        1.50       90   5400    12345        1      2       45  "            \
	"...........@\n"                                                                 \
	"outbound   1.50       90   5400    12345        1      2       45  "            \
	"...........@\n"

/* What fits side by side; a verdict that nobody was given takes no column. */
static void test_eighty_columns(void **state)
{
	const struct view view = {
		.terminal = true, .columns = 80, .lines = 24, .width = 80
	};

	(void)state;
	expect(&view, rows,
		LATELY "\nsince the start\n"
		       "policy    messages  accept  defer\n"
		       "all          12345   12300     45\n"
		       "outbound     12345   12300      0\n");
}

static void test_whole(void **state)
{
	const struct view view = { .terminal = true, .columns = 80, .lines = 24 };

	(void)state;
	expect(&view, rows,
		LATELY "\nsince the start\n"
		       "policy    messages  accept  bypass  defer  block\n"
		       "all          12345   12300       0     45      0\n"
		       "outbound     12345   12300       0      0      0\n");
}

/* Results of SPF have a table of their own, with names that have room. */
static void test_spf(void **state)
{
	static const char spf[] =
		"[{\"policy\":\"all\",\"messages\":70,\"spf_none\":10,"
		"\"spf_neutral\":10,\"spf_pass\":10,\"spf_fail\":10,\"spf_softfail\":10,"
		"\"spf_temperror\":20,\"spf_permerror\":0},"
		"{\"policy\":\"a-policy-with-quite-a-name\",\"messages\":70,"
		"\"spf_none\":10,\"spf_neutral\":10,\"spf_pass\":10,\"spf_fail\":10,"
		"\"spf_softfail\":10,\"spf_temperror\":20,\"spf_permerror\":0},"
		"{\"policy\":\"other\",\"messages\":70,\"spf_none\":0,\"spf_neutral\":0,"
		"\"spf_pass\":0,\"spf_fail\":0,\"spf_softfail\":0,\"spf_temperror\":0,"
		"\"spf_permerror\":0}]";
	const struct view view = {
		.terminal = true, .columns = 80, .lines = 24, .width = 80
	};

	(void)state;
	expect(&view, spf,
		"policy\n"
		"all\n"
		"a-policy-with-quite-a-name\n"
		"other\n"
		"\nsince the start\n"
		"policy                      messages\n"
		"all                               70\n"
		"a-policy-with-quite-a-name        70\n"
		"other                             70\n"
		"\nresults of SPF\n"
		"policy                      none  neutral  pass  fail  softfail  "
		"temperror\n"
		"all                           10       10    10    10        10         "
		"20\n"
		"a-policy-with-quite-a-name    10       10    10    10        10         "
		"20\n");
}

#define SINCE(seconds)                                                                   \
	"[{\"policy\":\"all\",\"messages\":0,\"accept\":0,\"now\":0.0,\"minute\":0,"     \
	"\"hour\":0,\"day\":0,\"uptime\":" seconds "}]"
#define NONE                                                                             \
	"policy  msg/s  msg/min  msg/h  msg/day\n"                                       \
	"all      0.00        0      0        0\n"

/* A daemon that has just begun knows nothing of the day, and says so. */
static void test_since_the_start(void **state)
{
	const struct view view = {
		.terminal = true, .columns = 60, .lines = 24, .width = 60
	};

	(void)state;
	expect(&view, SINCE("9"),
		NONE "(only since the start, 9 s ago: msg/s, msg/min, msg/h,\n"
		     "msg/day, ref/min, ref/h, ref/day, last hour)\n"
		     "\nsince the start, 9 s ago\n"
		     "policy  messages\n"
		     "all            0\n");
	expect(&view, SINCE("3599"),
		NONE "(only since the start, 59 min 59 s ago: msg/h, msg/day,\n"
		     "ref/h, ref/day, last hour)\n"
		     "\nsince the start, 59 min 59 s ago\n"
		     "policy  messages\n"
		     "all            0\n");
	expect(&view, SINCE("3600"),
		NONE "(only since the start, 1 h ago: msg/day, ref/day)\n"
		     "\nsince the start, 1 h ago\n"
		     "policy  messages\n"
		     "all            0\n");
	expect(&view, SINCE("86400"),
		NONE "\nsince the start, 1 d ago\n"
		     "policy  messages\n"
		     "all            0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eighty_columns),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_spf),
		cmocka_unit_test(test_since_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
