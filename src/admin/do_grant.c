/*
 * object grant: more room for an object, for a while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/objects.h"

#include "base/cidr.h"
#include "base/clock.h"
#include "base/str.h"

#include <string.h>

/* What an object is the name of. */
enum kind {
	KIND_ADDRESS = 1, /* or a login */
	KIND_DOMAIN = 2,
	KIND_CLIENT = 4,
	KIND_NULL_SENDER = 8,
	KIND_INVALID = 16,
	KIND_ALL = 32,
};

/* What a policy counts for, by its key (engine/identity.c). */
static const unsigned kinds[] = {
	[KEY_LOGIN] = KIND_ADDRESS | KIND_INVALID,
	[KEY_SENDER] = KIND_ADDRESS | KIND_NULL_SENDER | KIND_INVALID,
	[KEY_SENDER_PLUS] = KIND_ADDRESS | KIND_NULL_SENDER | KIND_INVALID,
	[KEY_DOMAIN] = KIND_DOMAIN | KIND_NULL_SENDER | KIND_INVALID,
	[KEY_DOMAIN_PLUS] = KIND_DOMAIN | KIND_NULL_SENDER | KIND_INVALID,
	[KEY_CLIENT] = KIND_CLIENT,
	[KEY_RECIPIENT] = KIND_ADDRESS | KIND_INVALID,
	[KEY_RECIPIENT_DOMAIN] = KIND_DOMAIN | KIND_INVALID,
	[KEY_POLICY] = KIND_ALL,
};

/* In its one spelling. */
static enum kind kind_of(const char *object)
{
	static const struct {
		const char *object;
		enum kind kind;
	} special[] = {
		{ "*", KIND_ALL },
		{ "<>", KIND_NULL_SENDER },
		{ "<invalid>", KIND_INVALID },
	};
	struct cidr client;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (strcmp(object, special[i].object) == 0)
			return special[i].kind;
	if (cidr_parse(object, &client, NULL) == 0)
		return KIND_CLIENT;
	return *object == '@' ? KIND_DOMAIN : KIND_ADDRESS;
}

struct granting {
	const char *object, *because;
	const struct policy *policy; /* NULL: every one */
	int64_t policy_id, amount, now, until;
	/* what it takes the place of; amount 0: of nothing */
	int64_t amount_before, until_before;
};

static int read_amount(struct request *rq, struct granting *g, struct err *err)
{
	char shown[160];
	uint64_t amount = 0;

	if (str_to_u64(rq->args[1], GRANT_AMOUNT_MAX, &amount) < 0 || amount == 0)
		return err_set(err, "not a number of messages: \"%s\" (1 to %d)",
			str_escape(shown, sizeof(shown), rq->args[1]), GRANT_AMOUNT_MAX);
	g->amount = (int64_t)amount;
	return 0;
}

static bool has_limit(const struct policy *p)
{
	bool has = p->limits.n > 0;

	for (size_t i = 0; i < p->napart; i++)
		has |= p->apart[i].limits.n > 0;
	return has;
}

/* Could the policy ever do something with the grant? */
static int check_policy(const struct granting *g, struct err *err)
{
	const struct policy *p = g->policy;
	struct arena *arena;

	if (!policy_counts(p))
		return err_set(err, "policy %s counts nothing", p->name);
	if (p->count != COUNT_MESSAGES)
		return err_set(err, "policy %s counts %s (messages alone can be granted)",
			p->name, p->count == COUNT_BYTES ? "bytes" : "recipients");
	if (!has_limit(p))
		return err_set(err, "policy %s has no limit", p->name);
	if ((kinds[p->key] & kind_of(g->object)) != 0)
		return 0;
	arena = arena_new();
	err_set(err, "policy %s does not count for %s (its key is %s)", p->name,
		g->object, policy_get(p, ATTRIBUTE_KEY, arena));
	arena_free(arena);
	return -1;
}

static int read_policy(struct request *rq, const struct policy_set *set,
	struct granting *g, struct err *err)
{
	const char *name = request_pair(rq, "policy");

	if (name == NULL)
		return 0;
	g->policy = policy_set_find(set, name);
	if (g->policy == NULL)
		return named_missing(rq->db, NAMED_POLICY, name, err);
	g->policy_id = g->policy->id;
	return check_policy(g, err);
}

