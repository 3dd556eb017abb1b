/*
 * What administrators read in SQL is what the store says, for each strategy: v_counters,
 * and a store that is loaded again, against the one in memory, with charges at random.
 * The view asks the wall clock, so the charges lie before now.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../random.h"

#define ROUNDS 300

struct fixture {
	struct site site;
	size_t max; /* counters that stay in memory once they are stored */
	struct counter_store *store;
	struct limit limit;
};

static uint64_t seed;

static uint64_t any(uint64_t below)
{
	return next_random(&seed) % below;
}

static int setup_with(void **state, size_t max)
{
	struct fixture *f = *state = mem_calloc(1, sizeof(*f));

	site_open(&f->site);
	site_policy(&f->site, "p", "limit=1/hour", NULL);
	site_policy(&f->site, "other", NULL);
	f->limit.id = site_number(&f->site, "SELECT id FROM policy_limit");
	f->max = max;
	f->store = site_store(&f->site, max, NOW);
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, 1000000);
}

/* Whatever is asked for is read back. */
static int setup_tight(void **state)
{
	return setup_with(state, 0);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	f->store->close(f->store);
	site_close(&f->site);
	free(f);
	return 0;
}

/* Another limit, in place of the one before, without what that has counted. */
static void become(
	struct fixture *f, enum strategy strategy, uint64_t amount, int64_t period)
{
	char sql[400];

	f->limit.strategy = strategy;
	f->limit.amount = amount;
	f->limit.period = period;
	f->limit.granted = 0;
	snprintf(sql, sizeof(sql),
		"UPDATE policy SET strategy = '%s'; UPDATE policy_limit SET amount = "
		"%llu, "
		"period = %lld; DELETE FROM bucket; DELETE FROM object_grant",
		strategy_name(strategy), (unsigned long long)amount, (long long)period);
	site_sql(&f->site, sql);
	f->store->reset(f->store, NULL, NULL);
}

static void lower(struct fixture *f, uint64_t amount)
{
	char sql[100];

	f->limit.amount = amount;
	snprintf(sql, sizeof(sql), "UPDATE policy_limit SET amount = %llu",
		(unsigned long long)amount);
	site_sql(&f->site, sql);
}

/* What is granted from now on, for so long; in two grants, and others have some, too. */
static void grant_some(struct fixture *f, int64_t seconds)
{
	char sql[700];

	f->limit.granted = 2 + any(20);
	f->limit.granted_until = clock_now() + seconds * CLOCK_SECOND;
	snprintf(sql, sizeof(sql),
		"INSERT INTO object_grant VALUES"
		"	('bob@example.org', 1, 1, %lld, NULL, 0, ''),"
		"	('bob@example.org', NULL, %llu, %lld, NULL, 0, ''),"
		"	('bob@example.org', 2, 900, %lld, NULL, 0, ''),"
		"	('eve@example.org', 1, 900, %lld, NULL, 0, ''),"
		"	('bob@example.com', NULL, 900, %lld, NULL, 0, '')",
		(long long)f->limit.granted_until + 5,
		(unsigned long long)f->limit.granted - 1,
		(long long)f->limit.granted_until, (long long)f->limit.granted_until,
		(long long)f->limit.granted_until, (long long)f->limit.granted_until);
	site_sql(&f->site, sql);
}

static struct counter_hit ask(struct fixture *f, struct counter_store *store, bool charge,
	uint64_t cost, int64_t now)
{
	struct counter_hit h = { .key = { f->limit.id, "bob@example.org" },
		.limit = &f->limit,
		.cost = cost };

	(charge ? store->charge : store->peek)(store, &h, 1, now);
	return h;
}

/* What the writer does for a batch. */
static void flush(struct fixture *f, struct counter_store *store)
{
	struct writer_hook hook = mem_store_hook(store);
	struct err err = { ERR_BAD, "" };

	must(hook.flush(hook.arg, f->site.db, &err), &err);
	hook.settle(hook.arg, true);
}

