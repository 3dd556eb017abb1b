/*
 * The address parser.  Called by the engine for envelopes and by the policy
 * room for members, on any thread; its result lives in the caller's arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/addr.h"

#include "base/cidr.h"
#include "base/str.h"

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

int addr_domain_check(const char *domain)
{
	size_t len = strlen(domain);

	return str_is_utf8(domain, len) && !str_has_control(domain) &&
			       is_domain(domain, len)
		       ? 0
		       : -1;
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
static size_t write_local(char *out, const char *local, size_t len)
{
	size_t n = 0;

	if (is_dot_string(local, len)) {
		memcpy(out, local, len);
		return len;
	}
	out[n++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (local[i] == '"' || local[i] == '\\')
			out[n++] = '\\';
		out[n++] = local[i];
	}
	out[n++] = '"';
	return n;
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
	size_t len;
	char *copy;

	if (at == NULL)
		return a;
	len = strcspn(at, " \t(>");
	if (len > (size_t)(end - at))
		len = (size_t)(end - at);
	while (len > 1 && at[len - 1] == '.')
		len--;
	if (!str_is_utf8(at, len) || !is_domain(at + 1, len - 1))
		return a;
	copy = arena_memdup(arena, at, len);
	str_fold(copy);
	a.domain = copy + 1;
	return a;
}

/* Reads the local part at s into local; the octets read, 0 if there is none. */
static size_t read_local(const char *s, const char *end, char *local, size_t *local_len)
{
	const char *at;

	if (s < end && *s == '"')
		return read_quoted(s, (size_t)(end - s), local, local_len);
	at = memchr(s, '@', (size_t)(end - s));
	*local_len = (size_t)((at != NULL ? at : end) - s);
	if (*local_len > ADDR_LOCAL_MAX || !is_dot_string(s, *local_len))
		return 0;
	memcpy(local, s, *local_len);
	return *local_len;
}

struct addr addr_parse(struct arena *arena, const char *path)
{
	char local[ADDR_LOCAL_MAX + 1];
	size_t len = strlen(path), local_len, read;
	const char *s = path, *end = path + len, *begin;
	struct addr a = { .kind = ADDR_MAILBOX };
	char *text;

	if (len >= 2 && s[0] == '<' && end[-1] == '>') {
		s++;
		end--;
	}
	if (s == end)
		return (struct addr){ ADDR_NULL, "<>", NULL };
	begin = s;
	if (!str_is_utf8(path, len) || str_has_control(path) ||
		(s = skip_route(s, end)) == NULL ||
		(read = read_local(s, end, local, &local_len)) == 0)
		return make_invalid(arena, begin, end);
	s += read;
	/* the root's dot, which RFC 5321 does not know and MTAs drop */
	if (end - s > 2 && end[-1] == '.')
		end--;
	if (s < end && (*s != '@' || !is_domain(s + 1, (size_t)(end - s - 1))))
		return make_invalid(arena, begin, end);
	text = arena_alloc(arena, 2 * local_len + 3 + (size_t)(end - s));
	local_len = write_local(text, local, local_len);
	memcpy(text + local_len, s, (size_t)(end - s));
	str_fold(text);
	a.text = text;
	if (s < end)
		a.domain = text + local_len + 1;
	else
		a.kind = ADDR_LOCAL;
	return a;
}

struct addr addr_complete(struct arena *arena, struct addr a, const char *domain)
{
	char *text;

	if (a.kind != ADDR_LOCAL || domain == NULL || *domain == '\0')
		return a;
	text = arena_printf(arena, "%s@%s", a.text, domain);
	str_fold(text);
	a.kind = ADDR_MAILBOX;
	a.domain = text + strlen(a.text) + 1;
	a.text = text;
	return a;
}
