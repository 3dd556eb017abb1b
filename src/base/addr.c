/*
 * The address parser.  Called by the engine for envelopes and by the policy
 * room for members, on any thread; its result lives in the caller's arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/addr.h"

#include "base/cidr.h"
#include "base/str.h"
#include "base/unicode.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* atext of RFC 5322 3.2.3, and any UTF-8 beyond ASCII (RFC 6531 3.3). */
static bool is_atext(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Dot-string: atoms with single dots between them. */
static bool is_dot_string(const char *s, size_t len)
{
	bool after_dot = true;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' ? after_dot : !is_atext((unsigned char)s[i]))
			return false;
		after_dot = s[i] == '.';
	}
	return len > 0 && !after_dot;
}

static bool is_label_char(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || c == '-' || c == '_';
}

/* Labels of 1 to 63 octets that neither begin nor end with a hyphen.  An
 * underscore is no letter of RFC 5321, but names with one do send mail. */
static bool is_domain_name(const char *s, size_t len)
{
	size_t label = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i == len || s[i] == '.') {
			if (label == 0 || label > 63 || s[i - 1] == '-')
				return false;
			label = 0;
		} else if (!is_label_char((unsigned char)s[i]) ||
			   (label == 0 && s[i] == '-')) {
			return false;
		} else {
			label++;
		}
	}
	return len > 0 && len <= ADDR_DOMAIN_MAX;
}

/* "[192.0.2.7]" or "[IPv6:2001:db8::7]" (RFC 5321 4.1.3). */
static bool is_literal(const char *s, size_t len)
{
	char text[CIDR_TEXT_MAX];
	struct cidr c;

	if (len < 3 || len >= sizeof(text) || s[0] != '[' || s[len - 1] != ']')
		return false;
	memcpy(text, s + 1, len - 2);
	text[len - 2] = '\0';
	return strchr(text, '/') == NULL && cidr_parse(text, &c, NULL) == 0 &&
	       (strchr(text, ':') != NULL) == (strncasecmp(text, "IPv6:", 5) == 0);
}

static bool is_domain(const char *s, size_t len)
{
	return is_domain_name(s, len) || is_literal(s, len);
}

/* The canonical form of a domain, NULL if it is none.  Mapping makes other octets, and
 * more of them: what comes out must be a domain, too. */
static const char *read_domain(struct arena *arena, const char *s, size_t len)
{
	const char *domain;

	if (!is_domain(s, len))
		return NULL;
	domain = unicode_domain(arena, arena_memdup(arena, s, len));
	return domain != NULL && is_domain(domain, strlen(domain)) ? domain : NULL;
}

const char *addr_domain(struct arena *arena, const char *domain)
{
	size_t len = strlen(domain);

	return str_is_utf8(domain, len) ? read_domain(arena, domain, len) : NULL;
}

/* Reads a quoted-string at s into out (unquoted); the number of octets read
 * with both quotes, 0 if it is none. */
static size_t read_quoted(const char *s, size_t len, char *out, size_t *out_len)
{
	size_t n = 0;

	for (size_t i = 1; i < len; i++) {
		if (s[i] == '"') {
			*out_len = n;
			return i + 1;
		}
		if (s[i] == '\\' && ++i >= len)
			return 0;
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || n >= ADDR_LOCAL_MAX)
			return 0;
		out[n++] = s[i];
	}
	return 0;
}

/* One spelling for each local part: quoted only if it must be, and then with
 * no more backslashes than needed (RFC 5321 4.1.2, last paragraph but one). */
static const char *write_local(struct arena *arena, const char *local)
{
	char *out, *o;

	if (is_dot_string(local, strlen(local)))
		return local;
	out = o = arena_alloc(arena, 2 * strlen(local) + 3);
	*o++ = '"';
	for (; *local != '\0'; local++) {
		if (*local == '"' || *local == '\\')
			*o++ = '\\';
		*o++ = *local;
	}
	*o = '"';
	return out;
}

