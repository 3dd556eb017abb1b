/*
 * A question about the sender policy of a domain (RFC 7208), and its answer: what the
 * daemon, the program themis-spf and the commands speak of.  Values; on any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_SPF_H
#define THEMIS_SPF_SPF_H

#include "base/arena.h"
#include "base/cidr.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 7208 2.6 */
enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_RESULTS
};

const char *spf_result_name(enum spf_result r);

/* The result of that name, or -1. */
int spf_result_find(const char *name);

/* Seconds for which an answer holds at most. */
#define SPF_TTL_MAX 3600

/* Texts longer than that are cut by who asks: no part of SMTP is. */
#define SPF_TEXT_MAX 512
/* Lines of a trace, and octets of each; what is beyond is left out, and said so. */
#define SPF_TRACE_MAX	   200
#define SPF_TRACE_LINE_MAX 512

struct spf_question {
	struct cidr client; /* a whole address, IPv4-mapped ones folded */
	const char *sender; /* "user@example.org" as in MAIL FROM; "": the null sender */
	const char *helo;   /* as in HELO or EHLO; "": none was said */
	bool trace;	    /* every step is to be told */
};

#define SPF_NAME_MAX  253 /* octets of a name as text, without its final dot */
#define SPF_LABEL_MAX 63  /* and of each of its labels */

/* Can DNS hold it? */
bool spf_is_name(const char *name);

/* Can it have a sender policy?  A name of two labels or more (4.3). */
bool spf_is_domain(const char *name);

/* A domain as it is looked up and shown: A-labels for U-labels, no final dot. */
const char *spf_clean_domain(struct arena *arena, const char *domain);

/* Whose policy is asked for: the sender's domain or, where the sender is null, that of
 * HELO (2.4); as it was said, or clean.  It need be no domain. */
const char *spf_question_name(const struct spf_question *q);
const char *spf_question_domain(struct arena *arena, const struct spf_question *q);

/* Texts are never NULL: "" where there is nothing to say.  What a stranger's DNS has put
 * into them is printable ASCII. */
struct spf_answer {
	enum spf_result result;
	bool helo;	 /* the identity was HELO, since the sender is null (2.4) */
	char *sender;	 /* what was checked: "user@example.org", "postmaster@HELO" */
	char *domain;	 /* whose record was asked for first; "" if there is none */
	char *mechanism; /* what decided, as in the record: "-all"; "default" (4.7); "" */
	char *problem;	 /* why it is none, temperror or permerror */
	bool inside;	 /* the problem is one of this host, and not for strangers */
	unsigned ttl;	 /* seconds for which the answer holds; 0: for this message alone;
			  * at most SPF_TTL_MAX */
	/* what was used: terms, terms with void lookups (4.6.4), questions to DNS in all
	 */
	unsigned terms, voids, queries;
	char **trace; /* a line each, if it was asked for */
	size_t ntrace;
};

/* Makes *a an answer of that result without more words than why ("" or a sentence). */
void spf_answer_init(struct spf_answer *a, enum spf_result result, const char *why);
void spf_answer_copy(struct spf_answer *to, const struct spf_answer *from);
void spf_answer_clear(struct spf_answer *a); /* frees what it owns */

/* The problem as a message and who sent it may be told; "" if there is none. */
const char *spf_answer_excuse(const struct spf_answer *a);

/* Copies len octets so that they are printable ASCII: others are written \xHH, and a
 * backslash stays, since it may begin one of those.  What does not fit into size octets
 * (with the NUL) is cut and ends in "...".  Returns dst. */
char *spf_ascii(char *dst, size_t size, const char *src, size_t len);

#endif
