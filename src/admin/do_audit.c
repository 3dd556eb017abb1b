/*
 * The audit commands: who changed what, and taking it back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/batch.h"
#include "admin/model.h"
#include "admin/request.h"
#include "admin/trail.h"
#include "base/str.h"
#include "ctl/words.h"

#include <string.h>

#define LAST_DEFAULT 50
#define LAST_MAX     10000

static int read_last(const struct request *rq, int64_t *last, struct err *err)
{
	const char *text = request_pair(rq, "last");
	char shown[100];
	uint64_t n = LAST_DEFAULT;

	if (text != NULL && (str_to_u64(text, LAST_MAX, &n) < 0 || n == 0))
		return err_set(err, "last: not a number from 1 to %d: \"%s\"", LAST_MAX,
			str_escape(shown, sizeof(shown), text));
	*last = (int64_t)n;
	return 0;
}

/* The name as the trail has it; NULL and err if there can be no such thing. */
static const char *read_name(
	struct request *rq, enum thing_kind kind, const char *text, struct err *err)
{
	int setting;

	switch (kind) {
	case THING_SETTING:
		setting = setting_find(text, err);
		return setting < 0 ? NULL : setting_info((enum setting)setting)->name;
	case THING_FLAG:
		return request_object(rq, text, err);
	default:
		return text;
	}
}

/* The one thing that is asked about; its name is NULL if there is none. */
static int read_thing(struct request *rq, struct thing *thing, struct err *err)
{
	thing->name = NULL;
	for (int k = 0; k < THING_KINDS; k++) {
		enum thing_kind kind = (enum thing_kind)k;
		const char *text = request_pair(rq, thing_kind_name(kind));

		if (text == NULL)
			continue;
		if (thing->name != NULL)
			return err_set(err, "%s= and %s= exclude each other",
				thing_kind_name(thing->kind), thing_kind_name(kind));
		thing->kind = kind;
		thing->name = read_name(rq, kind, text, err);
		if (thing->name == NULL)
			return -1;
	}
	return 0;
}

int do_audit(struct request *rq, struct err *err)
{
	const char *user = request_pair(rq, "user");
	struct db *db = rq->live;
	struct thing thing;
	sqlite3_stmt *q;
	int64_t last = 0;

	if (read_last(rq, &last, err) < 0 || read_thing(rq, &thing, err) < 0)
		return -1;
	if (thing.name != NULL)
		q = db_query(db, SQL_AUDIT_LIST_THING, err, "ittt", last, user,
			thing_kind_name(thing.kind), thing.name);
	else if (user != NULL)
		q = db_query(db, SQL_AUDIT_LIST_USER, err, "it", last, user);
	else
		q = db_query(db, SQL_AUDIT_LIST, err, "i", last);
	return request_rows(rq, db, q, err);
}

static int read_number(const struct request *rq, int64_t *number, struct err *err)
{
	char shown[100];
	uint64_t n;

	if (str_to_u64(rq->args[0], INT64_MAX, &n) < 0)
		return err_set(err,
			"not the number of a change: \"%s\" (audit lists them)",
			str_escape(shown, sizeof(shown), rq->args[0]));
	*number = (int64_t)n;
	return 0;
}

/* A row of the trail, and what taking it back comes to by now. */
struct past {
	bool refused;
	bool took;	  /* something that was there */
	bool resets;	  /* counters, and nothing else */
	const char *undo; /* "": it has changed nothing; NULL: no commands are kept */
	struct thing_list about;  /* that the commands make what it was; settled */
	struct batch_line *lines; /* the commands that still have something to do */
	size_t n, cap;
	bool policy_comes, pool_goes, grant_goes; /* with them */
	const char *not_back; /* what stays as it is, in words; NULL: nothing */
};

static bool is_command(char *const *words, size_t n, const char *noun, const char *verb)
{
	return n > 1 && strcmp(words[0], noun) == 0 && strcmp(words[1], verb) == 0;
}

/* Where a row has no commands: is there anything to take back, and what was it? */
static void look_at_command(struct request *rq, const char *command, struct past *past)
{
	char **words;
	int split = words_split(rq->arena, command, &words, NULL);
	size_t n = split > 0 ? (size_t)split : 0;

	past->resets = is_command(words, n, "counter", "reset") ||
		       is_command(words, n, "object", "reset");
	if (n > 0 && strcmp(words[0], "backup") == 0)
		past->undo = "";
}

