/*
 * The control protocol: lines of text over a UNIX stream.
 *
 *	220 themisd 0.1.0 proto 1	once, when a client has connected
 *	150 {"name":"outbound",...}	a row: one JSON object
 *	120 {"done":3,"of":1000}	how far it is: only where the command has asked
 *					for that (progress=yes), from time to time
 *	2xx TEXT			done
 *	4xx TEXT			not now; nothing was changed
 *	5xx TEXT			refused; nothing was changed
 *
 * One 4xx means something else, and its words say so: changed and live, but not known
 * to be on the disk.
 *
 * A client sends one command a line and gets its rows and one closing line.
 * The codes of refusals are those of enum err_code (base/err.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CTL_WIRE_H
#define THEMIS_CTL_WIRE_H

#include <stdbool.h>

#define WIRE_PROTO     1
#define WIRE_LINE_MAX  8192	     /* octets of a command, its LF not counted */
#define WIRE_REPLY_MAX (1024 * 1024) /* octets of a line that a client must take */

enum wire_code {
	WIRE_PROGRESS = 120,
	WIRE_ROW = 150,
	WIRE_DONE = 200,
	WIRE_GREETING = 220,
	WIRE_BYE = 221
};

/* What the closing words of an answer end with where more could have been said. */
#define WIRE_CUT "; there are more"

/* Do they? */
bool wire_is_cut(const char *done);

/* Splits "200 text": the code, and *text behind it; -1 if it is no such line. */
int wire_parse(const char *line, const char **text);

/* Does the answer go on behind it? */
static inline bool wire_goes_on(int code)
{
	return code / 100 == 1;
}

#endif
