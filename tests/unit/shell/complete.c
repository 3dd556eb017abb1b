/*
 * Tests of shell/complete: what may stand where, by the words before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "complete.h"

#include "ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* As text: the words, then what the daemon is asked for and whether files are wanted. */
static char *wants(struct arena *arena, const char *line)
{
	char **words, *text = arena_strdup(arena, "");
	int n = words_split(arena, line, &words, NULL);
	struct wanted w;

	assert_true(n > 0);
	complete_want(arena, words, (size_t)n - 1, words[n - 1], &w);
	for (size_t i = 0; i < w.n; i++)
		text = arena_printf(arena, "%s%s ", text, w.words[i]);
	if (w.kind != NULL)
		text = arena_printf(arena, "%s[%s %s%s%s]", text, w.kind, w.prefix,
			w.of != NULL ? " of " : "", w.of != NULL ? w.of : "");
	return w.files ? arena_printf(arena, "%s+files", text) : text;
}

static void expect(struct arena *arena, const char *line, const char *wanted)
{
	const char *got = wants(arena, line);

	if (strcmp(got, wanted) != 0)
		fail_msg("%s: %s, not %s", line, got, wanted);
}

static void test_commands(void **state)
{
	expect(*state, "po", "policy pool ");
	expect(*state, "polcy ''", "");
	expect(*state, "group ''", "add remove show list delete ");
	expect(*state, "group de", "delete ");
	/* a command by itself, and with verbs */
	expect(*state, "audit u", "user= undo ");
	expect(*state, "nonsense x y", "");
	expect(*state, "-j -w policy de", "delete ");
	assert_non_null(strstr(wants(*state, "''"), "group policy header pool "));
}

static void test_arguments(void **state)
{
	expect(*state, "policy show ''", "[policy ]");
	expect(*state, "policy show out", "[policy out]");
	expect(*state, "policy show out ''", "");
	expect(*state, "policy add x", "");
	expect(*state, "group add s", "[group s]");
	expect(*state, "group add staff @", "");
	expect(*state, "group remove staff @x", "[member @x of staff]");
	expect(*state, "group remove staff a b ''", "[member  of staff]");
	expect(*state, "pool add mx ''", "");
	expect(*state, "pool remove mx ''", "[mta ]");
	expect(*state, "object show bo", "[object bo]");
	expect(*state, "counter reset a", "all [object a]");
	expect(*state, "object clear bob b", "block bypass ");
	expect(*state, "header list ''", "[policy ]");
	expect(*state, "header delete out Su", "[header Su of out]");
	expect(*state, "header delete out ''", "all [header  of out]");
	expect(*state, "header set out ''", "[header  of out]");
	expect(*state, "header delete out all ''", "");
	expect(*state, "audit undo 1", "[change 1]");
	expect(*state, "audit show ''", "[change ]");
	/* what is said to programs alone */
	expect(*state, "begin ''", "");
	/* options, and one file */
	expect(*state, "load -", "--diff --exact +files");
	expect(*state, "load --diff ''", "--exact +files");
	expect(*state, "load file ''", "--diff --exact ");
	expect(*state, "report html ''", "+files");
	expect(*state, "report html file ''", "since= until= ");
	expect(*state, "import ''", "postfixlimit ");
	expect(*state, "import postfixlimit ''", "+files");
	expect(*state, "setting set his",
		"history history_days history_rows history_size ");
	expect(*state, "report ne", "[report ne]");
	expect(*state, "report show ''", "[report ]");
	expect(*state, "report spf ''", "since= until= top= format= ");
	expect(*state, "report spf since=7d format=", "format=csv ");
	expect(*state, "setting set on_error ''", "accept tempfail ");
	expect(*state, "setting set history_days ''", "");
	expect(*state, "setting set default_limit ''", "none ");
	expect(*state, "setting set spf_trusted re", "[group re]");
	expect(*state, "setting set spf_trusted relays,st", "[group st]");
	expect(*state, "help gr", "group ");
	expect(*state, "help group a", "add ");
}

