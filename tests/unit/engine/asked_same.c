/*
 * A message costs what it costs, whoever asks how often (engine/pending.h).  Two daemons
 * have the same random policies and counters.  One is asked about a message by random
 * requests, and perhaps once more by the milter; the other one gets what has come of it
 * by the milter alone.  Both have used the same then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../door.h"
#include "../random.h"

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
static const char *const actions[] = { "action=defer", "action=block", "action=hold" };
static const char *const keys[] = { "key=sender+", "key=client", "key=policy",
	"key=login", "key=sender", "key=domain", "key=recipient",
	"key=recipient-domain" };
static const char *const counts[] = { "count=messages", "count=recipients",
	"count=bytes" };
static const char *const strategies[] = { "strategy=moving", "strategy=sliding",
	"strategy=fixed", "strategy=bucket" };
static const char *const limits[] = { "limit=0/hour", "limit=3/10minutes",
	"limit=7/hour,4/minute", "limit=9/hour", "limit=20/hour", "limit=99/hour",
	"limit=99/hour" };
static const char *const types[] = { "type=regular", "type=regular", "type=regular",
	"type=regular", "type=regular", "type=bypass", "type=bypass+" };
static const char *const stops[] = { "stop=no", "stop=no", "stop=no", "stop=yes" };

static const char *const rcpts[] = { "a@friends.net", "b@friends.net", "x@strangers.net",
	"y@elsewhere.net" };

/* Everybody that something may be counted for. */
static const char *const objects[] = { "bob@example.org", "eve@example.com",
	"@example.org", "@example.com", "192.0.2.7", "192.0.2.8", "*", "<>",
	"a@friends.net", "b@friends.net", "x@strangers.net", "y@elsewhere.net",
	"@friends.net", "@strangers.net", "@elsewhere.net" };

struct pair {
	struct site *asked, *whole;
	size_t npolicies;
	bool blind; /* no policy needs recipients, and nobody is asked at RCPT */
};

/* The same in both; all that counts what was. */
static void make_policies(struct pair *p)
{
	struct site *both[] = { p->asked, p->whole };
	char name[30], priority[30];

	for (size_t k = 0; k < LENGTH(both); k++) {
		both[k]->engine.store->reset(both[k]->engine.store, NULL, NULL);
		site_sql(both[k], "DELETE FROM policy; DELETE FROM bucket");
	}
	p->npolicies = 1 + dice(&seed, 5);
	p->blind = dice(&seed, 4) == 0;
	for (size_t i = 0; i < p->npolicies; i++) {
		const char *pairs[] = { ONE_OF(sources),
			p->blind ? destinations[0] : ONE_OF(destinations),
			ONE_OF(actions),
			p->blind ? keys[dice(&seed, LENGTH(keys) - 2)] : ONE_OF(keys),
			ONE_OF(counts), ONE_OF(limits), ONE_OF(types), ONE_OF(stops),
			ONE_OF(strategies) };

		snprintf(name, sizeof(name), "p%zu", i);
		snprintf(priority, sizeof(priority), "priority=%zu", dice(&seed, 4));
		for (size_t k = 0; k < LENGTH(both); k++)
			site_policy(both[k], name, pairs[0], pairs[1], pairs[2], pairs[3],
				pairs[4], pairs[5], pairs[6], pairs[7], pairs[8],
				priority, NULL);
	}
}

/* A message, and those of its recipients that were let pass. */
struct story {
	struct query q;
	struct mail mail;
	const char *passed[LENGTH(rcpts)];
	char given[LENGTH(rcpts)][40]; /* the same for the milter */
	bool refused, sealed;
	char steps[300]; /* for who has to look why */
};

static void ask(struct pair *p, struct story *st, enum asked_state state, int64_t now)
{
	static const char *const names[] = { "NOTHING", "MAIL", "RCPT", "DATA", "END" };
	struct outcome o;

	st->q.state = state;
	o = door_ask(p->asked, now, &st->q);
	str_append(st->steps, sizeof(st->steps), "%s %s, ", names[state], said(&o));
	if (o.kind == VERDICT_HOLD)
		st->sealed = true;
	st->refused = *o.code != '\0';
}

