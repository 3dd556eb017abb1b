/*
 * Who may do what on the control socket, and that refusals are told, written into the
 * audit, and neither hold up others nor fill anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/role.h"

#include "../gate.h"
#include "../house.h"
#include "base/str.h"

#include <errno.h>
#include <pwd.h>
#include <sys/syscall.h>

#define NOBODY_ID 65534

static uid_t stranger(void)
{
	return getuid() == 0 ? NOBODY_ID : getuid();
}

static gid_t stranger_group(void)
{
	return getuid() == 0 ? NOBODY_ID : getgid();
}

/* His name, as it stands in words and in the audit. */
static const char *stranger_name(void)
{
	static char name[USER_MAX];
	const struct passwd *pw = getpwuid(stranger());

	if (pw != NULL)
		snprintf(name, sizeof(name), "%s", pw->pw_name);
	else
		snprintf(name, sizeof(name), "uid %u", (unsigned)stranger());
	return name;
}

/* Connects as somebody who is not root.  The bare system calls change this
 * thread alone. */
static struct talk *talk_as_stranger(struct house *h)
{
	gid_t groups[100];
	struct talk *t;
	int n = getgroups(LENGTH(groups), groups);

	if (getuid() == 0 &&
		(n < 0 || syscall(SYS_setgroups, 0, NULL) < 0 ||
			syscall(SYS_setresgid, -1, stranger_group(), -1) < 0 ||
			syscall(SYS_setresuid, -1, stranger(), -1) < 0))
		skip();
	t = talk_open(h->socket);
	if (getuid() == 0 && (syscall(SYS_setresuid, -1, 0, -1) < 0 ||
				     syscall(SYS_setresgid, -1, getgid(), -1) < 0 ||
				     syscall(SYS_setgroups, n, groups) < 0))
		fail_msg("cannot be root again: %s", strerror(errno));
	return t;
}

/* The user's own number and all his groups count, the daemon's too; no group of the
 * roles is (gid_t)-1, whatever a peer is in. */
static void test_role_of(void **state)
{
	static gid_t groups[] = { 100, 7, 8, (gid_t)-1 };
	static const struct {
		uid_t uid;
		size_t ngroups;
		gid_t write_group, read_group;
		enum role role;
	} cases[] = {
		{ 0, 0, (gid_t)-1, (gid_t)-1, ROLE_WRITE },
		{ 33, 0, (gid_t)-1, (gid_t)-1, ROLE_WRITE },
		{ 5, 0, 100, 7, ROLE_NONE },
		{ 5, 1, 100, 7, ROLE_WRITE },
		{ 5, 2, 99, 7, ROLE_READ },
		{ 5, 3, 8, 7, ROLE_WRITE },
		{ 5, 3, 7, 8, ROLE_WRITE },
		{ 5, 3, 9, 10, ROLE_NONE },
		{ 5, 4, (gid_t)-1, (gid_t)-1, ROLE_NONE },
		{ 5, 4, (gid_t)-1, 8, ROLE_READ },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct roles roles = { 33, cases[i].write_group,
			cases[i].read_group, "themis" };
		const struct net_peer peer = {
			.uid = cases[i].uid, .groups = groups, .ngroups = cases[i].ngroups
		};

		assert_int_equal(role_of(&roles, &peer), cases[i].role);
	}
}

#define MAY_NOT_USE    "user %s may not use this socket (%s may)"
#define ONLY_ROOT      "only root"
#define ROOT_AND_GROUP "root and members of the group themis"
#define MAY_NOT_CHANGE "user %s may look, but not change anything"
#define CHANGES                                                                          \
	{                                                                                \
		"group add g @a.example", "setting  set history off"                     \
	}

/* Who may what: nothing, look, change.  The audit has a row for each, as typed. */
static void check_role(struct house *h, const char *first, const char *change)
{
	static const char *const changes[] = CHANGES;
	struct talk *t = talk_as_stranger(h);
	char expected[1000], words[200];

	assert_true(hear(t));
	assert_memory_equal(t->line, first, 4);
	if (change == NULL) {
		snprintf(words, sizeof(words), MAY_NOT_USE, stranger_name(),
			h->roles.write_group != (gid_t)-1 ? ROOT_AND_GROUP : ONLY_ROOT);
		assert_string_equal(t->line + 4, words);
		assert_false(hear(t));
		snprintf(expected, sizeof(expected), "%s::%s", stranger_name(), words);
	} else {
		assert_string_equal(ask(t, "group list"), "200 0 rows");
		for (size_t i = 0; i < LENGTH(changes); i++)
			assert_memory_equal(ask(t, changes[i]), change, 4);
		/* a wrong word in what is not for him is not told */
		assert_memory_equal(
			ask(t, "group add g ,"), change[0] == '5' ? change : "501 ", 4);
		snprintf(words, sizeof(words), MAY_NOT_CHANGE, stranger_name());
		if (change[0] == '2')
			KEEP(words, "done");
		else
			assert_string_equal(t->line + 4, words);
		snprintf(expected, sizeof(expected), "%s:%s:%s|%s:%s:%s", stranger_name(),
			changes[0], words, stranger_name(), changes[1], words);
		if (change[0] == '5')
			str_append(expected, sizeof(expected), "|%s:group add g ,:%s",
				stranger_name(), words);
	}
	assert_string_equal(
		site_text(&h->site, "SELECT GROUP_CONCAT(user || ':' || command || ':' "
				    "|| IFNULL(refusal, 'done'), '|') FROM v_audit"),
		expected);
	assert_int_equal(site_number(&h->site, "SELECT MAX(uid) FROM audit"), stranger());
	talk_close(t);
}

