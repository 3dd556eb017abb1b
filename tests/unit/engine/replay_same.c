/*
 * A replay of what was recorded comes to what was said then: random messages meet a
 * random policy among others, and the same policy alone, by what is known of them
 * afterwards (engine/replay.h), refuses the same ones, for the same objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"
#include "../spf_fake.h"

#include "engine/record.h"
#include "engine/replay_read.h"
#include "policy/alone.h"

/* Most of the time goes into making a set of policies for each run.  Faults put into the
 * replay by hand that many more runs find are found by the first forty. */
#ifndef RUNS
#define RUNS 70
#endif
#define MESSAGES 40

static uint64_t seed;

#define ONE_OF(array) array[dice(&seed, LENGTH(array))]

static const char *const sources[] = { "source=any", "source=any", "source=staff",
	"source=!staff" };
static const char *const destinations[] = { "destination=any", "destination=any",
	"destination=friends", "destination=!friends", "destination=strangers" };
static const char *const parts[] = { "destination=friends", "destination=!friends",
	"destination=strangers" };
static const char *const actions[] = { "action=defer", "action=block", "action=hold",
	"action=monitor", "action=discard" };
static bool discards; /* all of them do, some recipients or others */
static const char *const keys[] = { "key=sender+", "key=client", "key=policy",
	"key=login", "key=recipient", "key=recipient-domain", "key=domain", "key=sender",
	"key=domain+" };
static const char *const counts[] = { "count=messages", "count=recipients",
	"count=bytes" };
static const char *const strategies[] = { "strategy=moving", "strategy=sliding",
	"strategy=fixed", "strategy=bucket" };
static const char *const limits[] = { "limit=0/hour", "limit=1/10minutes",
	"limit=2/10minutes", "limit=4/10minutes", "limit=7/hour,3/minute",
	"limit=9/hour" };
static const char *const penalties[] = { "penalty=0", "penalty=0", "penalty=20m" };
static const char *const types[] = { "type=regular", "type=regular", "type=regular",
	"type=bypass", "type=bypass+" };
static const char *const stops[] = { "stop=no", "stop=no", "stop=yes" };
static const char *const spf[] = { "spf=off", "spf=off", "spf=off", "spf=check",
	"spf=strict", "spf=none,permerror" };

#define TRIED "tried"

/* One to be tried, and others. */
static void make_policies(struct site *s)
{
	size_t n = 1 + dice(&seed, 4) + 2 * discards;
	char name[30], priority[30];

	s->engine.store->reset(s->engine.store, NULL, NULL);
	site_sql(s, "DELETE FROM policy; DELETE FROM bucket; DELETE FROM decision;"
		    "DELETE FROM recipient");
	for (size_t i = 0; i < n; i++) {
		bool tried = i == 0;
		const char *pairs[] = { ONE_OF(sources),
			discards ? ONE_OF(parts) : ONE_OF(destinations),
			discards ? "action=discard" : ONE_OF(actions), ONE_OF(keys),
			ONE_OF(counts), ONE_OF(limits), ONE_OF(penalties), ONE_OF(types),
			ONE_OF(stops), ONE_OF(strategies), ONE_OF(spf) };

		snprintf(name, sizeof(name), tried ? TRIED : "p%zu", i);
		snprintf(priority, sizeof(priority), "priority=%zu", dice(&seed, 4));
		site_policy(s, name, pairs[0], pairs[1], pairs[2], pairs[3], pairs[4],
			pairs[5], pairs[6], tried ? types[0] : pairs[7], pairs[8],
			pairs[9], pairs[10], priority, NULL);
	}
	site_setting(s, "spf_temperror", dice(&seed, 3) == 0 ? "defer" : "accept");
}

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
		"<>", "<a b>" };
	static const char *const logins[] = { NULL, NULL, "bob@example.org", "eve" };
	static const char *const clients[] = { "192.0.2.7", "192.0.2.8", "2001:db8::9",
		"127.0.0.1" };
	static const char *const rcpts[] = { "<a@friends.net>", "<b@friends.net>",
		"<x@strangers.net>", "<y@elsewhere.net>" };
	struct mail mail = { .sender = ONE_OF(senders),
		.login = ONE_OF(logins),
		.client = ONE_OF(clients),
		.mta = "mx.example.org",
		.hides = dice(&seed, 4) == 0 ? STEP_MAIL_ANSWER : 0,
		.size = 1 + dice(&seed, 4) };
	size_t n = 1 + dice(&seed, 5);

	for (size_t i = 0; i < n; i++)
		mail.rcpt[i] = ONE_OF(rcpts);
	return mail;
}

