/*
 * The command complete: names that begin as something does that is being typed.  It never
 * takes long, whatever the database holds: each stream of names is asked for the next one
 * alone, by an index, and never for more of them than are shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "base/str.h"
#include "ctl/wire.h"
#include "db/report.h"

#include <string.h>

#define WORDS_MAX     200
#define LIMITS_ASKED  64 /* whose counters are looked at, for objects */
#define CHANGES_MAX   20
#define CHANGES_ASKED 1000 /* the newest of the trail, of which those may be */

/* Where names come from, in their order. */
struct stream {
	enum sql next;	  /* the first from ?1 on and before ?2; of ?3 */
	int64_t of;	  /* 0: the statement has no ?3 */
	const char *word; /* the next one; NULL: there are no more */
};

struct search {
	struct request *rq;
	struct db *db;
	const char *end; /* what begins with the prefix stands before this */
	struct stream streams[LIMITS_ASKED + 4];
	size_t n;
};

static int step(
	struct search *s, struct stream *stream, const char *from, struct err *err)
{
	sqlite3_stmt *q = db_query(s->db, stream->next, err,
		stream->of != 0 ? "tti" : "tt", from, s->end, stream->of);
	int found = q != NULL ? db_next(s->db, q, err) : -1;

	stream->word = found == 1 ? arena_strdup(s->rq->arena, db_text(q, 0)) : NULL;
	if (found == 1)
		sqlite3_reset(q);
	return found < 0 ? -1 : 0;
}

static void add_stream(struct search *s, enum sql next, int64_t of)
{
	s->streams[s->n++] = (struct stream){ .next = next, .of = of };
}

/* The first of the words at which the streams stand, NULL if all are through. */
static const char *first_word(const struct search *s)
{
	const char *first = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (s->streams[i].word != NULL &&
			(first == NULL || strcmp(s->streams[i].word, first) < 0))
			first = s->streams[i].word;
	return first;
}

static int answer_word(struct request *rq, const char *word, struct err *err)
{
	return request_row(rq, json_pack("{s:o}", "word", json_text(word)), err);
}

/* Whoever completes must not take what is shown for all that there is. */
static int say_cut(struct request *rq)
{
	return request_done(rq, "%zu rows" WIRE_CUT, rq->rows);
}

static int run(struct search *s, const char *prefix, struct err *err)
{
	struct arena *arena = s->rq->arena;
	const char *word, *from;

	/* U+10FFFF: no name has a character behind it */
	s->end = arena_printf(arena, "%s\xf4\x8f\xbf\xbf", prefix);
	for (size_t i = 0; i < s->n; i++)
		if (step(s, &s->streams[i], prefix, err) < 0)
			return -1;
	while ((word = first_word(s)) != NULL) {
		if (s->rq->rows == WORDS_MAX)
			return say_cut(s->rq);
		if (answer_word(s->rq, word, err) < 0)
			return -1;
		/* the least that stands behind it: no name has a control character */
		from = arena_printf(arena, "%s\x01", word);
		for (size_t i = 0; i < s->n; i++)
			if (s->streams[i].word != NULL &&
				strcmp(s->streams[i].word, word) == 0 &&
				step(s, &s->streams[i], from, err) < 0)
				return -1;
	}
	return 0;
}

static int complete_names(struct request *rq, enum sql next, int64_t of,
	const char *prefix, struct err *err)
{
	struct search s = { .rq = rq, .db = rq->db };

	add_stream(&s, next, of);
	return run(&s, prefix, err);
}

static int complete_group(struct request *rq, const char *prefix, struct err *err)
{
	return complete_names(rq, SQL_GROUP_NEXT, 0, prefix, err);
}

static int complete_policy(struct request *rq, const char *prefix, struct err *err)
{
	return complete_names(rq, SQL_POLICY_NEXT, 0, prefix, err);
}

static int complete_pool(struct request *rq, const char *prefix, struct err *err)
{
	return complete_names(rq, SQL_POOL_NEXT, 0, prefix, err);
}

static int complete_mta(struct request *rq, const char *prefix, struct err *err)
{
	return complete_names(rq, SQL_MTA_NEXT, 0, prefix, err);
}

