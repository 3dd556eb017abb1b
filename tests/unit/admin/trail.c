/*
 * The trail: from what to what, and that the commands which take a change back make what
 * was before, whatever the change was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "asked.h"

#include "admin/model.h"
#include "admin/trail.h"
#include "ctl/words.h"

/* A change after some others, what is written down of it, and how it is taken back. */
struct past {
	const char *before[6], *change, *was, *became, *undo;
};

#define LIMIT  "policy add p source=any destination=any limit=5/hour"
#define APART  "setting set pool_counters yes"
#define MEMBER "group add g bob"

static const struct past pasts[] = {
	{ { 0 }, LIMIT, "(null)", "source=any destination=any limit=5/hour",
		"policy delete p" },
	{ { LIMIT }, "policy set p limit=200/hour reply='it is {limit}'",
		"limit=5/hour reply=", "limit=200/hour 'reply=it is {limit}'",
		"policy set p limit=5/hour reply=" },
	{ { LIMIT }, "policy set p limit=5/hour", "(null)", "(null)", "" },
	{ { LIMIT }, "policy disable p", "enabled=yes", "enabled=no",
		"policy set p enabled=yes" },
	{ { LIMIT, "policy disable p" }, "policy enable p", "enabled=no", "enabled=yes",
		"policy set p enabled=no" },
	{ { LIMIT, "pool add mx" }, "policy rename p mx:q", "p", "mx:q",
		"policy rename mx:q p" },
	{ { LIMIT, "header add p Subject /a/ X-A 1",
		  "header add p To '/b c/' X-B \"it's\"" },
		"policy delete p",
		"source=any destination=any limit=5/hour; header Subject /a/ X-A 1; "
		"header To '/b c/' X-B \"it's\"",
		"(null)",
		"policy add p source=any destination=any limit=5/hour\n"
		"header add p Subject /a/ X-A 1\nheader add p To '/b c/' X-B "
		"\"it's\"" },
	{ { LIMIT }, "header add p Subject /a/ X-A 1 X-B 2", "(null)",
		"header Subject /a/ X-A 1 X-B 2", "header delete p Subject /a/" },
	{ { LIMIT, "header add p Subject /a/ X-A 1", "header add p From /b/ X-B 2" },
		"header set p Subject /c/ X-C 3", "header Subject /a/ X-A 1",
		"header Subject /c/ X-C 3",
		"header delete p From /b/\nheader delete p Subject /c/\n"
		"header add p Subject /a/ X-A 1\nheader add p From /b/ X-B 2" },
	{ { LIMIT, "header add p To /a/ X-A 1", "header add p Subject /b/ X-B 2",
		  "header add p From /c/ X-C 3", "header add p Subject /d/ X-D 4" },
		"header delete p subject /d/", "header Subject /d/ X-D 4", "(null)",
		"header add p Subject /d/ X-D 4" },
	{ { LIMIT, "header add p To /a/ X-A 1", "header add p Subject /b/ X-B 2",
		  "header add p From /c/ X-C 3", "header add p Subject /d/ X-D 4" },
		"header delete p Subject",
		"header Subject /b/ X-B 2; header Subject /d/ X-D 4", "(null)",
		"header delete p From /c/\nheader add p Subject /b/ X-B 2\n"
		"header add p From /c/ X-C 3\nheader add p Subject /d/ X-D 4" },
	/* the row of the new rule takes the place of one that is gone */
	{ { LIMIT, "header add p To /a/ X-A 1", "header add p From /b/ X-B 2",
		  "header add p Subject /c/ X-C 3", "header delete p From" },
		"header set p Subject /d/ X-D 4", "header Subject /c/ X-C 3",
		"header Subject /d/ X-D 4",
		"header delete p Subject /d/\nheader add p Subject /c/ X-C 3" },
	{ { LIMIT, "header add p Subject /a/ X-A 1", "header add p From /b/ X-B 2" },
		"header delete p all", "header Subject /a/ X-A 1; header From /b/ X-B 2",
		"(null)", "header add p Subject /a/ X-A 1\nheader add p From /b/ X-B 2" },
	{ { 0 }, "group add g bob 192.0.2.0/24", "(null)", "bob 192.0.2.0/24",
		"group delete g" },
	{ { 0 }, "group add g", "(null)", "no members", "group delete g" },
	{ { MEMBER }, "group add g eve bob eve", "(null)", "eve", "group remove g eve" },
	{ { MEMBER }, "group add g bob", "(null)", "(null)", "" },
	{ { MEMBER, "group add g 2001:db8::/32 '\"a b\"@example.org'" },
		"group remove g 2001:db8::/32 '\"a b\"@example.org'",
		"2001:db8::/32 '\"a b\"@example.org'", "(null)",
		"group add g 2001:db8::/32 '\"a b\"@example.org'" },
	{ { MEMBER, "group add g @example.org" }, "group delete g", "@example.org bob",
		"(null)", "group add g @example.org bob" },
	{ { "group add g" }, "group delete g", "no members", "(null)", "group add g" },
	{ { 0 }, "pool add mx a.example.org", "(null)", "a.example.org",
		"pool delete mx" },
	{ { 0 }, "pool add mx", "(null)", "no MTAs", "pool delete mx" },
	{ { "pool add mx a.example.org" }, "pool add mx b.example.org a.example.org",
		"(null)", "b.example.org", "pool remove mx b.example.org" },
	{ { "pool add mx a.example.org b.example.org" }, "pool remove mx b.example.org",
		"b.example.org", "(null)", "pool add mx b.example.org" },
	{ { "pool add mx c.example.org a.example.org b.example.org" },
		"pool remove mx C.example.org a.example.org",
		"a.example.org c.example.org", "(null)",
		"pool add mx a.example.org c.example.org" },
	{ { "pool add mx a.example.org" },
		"pool add mx B.example.org b.example.org a.example.org", "(null)",
		"b.example.org", "pool remove mx b.example.org" },
	{ { APART, "pool add mx", "setting set default_limit 5/hour pool=mx" },
		"pool add mx a.example.org", "(null)", "a.example.org",
		"pool remove mx a.example.org" },
	{ { APART, "pool add mx a.example.org",
		  "setting set default_limit 5/hour pool=mx" },
		"pool delete mx", "a.example.org default_limit=5/hour", "(null)",
		"pool add mx a.example.org\nsetting set default_limit 5/hour pool=mx" },
	{ { 0 }, "setting set global_conditions '5 per 10 minutes'", "default_limit=none",
		"'default_limit=5 per 10 minutes'", "setting unset default_limit" },
	{ { "setting set default_limit 5/hour" }, "setting set default_limit 6/hour",
		"default_limit=5/hour", "default_limit=6/hour",
		"setting set default_limit 5/hour" },
	{ { "setting set default_limit 5/hour" }, "setting set default_limit 5/hour",
		"(null)", "(null)", "" },
	{ { "setting set default_limit 5/hour" }, "setting unset default_limit",
		"default_limit=5/hour", "default_limit=none",
		"setting set default_limit 5/hour" },
	{ { APART, "pool add mx" }, "setting set default_limit 5/hour pool=mx", "(null)",
		"default_limit=5/hour", "setting unset default_limit pool=mx" },
	{ { 0 }, "object block Bob@example.org until 2999-01-01T00:00:00Z because 'a b'",
		"(null)", "block until 2999-01-01T00:00:00.000Z because 'a b'",
		"object clear bob@example.org block" },
	{ { "object block bob@example.org until 2999-01-01T00:00:00Z because 'a b'" },
		"object block bob@example.org",
		"block until 2999-01-01T00:00:00.000Z because 'a b'", "block",
		"object block bob@example.org until 2999-01-01T00:00:00.000Z because 'a "
		"b'" },
	{ { "object block bob@example.org", "object bypass bob@example.org" },
		"object clear bob@example.org", "block; bypass", "(null)",
		"object block bob@example.org\nobject bypass bob@example.org" },
	{ { 0 }, "object bypass 2001:db8:1:2::9", "(null)", "bypass",
		"object clear 2001:db8:1:2::/64 bypass" },
	{ { 0 }, "object reset bob@example.org", "(null)", "(null)", "(null)" },
	{ { 0 }, "counter reset all", "(null)", "(null)", "(null)" },
	{ { LIMIT }, "object grant bob@example.org 5 policy=p for 2h because 'a b'",
		"(null)", "grant 5 policy=p until 1970-* because 'a b'",
		"object clear bob@example.org grant" },
	{ { LIMIT, "object grant bob@example.org 5 for 2h" },
		"object grant bob@example.org 6 policy=p for 2h", "(null)",
		"grant 6 policy=p until 1970-*", "(null)" },
	{ { "object grant bob@example.org 5 for 2h" },
		"object grant bob@example.org 6 for 2h", "grant 5 until 1970-*",
		"grant 6 until 1970-*", "(null)" },
	{ { "object grant bob@example.org 5 for 2h", "object block bob@example.org" },
		"object clear bob@example.org grant", "grant 5 until 1970-*", "(null)",
		"(null)" },
	{ { "object grant bob@example.org 5 for 2h", "object block bob@example.org" },
		"object clear bob@example.org", "block; grant 5 until 1970-*", "(null)",
		"object block bob@example.org" },
	{ { "object grant bob@example.org 5 for 2h", "object block bob@example.org" },
		"object clear bob@example.org block", "block", "(null)",
		"object block bob@example.org" },
};

