/*
 * What is decided before the end of a message changes when a sender hears of it, never
 * what (behaviour.md, "When it decides").  Two daemons with the same random policies and
 * counters get the same random messages: one says early what it can, the other has
 * reject_early = never.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"
#include "../spf_fake.h"

#ifndef RUNS
#define RUNS 60
#endif
#define MESSAGES 30

static uint64_t seed;

#define ONE_OF(array) array[dice(&seed, LENGTH(array))]

static const char *const sources[] = { "source=any", "source=any", "source=staff",
	"source=!staff" };
static const char *const destinations[] = { "destination=any", "destination=any",
	"destination=friends", "destination=!friends" };
static const char *const actions[] = { "action=defer", "action=block", "action=defer",
	"action=block", "action=hold", "action=discard", "action=monitor" };
static const char *const keys[] = { "key=sender+", "key=client", "key=policy",
	"key=login", "key=recipient", "key=recipient-domain", "key=domain" };
static const char *const counts[] = { "count=messages", "count=recipients",
	"count=bytes" };
static const char *const strategies[] = { "strategy=moving", "strategy=moving",
	"strategy=sliding", "strategy=fixed", "strategy=bucket" };
static const char *const limits[] = { "limit=0/hour", "limit=1/10minutes",
	"limit=2/10minutes", "limit=4/10minutes", "limit=7/hour,3/minute",
	"limit=9/hour" };
static const char *const penalties[] = { "penalty=0", "penalty=0", "penalty=20m" };
static const char *const types[] = { "type=regular", "type=regular", "type=regular",
	"type=regular", "type=regular", "type=regular", "type=bypass", "type=bypass+" };
static const char *const stops[] = { "stop=no", "stop=no", "stop=no", "stop=no",
	"stop=yes" };
static const char *const spf[] = { "spf=off", "spf=off", "spf=off", "spf=check",
	"spf=strict", "spf=none,permerror" };
static const char *const flagged[] = { "bob@example.org", "@example.org", "192.0.2.7" };

struct pair {
	struct site *early, *late;
};

/* The same in both; all that counts what was. */
static void make_policies(struct pair *p)
{
	struct site *both[] = { p->early, p->late };
	char name[30], priority[30];
	const char *temperror = dice(&seed, 3) == 0 ? "defer" : "accept";
	size_t n = 1 + dice(&seed, 5);

	for (size_t k = 0; k < LENGTH(both); k++) {
		both[k]->engine.store->reset(both[k]->engine.store, NULL, NULL);
		site_sql(both[k], "DELETE FROM policy; DELETE FROM bucket;"
				  "DELETE FROM object_flag");
	}
	for (size_t i = 0; i < n; i++) {
		const char *pairs[] = { ONE_OF(sources), ONE_OF(destinations),
			ONE_OF(actions), ONE_OF(keys), ONE_OF(counts), ONE_OF(limits),
			ONE_OF(penalties), ONE_OF(types), ONE_OF(stops),
			ONE_OF(strategies), ONE_OF(spf) };

		snprintf(name, sizeof(name), "p%zu", i);
		snprintf(priority, sizeof(priority), "priority=%zu", dice(&seed, 4));
		for (size_t k = 0; k < LENGTH(both); k++)
			site_policy(both[k], name, pairs[0], pairs[1], pairs[2], pairs[3],
				pairs[4], pairs[5], pairs[6], pairs[7], pairs[8],
				pairs[9], pairs[10], priority, NULL);
	}
	if (dice(&seed, 4) == 0) {
		const char *object = ONE_OF(flagged);
		enum flag flag = (enum flag)dice(&seed, FLAGS);

		for (size_t k = 0; k < LENGTH(both); k++)
			site_flag(both[k], object, flag, NOW + 10 * MINUTES);
	}
	for (size_t k = 0; k < LENGTH(both); k++)
		site_setting(both[k], "spf_temperror", temperror);
}

/* The same for the same client and sender: as DNS is for a while. */
static enum spf_result decide(const struct spf_question *q)
{
	static const enum spf_result results[] = { SPF_FAIL, SPF_PASS, SPF_SOFTFAIL,
		SPF_NONE, SPF_FAIL, SPF_PERMERROR, SPF_TEMPERROR };
	size_t n = strlen(q->sender) + q->client.addr[3];

	return results[n % LENGTH(results)];
}

static struct mail make_mail(void)
{
	static const char *const senders[] = { "<bob@example.org>", "<eve@example.com>",
		"<>" };
	static const char *const logins[] = { NULL, NULL, "bob@example.org" };
	static const char *const clients[] = { "192.0.2.7", "192.0.2.8", "192.0.2.9",
		"127.0.0.1" };
	static const char *const rcpts[] = { "<a@friends.net>", "<b@friends.net>",
		"<x@strangers.net>", "<y@elsewhere.net>" };
	struct mail mail = { .sender = ONE_OF(senders),
		.login = ONE_OF(logins),
		.client = ONE_OF(clients),
		.local = dice(&seed, 6) == 0,
		.hides = dice(&seed, 4) == 0 ? STEP_MAIL_ANSWER : 0,
		.size = dice(&seed, 4),
		.early = true };
	size_t n = 1 + dice(&seed, 5);

	for (size_t i = 0; i < n; i++)
		mail.rcpt[i] = ONE_OF(rcpts);
	return mail;
}

