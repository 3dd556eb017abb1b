/*
 * What the commands `top objects` and `top policies` have in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_TOP_H
#define THEMIS_ADMIN_TOP_H

#include "admin/request.h"

struct top {
	bool refused;  /* by=refused, else by=messages */
	uint64_t most; /* rows, at least 1 */
};

/* From by=... and top=...: 0, or -1 and err. */
int top_read(struct request *rq, struct top *top, struct err *err);

#endif
