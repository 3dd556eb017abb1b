/*
 * Transactions: the copy has all that a configuration is made of, is changed alone, and
 * ends with its connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/stage.h"
#include "../house.h"

static const char *const made[] = {
	"pool add mx mx1.example.org",
	"setting set pool_counters yes",
	"setting set default_limit 8/hour pool=mx",
	"group add staff @example.org 192.0.2.0/24",
	"policy add a source=staff destination=any limit=5/hour,50/day action=defer",
	"policy add mx:b source=any destination=!staff",
	"header add a Subject /x/ X-A 1 X-B 2",
	"object block eve@example.com",
	"object grant eve@example.com 5 policy=a for 2h",
};

static void say_all(struct talk *t, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(ask(t, lines[i]), "200 ", 4) != 0)
			fail_msg("%s: %s", lines[i], t->line);
}

static int64_t count(struct db *db, const char *table)
{
	char sql[100];
	sqlite3_stmt *q;
	int64_t n;

	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

/* What is no configuration.  A table that comes later stands here, or is copied. */
static bool is_of_mail(const char *table)
{
	static const char *const tables[] = { "bucket", "decision", "audit",
		"audit_thing", "pending", "refusal", "refused_client", "traffic",
		"recipient", "seen", "mark", "trouble", "sqlite_sequence" };

	for (size_t i = 0; i < LENGTH(tables); i++)
		if (strcmp(tables[i], table) == 0)
			return true;
	return false;
}

static void test_each_table_is_copied(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct stage *whole, *empty;
	struct err err = { ERR_BAD, "" };
	sqlite3_stmt *q;
	size_t tables = 0;

	hear(t);
	say_all(t, made, LENGTH(made));
	whole = stage_new(h->site.database, STAGE_CHANGES, &err);
	must(whole != NULL ? 0 : -1, &err);
	empty = stage_new(h->site.database, STAGE_EXACT, &err);
	must(empty != NULL ? 0 : -1, &err);
	assert_int_equal(stage_count(), 2);
	assert_int_equal(stage_begun(whole), LENGTH(made));
	assert_int_equal(stage_begun(empty), LENGTH(made));
	assert_int_equal(sqlite3_prepare_v2(db_handle(stage_db(whole)),
				 "SELECT name FROM sqlite_schema WHERE type = 'table'",
				 -1, &q, NULL),
		SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *table = db_text(q, 0);
		int64_t n;

		if (is_of_mail(table))
			continue;
		tables++;
		n = count(h->site.db, table);
		/* one of which nothing was made above would prove nothing */
		if (n == 0 || count(stage_db(whole), table) != n ||
			count(stage_db(empty), table) != 0)
			fail_msg("%s: %lld rows", table, (long long)n);
	}
	sqlite3_finalize(q);
	assert_true(tables >= 10);
	stage_free(whole);
	stage_free(empty);
	assert_int_equal(stage_count(), 0);
	talk_close(t);
}

static void expect(struct talk *t, const char *line, const char *answer)
{
	if (strncmp(ask(t, line), answer, strlen(answer)) != 0)
		fail_msg("%s: %s", line, t->line);
}

static uint64_t set_number(struct house *h)
{
	struct policy_set *set = policy_slot_acquire(h->site.engine.slot);
	uint64_t number = set->number;

	policy_slot_release(h->site.engine.slot, set);
	return number;
}

static void test_only_who_staged_it_sees_it(void **state)
{
	struct house *h = *state;
	struct talk *a = talk_open(h->socket), *b = talk_open(h->socket);
	uint64_t number;

	hear(a);
	hear(b);
	say_all(b, made, LENGTH(made));
	number = set_number(h);
	expect(a, "begin", "200 ");
	expect(a, "policy delete mx:b", "200 ");
	expect(a, "group add guests @example.net", "200 1 added");
	expect(a, "policy add c source=guests destination=any", "200 ");
	expect(a, "policy show mx:b", "550 ");
	expect(a, "policy show nosuch", "550 ");
	expect(b, "policy show c", "550 ");
	expect(b, "group delete guests", "550 ");
	assert_int_equal(set_number(h), number);
	expect(b, "policy add d source=any destination=any", "200 ");
	expect(a, "policy show d", "550 ");
	expect(a, "commit", "200 3 changes made");
	assert_int_equal(set_number(h), number + 2);
	expect(b, "policy delete c", "200 ");
	expect(b, "policy delete mx:b", "550 ");
	talk_close(a);
	talk_close(b);
}

static void test_all_or_nothing(void **state)
{
	struct house *h = *state;
	struct talk *a = talk_open(h->socket), *b = talk_open(h->socket);
	int64_t rows;

	hear(a);
	hear(b);
	say_all(b, made, LENGTH(made));
	expect(a, "begin", "200 ");
	expect(a, "policy add c source=any destination=any", "200 ");
	expect(a, "policy add d source=staff destination=any", "200 ");
	/* what it needs goes: no thing that it changes, so no conflict */
	expect(b, "policy delete a", "200 ");
	expect(b, "policy delete mx:b", "200 ");
	expect(b, "group delete staff", "200 ");
	rows = site_number(&h->site, "SELECT COUNT(*) FROM audit");
	expect(a, "commit",
		"409 conflict: policy add d source=staff destination=any: source: no "
		"group");
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM policy"), 0);
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM audit"), rows);
	/* it is still open, and is done when it can be */
	expect(b, "group add staff @example.com", "200 ");
	expect(a, "commit", "200 2 changes made");
	talk_close(a);
	talk_close(b);
}