/* RCPT for some of them, some twice. */
static void ask_recipients(struct pair *p, struct story *st, int64_t now)
{
	size_t n = 1 + dice(&seed, LENGTH(rcpts)), first = dice(&seed, LENGTH(rcpts));

	for (size_t i = 0; i < n; i++) {
		uint64_t *passed = &st->q.nrecipients;

		st->q.rcpt = rcpts[(first + i) % LENGTH(rcpts)];
		st->q.size = dice(&seed, 3);
		for (size_t times = 1 + dice(&seed, 2); times > 0 && !p->blind; times--)
			ask(p, st, ASKED_RCPT, now);
		if (st->refused)
			continue;
		st->passed[*passed] = st->q.rcpt;
		snprintf(st->given[*passed], sizeof(st->given[0]), "<%s>", st->q.rcpt);
		st->mail.rcpt[*passed] = st->given[*passed];
		++*passed;
	}
	/* a message to one says who that is */
	st->q.rcpt = st->q.nrecipients == 1 ? st->passed[0] : "";
	st->refused = false;
}

static void begin(struct story *st)
{
	static const char *const senders[] = { "bob@example.org", "eve@example.com", "" };
	static const char *const logins[] = { NULL, NULL, "bob@example.org" };
	static const char *const clients[] = { "192.0.2.7", "192.0.2.8" };
	static const char *given[] = { "<bob@example.org>", "<eve@example.com>", "<>" };
	size_t who = dice(&seed, LENGTH(senders));

	memset(st, 0, sizeof(*st));
	st->q.sender = senders[who];
	st->mail.sender = given[who];
	st->q.login = st->mail.login = ONE_OF(logins);
	st->q.client = st->mail.client = ONE_OF(clients);
	st->mail.port = DOOR_PORT;
	st->mail.size = dice(&seed, 4);
}

/* True: it is the message of st->mail that has been charged. */
static bool run_asked(struct pair *p, struct story *st, int64_t now)
{
	begin(st);
	if (dice(&seed, 3) == 0)
		ask(p, st, ASKED_MAIL, now);
	if (st->refused)
		return false;
	ask_recipients(p, st, now);
	if (st->q.nrecipients == 0)
		return false;
	st->q.size = dice(&seed, 4);
	for (size_t times = dice(&seed, 3); times > 0 && !st->refused; times--)
		ask(p, st, ASKED_DATA, now);
	st->q.size = st->mail.size;
	for (size_t times = 1 + dice(&seed, 2); times > 0 && !st->refused; times--)
		ask(p, st, ASKED_END, now);
	if (st->refused || st->sealed)
		return false;
	if (dice(&seed, 2) == 0) {
		struct outcome o = site_send(p->asked, now, &st->mail);

		str_append(st->steps, sizeof(st->steps), "the milter %s", said(&o));
		assert_string_equal(said(&o), "DUNNO");
	}
	return true;
}

static void assert_same(struct pair *p, const struct story *st, uint64_t run, int64_t now)
{
	char name[30];

	for (size_t i = 0; i < p->npolicies; i++)
		for (size_t k = 0; k < LENGTH(objects); k++) {
			uint64_t asked, whole;

			snprintf(name, sizeof(name), "p%zu", i);
			asked = site_used(p->asked, name, 0, objects[k], now);
			whole = site_used(p->whole, name, 0, objects[k], now);
			if (asked != whole)
				fail_msg("run %llu: %s of %s is %llu, not %llu, after %s "
					 "(%s, %s)",
					(unsigned long long)run, objects[k], name,
					(unsigned long long)asked,
					(unsigned long long)whole, st->steps,
					site_text(p->asked,
						"SELECT GROUP_CONCAT(name || ' ' || key "
						"|| ' ' || count || ' ' || type) FROM "
						"policy"),
					st->mail.sender);
		}
}

static void run_once(struct pair *p, uint64_t run)
{
	int64_t now = NOW + DAYS;
	struct story st;

	make_policies(p);
	for (int i = 0; i < MESSAGES; i++) {
		now += (int64_t)dice(&seed, 100) * CLOCK_SECOND;
		if (run_asked(p, &st, now)) {
			struct outcome o = site_send(p->whole, now, &st.mail);

			if (o.kind > VERDICT_MONITOR || o.aborted)
				fail_msg("run %llu: %s for what went on after %s",
					(unsigned long long)run, said(&o), st.steps);
		}
		assert_same(p, &st, run, now);
		pending_forget(p->asked->engine.pending, "1");
	}
}

static void make_groups(struct site *s)
{
	site_group(s, "staff", "@example.org", NULL);
	site_group(s, "friends", "@friends.net", NULL);
	site_setting(s, "history", "off");
}

static void test_same(void **state)
{
	struct pair p = { 0 };
	void *whole;

	p.asked = *state;
	site_setup(&whole);
	p.whole = whole;
	make_groups(p.asked);
	make_groups(p.whole);
	for (uint64_t run = 0; run < RUNS; run++) {
		seed = run;
		run_once(&p, run);
	}
	site_teardown(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
