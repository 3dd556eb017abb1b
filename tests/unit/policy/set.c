/*
 * Policy sets: loaded whole or not at all, immutable while a message has them,
 * swapped under threads that acquire and release.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static struct policy_set *load(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct policy_set *set = policy_set_load(s->db, NULL, &err);

	must(set != NULL ? 0 : -1, &err);
	return set;
}

static void test_empty(void **state)
{
	struct policy_set *set = load(*state);

	assert_int_equal(set->npolicies, 0);
	assert_int_equal(group_index_count(set->groups), 0);
	assert_int_equal(set->steps, 0);
	assert_int_equal(set->settings.ipv6_prefix, 64);
	policy_set_discard(set);
	policy_set_discard(NULL);
}

static void test_order_and_settings(void **state)
{
	static const char *const order[] = { "x0", "b", "c", "a" };
	struct site *s = *state;
	struct policy_set *set;

	site_policy(s, "a", "priority=10", NULL);
	site_policy(s, "c", "enabled=no", NULL);
	site_policy(s, "b", NULL);
	site_policy(s, "x0", "priority=1", NULL);
	site_setting(s, "null_sender", "count");
	site_setting(s, "ipv6_prefix", "56");
	set = load(s);
	assert_int_equal(set->npolicies, LENGTH(order));
	for (size_t i = 0; i < LENGTH(order); i++)
		assert_string_equal(set->policies[i]->name, order[i]);
	assert_int_equal(set->settings.null_sender, NULL_SENDER_COUNT);
	assert_int_equal(set->settings.ipv6_prefix, 56);
	assert_int_equal(set->settings.history_days, 30);
	policy_set_discard(set);
}

static bool trusts(const struct policy_set *set, const char *client)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct cidr address;
	struct err err = { ERR_BAD, "" };
	bool is;

	must(cidr_parse(client, &address, &err), &err);
	group_match_client(set->groups, &address, &groups);
	is = policy_set_trusts(set, &groups);
	arena_free(arena);
	return is;
}

/* By the groups that the setting names, each of them, and no other one. */
static void test_trusted(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy_set *set;

	site_group(s, "other", "203.0.113.0/24", NULL);
	site_group(s, "relays", "192.0.2.0/24", NULL);
	site_group(s, "backup", "2001:db8::/32", NULL);
	set = load(s);
	assert_false(trusts(set, "192.0.2.7"));
	policy_set_discard(set);
	site_setting(s, "spf_trusted", "relays,backup");
	set = load(s);
	assert_true(trusts(set, "192.0.2.7"));
	assert_true(trusts(set, "2001:db8::1"));
	assert_false(trusts(set, "203.0.113.7"));
	assert_false(trusts(set, "198.51.100.7"));
	policy_set_discard(set);
	/* one that is not there is no less trusted: there is no set */
	site_setting(s, "spf_trusted", "relays,nobody");
	assert_null(policy_set_load(s->db, NULL, &err));
	assert_string_equal(err.text, "spf_trusted: no group \"nobody\"");
}

/* Does the source of the only policy match this address from this client? */
static bool source_matches(
	struct policy_set *set, const char *address, const char *client)
{
	struct arena *arena = arena_new();
	struct group_list groups = { .arena = arena };
	struct addr a = addr_parse(arena, address);
	struct cidr c;
	bool matches;

	must(cidr_parse(client, &c, NULL), &(struct err){ 0 });
	group_match_address(set->groups, &a, &groups);
	group_match_client(set->groups, &c, &groups);
	matches = criterion_match(&set->policies[0]->source, &groups);
	arena_free(arena);
	return matches;
}

