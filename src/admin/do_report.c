/*
 * The command report: the queries of sql/report/, asked over the control socket.  The
 * reporter's, as a rule: what reads for too long is ended, since the log cannot start
 * again while somebody reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "base/clock.h"
#include "base/str.h"
#include "db/reader.h"
#include "db/report.h"

#include <string.h>

#define TOP_MAX	 1000
#define PATIENCE ((int64_t)60) /* seconds */
#define TAB	 "    "

_Static_assert(READER_PATIENCE_OWN / CLOCK_SECOND > PATIENCE,
	"no report is a trouble before it is ended");

int do_report_list(struct request *rq, struct err *err)
{
	for (size_t i = 0; i < nreports; i++) {
		const struct report *r = &reports[i];
		json_t *top = r->top > 0 ? json_integer(r->top) : json_null();

		if (request_row(rq,
			    json_pack("{s:s, s:s?, s:o, s:s}", "name", r->name, "since",
				    r->since, "top", top, "title", r->title),
			    err) < 0)
			return -1;
	}
	return 0;
}

/* A line of the file; a tab at its beginning is no character to show. */
static int show_line(struct request *rq, const char *line, size_t n, struct err *err)
{
	const char *indent = "";

	for (; n > 0 && *line == '\t'; line++, n--)
		indent = arena_printf(rq->arena, "%s" TAB, indent);
	return request_row(rq,
		json_pack("{s:s}", "line",
			arena_printf(rq->arena, "%s%.*s", indent, (int)n, line)),
		err);
}

int do_report_show(struct request *rq, struct err *err)
{
	const struct report *r = report_find(rq->args[0], err);
	const char *line = r != NULL ? r->sql : "";
	size_t n;

	for (; *line != '\0'; line += n + 1) {
		n = strcspn(line, "\n");
		if (show_line(rq, line, n, err) < 0)
			return -1;
	}
	return r != NULL ? 0 : -1;
}

struct period {
	char since[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX]; /* since "": as usual */
};

static int read_period(struct request *rq, struct period *period, struct err *err)
{
	int64_t now = clock_now(), since = 0, until = 0;

	if (request_moment(rq, "since", now, &since, err) < 0 ||
		request_moment(rq, "until", now, &until, err) < 0)
		return -1;
	/* its length would be the usual one, all of it to come */
	if (since == 0 && until > now + CLOCK_SECOND)
		return err_set(err, "until: %s is to come", request_pair(rq, "until"));
	if (since >= now)
		return err_set(err, "since: %s is to come", request_pair(rq, "since"));
	if (until > 0 && since >= until)
		return err_set(err, "since: %s is not before until: %s",
			request_pair(rq, "since"), request_pair(rq, "until"));
	/* by our own clock, from which that of the system may differ; and what has come
	 * in this second belongs to it */
	clock_format(period->until, until > 0 ? until : now + CLOCK_SECOND);
	period->since[0] = '\0';
	if (since > 0)
		clock_format(period->since, since);
	return 0;
}

/* NULL in *given: as many as usual. */
static int read_top(struct request *rq, int64_t *top, int64_t **given, struct err *err)
{
	const char *text = request_pair(rq, "top");
	char shown[160];
	uint64_t n;

	*given = NULL;
	if (text == NULL)
		return 0;
	if (str_to_u64(text, TOP_MAX, &n) < 0 || n == 0)
		return err_set(err, "top: not a number of rows: \"%s\" (1 to %d)",
			str_escape(shown, sizeof(shown), text), TOP_MAX);
	*top = (int64_t)n;
	*given = top;
	return 0;
}

/* That of a report is for tmsh: here rows are JSON. */
static int check_format(struct request *rq, struct err *err)
{
	const char *format = request_pair(rq, "format");

	return format == NULL || strcmp(format, "csv") == 0
		       ? 0
		       : request_refuse(rq, "format", format, err);
}

int do_report(struct request *rq, struct err *err)
{
	const struct report *r = report_find(rq->args[0], err);
	struct period period;
	int64_t top, *given;
	sqlite3_stmt *q;
	int rc;

	if (r == NULL || read_period(rq, &period, err) < 0 ||
		read_top(rq, &top, &given, err) < 0 || check_format(rq, err) < 0)
		return -1;
	q = report_query(rq->live, r, *period.since != '\0' ? period.since : NULL,
		period.until, given, err);
	if (q == NULL)
		return -1;
	db_hurry(rq->live, clock_monotonic() + PATIENCE * CLOCK_SECOND);
	rc = request_rows(rq, rq->live, q, err);
	if (rc < 0 && db_is_late(rq->live))
		err_code(err, ERR_FAILED,
			"report %s: not done within %d seconds, and as long as somebody "
			"reads the log grows: ask for a shorter time (since=), or ask a "
			"copy (backup) with sqlite3",
			r->name, (int)PATIENCE);
	db_hurry(rq->live, 0);
	sqlite3_finalize(q);
	return rc;
}
