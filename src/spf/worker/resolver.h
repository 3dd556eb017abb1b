/*
 * Where the worker's answers of DNS come from: libunbound (dns.h), or what a test puts in
 * its place.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_RESOLVER_H
#define THEMIS_SPF_WORKER_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

enum dns_status {
	DNS_FOUND,
	DNS_NO_DATA,	/* the name is there, without such a record */
	DNS_NO_NAME,	/* NXDOMAIN */
	DNS_FAILED,	/* SERVFAIL, a lame or dead server, nonsense */
	DNS_TIME_IS_UP, /* the deadline of the check has come */
};

/* One resource record's data, uncompressed (RFC 1035 3.3). */
struct dns_datum {
	const unsigned char *octets;
	size_t len;
};

struct dns_answer {
	enum dns_status status;
	const struct dns_datum *data; /* of the asked type alone, behind any CNAME */
	size_t n;
	unsigned ttl; /* seconds */
};

struct resolver {
	/* name: presentation form without escapes and final dot, checked by the caller to
	 * be of 1 to 63 octets a label and 253 in all; type: of RFC 1035 or 3596.
	 * of_client: about the client's names (RFC 7208, 5.5), whose DNS is his, and
	 * where a failure is no match: all of these have a part of the check's time
	 * together, beyond which they are DNS_FAILED.  The answer lives until the next
	 * query.  Never fails otherwise than by status. */
	struct dns_answer (*query)(
		struct resolver *, const char *name, int type, bool of_client);
};

#endif
