/*
 * Figures for Prometheus and what reads its formats: one table of metrics, as text.  No
 * object's name is ever in it: there may be millions, and who sends how much is nobody's
 * business who may read metrics.  Policies are named, the busiest ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_METRICS_H
#define THEMIS_ADMIN_METRICS_H

#include "admin/request.h"

#include <stdio.h>

/* Policies that are named, of those that any message has matched: those with the most. */
#define METRICS_POLICIES_MAX 500

enum metrics_form {
	/* OpenMetrics 1.0, ended by # EOF.  There the TYPE and HELP of a counter name it
	 * without its _total, which promtool, a reader of the other form, takes for
	 * another metric.  So counters have a HELP by their full name and no TYPE, which
	 * is allowed (unknown), and both readers take the same text. */
	METRICS_OPEN,
	/* the text format of Prometheus, version 0.0.4, in which counters are declared */
	METRICS_PROMETHEUS,
};

/* All of it as text, the caller's to free(), and its octets.  From memory, the sizes of
 * two files, and three looks at the database (db: a reader of the caller's thread) that
 * need no more than an end of a table; what cannot be read is left out.  Any thread. */
char *metrics_text(
	const struct admin *admin, struct db *db, enum metrics_form form, size_t *size);

/* The value of a label, escaped as both forms have it. */
void metrics_put_value(FILE *to, const char *value);

#endif
