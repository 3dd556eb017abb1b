/*
 * One reader of a macro serves both: the check of its syntax, and its expansion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/macro.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* 7.1 */
#define LETTERS	   "slodiphv"
#define DELIMITERS ".-+,/_="

struct macro {
	char letter;			     /* in lower case */
	bool escape;			     /* for a URL: the letter was upper case */
	unsigned parts;			     /* from the right; 0: all */
	bool reverse;			     /* the parts, before they are counted */
	char delimiters[sizeof(DELIMITERS)]; /* each once */
};

/* --- syntax --- */

static bool is_visible(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

/* The letter, transformers and delimiters between the braces; what is beyond their number
 * is no macro. */
static bool read_inside(const char *text, size_t len, struct macro *m)
{
	size_t i = 1, digits;

	*m = (struct macro){ .letter =
				     len > 0 ? (char)tolower((unsigned char)*text) : 0 };
	if (len == 0 || m->letter == '\0' || strchr(LETTERS, m->letter) == NULL)
		return false;
	m->escape = *text != m->letter;
	for (digits = i; i < len && isdigit((unsigned char)text[i]); i++)
		/* no name has more parts than octets */
		if (m->parts <= MACRO_DOMAIN_MAX)
			m->parts = m->parts * 10 + (unsigned)(text[i] - '0');
	if (i > digits && m->parts == 0)
		return false;
	if (i < len && tolower((unsigned char)text[i]) == 'r') {
		m->reverse = true;
		i++;
	}
	for (; i < len; i++) {
		if (text[i] == '\0' || strchr(DELIMITERS, text[i]) == NULL)
			return false;
		if (strchr(m->delimiters, text[i]) == NULL)
			m->delimiters[strlen(m->delimiters)] = text[i];
	}
	if (*m->delimiters == '\0')
		*m->delimiters = '.';
	return true;
}

/* The octets of the macro-expand (7.1) that begins with the % at text; 0 if there is
 * none.  m->letter is that of %{...}, or what stands behind the %. */
static size_t read_macro(const char *text, size_t len, struct macro *m)
{
	const char *end;

	if (len < 2)
		return 0;
	if (text[1] != '{') {
		*m = (struct macro){ .letter = text[1] };
		return text[1] == '%' || text[1] == '_' || text[1] == '-' ? 2 : 0;
	}
	end = memchr(text, '}', len);
	if (end == NULL || !read_inside(text + 2, (size_t)(end - text) - 2, m))
		return 0;
	return (size_t)(end - text) + 1;
}

/* last: where the last macro-expand begins that ends the text, len if none does. */
static bool is_string(const char *text, size_t len, size_t *last)
{
	struct macro m;

	*last = len;
	for (size_t i = 0, n; i < len; i += n) {
		n = 1;
		if (text[i] == '%')
			n = read_macro(text + i, len - i, &m);
		if (n == 0 || !is_visible((unsigned char)text[i]))
			return false;
		if (text[i] == '%' && i + n == len)
			*last = i;
	}
	return true;
}

bool macro_is_string(const char *text, size_t len)
{
	size_t last;

	return is_string(text, len, &last);
}

/* toplabel: letters, digits and hyphens, these not at its ends; not digits alone. */
static bool is_top_label(const char *text, size_t len)
{
	bool only_digits = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!isascii(c) || (!isalnum(c) && c != '-'))
			return false;
		only_digits = only_digits && isdigit(c);
	}
	return len > 0 && !only_digits && text[0] != '-' && text[len - 1] != '-';
}

bool macro_is_domain_spec(const char *text, size_t len)
{
	const char *dot;
	size_t last;

	if (!is_string(text, len, &last))
		return false;
	if (last < len)
		return true;
	if (len > 0 && text[len - 1] == '.')
		len--;
	dot = memrchr(text, '.', len);
	return dot != NULL && is_top_label(dot + 1, (size_t)(text + len - dot) - 1);
}

bool macro_has_local(const char *spec)
{
	size_t len = strlen(spec);
	struct macro m;

	for (size_t i = 0, n; i < len; i += n) {
		n = spec[i] == '%' ? read_macro(spec + i, len - i, &m) : 0;
		if (n > 2 && (m.letter == 's' || m.letter == 'l'))
			return true;
		n += n == 0; /* an octet that is none */
	}
	return false;
}

/* --- expansion --- */

/* "192.0.2.7", or the nibbles of an IPv6 address with dots between them (7.3). */
static const char *client_text(struct arena *arena, const struct cidr *client)
{
	char text[CIDR_TEXT_MAX];
	size_t n = 0;

	if (client->family == 4)
		return arena_strdup(arena, cidr_format(text, client));
	for (size_t i = 0; i < sizeof(client->addr); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%x.%x",
			i > 0 ? "." : "", client->addr[i] >> 4, client->addr[i] & 15);
	return arena_strdup(arena, text);
}