/* `!group` is the exact complement, networks included. */
static void test_complement(void **state)
{
	static const char *const who[] = { "bob@example.org", "a@example.net",
		"b@example.com", "<>", "not an address" };
	static const char *const from[] = { "192.0.2.7", "198.51.100.1", "2001:db8::1",
		"::1" };
	struct site *s = *state;
	struct policy_set *is, *is_not;
	int inside = 0;

	site_group(s, "other", "@example.com", NULL);
	site_group(s, "staff", "bob@example.org", "@example.net", "192.0.2.0/24",
		"2001:db8::/32", NULL);
	site_policy(s, "p", "source=staff", NULL);
	is = load(s);
	site_policy(s, "p", "source=!staff", NULL);
	is_not = load(s);
	for (size_t i = 0; i < LENGTH(who); i++)
		for (size_t j = 0; j < LENGTH(from); j++) {
			bool in = source_matches(is, who[i], from[j]);

			assert_int_equal(in, i < 2 || j == 0 || j == 2);
			assert_int_equal(source_matches(is_not, who[i], from[j]), !in);
			inside += in;
		}
	assert_int_equal(inside, 2 * 4 + 3 * 2);
	policy_set_discard(is);
	policy_set_discard(is_not);
}

/* `any` means exactly the word: a group whose name has it inside is a group. */
static void test_company_is_not_any(void **state)
{
	struct site *s = *state;
	struct policy_set *set;

	site_group(s, "company", "@example.org", NULL);
	site_policy(s, "p", "source=company", NULL);
	set = load(s);
	assert_true(source_matches(set, "bob@example.org", "192.0.2.7"));
	assert_false(source_matches(set, "bob@example.net", "192.0.2.7"));
	policy_set_discard(set);
}

static const struct {
	const char *one, *two, *three;
	unsigned steps;
} needs[] = {
	{ "limit=3/hour", "enabled=yes", "count=messages", 0 },
	{ "limit=3/hour", "enabled=yes", "count=recipients", STEP_RCPT },
	{ "limit=3/hour", "enabled=no", "count=recipients", 0 },
	{ "destination=friends", "enabled=yes", "count=messages", STEP_RCPT },
	{ "destination=!friends", "action=hold", "count=messages", STEP_RCPT },
	{ "destination=!friends", "action=defer", "count=messages",
		STEP_RCPT | STEP_RCPT_ANSWER },
	{ "destination=friends", "action=block", "enabled=no", 0 },
	{ "source=friends", "action=block", "enabled=yes", 0 },
	{ "key=recipient", "action=block", "enabled=yes", STEP_RCPT | STEP_RCPT_ANSWER },
	{ "destination=friends", "type=bypass", "key=client", 0 },
	{ "destination=friends", "type=bypass+", "action=block", STEP_RCPT },
	{ "destination=friends", "only-headers=yes", "type=regular", STEP_RCPT },
	{ "key=recipient", "only-headers=yes", "destination=any", 0 },
};

static void test_steps(void **state)
{
	struct site *s = *state;
	struct policy_set *set;

	site_group(s, "friends", "@example.net", NULL);
	site_policy(s, "plain", "limit=5/hour", NULL);
	for (size_t i = 0; i < LENGTH(needs); i++) {
		site_policy(s, "p", "source=any", "destination=any", "action=monitor",
			"key=sender+", "count=messages", "type=regular",
			"only-headers=no", "enabled=yes", needs[i].one, needs[i].two,
			needs[i].three, NULL);
		set = load(s);
		assert_int_equal(set->steps, needs[i].steps);
		policy_set_discard(set);
	}
}

/* Some policy, and one that is enabled and looks. */
static void test_checks_spf(void **state)
{
	static const struct {
		const char *one, *two;
		bool checks;
	} cases[] = {
		{ "spf=off", "limit=5/hour", false },
		{ "spf=strict", "limit=none", true },
		{ "enabled=no", NULL, false },
		{ "enabled=yes", "type=bypass", false },
	};
	struct site *s = *state;
	struct policy_set *set;

	site_policy(s, "plain", "limit=5/hour", NULL);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		site_policy(s, "p", cases[i].one, cases[i].two, NULL);
		set = load(s);
		assert_int_equal(policy_set_checks_spf(set), cases[i].checks);
		policy_set_discard(set);
	}
}

