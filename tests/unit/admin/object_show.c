/*
 * Tests of admin/do_object_show: which policies are for whom, and what they have left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

static struct talk *talk_begin(struct house *h)
{
	struct talk *t = talk_open(h->socket);

	assert_true(hear(t));
	assert_string_equal(
		ask(t, "group add staff @example.org 192.0.2.0/24 2001:db8:1:2::/64"),
		"200 3 added");
	return t;
}

static void make(struct talk *t, const char *policy)
{
	char line[300];

	snprintf(line, sizeof(line), "policy add %s", policy);
	assert_int_equal(strncmp(ask(t, line), "200 ", 4), 0);
}

/* One member of each row of a list of the answer, with blanks between. */
static const char *members(
	struct talk *t, const char *object, const char *list, const char *member)
{
	static char text[2000];
	char line[300];
	json_t *row, *value;
	size_t i;

	snprintf(line, sizeof(line), "object show %s", object);
	assert_string_equal(ask(t, line), "200 1 row");
	row = json_loads(t->row, 0, NULL);
	assert_non_null(row);
	text[0] = '\0';
	json_array_foreach(json_object_get(row, list), i, value) {
		json_t *found = json_object_get(value, member);

		if (json_is_integer(found))
			str_append(text, sizeof(text), "%s%lld", i > 0 ? " " : "",
				(long long)json_integer_value(found));
		else
			str_append(text, sizeof(text), "%s%s", i > 0 ? " " : "",
				json_string_value(found));
	}
	json_decref(row);
	return text;
}

static void test_policies_for_whom(void **state)
{
	struct talk *t = talk_begin(*state);

	make(t, "a source=staff destination=any key=login limit=3/hour,5000/day");
	make(t, "b source=any destination=any key=client limit=500/hour");
	make(t, "c source=!staff destination=any key=sender limit=5/hour");
	make(t, "d source=staff destination=any key=domain limit=1M/day count=bytes");
	make(t, "e source=staff destination=any limit=1/day enabled=no");
	make(t, "f source=any destination=any key=policy limit=9/day");
	make(t, "g source=staff destination=any type=bypass");
	assert_string_equal(
		members(t, "bob@example.org", "policies", "policy"), "a b d f g");
	assert_string_equal(members(t, "bob@example.org", "policies", "limit"),
		"3/hour,5000/day 500/hour 1M/day 9/day none");
	assert_string_equal(members(t, "bob@example.com", "policies", "policy"), "b c f");
	assert_string_equal(
		members(t, "@example.org", "policies", "policy"), "a b d f g");
	assert_string_equal(members(t, "@example.com", "policies", "policy"), "b c f");
	assert_string_equal(members(t, "192.0.2.7", "policies", "policy"), "a b d f g");
	assert_string_equal(
		members(t, "2001:db8:1:2::77", "policies", "policy"), "a b d f g");
	assert_string_equal(members(t, "198.51.100.1", "policies", "policy"), "b c f");
	/* null_sender is skip: of the others those that count for the client apply */
	assert_string_equal(members(t, "'<>'", "policies", "policy"), "b f");
	assert_string_equal(members(t, "'*'", "policies", "policy"), "f");
	talk_close(t);
}

static void test_limits_that_wait(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	make(t, "a source=staff destination=any key=login limit=3/hour,5000/day");
	make(t, "b source=any destination=any key=client limit=500/hour");
	make(t, "d source=staff destination=any key=domain limit=1M/day count=bytes");
	assert_string_equal(
		members(t, "bob@example.org", "counters", "limit"), "3/hour 5000/day");
	assert_string_equal(
		members(t, "bob@example.org", "counters", "amount"), "3 5000");
	assert_string_equal(members(t, "bob@example.org", "counters", "used"), "0 0");
	assert_string_equal(members(t, "@example.org", "counters", "amount"), "1048576");
	assert_string_equal(members(t, "192.0.2.7", "counters", "policy"), "b");
	assert_string_equal(members(t, "bob@example.com", "counters", "policy"), "");
	SEND(&h->site, clock_now(), .login = "bob@example.org", .client = "192.0.2.7");
	assert_string_equal(members(t, "bob@example.org", "counters", "used"), "1 1");
	assert_string_equal(
		members(t, "bob@example.org", "counters", "amount"), "3 5000");
	/* a limit more, that nothing was counted for */
	assert_int_equal(
		strncmp(ask(t, "policy set a limit=3/hour,7/week,5000/day"), "200 ", 4),
		0);
	assert_string_equal(members(t, "bob@example.org", "counters", "limit"),
		"3/hour 5000/day 7/week");
	assert_string_equal(members(t, "bob@example.org", "counters", "used"), "1 1 0");
	/* what is granted counts, too */
	assert_int_equal(
		strncmp(ask(t, "object grant bob@example.org 10 policy=a for 2h"), "200 ",
			4),
		0);
	assert_string_equal(members(t, "bob@example.org", "counters", "limit"),
		"13/hour 5010/day 17/week");
	assert_string_equal(members(t, "bob@example.org", "grants", "amount"), "10");
	talk_close(t);
}

