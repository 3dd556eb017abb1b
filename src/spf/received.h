/*
 * What a message is told about its sender policy: the values of the trace fields
 * Received-SPF (RFC 7208 9.1) and Authentication-Results (RFC 8601), as they are made and
 * as they are recognised.  Pure; any thread.
 *
 * What a stranger said stands in them as it is, quoted, or not at all: it ends no value,
 * no comment and no line.  Only the sender may be other than ASCII: such a message is an
 * internationalized one (RFC 6532).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_RECEIVED_H
#define THEMIS_SPF_RECEIVED_H

#include "base/arena.h"
#include "spf/spf.h"

#define RECEIVED_SPF	 "Received-SPF"
#define RECEIVED_RESULTS "Authentication-Results"

/* The fields that are made here, by how they are found in a message. */
enum received_field { RECEIVED_FIELD_SPF, RECEIVED_FIELD_RESULTS, RECEIVED_FIELDS };

/* The name of a field of a message is that of one of ours: which, or -1.  In any case,
 * and whatever blanks are behind it. */
int received_field(const char *name);
const char *received_field_name(enum received_field f);

/* The value, in the arena: lines of at most 998 octets, of 78 where words let it, with
 * "\n" between them and a blank at the begin of each but the first.  receiver: who has
 * checked, a domain or another printable text of at most 255 octets.  The fields are
 * those of the answer to this question. */
const char *received_value(struct arena *arena, enum received_field f,
	const char *receiver, const struct spf_question *q, const struct spf_answer *a);

/* Does the value, as it came and however it is folded, claim to be the receiver's?  What
 * is malformed and could be taken for it does, too.  Takes time by its length. */
bool received_claims(enum received_field f, const char *value, const char *receiver);

#endif