static int find_before(struct db *db, struct granting *g, struct err *err)
{
	sqlite3_stmt *q =
		db_query(db, SQL_GRANT_FIND, err, "tii", g->object, g->policy_id, g->now);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found == 1) {
		g->amount_before = sqlite3_column_int64(q, 0);
		g->until_before = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
	}
	return found < 0 ? -1 : 0;
}

static int apply_grant(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct granting *g = arg;

	rq->touched.grants = true;
	if (find_before(db, g, err) < 0)
		return -1;
	return db_run(db, SQL_GRANT_PUT, err, "tiiitit", g->object, g->policy_id,
		       g->amount, g->until, g->because, g->now, rq->user) < 0
		       ? -1
		       : 0;
}

/* Is mail from <> counted anywhere? */
static bool counts_null_sender(const struct policy_set *set)
{
	bool counts = set->settings.null_sender == NULL_SENDER_COUNT;

	for (size_t i = 0; i < set->pools.n; i++)
		counts |= set->pools.pools[i].settings.null_sender == NULL_SENDER_COUNT;
	return counts;
}

/* Does a policy that it is for count its messages now? */
static bool is_of_use(const struct policy_set *set, const struct granting *g)
{
	enum kind kind = kind_of(g->object);

	if (kind == KIND_NULL_SENDER && !counts_null_sender(set))
		return false;
	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		if ((g->policy == NULL || g->policy == p) && p->enabled &&
			policy_counts(p) && p->count == COUNT_MESSAGES && has_limit(p) &&
			(kinds[p->key] & kind) != 0)
			return true;
	}
	return false;
}

/* A flag comes before every limit, whatever its room. */
static const char *say_flag(const struct policy_set *set, const struct granting *g)
{
	if (flag_until(set->flags, g->object, FLAG_BLOCK) > g->now)
		return "; note: it is blocked";
	if (flag_until(set->flags, g->object, FLAG_BYPASS) > g->now)
		return "; note: it is bypassed";
	return "";
}

/* Nor is a penalty over because there is room. */
static int say_penalty(
	struct request *rq, const struct granting *g, const char **note, struct err *err)
{
	sqlite3_stmt *q = db_query(rq->live, SQL_OBJECT_PENALTIES, err, "t", g->object);
	int more = -1;

	while (q != NULL && (more = db_next(rq->live, q, err)) == 1) {
		const char *policy = db_text(q, 0);

		if (g->policy != NULL && strcmp(g->policy->name, policy) != 0)
			continue;
		*note = arena_printf(rq->arena,
			"; note: its penalty of %s lasts until %s, only object reset "
			"ends it",
			policy, db_text(q, 1));
		sqlite3_reset(q);
		return 0;
	}
	return more;
}

static int say_done(struct request *rq, const struct policy_set *set,
	const struct granting *g, struct err *err)
{
	char until[CLOCK_TEXT_MAX], before[CLOCK_TEXT_MAX];
	const char *penalty = "", *instead = "";

	if (say_penalty(rq, g, &penalty, err) < 0)
		return -1;
	if (g->amount_before > 0)
		instead = arena_printf(rq->arena, ", instead of %lld until %s",
			(long long)g->amount_before,
			clock_format(before, g->until_before));
	return request_done(rq, "%.100s has %lld more in %s until %s%s%s%s%s", g->object,
		(long long)g->amount,
		g->policy != NULL ? g->policy->name : "each policy that counts messages",
		clock_format(until, g->until), instead,
		is_of_use(set, g) ? "" : "; note: no policy counts messages for it now",
		say_flag(set, g), penalty);
}

static int grant(struct request *rq, const struct policy_set *set, struct err *err)
{
	struct granting g = { .now = clock_now() };

	g.object = object_word(rq, err);
	if (g.object == NULL || read_amount(rq, &g, err) < 0 ||
		read_policy(rq, set, &g, err) < 0 ||
		object_for(rq, g.now, &g.until, err) < 0 ||
		object_because(rq, &g.because, err) < 0 ||
		admin_change(rq, &(struct change){ apply_grant, NULL, &g, NULL }, err) <
			0)
		return -1;
	return say_done(rq, set, &g, err);
}

int do_object_grant(struct request *rq, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	/* policies are as they are there until this command is done: changes come one
	 * after the other */
	struct policy_set *set = policy_slot_acquire(slot);
	int rc = grant(rq, set, err);

	policy_slot_release(slot, set);
	return rc;
}
