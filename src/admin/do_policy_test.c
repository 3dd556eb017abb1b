/*
 * policy test: what a policy would have refused of the mail that was.  Nothing changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/replaying.h"
#include "base/clock.h"
#include "policy/record.h"

#include <stdlib.h>
#include <string.h>

#define WHO_MAX	 20
#define DAYS_MAX 1000 /* a row has its bounds */
#define DAY	 (86400 * CLOCK_SECOND)

struct day {
	uint64_t messages, refused, was_refused;
};

struct test {
	struct replaying g; /* first */
	struct policy policy;
	const char *name; /* NULL: it has none */
	uint64_t refused, was_refused, objects;
	int64_t first; /* of those refused; 0: none was */
	struct day *days;
	size_t ndays;
};

static struct day *day_of(struct test *t, int64_t when)
{
	size_t i = (size_t)(when / DAY - t->g.since / DAY);

	return &t->days[i < t->ndays ? i : t->ndays - 1];
}

/* What happened then. */
static bool was_refused(const struct replay_row *row)
{
	if (row->by_policy && row->verdict > VERDICT_BYPASS)
		return true;
	for (size_t i = 0; i < row->nrecipients; i++)
		if (row->recipients[i].refused)
			return true;
	return false;
}

static void see(struct replaying *g, const struct replay_row *row, bool offered)
{
	struct test *t = (struct test *)g;
	bool was = was_refused(row);

	day_of(t, row->time)->messages += offered;
	day_of(t, row->time)->was_refused += was;
	t->was_refused += was;
}

/* The same object may be there for several recipients. */
static void count_object(
	struct test *t, const struct replay_object *object, int64_t number, int64_t when)
{
	struct enrolled *one = roll_of(&t->g.roll, object->name);

	one->messages += one->seen != number;
	one->seen = number;
	if (!object->refused)
		return;
	if (one->refused == 0) {
		one->first = when;
		t->objects++;
	}
	one->refused += one->struck != number;
	one->struck = number;
	one->last = when;
}

static void take(
	struct replaying *g, const struct replay_row *row, const struct replay_said *said)
{
	struct test *t = (struct test *)g;

	if (said->outcome == REPLAY_REFUSED) {
		t->refused++;
		day_of(t, row->time)->refused++;
		if (t->first == 0)
			t->first = row->time;
	}
	for (size_t i = 0; i < said->nobjects; i++)
		count_object(t, &said->objects[i], (int64_t)g->offered, row->time);
}

static bool is_busy(const struct day *day)
{
	return day->messages > 0 || day->was_refused > 0;
}

/* The latest of those on which there was something. */
static json_t *days_of(const struct test *t)
{
	json_t *days = json_array();
	char text[CLOCK_TEXT_MAX];
	size_t first = t->ndays;

	for (size_t busy = 0; first > 0 && busy < DAYS_MAX; first--)
		busy += is_busy(&t->days[first - 1]);
	for (size_t i = first; i < t->ndays; i++) {
		if (!is_busy(&t->days[i]))
			continue;
		clock_format(text, (t->g.since / DAY + (int64_t)i) * DAY);
		text[strlen("2026-01-01")] = '\0';
		json_array_append_new(
			days, json_pack("{s:s, s:I, s:I, s:I}", "day", text, "messages",
				      (json_int_t)t->days[i].messages, "refused",
				      (json_int_t)t->days[i].refused, "was_refused",
				      (json_int_t)t->days[i].was_refused));
	}
	return days;
}

static int compare_refused(const void *left, const void *right)
{
	const struct enrolled *a = *(struct enrolled *const *)left,
			      *b = *(struct enrolled *const *)right;

	if (a->refused != b->refused)
		return a->refused < b->refused ? 1 : -1;
	return strcmp(a->name, b->name);
}

