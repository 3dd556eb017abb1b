/*
 * The configuration as commands: whatever two states are, what is between them makes the
 * one of the other through the real handlers, and a dump makes the same of nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "asked.h"

#include "admin/model.h"
#include "ctl/wire.h"
#include "ctl/words.h"

#define ROUNDS	 25
#define COMMANDS 60

/* What was emitted, a line each. */
struct lines {
	struct arena *arena;
	char **line;
	size_t n, cap;
};

static int keep_line(void *arg, char *const *words, size_t n, struct err *err)
{
	struct lines *to = arg;
	const struct command *c;
	size_t used, length = 0;
	char *line = words_join(to->arena, words, n);

	for (size_t i = 0; i < n; i++)
		length += word_length(words[i]) + (i > 0);
	assert_int_equal(strlen(line), length);
	assert_true(length <= WIRE_LINE_MAX);
	c = command_find(words, n, &used, err);
	must(c != NULL ? command_check(c, words + used, n - used, err) : -1, err);
	to->line = arena_grow(to->arena, to->line, to->n, &to->cap, sizeof(*to->line));
	to->line[to->n++] = line;
	return 0;
}

static struct lines dump(struct house *h, struct arena *arena)
{
	struct lines to = { .arena = arena };
	struct err err = { ERR_BAD, "" };

	must(model_dump(h->site.db, NOW, keep_line, &to, &err), &err);
	return to;
}

static void check_same(const struct lines *is, const struct lines *should_be)
{
	for (size_t i = 0; i < is->n && i < should_be->n; i++)
		assert_string_equal(is->line[i], should_be->line[i]);
	assert_int_equal(is->n, should_be->n);
}

static void run(struct talk *t, const struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strncmp(ask(t, lines->line[i]), "200 ", 4) != 0)
			fail_msg("%s: %s", lines->line[i], t->line);
}

static void empty(struct house *h, struct talk *t)
{
	struct house none;
	struct arena *arena = arena_new();
	struct lines script = { .arena = arena };
	struct err err = { ERR_BAD, "" };

	house_open(&none, h->roles);
	must(model_diff(h->site.db, none.site.db, NULL, NOW, keep_line, &script, &err),
		&err);
	run(t, &script);
	assert_int_equal(dump(h, arena).n, 0);
	house_close(&none);
	arena_free(arena);
}

static void check_round(struct house *a, struct house *b, struct talk *ta,
	struct talk *tb, uint64_t *seed)
{
	struct arena *arena = arena_new();
	struct lines script = { .arena = arena }, again = { .arena = arena }, of_a, of_b;
	struct err err = { ERR_BAD, "" };
	int done = 0;

	for (int i = 0; i < COMMANDS; i++)
		done += ask_something(ta, seed) + ask_something(tb, seed);
	assert_true(done > COMMANDS / 8);
	must(model_diff(a->site.db, b->site.db, NULL, NOW, keep_line, &script, &err),
		&err);
	run(ta, &script);
	of_a = dump(a, arena);
	of_b = dump(b, arena);
	check_same(&of_a, &of_b);
	must(model_diff(a->site.db, b->site.db, NULL, NOW, keep_line, &again, &err),
		&err);
	assert_int_equal(again.n, 0);
	/* of nothing, by the dump alone */
	empty(a, ta);
	run(ta, &of_b);
	of_a = dump(a, arena);
	check_same(&of_a, &of_b);
	arena_free(arena);
}

static void test_any_two_states(void **state)
{
	struct house *a = *state, b;
	struct talk *ta = talk_open(a->socket), *tb;
	uint64_t seed = 6;

	house_open(&b, a->roles);
	tb = talk_open(b.socket);
	hear(ta);
	hear(tb);
	for (int i = 0; i < ROUNDS; i++)
		check_round(a, &b, ta, tb, &seed);
	talk_close(ta);
	talk_close(tb);
	house_close(&b);
}

static void test_nothing(void **state)
{
	struct house *h = *state;
	struct arena *arena = arena_new();

	assert_int_equal(dump(h, arena).n, 0);
	arena_free(arena);
}

