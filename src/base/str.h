/*
 * Small work on text: numbers, UTF-8, escaping, case, keyed hashing.  Pure
 * functions for every floor and every thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_STR_H
#define THEMIS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a whole text of decimal digits, nothing before or after them.  Returns
 * 0, or -1 if it is something else or more than max. */
int str_to_u64(const char *text, uint64_t max, uint64_t *out);

/* "yes", "true", "on", "1" and their opposites, in any case; 0 or -1. */
int str_to_bool(const char *text, bool *out);

/* The place of text among n names, -1 if it is none of them. */
int str_choose(const char *text, const char *const *names, size_t n);

/* Is the word (len octets) this name, or the old one?  old "": there is none. */
bool str_is_named(const char *word, size_t len, const char *name, const char *old);

/* Well-formed UTF-8 by RFC 3629: no overlong forms, no surrogates. */
bool str_is_utf8(const char *s, size_t len);

/* No octet above 127. */
bool str_is_ascii(const char *s, size_t len);

/* The number of characters (code points) of well-formed UTF-8. */
size_t str_utf8_length(const char *s);

/* Cuts s to at most max octets, never inside a UTF-8 character. */
void str_utf8_cut(char *s, size_t max);

/* Any octet below space, DEL, or, in UTF-8, a C1 control, one that breaks a line or turns
 * its direction (U+2028, and Unicode's Bidi_Control), a tag, which nobody sees (U+E0000
 * to U+E007F), or a noncharacter (U+FFFF). */
bool str_has_control(const char *s);

/* Copies src so that the result is one line of well-formed UTF-8 without
 * control characters: what is not is written \xHH, a backslash \\.  What does
 * not fit into size octets (with the NUL) is cut and ends in "...".  Returns
 * dst. */
char *str_escape(char *dst, size_t size, const char *src);

/* The same for text that may hold escaped pieces already: a backslash stays. */
char *str_printable(char *dst, size_t size, const char *src);

/* Formats behind what buf holds already; what does not fit is cut. */
void str_append(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ASCII letters to lower case, in place; other octets stay. */
void str_fold(char *s);

/* SipHash-1-3 of len octets under a key drawn at random when the process
 * starts: names come from strangers, who must not be able to choose them so
 * that they collide. */
uint64_t str_hash(const void *data, size_t len);

/* The same with a key given, for the test against the published vectors. */
uint64_t str_hash_keyed(const void *data, size_t len, uint64_t k0, uint64_t k1);

#endif