static json_t *who_of(struct test *t)
{
	struct enrolled **sorted = roll_sorted(&t->g.roll, compare_refused);
	json_t *who = json_array();

	for (size_t i = 0; i < t->objects && i < WHO_MAX; i++)
		json_array_append_new(
			who, json_pack("{s:o, s:I, s:I, s:s, s:s}", "object",
				     json_text(sorted[i]->name), "messages",
				     (json_int_t)sorted[i]->messages, "refused",
				     (json_int_t)sorted[i]->refused, "first",
				     replaying_moment(t->g.rq, sorted[i]->first), "last",
				     replaying_moment(t->g.rq, sorted[i]->last)));
	free(sorted);
	return who;
}

static int answer(struct test *t, struct err *err)
{
	const struct replaying *g = &t->g;
	struct request *rq = g->rq;
	json_t *row = json_pack("{s:o, s:s, s:I, s:I, s:I, s:o}", "policy",
		json_text(t->name), "since", replaying_moment(rq, g->since), "messages",
		(json_int_t)g->offered, "refused", (json_int_t)t->refused, "objects",
		(json_int_t)t->objects, "first",
		json_text(t->first != 0 ? replaying_moment(rq, t->first) : NULL));
	json_t *more = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}",
		"until", replaying_moment(rq, g->until), "rows", (json_int_t)g->rows,
		"judged", (json_int_t)g->judged, "not_offered",
		(json_int_t)(g->rows - g->offered), "not_judged_recipients",
		(json_int_t)g->no_recipients, "not_judged_size", (json_int_t)g->no_size,
		"not_judged_spf", (json_int_t)g->no_spf, "was_refused",
		(json_int_t)t->was_refused, "days", days_of(t), "who", who_of(t));

	json_object_update(row, more);
	json_decref(more);
	return request_row(rq, row, err);
}

/* The policy as it is stored, or is to be, with what the command says of it. */
static int read_policy(struct request *rq, struct test *t, struct err *err)
{
	size_t words = command_words(rq->command, rq->args, rq->nargs), pool;
	bool whole = request_pair(rq, "source") != NULL &&
		     request_pair(rq, "destination") != NULL;
	struct policy stored;
	int64_t id = 0;

	t->name = words > 0 ? rq->args[0] : NULL;
	if (t->name == NULL && !whole)
		return err_set(err,
			"which policy? (its name, or source=GROUP destination=any and "
			"what else it is to have)");
	if (t->name != NULL && policy_name_check(t->name, &pool, err) < 0)
		return -1;
	if (t->name != NULL && named_find(rq->db, NAMED_POLICY, t->name, &id, err) < 0)
		return -1;
	/* what is whole need not be there */
	if (id == 0 && !whole)
		return named_missing(rq->db, NAMED_POLICY, t->name, err);
	if (id == 0) {
		policy_init(&t->policy, t->name != NULL ? t->name : REPLAY_UNNAMED);
		return 0;
	}
	if (policy_record_find(rq->db, t->name, &stored, err) < 0)
		return -1;
	policy_copy(&t->policy, &stored);
	policy_clear(&stored);
	t->g.name = t->name;
	return 0;
}

static int run(struct request *rq, struct test *t, struct err *err)
{
	if (replaying_check(rq, err) < 0 ||
		request_since(rq, t->g.until, REPLAY_SINCE_DEFAULT, &t->g.since, err) <
			0 ||
		request_attributes(rq, &t->policy, err) < 0 ||
		policy_check(&t->policy, err) < 0)
		return -1;
	t->ndays = (size_t)(t->g.until / DAY - t->g.since / DAY) + 1;
	t->days = mem_calloc(t->ndays, sizeof(*t->days));
	return replaying_run(&t->g, err) < 0 ? -1 : answer(t, err);
}

int do_policy_test(struct request *rq, struct err *err)
{
	struct test t = { .g = { .rq = rq,
				  .policy = &t.policy,
				  .until = clock_now(),
				  .take = take,
				  .see = see } };
	int rc = read_policy(rq, &t, err) < 0 ? -1 : run(rq, &t, err);

	policy_clear(&t.policy);
	roll_clear(&t.g.roll);
	free(t.days);
	return rc;
}
