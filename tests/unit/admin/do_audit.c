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

/* Commands, and what their last row or closing line says. */
static void ask_each(struct talk *t, const char *const (*steps)[2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		*t->row = '\0';
		ask(t, steps[i][0]);
		if (strstr(t->line, steps[i][1]) == NULL &&
			strstr(t->row, steps[i][1]) == NULL)
			fail_msg("%s: %s %s", steps[i][0], t->row, t->line);
	}
}

/* They stand in the way of what would take the pool, and of nothing else; whatever was
 * taken back does not, wherever it stands. */
static void test_settings_of_a_pool(void **state)
{
	static const char *const steps[][2] = {
		{ "setting set pool_counters yes", "200 " },
		{ "pool add p h1.example.org", "200 " },
		{ "setting set default_limit 5/hour pool=p", "200 " },
		{ "pool add p h2.example.org", "200 " },
		{ "audit undo 3", "200 " },
		{ "audit undo 5", "200 " },
		{ "audit undo 4", "200 " },
		{ "audit undo 2", "(audit 6): undo that first" },
		{ "audit undo 6", "200 " },
		{ "audit undo 3", "it was taken back already" },
		{ "audit undo 2", "200 " },
		{ "pool list", "200 0 rows" },
		{ "audit undo 9", "200 " },
		{ "audit undo 7", "200 " },
		{ "pool show p", "200 2 rows" },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	ask_each(t, steps, LENGTH(steps));
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
		"501 there is nothing left of 2 to take back: it is over, or has gone");
	done(t, "audit undo 5");
	assert_string_equal(
		site_text(
			&h->site, "SELECT group_concat(object || flag) FROM object_flag"),
		"eve@example.orgbypass");
	talk_close(t);
}

/* What was said of bob, what was said then, and what has come of both by now. */
static void test_time_goes_on(void **state)
{
#define LATER "2999-01-01T00:00:00.000Z"
#define OVER  "1970-01-01T00:00:00.000Z"
#define BLOCK "object block bob@example.org"
#define UNTIL BLOCK " until "
#define CLEAR "object clear bob@example.org"
	static const struct {
		const char *was, *change;
		bool was_is_over, is_over;
		const char *undo; /* NULL: nothing is left to take back */
	} cases[] = {
		{ NULL, BLOCK, false, false, CLEAR " block" },
		{ NULL, UNTIL LATER, false, false, CLEAR " block" },
		{ NULL, UNTIL LATER, false, true, NULL },
		{ BLOCK, UNTIL LATER, false, false, BLOCK },
		{ BLOCK, UNTIL LATER, false, true, BLOCK },
		{ BLOCK, CLEAR, false, false, BLOCK },
		{ UNTIL LATER, BLOCK, false, false, UNTIL LATER },
		{ UNTIL LATER, BLOCK, true, false, CLEAR " block" },
		{ UNTIL LATER, UNTIL LATER " because b", false, false, UNTIL LATER },
		{ UNTIL LATER, UNTIL LATER " because b", false, true, UNTIL LATER },
		{ UNTIL LATER, UNTIL LATER " because b", true, false, CLEAR " block" },
		{ UNTIL LATER, UNTIL LATER " because b", true, true, NULL },
		{ UNTIL LATER, CLEAR, false, false, UNTIL LATER },
		{ UNTIL LATER, CLEAR, true, false, NULL },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *undo = cases[i].undo;
		char command[80], shown[200];
		int64_t number;

		site_sql(&h->site, "DELETE FROM object_flag");
		if (cases[i].was != NULL)
			done(t, cases[i].was);
		done(t, cases[i].change);
		number = site_number(&h->site, "SELECT max(id) FROM audit");
		/* as if it had been until then */
		if (cases[i].was_is_over)
			site_sql(&h->site,
				"UPDATE audit SET undo = replace(undo, '2999', '1970')");
		if (cases[i].is_over)
			site_sql(&h->site, "UPDATE object_flag SET until = 0");
		snprintf(command, sizeof(command), "audit show %lld", (long long)number);
		done(t, command);
		snprintf(shown, sizeof(shown), "\"undo\":[%s%s%s]}",
			undo != NULL ? "{\"command\":\"" : "", undo != NULL ? undo : "",
			undo != NULL ? "\"}" : "");
		if (strstr(t->row, shown) == NULL)
			fail_msg("%zu: %s", i, t->row);
		snprintf(command, sizeof(command), "audit undo %lld", (long long)number);
		if (strncmp(ask(t, command), undo != NULL ? "200 " : "501 there is ",
			    4) != 0)
			fail_msg("%zu: %s", i, t->line);
	}
	talk_close(t);
}