static int complete_member(struct request *rq, const char *prefix, struct err *err)
{
	int64_t id;

	if (rq->nargs < 3)
		return err_set(err, "members of which group? (complete member '' GROUP)");
	if (named_must_find(rq->db, NAMED_GROUP, rq->args[2], &id, err) < 0)
		return -1;
	return complete_names(rq, SQL_MEMBER_NEXT, id, prefix, err);
}

static int complete_header(struct request *rq, const char *prefix, struct err *err)
{
	int64_t id;

	if (rq->nargs < 3)
		return err_set(
			err, "headers of which policy? (complete header '' POLICY)");
	if (request_policy(rq->db, rq->args[2], &id, err) < 0)
		return -1;
	return complete_names(rq, SQL_HEADER_NEXT, id, prefix, err);
}

/* The trail is that of the live database, as for objects. */
static int complete_user(struct request *rq, const char *prefix, struct err *err)
{
	struct search s = { .rq = rq, .db = rq->live };

	add_stream(&s, SQL_AUDIT_USER_NEXT, 0);
	return run(&s, prefix, err);
}

static int complete_change(struct request *rq, const char *prefix, struct err *err)
{
	struct db *db = rq->live;
	sqlite3_stmt *q =
		db_query(db, SQL_AUDIT_NEWEST, err, "ti", prefix, (int64_t)CHANGES_ASKED);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		if (rq->rows == CHANGES_MAX) {
			sqlite3_reset(q);
			return say_cut(rq);
		}
		if (answer_word(rq, db_text(q, 0), err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

static int complete_setting(struct request *rq, const char *prefix, struct err *err)
{
	for (int i = 0; i < SETTINGS; i++) {
		const char *name = setting_info((enum setting)i)->name;

		if (strncmp(name, prefix, strlen(prefix)) == 0 &&
			answer_word(rq, name, err) < 0)
			return -1;
	}
	return 0;
}

static int complete_report(struct request *rq, const char *prefix, struct err *err)
{
	for (size_t i = 0; i < nreports; i++)
		if (strncmp(reports[i].name, prefix, strlen(prefix)) == 0 &&
			answer_word(rq, reports[i].name, err) < 0)
			return -1;
	return 0;
}

/* Objects are in lower case.  They are those of the live database: what is staged has
 * none. */
static int complete_object(struct request *rq, const char *prefix, struct err *err)
{
	struct search s = { .rq = rq, .db = rq->live };
	char *folded = arena_strdup(rq->arena, prefix);
	sqlite3_stmt *q = db_query(s.db, SQL_LIMIT_IDS, err, "i", (int64_t)LIMITS_ASKED);
	int more = -1;

	str_fold(folded);
	add_stream(&s, SQL_FLAG_NEXT, 0);
	add_stream(&s, SQL_GRANT_NEXT, 0);
	add_stream(&s, SQL_REFUSAL_NEXT, 0);
	add_stream(&s, SQL_SEEN_NEXT, 0);
	while (q != NULL && (more = db_next(s.db, q, err)) == 1)
		add_stream(&s, SQL_BUCKET_NEXT, sqlite3_column_int64(q, 0));
	return more < 0 ? -1 : run(&s, folded, err);
}

static const struct {
	const char *name;
	int (*answer)(struct request *rq, const char *prefix, struct err *err);
} kinds[] = {
	{ "change", complete_change },
	{ "group", complete_group },
	{ "header", complete_header },
	{ "member", complete_member },
	{ "mta", complete_mta },
	{ "object", complete_object },
	{ "policy", complete_policy },
	{ "pool", complete_pool },
	{ "report", complete_report },
	{ "setting", complete_setting },
	{ "user", complete_user },
};

int do_complete(struct request *rq, struct err *err)
{
	char there[200] = "", shown[100];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, rq->args[0]) == 0)
			return kinds[i].answer(rq, rq->nargs > 1 ? rq->args[1] : "", err);
		str_append(
			there, sizeof(there), "%s%s", i > 0 ? ", " : "", kinds[i].name);
	}
	return err_set(err, "nothing is completed as \"%s\" (but %s)",
		str_escape(shown, sizeof(shown), rq->args[0]), there);
}