/* What the policy has said of a message, whatever the history has of it. */
struct lived {
	bool refused; /* by the policy, whatever became of the message */
	char objects[1000];
};

static bool is_tried(const struct policy *p)
{
	return p != NULL && strcmp(p->name, TRIED) == 0;
}

static void strike(struct lived *l, const char *object)
{
	l->refused = true;
	str_append(l->objects, sizeof(l->objects), " %s ", object);
}

static bool live_rcpt(struct begun *b, const char *rcpt, int64_t now, struct lived *l)
{
	struct verdict v;

	mail_wait_rcpt(b, rcpt, now);
	v = engine_rcpt(b->m, rcpt, NULL, NULL, now);
	if (v.text != NULL && is_tried(v.policy))
		strike(l, v.object);
	return v.text == NULL;
}

static void live_end(struct begun *b, int64_t now, struct lived *l)
{
	const struct decision *d;

	mail_wait_end(b, now);
	engine_end(b->m, NULL, now);
	d = b->m->ending;
	for (size_t i = 0; i < d->f.nmatches; i++)
		if (is_tried(d->f.matches[i].policy) &&
			d->f.matches[i].verdict.kind != VERDICT_ACCEPT)
			strike(l, d->f.matches[i].verdict.object);
	for (size_t i = 0; i < d->d.nby; i++)
		if (is_tried(d->d.by[i].policy))
			strike(l, d->d.by[i].object);
}

/* As a front end does it. */
static struct begun *live(
	struct site *s, const struct mail *mail, int64_t now, struct lived *l)
{
	struct begun *b = site_begin(s, mail);
	struct verdict v = engine_early(b->m, now);
	bool left = false;

	if (v.text != NULL) {
		if (is_tried(v.policy))
			strike(l, v.object);
		return b;
	}
	for (size_t i = 0; mail->rcpt[i] != NULL; i++)
		left |= live_rcpt(b, mail->rcpt[i], now, l);
	engine_body(b->m, mail->size);
	/* now and then one that has lost recipients is given up */
	if (!left || (b->m->nrefusals > 0 && dice(&seed, 3) == 0))
		engine_abort(b->m, now);
	else
		live_end(b, now, l);
	return b;
}

static void complain(struct site *s, uint64_t begun, int i, const struct mail *mail,
	const struct replay_row *row, const struct lived *l,
	const struct replay_said *said)
{
	struct arena *arena = arena_new();
	struct policy_set *set = policy_slot_acquire(s->engine.slot);

	print_error("seed %llu, message %d: %s login %s client %s size %zu; %s by %s\n",
		(unsigned long long)begun, i, mail->sender, mail->login, mail->client,
		mail->size, verdict_name(row->verdict),
		row->by_policy ? TRIED
		: row->by_hand ? "hand"
			       : "another");
	for (size_t k = 0; k < row->nrecipients; k++)
		print_error("to %s%s\n", row->recipients[k].address,
			row->recipients[k].refused ? " refused" : "");
	for (size_t k = 0; k < set->npolicies; k++) {
		print_error("%s:", set->policies[k]->name);
		for (int a = 0; a < ATTRIBUTES; a++)
			print_error(" %s", policy_get(set->policies[k],
						   (enum policy_attribute)a, arena));
		print_error("\n");
	}
	policy_slot_release(s->engine.slot, set);
	arena_free(arena);
	fail_msg("then: %s for %s; now %d of %zu", l->refused ? "refused" : "not",
		l->objects, (int)said->outcome, said->nobjects);
}