/* "@a,@b:user@c" is user@c since RFC 5321; NULL if the route is malformed. */
static const char *skip_route(const char *s, const char *end)
{
	while (s < end && *s == '@') {
		const char *stop = s + 1;

		while (stop < end && *stop != ',' && *stop != ':')
			stop++;
		if (stop == end || !is_domain_name(s + 1, (size_t)(stop - s - 1)))
			return NULL;
		s = stop + 1;
		if (*stop == ':')
			return s;
		if (s == end || *s != '@')
			return NULL;
	}
	return s;
}

/* What stands for an address that does not parse.  Its domain is what a mail system
 * may still take for one, so that a misspelled local part gets nobody past a rule for
 * the domain: all behind the last @, without blanks, comments and dots at the end. */
static struct addr make_invalid(struct arena *arena, const char *s, const char *end)
{
	struct addr a = { ADDR_INVALID, "<invalid>", NULL };
	const char *at = memrchr(s, '@', (size_t)(end - s));
	const char *domain;
	size_t len;

	if (at == NULL)
		return a;
	len = strcspn(at, " \t(>");
	if (len > (size_t)(end - at))
		len = (size_t)(end - at);
	while (len > 1 && at[len - 1] == '.')
		len--;
	domain = addr_domain(arena, arena_memdup(arena, at + 1, len - 1));
	if (domain != NULL)
		a.domain = arena_printf(arena, "@%s", domain) + 1;
	return a;
}

/* Reads the local part at s and folds it; what stands behind it, NULL if there is none.
 * The length is bounded before and after. */
static const char *read_local(
	struct arena *arena, const char *s, const char *end, const char **local)
{
	char raw[ADDR_LOCAL_MAX + 1];
	size_t left = s < end ? (size_t)(end - s) : 0, len = 0, read;

	if (left > 0 && *s == '"') {
		read = read_quoted(s, left, raw, &len);
		if (read == 0)
			return NULL;
	} else {
		while (len < left && s[len] != '@')
			len++;
		read = len;
		if (len > ADDR_LOCAL_MAX || !is_dot_string(s, len))
			return NULL;
		memcpy(raw, s, len);
	}
	raw[len] = '\0';
	*local = unicode_fold(arena, raw);
	return *local != NULL && strlen(*local) <= ADDR_LOCAL_MAX ? s + read : NULL;
}

/* Canonical parts to the canonical whole. */
static struct addr make_mailbox(
	struct arena *arena, const char *local, const char *domain)
{
	size_t before = strlen(local), behind = strlen(domain);
	char *text = arena_alloc(arena, before + 1 + behind + 1);

	memcpy(text, local, before);
	text[before] = '@';
	memcpy(text + before + 1, domain, behind + 1);
	return (struct addr){ ADDR_MAILBOX, text, text + before + 1 };
}

struct addr addr_parse(struct arena *arena, const char *path)
{
	size_t len = strlen(path);
	const char *s = path, *end = path + len, *begin, *local, *domain;

	if (len >= 2 && s[0] == '<' && end[-1] == '>') {
		s++;
		end--;
	}
	if (s == end)
		return (struct addr){ ADDR_NULL, "<>", NULL };
	begin = s;
	if (!str_is_utf8(path, len) || str_has_control(path) ||
		(s = skip_route(s, end)) == NULL ||
		(s = read_local(arena, s, end, &local)) == NULL)
		return make_invalid(arena, begin, end);
	local = write_local(arena, local);
	if (s == end)
		return (struct addr){ ADDR_LOCAL, local, NULL };
	/* the root's dot, which RFC 5321 does not know and MTAs drop */
	if (end - s > 2 && end[-1] == '.')
		end--;
	if (*s != '@' ||
		(domain = read_domain(arena, s + 1, (size_t)(end - s - 1))) == NULL)
		return make_invalid(arena, begin, end);
	return make_mailbox(arena, local, domain);
}

struct addr addr_complete(struct arena *arena, struct addr a, const char *domain)
{
	return a.kind == ADDR_LOCAL && domain != NULL
		       ? make_mailbox(arena, a.text, domain)
		       : a;
}
