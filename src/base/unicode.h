/*
 * One spelling for text beyond ASCII: what an internationalised address is compared
 * by (RFC 6531), with libunistring and libidn2 behind it.  Called by base/addr, and where
 * names are looked for that nobody has parsed.  The text is well-formed UTF-8, the
 * results are in the arena.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_UNICODE_H
#define THEMIS_BASE_UNICODE_H

#include "base/arena.h"

/* Full case folding and NFC, of no language in particular.  Folding the result
 * changes nothing; NULL if there is no such result. */
char *unicode_fold(struct arena *arena, const char *text);

/* The domain in ASCII and lower case: each label with more than ASCII is its A-label
 * (UTS #46, non-transitional), the others stay, those that begin with xn-- too.  NULL
 * if IDNA does not allow a label.  The mapping can bring dots (U+3002), an @ (U+FF20)
 * and a blank (U+00A0), or leave a label empty (U+00AD): check what comes out.  Dots
 * that it brought to the end are dropped. */
char *unicode_domain(struct arena *arena, const char *domain);

#endif