static void test_roles(void **state)
{
	const gid_t none = (gid_t)-1, own = stranger_group();
	const uid_t other = stranger() + 1;
	const struct {
		struct roles roles;
		const char *first, *change;
	} cases[] = {
		{ { other, none, none, "themis" }, "530 ", NULL },
		{ { other, own + 1, own + 1, "themis" }, "530 ", NULL },
		{ { other, own + 1, own, "themis" }, "220 ", "530 " },
		{ { other, own, none, "themis" }, "220 ", "200 " },
		{ { stranger(), none, none, "themis" }, "220 ", "200 " },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct house *h = *state = mem_calloc(1, sizeof(*h));

		house_open(h, cases[i].roles);
		check_role(h, cases[i].first, cases[i].change);
		house_teardown(state);
	}
}

#define FLOOD 200

/* Asks for a change, and returns once the server has read that: in the same round as the
 * first question of another client, behind it maybe, and so before the second. */
static struct talk *ask_change(struct house *h)
{
	static const char line[] = "group add g @a.example\n";
	struct talk *root = talk_open(h->socket), *next = talk_open(h->socket);

	assert_true(hear(root) && hear(next));
	say(root, line, strlen(line));
	for (int i = 0; i < 2; i++)
		assert_string_equal(ask(next, "group list"), "200 0 rows");
	talk_close(next);
	return root;
}

/* A stranger knocks and knocks while nothing can be written: four of his refusals
 * wait, the others are told at once, with his number; root does not wait, and his
 * change only for the one refusal in hand. */
static void test_flood(void **state)
{
	struct house *h = *state = mem_calloc(1, sizeof(*h));
	struct talk *first[REFUSALS_WAITING], *t, *root = NULL;
	struct gate g;
	char number[200], words[200], more[300];

	house_open(h, (struct roles){ stranger() + 1, (gid_t)-1, (gid_t)-1, "themis" });
	gate_shut(&g, h->site.engine.writer); /* and with it every refusal */
	snprintf(number, sizeof(number), "530 user uid %u may not use this socket",
		(unsigned)stranger());
	snprintf(words, sizeof(words), "530 " MAY_NOT_USE, stranger_name(), ONLY_ROOT);
	for (size_t i = 0; i < LENGTH(first); i++)
		first[i] = talk_as_stranger(h);
	for (size_t i = LENGTH(first); i < FLOOD; i++) {
		t = talk_as_stranger(h);
		assert_true(hear(t));
		assert_memory_equal(t->line, number, strlen(number));
		assert_false(hear(t));
		talk_close(t);
	}
	if (getuid() == 0)
		root = ask_change(h);
	gate_open(&g);
	for (size_t i = 0; i < LENGTH(first); i++) {
		assert_true(hear(first[i]));
		assert_string_equal(first[i]->line, words);
		assert_false(hear(first[i]));
		talk_close(first[i]);
	}
	if (root != NULL) {
		assert_string_equal(answer(root), "200 1 added");
		talk_close(root);
	}
	assert_string_equal(
		site_text(&h->site, "SELECT GROUP_CONCAT(refusal IS NULL, '') FROM "
				    "(SELECT refusal FROM audit ORDER BY id)"),
		root != NULL ? "01000" : "0000");
	/* and the next one speaks for those */
	t = talk_as_stranger(h);
	assert_true(hear(t));
	assert_string_equal(t->line, words);
	snprintf(more, sizeof(more), "%s (and %d more were refused)", words + 4,
		FLOOD - REFUSALS_WAITING);
	assert_string_equal(
		site_text(&h->site, "SELECT refusal FROM audit ORDER BY id DESC"), more);
	talk_close(t);
	house_teardown(state);
}

/* Refuses a command of eve's; true if that was written down. */
static bool refuse_uid(struct house *h, struct refusals *r, uid_t uid, int64_t now)
{
	static char user[USER_MAX] = "eve";
	struct task task = {
		.rq = { .admin = &h->admin,
			.arena = arena_new(),
			.command = &commands[0],
			.line = "the command",
			.uid = uid,
			.user = user },
		.user = user,
	};
	struct task *refusal = refusal_begin(r, &task, &h->roles, now);
	struct err *err = &task.err;
	bool written = refusal != NULL;

	if (written) {
		assert_true(refusal->refusal);
		refusal->result = refusal->handler(&refusal->rq, &refusal->err);
		err = &refusal->err;
	}
	assert_int_equal(written ? refusal->result : task.result, -1);
	assert_int_equal(err->code, ERR_DENIED);
	assert_string_equal(err->text, "user eve may look, but not change anything");
	if (written)
		refusal_end(r, refusal);
	arena_free(task.rq.arena);
	return written;
}

