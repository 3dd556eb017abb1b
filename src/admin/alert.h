/*
 * Alerts, as commands have to do with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_ALERT_H
#define THEMIS_ADMIN_ALERT_H

#include "admin/request.h"

/* May alert_program be that (a value that the setting takes)?  Its program has to be
 * there, and executable by the daemon, unless that is what is set already, or its words
 * were written before: a dump is to be good on another host, too.  Then *note says what
 * is wrong, behind "; ", else it is "".  It runs as the user of the daemon, so where that
 * is root nobody but root can set it.  0, or -1 and err. */
int alert_check_program(
	struct request *rq, const char *value, const char **note, struct err *err);

/* What is wrong with the program that takes mail of alerts, behind "; "; else "". */
const char *alert_note_on_mail(struct request *rq);

#endif
