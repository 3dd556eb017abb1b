/*
 * Groups that are edited: an index made step by step is the one that the database loads,
 * and the indexes before it answer as ever (src/policy/group.c; see group.c too).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"

#define GROUPS	  70 /* more than the bits of a word */
#define PEOPLE	  120
#define STEPS	  120
#define EDITS_MAX 10
#define KEPT	  4 /* old indexes at a time */

static struct group_index *load(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct group_index *index = group_index_load(s->db, &err);

	must(index != NULL ? 0 : -1, &err);
	return index;
}

/* One person in any of its guises; small enough a world to meet often. */
struct person {
	char address[60], login[20], client[50];
};

static const char *const locals[] = { "bob", "eve", "\"john doe\"", "a+b" };
static const char *const domains[] = { "example.org", "a.example.org", "b.a.example.org",
	"xexample.org", "org", "[192.0.2.1]" };

static const char *const networks[] = { "10.0.0.0/8", "10.0.0.0/16", "10.0.2.0/24",
	"10.0.3.1", "0.0.0.0/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:2::1" };

static const char *pick_member(uint64_t *seed, char text[80])
{
	const char *local = locals[next_random(seed) % LENGTH(locals)];
	const char *domain = domains[next_random(seed) % LENGTH(domains)];
	unsigned n = (unsigned)(next_random(seed) % 4);

	switch (next_random(seed) % 8) {
	case 0:
		snprintf(text, 80, "%s@%s", local, domain);
		break;
	case 1:
		snprintf(text, 80, "@%s", domain);
		break;
	case 2:
		snprintf(text, 80, "@.%s", domains[next_random(seed) % 5]);
		break;
	case 3:
		snprintf(text, 80, "%s@", local);
		break;
	case 4:
		snprintf(text, 80, "user%u", n);
		break;
	default:
		snprintf(text, 80, "%s", networks[next_random(seed) % LENGTH(networks)]);
	}
	return text;
}

static struct person pick_person(uint64_t *seed)
{
	struct person p;
	unsigned n = (unsigned)(next_random(seed) % 4);

	snprintf(p.address, sizeof(p.address), "%s@%s",
		next_random(seed) % 9 ? locals[next_random(seed) % LENGTH(locals)]
				      : "not valid",
		domains[next_random(seed) % LENGTH(domains)]);
	snprintf(p.login, sizeof(p.login), "user%u", n);
	snprintf(p.client, sizeof(p.client),
		next_random(seed) % 2 ? "10.0.%u.1" : "2001:db8:%u::1", n);
	return p;
}

/* All that an index says of a number of people, by the ids of the groups. */
struct answers {
	uint64_t groups[PEOPLE][2]; /* by id, below 128 */
	size_t ngroups;
};

static void ask_index(
	const struct group_index *index, const struct person *people, struct answers *out)
{
	struct arena *arena = arena_new();

	memset(out, 0, sizeof(*out));
	out->ngroups = group_index_count(index);
	for (size_t i = 0; i < PEOPLE; i++) {
		struct group_list in = { .arena = arena };
		struct addr a = addr_parse(arena, people[i].address);
		struct cidr client;

		if (i % 3 == 0)
			group_match_address(index, &a, &in);
		else if (i % 3 == 1)
			group_match_login(
				index, people[i].login, strlen(people[i].login), &in);
		else if (cidr_parse(people[i].client, &client, NULL) == 0)
			group_match_client(index, &client, &in);
		for (int id = 1; id < 128; id++)
			if (group_list_has(&in, id))
				out->groups[i][id / 64] |= (uint64_t)1 << id % 64;
	}
	arena_free(arena);
}

/* A member comes or goes, in the database and in the edits, as commands do it. */
static void edit_member(struct site *s, struct group_edits *edits, uint64_t *seed)
{
	int64_t id = 1 + (int64_t)(next_random(seed) % GROUPS);
	bool gone = next_random(seed) % 3 == 0;
	struct err err = { ERR_BAD, "" };
	struct cidr network;
	const char *member;
	char text[80];
	int done;

	/* often in the first groups */
	if (next_random(seed) % 2)
		id = 1 + id % 4;
	member = member_parse(edits->arena, pick_member(seed, text), &network, &err);
	must(member != NULL ? 0 : -1, &err);
	snprintf(text, sizeof(text), "SELECT COUNT(*) FROM member_group WHERE id = %d",
		(int)id);
	if (site_number(s, text) == 0)
		return;
	done = db_run(
		s->db, gone ? SQL_GROUP_REMOVE : SQL_GROUP_ADD, &err, "it", id, member);
	must(done, &err);
	if (done > 0)
		group_edits_add(edits, id, member, gone);
}

