/*
 * Taking changes back: in which order that goes, and what stands in the way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

#define LIMIT "policy add p source=any destination=any limit=5/hour"

static void done(struct talk *t, const char *command)
{
	if (strncmp(ask(t, command), "200 ", 4) != 0)
		fail_msg("%s: %s", command, t->line);
}

/* One change after the other, as far back as one likes, and forward again; what another
 * has changed in between stands in the way. */
static void test_back_and_forward(void **state)
{
	static const struct {
		const char *command, *answer, *limit;
	} steps[] = {
		{ LIMIT, "200 ", "5/hour" },
		{ "policy set p limit=6/hour", "200 ", "6/hour" },
		{ "policy set p limit=7/hour", "200 ", "7/hour" },
		{ "policy rename p q", "200 ", "7/hour" },
		{ "audit undo 4", "200 ", "7/hour" },
		{ "audit undo 3", "200 ", "6/hour" },
		{ "audit undo 3", "501 3 cannot be taken back: it was taken back already",
			"6/hour" },
		{ "audit undo 2", "200 ", "5/hour" },
		{ "audit undo 6", "409 policy p was changed by ", "5/hour" },
		{ "audit undo 7", "200 ", "6/hour" },
		{ "audit undo 6", "200 ", "7/hour" },
		{ "audit undo 5", "200 ", "7/hour" },
		{ "policy rename q p", "200 ", "7/hour" },
		{ "policy set p limit=8/hour", "200 ", "8/hour" },
		{ "audit undo 3", "409 policy p was changed by ", "8/hour" },
		{ "audit undo 1", "409 policy p was changed by ", "8/hour" },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		const char *is = ask(t, steps[i].command);

		if (strncmp(is, steps[i].answer, strlen(steps[i].answer)) != 0)
			fail_msg("%s: %s", steps[i].command, is);
		assert_string_equal(
			site_text(&h->site, "SELECT spelling FROM policy_limit"),
			steps[i].limit);
	}
	/* the last one that holds, not one that was taken back */
	assert_non_null(strstr(t->line, "(audit 12): undo that first"));
	talk_close(t);
}

/* What does not come back is told, before and after. */
static void test_a_policy_comes_back_anew(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	done(t, LIMIT);
	done(t, "policy set p limit=6/hour");
	done(t, "policy delete p");
	ask(t, "audit show 2");
	assert_non_null(strstr(t->row, "\"not_back\":null"));
	ask(t, "audit show 3");
	assert_non_null(strstr(t->row, "\"not_back\":\"counters, penalties and grants"));
	assert_string_equal(ask(t, "audit undo 3"),
		"200 3 is taken back; counters, penalties and grants that went with the "
		"policy do not come back");
	assert_string_equal(ask(t, "audit undo 2"), "200 2 is taken back");
	talk_close(t);
}

/* A flag whose time is over stays away; what else went with it comes back. */
static void test_a_flag_that_is_over(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	done(t, "object block bob@example.org until 2999-01-01T00:00:00Z");
	done(t, "object clear bob@example.org");
	done(t, "object block eve@example.org until 2999-01-01T00:00:00Z");
	done(t, "object bypass eve@example.org");
	done(t, "object clear eve@example.org");
	/* as if it had been until then */
	site_sql(&h->site, "UPDATE audit SET undo = replace(undo, '2999', '1970')");
	assert_string_equal(ask(t, "audit undo 2"),
		"501 there is nothing left of 2 to take back: "
		"the time of the flag is over");
	done(t, "audit undo 5");
	assert_string_equal(
		site_text(
			&h->site, "SELECT group_concat(object || flag) FROM object_flag"),
		"eve@example.orgbypass");
	talk_close(t);
}

static void test_counters_survive_a_rename(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	char *id;

	hear(t);
	done(t, LIMIT);
	id = mem_strdup(site_text(&h->site, "SELECT id FROM policy_limit"));
	done(t, "policy rename p q");
	done(t, "audit undo 2");
	assert_string_equal(site_text(&h->site, "SELECT id FROM policy_limit"), id);
	done(t, "audit undo 3");
	assert_string_equal(site_text(&h->site, "SELECT id FROM policy_limit"), id);
	free(id);
	talk_close(t);
}

static void test_undo_is_refused(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	done(t, LIMIT);
	done(t, "group add g bob");
	done(t, "policy set p source=g");
	done(t, "policy set p source=any");
	done(t, "group delete g");
	assert_non_null(strstr(ask(t, "audit undo 3"), " (audit 4): undo that first"));
	assert_memory_equal(t->line, "409 policy p was changed by ", 28);
	/* what it needs is no longer there: nothing of it is done */
	assert_non_null(strstr(ask(t, "audit undo 4"), "no group \"g\""));
	assert_string_equal(site_text(&h->site, "SELECT count(*) FROM audit"), "5");
	assert_memory_equal(ask(t, "audit undo 6"), "550 no change 6", 15);
	assert_memory_equal(ask(t, "audit undo abc"), "501 ", 4);
	assert_memory_equal(ask(t, "audit undo 99999999999999999999"), "501 ", 4);
	site_sql(&h->site, "INSERT INTO audit (time, uid, user, command, refusal) "
			   "VALUES (1, 1, 'eve', 'policy delete p', 'no')");
	assert_non_null(strstr(ask(t, "audit undo 6"), "it was refused"));
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_back_and_forward),
		HOUSE_TEST(test_a_policy_comes_back_anew),
		HOUSE_TEST(test_a_flag_that_is_over),
		HOUSE_TEST(test_counters_survive_a_rename),
		HOUSE_TEST(test_undo_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