/* A member of the answer that is a number. */
static int64_t figure(struct talk *t, const char *object, const char *member)
{
	char line[300];
	json_t *row;
	int64_t value;

	snprintf(line, sizeof(line), "object show %s", object);
	assert_string_equal(ask(t, line), "200 1 row");
	row = json_loads(t->row, 0, NULL);
	assert_true(json_is_integer(json_object_get(row, member)));
	value = json_integer_value(json_object_get(row, member));
	json_decref(row);
	return value;
}

/* He is refused by a policy that counts for his client: he does not know that. */
static void test_counted_for_another(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	char sql[300];

	snprintf(sql, sizeof(sql),
		"INSERT INTO decision (time, verdict, login, client) VALUES "
		"(%lld, 'defer', 'bob@example.org', '192.0.2.9')",
		(long long)(clock_now() - 25 * HOURS));
	site_sql(&h->site, sql);
	make(t, "clients source=any destination=any key=client limit=6/hour "
		"action=defer");
	for (int i = 0; i < 7; i++)
		SEND(&h->site, clock_now(), .login = "bob@example.org",
			.sender = "staff@example.net", .client = "192.0.2.7");
	assert_int_equal(figure(t, "bob@example.org", "messages"), 0);
	assert_int_equal(figure(t, "bob@example.org", "messages_day"), 7);
	assert_int_equal(figure(t, "bob@example.org", "refused_day"), 1);
	assert_int_equal(figure(t, "staff@example.net", "messages_day"), 7);
	assert_int_equal(figure(t, "@example.org", "messages_day"), 7);
	assert_int_equal(figure(t, "@example.net", "refused_day"), 1);
	assert_int_equal(figure(t, "192.0.2.7", "messages_day"), 7);
	/* no others */
	assert_int_equal(figure(t, "ob@example.org", "messages_day"), 0);
	assert_int_equal(figure(t, "@e.org", "messages_day"), 0);
	assert_int_equal(figure(t, "192.0.2.8", "messages_day"), 0);
	assert_string_equal(
		members(t, "bob@example.org", "refused_lately", "object"), "192.0.2.7");
	assert_string_equal(
		members(t, "bob@example.org", "refused_lately", "policy"), "clients");
	/* where from is not of a day */
	assert_string_equal(members(t, "bob@example.org", "clients", "client"),
		"192.0.2.7 192.0.2.9");
	assert_string_equal(members(t, "bob@example.org", "clients", "messages"), "7 1");
	assert_string_equal(members(t, "bob@example.org", "clients", "refused"), "1 1");
	assert_string_equal(members(t, "192.0.2.7", "clients", "refused"), "1");
	assert_string_equal(members(t, "bob@example.org", "policies", "key"), "client");
	assert_string_equal(members(t, "bob@example.org", "counters", "policy"), "");
	assert_non_null(strstr(t->row, "\"first_seen\":\"2"));
	assert_non_null(strstr(t->row, "\"day_from\":null"));
	talk_close(t);
}

/* The history has the addresses of IPv6 as they are, and nobody counts for them. */
static void test_network(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	make(t, "out source=any destination=any key=login limit=100/hour");
	SEND(&h->site, clock_now(), .login = "bob@example.org",
		.client = "2001:db8:1:2::77");
	SEND(&h->site, clock_now(), .login = "bob@example.org",
		.client = "2001:db8:1:2::78");
	SEND(&h->site, clock_now(), .login = "bob@example.org",
		.client = "2001:db8:1:3::77");
	assert_int_equal(figure(t, "2001:db8:1:2::1", "messages"), 0);
	assert_int_equal(figure(t, "2001:db8:1:2::1", "messages_day"), 2);
	assert_int_equal(figure(t, "2001:db8:1:3::1", "messages_day"), 1);
	assert_int_equal(figure(t, "bob@example.org", "messages"), 3);
	assert_int_equal(figure(t, "bob@example.org", "messages_day"), 3);
	talk_close(t);
}

