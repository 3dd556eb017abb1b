/*
 * Lines that were typed at the prompt: in readline's history, and from one session to the
 * next in the user's state directory (XDG_STATE_HOME), in a file that only he can read.
 * Shells that run side by side share it: a line is in it once it was typed, and nobody's
 * is lost.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TYPED_H
#define THEMIS_SHELL_TYPED_H

/* Reads what was typed before.  Without a place for the file, or while another program
 * holds it locked (which is waited for once, for a second), lines are kept for this
 * session alone. */
void typed_begin(void);

/* One line, without a line end. */
void typed_add(const char *line);

/* Shortens the file to as many lines as are kept. */
void typed_end(void);

#endif
