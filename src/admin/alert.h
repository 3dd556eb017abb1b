/*
 * Alerts, as commands have to do with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_ALERT_H
#define THEMIS_ADMIN_ALERT_H

#include "admin/request.h"

/* May alert_program be that (a value that the setting takes)?  Its program has to be
 * there, and executable by the daemon; it runs as the user of the daemon, so where that
 * is root nobody but root can set it.  0, or -1 and err. */
int alert_check_program(struct request *rq, const char *value, struct err *err);

#endif