/* It is told, and what went with them comes back, whatever was granted since. */
static void test_grants_do_not_come_back(void **state)
{
	static const char *const steps[][2] = {
		{ LIMIT, "200 " },
		{ "object grant bob@example.org 5 for 2h", "200 " },
		{ "audit show 2",
			"\"not_back\":null,\"undo\":[{\"command\":\"object clear "
			"bob@example.org grant\"}]" },
		{ "object grant bob@example.org 6 for 2h", "200 " },
		{ "audit show 3",
			"\"not_back\":\"grants do not come back\",\"undo\":[]" },
		{ "audit undo 3", "501 3 cannot be taken back: grants do not come back" },
		{ "object grant bob@example.org 7 policy=p for 2h", "200 " },
		{ "audit show 4",
			"\"not_back\":\"one grant of several does not go alone\"" },
		{ "audit undo 4",
			"501 4 cannot be taken back: one grant of several does not go" },
		{ "object block bob@example.org", "200 " },
		{ "object bypass bob@example.org", "200 " },
		{ "object clear bob@example.org", "200 " },
		{ "audit show 7",
			"\"not_back\":\"grants do not come back\",\"undo\":[{\"command\":"
			"\"object block bob@example.org\"},{\"command\":\"object bypass "
			"bob@example.org\"}]" },
		{ "object grant bob@example.org 8 for 2h", "200 " },
		{ "audit undo 7", "200 7 is taken back; grants do not come back" },
		{ "audit undo 7", "it was taken back already" },
		{ "audit undo 9", "200 9 is taken back" },
		{ "audit undo 8", "200 8 is taken back" },
		{ "object grant bob@example.org 9 for 2h", "200 " },
	};
	static const char *const later[][2] = {
		{ "audit show 12", "\"not_back\":null,\"undo\":[]" },
		{ "audit undo 12", "501 there is nothing left of 12 to take back" },
		{ "counter reset all", "200 " },
		{ "audit show 13", "\"not_back\":\"counters do not come back\"" },
		{ "audit undo 13", "cannot be taken back: counters do not come back" },
		/* what a clear took, and its undo did not bring back */
		{ "object grant eve@example.org 5 for 2h", "200 " },
		{ "object block eve@example.org", "200 " },
		{ "object clear eve@example.org", "200 " },
		{ "audit undo 14", "501 there is nothing left of 14 to take back" },
		{ "audit undo 16", "200 16 is taken back; grants do not come back" },
		{ "audit undo 14", "501 there is nothing left of 14 to take back" },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	ask_each(t, steps, LENGTH(steps));
	site_sql(&h->site, "UPDATE object_grant SET until = 1"); /* over by now */
	ask_each(t, later, LENGTH(later));
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

/* Rows that say no more than the command, as all did before schema 5. */
static void test_rows_of_earlier_versions(void **state)
{
	static const char *const steps[][2] = {
		{ "audit show 1",
			"\"not_back\":\"it was made by an earlier version, which did not "
			"keep what had been there\",\"undo\":[]" },
		{ "audit undo 1", "501 1 cannot be taken back: it was made by an earlier "
				  "version, which did not keep what had been there" },
		{ "audit undo 2", "501 2 cannot be taken back: counters do not come" },
		{ "audit undo 3", "501 3 cannot be taken back: counters do not come" },
		{ "audit undo 4", "501 4 cannot be taken back: it was made by an ear" },
		{ "audit show 5", "\"not_back\":null,\"undo\":[]" },
		{ "audit undo 5", "501 5 cannot be taken back: it has changed nothing" },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	site_sql(&h->site, "INSERT INTO audit (time, uid, user, command) VALUES "
			   "(1, 0, 'root', 'policy delete p'), "
			   "(2, 0, 'root', 'counter  reset all'), "
			   "(3, 0, 'root', 'object reset bob@example.org'), "
			   "(4, 0, 'root', 'group add \"'), "
			   "(5, 0, 'root', 'backup /b')");
	ask_each(t, steps, LENGTH(steps));
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
		HOUSE_TEST(test_settings_of_a_pool),
		HOUSE_TEST(test_a_policy_comes_back_anew),
		HOUSE_TEST(test_a_flag_that_is_over),
		HOUSE_TEST(test_time_goes_on),
		HOUSE_TEST(test_grants_do_not_come_back),
		HOUSE_TEST(test_counters_survive_a_rename),
		HOUSE_TEST(test_rows_of_earlier_versions),
		HOUSE_TEST(test_undo_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
