/*
 * Reading for a replay.  On the thread that the connection belongs to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/replay_read.h"

#include "spf/spf.h"

#include <string.h>

/* Columns of SQL_REPLAY_ROWS. */
enum {
	COLUMN_ID,
	COLUMN_TIME,
	COLUMN_VERDICT,
	COLUMN_POLICY,
	COLUMN_LOGIN,
	COLUMN_SENDER,
	COLUMN_CLIENT,
	COLUMN_MTA,
	COLUMN_RECIPIENTS,
	COLUMN_SIZE,
	COLUMN_SPF
};

/* Some hundredths of a second at most. */
#define SLICE 200

static int begin_slice(struct replay_reader *r, struct err *err)
{
	r->begun = false;
	r->rows = db_query(r->db, SQL_REPLAY_ROWS, err, "iiiii", r->time, r->id, r->until,
		r->last, (int64_t)SLICE);
	return r->rows != NULL ? 0 : -1;
}

/* The ids of the first row and the last; 0: there are none. */
static int read_ends(struct db *db, int64_t *first, int64_t *last, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_HISTORY_ENDS, err, "");

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	*first = sqlite3_column_int64(q, 0);
	*last = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 0;
}

/* Of that moment; whatever goes from now on before it is read is missed at the end. */
static int count_rows(struct replay_reader *r, struct err *err)
{
	sqlite3_stmt *q =
		db_query(r->db, SQL_REPLAY_COUNT, err, "iii", r->time, r->until, r->last);

	if (q == NULL || db_next(r->db, q, err) != 1)
		return -1;
	r->left = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return 0;
}

int replay_read_begin(struct replay_reader *r, struct db *db, const char *policy,
	bool recipients, int64_t from, int64_t until, struct err *err)
{
	*r = (struct replay_reader){ .db = db,
		.policy = policy,
		.recipients = recipients,
		.until = until,
		.time = from,
		.id = -1,
		.arena = arena_new() };
	int64_t first;

	if (read_ends(db, &first, &r->last, err) < 0 || count_rows(r, err) < 0)
		return -1;
	return begin_slice(r, err);
}

void replay_read_end(struct replay_reader *r)
{
	if (r->rows != NULL)
		sqlite3_reset(r->rows);
	arena_free(r->arena);
}

static const char *text_of(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

static bool is_policy(const struct replay_reader *r, const char *name)
{
	return name != NULL && r->policy != NULL && strcmp(name, r->policy) == 0;
}

static enum verdict_kind verdict_of(const char *name)
{
	int v = 0;

	while (v < VERDICT_ERROR && strcmp(name, verdict_name((enum verdict_kind)v)) != 0)
		v++;
	return (enum verdict_kind)v;
}

static void read_row(
	const struct replay_reader *r, sqlite3_stmt *q, struct replay_row *row)
{
	const char *policy = text_of(q, COLUMN_POLICY), *spf = text_of(q, COLUMN_SPF);

	*row = (struct replay_row){ .time = sqlite3_column_int64(q, COLUMN_TIME),
		.verdict = verdict_of(db_text(q, COLUMN_VERDICT)),
		.by_policy = is_policy(r, policy),
		.by_hand = policy == NULL,
		.login = text_of(q, COLUMN_LOGIN),
		.sender = text_of(q, COLUMN_SENDER),
		.client = text_of(q, COLUMN_CLIENT),
		.mta = text_of(q, COLUMN_MTA),
		.accepted = (uint64_t)sqlite3_column_int64(q, COLUMN_RECIPIENTS),
		.size = (uint64_t)sqlite3_column_int64(q, COLUMN_SIZE),
		.spf = spf != NULL ? spf_result_find(spf) : -1 };
}

/* Of somebody whom another one has refused: was he taken out?  Then the word that the
 * message has, if it is the same one's, is not on all of it. */
static void add_other(struct replay_reader *r, sqlite3_stmt *q)
{
	const char *by = text_of(q, 2), *word = text_of(r->rows, COLUMN_POLICY);
	bool same = by != NULL && word != NULL && strcmp(word, by) == 0 &&
		    strcmp(db_text(r->rows, COLUMN_VERDICT),
			    verdict_name(VERDICT_DISCARD)) == 0;

	r->goes_on |= same;
	if (!same && sqlite3_column_int(q, 3) == 0)
		return;
	r->taken = arena_grow(
		r->arena, r->taken, r->ntaken, &r->taken_cap, sizeof(*r->taken));
	r->taken[r->ntaken++] = arena_strdup(r->arena, db_text(q, 0));
}

/* All but those that another policy has refused, or taken out of the message. */
static int read_recipients(struct replay_reader *r, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, SQL_REPLAY_RECIPIENTS, err, "i", r->id);
	int more = -1;

	while (q != NULL && (more = db_next(r->db, q, err)) == 1) {
		bool refused = sqlite3_column_int(q, 1) != 0,
		     ours = refused && is_policy(r, text_of(q, 2));

		if (refused && !ours) {
			add_other(r, q);
			continue;
		}
		r->list = arena_grow(r->arena, r->list, r->n, &r->cap, sizeof(*r->list));
		r->list[r->n++] =
			(struct replay_recipient){ arena_strdup(r->arena, db_text(q, 0)),
				ours };
	}
	return more;
}