static int find_row(
	struct request *rq, int64_t number, struct past *past, struct err *err)
{
	struct db *db = rq->live;
	sqlite3_stmt *q = db_query(db, SQL_AUDIT_FIND, err, "i", number);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found == 0)
		return err_code(err, ERR_NO_SUCH, "no change %lld", (long long)number);
	if (found < 0)
		return -1;
	past->refused = sqlite3_column_type(q, 0) != SQLITE_NULL;
	past->took = sqlite3_column_type(q, 1) != SQLITE_NULL;
	past->undo = sqlite3_column_type(q, 2) == SQLITE_NULL
			     ? NULL
			     : arena_strdup(rq->arena, db_text(q, 2));
	if (past->undo == NULL)
		look_at_command(rq, db_text(q, 3), past);
	sqlite3_reset(q);
	return 0;
}

/* What the change was about, as it was written down. */
static int read_about(
	struct request *rq, int64_t number, struct thing_list *about, struct err *err)
{
	struct db *db = rq->live;
	sqlite3_stmt *q = db_query(db, SQL_AUDIT_THINGS, err, "i", number);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		for (int k = 0; k < THING_KINDS; k++)
			if (strcmp(thing_kind_name((enum thing_kind)k), db_text(q, 0)) ==
				0)
				thing_add(about, rq->arena, (enum thing_kind)k,
					arena_strdup(rq->arena, db_text(q, 1)),
					arena_strdup(rq->arena, db_text(q, 2)));
	thing_list_settle(about);
	return more;
}

/* The next line of the commands, which is taken off them; NULL: there is none. */
static const char *next_line(struct arena *arena, const char **undo)
{
	size_t n = *undo != NULL ? strcspn(*undo, "\n") : 0;
	const char *line;

	if (n == 0)
		return NULL;
	line = arena_memdup(arena, *undo, n);
	*undo += n + ((*undo)[n] == '\n');
	return line;
}

static bool is_over(const char *moment, int64_t now)
{
	int64_t until;

	return clock_parse(moment, &until) == 0 && until <= now;
}

#define GRANT "grant"

/* Time goes on.  Where a flag would come back whose time is over by now ("object block
 * bob until TIME"), the one that took its place goes; one that is over has gone already.
 * False: there is nothing left to do. */
static bool has_effect(
	char **words, size_t *n, const struct model *is, int64_t now, struct arena *arena)
{
	if (*n < 4 || strcmp(words[0], "object") != 0)
		return true;
	if (strcmp(words[3], "until") == 0 && is_over(words[4], now)) {
		words[3] = words[1];
		words[1] = arena_strdup(arena, "clear");
		*n = 4;
	}
	if (!is_command(words, *n, "object", "clear"))
		return true;
	return strcmp(words[3], GRANT) == 0 ? is->ngrants > 0
					    : model_flag(is, words[2], words[3]) != NULL;
}

static void look_at(struct past *past, char *const *words, size_t n)
{
	past->policy_comes |= is_command(words, n, "policy", "add");
	past->pool_goes |= is_command(words, n, "pool", "delete");
	past->grant_goes |= is_command(words, n, "object", "clear") && n > 3 &&
			    strcmp(words[3], GRANT) == 0;
}

static int read_undo(struct request *rq, struct past *past, struct err *err)
{
	const char *undo = past->undo, *line;
	int64_t now = clock_now();
	struct model is;

	if (model_read(&is, rq->live, &past->about, now, rq->arena, err) < 0)
		return -1;
	while ((line = next_line(rq->arena, &undo)) != NULL) {
		char **words;
		int split = words_split(rq->arena, line, &words, err);
		size_t n = (size_t)split;

		if (split < 0)
			return -1;
		look_at(past, words, n);
		if (!has_effect(words, &n, &is, now, rq->arena))
			continue;
		past->lines = arena_grow(rq->arena, past->lines, past->n, &past->cap,
			sizeof(*past->lines));
		past->lines[past->n++] = (struct batch_line){ words, n };
	}
	return 0;
}

/* A row that says neither what it was about nor how it is taken back: either there is
 * no way, or it is of schema 4 or earlier. */
static const char *say_unkept(const struct past *past)
{
	return past->resets ? "counters do not come back"
			    : "it was made by an earlier version, which did not keep "
			      "what had been there";
}