static void batch(struct fixture *f)
{
	site_sql(&f->site, "BEGIN IMMEDIATE");
	flush(f, f->store);
	site_sql(&f->site, "COMMIT");
}

/* As the view has it: "used free_at"; "" if there is nothing. */
static void say(char *text, size_t size, const struct counter_hit *h)
{
	char at[CLOCK_TEXT_MAX];

	*text = '\0';
	if (h->used > 0)
		snprintf(text, size, "%llu %s", (unsigned long long)h->used,
			!h->full		     ? "now"
			: h->free_at == WINDOW_NEVER ? "now" /* NULL, too */
						     : clock_format(at, h->free_at));
}

/* Time goes on between two questions; something may leave just then. */
static void check_view(struct fixture *f)
{
	struct counter_hit before = ask(f, f->store, false, 1, clock_now()), after;
	char says[1000], was[100], is[100];

	snprintf(says, sizeof(says), "%s",
		site_text(&f->site, "SELECT used || ' ' || IFNULL(free_at, 'now') FROM "
				    "v_counters"));
	after = ask(f, f->store, false, 1, clock_now());
	say(was, sizeof(was), &before);
	say(is, sizeof(is), &after);
	if (strcmp(says, was) != 0 && strcmp(says, is) != 0)
		fail_msg("%s of %llu in %lld s: \"%s\", not \"%s\"",
			strategy_name(f->limit.strategy),
			(unsigned long long)f->limit.amount, (long long)f->limit.period,
			says, is);
}

/* Asked for one object, the view says what it says of it among others. */
static void check_object(struct fixture *f)
{
	site_sql(&f->site,
		"BEGIN; INSERT INTO bucket SELECT limit_id, 'eve@example.org', first, "
		"last, count, rest FROM bucket");
	/* both in one statement, so at one moment */
	assert_int_equal(
		site_number(&f->site,
			"WITH every AS MATERIALIZED (SELECT * FROM v_counters), "
			"one AS (SELECT * FROM v_counters WHERE object = "
			"'bob@example.org'), "
			"same AS (SELECT * FROM every WHERE object = 'bob@example.org') "
			"SELECT (SELECT COUNT(*) FROM (SELECT * FROM one EXCEPT SELECT * "
			"FROM same)) + (SELECT COUNT(*) FROM (SELECT * FROM same EXCEPT "
			"SELECT * FROM one)) + ((SELECT COUNT(*) FROM one) <> (SELECT "
			"COUNT(*) FROM same))"),
		0);
	site_sql(&f->site, "ROLLBACK");
}

/* The store knows when all that it has loaded is over. */
static void check_sweep(struct fixture *f, struct counter_store *store, int64_t then)
{
	int steps = 0;
	bool more;

	site_sql(&f->site, "BEGIN IMMEDIATE");
	do {
		more = store->sweep(store, then);
		flush(f, store);
	} while (more && ++steps < 1000);
	assert_int_equal(site_number(&f->site, "SELECT COUNT(*) FROM bucket"), 0);
	site_sql(&f->site, "ROLLBACK");
}

/* Another store, with what the database holds. */
static void check_load(struct fixture *f, int64_t now)
{
	struct counter_store *again = site_store(&f->site, f->max, now);

	for (int i = 0; i < 10; i++) {
		int64_t then = now + i * f->limit.period * CLOCK_SECOND / 4;
		struct counter_hit a = ask(f, f->store, false, 1, then),
				   b = ask(f, again, false, 1, then);

		assert_true(a.used == b.used && a.free_at == b.free_at);
	}
	/* what is granted drains as slowly as the rest; nothing from a level of 0 */
	if (f->limit.strategy != STRATEGY_BUCKET || f->limit.amount > 0)
		check_sweep(f, again,
			now + (int64_t)(2 + f->limit.granted) * f->limit.period *
					CLOCK_SECOND);
	again->close(again);
}

