/*
 * What each command is about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include "admin/things.h"
#include "ctl/words.h"

static const char *things(const char *line, struct arena *arena)
{
	struct thing_list list = { 0 };
	struct err err = { ERR_BAD, "" };
	const struct command *c;
	const char *all = "";
	char **words;
	size_t used;
	int n = words_split(arena, line, &words, &err);

	must(n, &err);
	c = command_find(words, (size_t)n, &used, &err);
	must(c != NULL ? 0 : -1, &err);
	must(command_check(c, words + used, (size_t)n - used, &err), &err);
	things_of(c, words + used, (size_t)n - used, 64, arena, &list);
	thing_list_settle(&list);
	for (size_t i = 0; i < list.n; i++) {
		all = arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "",
			thing_say(&list.things[i], arena));
		assert_true(thing_list_has(&list, list.things[i].kind,
			list.things[i].name, list.things[i].pool));
	}
	assert_false(thing_list_has(&list, THING_POLICY, "nosuch", NULL));
	return all;
}

static const struct {
	const char *line, *things;
} rows[] = {
	{ "group add staff bob", "group staff" },
	{ "group add staff", "group staff" },
	{ "group remove staff bob", "group staff" },
	{ "group delete staff", "group staff" },
	{ "group show staff", "" },
	{ "policy add a source=any destination=staff", "policy a" },
	{ "policy set mx:a limit=5/hour", "policy mx:a" },
	{ "policy rename b a", "policy a, policy b" },
	{ "policy rename a a", "policy a" },
	{ "policy delete a", "policy a" },
	{ "policy enable a", "policy a" },
	{ "policy disable a", "policy a" },
	{ "policy show a", "" },
	{ "header add a Subject /x/ X-A 1", "policy a" },
	{ "header set a Subject /x/ X-A 1", "policy a" },
	{ "header delete a all", "policy a" },
	{ "pool add mx a.example.org", "pool mx" },
	{ "pool remove mx a.example.org", "pool mx" },
	{ "pool delete mx", "pool mx" },
	{ "setting set default_limit 5/hour", "setting default_limit" },
	{ "setting set global_conditions 5/hour pool=mx",
		"setting default_limit in pool mx" },
	{ "setting unset default_limit pool=mx", "setting default_limit in pool mx" },
	{ "setting set pool=mx 5/hour", "" }, /* which will be refused */
	{ "object block Bob@Example.ORG for 2h", "object bob@example.org" },
	{ "object bypass 2001:db8:1:2::3", "object 2001:db8:1:2::/64" },
	{ "object clear 192.0.2.1 block", "object 192.0.2.1" },
	{ "object block nonsense", "" },
	{ "object grant Bob@example.org 5 for 2h", "grant bob@example.org" },
	{ "object reset bob@example.org", "" },
	{ "counter reset bob@example.org policy=a", "" },
};

static void test_things(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_string_equal(things(rows[i].line, arena), rows[i].things);
	arena_free(arena);
}

/* A command that can be part of a transaction has things, so that conflicts are seen. */
static void test_each_command_has_things(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		char words[80];
		bool found = false;

		if (commands[i].access != ACCESS_WRITE &&
			commands[i].access != ACCESS_FLAG)
			continue;
		snprintf(words, sizeof(words), "%s %s ", commands[i].noun,
			commands[i].verb);
		for (size_t k = 0; k < LENGTH(rows); k++)
			found |= strncmp(rows[k].line, words, strlen(words)) == 0 &&
				 *rows[k].things != '\0';
		if (!found)
			fail_msg("%s: what is it about?", words);
	}
}

static void test_settle(void **state)
{
	struct arena *arena = arena_new();
	struct thing_list list = { 0 };

	(void)state;
	thing_list_settle(&list);
	assert_false(thing_list_has(&list, THING_POOL, "a", NULL));
	thing_add(&list, arena, THING_POLICY, "b", NULL);
	thing_add(&list, arena, THING_SETTING, "a", "mx");
	thing_add(&list, arena, THING_POLICY, "a", NULL);
	thing_add(&list, arena, THING_SETTING, "a", NULL);
	thing_add(&list, arena, THING_POLICY, "b", NULL);
	thing_list_settle(&list);
	assert_int_equal(list.n, 4);
	assert_true(thing_list_has(&list, THING_SETTING, "a", "mx"));
	assert_true(thing_list_has(&list, THING_SETTING, "a", ""));
	assert_false(thing_list_has(&list, THING_SETTING, "a", "out"));
	assert_false(thing_list_has(&list, THING_GROUP, "a", NULL));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_things),
		cmocka_unit_test(test_each_command_has_things),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
