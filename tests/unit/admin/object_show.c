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
	static char text[500];
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
		members(t, "bob@example.org", "policies", "policy"), "a d f g");
	assert_string_equal(members(t, "bob@example.org", "policies", "limit"),
		"3/hour,5000/day 1M/day 9/day none");
	assert_string_equal(members(t, "bob@example.com", "policies", "policy"), "c f");
	assert_string_equal(members(t, "@example.org", "policies", "policy"), "d f g");
	assert_string_equal(members(t, "@example.com", "policies", "policy"), "c f");
	assert_string_equal(members(t, "192.0.2.7", "policies", "policy"), "b d f g");
	assert_string_equal(
		members(t, "2001:db8:1:2::77", "policies", "policy"), "b d f g");
	assert_string_equal(members(t, "198.51.100.1", "policies", "policy"), "b c f");
	/* null_sender is skip: the others do not apply */
	assert_string_equal(members(t, "'<>'", "policies", "policy"), "f");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_policies_for_whom),
		HOUSE_TEST(test_limits_that_wait),
	};

	clock_start();
	return cmocka_run_group_tests_name("admin/object_show", tests, NULL, NULL);
}