static void test_conflict(void **state)
{
	struct house *h = *state;
	struct talk *a = talk_open(h->socket), *b = talk_open(h->socket);
	static const struct {
		const char *mine, *theirs, *name;
	} cases[] = {
		{ "policy set a limit=6/hour", "policy set a limit=7/hour", "a" },
		{ "policy set a limit=6/hour", "policy rename a z", "a" },
		{ "policy rename z y", "policy add y source=any destination=any", "y" },
		{ "header add z From /a/ X-A 1", "policy disable z", "z" },
		{ "policy disable z", "header delete z all", "z" },
		{ "group add staff b@b.org", "group remove staff @example.org", "staff" },
		{ "pool add mx mx7.example.org", "pool add mx mx8.example.org", "mx" },
		{ "setting set stats_days 3", "setting set stats_days 4", "stats_days" },
		{ "setting set default_limit 1/hour pool=mx",
			"setting set default_limit 2/hour pool=mx", "default_limit" },
	};

	hear(a);
	hear(b);
	say_all(b, made, LENGTH(made));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char conflict[200];

		expect(a, "begin", "200 ");
		expect(a, cases[i].mine, "200 ");
		expect(b, cases[i].theirs, "200 ");
		snprintf(conflict, sizeof(conflict), "409 conflict: %s changed by ",
			cases[i].name);
		expect(a, "commit", conflict);
		expect(a, "commit", conflict);
		expect(a, "abort", "200 aborted, 1 change forgotten");
	}
	/* the same setting of all, and of the pool, are two */
	expect(a, "begin", "200 ");
	expect(a, "setting set default_limit 3/hour", "200 ");
	expect(b, "setting set default_limit 4/hour pool=mx", "200 ");
	expect(a, "commit", "200 1 change made");
	talk_close(a);
	talk_close(b);
}

/* What was refused was not said. */
static void test_a_refused_line_declares_nothing(void **state)
{
	struct house *h = *state;
	struct talk *a = talk_open(h->socket);

	hear(a);
	expect(a, "begin load", "200 ");
	expect(a, "policy add p source=nobody destination=any", "550 source: no group");
	expect(a, "group add nobody a@example.org", "200 ");
	expect(a, "policy add p source=nobody destination=any", "200 ");
	expect(a, "policy add p source=nobody destination=any",
		"551 the policy \"p\" is added twice");
	expect(a, "commit", "200 ");
	talk_close(a);
}

static void test_ends_with_its_connection(void **state)
{
	struct house *h = *state;
	struct talk *a = talk_open(h->socket), *more[STAGES_MAX];
	unsigned most = getuid() == 0 ? STAGES_MAX : STAGES_MAX - STAGES_OF_ROOT;
	char answer[80];

	hear(a);
	for (size_t i = 0; i < most; i++) {
		more[i] = talk_open(h->socket);
		hear(more[i]);
		expect(more[i], "begin", "200 ");
		expect(more[i], "begin", "552 a transaction is open already");
	}
	snprintf(answer, sizeof(answer), "451 %u transactions are open already", most);
	expect(a, "begin", answer);
	for (size_t i = 0; i < most; i++)
		talk_close(more[i]);
	while (stage_count() > 0)
		expect(a, "abort", "550 no transaction is open");
	expect(a, "begin", "200 ");
	talk_close(a);
}

/* Who is root is told apart by what the kernel says of the client. */
static void test_the_last_are_for_root(void **state)
{
	static const struct {
		uid_t uid;
		unsigned times;
		int rc;
	} steps[] = {
		{ 1000, STAGES_MAX - STAGES_OF_ROOT, 0 },
		{ 1000, 1, -1 },
		{ 0, STAGES_OF_ROOT, 0 },
		{ 0, 1, -1 },
	};
	struct house *h = *state;
	struct stage *stages[STAGES_MAX];
	struct err err = { ERR_BAD, "" };
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(steps); i++)
		for (unsigned k = 0; k < steps[i].times; k++) {
			struct request rq = { .admin = &h->admin, .uid = steps[i].uid };

			assert_int_equal(do_begin(&rq, &err), steps[i].rc);
			if (rq.stage != NULL)
				stages[n++] = rq.stage;
		}
	assert_int_equal(n, STAGES_MAX);
	assert_int_equal(err.code, ERR_FAILED);
	while (n > 0)
		stage_free(stages[--n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_each_table_is_copied),
		HOUSE_TEST(test_only_who_staged_it_sees_it),
		HOUSE_TEST(test_all_or_nothing),
		HOUSE_TEST(test_conflict),
		HOUSE_TEST(test_a_refused_line_declares_nothing),
		HOUSE_TEST(test_ends_with_its_connection),
		HOUSE_TEST(test_the_last_are_for_root),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