/* Some of them are taken back, when others have come since then and all is stored. */
static void charge_some(struct fixture *f, uint64_t most, int64_t from)
{
	int64_t span = clock_now() - from, at = from;
	struct counter_hit last[3] = { 0 };

	for (int i = 0; i < 30; i++) {
		struct counter_hit *h = &last[(size_t)i % LENGTH(last)];

		at += (int64_t)any((uint64_t)span / 15);
		if (at > from + span)
			return;
		if (h->charged && any(5) == 0)
			f->store->refund(f->store, h, 1, at);
		*h = ask(f, f->store, true, 1 + any(most), at);
		if (any(3) == 0)
			batch(f);
	}
}

static void one_round(struct fixture *f, enum strategy strategy)
{
	static const int64_t periods[] = { 3600, 86400, 7 * 86400 };
	int64_t period = periods[any(LENGTH(periods))];

	become(f, strategy, any(10) == 0 ? 0 : 1 + any(50), period);
	if (any(2) == 0)
		grant_some(f, 300 + (int64_t)any((uint64_t)period));
	charge_some(f, 1 + limit_room(&f->limit) / 5,
		clock_now() - 2 * period * CLOCK_SECOND);
	batch(f);
	check_view(f);
	check_object(f);
	if (any(4) == 0 && f->limit.granted > 0) {
		f->limit.granted = 0;
		site_sql(&f->site, "UPDATE object_grant SET until = 1");
		check_view(f);
	}
	check_load(f, clock_now());
	if (any(4) == 0) {
		lower(f, any(f->limit.amount + 1));
		check_view(f);
	}
}

static void the_view_says_what_the_store_says(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		seed = i;
		one_round(*state, (enum strategy)(i % STRATEGIES));
	}
}

/* Beyond what an integer of SQL can hold, it is what a real number makes of it, and
 * nothing fails. */
static void the_view_holds_what_is_large(void **state)
{
	struct fixture *f = *state;

	for (enum strategy s = STRATEGY_MOVING; s < STRATEGIES; s++) {
		int64_t now = clock_now(), used;
		struct counter_hit h;

		become(f, s, LIMIT_OCTETS_MAX, 30 * 86400);
		ask(f, f->store, true, LIMIT_OCTETS_MAX - 7, now - 1000 * CLOCK_SECOND);
		batch(f);
		h = ask(f, f->store, false, 1, clock_now());
		used = site_number(&f->site, "SELECT used FROM v_counters");
		/* the clock goes on; a real number has 53 bits */
		assert_true(llabs(used - (int64_t)h.used) < (int64_t)1 << 40);
		check_load(f, now);
		f->limit.amount = 1;
		site_sql(&f->site, "UPDATE policy_limit SET amount = 1");
		site_text(&f->site, "SELECT * FROM v_counters");
	}
}

/* An object is found by the key among a million counters of others, not by a walk. */
static void an_object_is_found_by_the_key(void **state)
{
	static const enum sql statements[] = { SQL_OBJECT_COUNTERS,
		SQL_COUNTER_LIST_OBJECT, SQL_OBJECT_PENALTIES };
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(statements); i++) {
		struct err err = { ERR_BAD, "" };
		sqlite3_stmt *q = db_query(f->site.db, statements[i], &err, ""), *plan;
		char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sqlite3_sql(q));
		bool found = false;

		assert_int_equal(
			sqlite3_prepare_v2(db_handle(f->site.db), sql, -1, &plan, NULL),
			SQLITE_OK);
		while (sqlite3_step(plan) == SQLITE_ROW)
			found |= strstr((const char *)sqlite3_column_text(plan, 3),
					 "(limit_id=? AND object=?") != NULL;
		sqlite3_finalize(plan);
		sqlite3_free(sql);
		assert_true(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_view_says_what_the_store_says, setup, teardown),
		{ "the_view_says_what_the_store_says (read back)",
			the_view_says_what_the_store_says, setup_tight, teardown, NULL },
		cmocka_unit_test_setup_teardown(
			the_view_holds_what_is_large, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_object_is_found_by_the_key, setup, teardown),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