static bool is_same(const struct lived *l, const struct replay_said *said)
{
	bool refused = said->outcome == REPLAY_REFUSED, any = false;

	if (refused != l->refused || (!refused && said->outcome != REPLAY_ROOM &&
					     said->outcome != REPLAY_PASSED_BY))
		return false;
	for (size_t i = 0; i < said->nobjects; i++) {
		char name[300];

		snprintf(name, sizeof(name), " %s ", said->objects[i].name);
		any |= said->objects[i].refused && strstr(l->objects, name) != NULL;
	}
	return any == refused;
}

struct count {
	int refused, in_part, others, all;
	int several; /* discarded some of one message */
};

/* One message, then and now. */
static void play(struct site *s, struct replay *r, uint64_t begun, int i, int64_t now,
	struct count *t)
{
	struct err err = { ERR_BAD, "" };
	struct mail mail = make_mail();
	struct lived l = { 0 };
	struct begun *b = live(s, &mail, now, &l);
	struct replay_reader reader;
	struct replay_row row;
	struct replay_said said;

	must(replay_read_begin(
		     &reader, s->db, TRIED, replay_wants_recipients(r), now, now, &err),
		&err);
	assert_int_equal(replay_read_next(&reader, &row, &err), 1);
	t->all++;
	t->several += site_number(s,
			      "SELECT COUNT(DISTINCT policy) FROM v_recipients WHERE "
			      "refused AND message = (SELECT MAX(id) FROM decision)") > 1;
	if (replay_is_offered(&row)) {
		replay_play(r, &row, &said);
		if (!is_same(&l, &said))
			complain(s, begun, i, &mail, &row, &l, &said);
		t->refused += l.refused;
		t->in_part += l.refused && !row.by_policy;
	} else {
		t->others++;
	}
	assert_int_equal(replay_read_next(&reader, &row, &err), 0);
	replay_read_end(&reader);
	site_finish(b);
}

static struct count play_all(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct count t = { 0 };

	for (int run = 0; run < RUNS; run++) {
		uint64_t begun = seed = (uint64_t)run;
		int64_t now = NOW;
		struct policy tried;
		struct policy_set *set;
		struct replay *r;

		make_policies(s);
		must(policy_record_find(s->db, TRIED, &tried, &err), &err);
		set = policy_set_alone(s->db, NULL, &tried, &err);
		must(set != NULL ? 0 : -1, &err);
		r = replay_new(set, TRIED, 10000);
		for (int i = 0; i < MESSAGES; i++) {
			play(s, r, begun, i, now, &t);
			now += 1 + (int64_t)dice(&seed, 2 * MINUTES);
		}
		replay_free(r);
		policy_clear(&tried);
	}
	return t;
}

/* What was to be tested has happened. */
static void test_same(void **state)
{
	struct count t = play_all(*state);

	assert_true(t.refused > t.all / 10);
	assert_true(t.in_part > t.all / 100);
	assert_true(t.others > t.all / 10 && t.others < t.all * 8 / 10);
}

/* Of several the message has each one's recipients by his name. */
static void test_discards(void **state)
{
	struct count t;

	discards = true;
	t = play_all(*state);
	discards = false;
	assert_true(t.refused > t.all / 10);
	assert_true(t.several > t.all / 200);
}

static int setup(void **state)
{
	struct site *s;

	site_setup(state);
	s = *state;
	site_group(s, "staff", "@example.org", NULL);
	site_group(s, "friends", "@friends.net", NULL);
	site_group(s, "strangers", "@strangers.net", NULL);
	site_setting(s, "history", "recipients");
	site_setting(s, "history_size", "yes");
	fake_begin(s, SPF_NONE)->decide = decide;
	return 0;
}

static int teardown(void **state)
{
	fake_end(*state);
	return site_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_discards, setup, teardown),
	};

	return cmocka_run_group_tests_name("engine/replay_same", tests, NULL, NULL);
}
