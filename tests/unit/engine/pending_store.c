/*
 * Messages that are not at their end go to the database and come back as they were; rows
 * that hold rubbish harm nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "engine/pending_own.h"

#define ROWS                                                                             \
	"SELECT IFNULL(GROUP_CONCAT(one, x'0a'), '') FROM (SELECT instance || '|' || "   \
	"IFNULL(tie, '-') || '|' || IFNULL(queue_id, '-') || '|' || begun || '|' || "    \
	"decision || '|' || decided || '|' || recipients || '|' || payments || '|' || "  \
	"told || '|' || sealed || '|' || refused || '|' || IFNULL(refused_for, '-') "    \
	"AS one FROM pending ORDER BY instance)"

static void save(struct site *s, struct pending_table *t)
{
	struct err err = { ERR_BAD, "" };

	must(pending_save(t, s->db, &err), &err);
}

static struct pending_table *load(struct site *s, int64_t now)
{
	struct pending_table *t = pending_table_new();
	struct err err = { ERR_BAD, "" };

	must(pending_load(t, s->db, now, &err), &err);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM pending"), 0);
	return t;
}

/* By bob@example.org, from 192.0.2.7 port 41526. */
static void put(struct pending_table *t, struct pending *p, const char *queue_id)
{
	struct arena *arena = arena_new();
	struct session session = { .port = 41526 };
	struct message m = { .arena = arena, .session = &session, .asked = true };
	struct err err;

	must(cidr_parse("192.0.2.7", &session.client, &err), &err);
	m.sender_given = m.sender.text = "bob@example.org";
	pending_put(t, p, &m, queue_id);
	arena_free(arena);
}

/* All that can be known of one. */
static struct pending *full_one(void)
{
	struct pending *p = pending_new("full", NOW - 1);
	struct pending_facts *facts = pending_facts(p);

	pending_add_recipient(p, "alice@example.net");
	pending_add_recipient(p, "\"a \\\" b\"@example.net");
	pending_add_recipient(p, "\xc3\xa4@example.net");
	pending_add_payment(p, 3, "bob@example.org", 2, NOW - 5);
	pending_add_payment(p, 3, "bob@example.org", 1, NOW);
	pending_add_payment(p, 4, "@example.net", INT64_MAX, -1);
	pending_add_payment(p, 5, "given back", 0, NOW);
	pending_tell(p, 0, VERDICT_ACCEPT);
	pending_tell(p, 7, VERDICT_MONITOR);
	facts->row = pending_row_new(12, NOW - 2);
	facts->nrefused = 2;
	facts->refused_for = mem_strdup("limit \"3/hour\"");
	return p;
}

#define FULL                                                                             \
	"full|192.0.2.7 41526 bob@example.org|4XyZ|1699999199999999|12|"                 \
	"1699999199999998|[\"alice@example.net\",\"\\\"a \\\\\\\" b\\\"@example.net\","  \
	"\"\xc3\xa4@example.net\"]|[[3,\"bob@example.org\",2,1699999199999995],"         \
	"[3,\"bob@example.org\",1,1699999200000000],"                                    \
	"[4,\"@example.net\",9223372036854775807,-1]]|[[0,0],[7,2]]|0|2|"                \
	"limit \"3/hour\""
#define HELD "held|-|-|1699999200000000|0|0|[]|[]|[]|5|0|Message limit"

static void test_same(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();
	struct pending *held = pending_new("held", NOW);

	save(s, t);
	assert_string_equal(site_text(s, ROWS), "");
	put(t, full_one(), "4XyZ");
	pending_facts(held)->sealed = VERDICT_HOLD;
	pending_facts(held)->refused_for = mem_strdup("Message limit");
	pthread_mutex_lock(&t->lock);
	pending_insert(t, held);
	pthread_mutex_unlock(&t->lock);
	save(s, t);
	assert_string_equal(site_text(s, ROWS), FULL "\n" HELD);
	/* again: they are replaced */
	save(s, t);
	assert_string_equal(site_text(s, ROWS), FULL "\n" HELD);
	pending_table_free(t);
	t = load(s, NOW);
	assert_int_equal(pending_count(t), 2);
	save(s, t);
	assert_string_equal(site_text(s, ROWS), FULL "\n" HELD);
	pending_table_free(t);
}

/* Found again by all that it is known by, and with all that it knows. */
static void test_found(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();
	enum verdict_kind kind = VERDICT_ERROR;
	struct session session = { 0 };
	struct message m = { .session = &session };
	struct pending *p;

	put(t, full_one(), "4XyZ");
	save(s, t);
	pending_table_free(t);
	t = load(s, NOW);
	p = pending_take_tied(t, &m, "4XyZ", NOW);
	assert_non_null(p);
	assert_true(pending_has_recipient(p, "\"a \\\" b\"@example.net"));
	assert_int_equal(pending_recipients(p), 3);
	assert_int_equal(p->npayments, 3);
	assert_true(pending_told(p, 7, &kind));
	assert_int_equal(kind, VERDICT_MONITOR);
	assert_int_equal(pending_facts(p)->row->id, 12);
	put(t, p, NULL);
	/* an hour is one from its first request on, whoever was running */
	assert_null(pending_take(t, "full", NOW - 1 + PENDING_LIFE));
	pending_table_free(t);
}

