/*
 * The command metrics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/metrics.h"

#include <stdlib.h>
#include <string.h>

int do_metrics(struct request *rq, struct err *err)
{
	size_t size;
	char *text = metrics_text(rq->admin, rq->live, METRICS_OPEN, &size), *rest = text,
	     *line;
	int rc = 0;

	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL && rest != NULL)
		rc = request_row(rq, json_pack("{s:s}", "line", line), err);
	free(text);
	return rc;
}
