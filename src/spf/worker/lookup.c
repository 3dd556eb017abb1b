/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/lookup.h"

#include "base/str.h"
#include "spf/worker/record.h"

#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

#define NEGATIVE_TTL 300 /* seconds for which "there is none" is believed at most */

/* --- reading answers --- */

/* Octets with which text can be taken for another name. */
static bool is_odd(unsigned char c)
{
	return c <= ' ' || c >= 0x7f || c == '.' || c == '\\';
}

bool lookup_name(const struct dns_datum *d, size_t behind, char name[LOOKUP_NAME_SIZE])
{
	size_t at = behind, n = 0;

	while (at < d->len && d->octets[at] != 0) {
		size_t label = d->octets[at++];

		if (label > SPF_LABEL_MAX || label > d->len - at ||
			n + label + 1 > LOOKUP_NAME_SIZE)
			return false;
		for (; label > 0; label--) {
			if (is_odd(d->octets[at]))
				return false;
			name[n++] = (char)d->octets[at++];
		}
		name[n++] = '.';
	}
	if (at + 1 != d->len || n == 0)
		return false;
	name[n - 1] = '\0';
	return true;
}

bool lookup_address(
	const struct dns_datum *d, enum lookup_type type, struct cidr *address)
{
	const size_t len = type == LOOKUP_A ? 4 : 16;

	if (d->len != len)
		return false;
	*address = (struct cidr){
		.family = type == LOOKUP_A ? 4 : 6,
		.bits = (unsigned char)(8 * len),
	};
	memcpy(address->addr, d->octets, len);
	return true;
}

char *lookup_text(struct arena *arena, const struct dns_datum *d, size_t *len)
{
	char *text = arena_alloc(arena, d->len + 1);

	*len = 0;
	for (size_t at = 0; at < d->len;) {
		size_t n = d->octets[at++];

		if (n > d->len - at)
			return NULL;
		memcpy(text + *len, d->octets + at, n);
		*len += n;
		at += n;
	}
	return text;
}

enum lookup_type lookup_type_of(const struct cidr *address)
{
	return address->family == 4 ? LOOKUP_A : LOOKUP_AAAA;
}

void lookup_reverse_name(const struct cidr *address, char name[LOOKUP_NAME_SIZE])
{
	const unsigned char *a = address->addr;

	*name = '\0';
	if (address->family == 4) {
		snprintf(name, LOOKUP_NAME_SIZE, "%u.%u.%u.%u.in-addr.arpa", a[3], a[2],
			a[1], a[0]);
		return;
	}
	for (size_t i = sizeof(address->addr); i-- > 0;)
		str_append(name, LOOKUP_NAME_SIZE, "%x.%x.", a[i] & 15, a[i] >> 4);
	str_append(name, LOOKUP_NAME_SIZE, "ip6.arpa");
}

/* --- telling them --- */

/* Octets of a line at most that are neither a name nor records: the indentation, the
 * type, how many others there are, and the TTL. */
#define AROUND_RECORDS 80
_Static_assert(SPF_TRACE_LINE_MAX > AROUND_RECORDS + LOOKUP_NAME_SIZE + CIDR_TEXT_MAX,
	"a record has room beside the longest name");

/* Text that one record becomes, cut to size, which is 3 at least and SPF_TRACE_LINE_MAX
 * at most; "": it is not worth a word. */
typedef void tell_fn(struct arena *arena, const struct dns_datum *d, char *text,
	size_t size, enum lookup_type type);

static void tell_address(struct arena *arena, const struct dns_datum *d, char *text,
	size_t size, enum lookup_type type)
{
	char buf[CIDR_TEXT_MAX];
	struct cidr address;

	(void)arena;
	snprintf(text, size, "%s",
		lookup_address(d, type, &address) ? cidr_format(buf, &address)
						  : "no address");
}

static void tell_name(struct arena *arena, const struct dns_datum *d, char *text,
	size_t size, enum lookup_type type)
{
	char name[LOOKUP_NAME_SIZE];

	(void)arena;
	snprintf(text, size, "%s",
		lookup_name(d, type == LOOKUP_MX ? LOOKUP_MX_NAME : 0, name)
			? name
			: "no host name");
}

/* Of all that a domain may say in TXT, its sender policy. */
static void tell_text(struct arena *arena, const struct dns_datum *d, char *text,
	size_t size, enum lookup_type type)
{
	size_t len;
	const char *all = lookup_text(arena, d, &len);
	char ascii[SPF_TRACE_LINE_MAX];
	const size_t quotes = 2;

	(void)type;
	*text = '\0';
	if (all != NULL && record_is_spf(all, len))
		snprintf(text, size, "\"%s\"", spf_ascii(ascii, size - quotes, all, len));
}