/* What others name a message by need not be UTF-8. */
static void test_octets(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();
	struct session session = { 0 };
	struct message m = { .session = &session };
	struct pending *p;

	put(t, pending_new("\xff", NOW), "\xfe");
	save(s, t);
	pending_table_free(t);
	t = load(s, NOW);
	p = pending_take_tied(t, &m, "\xfe", NOW);
	assert_non_null(p);
	put(t, p, NULL);
	p = pending_take(t, "\xff", NOW);
	assert_non_null(p);
	pending_free(p);
	pending_table_free(t);
}

/* The clock was set back: it lives an hour from now at most. */
static void test_ahead(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();
	struct pending *p;

	put(t, pending_new("a", NOW + DAYS), NULL);
	save(s, t);
	pending_table_free(t);
	t = load(s, NOW);
	p = pending_take(t, "a", NOW + PENDING_LIFE - 1);
	assert_non_null(p);
	put(t, p, NULL);
	assert_null(pending_take(t, "a", NOW + PENDING_LIFE));
	pending_table_free(t);
}

/* The oldest first, whatever the order was. */
static void test_age(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();

	put(t, pending_new("young", NOW), NULL);
	put(t, pending_new("old", NOW - 1), NULL);
	save(s, t);
	pending_table_free(t);
	t = load(s, NOW);
	assert_string_equal(TAILQ_FIRST(&t->age)->instance, "old");
	assert_false(pending_sweep(t, NOW - 1 + PENDING_LIFE));
	assert_int_equal(pending_count(t), 1);
	pending_table_free(t);
}

static void put_row(struct site *s, const char *recipients, const char *payments,
	const char *told, int sealed, int64_t refused)
{
	struct err err = { ERR_BAD, "" };

	must(db_run(s->db, SQL_PENDING_PUT, &err, "tttiiitttiit", "a", NULL, NULL, NOW,
		     (int64_t)0, (int64_t)0, recipients, payments, told, (int64_t)sealed,
		     refused, NULL),
		&err);
}

static void test_rubbish(void **state)
{
	static const char *const texts[] = { "", "[", "{}", "7", "null", "\"x\"", "[7]",
		"[[]]", "[null]", "[{}]", "[[1]]", "[[\"x\",2,3,4]]",
		"[[\"1\",\"x\",1,1]]", "[[1,\"x\",1]]", "[[1,\"x\",-1,1]]",
		"[[1,\"x\",0,1]]", "[[1,\"x\",1.5,1]]",
		"[[1,\"x\",99999999999999999999,1]]", "[[1,\"x\\u0000y\",1,1]]",
		"[[1,-1]]", "[[1,99]]", "[[1,8]]", "[[1,2147483648]]", "[\"\xff\"]",
		"[[[[[[[[[[" };
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct pending_table *t;
		struct pending *p;

		put_row(s, texts[i], texts[i], texts[i], -1, 0);
		t = load(s, NOW);
		p = pending_take(t, "a", NOW);
		assert_non_null(p);
		assert_int_equal(p->npayments, 0);
		assert_int_equal(p->ntold, 0);
		assert_int_equal(pending_recipients(p), 0);
		assert_int_equal(pending_facts(p)->sealed, VERDICT_ACCEPT);
		assert_null(pending_facts(p)->row);
		pending_free(p);
		pending_table_free(t);
	}
}

/* What is said without the reason that belongs to it was not said: others show that. */
static void test_without_a_reason(void **state)
{
	struct site *s = *state;

	for (int sealed = -1; sealed <= VERDICTS; sealed++) {
		struct pending_table *t;
		struct pending *p;

		put_row(s, "[]", "[]", "[]", sealed, 3);
		t = load(s, NOW);
		p = pending_take(t, "a", NOW);
		assert_non_null(p);
		assert_int_equal(pending_facts(p)->sealed, VERDICT_ACCEPT);
		assert_int_equal(pending_facts(p)->nrefused, 0);
		pending_free(p);
		pending_table_free(t);
	}
}

/* Half of an entry is none, the others hold. */
static void test_partly_rubbish(void **state)
{
	struct site *s = *state;
	struct pending_table *t;
	struct pending *p;

	put_row(s, "[7,\"a@x.net\",null]", "[[1],[1,\"x\",2,3],7]", "[[1,1],[2],[3,99]]",
		0, 0);
	t = load(s, NOW);
	p = pending_take(t, "a", NOW);
	assert_non_null(p);
	assert_int_equal(pending_recipients(p), 1);
	assert_int_equal(p->npayments, 1);
	assert_int_equal(p->payments[0].cost, 2);
	assert_int_equal(p->ntold, 1);
	pending_free(p);
	pending_table_free(t);
}

static void test_no_database(void **state)
{
	struct site *s = *state;
	struct pending_table *t = pending_table_new();
	struct err err = { ERR_BAD, "" };

	put(t, full_one(), NULL);
	site_sql(s, "DROP TABLE pending");
	assert_int_equal(pending_save(t, s->db, &err), -1);
	assert_string_not_equal(err.text, "");
	assert_int_equal(pending_load(t, s->db, NOW, &err), -1);
	assert_int_equal(pending_count(t), 1);
	pending_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_same),
		DATABASE_TEST(test_found),
		DATABASE_TEST(test_octets),
		DATABASE_TEST(test_ahead),
		DATABASE_TEST(test_age),
		DATABASE_TEST(test_rubbish),
		DATABASE_TEST(test_without_a_reason),
		DATABASE_TEST(test_partly_rubbish),
		DATABASE_TEST(test_no_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