/* A group goes with what it has, or comes anew. */
static void edit_group(struct site *s, struct group_edits *edits, uint64_t *seed)
{
	int64_t id = 1 + (int64_t)(next_random(seed) % GROUPS);
	struct err err = { ERR_BAD, "" };
	int more;
	sqlite3_stmt *q = db_query(s->db, SQL_GROUP_SHOW, &err, "i", id);

	assert_non_null(q);
	while ((more = db_next(s->db, q, &err)) == 1)
		group_edits_add(
			edits, id, arena_strdup(edits->arena, db_text(q, 0)), true);
	must(more, &err);
	must(db_run(s->db, SQL_GROUP_DELETE, &err, "i", id), &err);
	if (next_random(seed) % 2) {
		char name[40];

		snprintf(name, sizeof(name), "again%u", (unsigned)next_random(seed));
		must(db_run(s->db, SQL_GROUP_MAKE, &err, "t", name), &err);
	}
}

static struct group_index *edit_index(
	struct site *s, const struct group_index *before, uint64_t *seed)
{
	struct group_edits edits = { .arena = arena_new() };
	size_t n = next_random(seed) % (EDITS_MAX + 1);
	struct err err = { ERR_BAD, "" };
	struct group_index *index;

	for (size_t i = 0; i < n; i++)
		edit_member(s, &edits, seed);
	if (next_random(seed) % 8 == 0)
		edit_group(s, &edits, seed);
	index = group_index_edit(before, s->db, &edits, &err);
	must(index != NULL ? 0 : -1, &err);
	arena_free(edits.arena);
	return index;
}

static void make_groups(struct site *s)
{
	char name[20];

	for (int i = 0; i < GROUPS; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		site_group(s, name, NULL);
	}
}

struct old {
	struct group_index *index;
	struct answers answers; /* when it was made */
};

static void test_edited_is_loaded(void **state)
{
	struct site *s = *state;
	struct person people[PEOPLE];
	struct old olds[KEPT] = { 0 };
	struct answers edited, loaded;
	struct group_index *index, *again;
	uint64_t seed = 7, any = 0;

	for (size_t i = 0; i < PEOPLE; i++)
		people[i] = pick_person(&seed);
	make_groups(s);
	index = load(s);
	for (int step = 0; step < STEPS; step++) {
		struct old *old = &olds[next_random(&seed) % KEPT];

		group_index_release(old->index);
		old->index = index;
		ask_index(index, people, &old->answers);
		index = edit_index(s, old->index, &seed);
		again = load(s);
		ask_index(index, people, &edited);
		ask_index(again, people, &loaded);
		group_index_release(again);
		assert_memory_equal(&edited, &loaded, sizeof(edited));
		for (size_t i = 0; i < KEPT; i++) {
			if (olds[i].index == NULL)
				continue;
			ask_index(olds[i].index, people, &loaded);
			assert_memory_equal(&olds[i].answers, &loaded, sizeof(loaded));
		}
		for (size_t i = 0; i < PEOPLE; i++)
			any |= edited.groups[i][0] & ~edited.groups[(i + 1) % PEOPLE][0];
	}
	assert_true(any != 0);
	group_index_release(index);
	for (size_t i = 0; i < KEPT; i++)
		group_index_release(olds[i].index);
}

static bool client_is_in(const struct group_index *index, int64_t id, const char *who)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct cidr client;
	bool in;

	assert_int_equal(cidr_parse(who, &client, NULL), 0);
	group_match_client(index, &client, &groups);
	in = group_list_has(&groups, id);
	arena_free(arena);
	return in;
}

static bool address_is_in(
	const struct group_index *index, int64_t id, const char *address)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct addr addr = addr_parse(arena, address);
	bool in;

	group_match_address(index, &addr, &groups);
	in = group_list_has(&groups, id);
	arena_free(arena);
	return in;
}