static bool refuse_one(struct house *h, struct refusals *r, int64_t now)
{
	return refuse_uid(h, r, 4242, now);
}

/* Each has his own, and more of them than there are allowances have none to spare. */
static void test_allowance_of_each(void **state)
{
	struct refusals r = { 0 };
	struct house *h = *state;
	int written = 0;

	for (int i = 0; i < FLOOD; i++)
		refuse_uid(h, &r, 4242, NOW);
	assert_true(refuse_uid(h, &r, 4243, NOW));
	for (int round = 0; round < 50; round++)
		for (uid_t uid = 1; uid <= REFUSALS_USERS + 1; uid++)
			written += refuse_uid(h, &r, uid, NOW);
	assert_true(written <= REFUSALS_USERS * REFUSALS_AT_ONCE);
}

/* One after the other, as fast as can be: so many at once, then one in a while; none
 * is forgotten. */
static void test_allowance(void **state)
{
	struct refusals r = { 0 };
	struct house *h = *state;
	struct task *rest;
	int64_t now = NOW;
	int written = 0;

	for (int i = 0; i < FLOOD; i++)
		written += refuse_one(h, &r, now);
	assert_int_equal(written, REFUSALS_AT_ONCE);
	assert_int_equal(r.more, FLOOD - REFUSALS_AT_ONCE);
	assert_false(refuse_one(h, &r, now + REFUSALS_EVERY - 1));
	now += REFUSALS_EVERY;
	assert_true(refuse_one(h, &r, now));
	assert_false(refuse_one(h, &r, now));
	assert_string_equal(
		site_text(&h->site, "SELECT refusal FROM audit ORDER BY id DESC"),
		"user eve may look, but not change anything (and 181 more were refused)");
	now += REFUSALS_EVERY;
	assert_true(refuse_one(h, &r, now));
	assert_string_equal(
		site_text(&h->site, "SELECT refusal FROM audit ORDER BY id DESC"),
		"user eve may look, but not change anything (and 1 more was refused)");
	assert_int_equal(
		site_number(&h->site, "SELECT COUNT(*) FROM audit"), written + 2);
	/* after a quiet time as many as in the beginning, not more */
	now += 1 * DAYS;
	for (int i = written = 0; i < FLOOD; i++)
		written += refuse_one(h, &r, now);
	assert_int_equal(written, REFUSALS_AT_ONCE);
	/* those nobody speaks for have a row a minute after the last */
	assert_null(refusals_rest(&r, &h->admin, &h->roles, now + MINUTES - 1));
	assert_int_equal(r.more, FLOOD - REFUSALS_AT_ONCE);
	rest = refusals_rest(&r, &h->admin, &h->roles, now + MINUTES);
	assert_int_equal(r.more, 0);
	assert_int_equal(r.waiting, 1);
	assert_int_equal(rest->handler(&rest->rq, &rest->err), -1);
	refusal_end(&r, rest);
	assert_int_equal(r.more, 0);
	arena_free(rest->rq.arena);
	assert_string_equal(
		site_text(&h->site,
			"SELECT user || command || ': ' || refusal FROM audit "
			"ORDER BY id DESC"),
		"themisd: 180 more were refused");
	assert_null(refusals_rest(&r, &h->admin, &h->roles, INT64_MAX));
	/* at the end, at once, and also those with whom the changer was not done */
	assert_false(refuse_one(h, &r, now));
	rest = refusals_rest(&r, &h->admin, &h->roles, now + MINUTES);
	err_code(&rest->err, ERR_FAILED, "themisd is stopping");
	refusal_end(&r, rest);
	arena_free(rest->rq.arena);
	assert_int_equal(r.waiting, 0);
	assert_int_equal(r.more, 1);
	rest = refusals_rest(&r, &h->admin, &h->roles, INT64_MAX);
	assert_int_equal(rest->handler(&rest->rq, &rest->err), -1);
	assert_string_equal(rest->err.text, "1 more was refused");
	arena_free(rest->rq.arena);
}

/* What cannot be written down is told all the same. */
static void test_without_writer(void **state)
{
	struct refusals r = { 0 };
	struct house *h = *state;

	writer_stop(h->site.engine.writer);
	assert_true(refuse_one(h, &r, NOW));
	assert_int_equal(r.waiting, 0);
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM audit"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_role_of),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_flood),
		HOUSE_TEST(test_allowance),
		HOUSE_TEST(test_allowance_of_each),
		HOUSE_TEST(test_without_writer),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