/* A login that no policy ever counted for was seen all the same. */
static void test_seen(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	site_sql(&h->site, "INSERT INTO seen VALUES ('client', 'eve@example.org', "
			   "'192.0.2.7', 3, 0, 1700000000000000, 1700000001000000)");
	assert_int_equal(figure(t, "eve@example.org", "messages"), 0);
	assert_non_null(strstr(t->row, "\"first_seen\":\"2023-11-14T22:13:20.000Z\""));
	assert_non_null(strstr(t->row, "\"last_seen\":\"2023-11-14T22:13:21.000Z\""));
	assert_non_null(strstr(t->row, "{\"client\":\"192.0.2.7\",\"messages\":3,"));
	talk_close(t);
}

/* Neither in the table of what was seen nor among the latest: it is known all the same.
 */
static void test_between(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	char sql[400];

	site_sql(&h->site, "INSERT INTO seen VALUES ('client', 'bob@example.org', "
			   "'192.0.2.7', 3, 0, 1700000000000000, 1700000001000000)");
	for (int i = 0; i < 4; i++) {
		snprintf(sql, sizeof(sql),
			"INSERT INTO decision (time, verdict, object, login, sender, "
			"client) VALUES (%lld, 'defer', '%s', 'bob@example.org', "
			"'news@example.org', '192.0.2.%d')",
			(long long)(clock_now() - 30 * MINUTES),
			i % 2 == 0 ? "bob@example.org" : "@example.org", 7 + i / 2);
		site_sql(&h->site, sql);
	}
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n (i) AS (VALUES (200000) UNION ALL SELECT i - 1 FROM n "
		"WHERE i > 1) INSERT INTO decision (time, verdict, sender) SELECT %lld - "
		"i, 'accept', 'eve@example.org' FROM n",
		(long long)clock_now());
	site_sql(&h->site, sql);
	assert_string_equal(members(t, "bob@example.org", "clients", "messages"), "2 5");
	assert_string_equal(members(t, "bob@example.org", "clients", "refused"), "1 1");
	assert_string_equal(members(t, "@example.org", "clients", "messages"), "1 1");
	assert_int_equal(figure(t, "bob@example.org", "messages"), 2);
	assert_int_equal(figure(t, "bob@example.org", "messages_day"), 0);
	assert_int_equal(figure(t, "news@example.org", "messages"), 0);
	assert_null(strstr(t->row, "\"first_seen\":null"));
	talk_close(t);
}

/* A day of more messages than are looked at. */
static void test_long_day(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	char sql[400];

	/* one a millisecond until now */
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n (i) AS (VALUES (300000) UNION ALL SELECT i - 1 FROM n "
		"WHERE i > 1) INSERT INTO decision (time, verdict, sender) SELECT %lld - "
		"i * 1000, 'accept', 'bob@example.org' FROM n",
		(long long)clock_now());
	site_sql(&h->site, sql);
	assert_int_equal(figure(t, "bob@example.org", "messages_day"), 200000);
	assert_non_null(strstr(t->row, "\"day_from\":\"2"));
	talk_close(t);
}

/* A row is one line, which has to end somewhere: what is fullest is in it. */
static void test_many(void **state)
{
	static const char *const lists[] = { "counters", "policies" };
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	char name[20];

	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "p%03d", i);
		site_policy(&h->site, name, "key=login",
			i == 149  ? "limit=2/hour"
			: i < 140 ? "limit=500/hour"
				  : "limit=9/day",
			NULL);
	}
	for (int sent = 0; sent < 2; sent++) {
		for (size_t l = 0; l < LENGTH(lists); l++) {
			char more[20];

			snprintf(more, sizeof(more), "%s_more", lists[l]);
			assert_int_equal(figure(t, "bob@example.org", more), 50);
			/* nothing used: in the order of evaluation */
			assert_int_equal(
				strncmp(members(t, "bob@example.org", lists[l], "policy"),
					sent == 0 ? "p000 p001 p002 " : "p149 p140 p141 ",
					15),
				0);
		}
		SEND(&h->site, clock_now(), .login = "bob@example.org",
			.client = "192.0.2.7");
	}
	site_sql(&h->site,
		"WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE "
		"i < 119) INSERT INTO refused_client SELECT 'bob@example.org', "
		"'198.51.100.' || i, 1, i FROM n");
	assert_int_equal(figure(t, "bob@example.org", "clients_more"), 20);
	/* the latest first */
	assert_int_equal(strncmp(members(t, "bob@example.org", "clients", "client"),
				 "192.0.2.7 198.51.100.119 ", 25),
		0);
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_policies_for_whom),
		HOUSE_TEST(test_limits_that_wait),
		HOUSE_TEST(test_counted_for_another),
		HOUSE_TEST(test_network),
		HOUSE_TEST(test_long_day),
		HOUSE_TEST(test_seen),
		HOUSE_TEST(test_between),
		HOUSE_TEST(test_many),
	};

	clock_start();
	return cmocka_run_group_tests_name("admin/object_show", tests, NULL, NULL);
}