static const char *done(struct talk *t, const char *command)
{
	if (strncmp(ask(t, command), "200 ", 4) != 0)
		fail_msg("%s: %s", command, t->line);
	return t->line;
}

static int append(void *arg, char *const *words, size_t n, struct err *err)
{
	char **all = arg;
	struct arena *arena = arena_new();
	char *line = words_join(arena, words, n);
	size_t length = *all != NULL ? strlen(*all) : 0;

	(void)err;
	*all = mem_realloc(*all, length + strlen(line) + 2, 1);
	snprintf(*all + length, strlen(line) + 2, "%s\n", line);
	arena_free(arena);
	return 0;
}

static char *dump(struct house *h)
{
	struct err err = { ERR_BAD, "" };
	char *all = mem_calloc(1, 1);

	must(model_dump(h->site.db, NOW, append, &all, &err), &err);
	return all;
}

static const char *last(struct house *h, const char *column)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT %s FROM audit ORDER BY id DESC LIMIT 1",
		column);
	return site_text(&h->site, sql);
}

static void expect_dump(struct house *h, char *wanted, const char *what)
{
	char *is = dump(h);

	if (strcmp(is, wanted) != 0)
		fail_msg("%s: there is\n%sand should be\n%s", what, is, wanted);
	free(is);
	free(wanted);
}

