/*
 * Does one mechanism match?  libspf2's word, over a DNS layer of ours.  It sees one term
 * at a time, its macros expanded, which keeps it from all that it gets wrong: limits,
 * recursion, the order of modifiers, explanations, other people's octets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_MATCH_H
#define THEMIS_SPF_WORKER_MATCH_H

#include "spf/worker/lookup.h"
#include "spf/worker/record.h"

enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_TEMPERROR,
	MATCH_PERMERROR,
};

struct matcher;

/* For one check, on one thread; lookup and client outlive it. */
struct matcher *match_new(struct lookup *lookup, const struct cidr *client);
void match_free(struct matcher *m); /* NULL is fine */

/* t: a mechanism other than include.  domain: what it is about, its macros expanded; for
 * ip4, ip6 and all it is not looked at.  err is filled with both errors.  Whether the
 * check has become late or had too many void lookups is lookup's to tell. */
enum match match_term(
	struct matcher *m, const struct term *t, const char *domain, struct err *err);

#endif
