/*
 * What commands cost that come by the hundred: mail waits while they are committed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

#include <stdatomic.h>

/* Instructions that SQLite's machine has done for connections of this process.  They are
 * taken at the end of each statement: the writer has the progress handler for itself. */
static atomic_long work;

static int count_work(unsigned kind, void *arg, void *statement, void *took)
{
	(void)kind;
	(void)arg;
	(void)took;
	work += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	return 0;
}

static int watch(sqlite3 *handle)
{
	return sqlite3_trace_v2(handle, SQLITE_TRACE_PROFILE, count_work, NULL);
}

static const char *done(struct talk *t, const char *command)
{
	if (strncmp(ask(t, command), "200 ", 4) != 0)
		fail_msg("%s: %s", command, t->line);
	return t->line;
}

/* A command with two numbers in it. */
struct series {
	const char *first, *second, *end;
	int most; /* eight times as many may cost: of rules there is an end (RULES_MAX) */
};

/* What the commit of n commands costs. */
static long work_of(struct talk *t, const struct series *s, int n)
{
	char line[100];

	done(t, "begin");
	for (int i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "%s%d%s%d%s", s->first, n, s->second,
			1000 * n + i, s->end);
		done(t, line);
	}
	work = 0;
	done(t, "commit");
	return work;
}

/* Mail waits for a commit: a command in it does not look at what the others did. */
static void test_many_commands(void **state)
{
	static const struct series all[] = {
		{ "header add p", " S", " /x/ X-A b", 48 },
		{ "header add q", " Subject /", "/ X-A b", 48 },
		{ "pool add mx", " h", ".example.org", 16 },
	};
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	done(t, "policy add p50 source=any destination=any");
	done(t, "policy add p400 source=any destination=any");
	done(t, "policy add q50 source=any destination=any");
	done(t, "policy add q400 source=any destination=any");
	for (size_t i = 0; i < LENGTH(all); i++) {
		long few = work_of(t, &all[i], 50), many = work_of(t, &all[i], 400);

		if (few < 5000 || many > all[i].most * few)
			fail_msg("%s: %ld for 50, %ld for 400", all[i].first, few, many);
	}
	talk_close(t);
}

/* A message looks at all rules of a policy. */
static void test_too_many_rules(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	char line[100];

	hear(t);
	done(t, "policy add p source=any destination=any");
	done(t, "begin");
	for (int i = 0; i < 500; i++) {
		snprintf(line, sizeof(line), "header add p S%d /x/ X-A b", i);
		done(t, line);
	}
	assert_non_null(strstr(ask(t, "header add p To /x/ X-A b"),
		"501 the policy has 500 header rules already"));
	done(t, "header set p S7 /y/ X-A b");
	done(t, "commit");
	assert_memory_equal(ask(t, "header add p To /x/ X-A b"), "501 ", 4);
	assert_memory_equal(ask(t, "header set p To /x/ X-A b"), "501 ", 4);
	done(t, "header delete p S8");
	done(t, "header set p To /x/ X-A b");
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_many_commands),
		HOUSE_TEST(test_too_many_rules),
	};

	sqlite3_auto_extension((void (*)(void))watch);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