/* A * is the rest of a moment. */
static void expect_text(const char *is, const char *wanted)
{
	const char *star = strchr(wanted, '*'), *at = is;

	if (star != NULL && strncmp(is, wanted, (size_t)(star - wanted)) == 0) {
		at = strchr(is + (star - wanted), 'Z');
		wanted = star + 1;
		at = at != NULL ? at + 1 : is;
	}
	assert_string_equal(at, wanted);
}

/* The change, what is written down of it, its undo, the undo of that. */
static void check(const struct past *p)
{
	struct house h = { 0 };
	struct talk *t;
	char *before, *after, undo[80];
	long long number;

	house_open(&h, (struct roles){ getuid(), (gid_t)-1, (gid_t)-1, "themis" });
	t = talk_open(h.socket);
	hear(t);
	for (size_t i = 0; i < LENGTH(p->before) && p->before[i] != NULL; i++)
		done(t, p->before[i]);
	before = dump(&h);
	done(t, p->change);
	after = dump(&h);
	number = site_number(&h.site, "SELECT max(id) FROM audit");
	assert_string_equal(last(&h, "command"), p->change);
	expect_text(last(&h, "was"), p->was);
	expect_text(last(&h, "became"), p->became);
	assert_string_equal(last(&h, "undo"), p->undo);
	snprintf(undo, sizeof(undo), "audit undo %lld", number);
	if (*p->undo == '\0' || *p->undo == '(') {
		assert_memory_equal(ask(t, undo), "501 ", 4);
		assert_int_equal(
			number, site_number(&h.site, "SELECT max(id) FROM audit"));
		free(before);
		free(after);
	} else {
		done(t, undo);
		assert_string_equal(last(&h, "command"), undo);
		assert_int_equal(
			number + 1, site_number(&h.site, "SELECT max(id) FROM audit"));
		expect_dump(&h, before, undo);
		assert_non_null(strstr(ask(t, undo), "it was taken back already"));
		snprintf(undo, sizeof(undo), "audit undo %lld", number + 1);
		if (strstr(p->undo, " grant") != NULL) {
			/* which is over at another moment each time */
			assert_string_equal(last(&h, "undo"), "(null)");
			assert_memory_equal(ask(t, undo), "501 ", 4);
			assert_string_equal(
				site_text(&h.site, "SELECT object FROM object_grant"),
				"");
		} else {
			done(t, undo);
		}
		expect_dump(&h, after, undo);
	}
	talk_close(t);
	house_close(&h);
}