/* One fault anywhere, and there is no set: never one that lets more through. */
static void test_invalid_refused(void **state)
{
	static const struct {
		const char *sql, *words;
	} faults[] = {
		{ "UPDATE policy SET action = 'explode' WHERE name = 'b'", "policy b" },
		{ "UPDATE policy SET strategy = 'wavy' WHERE name = 'c'", "policy c" },
		{ "INSERT INTO setting VALUES ('history', 0, 'perhaps')", "history" },
		{ "INSERT INTO setting VALUES ('nonsense', 0, '1')", "nonsense" },
		{ "INSERT INTO member VALUES (1, '@@')", "@@" },
	};
	struct site *s = *state;

	site_group(s, "g", "@example.org", NULL);
	site_policy(s, "a", "source=g", NULL);
	site_policy(s, "b", NULL);
	site_policy(s, "c", "destination=!g", "reply=Sorry", NULL);
	for (size_t i = 0; i < LENGTH(faults); i++) {
		struct err err = { ERR_FAILED, "" };

		site_sql(s, "BEGIN");
		site_sql(s, faults[i].sql);
		assert_null(policy_set_load(s->db, NULL, &err));
		if (strstr(err.text, faults[i].words) == NULL)
			fail_msg("%s: %s", faults[i].sql, err.text);
		site_sql(s, "ROLLBACK");
	}
	policy_set_discard(load(s));
}

/* An index that is still true is shared and not loaded again. */
static void test_shared_groups(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct policy_set *one, *two;

	site_group(s, "staff", "@example.org", NULL);
	site_policy(s, "p", "source=staff", NULL);
	one = load(s);
	two = policy_set_load(s->db, one->groups, &err);
	must(two != NULL ? 0 : -1, &err);
	assert_ptr_equal(one->groups, two->groups);
	policy_set_discard(one);
	assert_true(source_matches(two, "bob@example.org", "192.0.2.7"));
	/* one that is no longer true is found out, not misread */
	site_group(s, "later", "@example.net", NULL);
	site_policy(s, "q", "source=later", NULL);
	assert_null(policy_set_load(s->db, two->groups, &err));
	assert_non_null(strstr(err.text, "later"));
	policy_set_discard(two);
}

/* A message keeps the set that it began with. */
static void test_kept_while_held(void **state)
{
	struct site *s = *state;
	struct policy_slot *slot = policy_slot_new();
	struct policy_set *held, *now;

	site_policy(s, "old", "limit=3/hour", "reply=old words", NULL);
	policy_slot_publish(slot, load(s));
	held = policy_slot_acquire(slot);
	assert_int_equal(held->number, 1);
	site_policy(s, "old", "limit=5/hour", "reply=new words", NULL);
	site_policy(s, "another", NULL);
	policy_slot_publish(slot, load(s));
	now = policy_slot_acquire(slot);
	assert_int_equal(now->number, 2);
	assert_int_equal(now->npolicies, 2);
	assert_int_equal(held->number, 1);
	assert_int_equal(held->npolicies, 1);
	assert_int_equal(held->policies[0]->limits.limit[0].amount, 3);
	assert_string_equal(held->policies[0]->reply, "old words");
	policy_slot_release(slot, held);
	policy_slot_release(slot, now);
	policy_slot_free(slot);
	policy_slot_free(policy_slot_new());
	policy_slot_free(NULL);
}

static void note_limit(void *arg, const struct limit *was, const struct limit *is)
{
	str_append(arg, 200, "%lld", (long long)was->id);
	if (is != NULL) {
		assert_int_equal(is->id, was->id);
		str_append(arg, 200, ":%llu/%llds", (unsigned long long)is->amount,
			(long long)is->period);
	}
	str_append(arg, 200, " ");
}

