/*
 * What the page of `report html` is made of: the rows of reports, and when, where and for
 * which time they were asked for.  The page is well-formed XML, too, has no script, and
 * asks for nothing from elsewhere.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_REPORT_H
#define THEMIS_SHELL_REPORT_H

#include "base/arena.h"
#include "say.h"
#include "series.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum report_part {
	REPORT_TRAFFIC, /* the first one: the page needs it */
	REPORT_BEFORE,	/* the same of as much time before, to compare with */
	REPORT_WEEKDAYS,
	REPORT_TOP_OBJECTS,
	REPORT_REFUSED,
	REPORT_LIMITS,
	REPORT_MONITOR,
	REPORT_POLICIES,
	REPORT_TROUBLE,
	REPORT_SETTINGS, /* which say what is kept */
	REPORT_PARTS
};

/* The commands that they are asked for with. */
extern const char *const report_commands[REPORT_PARTS];

struct report {
	struct arena *arena;
	const char *host, *version;
	int64_t since, until, made; /* seconds since 1970 */
	const json_t *rows[REPORT_PARTS];
	const char *unasked[REPORT_PARTS]; /* why there are none; NULL: they were asked */
	struct say_need need;		   /* html_page() makes it, and: */
	struct series traffic;		   /* of the rows */
};

/* The whole page. */
void html_page(FILE *to, struct report *r);

/* Its style sheet, made of page.css. */
extern const char html_style[];

/* Its parts, a section each. */
void html_rates(FILE *to, const struct report *r);
void html_hours(FILE *to, const struct report *r);
void html_top_objects(FILE *to, const struct report *r);
void html_refused(FILE *to, const struct report *r);
void html_limits(FILE *to, const struct report *r);
void html_monitor(FILE *to, const struct report *r);
void html_policies(FILE *to, const struct report *r);
void html_trouble(FILE *to, const struct report *r);

/* The beginning of a part, with what it has found, and a sentence about what is seen
 * there (NULL: none); and its end. */
void html_part_begin(FILE *to, const char *id, const char *found, const char *what);
void html_part_end(FILE *to);

/* A table: its beginning, a call for each of its columns (class: of the style; "": none),
 * html_table_rows(), the rows, of which the first cell is a <th scope="row">, its end. */
void html_table_begin(FILE *to, const char *caption);
void html_table_column(FILE *to, const char *class, const char *name);
void html_table_rows(FILE *to);
void html_table_end(FILE *to);

/* In place of a chart: that there is nothing to show (said), or why it is not known. */
void html_nothing(
	FILE *to, const struct report *r, enum report_part part, const char *said);

/* Why nothing is known of some of the period, or of all of it, though there may have been
 * something: "not kept (setting stats_hour_days)", by the settings as they are now. NULL:
 * it is all kept.  The part is one of traffic, weekdays and trouble. */
const char *report_unkept(const struct report *r, enum report_part part);

/* What is said where a part has nothing: "`what` is not kept (...).", or `none`. */
const char *report_none(const struct report *r, enum report_part part, const char *what,
	const char *none);

/* Since when in the period that part is kept. */
int64_t report_kept_since(const struct report *r, enum report_part part);

/* What is said where traffic has counted what the history has not. */
#define REPORT_NOT_RECORDED                                                              \
	"Nothing was recorded of whose mail it was (the setting history says what is)."

/* Of a table, so many rows are shown at most; and what is said below it of the others of
 * n if that many are. */
#define REPORT_ROWS 20
void html_more(FILE *to, const struct report *r, size_t n, size_t shown);

/* Where that moment is in the period, in percent of its width, 0 to 100. */
double report_place(const struct report *r, int64_t at);

/* From when to when something was, or (ended 0) still is. */
const char *report_trouble_span(const struct report *r, int64_t begun, int64_t ended);

/* A strip of a chart over the period: when things were degraded, with words above it. */
void html_trouble_strip(FILE *to, const struct report *r, int y, int height);

/* That many of them are asked for, which is as many as there can be rows. */
#define REPORT_TROUBLES 1000

/* "3 h 5 min", and "once", or "12 times"; with "or more" where there may be others. */
const char *report_trouble_length(const struct report *r);
const char *report_trouble_times(const struct report *r);

/* How long things were degraded, overlaps counted once, in seconds of the period. */
int64_t report_trouble_seconds(const struct report *r);

/* Limits of which some counter is used to that many percent, 50, 80 or 100. */
size_t report_limits_at(const struct report *r, double percent);

/* Of a column of a part: the sum, and the greatest, which is never 0. */
double report_sum(const struct report *r, enum report_part part, const char *column);
double report_most(const struct report *r, enum report_part part, const char *column);

#endif
