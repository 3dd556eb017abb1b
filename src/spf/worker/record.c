/*
 * A record is split at its blanks; what a term is follows from its beginning, and each
 * mechanism's row of a table says what may stand behind its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/record.h"

#include "base/str.h"
#include "spf/worker/macro.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* What of a term stands in front of words about it. */
#define TERM_SHOWN_SIZE 120

static const char version[] = "v=spf1";

enum may { MAY_NOT, MAY, MUST };

static const struct {
	const char *name;
	enum may domain; /* a domain-spec, behind a colon or, of a modifier, the = */
	bool cidr;	 /* a dual-cidr-length */
	bool asks;
	bool once; /* in a record */
} kinds[] = {
	[TERM_ALL] = { "all", MAY_NOT, false, false, false },
	[TERM_INCLUDE] = { "include", MUST, false, true, false },
	[TERM_A] = { "a", MAY, true, true, false },
	[TERM_MX] = { "mx", MAY, true, true, false },
	[TERM_PTR] = { "ptr", MAY, false, true, false },
	[TERM_IP4] = { "ip4", MAY_NOT, false, false, false },
	[TERM_IP6] = { "ip6", MAY_NOT, false, false, false },
	[TERM_EXISTS] = { "exists", MUST, false, true, false },
	[TERM_REDIRECT] = { "redirect", MUST, false, true, true },
	[TERM_EXP] = { "exp", MUST, false, false, true },
	[TERM_UNKNOWN] = { "", MAY_NOT, false, false, false },
};
_Static_assert(LENGTH(kinds) == TERM_KINDS, "a row for each kind");

static const struct {
	char sign;
	enum spf_result says;
} qualifiers[] = {
	{ '+', SPF_PASS },
	{ '-', SPF_FAIL },
	{ '~', SPF_SOFTFAIL },
	{ '?', SPF_NEUTRAL },
};

const char *term_kind_name(enum term_kind kind)
{
	return kinds[kind].name;
}

bool term_kind_asks(enum term_kind kind)
{
	return kinds[kind].asks;
}

bool record_is_spf(const char *text, size_t len)
{
	const size_t n = sizeof(version) - 1;

	return len >= n && strncasecmp(text, version, n) == 0 &&
	       (len == n || text[n] == ' ');
}

/* "a:museum: not a domain-spec" */
static int wrong(const struct term *t, const char *what, struct err *err)
{
	return err_set(err, "%s: %s", t->shown, what);
}

static enum term_kind find_kind(
	const char *name, size_t len, enum term_kind from, enum term_kind to)
{
	while (from < to && (strlen(kinds[from].name) != len ||
				    strncasecmp(kinds[from].name, name, len) != 0))
		from++;
	return from;
}

/* Takes "/24" off the end of a text of *len octets, if it is there: slashes and a number.
 * More than max: it is no number from 0 to max without leading zeros. */