static bool same_verdict(const struct outcome *a, const struct outcome *b)
{
	return a->kind == b->kind && strcmp(a->code, b->code) == 0 &&
	       strcmp(a->policy, b->policy) == 0 && strcmp(a->object, b->object) == 0 &&
	       strcmp(a->drops, b->drops) == 0 && strcmp(a->enhanced, b->enhanced) == 0;
}

static bool all_accepted(const struct outcome *o)
{
	for (const char *code = o->told; *code != '\0'; code += code[3] == ' ' ? 4 : 3)
		if (strncmp(code, "250", 3) != 0)
			return false;
	return true;
}

/* Of what was told at RCPT: the same, or (all being refused anyhow) what the end says;
 * then it need not be told that another message would have room. */
static bool same_at_rcpt(const struct outcome *early, const struct outcome *late)
{
	size_t n = strlen(early->told);

	if (n != strlen(late->told))
		return false;
	for (size_t i = 0; i + 3 <= n; i += 4) {
		const char *e = &early->told[i], *l = &late->told[i];

		if (strncmp(e, l, 3) == 0)
			continue;
		if (!early->aborted || late->aborted || strncmp(e, late->code, 3) != 0 ||
			(strncmp(l, "250", 3) != 0 && strncmp(l, "452", 3) != 0))
			return false;
	}
	return true;
}

static bool same(const struct outcome *early, const struct outcome *late)
{
	if (early->at_mail)
		return all_accepted(late) && same_verdict(early, late);
	if (strcmp(early->told, late->told) == 0)
		return same_verdict(early, late) && early->free_at == late->free_at;
	return same_at_rcpt(early, late);
}

#define COUNTERS                                                                         \
	"SELECT IFNULL(GROUP_CONCAT(one), '') FROM (SELECT p.name || ' ' || kind || "    \
	"period || ' ' || object || ' ' || b.count || ' ' || first AS one FROM bucket "  \
	"b "                                                                             \
	"JOIN policy_limit l ON l.id = b.limit_id JOIN policy p ON p.id = policy_id "    \
	"WHERE b.count > 0 ORDER BY p.name, kind, period, object, first)"

static void complain(struct pair *p, const struct outcome *early,
	const struct outcome *late, const struct mail *mail, uint64_t begun)
{
	struct arena *arena = arena_new();
	struct policy_set *set = policy_slot_acquire(p->early->engine.slot);

	print_error("seed %llu, from %s login %s client %s%s%s\n",
		(unsigned long long)begun, mail->sender, mail->login, mail->client,
		mail->local ? " local" : "", mail->hides ? " hides" : "");
	for (size_t i = 0; mail->rcpt[i] != NULL; i++)
		print_error("to %s\n", mail->rcpt[i]);
	for (size_t i = 0; i < set->npolicies; i++) {
		print_error("%s:", set->policies[i]->name);
		for (int a = 0; a < ATTRIBUTES; a++)
			print_error(" %s", policy_get(set->policies[i],
						   (enum policy_attribute)a, arena));
		print_error("\n");
	}
	policy_slot_release(p->early->engine.slot, set);
	arena_free(arena);
	fail_msg("early: %s %s %s (%s); late: %s %s %s (%s)\n%s\n%s",
		early->at_mail ? "at MAIL" : early->told, early->code, early->policy,
		early->reason, late->told, late->code, late->policy, late->reason,
		site_text(p->early, COUNTERS), site_text(p->late, COUNTERS));
}

static void test_early_is_not_different(void **state)
{
	struct pair *p = *state;
	uint64_t begun = 0;
	int at_mail = 0, at_rcpt = 0, by_spf = 0, all = 0;

	for (int run = 0; run < RUNS; run++) {
		int64_t now = NOW;

		begun = seed = (uint64_t)run;
		make_policies(p);
		for (int i = 0; i < MESSAGES; i++) {
			struct mail mail = make_mail();
			struct outcome early = site_send(p->early, now, &mail),
				       late = site_send(p->late, now, &mail);
			char counters[1000];

			snprintf(counters, sizeof(counters), "%s",
				site_text(p->early, COUNTERS));
			if (!same(&early, &late) ||
				strcmp(counters, site_text(p->late, COUNTERS)) != 0)
				complain(p, &early, &late, &mail, begun);
			at_mail += early.at_mail;
			at_rcpt += !early.at_mail && !all_accepted(&early);
			by_spf += strncmp(late.reason, "SPF ", 4) == 0;
			all++;
			now += (int64_t)dice(&seed, 2 * MINUTES);
		}
	}
	/* what was to be tested has happened */
	assert_true(at_mail > all / 50);
	assert_true(at_rcpt > all / 50);
	assert_true(by_spf > all / 50);
}

static int setup(void **state)
{
	struct pair *p = mem_calloc(1, sizeof(*p));
	struct site **both[] = { &p->early, &p->late };

	for (size_t i = 0; i < LENGTH(both); i++) {
		void *site;

		site_setup(&site);
		*both[i] = site;
		site_group(*both[i], "staff", "@example.org", NULL);
		site_group(*both[i], "friends", "@friends.net", NULL);
		site_setting(*both[i], "history", "off");
		fake_begin(*both[i], SPF_NONE)->decide = decide;
	}
	site_setting(p->late, "reject_early", "never");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;
	void *early = p->early, *late = p->late;

	fake_end(early);
	fake_end(late);
	site_teardown(&early);
	site_teardown(&late);
	free(p);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_early_is_not_different, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
