/*
 * Macros of RFC 7208, 7: their syntax, and what they expand to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_MACRO_H
#define THEMIS_SPF_WORKER_MACRO_H

#include "base/arena.h"
#include "base/cidr.h"

#include <stdbool.h>
#include <stddef.h>

/* Octets of a name, without the final dot (RFC 1035, 2.3.4; RFC 7208, 7.3). */
#define MACRO_DOMAIN_MAX 253

/* What they expand to.  Texts are never NULL. */
struct macro_facts {
	const char *sender; /* %{s}: "user@example.org" */
	const char *local;  /* %{l}: its local part */
	const char *origin; /* %{o}: its domain */
	const char *domain; /* %{d}: whose record it is */
	const char *helo;   /* %{h} */
	const struct cidr *client;
	/* %{p}: the client's validated name for the domain, or "unknown"; asks DNS.  The
	 * answer lives in the arena of the expansion, or longer. */
	const char *(*validated)(void *arg, const char *domain);
	void *arg;
};

/* Is it a macro-string (7.1)?  c, r and t are letters of explanations alone (7.2), which
 * no record holds. */
bool macro_is_string(const char *text, size_t len);

/* Is it a domain-spec (7.1): a macro-string that ends in a top-level domain or a macro?
 */
bool macro_is_domain_spec(const char *text, size_t len);

/* Does it hold the sender's local part, %{s} or %{l}? */
bool macro_has_local(const char *spec);

/* The domain that a domain-spec expands to, in the arena: without its final dot, and cut
 * from the left, label by label, to MACRO_DOMAIN_MAX octets.  It need not be a name that
 * DNS can hold. */
const char *macro_expand(
	struct arena *arena, const char *spec, const struct macro_facts *facts);

#endif
