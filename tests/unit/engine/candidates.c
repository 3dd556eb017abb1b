/*
 * The policies that a message looks at: of those that the MTA sees, all that match, and
 * none that its source leaves out.  Held against a walk over all policies of random sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"
#include "engine/look.h"

#ifndef RUNS
#define RUNS 40
#endif
#define MESSAGES 40
#define POLICIES 12

static uint64_t seed;

#define ONE_OF(array) array[dice(&seed, LENGTH(array))]

static const char *const groups[] = { "staff", "guests", "nets", "nobody" };

static void make_policies(struct site *s)
{
	static const char *const sources[] = { "any", "staff", "guests", "nets", "nobody",
		"!staff", "!nobody" };
	static const char *const keys[] = { "key=sender", "key=sender+", "key=login",
		"key=client", "key=recipient" };
	static const char *const pools[] = { "", "", "mx:", "out:" };

	site_sql(s, "DELETE FROM policy");
	for (size_t i = 0; i < POLICIES; i++) {
		char name[20], source[40], priority[40];

		snprintf(name, sizeof(name), "%sp%zu", ONE_OF(pools), i);
		snprintf(source, sizeof(source), "source=%s", ONE_OF(sources));
		snprintf(priority, sizeof(priority), "priority=%zu", dice(&seed, 4));
		site_policy(s, name, source, priority, ONE_OF(keys),
			dice(&seed, 6) == 0 ? "enabled=no" : "enabled=yes", NULL);
	}
	site_setting_of(s, "mx", "pool_fallback", dice(&seed, 2) == 0 ? "yes" : "no");
}

static struct mail make_mail(void)
{
	static const char *const senders[] = { "<bob@example.org>", "<eve@example.com>",
		"<x@elsewhere.net>", "<>" };
	static const char *const logins[] = { NULL, NULL, "bob@example.org",
		"guest@example.com" };
	static const char *const clients[] = { NULL, "192.0.2.7", "198.51.100.1" };
	static const char *const mtas[] = { NULL, "mx1.example.org", "out1.example.org",
		"empty1.example.org" };

	return (struct mail){ .sender = ONE_OF(senders),
		.login = ONE_OF(logins),
		.client = ONE_OF(clients),
		.mta = ONE_OF(mtas) };
}

/* The walk over all: what of it is among the candidates, and what has to be. */
static size_t compare(const struct message *m)
{
	const struct policy *p;
	size_t next = 0, matching = 0;

	for (size_t i = 0; (p = policy_set_at(m->set, m->pool, i)) != NULL; i++) {
		bool matches = look_source(m, p) == REACH_MATCHES;
		bool found = next < m->ncandidates && m->candidates[next] == p;

		if (matches && !found)
			fail_msg("%s (source %s) is left out", p->name, p->source.group);
		if (found && !p->enabled)
			fail_msg("%s is disabled", p->name);
		if (found && !p->source.inverted &&
			!criterion_match(&p->source, &m->login_groups) &&
			!criterion_match(&p->source, &m->sender_groups))
			fail_msg("%s (source %s) is looked at for nothing", p->name,
				p->source.group);
		next += found;
		matching += matches;
	}
	/* nothing twice, nothing in another order, nothing of other pools */
	assert_int_equal(next, m->ncandidates);
	return matching;
}

static void test_random_sets(void **state)
{
	struct site *s = *state;
	size_t matching = 0, all = 0;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_pool(s, "out", "out1.example.org", NULL);
	site_pool(s, "empty", "empty1.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_group(s, groups[0], "@example.org", "bob@example.org", NULL);
	site_group(s, groups[1], "@example.com", "guest@example.com", NULL);
	site_group(s, groups[2], "192.0.2.0/24", "192.0.2.7", NULL);
	site_group(s, groups[3], NULL);
	for (int run = 0; run < RUNS; run++) {
		seed = (uint64_t)run;
		make_policies(s);
		for (int i = 0; i < MESSAGES; i++) {
			struct mail mail = make_mail();
			struct begun *b = site_begin(s, &mail);

			matching += compare(b->m);
			all += b->m->set->npolicies;
			site_finish(b);
		}
	}
	/* what was to be tested has happened */
	assert_true(matching > all / 10);
	assert_true(matching < all * 9 / 10);
}

/* In many groups by many names: each policy once. */
static void test_many_groups(void **state)
{
	struct site *s = *state;
	char group[20], source[40], name[20];
	struct begun *b;

	site_sql(s, "BEGIN");
	for (int i = 0; i < 70; i++) {
		snprintf(group, sizeof(group), "g%d", i);
		snprintf(source, sizeof(source), "source=%s", group);
		snprintf(name, sizeof(name), "p%02d", 69 - i);
		site_group(s, group, "bob@example.org", "@example.org", "bob@", "@.org",
			"192.0.2.7", NULL);
		site_policy(s, name, source, NULL);
	}
	site_policy(s, "p33a", "source=any", NULL);
	b = site_begin(
		s, &(struct mail){ .login = "bob@example.org", .client = "192.0.2.7" });
	assert_int_equal(b->m->ncandidates, 71);
	assert_int_equal(compare(b->m), 71);
	site_finish(b);
	b = site_begin(s, &(struct mail){ .sender = "<eve@example.net>" });
	assert_int_equal(b->m->ncandidates, 1);
	site_finish(b);
	site_sql(s, "COMMIT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_random_sets),
		SITE_TEST(test_many_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