static void take_bits(
	const char *text, size_t *len, const char *slashes, unsigned max, unsigned *bits)
{
	size_t digits = 0, n = strlen(slashes), at;
	unsigned value = 0;

	while (digits < *len && isdigit((unsigned char)text[*len - digits - 1]))
		digits++;
	at = *len - digits;
	if (digits == 0 || at < n || memcmp(text + at - n, slashes, n) != 0)
		return;
	for (size_t i = at; i < *len && value <= max; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*bits = text[at] == '0' && digits > 1 ? max + 1 : value;
	*len = at - n;
}

static int read_network(struct term *t, const char *text, size_t len, struct err *err)
{
	const bool four = t->kind == TERM_IP4;
	unsigned max = four ? 32 : 128, bits = max;
	char address[INET6_ADDRSTRLEN];

	if (len == 0 || *text != ':')
		return wrong(t, "an address is missing", err);
	text++;
	len--;
	take_bits(text, &len, "/", max, &bits);
	if (bits > max)
		return wrong(t, "the prefix length is wrong", err);
	if (len >= sizeof(address))
		return wrong(t, "not an address", err);
	memcpy(address, text, len);
	address[len] = '\0';
	t->network.family = four ? 4 : 6;
	t->network.bits = (unsigned char)bits;
	if (inet_pton(four ? AF_INET : AF_INET6, address, t->network.addr) != 1)
		return wrong(
			t, four ? "not an IPv4 address" : "not an IPv6 address", err);
	return 0;
}

/* What follows a mechanism's name: a domain-spec behind a colon, prefix lengths. */
static int read_arguments(struct arena *arena, struct term *t, const char *text,
	size_t len, struct err *err)
{
	if (kinds[t->kind].cidr) {
		take_bits(text, &len, "//", 128, &t->bits6);
		take_bits(text, &len, "/", 32, &t->bits4);
		if (t->bits4 > 32 || t->bits6 > 128)
			return wrong(t, "the prefix length is wrong", err);
	}
	if (len == 0)
		return kinds[t->kind].domain != MUST
			       ? 0
			       : wrong(t, "a domain-spec is missing", err);
	if (*text != ':')
		return wrong(t, "nothing like that may follow its name", err);
	if (kinds[t->kind].domain == MAY_NOT)
		return wrong(t, "takes no domain-spec", err);
	if (!macro_is_domain_spec(text + 1, len - 1))
		return wrong(t, "not a domain-spec", err);
	t->domain = arena_memdup(arena, text + 1, len - 1);
	return 0;
}

static int read_mechanism(struct arena *arena, struct term *t, const char *text,
	size_t len, struct err *err)
{
	size_t name;

	t->qualifier = SPF_PASS;
	for (size_t i = 0; i < LENGTH(qualifiers); i++)
		if (*text == qualifiers[i].sign) {
			t->qualifier = qualifiers[i].says;
			text++;
			len--;
			break;
		}
	for (name = 0; name < len && text[name] != ':' && text[name] != '/';)
		name++;
	t->kind = find_kind(text, name, 0, TERM_MECHANISMS);
	if (t->kind == TERM_MECHANISMS)
		return wrong(t, "no such mechanism", err);
	return t->kind == TERM_IP4 || t->kind == TERM_IP6
		       ? read_network(t, text + name, len - name, err)
		       : read_arguments(arena, t, text + name, len - name, err);
}

/* name: the octets before the = */
static int read_modifier(
	struct arena *arena, struct term *t, size_t name, size_t len, struct err *err)
{
	const char *value = t->text + name + 1;

	len -= name + 1;
	t->kind = find_kind(t->text, name, TERM_MECHANISMS, TERM_UNKNOWN);
	if (t->kind == TERM_UNKNOWN)
		return macro_is_string(value, len) ? 0
						   : wrong(t, "not a macro-string", err);
	if (!macro_is_domain_spec(value, len))
		return wrong(t, "not a domain-spec", err);
	t->domain = arena_memdup(arena, value, len);
	return 0;
}

/* The octets of a modifier's name if an = follows it, else 0. */
static size_t modifier_name(const char *text, size_t len)
{
	size_t n = 0;

	if (len == 0 || !isascii(*text) || !isalpha((unsigned char)*text))
		return 0;
	while (n < len && isascii(text[n]) &&
		(isalnum((unsigned char)text[n]) || strchr("-_.", text[n]) != NULL) &&
		text[n] != '\0')
		n++;
	return n < len && text[n] == '=' ? n : 0;
}

static int read_term(struct arena *arena, struct term *t, const char *text, size_t len,
	struct err *err)
{
	size_t name = modifier_name(text, len);
	char shown[TERM_SHOWN_SIZE];

	*t = (struct term){ .domain = "", .bits4 = 32, .bits6 = 128 };
	t->text = arena_memdup(arena, text, len);
	t->shown = arena_strdup(arena, str_escape(shown, sizeof(shown), t->text));
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f)
			return wrong(t, "has an octet that is no visible ASCII", err);
	return name > 0 ? read_modifier(arena, t, name, len, err)
			: read_mechanism(arena, t, t->text, len, err);
}

/* Where a term goes that is right by itself. */
static int keep(struct record *r, const struct term *t, unsigned seen[TERM_KINDS],
	struct err *err)
{
	if (seen[t->kind]++ > 0 && kinds[t->kind].once)
		return wrong(t, "is there more than once", err);
	if (t->kind == TERM_REDIRECT)
		r->redirect = t;
	return 0;
}

int record_parse(struct arena *arena, const char *text, size_t len, struct record *out,
	struct err *err)
{
	const char *end = text + len, *blank;
	unsigned seen[TERM_KINDS] = { 0 };
	struct term *mechanisms = NULL, *t;
	size_t cap = 0;

	*out = (struct record){ 0 };
	for (text += sizeof(version) - 1; text < end; text += len) {
		if (*text == ' ') {
			len = 1;
			continue;
		}
		blank = memchr(text, ' ', (size_t)(end - text));
		len = (size_t)((blank != NULL ? blank : end) - text);
		t = arena_alloc(arena, sizeof(*t));
		if (read_term(arena, t, text, len, err) != 0 ||
			keep(out, t, seen, err) != 0)
			return -1;
		if (t->kind >= TERM_MECHANISMS)
			continue;
		mechanisms = arena_grow(arena, mechanisms, out->n, &cap, sizeof(*t));
		mechanisms[out->n++] = *t;
	}
	out->mechanisms = mechanisms;
	return 0;
}
