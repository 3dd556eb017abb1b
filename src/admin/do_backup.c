/*
 * The command backup, on the reporter's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "db/copy.h"

int do_backup(struct request *rq, struct err *err)
{
	const char *path = rq->args[0];
	int64_t began = clock_now(), octets;
	char size[OCTETS_TEXT_MAX];
	struct episode_seen seen;
	double seconds;

	if (db_copy(rq->live, path, &octets, err) < 0) {
		/* its client may have gone */
		log_warning("%s: %s: %s", rq->user, rq->line, err->text);
		return -1;
	}
	seconds = (double)(clock_now() - began) / (double)CLOCK_SECOND;
	octets_say(size, (uint64_t)octets);
	log_info("%s: %s (%s in %.1f s)", rq->user, rq->line, size, seconds);
	if (request_write_down(rq, NULL, err) < 0)
		return err_prefix(err, "the copy is made, but not in the audit");
	return request_done(rq, "copied to %.300s: %s in %.1f s%s", path, size, seconds,
		!episode_look(EPISODE_FILE, &seen)
			? ""
			: "; the database itself was moved or removed, and what comes "
			  "from now on is lost when themisd ends: put it back, or this "
			  "copy in its place (themisd(8), FAILURE)");
}
