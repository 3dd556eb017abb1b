/*
 * The object commands: what an administrator says of a login, a sender, a domain or a
 * client address, and what is known of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/objects.h"

#include "base/cidr.h"
#include "base/clock.h"
#include "base/str.h"

#include <string.h>

/* What is to be said of an object. */
struct flagging {
	enum flag flag;
	const char *object, *because;
	int64_t now, until; /* until 0: until it is taken back */
};

#define BECAUSE_MAX 200 /* characters */

int object_because(struct request *rq, const char **because, struct err *err)
{
	const char *text = *because = request_said(rq, "because");

	if (text == NULL)
		return 0;
	if (*text == '\0' || !str_is_utf8(text, strlen(text)) || str_has_control(text) ||
		str_utf8_length(text) > BECAUSE_MAX)
		return err_set(err,
			"because: not a reason (1 to %d characters of UTF-8 in one line)",
			BECAUSE_MAX);
	return 0;
}

int object_for(struct request *rq, int64_t now, int64_t *until, struct err *err)
{
	const char *text = request_said(rq, "for");
	int64_t seconds = 0;
	char shown[160];

	*until = 0;
	if (text == NULL)
		return 0;
	if (duration_parse(text, &seconds) < 0 || seconds < 1 ||
		seconds > LIMIT_PERIOD_MAX)
		return err_set(err, "for: not a duration: \"%s\" (try 30m, 2h or 7d)",
			str_escape(shown, sizeof(shown), text));
	*until = now + seconds * CLOCK_SECOND;
	return 0;
}

static int read_moment(
	struct request *rq, const char *text, struct flagging *f, struct err *err)
{
	char shown[160];

	if (clock_parse(text, &f->until) < 0)
		return err_set(err,
			"until: not a moment: \"%s\" (in UTC, as 2027-01-31T12:00:00Z)",
			str_escape(shown, sizeof(shown), text));
	if (f->until <= f->now && !rq->written_before)
		return err_set(err, "until: %s is past", text);
	return 0;
}

/* Until when: of "for DURATION" and "until TIME" one at most. */
static int read_until(struct request *rq, struct flagging *f, struct err *err)
{
	const char *moment = request_said(rq, "until");

	if (request_said(rq, "for") != NULL && moment != NULL)
		return err_set(err, "\"for\" and \"until\" exclude each other");
	if (moment != NULL)
		return read_moment(rq, moment, f, err);
	return object_for(rq, f->now, &f->until, err);
}

/* What is larger than an address makes is refused: no mail is ever from it. */
static int check_network(struct request *rq, const char *object, struct err *err)
{
	struct settings settings;
	struct cidr net;

	if (cidr_parse(object, &net, NULL) < 0)
		return 0;
	if (request_settings(rq, &settings, err) < 0)
		return -1;
	if (net.bits >= (net.family == 4 ? 32 : settings.ipv6_prefix))
		return 0;
	return err_set(err,
		"%s is a network, not an object (a group and a policy are for networks)",
		object);
}

const char *object_word(struct request *rq, struct err *err)
{
	const char *object = request_object(rq, rq->args[0], err);

	return object != NULL && check_network(rq, object, err) == 0 ? object : NULL;
}

/* An object that mail can be from. */
static int read_object(struct request *rq, struct flagging *f, struct err *err)
{
	f->object = object_word(rq, err);
	if (f->object == NULL)
		return -1;
	if (strcmp(f->object, "*") == 0)
		return err_set(err, "\"*\" is no sender (it is all mail of a policy)");
	return 0;
}

static int apply_flag(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct flagging *f = arg;

	rq->touched.flags = true;
	return db_run(db, SQL_FLAG_PUT, err, "ttntit", f->object, flag_name(f->flag),
		       f->until != 0 ? &f->until : NULL, f->because, f->now, rq->user) < 0
		       ? -1
		       : 0;
}

/* Without a login the sender is what anybody writes there. */
static const char *warn_of_forgery(const struct flagging *f)
{
	struct cidr client;

	if (f->flag != FLAG_BYPASS || cidr_parse(f->object, &client, NULL) == 0)
		return "";
	return "; note: without a login this frees whoever writes it as the sender, too";
}

static int set_flag(struct request *rq, enum flag flag, const char *done, struct err *err)
{
	struct flagging f = { .flag = flag, .now = clock_now() };
	char until[CLOCK_TEXT_MAX];

	if (read_object(rq, &f, err) < 0 || read_until(rq, &f, err) < 0 ||
		object_because(rq, &f.because, err) < 0 ||
		admin_change(rq, &(struct change){ apply_flag, NULL, &f, NULL }, err) < 0)
		return -1;
	return request_done(rq, "%.100s is %s%s%s%s", f.object, done,
		f.until != 0 ? " until " : "",
		f.until != 0 ? clock_format(until, f.until) : "", warn_of_forgery(&f));
}

int do_object_block(struct request *rq, struct err *err)
{
	return set_flag(rq, FLAG_BLOCK, "blocked", err);
}

int do_object_bypass(struct request *rq, struct err *err)
{
	return set_flag(rq, FLAG_BYPASS, "bypassed", err);
}

/* What can be taken back, and how an object without it is told so; NULL: all of it. */
struct clearing {
	const char *object, *what;
};

#define GRANT "grant"

static const char *say_absence(const char *what)
{
	if (what == NULL)
		return "is not blocked or bypassed, and has no grant";
	if (strcmp(what, GRANT) == 0)
		return "has no grant";
	return flag_parse(what) == FLAG_BLOCK ? "is not blocked" : "is not bypassed";
}

