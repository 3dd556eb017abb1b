/*
 * Requests: rows, answers, and changes, which are stored, published and written
 * into the audit together or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "../fixture.h"

#include "ctl/wire.h"

struct office {
	struct site site;
	struct admin admin;
	struct request rq;
	struct outbox out;
	struct db *reader;
};

/* The command of the table of that name. */
static const struct command *command(char *noun, char *verb)
{
	struct err err;
	size_t used;

	return command_find((char *[]){ noun, verb }, 2, &used, &err);
}

static int office_setup(void **state)
{
	char group[] = "group", add[] = "add";
	struct office *o = mem_calloc(1, sizeof(*o));

	site_open(&o->site);
	site_start(&o->site, NOW);
	o->admin = (struct admin){
		.engine = &o->site.engine,
		.keeper = keeper_new(db_open(o->site.database, DB_KEEPER, NULL), NULL),
	};
	assert_non_null(o->admin.keeper);
	o->reader = db_open(o->site.database, DB_READER, NULL);
	assert_non_null(o->reader);
	o->rq = (struct request){ .admin = &o->admin,
		.arena = arena_new(),
		.line = "policy  add 'x'",
		.uid = 4242,
		.user = "alice",
		.out = &o->out };
	o->rq.command = command(group, add);
	*state = o;
	return 0;
}

static int office_teardown(void **state)
{
	struct office *o = *state;

	arena_free(o->rq.arena);
	free(o->out.bytes);
	keeper_stop(o->admin.keeper);
	db_close(o->reader);
	site_close(&o->site);
	free(o);
	return 0;
}

static void test_outbox(void **state)
{
	struct outbox out = { NULL, 0, 0, 0 };
	char expected[300];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		outbox_line(&out, 150 + i % 3, "{\"n\":1}");
		n += strlen("150 {\"n\":1}\n");
		assert_int_equal(out.used, n);
		assert_true(out.cap >= n);
	}
	assert_memory_equal(out.bytes, "150 {\"n\":1}\n151 {\"n\":1}\n152 ", 28);
	outbox_line(&out, 200, "");
	assert_memory_equal(out.bytes + n, "200 \n", 5);
	memset(expected, 'x', sizeof(expected));
	expected[sizeof(expected) - 1] = '\0';
	outbox_line(&out, 501, expected);
	assert_memory_equal(out.bytes + n + 9, expected, sizeof(expected) - 1);
	assert_int_equal(out.bytes[out.used - 1], '\n');
	free(out.bytes);
}

/* A reader who is never quite done (`tail`): what he has taken gives its room back, and
 * what he has not stays as it was. */
static void test_outbox_behind(void **state)
{
	struct outbox out = { NULL, 0, 0, 0 };
	char expected[20];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(expected, sizeof(expected), "%05d", i);
		outbox_line(&out, 150, expected);
		if (i < 10)
			continue;
		/* ten lines of ten octets stay behind */
		snprintf(expected, sizeof(expected), "150 %05d\n", i - 10);
		assert_memory_equal(out.bytes + out.sent, expected, 10);
		out.sent += 10;
		assert_int_equal(out.used - out.sent, 100);
	}
	assert_true(out.cap < 1000);
	free(out.bytes);
}

static void test_pairs(void **state)
{
	struct office *o = *state;
	char counter[] = "counter", list[] = "list", setting[] = "setting", set[] = "set",
	     policy[] = "policy=out", object[] = "object=a=b",
	     empty[] = "empty=", realm[] = "login_realm", value[] = "pool=mx";

	o->rq.command = command(counter, list);
	o->rq.args = (char *[]){ policy, object, empty };
	o->rq.nargs = 3;
	assert_string_equal(request_pair(&o->rq, "policy"), "out");
	assert_string_equal(request_pair(&o->rq, "object"), "a=b");
	assert_string_equal(request_pair(&o->rq, "empty"), "");
	assert_null(request_pair(&o->rq, "x"));
	assert_null(request_pair(&o->rq, "polic"));
	assert_null(request_pair(&o->rq, "policyy"));
	assert_null(request_pair(&o->rq, ""));
	assert_null(request_said(&o->rq, "policy"));
	/* a word that must be there is none, whatever it looks like */
	o->rq.command = command(setting, set);
	o->rq.args = (char *[]){ realm, value };
	o->rq.nargs = 2;
	assert_null(request_pair(&o->rq, "pool"));
}

