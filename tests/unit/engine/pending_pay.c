/*
 * What a message has paid before: taken off what it is asked for, and given back where it
 * is too much.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "engine/pending_own.h"

#define BOB   "bob@example.org"
#define ALICE "alice@example.net"

/* A store that only writes down what is given back: "1 bob@example.org 3 @100, ". */
struct till {
	struct counter_store store; /* first: it is what is called */
	char given[500];
};

static void refund(struct counter_store *store, const struct counter_hit *hits, size_t n,
	int64_t now)
{
	struct till *till = (struct till *)store;

	assert_int_equal(now, NOW);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(hits[i].limit->id, hits[i].key.limit_id);
		assert_true(hits[i].charged);
		str_append(till->given, sizeof(till->given), "%d %s %d @%d, ",
			(int)hits[i].key.limit_id, hits[i].key.object, (int)hits[i].cost,
			(int)hits[i].bucket);
	}
}

/* One message, one request of it, and who pays. */
struct desk {
	struct till till;
	struct pending *p;
	struct policy policies[2];
	struct match matches[2];
	struct counter_hit hits[8];
	struct findings f;
	struct limit limits[3];
	struct policy_set set;
};

/* A request with no hits yet. */
static void begin(struct desk *d)
{
	memset(d->matches, 0, sizeof(d->matches));
	memset(d->hits, 0, sizeof(d->hits));
	d->f = (struct findings){ .now = NOW, .matches = d->matches, .hits = d->hits };
	*d->till.given = '\0';
}

static int setup(void **state)
{
	struct desk *d = *state = mem_calloc(1, sizeof(*d));

	d->till.store.refund = refund;
	d->p = pending_new("i", NOW);
	for (size_t i = 0; i < LENGTH(d->limits); i++)
		d->limits[i].id = 1 + 2 * (int64_t)i; /* 1, 3, 5 */
	d->set.limits = d->limits;
	d->set.nlimits = LENGTH(d->limits);
	d->policies[1].count = COUNT_RECIPIENTS;
	begin(d);
	return 0;
}

static int teardown(void **state)
{
	struct desk *d = *state;

	pending_free(d->p);
	free(d);
	return 0;
}

#define DESK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void add_match(struct desk *d, enum policy_count count)
{
	d->matches[d->f.nmatches++] =
		(struct match){ .policy = &d->policies[count == COUNT_RECIPIENTS],
			.first_hit = d->f.nhits };
}

static struct counter_hit *ask(
	struct desk *d, int64_t limit_id, const char *object, uint64_t cost)
{
	struct counter_hit *hit = &d->hits[d->f.nhits++];

	assert_true(d->f.nhits <= LENGTH(d->hits));
	*hit = (struct counter_hit){
		.key = { limit_id, object }, .cost = cost, .charged = true, .bucket = 100
	};
	d->matches[d->f.nmatches - 1].nhits++;
	return hit;
}

static struct counter_hit *ask_penalty(struct desk *d, const char *object)
{
	struct counter_hit *hit = ask(d, 9, object, 1);

	hit->look = true;
	hit->charged = false;
	return hit;
}

static void give_back(struct desk *d, const struct findings *f, bool known)
{
	pending_refund(d->p, &d->till.store, &d->set, f, known, NOW);
}

static void test_nothing_paid(void **state)
{
	struct desk *d = *state;

	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 3);
	ask_penalty(d, BOB);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 3);
	assert_int_equal(d->hits[0].paid, 0);
	assert_int_equal(d->hits[1].cost, 1);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "");
}

/* What was paid of it, for that limit and object alone. */
static void test_deduct(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 3, 100);
	pending_add_payment(d->p, 1, BOB, 1, 101);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 6);
	ask(d, 3, BOB, 6);
	ask(d, 1, ALICE, 6);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 2);
	assert_int_equal(d->hits[0].paid, 4);
	assert_int_equal(d->hits[1].cost, 6);
	assert_int_equal(d->hits[2].cost, 6);
	assert_int_equal(d->hits[2].paid, 0);
	/* no more than it is asked for */
	begin(d);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 4);
	ask(d, 1, BOB, 2);
	ask(d, 1, BOB, 0);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 0);
	assert_int_equal(d->hits[0].paid, 4);
	assert_int_equal(d->hits[1].cost, 0);
	assert_int_equal(d->hits[1].paid, 2);
	assert_int_equal(d->hits[2].paid, 0);
}

/* A recipient more is one more, whoever was there before; the message is the same. */
static void test_one(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 1, 100);
	pending_add_payment(d->p, 3, BOB, 1, 100);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 1);
	add_match(d, COUNT_RECIPIENTS);
	ask(d, 3, BOB, 1);
	pending_deduct(d->p, &d->f, true);
	assert_int_equal(d->hits[0].cost, 0);
	assert_int_equal(d->hits[1].cost, 1);
	assert_int_equal(d->hits[1].paid, 0);
}

