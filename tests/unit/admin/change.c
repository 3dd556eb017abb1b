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

static void check_published(struct house *h, const char *line, uint64_t number)
{
	struct policy_set *live = policy_slot_acquire(h->site.engine.slot), *stored;
	struct err err = { ERR_BAD, "" };
	char *is, *should_be;

	stored = policy_set_load(h->site.db, NULL, &err);
	must(stored != NULL ? 0 : -1, &err);
	is = describe(live);
	should_be = describe(stored);
	if (live->number != number || strcmp(is, should_be) != 0)
		fail_msg("%s\n%s\nshould be\n%s", line, is, should_be);
	free(is);
	free(should_be);
	policy_set_discard(stored);
	policy_slot_release(h->site.engine.slot, live);
}

static void must_ask(struct talk *t, const char *line)
{
	if (strncmp(ask(t, line), "200 ", 4) != 0)
		fail_msg("%s: %s", line, t->line);
}

static void test_published_is_stored(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	for (size_t i = 0; i < LENGTH(asked); i++) {
		must_ask(t, asked[i]);
		check_published(h, asked[i], i + 2);
	}
	talk_close(t);
}

/* From where limits come, in transactions of three lines each. */
static const char *const terms[][3] = {
	{ "policy add a source=any destination=any", "setting set default_limit 7/hour",
		"policy add b source=any destination=any penalty=default" },
	{ "setting set pool_counters yes", "pool add mx mx1.example.org",
		"setting set default_limit 8/hour pool=mx" },
	{ "setting set default_penalty 5m", "policy set a limit=3/day penalty=default",
		"pool add my mx2.example.org" },
	{ "setting set default_penalty 1m pool=my",
		"policy add my:c source=any "
		"destination=any penalty=default",
		"setting set default_limit 9/hour pool=my" },
	{ "setting set default_limit 9/day", "policy set a limit=none",
		"setting set default_limit 9/minute" },
	{ "setting unset default_limit pool=mx", "pool delete mx",
		"policy rename my:c c" },
	{ "setting unset default_limit pool=my", "setting unset default_penalty pool=my",
		"setting unset pool_counters" },
};

/* However many lines change what limits come from, all of them are as it says. */
static void test_limits_follow_a_transaction(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	for (size_t i = 0; i < LENGTH(terms); i++) {
		struct policy_edits left = { .arena = arena_new() };
		struct err err = { ERR_BAD, "" };

		must_ask(t, "begin");
		for (size_t k = 0; k < LENGTH(terms[i]); k++)
			must_ask(t, terms[i][k]);
		must_ask(t, "commit");
		check_published(h, terms[i][0], i + 2);
		must(policy_records_settle(h->site.db, &left, &err), &err);
		assert_int_equal(left.n, 0);
		arena_free(left.arena);
	}
	/* three policies, each with the limit and the penalty that are the default */
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM policy_limit"), 6);
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
		HOUSE_TEST(test_limits_follow_a_transaction),
		cmocka_unit_test(test_each_command_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
