/*
 * Header rules: what matches, what is added, and what it may cost.  Everything is tried
 * with PCRE2's machine code and with its interpreter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "base/str.h"
#include "policy/rule.h"

#include <dlfcn.h>
#include <pthread.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define THREADS 4

static bool interpreted; /* changed while the test's thread is the only one */
static int compiled;	 /* patterns for which there is machine code */

/* Found before the library's own; with interpreted the machine has no machine code. */
int pcre2_jit_compile(pcre2_code *code, uint32_t options)
{
	int (*real)(pcre2_code *, uint32_t);
	int rc = PCRE2_ERROR_JIT_BADOPTION;

	*(void **)&real = dlsym(RTLD_NEXT, "pcre2_jit_compile_8");
	assert_non_null(real);
	if (!interpreted)
		rc = real(code, options);
	compiled += rc == 0;
	return rc;
}

static int with_interpreter(void **state)
{
	(void)state;
	interpreted = true;
	return 0;
}

static int with_machine_code(void **state)
{
	(void)state;
	interpreted = false;
	return 0;
}

static struct rule *make(const char *regex)
{
	struct err err;
	struct rule *r = rule_new("Subject", regex, &err);

	must(r != NULL ? 0 : -1, &err);
	return r;
}

static void add(struct rule *r, const char *name, const char *value)
{
	struct err err;

	must(rule_add(r, name, value, &err), &err);
}

/* One match that has all it may spend. */
static enum rule_result match(const struct rule *r, const char *value,
	struct arena *arena, const struct rule_addition **added)
{
	struct rule_budget budget = { 0 };

	return rule_match(r, value, strlen(value), &budget, arena, added);
}

static char *repeat(char *buf, size_t n, const char *piece)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = piece[i % strlen(piece)];
	buf[n] = '\0';
	return buf;
}

static const struct {
	const char *regex, *value;
	enum rule_result result;
} matches[] = {
	{ "/b/", "abc", RULE_YES },
	{ "/B/", "abc", RULE_NO },
	{ "/B/i", "abc", RULE_YES },
	{ "/^b/", "abc", RULE_NO },
	{ "/^a/", "abc", RULE_YES },
	{ "/b$/", "abc", RULE_NO },
	{ "/c$/", "abc", RULE_YES },
	{ "/^abc$/", "abc", RULE_YES },
	{ "/c$/", "abc\n", RULE_NO },
	{ "/a.c/", "a\nc", RULE_YES },
	{ "/a/b/", "xa/bx", RULE_YES },
	{ "/\\/$/", "a/", RULE_YES },
	{ "//", "", RULE_YES },
	{ "/^$/", "a", RULE_NO },
	{ "/./", "", RULE_NO },
	{ "/\xc3\x84/i", "\xc3\xa4", RULE_YES },
	{ "/\xc3\x84/", "\xc3\xa4", RULE_NO },
	{ "/^.$/", "\xe2\x82\xac", RULE_YES },
	{ "/b/", "\xff\xfe abc", RULE_YES },
	{ "/b/", "abc \xc3", RULE_YES },
	{ "/a.*b/", "a\xff b", RULE_NO },
	{ "/^b/",
		"\xff"
		"b",
		RULE_NO },
	{ "/a$/", "a\xff", RULE_NO },
	{ "/\xc3\xbf/", "\xff", RULE_NO },
};

static void test_match(void **state)
{
	const struct rule_addition *added;
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(matches); i++) {
		struct rule *r = make(matches[i].regex);

		if (match(r, matches[i].value, arena, &added) != matches[i].result)
			fail_msg("%s on %s", matches[i].regex, matches[i].value);
		rule_free(r);
	}
	arena_free(arena);
}

/* No more of the value is read than its length says, with no NUL behind it. */
static void test_length(void **state)
{
	const char value[3] = { 'a', 'b', 'c' };
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	struct rule_budget budget = { 0 };
	struct rule *r = make("/^(.*)$/"), *c = make("/c/");

	(void)state;
	add(r, "X", "<$1>");
	assert_int_equal(rule_match(r, value, 3, &budget, arena, &added), RULE_YES);
	assert_string_equal(added[0].value, "<abc>");
	assert_int_equal(rule_match(r, value, 2, &budget, arena, &added), RULE_YES);
	assert_string_equal(added[0].value, "<ab>");
	assert_int_equal(rule_match(c, value, 2, &budget, arena, &added), RULE_NO);
	rule_free(r);
	rule_free(c);
	arena_free(arena);
}