static void test_a_dump_reads_well(void **state)
{
	static const char *const asked[] = {
		"policy add out source=any destination=!staff limit=5/day,2/hour",
		"setting set default_limit 9/hour",
		"header add out Subject /b/ X-B 1",
		"header add out Subject /a/ X-A 1 X-C 'a b'",
		"pool add mx b.example.org a.example.org",
		"pool add empty",
		"policy add mx:in source=staff destination=any priority=5 enabled=no",
		"setting set pool_counters TRUE",
		"setting set global_custom_block 30m pool=mx",
		"object block bob@example.org until 2999-01-01T00:00:00Z because 'he "
		"asked'",
		"object bypass 192.0.2.7",
	};
	static const char *const wanted[] = {
		"setting set default_limit 9/hour",
		"setting set pool_counters yes",
		"pool add empty",
		"pool add mx a.example.org b.example.org",
		"setting set default_penalty 30minutes pool=mx",
		"group add staff @a.org @b.org",
		"policy add mx:in source=staff destination=any enabled=no",
		"policy add out source=any destination=!staff limit=2/hour,5/day",
		"header add out Subject /b/ X-B 1",
		"header add out Subject /a/ X-A 1 X-C 'a b'",
		"object bypass 192.0.2.7",
		"object block bob@example.org until 2999-01-01T00:00:00.000Z because 'he "
		"asked'",
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct arena *arena = arena_new();
	struct lines is;

	hear(t);
	assert_string_equal(ask(t, "group add staff @b.org @a.org"), "200 2 added");
	run(t, &(struct lines){ .line = (char **)(uintptr_t)asked, .n = LENGTH(asked) });
	/* what was over before NOW is no more */
	site_flag(&h->site, "eve@example.org", FLAG_BLOCK, NOW - 1);
	is = dump(h, arena);
	check_same(&is, &(struct lines){ .line = (char **)(uintptr_t)wanted,
				.n = LENGTH(wanted) });
	arena_free(arena);
	talk_close(t);
}

/* What is asked for alone, whatever else is different. */
static void test_only_some_things(void **state)
{
	struct house *a = *state, b;
	struct talk *ta = talk_open(a->socket), *tb;
	struct arena *arena = arena_new();
	struct thing_list only = { 0 };
	struct lines script = { .arena = arena };
	struct err err = { ERR_BAD, "" };

	house_open(&b, a->roles);
	tb = talk_open(b.socket);
	hear(ta);
	hear(tb);
	ask(ta, "group add g bob eve");
	ask(tb, "group add g bob mary");
	ask(tb, "group add h bob");
	ask(tb, "policy add one source=any destination=any");
	ask(tb, "policy add two source=any destination=any");
	ask(tb, "pool add mx a.example.org");
	ask(tb, "setting set pool_counters yes");
	ask(tb, "setting set history off");
	ask(tb, "setting set default_limit 5/hour pool=mx");
	ask(tb, "object block bob@example.org");
	ask(tb, "object block eve@example.org");
	thing_add(&only, arena, THING_POLICY, "two", NULL);
	thing_add(&only, arena, THING_POLICY, "three", NULL);
	thing_add(&only, arena, THING_GROUP, "g", NULL);
	thing_add(&only, arena, THING_SETTING, "pool_counters", NULL);
	thing_add(&only, arena, THING_POOL, "mx", NULL);
	thing_add(&only, arena, THING_FLAG, "eve@example.org", NULL);
	thing_list_settle(&only);
	must(model_diff(a->site.db, b.site.db, &only, NOW, keep_line, &script, &err),
		&err);
	assert_int_equal(script.n, 7);
	assert_string_equal(script.line[0], "setting set pool_counters yes");
	assert_string_equal(script.line[1], "pool add mx a.example.org");
	assert_string_equal(script.line[2], "setting set default_limit 5/hour pool=mx");
	assert_string_equal(script.line[3], "group add g mary");
	assert_string_equal(script.line[4], "policy add two source=any destination=any");
	assert_string_equal(script.line[5], "group remove g eve");
	assert_string_equal(script.line[6], "object block eve@example.org");
	talk_close(ta);
	talk_close(tb);
	house_close(&b);
	arena_free(arena);
}

/* What has to come before what: each pair of states is a knot of its own. */
static const struct {
	const char *of_a[6], *of_b[6];
} knots[] = {
	/* a setting of a pool that stays, and pool_counters */
	{ { "setting set pool_counters yes", "pool add mx",
		  "setting set default_limit 5/hour pool=mx" },
		{ "pool add mx" } },
	/* an MTA from pool to pool, there and back */
	{ { "pool add a x.example.org", "pool add z y.example.org" },
		{ "pool add a y.example.org", "pool add z x.example.org" } },
	/* a group that comes into use, while the one before goes */
	{ { "group add g bob", "policy add p source=g destination=any" },
		{ "group add h bob", "policy add p source=h destination=!h" } },
	/* a pool that goes with its policies, settings, and MTAs */
	{ { "setting set pool_counters yes", "pool add mx x.example.org",
		  "setting set default_limit 5/hour pool=mx",
		  "policy add mx:p source=any destination=any" },
		{ "pool add out x.example.org" } },
	/* networks are spelled by a setting */
	{ { "object block 2001:db8:1:2::1" },
		{ "setting set ipv6_prefix 56", "object block 2001:db8:1:2::1" } },
	/* a header of the name that stands for each */
	{ { "policy add p source=any destination=any", "header add p all /a/ X-A 1",
		  "header add p To /a/ X-A 2" },
		{ "policy add p source=any destination=any",
			"header add p To /a/ X-A 2" } },
	/* rules in another order */
	{ { "policy add p source=any destination=any", "header add p From /a/ X-A 1",
		  "header add p To /a/ X-A 2", "header add p Cc /a/ X-A 3" },
		{ "policy add p source=any destination=any", "header add p To /a/ X-A 2",
			"header add p Cc /a/ X-A 3", "header add p From /a/ X-A 1" } },
};

static void test_the_order_counts(void **state)
{
	struct house *a = *state, b;
	struct talk *ta = talk_open(a->socket), *tb;
	struct arena *arena = arena_new();
	struct err err = { ERR_BAD, "" };

	house_open(&b, a->roles);
	tb = talk_open(b.socket);
	hear(ta);
	hear(tb);
	for (size_t i = 0; i < LENGTH(knots); i++) {
		struct lines script = { .arena = arena }, of_a, of_b;

		empty(a, ta);
		empty(&b, tb);
		for (size_t k = 0; k < 6 && knots[i].of_a[k] != NULL; k++)
			assert_memory_equal(ask(ta, knots[i].of_a[k]), "200 ", 4);
		for (size_t k = 0; k < 6 && knots[i].of_b[k] != NULL; k++)
			assert_memory_equal(ask(tb, knots[i].of_b[k]), "200 ", 4);
		must(model_diff(
			     a->site.db, b.site.db, NULL, NOW, keep_line, &script, &err),
			&err);
		run(ta, &script);
		of_a = dump(a, arena);
		of_b = dump(&b, arena);
		check_same(&of_a, &of_b);
	}
	talk_close(ta);
	talk_close(tb);
	house_close(&b);
	arena_free(arena);
}

/* A line stays such that it can be sent: whatever the group has, nothing is lost. */
static void test_long_lines(void **state)
{
	struct house *a = *state;
	struct talk *t = talk_open(a->socket);
	struct arena *arena = arena_new();
	struct lines before, after;
	struct err err = { ERR_BAD, "" };
	char member[400];

	hear(t);
	assert_string_equal(ask(t, "group add g"), "200 0 added");
	for (int i = 0; i < 500; i++) {
		snprintf(member, sizeof(member), "%0*d'%d@example.org", 1 + i % 50, i, i);
		must(db_run(a->site.db, SQL_GROUP_ADD, &err, "it", (int64_t)1, member),
			&err);
	}
	before = dump(a, arena);
	assert_true(before.n > 2 && before.n < 6);
	ask(t, "group delete g");
	run(t, &before);
	after = dump(a, arena);
	check_same(&after, &before);
	assert_int_equal(site_number(&a->site, "SELECT count(*) FROM member"), 500);
	arena_free(arena);
	talk_close(t);
}

/* What is taken can be dumped, and the dump taken: 16 values of apostrophes, with a $ for
 * which only the longer quoting is right, are more than a line has. */
static void test_quoted_rules_fit(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	char line[9000] = "header add p Subject /x/";
	struct arena *arena = arena_new();
	struct lines all;

	hear(t);
	ask(t, "policy add p source=any destination=any");
	for (int i = 0; i < 14; i++) {
		str_append(line, sizeof(line), " X-%d \"", i);
		for (int k = 0; k < 495; k++)
			str_append(line, sizeof(line), "'");
		str_append(line, sizeof(line), "\"");
	}
	assert_memory_equal(ask(t, line), "200 ", 4);
	all = dump(h, arena);
	for (size_t i = 0; i < all.n; i++)
		assert_true(strlen(all.line[i]) <= WIRE_LINE_MAX);
	ask(t, "policy delete p");
	run(t, &all);
	for (char *p = strchr(line, '"'); p != NULL; p = strstr(p + 2, " \"")) {
		p += *p == ' ';
		p[1] = '$';
		p[2] = '$';
	}
	assert_non_null(strstr(ask(t, line), "make two of it"));
	assert_memory_equal(ask(t, "header set p Subject /y/ X-A \"''$$''\""), "200 ", 4);
	arena_free(arena);
	talk_close(t);
}

static int refuse_line(void *arg, char *const *words, size_t n, struct err *err)
{
	size_t *left = arg;

	(void)words;
	(void)n;
	return (*left)-- == 0 ? err_set(err, "enough") : 0;
}

/* Whoever takes the commands may have enough of them, wherever that is. */
static void test_enough(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct err err = { ERR_BAD, "" };
	uint64_t seed = 7;
	struct arena *arena = arena_new();
	size_t n;

	hear(t);
	for (int i = 0; i < 2 * COMMANDS; i++)
		ask_something(t, &seed);
	n = dump(h, arena).n;
	assert_true(n > 10);
	for (size_t i = 0; i < n; i++) {
		size_t left = i;

		assert_int_equal(
			model_dump(h->site.db, NOW, refuse_line, &left, &err), -1);
		assert_string_equal(err.text, "enough");
		assert_int_equal(left, (size_t)-1);
	}
	arena_free(arena);
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_nothing),
		HOUSE_TEST(test_a_dump_reads_well),
		HOUSE_TEST(test_the_order_counts),
		HOUSE_TEST(test_any_two_states),
		HOUSE_TEST(test_only_some_things),
		HOUSE_TEST(test_long_lines),
		HOUSE_TEST(test_quoted_rules_fit),
		HOUSE_TEST(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