/* A penalty that begins later is for others; for who has still to pay it holds. */
static void test_penalty(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 1, 100);
	pending_add_payment(d->p, 3, BOB, 1, 100);
	pending_add_payment(d->p, 1, ALICE, 1, 100);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 1)->group = 1;
	ask(d, 3, BOB, 1)->group = 1;
	ask_penalty(d, BOB)->group = 1;
	ask(d, 1, ALICE, 1)->group = 2;
	ask(d, 3, ALICE, 1)->group = 2;
	ask_penalty(d, ALICE)->group = 2;
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[2].cost, 0);
	assert_int_equal(d->hits[4].cost, 1);
	assert_int_equal(d->hits[5].cost, 1);
	/* the first group does not speak for the second one, nor this for that */
	begin(d);
	add_match(d, COUNT_MESSAGES);
	ask(d, 3, ALICE, 1)->group = 1;
	ask_penalty(d, ALICE)->group = 1;
	ask(d, 1, BOB, 1)->group = 2;
	ask_penalty(d, BOB)->group = 2;
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[1].cost, 1);
	assert_int_equal(d->hits[3].cost, 0);
}

/* Only what was charged, each bucket for itself. */
static void test_pay(void **state)
{
	struct desk *d = *state;

	add_match(d, COUNT_RECIPIENTS);
	ask(d, 1, BOB, 2);
	ask(d, 3, BOB, 2)->charged = false;
	pending_pay(d->p, &d->f);
	pending_pay(d->p, &d->f);
	d->hits[0].bucket = 101;
	pending_pay(d->p, &d->f);
	assert_int_equal(d->p->npayments, 2);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "1 " BOB " 2 @101, 1 " BOB " 4 @100, ");
}

static void test_many_payments(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 50; i++) {
		char object[20];

		snprintf(object, sizeof(object), "%d@x.net", i % 25);
		pending_add_payment(d->p, 1, object, 1, 100);
	}
	assert_int_equal(d->p->npayments, 25);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, "24@x.net", 5);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 3);
}

/* All of it, and once. */
static void test_refund_all(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 3, 100);
	pending_add_payment(d->p, 5, ALICE, 1, 101);
	give_back(d, NULL, false);
	assert_string_equal(d->till.given, "5 " ALICE " 1 @101, 1 " BOB " 3 @100, ");
	begin(d);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "");
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 3);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 3);
}

/* What is not asked for: of several moments the last one's first. */
static void test_refund_excess(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 3, 100);
	pending_add_payment(d->p, 1, BOB, 2, 101);
	pending_add_payment(d->p, 3, BOB, 2, 101);
	add_match(d, COUNT_RECIPIENTS);
	ask(d, 1, BOB, 2);
	ask(d, 3, BOB, 7);
	pending_deduct(d->p, &d->f, false);
	give_back(d, &d->f, true);
	assert_string_equal(d->till.given, "1 " BOB " 2 @101, 1 " BOB " 1 @100, ");
	/* what is left is paid */
	begin(d);
	add_match(d, COUNT_RECIPIENTS);
	ask(d, 1, BOB, 3);
	ask(d, 3, BOB, 3);
	pending_deduct(d->p, &d->f, false);
	assert_int_equal(d->hits[0].cost, 1);
	assert_int_equal(d->hits[1].cost, 1);
	give_back(d, &d->f, true);
	assert_string_equal(d->till.given, "");
}

/* What the hits do not speak of: a recipient that is not there after all, or one that is
 * only not known. */
static void test_refund_unasked(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 1, BOB, 1, 100);
	pending_add_payment(d->p, 3, ALICE, 2, 100);
	add_match(d, COUNT_MESSAGES);
	ask(d, 1, BOB, 1);
	/* a penalty is no payment */
	ask_penalty(d, ALICE)->key.limit_id = 3;
	pending_deduct(d->p, &d->f, false);
	give_back(d, &d->f, false);
	assert_string_equal(d->till.given, "");
	give_back(d, &d->f, true);
	assert_string_equal(d->till.given, "3 " ALICE " 2 @100, ");
}

/* Of a limit that was deleted meanwhile there is nothing to be given back. */
static void test_refund_gone(void **state)
{
	struct desk *d = *state;

	pending_add_payment(d->p, 4, BOB, 1, 100);
	pending_add_payment(d->p, 5, BOB, 1, 100);
	pending_add_payment(d->p, 0, BOB, 1, 100);
	pending_add_payment(d->p, 99, BOB, 1, 100);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "5 " BOB " 1 @100, ");
	d->set.nlimits = 0;
	pending_add_payment(d->p, 1, BOB, 1, 100);
	begin(d);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "");
}

/* What is reset while somebody works on the message was not paid by it. */
static void test_void_in_hand(void **state)
{
	struct desk *d = *state;
	struct pending_table *t = pending_table_new();

	pending_add_payment(d->p, 1, BOB, 1, 100);
	pending_void(t, NULL, NULL);
	begin(d);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "");
	/* what it pays from then on is its own again */
	pending_add_payment(d->p, 1, BOB, 1, 200);
	begin(d);
	give_back(d, NULL, true);
	assert_string_equal(d->till.given, "1 " BOB " 1 @200, ");
	pending_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(test_nothing_paid),
		DESK_TEST(test_deduct),
		DESK_TEST(test_one),
		DESK_TEST(test_penalty),
		DESK_TEST(test_pay),
		DESK_TEST(test_many_payments),
		DESK_TEST(test_refund_all),
		DESK_TEST(test_refund_excess),
		DESK_TEST(test_refund_unasked),
		DESK_TEST(test_refund_gone),
		DESK_TEST(test_void_in_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