/* The limits that are gone by that, or have become what is behind the colon. */
static const char *compare(struct site *s, const char *sql)
{
	static char ids[200];
	struct policy_set *before = load(s), *after;

	site_sql(s, sql);
	after = load(s);
	*ids = '\0';
	policy_set_compare(before, after, note_limit, ids);
	policy_set_discard(before);
	policy_set_discard(after);
	return ids;
}

/* Limits and penalties, everywhere and in pools: those that are there no longer, and
 * those that are others now. */
static void test_compare(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_policy(s, "a", "limit=1/hour,2/day", "penalty=1h", NULL);
	site_policy(s, "b", "limit=1/hour", NULL);
	/* a: 1 2 3, in the pool 4 5 6; b: 7, 8 */
	assert_string_equal(compare(s, "SELECT 1"), "");
	assert_string_equal(
		compare(s, "UPDATE policy_limit SET spelling = '9/hour' WHERE id = 4"),
		"4:9/3600s ");
	assert_string_equal(
		compare(s, "UPDATE policy_limit SET spelling = '1/2hours' WHERE id = 3;"
			   "DELETE FROM policy_limit WHERE id = 1;"
			   "INSERT INTO policy_limit VALUES (1, 1, 0, 'limit', 3600, 1,"
			   "'1/hour', 0)"),
		"3:1/7200s ");
	assert_string_equal(
		compare(s, "DELETE FROM policy_limit WHERE id IN (3, 5)"), "3 5 ");
	assert_string_equal(compare(s, "DELETE FROM policy_limit WHERE id = 6"), "6 ");
	assert_string_equal(compare(s, "DELETE FROM policy WHERE name = 'a'"), "1 2 4 ");
	assert_string_equal(compare(s, "DELETE FROM policy_limit"), "7 8 ");
}

#define READERS 4
#define SWAPS	300

struct race {
	struct policy_slot *slot;
	atomic_bool stop;
	atomic_ulong looks, wrong;
};

/* In every published set limit and priority of "p" are the set's number. */
static void *look(void *arg)
{
	struct race *r = arg;
	uint64_t last = 0;

	while (!atomic_load(&r->stop)) {
		struct policy_set *set = policy_slot_acquire(r->slot);
		const struct policy *p = set->policies[0];

		if (set->number < last || set->npolicies != 1 ||
			p->priority != set->number ||
			p->limits.limit[0].amount != set->number)
			atomic_fetch_add(&r->wrong, 1);
		last = set->number;
		policy_slot_release(r->slot, set);
		atomic_fetch_add(&r->looks, 1);
	}
	return NULL;
}

static void test_swapped_under_threads(void **state)
{
	struct site *s = *state;
	struct race race = { .slot = policy_slot_new() };
	pthread_t readers[READERS];
	char limit[40], priority[40];

	for (int i = 1; i <= SWAPS; i++) {
		snprintf(limit, sizeof(limit), "limit=%d/hour", i);
		snprintf(priority, sizeof(priority), "priority=%d", i);
		site_policy(s, "p", limit, priority, NULL);
		policy_slot_publish(race.slot, load(s));
		for (int t = 0; i == 1 && t < READERS; t++)
			assert_int_equal(
				pthread_create(&readers[t], NULL, look, &race), 0);
	}
	while (atomic_load(&race.looks) < READERS)
		sched_yield();
	atomic_store(&race.stop, true);
	for (int t = 0; t < READERS; t++)
		pthread_join(readers[t], NULL);
	assert_int_equal(atomic_load(&race.wrong), 0);
	policy_slot_free(race.slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_empty),
		DATABASE_TEST(test_order_and_settings),
		DATABASE_TEST(test_trusted),
		DATABASE_TEST(test_complement),
		DATABASE_TEST(test_company_is_not_any),
		DATABASE_TEST(test_steps),
		DATABASE_TEST(test_checks_spf),
		DATABASE_TEST(test_invalid_refused),
		DATABASE_TEST(test_shared_groups),
		DATABASE_TEST(test_compare),
		DATABASE_TEST(test_kept_while_held),
		DATABASE_TEST(test_swapped_under_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