static void test_each_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(pasts); i++)
		check(&pasts[i]);
}

/* A command that comes later stands above, too. */
static void test_each_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		char words[80];
		bool found = !command_changes(&commands[i]) ||
			     strcmp(commands[i].noun, "audit") == 0;

		snprintf(words, sizeof(words), "%s %s ", commands[i].noun,
			commands[i].verb);
		for (size_t k = 0; k < LENGTH(pasts); k++)
			found |= strncmp(pasts[k].change, words, strlen(words)) == 0;
		if (!found)
			fail_msg("%s: what is written down of it?", words);
	}
}

/* Whatever a change was, its words say all that it changed: what is made of them is what
 * was before, and of that what was after. */
static void test_any_change(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	uint64_t seed = 57;
	int undone = 0;

	hear(t);
	for (int i = 0; i < 800; i++) {
		char *before = dump(h), *after, undo[80];
		long long number;

		if (!ask_something(t, &seed)) {
			free(before);
			continue;
		}
		number = site_number(&h->site, "SELECT max(id) FROM audit");
		after = dump(h);
		if (*last(h, "undo") == '\0') {
			assert_string_equal(before, after);
			free(before);
			free(after);
			continue;
		}
		snprintf(undo, sizeof(undo), "audit undo %lld", number);
		done(t, undo);
		expect_dump(h, before, undo);
		snprintf(undo, sizeof(undo), "audit undo %lld", number + 1);
		done(t, undo);
		expect_dump(h, after, undo);
		undone++;
	}
	assert_true(undone > 150);
	talk_close(t);
}

static int changed_since(struct house *h, enum thing_kind kind, const char *name,
	const char *pool, int64_t number, struct trail_change *since)
{
	struct thing thing = { kind, name, pool };
	struct err err = { ERR_BAD, "" };
	int changed = audit_changed_since(h->site.db, &thing, number, since, &err);

	must(changed, &err);
	return changed;
}