static const struct {
	enum lookup_type type;
	const char *name;
	tell_fn *tell;
} types[] = {
	{ LOOKUP_A, "A", tell_address },
	{ LOOKUP_AAAA, "AAAA", tell_address },
	{ LOOKUP_MX, "MX", tell_name },
	{ LOOKUP_PTR, "PTR", tell_name },
	{ LOOKUP_TXT, "TXT", tell_text },
};

static void tell_found(
	struct lookup *l, const char *name, size_t row, const struct dns_answer *a)
{
	/* the name and the rest of the line have room, too */
	const size_t room = SPF_TRACE_LINE_MAX - AROUND_RECORDS - strlen(name);
	char text[SPF_TRACE_LINE_MAX], one[SPF_TRACE_LINE_MAX];
	struct arena *arena = arena_new();
	size_t others = 0;

	*text = '\0';
	for (size_t i = 0; i < a->n; i++) {
		types[row].tell(arena, &a->data[i], one, room, types[row].type);
		if (*one == '\0' || strlen(text) + strlen(one) >= room)
			others++;
		else
			str_append(text, sizeof(text), "%s%s", *text != '\0' ? ", " : "",
				one);
	}
	if (others > 0)
		str_append(text, sizeof(text), "%s%zu other%s",
			*text != '\0' ? " and " : "", others, others > 1 ? "s" : "");
	arena_free(arena);
	trace_say(l->trace, "%s %s: %s (ttl %u)", name, types[row].name, text, a->ttl);
}

/* An answer without a record, or without the name (4.6.4)? */
static bool is_void(const struct dns_answer *a)
{
	return a->status == DNS_NO_DATA || a->status == DNS_NO_NAME;
}

/* Of the one that has been counted last. */
static const char *void_words(const struct lookup *l, char *text, size_t size)
{
	if (lookup_is_over(l))
		snprintf(text, size, ", more than %d void lookups", LOOKUP_VOIDS_MAX);
	else
		snprintf(
			text, size, ", void lookup %u of %d", l->voids, LOOKUP_VOIDS_MAX);
	return text;
}

/* counts: it has made its term one of those with a void lookup */
static void tell(struct lookup *l, const char *name, enum lookup_type type,
	const struct dns_answer *a, bool counts)
{
	static const char *const words[] = {
		[DNS_NO_DATA] = "no such record",
		[DNS_NO_NAME] = "no such name",
		[DNS_FAILED] = "no answer that can be used",
		[DNS_TIME_IS_UP] = "no answer in time",
	};
	char voids[40];
	size_t row = 0;

	if (!l->trace->on)
		return;
	while (row < LENGTH(types) - 1 && types[row].type != type)
		row++;
	if (a->status == DNS_FOUND)
		tell_found(l, name, row, a);
	else if (is_void(a))
		trace_say(l->trace, "%s %s: %s%s (ttl %u)", name, types[row].name,
			words[a->status],
			counts ? void_words(l, voids, sizeof(voids)) : "", a->ttl);
	else
		trace_say(l->trace, "%s %s: %s", name, types[row].name, words[a->status]);
}

/* --- asking --- */

void lookup_begin_term(struct lookup *l)
{
	l->would_count = true;
}

bool lookup_is_over(const struct lookup *l)
{
	return l->voids > LOOKUP_VOIDS_MAX;
}

static unsigned holds_for(const struct dns_answer *a)
{
	switch (a->status) {
	case DNS_FOUND:
		return a->ttl;
	case DNS_NO_DATA:
	case DNS_NO_NAME:
		return a->ttl < NEGATIVE_TTL ? a->ttl : NEGATIVE_TTL;
	default:
		return 0;
	}
}

struct dns_answer lookup_ask(struct lookup *l, const char *name, enum lookup_type type)
{
	struct dns_answer a = { .status = DNS_NO_NAME };
	unsigned ttl;
	bool counts;

	if (l->late || lookup_is_over(l))
		return a;
	if (!spf_is_name(name)) {
		trace_say(l->trace, "%s: no name that DNS can hold", name);
		return a;
	}
	a = l->resolver->query(l->resolver, name, type, l->of_client);
	l->queries++;
	if (a.status == DNS_FOUND && a.n == 0)
		a.status = DNS_NO_DATA;
	counts = l->would_count && is_void(&a);
	if (counts) {
		l->voids++;
		l->would_count = false;
	}
	l->late = a.status == DNS_TIME_IS_UP;
	ttl = holds_for(&a);
	if (ttl < l->ttl)
		l->ttl = ttl;
	tell(l, name, type, &a, counts);
	return a;
}