static const char *fact(struct arena *arena, char letter, const struct macro_facts *facts)
{
	switch (letter) {
	case 's':
		return facts->sender;
	case 'l':
		return facts->local;
	case 'o':
		return facts->origin;
	case 'd':
		return facts->domain;
	case 'h':
		return facts->helo;
	case 'i':
		return client_text(arena, facts->client);
	case 'v':
		return facts->client->family == 4 ? "in-addr" : "ip6";
	default:
		return facts->validated(facts->arg, facts->domain);
	}
}

/* What transformers make of it: its parts between the delimiters, in their order or
 * reversed, as many from the right as are wanted, with dots between them (7.3). */
static const char *transform(struct arena *arena, const char *text, const struct macro *m)
{
	size_t n = 1, skip = 0, len = strlen(text);
	char *out = arena_alloc(arena, len + 1), *to = out;
	const char **parts;

	for (size_t i = 0; i < len; i++)
		n += strchr(m->delimiters, text[i]) != NULL;
	parts = arena_alloc(arena, n * sizeof(*parts));
	for (size_t i = 0; i < n; i++) {
		parts[i] = text;
		text += strcspn(text, m->delimiters) + 1;
	}
	if (m->parts > 0 && m->parts < n)
		skip = n - m->parts;
	for (size_t i = skip; i < n; i++) {
		const char *part = parts[m->reverse ? n - 1 - i : i];
		size_t part_len = strcspn(part, m->delimiters);

		to = mempcpy(to, part, part_len);
		*to++ = '.';
	}
	to[-1] = '\0';
	return out;
}

/* RFC 3986, 2.1 and 2.3 */
static const char *url_escape(struct arena *arena, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(arena, 3 * strlen(text) + 1), *to = out;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isascii(c) && (isalnum(c) || strchr("-._~", c) != NULL)) {
			*to++ = *text;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return out;
}

static const char *expand_one(
	struct arena *arena, const struct macro *m, const struct macro_facts *facts)
{
	const char *text;

	switch (m->letter) {
	case '%':
		return "%";
	case '_':
		return " ";
	case '-':
		return "%20";
	}
	text = transform(arena, fact(arena, m->letter, facts), m);
	return m->escape ? url_escape(arena, text) : text;
}

/* The rightmost labels that fit. */
static const char *cut(const char *domain)
{
	const char *end = domain + strlen(domain), *dot;

	while (end - domain > MACRO_DOMAIN_MAX && (dot = strchr(domain, '.')) != NULL)
		domain = dot + 1;
	return domain;
}

/* The macro-expands and what is literal between them, in their order; the last of them is
 * the end of the text. */
static const char **split(struct arena *arena, const char *spec, size_t *n)
{
	const char *end = spec + strlen(spec), **pieces = NULL;
	size_t cap = 0;
	struct macro m;

	*n = 0;
	while (spec < end) {
		size_t len = read_macro(spec, (size_t)(end - spec), &m);

		pieces = arena_grow(arena, pieces, *n, &cap, sizeof(*pieces));
		pieces[(*n)++] = spec;
		spec += *spec == '%' && len > 0 ? len : 1 + strcspn(spec + 1, "%");
	}
	pieces = arena_grow(arena, pieces, *n, &cap, sizeof(*pieces));
	pieces[*n] = end;
	return pieces;
}

/* From the right, no further than cut() would keep: a record may hold macros by the
 * thousand, and each of them expand to hundreds of octets. */
const char *macro_expand(
	struct arena *arena, const char *spec, const struct macro_facts *facts)
{
	char room[2 * MACRO_DOMAIN_MAX], *end = room + sizeof(room), *from = end;
	struct arena *scratch = arena_new();
	const char **pieces;
	size_t n;

	pieces = split(scratch, spec, &n);
	while (n-- > 0 && from > room) {
		struct arena *expansion = arena_new();
		size_t len = (size_t)(pieces[n + 1] - pieces[n]), fits;
		const char *text = pieces[n];
		struct macro m;

		if (*text == '%' && read_macro(text, len, &m) > 0) {
			text = expand_one(expansion, &m, facts);
			len = strlen(text);
		}
		fits = len < (size_t)(from - room) ? len : (size_t)(from - room);
		from -= fits;
		memcpy(from, text + len - fits, fits);
		arena_free(expansion);
	}
	arena_free(scratch);
	if (end > from && end[-1] == '.')
		end--;
	return cut(arena_memdup(arena, from, (size_t)(end - from)));
}
