/*
 * The table of members: what an edit makes of it, that the tables before answer as
 * ever, and that many threads may hold tables which share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"

#include "policy/member.h"

#include <pthread.h>

#define NAMES  40
#define GROUPS 6

/* The groups of one name, as bits. */
static void collect(void *arg, int64_t group_id)
{
	unsigned *groups = arg;

	assert_in_range(group_id, 1, GROUPS);
	/* none is told twice */
	assert_false(*groups >> group_id & 1);
	*groups |= 1u << group_id;
}

static unsigned groups_of(const struct member_table *t, const char *name)
{
	unsigned groups = 0;

	member_table_find(t, name, strlen(name), collect, &groups);
	return groups;
}

static void test_empty(void **state)
{
	static const struct membership gone = { "bob", 1, true };
	struct member_table *t, *next;

	(void)state;
	t = member_table_edit(NULL, NULL, 0);
	assert_int_equal(member_table_count(t), 0);
	assert_int_equal(groups_of(t, "bob"), 0);
	assert_int_equal(groups_of(t, ""), 0);
	next = member_table_edit(t, NULL, 0);
	assert_int_equal(member_table_count(next), 0);
	member_table_free(next);
	/* what is not there does not go */
	next = member_table_edit(t, &gone, 1);
	member_table_free(t);
	assert_int_equal(member_table_count(next), 0);
	assert_int_equal(groups_of(next, "bob"), 0);
	member_table_free(next);
	t = member_table_edit(NULL, &gone, 1);
	assert_int_equal(member_table_count(t), 0);
	member_table_free(t);
	member_table_free(NULL);
}

/* Of the same membership in one edit the last word counts. */
static void test_last_word(void **state)
{
	static const struct membership edits[] = { { "come-go", 1, false },
		{ "go-come", 1, true }, { "double", 1, false }, { "come-go", 1, true },
		{ "go-come", 1, false }, { "double", 1, false }, { "double", 2, false },
		{ "gone", 1, true }, { "thrice", 1, false }, { "thrice", 1, true },
		{ "thrice", 1, false }, { "double", 3, true } };
	struct member_table *t, *next;

	(void)state;
	t = member_table_edit(NULL, edits, LENGTH(edits));
	for (int again = 0; again < 2; again++) {
		assert_int_equal(groups_of(t, "come-go"), 0);
		assert_int_equal(groups_of(t, "go-come"), 1 << 1);
		assert_int_equal(groups_of(t, "double"), 1 << 1 | 1 << 2);
		assert_int_equal(groups_of(t, "thrice"), 1 << 1);
		assert_int_equal(groups_of(t, "gone"), 0);
		assert_int_equal(member_table_count(t), 4);
		/* upon a table that has them */
		next = member_table_edit(t, edits, LENGTH(edits));
		member_table_free(t);
		t = next;
	}
	member_table_free(t);
}

/* A name is looked for in its length; its memory is the caller's. */
static void test_names(void **state)
{
	char name[] = "bob@example.org";
	struct membership edit = { name, 1, false };
	struct member_table *t = member_table_edit(NULL, &edit, 1);
	unsigned groups = 0;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(groups_of(t, name), 0);
	assert_int_equal(groups_of(t, "bob@example.org"), 1 << 1);
	assert_int_equal(groups_of(t, "bob@example.or"), 0);
	assert_int_equal(groups_of(t, "bob@example.orgs"), 0);
	member_table_find(t, "bob@example.organic", 15, collect, &groups);
	assert_int_equal(groups, 1 << 1);
	member_table_free(t);
}

#define GENERATIONS 6
#define ROUNDS	    600
#define EDITS_MAX   12

/* A table with what it has to answer: of each name the groups, as bits. */
struct generation {
	struct member_table *table;
	unsigned groups[NAMES];
};

static const char *name_of(size_t n, char text[8])
{
	/* some are the beginning of others */
	snprintf(text, 8, "%.*s", (int)(n % 4 + 1), "aaaa");
	text[n % 4] = (char)('a' + n / 4);
	return text;
}

static void check_generation(const struct generation *g)
{
	size_t count = 0;
	char text[8];

	for (size_t n = 0; n < NAMES; n++) {
		assert_int_equal(groups_of(g->table, name_of(n, text)), g->groups[n]);
		count += (size_t)__builtin_popcount(g->groups[n]);
	}
	assert_int_equal(member_table_count(g->table), count);
	assert_int_equal(groups_of(g->table, "zz"), 0);
}