static const struct {
	const char *regex, *value, *subject, *expanded;
} expansions[] = {
	{ "/a/", "plain", "a", "plain" },
	{ "/a/", " a \\ %s ", "a", " a \\ %s " },
	{ "/b+/", "[$0]", "abbc", "[bb]" },
	{ "/(a)(b)/", "$2$1 ${2}${1}0", "ab", "ba ba0" },
	{ "/(a)/", "$1b $1_ $1.", "a", "ab a_ a." },
	{ "/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)/", "$10 ${1}0", "abcdefghij", "j a0" },
	{ "/(?<who>[a-z]+)@(?<where_1>.+)/", "$who at ${where_1}.", "bob@x.net",
		"bob at x.net." },
	{ "/(?<n>b)/", "a${n}c", "b", "abc" },
	{ "/(a)/", "$$1 $$ $$$1 $$", "a", "$1 $ $a $" },
	{ "/(a)|(b)/", "<$1|$2>", "b", "<|b>" },
	{ "/(a)|(b)/", "<$1|$2>", "a", "<a|>" },
	{ "/(?<x>a)|(?<y>b)/", "<$x|$y>", "b", "<|b>" },
	{ "/()(b)?/", "$1$2", "x", "" },
	{ "/(?J)(?<n>a)|(?<n>b)/", "<$n>", "b", "<b>" },
	{ "/(.*)/", "$1", "$1 ${who} $$ \\1 %s", "$1 ${who} $$ \\1 %s" },
	{ "/^(.*)$/", "$1", "a\tb\x01\x7f", "a b\\x01\\x7f" },
	{ "/^(.*)$/", "$1", "a\r\nX-Evil: b", "a\\x0d\\x0aX-Evil: b" },
	{ "/^(.*)$/", "$1", "\xe2\x80\xae\xc2\x85\xc3\xa4",
		"\\xe2\\x80\\xae\\xc2\\x85\xc3\xa4" },
	{ "/(b+)/", "<$1>", "\xff\xfe bb \xc3", "<bb>" },
	{ "/(\xc3\xa4+)/i", "<$1>", "\xe2\x82 \xc3\x84\xc3\xa4", "<\xc3\x84\xc3\xa4>" },
	{ "/a\\Kb/", "<$0>", "ab", "<b>" },
};

static void test_expand(void **state)
{
	const struct rule_addition *added;
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(expansions); i++) {
		struct rule *r = make(expansions[i].regex);

		add(r, "X-Out", expansions[i].value);
		if (match(r, expansions[i].subject, arena, &added) != RULE_YES)
			fail_msg("%s does not match", expansions[i].regex);
		assert_string_equal(added[0].name, "X-Out");
		assert_string_equal(added[0].value, expansions[i].expanded);
		rule_free(r);
	}
	arena_free(arena);
}

/* Each in its turn; what does not match leaves them alone. */
static void test_sixteen(void **state)
{
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	struct rule *r = make("/a(.)/");
	char value[20];

	(void)state;
	for (int i = 0; i < RULE_ADDITIONS_MAX; i++) {
		snprintf(value, sizeof(value), "%d$1", i);
		add(r, "X", value);
	}
	for (int turn = 0; turn < 2; turn++) {
		if (turn == 0)
			assert_int_equal(match(r, "ab", arena, &added), RULE_YES);
		else
			assert_int_equal(match(r, "ba", arena, &added), RULE_NO);
		for (int i = 0; i < RULE_ADDITIONS_MAX; i++) {
			snprintf(value, sizeof(value), "%db", i);
			assert_string_equal(added[i].value, value);
		}
	}
	rule_free(r);
	arena_free(arena);
}

