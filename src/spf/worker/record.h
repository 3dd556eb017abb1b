/*
 * The text of a record, as terms: the grammar of RFC 7208, 12.  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_RECORD_H
#define THEMIS_SPF_WORKER_RECORD_H

#include "base/arena.h"
#include "base/cidr.h"
#include "base/err.h"
#include "spf/spf.h"

#include <stdbool.h>
#include <stddef.h>

enum term_kind {
	TERM_ALL,
	TERM_INCLUDE,
	TERM_A,
	TERM_MX,
	TERM_PTR,
	TERM_IP4,
	TERM_IP6,
	TERM_EXISTS,
	TERM_MECHANISMS, /* the modifiers are behind it */
	TERM_REDIRECT = TERM_MECHANISMS,
	TERM_EXP,
	TERM_UNKNOWN, /* a modifier that means nothing to us (6) */
	TERM_KINDS
};

struct term {
	enum term_kind kind;
	enum spf_result qualifier; /* what it says if it matches */
	const char *text;	   /* as in the record: "-a:%{d}/24" */
	const char *shown;	   /* the same escaped, and cut if it is very long */
	const char *domain;	   /* its domain-spec, macros and all; "": none */
	struct cidr network;	   /* of ip4 and ip6; not truncated to its length */
	unsigned bits4, bits6;	   /* prefix lengths of a and mx; 32 and 128 if none */
};

struct record {
	const struct term *mechanisms; /* in their order */
	size_t n;
	const struct term *redirect; /* NULL: none */
};

/* "a", "include", ... */
const char *term_kind_name(enum term_kind kind);

/* Does it cause queries, and so count against the limit of 4.6.4? */
bool term_kind_asks(enum term_kind kind);

/* Does a TXT record's text begin with the version that makes it ours (4.5)? */
bool record_is_spf(const char *text, size_t len);

/* Parses what record_is_spf() says yes to; the record lives in the arena.  -1 if it has
 * any syntax error in any place (4.6), and err names the term. */
int record_parse(struct arena *arena, const char *text, size_t len, struct record *out,
	struct err *err);

#endif
