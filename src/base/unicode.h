/*
 * One spelling for text beyond ASCII: what an internationalised address is compared
 * by (RFC 6531), with libunistring and libidn2 behind it.  Called by base/addr, and where
 * names are looked for that nobody has parsed.  The text is well-formed UTF-8, but where
 * it is said that any will do; the results are in the arena.  Pure; any thread.
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

/* The label that an A-label stands for; what is none may be NULL. */
char *unicode_label(struct arena *arena, const char *label);

/* Text of any octets, so that names in it can be compared octet by octet, for those who
 * forgive much.  Letters, marks and digits beyond ASCII are folded with all that is
 * compatible with them (NFKC; U+FB03 is "ffi"), full stops of theirs are dots, their
 * blanks spaces; what nobody sees is left out; any other character beyond ASCII, and an
 * octet that is none, is "~".  ASCII stays, in lower case.  At most six times as long;
 * takes time by the length. */
char *unicode_loosen(struct arena *arena, const char *text);

#endif