/* A network that went and comes again, and one that two groups have. */
static void test_networks_come_and_go(void **state)
{
	static const struct {
		int64_t id;
		bool gone, first, second;
	} steps[] = { { 1, false, true, false }, { 2, false, true, true },
		{ 1, true, false, true }, { 2, true, false, false },
		{ 1, false, true, false }, { 1, true, false, false } };
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct group_index *index, *next;

	site_group(s, "one", NULL);
	site_group(s, "two", NULL);
	index = load(s);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct group_edits edits = { .arena = arena_new() };

		group_edits_add(&edits, steps[i].id, "192.0.2.0/24", steps[i].gone);
		next = group_index_edit(index, s->db, &edits, &err);
		must(next != NULL ? 0 : -1, &err);
		arena_free(edits.arena);
		group_index_release(index);
		index = next;
		assert_int_equal(client_is_in(index, 1, "192.0.2.7"), steps[i].first);
		assert_int_equal(client_is_in(index, 2, "192.0.2.7"), steps[i].second);
		assert_false(client_is_in(index, 1, "192.0.3.7"));
	}
	group_index_release(index);
}

/* Of what several commands of one change did to the same member the last counts. */
static void test_there_and_back_in_one_edit(void **state)
{
	static const char *const turns[] = { "+", "+-", "+-+", "-+", "-", "+-+-" };
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct group_index *index, *next;

	site_group(s, "one", NULL);
	index = load(s);
	for (size_t i = 0; i < LENGTH(turns); i++) {
		struct group_edits all = { .arena = arena_new() };
		const char *last = turns[i] + strlen(turns[i]) - 1;

		for (const char *turn = turns[i]; *turn != '\0'; turn++) {
			struct group_edits one = { .arena = all.arena };

			group_edits_add(&one, 1, "192.0.2.0/24", *turn == '-');
			group_edits_add(&one, 1, "bob@example.org", *turn == '-');
			group_edits_join(&all, &one);
		}
		next = group_index_edit(index, s->db, &all, &err);
		must(next != NULL ? 0 : -1, &err);
		arena_free(all.arena);
		group_index_release(index);
		index = next;
		assert_int_equal(client_is_in(index, 1, "192.0.2.7"), *last == '+');
		assert_int_equal(
			address_is_in(index, 1, "bob@example.org"), *last == '+');
	}
	group_index_release(index);
}

#define MANY	 100000
#define NETWORKS 3000

static void test_many(void **state)
{
	struct site *s = *state;
	struct group_edits edits = { .arena = arena_new() };
	struct arena *arena = arena_new();
	struct err err = { ERR_BAD, "" };
	struct group_index *none, *index;
	struct group_list groups;
	struct addr a;

	site_group(s, "staff", NULL);
	none = load(s);
	for (int i = 0; i < MANY; i++)
		group_edits_add(&edits, 1,
			arena_printf(edits.arena, "user%d@example.org", i), false);
	for (int i = 0; i < NETWORKS; i++)
		group_edits_add(&edits, 1,
			i % 2 ? arena_printf(
					edits.arena, "10.%d.%d.0/24", i / 256, i % 256)
			      : arena_printf(edits.arena, "2001:db8:%x::/48", i),
			false);
	index = group_index_edit(none, s->db, &edits, &err);
	must(index != NULL ? 0 : -1, &err);
	for (int i = 0; i < MANY; i += 997) {
		a = addr_parse(arena, arena_printf(arena, "user%d@example.org", i));
		groups = (struct group_list){ .arena = arena };
		group_match_address(index, &a, &groups);
		assert_true(group_list_has(&groups, 1));
	}
	assert_true(client_is_in(index, 1, "10.1.3.9"));
	assert_false(client_is_in(index, 1, "10.1.4.9"));
	assert_true(client_is_in(index, 1, "2001:db8:10::1"));
	assert_false(client_is_in(index, 1, "2001:db8:11::1"));
	assert_false(client_is_in(none, 1, "10.1.3.9"));
	group_index_release(index);
	group_index_release(none);
	arena_free(arena);
	arena_free(edits.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_edited_is_loaded),
		DATABASE_TEST(test_networks_come_and_go),
		DATABASE_TEST(test_there_and_back_in_one_edit),
		DATABASE_TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
