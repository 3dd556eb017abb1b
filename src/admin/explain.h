/*
 * What explain says of SPF and of headers, for a message that is only asked about
 * (engine_ask()).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_EXPLAIN_H
#define THEMIS_ADMIN_EXPLAIN_H

#include "admin/request.h"

/* What SPF of the message came to, or why it did not come to anything: for a policy that
 * matches, and looks at it.  In the message's arena. */
const char *explain_spf(const struct message *m);

/* A row of that stage for each step of the check; none where there was none.  0, or -1
 * and err. */
int explain_trace(
	struct request *rq, const struct message *m, const char *at, struct err *err);

/* A row for each header that the message gets with that verdict, in the order in which
 * they would stand.  Likewise. */
int explain_headers(
	struct request *rq, struct message *m, struct verdict *v, struct err *err);

#endif