static void test_changed_since(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct trail_change since;

	hear(t);
	done(t, LIMIT);
	done(t, "policy set p limit=6/hour");
	done(t, "policy set p limit=6/hour"); /* which changes nothing */
	done(t, APART);
	done(t, "pool add mx");
	done(t, "setting set default_limit 5/hour pool=mx");
	done(t, "policy rename p q");
	assert_int_equal(changed_since(h, THING_POLICY, "p", "", 0, &since), 1);
	assert_int_equal(since.number, 7);
	assert_string_equal(since.user, site_text(&h->site, "SELECT user FROM v_audit"));
	assert_string_equal(since.time,
		site_text(&h->site, "SELECT time FROM v_audit WHERE number = 7"));
	assert_int_equal(changed_since(h, THING_POLICY, "q", "", 6, &since), 1);
	assert_int_equal(changed_since(h, THING_POLICY, "q", "", 7, &since), 0);
	assert_int_equal(changed_since(h, THING_POLICY, "r", "", 0, &since), 0);
	assert_int_equal(changed_since(h, THING_GROUP, "p", "", 0, &since), 0);
	assert_int_equal(
		changed_since(h, THING_SETTING, "pool_counters", "", 3, &since), 1);
	assert_int_equal(
		changed_since(h, THING_SETTING, "pool_counters", "", 4, &since), 0);
	assert_int_equal(
		changed_since(h, THING_SETTING, "default_limit", "", 0, &since), 0);
	assert_int_equal(
		changed_since(h, THING_SETTING, "default_limit", "mx", 5, &since), 1);
	/* a setting of it is the pool's */
	assert_int_equal(changed_since(h, THING_POOL, "mx", "", 5, &since), 1);
	assert_int_equal(since.number, 6);
	assert_int_equal(changed_since(h, THING_POOL, "mx", "", 6, &since), 0);
	talk_close(t);
}

/* What is long is cut where it is shown, and what is too long cannot be taken back. */
static void test_large_changes(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	struct err err = { ERR_BAD, "" };
	char member[100];

	hear(t);
	done(t, "group add g");
	for (int i = 0; i < 3000; i++) {
		snprintf(member, sizeof(member), "%05d@example.org", i);
		must(db_run(h->site.db, SQL_GROUP_ADD, &err, "it", (int64_t)1, member),
			&err);
	}
	done(t, "group delete g");
	assert_true(strlen(last(h, "was")) > 900);
	assert_true(strlen(h->site.text) < 1100);
	/* 18 octets and a blank each, 1,000 in all */
	assert_non_null(strstr(last(h, "substr(was, -40)"), " and 2945 more"));
	assert_true(site_number(&h->site, "SELECT length(undo) FROM audit WHERE id = 2") >
		    54000);
	done(t, "audit undo 2");
	assert_int_equal(site_number(&h->site, "SELECT count(*) FROM member"), 3000);
	for (int i = 3000; i < 4000; i++) {
		snprintf(member, sizeof(member), "%05d@example.org", i);
		must(db_run(h->site.db, SQL_GROUP_ADD, &err, "it", (int64_t)1, member),
			&err);
	}
	done(t, "group delete g");
	assert_string_equal(last(h, "undo"), "(null)");
	assert_string_equal(ask(t, "audit undo 4"),
		"501 4 cannot be taken back: what takes more than 64 KiB of commands "
		"does not come back");
	talk_close(t);
}

/* One that is too long by itself is cut between characters. */
static void test_a_long_rule(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);

	hear(t);
	done(t, LIMIT);
	/* a character is two octets: one of them would be cut through */
	for (int n = 1; n < 3; n++) {
		char line[2000] = "";

		str_append(
			line, sizeof(line), "header add p Subject /%.*s/ X-A ", n, "aa");
		for (int i = 0; i < 240; i++)
			str_append(line, sizeof(line), "\xc3\xbc");
		str_append(line, sizeof(line), " X-B ");
		for (int i = 0; i < 250; i++)
			str_append(line, sizeof(line), "\xc3\xbc");
		done(t, line);
		assert_in_range(strtol(last(h, "length(CAST(became AS BLOB))"), NULL, 10),
			999, 1000);
		assert_string_equal(last(h, "substr(became, -4)"), "\xc3\xbc...");
	}
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_change),
		cmocka_unit_test(test_each_command),
		HOUSE_TEST(test_any_change),
		HOUSE_TEST(test_changed_since),
		HOUSE_TEST(test_large_changes),
		HOUSE_TEST(test_a_long_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
