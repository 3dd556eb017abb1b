/*
 * Answers of the policy protocol.  Called by the policy service, on its thread; pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/action.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

/* What Postfix does with 450 4.7.1: its own access_map_defer_code, if nothing behind us
 * refuses the mail for good, which it then need not be sent for again. */
static const char *refusal(char what[16], const struct verdict *v)
{
	if (strcmp(v->code, "450") == 0)
		return "DEFER_IF_PERMIT";
	snprintf(what, 16, "%s", v->code);
	return what;
}

size_t action_write(char out[ACTION_TEXT_MAX], const struct verdict *v)
{
	char line[REPLY_TEXT_MAX + 1], what[16];
	int n;

	if (v->text != NULL)
		n = snprintf(out, ACTION_TEXT_MAX, "action=%s %s %s\n\n",
			refusal(what, v), v->enhanced,
			str_printable(line, sizeof(line), v->text));
	else if (v->kind == VERDICT_HOLD || v->kind == VERDICT_DISCARD)
		n = snprintf(out, ACTION_TEXT_MAX, "action=%s %s\n\n",
			v->kind == VERDICT_HOLD ? "HOLD" : "DISCARD",
			str_printable(line, sizeof(line), v->reason));
	else
		n = snprintf(out, ACTION_TEXT_MAX, "action=DUNNO\n\n");
	return (size_t)n;
}