static const char *say_not_back(const struct past *past)
{
	if (past->refused)
		return NULL;
	if (thing_list_has_kind(&past->about, THING_GRANT) && !past->grant_goes)
		return past->took ? "grants do not come back"
				  : "one grant of several does not go alone";
	if (past->undo == NULL)
		return past->about.n == 0 ? say_unkept(past)
					  : "what takes more than 64 KiB of commands "
					    "does not come back";
	return past->policy_comes ? "counters, penalties and grants that went with the "
				    "policy do not come back"
				  : NULL;
}

/* What is not taken back may have changed since. */
static void leave_grants(struct past *past)
{
	struct thing_list *about = &past->about;

	while (!past->grant_goes && about->n > 0 &&
		about->things[about->n - 1].kind == THING_GRANT)
		about->n--;
}

static int find_past(
	struct request *rq, int64_t number, struct past *past, struct err *err)
{
	if (find_row(rq, number, past, err) < 0 ||
		read_about(rq, number, &past->about, err) < 0 ||
		read_undo(rq, past, err) < 0)
		return -1;
	past->not_back = say_not_back(past);
	leave_grants(past);
	return 0;
}

static int say_conflict(struct request *rq, const struct thing *thing, int64_t number,
	const struct trail_change *last, struct err *err)
{
	if (last->number == 0)
		return err_set(err,
			"%lld cannot be taken back: it was taken back already",
			(long long)number);
	return err_code(err, ERR_CONFLICT,
		"%s was changed by %s at %s (audit %lld): undo that first",
		thing_say(thing, rq->arena), last->user, last->time,
		(long long)last->number);
}

static int nothing_left(int64_t number, struct err *err)
{
	return err_set(err,
		"there is nothing left of %lld to take back: it is over, or has gone",
		(long long)number);
}

/* Changes are made on this thread alone: what is so now is so when this one is made.  A
 * pool that goes takes its settings along. */
static int check_unchanged(
	struct request *rq, const struct past *past, int64_t number, struct err *err)
{
	struct trail_change last;

	for (size_t i = 0; i < past->about.n; i++) {
		const struct thing *thing = &past->about.things[i];

		if (audit_last_standing(
			    rq->live, thing, past->pool_goes, number, &last, err) < 0)
			return -1;
		/* who changed it since, and what there is to undo first, is then no help
		 */
		if (last.number != number && last.number != 0 && past->n == 0)
			return nothing_left(number, err);
		if (last.number != number)
			return say_conflict(rq, thing, number, &last, err);
	}
	return 0;
}

static int check_past(const struct past *past, int64_t number, struct err *err)
{
	const char *why = NULL;

	if (past->refused)
		why = "it was refused";
	else if (past->undo == NULL)
		why = past->not_back;
	else if (*past->undo == '\0')
		why = "it has changed nothing";
	return why == NULL ? 0
			   : err_set(err, "%lld cannot be taken back: %s",
				     (long long)number, why);
}

int do_audit_show(struct request *rq, struct err *err)
{
	struct db *db = rq->live;
	struct past past = { 0 };
	json_t *undo, *row;
	int64_t number = 0;
	sqlite3_stmt *q;

	if (read_number(rq, &number, err) < 0 || find_past(rq, number, &past, err) < 0)
		return -1;
	q = db_query(db, SQL_AUDIT_SHOW, err, "i", number);
	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	row = request_row_of(q);
	sqlite3_reset(q);
	undo = json_array();
	for (size_t i = 0; i < past.n; i++) {
		const char *line =
			words_join(rq->arena, past.lines[i].words, past.lines[i].n);

		json_array_append_new(undo, json_pack("{s:s}", "command", line));
	}
	json_object_set_new(row, "not_back", json_text(past.not_back));
	json_object_set_new(row, "undo", undo);
	return request_row(rq, row, err);
}

int do_audit_undo(struct request *rq, struct err *err)
{
	struct past past = { 0 };
	int64_t number = 0;

	if (read_number(rq, &number, err) < 0 || find_past(rq, number, &past, err) < 0 ||
		check_past(&past, number, err) < 0 ||
		check_unchanged(rq, &past, number, err) < 0)
		return -1;
	if (past.n == 0)
		return nothing_left(number, err);
	rq->about = &past.about;
	rq->undoes = number;
	rq->written_before = true;
	if (admin_batch(rq, past.lines, past.n, err) < 0)
		return -1;
	return request_done(rq, "%lld is taken back%s%s", (long long)number,
		past.not_back != NULL ? "; " : "",
		past.not_back != NULL ? past.not_back : "");
}
