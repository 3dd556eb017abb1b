/*
 * What a session asks of the MTA: all actions and macros, since they cost nothing, and no
 * step that no policy needs, since each costs more than all our work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_NEGOTIATE_H
#define THEMIS_FRONT_NEGOTIATE_H

#include <libmilter/mfapi.h>
#include <stdbool.h>

/* What came of it. */
struct negotiated {
	unsigned steps;	 /* enum step: what the engine will see, and can answer */
	bool shows_mail; /* else a message begins at its end */
	/* where false, the MTA waits for no answer, and must get none */
	bool answers_connect, answers_helo, answers_mail, answers_rcpt, answers_header,
		answers_body;
	unsigned long want; /* SMFIP_..., for libmilter */
};

/* needs: enum step.  told: macros tell of client, sender and login at the end of a
 * message.  offered: SMFIP_... that the MTA can leave out, or not wait for. */
struct negotiated negotiate_steps(unsigned needs, bool told, unsigned long offered);

/* Asks for the macros that tell as much as the steps would.  late: also for the MTA's
 * name at the end of a message, of an MTA that does not tell it before.  False: the MTA
 * takes no such wishes, or libmilter does not. */
bool negotiate_macros(SMFICTX *ctx, unsigned long actions, bool late);

#endif
