/*
 * IP addresses and prefixes, and a trie of prefixes that answers "which of
 * these networks hold this address?".  IPv4-mapped IPv6 addresses
 * (RFC 4291, 2.5.5.2) are folded to IPv4; the two families never match each
 * other.  Building a trie is for one thread; a finished one is read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_CIDR_H
#define THEMIS_BASE_CIDR_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/socket.h>

#define CIDR_TEXT_MAX 64

struct cidr {
	unsigned char addr[16]; /* network order; IPv4 in the first four octets */
	unsigned char family;	/* 4 or 6; 0: no address */
	unsigned char bits;	/* 0 to 32, or 0 to 128 */
};

/* Reads "192.0.2.7", "192.0.2.0/24", "2001:db8::/32", also with an "IPv6:"
 * tag (RFC 5321, 4.1.3).  A prefix with bits set behind its length is refused,
 * and the refusal names the prefix that was likely meant. */
int cidr_parse(const char *text, struct cidr *out, struct err *err);

/* One whole address, neither a network nor none? */
bool cidr_is_address(const struct cidr *c);

/* Takes the client address that an MTA tells: family 0 for "" and "unknown".  What is
 * not one address changes nothing. */
void cidr_take_client(struct cidr *c, const char *text);

/* A port as an MTA tells it; 0: it does not (NULL, "", "unknown", "0"). */
unsigned cidr_port(const char *text);

/* From a socket address; false (and family 0) if it is not an IP address. */
bool cidr_from_sockaddr(const struct sockaddr *sa, struct cidr *out);

/* Shortens a prefix to at most bits, clearing what is behind. */
void cidr_truncate(struct cidr *c, unsigned bits);

/* "192.0.2.7" for a whole address, "192.0.2.0/24" for a prefix.  Returns buf. */
char *cidr_format(char buf[CIDR_TEXT_MAX], const struct cidr *c);

/* Is inner (an address or a prefix) within outer? */
bool cidr_contains(const struct cidr *outer, const struct cidr *inner);

struct cidr_trie;

struct cidr_trie *cidr_trie_new(void);
/* Shares with t what neither of them changes from then on; t must not change while it is
 * copied. */
struct cidr_trie *cidr_trie_copy(const struct cidr_trie *t);
void cidr_trie_free(struct cidr_trie *t); /* NULL is fine */

/* A prefix more; one that is there stays as it is. */
void cidr_trie_add(struct cidr_trie *t, const struct cidr *prefix);

/* Calls fn with every prefix that holds the address, the shortest first. */
void cidr_trie_match(const struct cidr_trie *t, const struct cidr *addr,
	void (*fn)(void *arg, const struct cidr *prefix), void *arg);

#endif
