/*
 * The command dump.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/model.h"
#include "admin/request.h"
#include "base/clock.h"
#include "ctl/words.h"

static int emit_row(void *arg, char *const *words, size_t n, struct err *err)
{
	struct request *rq = arg;
	struct arena *arena = arena_new();
	json_t *row = json_pack("{s:s}", "command", words_join(arena, words, n));

	arena_free(arena);
	return request_row(rq, row, err);
}

int do_dump(struct request *rq, struct err *err)
{
	/* one moment for all of it; a transaction of the client is one already */
	bool begins = !db_in_transaction(rq->db);
	int rc;

	if (begins && db_exec(rq->db, "BEGIN", err) < 0)
		return -1;
	rc = model_dump(rq->db, clock_now(), emit_row, rq, err);
	if (begins)
		db_exec(rq->db, "ROLLBACK", NULL); /* it has only looked */
	return rc;
}
