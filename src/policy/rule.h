/*
 * Header rules: "where header H matches /re/, add headers K: V", on PCRE2.  Pure; a
 * rule is immutable once its last rule_add() has returned, and then any number of
 * threads match it at a time.
 *
 * The pattern is looked for anywhere in the value (^ and $ are its ends, a dot is any
 * character).  Octets of the value that are not UTF-8 match nothing, and no match goes
 * over them.  A value to add may refer to what matched:
 *
 *	$1 ${1}        a group by its number; $0 is the whole match
 *	$name ${name}  a group by its name, of ASCII letters, digits and _
 *	$$             a dollar
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_RULE_H
#define THEMIS_POLICY_RULE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define RULE_NAME_MAX	   100	/* octets of a field name */
#define RULE_REGEX_MAX	   1000 /* octets of /re/ with its slashes */
#define RULE_ADDITIONS_MAX 16
#define RULE_VALUE_MAX	   500 /* octets of a value to add, as it was given */

/* Octets of a value with its references expanded: with any name and the colon and
 * blank between them a line has at most 998 (RFC 5322 2.1.1). */
#define RULE_EXPANDED_MAX 896

/* What is looked at of a header's value, from its beginning: a pattern without malice
 * can take a time that grows with the cube of it (a second for so many octets without
 * machine code), and comes to none of PCRE2's limits. */
#define RULE_SUBJECT_MAX 2048

/* What one message may spend, over all its headers and rules; the time because PCRE2's
 * limits hold for each place where a match may begin, not for the value. */
#define RULE_TRIES_MAX	1000
#define RULE_LIMITS_MAX 10	  /* matches that ran into a limit */
#define RULE_TIME_MAX	500000000 /* nanoseconds of the thread's processor time */

struct rule;

/* A header to add. */
struct rule_addition {
	const char *name, *value;
};

/* What a message has spent; { 0 } to begin.  Its owner gives it to one thread at a
 * time. */
struct rule_budget {
	unsigned tries, limits;
	int64_t time;	  /* nanoseconds */
	unsigned untried; /* what would have been tried, had there been something left */
};

enum rule_result {
	RULE_NO,
	RULE_YES,
	RULE_LIMIT, /* not found before PCRE2 gave up: nothing is added, but it is told */
};

/* header: a field name (RFC 5322 2.2), of any case.  regex: "/re/" or "/re/i" (without
 * case, Unicode's too), closed by its last slash; printable UTF-8 that does not begin
 * with one of PCRE2's (*VERBS), which could change how the rule matches.  NULL and err
 * if either is not so or the pattern does not compile. */
struct rule *rule_new(const char *header, const char *regex, struct err *err);
void rule_free(struct rule *r); /* NULL is fine */

/* One more header to add where it matches, RULE_ADDITIONS_MAX at most.  name: a field
 * name, and none that a message has only once (RFC 5322 3.6, RFC 2045).  value: 1 to
 * RULE_VALUE_MAX octets of UTF-8 without controls, not blanks alone, and with no
 * reference to what the pattern has not.  0, or -1 and err. */
int rule_add(struct rule *r, const char *name, const char *value, struct err *err);

/* As they were given: rule_new() and rule_add() take them back.  The rule owns them. */
const char *rule_header(const struct rule *r);
const char *rule_regex(const struct rule *r);
const struct rule_addition *rule_additions(const struct rule *r, size_t *n);

/* Is this the field that the rule looks at?  ASCII without case. */
bool rule_is_for(const struct rule *r, const char *name);

/* Matches the value, unfolded, of len octets; NULs, which no header has that libmilter
 * hands on, would cut what is copied.  RULE_YES: *added has what rule_additions() has,
 * in the arena, with the references expanded: each value is one line of printable UTF-8
 * of at most RULE_EXPANDED_MAX octets, what is not is written as str_printable() does,
 * a TAB as a blank; a group that took no part is "", and so may the value be.  The
 * others leave *added as it was.  When the budget is spent everything is RULE_NO,
 * untried. */
enum rule_result rule_match(const struct rule *r, const char *value, size_t len,
	struct rule_budget *budget, struct arena *arena,
	const struct rule_addition **added);

/* Unfolds a header's value (RFC 5322 2.2.3): every CRLF or LF that a blank or TAB
 * follows goes, the blank stays; what RFC 2047 encodes stays encoded.  to has room for
 * the value and its NUL, and may be the value.  A header has no NUL inside: in the
 * milter protocol a NUL ends it.  The new length. */
size_t rule_unfold(char *to, const char *value);

#endif
