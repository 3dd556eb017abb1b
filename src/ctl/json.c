/*
 * JSON of text.  Called by the control server, and for alerts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/json.h"

#include "base/str.h"

#include <string.h>

json_t *json_text(const char *text)
{
	char escaped[1000];

	if (text == NULL)
		return json_null();
	if (str_is_utf8(text, strlen(text)))
		return json_string(text);
	return json_string(str_escape(escaped, sizeof(escaped), text));
}