/* 896 octets stay whole; more is cut at a character, wherever that falls. */
static void test_expand_cuts(void **state)
{
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	char subject[2000], expected[2000];
	struct rule *r = make("/^(.*)$/");
	size_t len;

	(void)state;
	add(r, "X", "$1");
	assert_int_equal(match(r, repeat(subject, 896, "x"), arena, &added), RULE_YES);
	assert_string_equal(added[0].value, subject);
	assert_int_equal(match(r, repeat(subject, 897, "x"), arena, &added), RULE_YES);
	snprintf(expected, sizeof(expected), "%.893s...", subject);
	assert_string_equal(added[0].value, expected);
	for (size_t pad = 0; pad < 12; pad++) {
		memset(subject, 'x', pad);
		repeat(subject + pad, 1500, "\xe2\x82\xac");
		assert_int_equal(match(r, subject, arena, &added), RULE_YES);
		len = strlen(added[0].value);
		assert_in_range(len, 893, 896);
		assert_true(str_is_utf8(added[0].value, len));
		assert_memory_equal(added[0].value, subject, len - 3);
		assert_string_equal(added[0].value + len - 3, "...");
	}
	rule_free(r);
	r = make("/(.*)/");
	add(r, "X", "a $1$1$1 b");
	assert_int_equal(match(r, repeat(subject, 500, "x"), arena, &added), RULE_YES);
	assert_int_equal(strlen(added[0].value), 896);
	assert_string_equal(added[0].value + 893, "...");
	rule_free(r);
	arena_free(arena);
}

/* What is beyond 2048 octets is not looked at, and where it begins is no end. */
static void test_long_value(void **state)
{
	static char value[100001];
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	struct rule *end = make("/x$/"), *last = make("/y/"), *all = make("/^(x*)/");

	(void)state;
	repeat(value, 100000, "x");
	value[RULE_SUBJECT_MAX] = 'y';
	add(all, "X", "$1");
	assert_int_equal(match(all, value, arena, &added), RULE_YES);
	assert_int_equal(strlen(added[0].value), RULE_EXPANDED_MAX);
	assert_int_equal(match(end, value, arena, &added), RULE_NO);
	assert_int_equal(match(last, value, arena, &added), RULE_NO);
	value[RULE_SUBJECT_MAX - 1] = 'y';
	assert_int_equal(match(last, value, arena, &added), RULE_YES);
	value[RULE_SUBJECT_MAX] = '\0';
	value[RULE_SUBJECT_MAX - 1] = 'x';
	assert_int_equal(match(end, value, arena, &added), RULE_YES);
	rule_free(end);
	rule_free(last);
	rule_free(all);
	arena_free(arena);
}

/* Patterns that run away, with many calls or deep ones, and one whose recursion never
 * comes back; but what ends in time is an answer. */
static const struct {
	const char *regex;
	size_t len; /* of as, then comes the rest */
	const char *rest;
	enum rule_result result;
} runaways[] = {
	{ "/(a+)+$/", 100, "b", RULE_LIMIT },
	{ "/(a+)+$/", 17, "b", RULE_LIMIT }, /* twice our limit, a fortieth of PCRE2's */
	{ "/(a+)+$/", 15, "b", RULE_NO },
	{ "/(a+)+$/", 2000, "", RULE_YES },
	{ "/^(a|aa)+$/", 40, "b", RULE_LIMIT },
	{ "/(a|()()()()()()()()()()b)*$/", 2000, "", RULE_LIMIT }, /* by the heap */
	{ "/(a|b)*$/", 200, "", RULE_YES },
	{ "/b|(?R)/", 10, "", RULE_LIMIT },
};

static void test_limits(void **state)
{
	const struct rule_addition *added = NULL, *unchanged = NULL;
	struct arena *arena = arena_new();
	char value[RULE_SUBJECT_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(runaways); i++) {
		bool limit = runaways[i].result == RULE_LIMIT;
		struct rule_budget budget = { 0 };
		struct rule *r = make(runaways[i].regex);

		repeat(value, runaways[i].len, "a");
		str_append(value, sizeof(value), "%s", runaways[i].rest);
		if (rule_match(r, value, strlen(value), &budget, arena,
			    limit ? &unchanged : &added) != runaways[i].result)
			fail_msg("%s on %zu", runaways[i].regex, runaways[i].len);
		assert_null(unchanged);
		assert_int_equal(budget.tries, 1);
		assert_int_equal(budget.limits, limit);
		assert_int_equal(budget.untried, 0);
		assert_true(budget.time > 0);
		rule_free(r);
	}
	arena_free(arena);
}

/* How many times the rule gives this result before it is not even tried. */
static unsigned count_until_spent(const struct rule *r, const char *value,
	struct rule_budget *budget, enum rule_result wanted)
{
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	unsigned n = 0;

