/*
 * Questions to DNS, as a check asks them: counted, traced, and their answers read with
 * every length held against what is there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_LOOKUP_H
#define THEMIS_SPF_WORKER_LOOKUP_H

#include "base/arena.h"
#include "base/cidr.h"
#include "spf/spf.h"
#include "spf/worker/resolver.h"
#include "spf/worker/trace.h"

/* Types of records (RFC 1035, 3.2.2, and 3596). */
enum lookup_type {
	LOOKUP_A = 1,
	LOOKUP_PTR = 12,
	LOOKUP_MX = 15,
	LOOKUP_TXT = 16,
	LOOKUP_AAAA = 28,
};

#define LOOKUP_NAME_SIZE (SPF_NAME_MAX + 1) /* with its NUL */

/* RFC 7208, 4.6.4 */
#define LOOKUP_VOIDS_MAX 2
#define LOOKUP_PTR_MAX	 10

struct lookup {
	struct resolver *resolver;
	struct trace *trace;
	unsigned queries;
	unsigned voids; /* terms with a void lookup; one over the limit ends the check */
	bool would_count; /* the term that asks has had no void lookup yet */
	unsigned ttl;	  /* the least of all answers; the caller begins it */
	bool late;	  /* the deadline has come */
	bool of_client;	  /* what is asked now is about the client's names (5.5) */
};

/* What is asked from here on is asked by another term.  Any void lookup (an answer
 * without a record, or without the name) makes it one of the terms that 4.6.4 limits, and
 * further ones of the same term change nothing.  Before the first term none counts. */
void lookup_begin_term(struct lookup *l);

/* Asks.  A name that DNS cannot hold has no records, and is not asked for; nor is
 * anything once the check is late or has had too many terms with void lookups.  The
 * answer lives until the next question. */
struct dns_answer lookup_ask(struct lookup *l, const char *name, enum lookup_type type);

/* Has it had too many terms with void lookups? */
bool lookup_is_over(const struct lookup *l);

/* The domain name behind so many octets of rdata; false if there is none that a host can
 * have: the root, one with odd octets, nonsense. */
bool lookup_name(const struct dns_datum *d, size_t behind, char name[LOOKUP_NAME_SIZE]);

/* The address, whole; false if it is none. */
bool lookup_address(
	const struct dns_datum *d, enum lookup_type type, struct cidr *address);

/* The joined strings of a TXT record, *len octets with a NUL behind them, in the arena;
 * NULL if their lengths are nonsense. */
char *lookup_text(struct arena *arena, const struct dns_datum *d, size_t *len);

/* The exchange's name is behind its preference (RFC 1035, 3.3.9). */
#define LOOKUP_MX_NAME 2

/* Which type holds addresses like this one, and under which name its own names are. */
enum lookup_type lookup_type_of(const struct cidr *address);
void lookup_reverse_name(const struct cidr *address, char name[LOOKUP_NAME_SIZE]);

#endif