static int apply_clear(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct clearing *c = arg;
	/* a transaction is of the configuration, and ends in commands that make that */
	bool grants = rq->stage == NULL &&
		      (c->what == NULL || strcmp(c->what, GRANT) == 0),
	     flags = c->what == NULL || strcmp(c->what, GRANT) != 0;
	int flags_gone =
		    flags ? db_run(db, SQL_FLAG_CLEAR, err, "tt", c->object, c->what) : 0,
	    grants_gone = grants ? db_run(db, SQL_GRANT_CLEAR, err, "t", c->object) : 0;

	rq->touched.flags = flags;
	rq->touched.grants = grants;
	if (flags_gone < 0 || grants_gone < 0)
		return -1;
	if (flags_gone + grants_gone == 0)
		return err_code(
			err, ERR_NO_SUCH, "%.200s %s", c->object, say_absence(c->what));
	return 0;
}

/* A flag or a grant. */
static bool is_said(const char *what)
{
	return flag_parse(what) >= 0 || strcmp(what, GRANT) == 0;
}

int do_object_clear(struct request *rq, struct err *err)
{
	struct clearing c = { .what = rq->nargs > 1 ? rq->args[1] : NULL };
	char shown[160];

	if (c.what != NULL && !is_said(c.what))
		return err_set(err,
			"not what can be cleared: \"%s\" (block, bypass or grant)",
			str_escape(shown, sizeof(shown), c.what));
	if (rq->stage != NULL && c.what != NULL && strcmp(c.what, GRANT) == 0)
		return err_set(err,
			"grants are taken back at once, and a transaction is open "
			"(commit or abort it first)");
	c.object = request_object(rq, rq->args[0], err);
	if (c.object == NULL ||
		admin_change(rq, &(struct change){ apply_clear, NULL, &c, NULL }, err) <
			0)
		return -1;
	return request_done(rq, "%.100s is cleared%s%s", c.object,
		c.what != NULL ? " of " : "", c.what != NULL ? c.what : "");
}

/* A pattern for SQLite's GLOB, in which only * and ? mean others; objects are stored
 * folded. */
static const char *glob_of(struct request *rq, const char *pattern)
{
	char *glob = arena_alloc(rq->arena, 3 * strlen(pattern) + 1), *to = glob;

	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '[') {
			memcpy(to, "[[]", 3);
			to += 3;
		} else {
			*to++ = *p;
		}
	}
	str_fold(glob);
	return glob;
}

int do_object_list(struct request *rq, struct err *err)
{
	struct db *db = rq->live;
	const char *flag = request_pair(rq, "flag"), *policy = request_pair(rq, "policy"),
		   *pattern = "*";
	int64_t id;

	if (command_words(rq->command, rq->args, rq->nargs) > 0)
		pattern = glob_of(rq, rq->args[0]);
	if (flag != NULL && !is_said(flag))
		return request_refuse(rq, "flag", flag, err);
	if (policy != NULL && request_policy(db, policy, &id, err) < 0)
		return -1;
	return request_rows(rq, db,
		db_query(db, SQL_OBJECT_LIST, err, "ttt", pattern, flag, policy), err);
}

struct object_reset {
	const char *glob, *object; /* one of them */
	int64_t n;		   /* objects of whom something is known */
};

/* Each in one statement, however many they are: mail waits for the writer. */
static const enum sql by_glob[] = { SQL_BUCKET_RESET_GLOB, SQL_REFUSAL_RESET_GLOB,
	SQL_REFUSED_CLIENT_RESET_GLOB },
		      by_name[] = { SQL_BUCKET_RESET_OBJECT, SQL_REFUSAL_RESET,
			      SQL_REFUSED_CLIENT_RESET };

static int count_objects(struct db *db, struct object_reset *r, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_OBJECT_COUNT, err, "t", r->glob);

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	r->n = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return 0;
}

static int apply_reset(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct object_reset *r = arg;

	(void)rq;
	if (r->glob != NULL && count_objects(db, r, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(by_name) / sizeof(by_name[0]); i++)
		if (db_run(db, r->glob != NULL ? by_glob[i] : by_name[i], err, "t",
			    r->glob != NULL ? r->glob : r->object) < 0)
			return -1;
	return 0;
}

static bool is_reset(void *arg, int64_t limit_id, const char *object)
{
	const struct object_reset *r = arg;

	(void)limit_id;
	return r->glob != NULL ? sqlite3_strglob(r->glob, object) == 0
			       : strcmp(r->object, object) == 0;
}

static void reset_memory(struct request *rq, void *arg)
{
	engine_reset(rq->admin->engine, is_reset, arg);
}

int do_object_reset(struct request *rq, struct err *err)
{
	struct object_reset r = { 0 };
	const char *pattern = rq->args[0];

	/* "*" is an object, too; here it can only be meant as all of them */
	if (strpbrk(pattern, "*?") != NULL)
		r.glob = glob_of(rq, pattern);
	else if ((r.object = request_object(rq, pattern, err)) == NULL)
		return -1;
	if (admin_change(
		    rq, &(struct change){ apply_reset, reset_memory, &r, NULL }, err) < 0)
		return -1;
	if (r.object != NULL)
		return request_done(rq, "%.100s is reset", r.object);
	return request_done(
		rq, "%lld object%s reset", (long long)r.n, r.n == 1 ? "" : "s");
}