	while (rule_match(r, value, strlen(value), budget, arena, &added) == wanted &&
		budget->untried == 0)
		n++;
	assert_int_equal(
		rule_match(r, value, strlen(value), budget, arena, &added), RULE_NO);
	assert_int_equal(budget->tries, n);
	assert_int_equal(budget->untried, 2);
	arena_free(arena);
	return n;
}

static void test_budget(void **state)
{
	struct rule_budget yes = { 0 }, no = { 0 }, limit = { 0 };
	struct rule *r = make("/a/"), *slow = make("/(a+)+$/");
	char value[101];

	(void)state;
	assert_int_equal(count_until_spent(r, "a", &yes, RULE_YES), 1000);
	assert_int_equal(yes.limits, 0);
	assert_int_equal(count_until_spent(r, "b", &no, RULE_NO), 1000);
	repeat(value, 100, "a");
	value[99] = 'b';
	assert_int_equal(count_until_spent(slow, value, &limit, RULE_LIMIT), 10);
	assert_int_equal(limit.limits, 10);
	rule_free(r);
	rule_free(slow);
}

/* A pattern that reaches no limit from any one place, but has thousands of places. */
static void test_time(void **state)
{
	struct rule_budget budget = { 0 }, almost = { .time = RULE_TIME_MAX - 1 },
			   spent = { .time = RULE_TIME_MAX };
	struct rule *slow = make("/(?:a|x){0,90}(?:a|x){0,90}q|b/");
	const struct rule_addition *added;
	struct arena *arena = arena_new();
	char value[3001];
	unsigned n;

	(void)state;
	n = count_until_spent(slow, repeat(value, 3000, "a"), &budget, RULE_NO);
	assert_in_range(n, 1, 900);
	assert_true(budget.time >= RULE_TIME_MAX);
	assert_int_equal(budget.limits, 0);
	assert_int_equal(rule_match(slow, "b", 1, &almost, arena, &added), RULE_YES);
	assert_int_equal(rule_match(slow, "b", 1, &almost, arena, &added), RULE_NO);
	assert_int_equal(almost.untried, 1);
	assert_int_equal(rule_match(slow, "b", 1, &spent, arena, &added), RULE_NO);
	assert_int_equal(spent.untried, 1);
	rule_free(slow);
	arena_free(arena);
}

struct worker {
	pthread_t thread;
	const struct rule *rule;
	int number, wrong;
};

/* No assertion of cmocka's: it is not this thread's. */
static void *work(void *arg)
{
	struct worker *w = arg;
	const struct rule_addition *added;
	char value[100], expected[100];

	for (int i = 0; i < 2000; i++) {
		struct rule_budget budget = { 0 };
		struct arena *arena = arena_new();

		snprintf(value, sizeof(value), "from %d to %d", w->number, i);
		snprintf(expected, sizeof(expected), "%d %d", i, w->number);
		if (rule_match(w->rule, value, strlen(value), &budget, arena, &added) !=
				RULE_YES ||
			strcmp(added[0].value, expected) != 0 ||
			rule_match(w->rule, "x", 1, &budget, arena, &added) != RULE_NO)
			w->wrong++;
		arena_free(arena);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct rule *r = make("/(?<a>\\d+) to (\\d+)$/");
	struct worker workers[THREADS];

	(void)state;
	add(r, "X", "$2 $a");
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .rule = r, .number = i };
		assert_int_equal(
			pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].wrong, 0);
	}
	rule_free(r);
}

/* That the tests above do run both ways. */
static void test_both_ways(void **state)
{
	uint32_t available = 0;

	(void)state;
	pcre2_config(PCRE2_CONFIG_JIT, &available);
	compiled = 0;
	rule_free(make("/a/"));
	assert_int_equal(compiled, interpreted ? 0 : available);
}

#define BOTH_WAYS(test)                                                                  \
	cmocka_unit_test_setup(test, with_machine_code),                                 \
	{                                                                                \
#test " (interpreter)", test, with_interpreter, NULL, NULL               \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_WAYS(test_match),
		BOTH_WAYS(test_length),
		BOTH_WAYS(test_expand),
		BOTH_WAYS(test_sixteen),
		BOTH_WAYS(test_expand_cuts),
		BOTH_WAYS(test_long_value),
		BOTH_WAYS(test_limits),
		BOTH_WAYS(test_budget),
		BOTH_WAYS(test_time),
		BOTH_WAYS(test_threads),
		BOTH_WAYS(test_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