static void test_said(void **state)
{
	struct office *o = *state;
	char object[] = "object", block[] = "block", name[] = "for",
	     because[] = "because", for_[] = "for", text[] = "for";

	/* the name, and the value, are the keyword's word */
	o->rq.command = command(object, block);
	o->rq.args = (char *[]){ name, because, text };
	o->rq.nargs = 3;
	assert_string_equal(request_said(&o->rq, "because"), "for");
	assert_null(request_said(&o->rq, "for"));
	assert_null(request_pair(&o->rq, "because"));
	o->rq.args = (char *[]){ name, because, text, for_, text };
	o->rq.nargs = 5;
	assert_ptr_equal(request_said(&o->rq, "for"), text);
	assert_null(request_said(&o->rq, "fo"));
	assert_null(request_said(&o->rq, ""));
}

static void test_rows(void **state)
{
	struct office *o = *state;
	struct err err = { ERR_BAD, "" };
	struct outbox huge = { NULL, OUTBOX_MAX - 4, 0, 0 };

	must(request_row(&o->rq,
		     json_pack("{s:s, s:i}", "a", "x\n\"\xe2\x82\xac", "b", 7), &err),
		&err);
	assert_int_equal(o->rq.rows, 1);
	assert_int_equal(
		o->out.used, strlen("150 {\"a\":\"x\\n\\\"\xe2\x82\xac\",\"b\":7}\n"));
	assert_memory_equal(o->out.bytes,
		"150 {\"a\":\"x\\n\\\"\xe2\x82\xac\",\"b\":7}\n", o->out.used);
	/* no row, and one too many for a client's outbox: told, not written */
	assert_int_equal(request_row(&o->rq, NULL, &err), -1);
	assert_int_equal(err.code, ERR_FAILED);
	o->rq.out = &huge;
	assert_int_equal(request_row(&o->rq, json_pack("{s:i}", "a", 1), &err), -1);
	assert_int_equal(err.code, ERR_FAILED);
	assert_int_equal(o->rq.rows, 1);
	assert_null(huge.bytes);
}

/* A row of so many octets, code and all. */
static int send_row(struct office *o, size_t octets, struct err *err)
{
	size_t n = octets - strlen("150 {\"a\":\"\"}");
	char *text = mem_calloc(n + 1, 1);
	json_t *row;

	memset(text, 'x', n);
	row = json_pack("{s:s}", "a", text);
	free(text);
	return request_row(&o->rq, row, err);
}

