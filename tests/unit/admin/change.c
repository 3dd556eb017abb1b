/*
 * Every command that changes something says which policies it has touched: the set that
 * it publishes is the one that the database holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../describe.h"
#include "../house.h"

static const char *const asked[] = {
	"group add staff @example.org bob@example.com",
	"group add friends @friends.net",
	"group add friends 192.0.2.0/24 carol@example.com",
	"group remove friends carol@example.com",
	"group add idle x@example.org",
	"audit undo 5",
	"audit undo 6",
	"policy add a source=staff destination=any limit=5/hour,50/day action=defer",
	"policy add b source=any destination=friends action=block",
	"policy add c source=any destination=any priority=1",
	"policy set a limit=6/hour",
	"policy set a strategy=fixed",
	"policy set c source=!friends priority=9",
	"policy disable b",
	"policy enable b",
	"policy rename b z",
	"group delete idle",
	"header add a Subject /x/ X-A 1 X-B 2",
	"header add c subject /y/ X-C 3",
	"header set a Subject /z/i X-A 2",
	"header delete c all",
	"header delete a Subject",
	"header add z From /q/ X-A 2",
	"setting set default_limit 7/hour",
	"setting set default_penalty 1h",
	"setting set history_days 3",
	"setting unset default_penalty",
	"pool add mx mx1.example.org mx2.example.org",
	"setting set pool_counters yes",
	"pool add out out1.example.org",
	"policy add mx:first source=any destination=any",
	"policy rename c out:c",
	"policy rename out:c mx:c",
	"setting set default_limit 8/hour pool=mx",
	"setting set pool_fallback yes pool=mx",
	"setting unset default_limit pool=mx",
	"pool remove mx mx2.example.org",
	"policy rename mx:c c",
	"pool delete out",
	"setting unset pool_fallback pool=mx",
	"setting set pool_counters no",
	"object grant bob@example.org 20 policy=a for 2h because 'of it'",
	"object grant bob@example.org 30 for 2h",
	"object grant @example.com 40 for 1h",
	"object clear @example.com grant",
	"object block eve@example.com",
	"object bypass @example.com",
	"object clear eve@example.com",
	"object reset bob@example.org",
	"counter reset all",
	"setting unset default_limit",
	"policy delete mx:first",
	"policy delete a",
};

static void test_published_is_stored(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct err err = { ERR_BAD, "" };
	uint64_t number = 1;

	hear(t);
	for (size_t i = 0; i < LENGTH(asked); i++) {
		struct policy_set *live, *stored;
		char *is, *should_be;

		if (strncmp(ask(t, asked[i]), "200 ", 4) != 0)
			fail_msg("%s: %s", asked[i], t->line);
		live = policy_slot_acquire(h->site.engine.slot);
		stored = policy_set_load(h->site.db, NULL, &err);
		must(stored != NULL ? 0 : -1, &err);
		is = describe(live);
		should_be = describe(stored);
		if (live->number != ++number || strcmp(is, should_be) != 0)
			fail_msg("%s\n%s\nshould be\n%s", asked[i], is, should_be);
		free(is);
		free(should_be);
		policy_set_discard(stored);
		policy_slot_release(h->site.engine.slot, live);
	}
	talk_close(t);
}

static bool is_asked(const struct command *c)
{
	char words[80];

	snprintf(words, sizeof(words), "%s %s ", c->noun, c->verb);
	for (size_t i = 0; i < LENGTH(asked); i++)
		if (strncmp(asked[i], words, strlen(words)) == 0)
			return true;
	return false;
}

/* A command that comes later has to stand above, too. */
static void test_each_command_is_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++)
		if (command_changes(&commands[i]) && !is_asked(&commands[i]))
			fail_msg("%s %s is not held against what is stored",
				commands[i].noun, commands[i].verb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_published_is_stored),
		cmocka_unit_test(test_each_command_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
