/*
 * Envelope addresses: the one strict parser for what follows MAIL FROM and
 * RCPT TO (RFC 5321 4.1.2, RFC 6531 3.3), for members of groups and for the
 * names of objects.  Equal addresses have equal texts.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_ADDR_H
#define THEMIS_BASE_ADDR_H

#include "base/arena.h"

/* As they came, and in their canonical form.  RFC 5321 4.5.3.1 has 255 octets of domain;
 * of its 64 of local part it says not to insist, and mailing lists and forwarders (VERP,
 * SRS) do not: their senders must not all be one. */
#define ADDR_LOCAL_MAX	255
#define ADDR_DOMAIN_MAX 255

enum addr_kind {
	ADDR_MAILBOX, /* text is local@domain, domain points behind the @ */
	ADDR_NULL,    /* the null reverse-path <>; text is "<>" */
	ADDR_LOCAL,   /* a local part alone; text is it */
	ADDR_INVALID, /* does not parse; text is "<invalid>" */
};

struct addr {
	enum addr_kind kind;
	/* Canonical, and parses to itself: the local part folded by Unicode, quoted only
	 * where it must be; the domain in ASCII and lower case, A-labels for U-labels. */
	const char *text;
	/* NULL where there is none; the octet before it is an @.  An invalid address can
	 * have one, too: what an MTA may take for its domain. */
	const char *domain;
};

/* Parses path, with or without angle brackets; a source route is dropped
 * (RFC 5321 C).  The canonical text is in the arena.  An address that does not
 * parse is a value too (ADDR_INVALID), never an error. */
struct addr addr_parse(struct arena *arena, const char *path);

/* A local part gets "@" + domain, which is in its canonical form (addr_domain());
 * everything else stays.  domain NULL: it stays too. */
struct addr addr_complete(struct arena *arena, struct addr a, const char *domain);

/* The canonical form, in the arena, of a domain or an address literal (RFC 5321 4.1.2,
 * U-labels too); NULL if it is neither. */
const char *addr_domain(struct arena *arena, const char *domain);

#endif