/* What no client takes is refused with words: he would take it for the end. */
static void test_long_row(void **state)
{
	struct office *o = *state;
	struct err err = { ERR_BAD, "" };

	must(send_row(o, WIRE_REPLY_MAX, &err), &err);
	assert_int_equal(o->out.used, WIRE_REPLY_MAX + 1);
	assert_int_equal(send_row(o, WIRE_REPLY_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_FAILED);
	assert_non_null(strstr(err.text, "no client takes"));
	assert_int_equal(o->out.used, WIRE_REPLY_MAX + 1);
	assert_int_equal(o->rq.rows, 1);
}

static void test_json_text(void **state)
{
	json_t *null = json_text(NULL), *good = json_text("\xe2\x82\xac"),
	       *bad = json_text("a\xff");

	(void)state;
	assert_true(json_is_null(null));
	assert_string_equal(json_string_value(good), "\xe2\x82\xac");
	assert_string_equal(json_string_value(bad), "a\\xff");
	json_decref(null);
	json_decref(good);
	json_decref(bad);
}

static void test_rows_of_a_query(void **state)
{
	struct office *o = *state;
	struct err err = { ERR_BAD, "" };

	site_group(&o->site, "b", "x@example.org", "@example.net", NULL);
	site_group(&o->site, "a", NULL);
	must(request_rows(&o->rq, o->reader,
		     db_query(o->reader, SQL_GROUP_LIST, &err, ""), &err),
		&err);
	assert_int_equal(o->rq.rows, 2);
	outbox_line(&o->out, 200, "end");
	o->out.bytes[o->out.used - 1] = '\0';
	assert_string_equal(o->out.bytes,
		"150 {\"name\":\"a\",\"members\":0,\"policies\":0}\n"
		"150 {\"name\":\"b\",\"members\":2,\"policies\":0}\n200 end");
	assert_int_equal(request_rows(&o->rq, o->reader, NULL, &err), -1);
}

static void test_done(void **state)
{
	struct office *o = *state;
	char long_name[500];

	assert_int_equal(request_done(&o->rq, "%s is %d", "x", 7), 0);
	assert_string_equal(o->rq.done, "x is 7");
	memset(long_name, 'y', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	request_done(&o->rq, "%s", long_name);
	assert_int_equal(strlen(o->rq.done), sizeof(o->rq.done) - 1);
}

/* What an apply function is told to do, and what was seen of it. */
struct job {
	const char *sql;
	int result;
	uint64_t published; /* the set's number when committed() was called */
	int64_t visible;
};

static int apply(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct job *job = arg;

	policy_edits_add(&rq->touched.policies, 1);
	if (db_exec(db, job->sql, err) < 0)
		return -1;
	return job->result < 0 ? err_code(err, ERR_IN_USE, "not today") : 0;
}

static void committed(struct request *rq, void *arg)
{
	struct policy_set *set = policy_slot_acquire(rq->admin->engine->slot);

	((struct job *)arg)->published = set->number;
	policy_slot_release(rq->admin->engine->slot, set);
}

static uint64_t set_number(struct office *o)
{
	struct policy_set *set = policy_slot_acquire(o->site.engine.slot);
	uint64_t number = set->number;

	policy_slot_release(o->site.engine.slot, set);
	return number;
}

#define AUDIT "SELECT COUNT(*)||IFNULL(MAX(uid||user||command), '') FROM audit"

static void test_change(void **state)
{
	struct office *o = *state;
	struct job job = { .sql = "INSERT INTO setting VALUES ('history', 0, 'off')" };
	struct change change = { apply, committed, &job, NULL };
	int64_t before = clock_now();
	struct policy_set *set;
	struct err err = { ERR_BAD, "" };

	must(admin_change(&o->rq, &change, &err), &err);
	assert_int_equal(set_number(o), 2);
	assert_int_equal(job.published, 2);
	set = policy_slot_acquire(o->site.engine.slot);
	assert_int_equal(set->settings.history, HISTORY_OFF);
	policy_slot_release(o->site.engine.slot, set);
	assert_string_equal(site_text(&o->site, AUDIT), "14242alicepolicy  add 'x'");
	assert_true(site_number(&o->site, "SELECT time FROM audit") >= before);
	assert_true(site_number(&o->site, "SELECT time FROM audit") <= clock_now());
}

/* Refused by the command, by the database, by the set that would come of it:
 * nothing is stored, nothing published, no audit, and the words arrive. */
static void test_change_refused(void **state)
{
	static const struct {
		struct job job;
		const char *words;
		enum err_code code;
	} refusals[] = {
		{ { "INSERT INTO setting VALUES ('history', 0, 'off')", -1, 0, 0 },
			"not today", ERR_IN_USE },
		{ { "INSERT INTO setting VALUES ('history', 0, 'mad')", 0, 0, 0 },
			"history", ERR_BAD },
		{ { "UPDATE policy SET action = 'explode'", 0, 0, 0 }, "policy out",
			ERR_BAD },
		{ { "INSERT INTO nowhere VALUES (1)", 0, 0, 0 }, "nowhere", ERR_FAILED },
	};
	struct office *o = *state;

	site_policy(&o->site, "out", "action=hold", NULL);
	for (size_t i = 0; i < LENGTH(refusals); i++) {
		struct job job = refusals[i].job;
		struct change change = {
			.apply = apply, .committed = committed, .arg = &job
		};
		struct err err = { ERR_DENIED, "" };

		assert_int_equal(admin_change(&o->rq, &change, &err), -1);
		if (err.code != refusals[i].code || !strstr(err.text, refusals[i].words))
			fail_msg("%s: %d %s", job.sql, err.code, err.text);
		assert_int_equal(job.published, 0);
		assert_int_equal(set_number(o), 2);
		assert_string_equal(site_text(&o->site, AUDIT), "0");
		assert_string_equal(
			site_text(&o->site, "SELECT COUNT(*) FROM setting"), "0");
		assert_string_equal(
			site_text(&o->site, "SELECT action FROM policy"), "hold");
	}
}

/* With edits the index is a new one, without it is shared. */
static void test_change_of_groups(void **state)
{
	struct office *o = *state;
	struct job job = { .sql = "INSERT INTO member_group (name) VALUES ('new');"
				  "INSERT INTO member VALUES (1, 'bob@example.org')" };
	struct group_edits edits = { .arena = o->rq.arena };
	struct change change = { apply, NULL, &job, &edits };
	struct policy_set *one, *two, *three;
	struct policy_slot *slot = o->site.engine.slot;
	struct addr bob = addr_parse(o->rq.arena, "bob@example.org");
	struct err err = { ERR_BAD, "" };
	struct group_list groups = { .arena = o->rq.arena };

	group_edits_add(&edits, 1, "bob@example.org", false);
	one = policy_slot_acquire(slot);
	must(admin_change(&o->rq, &change, &err), &err);
	two = policy_slot_acquire(slot);
	change.groups = NULL;
	job.sql = "INSERT INTO setting VALUES ('history', 0, 'off')";
	must(admin_change(&o->rq, &change, &err), &err);
	three = policy_slot_acquire(slot);
	assert_int_equal(group_index_count(one->groups), 0);
	assert_int_equal(group_index_count(two->groups), 1);
	group_match_address(two->groups, &bob, &groups);
	assert_true(group_list_has(&groups, 1));
	assert_ptr_equal(two->groups, three->groups);
	policy_slot_release(slot, one);
	policy_slot_release(slot, two);
	policy_slot_release(slot, three);
}

static void test_change_without_writer(void **state)
{
	struct office *o = *state;
	struct job job = { .sql = "INSERT INTO setting VALUES ('history', 0, 'off')" };
	struct change change = { apply, committed, &job, NULL };
	struct err err = { ERR_BAD, "" };

	writer_stop(o->site.engine.writer);
	assert_int_equal(admin_change(&o->rq, &change, &err), -1);
	assert_int_equal(err.code, ERR_FAILED);
	assert_int_equal(set_number(o), 1);
	assert_string_equal(site_text(&o->site, AUDIT), "0");
}

#define OFFICE_TEST(f) cmocka_unit_test_setup_teardown(f, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outbox),
		cmocka_unit_test(test_outbox_behind),
		OFFICE_TEST(test_pairs),
		OFFICE_TEST(test_said),
		OFFICE_TEST(test_rows),
		OFFICE_TEST(test_long_row),
		cmocka_unit_test(test_json_text),
		OFFICE_TEST(test_rows_of_a_query),
		OFFICE_TEST(test_done),
		OFFICE_TEST(test_change),
		OFFICE_TEST(test_change_refused),
		OFFICE_TEST(test_change_of_groups),
		OFFICE_TEST(test_change_without_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