static void edit_generation(
	struct generation *to, const struct generation *from, uint64_t *seed)
{
	struct membership edits[EDITS_MAX];
	char texts[EDITS_MAX][8];
	size_t n = next_random(seed) % (EDITS_MAX + 1);
	struct generation made = *from;

	for (size_t i = 0; i < n; i++) {
		/* often the same one again */
		size_t name = next_random(seed) % (i % 2 ? 4 : NAMES);
		unsigned group = 1 + (unsigned)(next_random(seed) % GROUPS);
		bool gone = next_random(seed) % 5 < 2;

		edits[i] = (struct membership){ name_of(name, texts[i]), group, gone };
		if (gone)
			made.groups[name] &= ~(1u << group);
		else
			made.groups[name] |= 1u << group;
	}
	made.table = member_table_edit(from->table, edits, n);
	if (to->table != NULL)
		member_table_free(to->table);
	*to = made;
}

/* Against a plain list, with several generations alive at once, each of which comes
 * from any of the others: each answers as when it was made. */
static void test_generations(void **state)
{
	struct generation all[GENERATIONS] = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (size_t g = 0; g < GENERATIONS; g++)
		edit_generation(&all[g], &all[g], &seed);
	for (int round = 0; round < ROUNDS; round++) {
		size_t from = next_random(&seed) % GENERATIONS,
		       to = next_random(&seed) % GENERATIONS;

		edit_generation(&all[to], &all[from], &seed);
		for (size_t g = 0; g < GENERATIONS; g++)
			check_generation(&all[g]);
	}
	for (size_t g = 0; g < GENERATIONS; g++)
		member_table_free(all[g].table);
}

#define MANY 50000

static void test_many(void **state)
{
	struct membership *edits = mem_calloc(MANY, sizeof(*edits));
	char(*names)[32] = mem_calloc(MANY, sizeof(*names));
	struct member_table *all, *half;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "user%d@example.org", i);
		edits[i] = (struct membership){ names[i], 1 + i % GROUPS, false };
	}
	all = member_table_edit(NULL, edits, MANY);
	assert_int_equal(member_table_count(all), MANY);
	for (int i = 0; i < MANY; i++)
		edits[i].gone = i % 2 == 0;
	half = member_table_edit(all, edits, MANY);
	assert_int_equal(member_table_count(half), MANY / 2);
	for (int i = 0; i < MANY; i++) {
		unsigned group = 2u << i % GROUPS;

		if (groups_of(all, names[i]) != group ||
			groups_of(half, names[i]) != (i % 2 != 0 ? group : 0))
			fail_msg("%s", names[i]);
	}
	member_table_free(all);
	member_table_free(half);
	free(names);
	free(edits);
}

#define HOLDERS 4

struct holder {
	pthread_t thread;
	struct member_table *table; /* its own, which shares with all the others */
	bool wrong;
};

static void note(void *arg, int64_t group_id)
{
	*(int64_t *)arg += group_id;
}

/* Looks and edits, all the while others let go of what they share with it. */
static void *hold(void *arg)
{
	struct holder *h = arg;

	for (int i = 0; i < 200; i++) {
		struct member_table *next;
		struct membership edit = { i % 2 ? "b" : "c", 1, i % 4 > 1 };
		int64_t sum = 0;

		member_table_find(h->table, "a", 1, note, &sum);
		h->wrong |= sum != 5;
		next = member_table_edit(h->table, &edit, 1);
		member_table_free(h->table);
		h->table = next;
	}
	member_table_free(h->table);
	return NULL;
}

static void test_threads(void **state)
{
	static const struct membership edits[] = { { "a", 2, false }, { "a", 3, false },
		{ "d", 1, false } };
	struct member_table *t = member_table_edit(NULL, edits, LENGTH(edits));
	struct holder holders[HOLDERS] = { 0 };

	(void)state;
	for (size_t i = 0; i < HOLDERS; i++) {
		holders[i].table = member_table_edit(t, NULL, 0);
		assert_int_equal(
			pthread_create(&holders[i].thread, NULL, hold, &holders[i]), 0);
	}
	member_table_free(t);
	for (size_t i = 0; i < HOLDERS; i++) {
		pthread_join(holders[i].thread, NULL);
		assert_false(holders[i].wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_last_word),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