static void test_attributes(void **state)
{
	expect(*state, "policy set p s", "source= strategy= stop= spf= ");
	expect(*state, "policy set p source=any s", "strategy= stop= spf= ");
	expect(*state, "policy set p Source=any stop=no s", "strategy= spf= ");
	expect(*state, "policy set p action=d", "action=defer action=discard ");
	expect(*state, "policy set p JailAction=d",
		"JailAction=defer JailAction=discard ");
	expect(*state, "policy set p source=", "source=any [group ]");
	expect(*state, "policy set p source=st", "[group st]");
	expect(*state, "policy set p source=!st", "[group st]");
	expect(*state, "policy set p priority=", "");
	expect(*state, "policy set p limit=", "limit=none ");
	expect(*state, "policy set p penalty=", "penalty=default ");
	/* one behind the other */
	expect(*state, "tail verdict=d", "verdict=defer verdict=discard ");
	expect(*state, "tail verdict=block,d",
		"verdict=block,defer verdict=block,discard ");
	/* those that stand alone are in no list */
	expect(*state, "policy set p spf=",
		"spf=off spf=check spf=strict spf=none "
		"spf=neutral spf=fail spf=softfail spf=permerror ");
	expect(*state, "policy set p spf=s", "spf=strict spf=softfail ");
	expect(*state, "policy set p spf=fail,s", "spf=fail,softfail ");
	expect(*state, "policy set p spf=fail,",
		"spf=fail,none spf=fail,neutral "
		"spf=fail,softfail spf=fail,permerror ");
	/* not twice */
	expect(*state, "tail verdict=defer,block,d", "verdict=defer,block,discard ");
	expect(*state, "tail verdict=def,d", "verdict=def,defer verdict=def,discard ");
	expect(*state, "policy set p action=block,d", "");
	expect(*state, "audit user=r", "[user r]");
	expect(*state, "policy set p nonsense=", "");
	expect(*state, "counter list policy=x", "[policy x]");
	expect(*state, "counter list policy=x o", "object= ");
	expect(*state, "setting list pool=", "[pool ]");
	/* what may be left out, or a pair in its place */
	expect(*state, "object list f", "flag= [object f]");
	expect(*state, "object list flag=block ''", "policy= ");
	expect(*state, "object list *a ''", "flag= policy= ");
	/* a list may be given more often */
	expect(*state, "explain rcpt=a@x.org r", "rcpt= ");
}

static void test_keywords(void **state)
{
	expect(*state, "object block bob f", "for ");
	expect(*state, "object block bob for ''", "");
	expect(*state, "object block bob for 2h f", "");
	expect(*state, "object block bob for 2h b", "because ");
	expect(*state, "object block bob because for ''", "for until ");
}

static void test_inner(void **state)
{
	expect(*state, "watch e", "every explain ");
	expect(*state, "watch every ''", "");
	expect(*state, "watch every 2s poli", "policy ");
	expect(*state, "watch policy ''", "show list test suggest ");
	expect(*state, "watch policy show o", "[policy o]");
	/* what cannot be watched is not offered */
	expect(*state, "watch t", "top ");
	expect(*state, "watch q", "");
	expect(*state, "watch a", "audit ");
	expect(*state, "watch audit ''",
		"last= user= policy= group= pool= setting= object= show ");
	expect(*state, "watch every 2s counter list object=b", "[object b]");
}

/* What the daemon answers. */
static void test_take(void **state)
{
	char *words[] = { (char *)"group", (char *)"remove", (char *)"staff",
		(char *)"@given" };
	char *set[] = { (char *)"policy", (char *)"set", (char *)"p" };
	struct wanted w;

	complete_want(*state, words, 4, "@", &w);
	complete_take(&w, "@given");
	complete_take(&w, "@other");
	assert_int_equal(w.n, 1);
	assert_string_equal(w.words[0], "@other");
	complete_want(*state, set, 3, "source=!s", &w);
	complete_take(&w, "staff");
	assert_int_equal(w.n, 1);
	assert_string_equal(w.words[0], "source=!staff");
	assert_int_equal(w.before, strlen("source=!"));
	complete_want(*state, set, 3, "source=a", &w);
	complete_take(&w, "all-of-them");
	assert_int_equal(w.n, 2);
	assert_string_equal(w.words[0], "source=any");
	assert_string_equal(w.words[1], "source=all-of-them");
}

/* Whatever is typed of any command: there is an answer. */
static void test_anything(void **state)
{
	static const char *const line =
		"object block 'b ob' for 2h because \"so it\" is=x y";
	struct words words;

	for (size_t n = 0; n <= strlen(line); n++) {
		char *part = arena_memdup(*state, line, n), **list;
		struct wanted w;

		words_scan(*state, part, &words);
		list = arena_alloc(*state, (words.n + 1) * sizeof(*list));
		for (size_t i = 0; i < words.n; i++)
			list[i] = words.list[i].text;
		for (size_t i = 0; i < words.n; i++)
			complete_want(*state, list, i, list[i], &w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attributes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keywords, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_take, setup, teardown),
		cmocka_unit_test_setup_teardown(test_anything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