static int add_recipients(
	struct replay_reader *r, struct replay_row *row, struct err *err)
{
	if (r->n > 0 || r->ntaken > 0) {
		arena_free(r->arena);
		r->arena = arena_new();
	}
	r->list = NULL;
	r->n = r->cap = 0;
	r->taken = NULL;
	r->ntaken = r->taken_cap = 0;
	r->goes_on = false;
	if (read_recipients(r, err) < 0)
		return -1;
	row->recipients = r->list;
	row->nrecipients = r->n;
	row->taken = r->taken;
	row->ntaken = r->ntaken;
	if (r->goes_on)
		row->verdict = VERDICT_ACCEPT;
	return 0;
}

static int lose(struct err *err)
{
	return err_code(err, ERR_FAILED,
		"rows of the history have gone before they were read (history_days, "
		"history_rows): try again, with a later since=");
}

/* Rows go in the order of their ids, which have no gaps but those that are left then.
 * Where the clock was set back they are read in another order, and that does not find
 * all: the number of them does, but only at the end. */
static int check_lost(const struct replay_reader *r, struct err *err)
{
	int64_t first, last;

	if (r->highest == 0 || r->highest == r->last)
		return 0;
	if (read_ends(r->db, &first, &last, err) < 0)
		return -1;
	return first != 0 && first <= r->highest + 1 ? 0 : lose(err);
}

/* 1: a row is there; 0: there is none any more; -1 and err. */
static int step(struct replay_reader *r, struct err *err)
{
	int more = db_next(r->db, r->rows, err);

	if (more == 0 && r->begun)
		more = begin_slice(r, err) < 0 ? -1 : db_next(r->db, r->rows, err);
	if (more < 0 || r->begun)
		return more;
	/* of this moment, as long as there is a row in hand */
	return check_lost(r, err) < 0 ? -1 : more;
}

int replay_read_next(struct replay_reader *r, struct replay_row *row, struct err *err)
{
	int more = step(r, err);

	if (more != 1)
		return more == 0 && r->left > 0 ? lose(err) : more;
	r->begun = true;
	r->left--;
	r->id = sqlite3_column_int64(r->rows, COLUMN_ID);
	r->time = sqlite3_column_int64(r->rows, COLUMN_TIME);
	r->highest = r->id > r->highest ? r->id : r->highest;
	read_row(r, r->rows, row);
	/* what another one has refused may have been refused by it, too */
	if (!r->recipients &&
		(row->by_policy || row->by_hand || !verdict_stops(row->verdict)))
		return 1;
	return add_recipients(r, row, err) < 0 ? -1 : 1;
}
