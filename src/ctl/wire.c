/*
 * Reading the lines of the control protocol.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/wire.h"

#include <string.h>

bool wire_is_cut(const char *done)
{
	size_t n = strlen(done), cut = strlen(WIRE_CUT);

	return n >= cut && strcmp(done + n - cut, WIRE_CUT) == 0;
}

int wire_parse(const char *line, const char **text)
{
	if (strspn(line, "0123456789") != 3 || (line[3] != ' ' && line[3] != '\0'))
		return -1;
	*text = line[3] == ' ' ? line + 4 : line + 3;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}
