/*
 * An alert as a mail, for a program that takes what sendmail takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_MAIL_H
#define THEMIS_NOTIFY_MAIL_H

#include "base/arena.h"

#include <stdint.h>

/* The header (RFC 5322) and the text of a mail to these addresses, in ASCII and with
 * commas between; lines end with "\n".  Automatic (RFC 3834), so that nobody answers. The
 * subject is UTF-8, and one line.  In the arena. */
const char *mail_write(struct arena *arena, const char *addresses, const char *subject,
	const char *text, int64_t now);

/* The words with which such a program is called: the sender is <>, so that what cannot be
 * delivered comes back to nobody.  In the arena, and ends with NULL. */
char **mail_command(struct arena *arena, const char *sendmail, const char *addresses);

#endif
