/*
 * Trace fields of a message that is on its way, recognised: whose do they say they are?
 * Readers of such fields differ in what they forgive, so whatever some reader might take
 * for ours is.  Called by the engine for headers as they come, on libmilter's threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/received.h"

#include "base/str.h"
#include "base/unicode.h"

#include <string.h>

/* Labels of a name which are tried as A-label and U-label, each for itself. */
#define IDN_APART 3
#define A_LABEL	  "xn--"

/* What ends a word of Received-SPF: whatever some reader takes for a blank. */
#define CONTROLS                                                                         \
	"\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15"     \
	"\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f \x7f"
#define BETWEEN "=:" /* a key and its value */

/* Where we are in a value.  One comment or quoted string without an end, and from there
 * on none is looked for: its begin is taken for a blank. */
struct scan {
	const char *at;
	const char *(*comment_end)(const char *p); /* one of ways */
	bool broken;
	char *text;		  /* room for what is read: as much as the value has */
	const char *const *names; /* ours in all its forms, ended by NULL */
};

/* RFC 5322 3.2.2 */
static const char *nested_end(const char *p)
{
	unsigned depth = 0;

	for (; *p != '\0'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	return NULL;
}

/* As "\([^)]*\)" has it. */
static const char *first_end(const char *p)
{
	p = strchr(p, ')');
	return p != NULL ? p + 1 : NULL;
}

/* How readers of Received-SPF take out comments: behind the one that begins here; NULL:
 * it has no end. */
static const char *(*const ways[])(const char *p) = { nested_end, first_end };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static bool is_blank(char c)
{
	return c != '\0' && strchr(CONTROLS, c) != NULL;
}

/* In text that was loosened: what is beyond ASCII is a letter. */
static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       (c & 0x80) != 0;
}

/* Does no longer name go on here?  A dot at its end is no part of it. */
static bool is_end_of_name(const char *p)
{
	return !is_of_name(*p) && (*p != '.' || !is_of_name(p[1]));
}

/* The quote that ends the string which begins here; NULL: there is none. */
static const char *string_end(const char *p)
{
	for (p++; *p != '\0' && *p != '"'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return *p == '"' ? p : NULL;
}

/* Over the comment that begins here, or its parenthesis. */
static void skip_comment(struct scan *s)
{
	const char *end = s->broken ? NULL : s->comment_end(s->at);

	s->broken = end == NULL;
	s->at = end != NULL ? end : s->at + 1;
}

/* Blanks and comments. */
static void skip_blanks(struct scan *s)
{
	while (is_blank(*s->at) || *s->at == '(')
		if (*s->at == '(')
			skip_comment(s);
		else
			s->at++;
}

/* The string that begins here, as it is: quotes and backslashes are no part of a name. Of
 * one that has no end the quote alone. */
static size_t read_string(struct scan *s, size_t n)
{
	const char *end = s->broken ? NULL : string_end(s->at);

	s->broken = end == NULL;
	do
		s->text[n++] = *s->at++;
	while (end != NULL && s->at <= end);
	return n;
}

/* What stands here up to one of these characters, into s->text.  A comment leaves a
 * blank: for some readers a name ends there. */
static void read_text(struct scan *s, const char *until)
{
	size_t n = 0;

	while (*s->at != '\0' && strchr(until, *s->at) == NULL)
		if (*s->at == '(') {
			skip_comment(s);
			s->text[n++] = ' ';
		} else if (*s->at == '"')
			n = read_string(s, n);
		else
			s->text[n++] = *s->at++;
	s->text[n] = '\0';
}

static const char *skip_others(const char *p)
{
	while (*p != '\0' && *p != '.' && !is_of_name(*p))
		p++;
	return p;
}

/* Does a text begin with this name, whatever else is before and between its letters?
 * exact: and at most a version is behind it (RFC 8601 2.2). */
static bool begins_with(const char *text, const char *name, bool exact)
{
	for (; *name != '\0'; name++, text++) {
		text = skip_others(text);
		if (*text != *name)
			return false;
	}
	if (!is_end_of_name(text))
		return false;
	text = skip_others(text + (*text == '.'));
	return !exact || text[strspn(text, "0123456789")] == '\0';
}

static bool is_ours(const struct scan *s, bool exact)
{
	for (const char *const *name = s->names; *name != NULL; name++)
		if (begins_with(s->text, *name, exact))
			return true;
	return false;
}

/* An encoded word (RFC 2047).  None may be in these fields, but there are readers that
 * decode it, and take what comes of it for the field. */
static bool is_encoded(const char *p)
{
	if (p[0] != '=' || p[1] != '?')
		return false;
	p += strlen("=?");
	p += strcspn(p, "?");
	return *p == '?' && (p[1] == 'b' || p[1] == 'q') && p[2] == '?';
}

static bool has_encoded(const char *p)
{
	while (*p != '\0' && !is_encoded(p))
		p++;
	return *p != '\0';
}

/* How far readers may have come in our name, in the place of the authserv-id.  Blanks,
 * quotes, backslashes and whatever else is part of no name are passed over. */
struct reading {
	const char *left; /* of our name; NULL: the name is another */
	const char *held; /* that, where a comment begun; NULL: none did */
	unsigned depth;	  /* of comments */
	bool odd; /* readers differ in what is a comment, or where a string ends */
};

/* Is there a comment that has no end? */
static bool has_open_comment(const char *p)
{
	while (*p != '\0')
		if (*p == '\\' && p[1] != '\0')
			p += 2;
		else if (*p != '(')
			p++;
		else if ((p = nested_end(p)) == NULL)
			return true;
	return false;
}

/* A comment may begin or end here: for some at the first ")", for others at any.  Returns
 * false if they may have read different parts of our name: who writes so means to be
 * misread. */
static bool read_parenthesis(struct reading *r, char c)
{
	if (r->left != NULL &&
		((c == '(' && r->odd) || (r->held != NULL && r->held != r->left)))
		return false;
	if (c == '(') {
		r->held = r->left != NULL ? r->left : r->held;
		r->left = NULL;
		r->depth++;
	} else {
		r->left = r->held != NULL ? r->held : r->left;
		r->depth -= r->depth > 0;
	}
	return true;
}

/* May a reader find this name in the place of the authserv-id, whatever version or result
 * is behind it?  So loosely that what the reader makes of comments, strings and
 * backslashes does not matter: OpenDMARC has it that "\(x" and "\"(x\"" are comments. */
static bool may_begin_with(const char *p, const char *name)
{
	struct reading r = { .left = name, .odd = has_open_comment(p) };

	for (; r.left != NULL || r.held != NULL; p++) {
		if (r.left != NULL && *r.left == '\0' && is_end_of_name(p))
			return true;
		if (*p == '\0')
			return false;
		if (is_of_name(*p) || *p == '.')
			r.left = r.left != NULL && *r.left == *p ? r.left + 1 : NULL;
		else if (*p == '(' || *p == ')') {
			if (!read_parenthesis(&r, *p))
				return true;
		} else if (*p == '"' || *p == '\\')
			r.odd = true;
		else if (*p == ';' && !r.odd && r.depth == 0)
			return false;
		else if (is_encoded(p))
			return true;
	}
	return false;
}

/* RFC 8601 2.2.  For those who know no comments, it may stand in one. */
static bool results_claim(struct scan *s)
{
	size_t len = strcspn(s->at, ";");

	for (const char *const *name = s->names; *name != NULL; name++)
		if (may_begin_with(s->at, *name))
			return true;
	memcpy(s->text, s->at, len);
	s->text[len] = '\0';
	return is_ours(s, true);
}

/* Does a comment that is in these octets, or one in it, begin with the name and a colon?
 */
static bool comment_claims(const struct scan *s, const char *p, const char *end)
{
	bool at_begin = false;
	size_t n = 0;

	for (; p < end; p++)
		if (*p == '(' || *p == ')') {
			at_begin = true;
			n = 0;
		} else if (*p != ':') {
			if (*p == '\\' && p + 1 < end)
				p++;
			s->text[n++] = *p;
		} else if (at_begin) {
			s->text[n] = '\0';
			if (is_ours(s, true))
				return true;
			at_begin = false;
		}
	return false;
}

/* As RFC 7208 9.1 has it in its examples: "pass (mx.example.org: domain of ...".  Behind
 * a comment or string without an end all may be one. */
static bool comments_claim(struct scan s)
{
	while (*s.at != '\0') {
		const char *begin = s.at;

		if (*begin == '(')
			skip_comment(&s);
		else if (*begin == '"')
			read_string(&s, 0);
		else
			s.at++;
		if (s.broken)
			return comment_claims(&s, begin, strchr(begin, '\0'));
		if (*begin == '(' && comment_claims(&s, begin, s.at))
			return true;
	}
	return false;
}

/* Is that the last word of s->text? */
static bool is_key(const struct scan *s, const char *key)
{
	size_t left = strlen(key), n = strlen(s->text);

	for (; left > 0 && n > 0; n--)
		if (is_of_name(s->text[n - 1]) && s->text[n - 1] != key[--left])
			return false;
	return left == 0;
}

/* Reads from here up to what ends the value, and stays where it is. */
static bool value_is(struct scan s)
{
	read_text(&s, ";" BETWEEN);
	return is_ours(&s, false);
}

/* RFC 7208 9.1: any pair "receiver=". */
static bool has_pair(struct scan *s)
{
	bool found;

	for (skip_blanks(s); *s->at != '\0'; skip_blanks(s)) {
		read_text(s, CONTROLS ";" BETWEEN);
		found = is_key(s, "receiver");
		skip_blanks(s);
		if (*s->at == ';')
			s->at++;
		else if (*s->at != '\0' && strchr(BETWEEN, *s->at) != NULL) {
			s->at += strspn(s->at, BETWEEN);
			if (found && value_is(*s))
				return true;
		}
	}
	return false;
}

static bool spf_claims(struct scan *s)
{
	const char *value = s->at;

	s->comment_end = nested_end;
	if (has_encoded(value) || comments_claim(*s))
		return true;
	for (size_t i = 0; i < WAYS; i++) {
		s->comment_end = ways[i];
		s->at = value;
		s->broken = false;
		if (has_pair(s))
			return true;
	}
	return false;
}

/* A name in one of its forms: the A-labels whose bits are set are U-labels. */
static const char *name_form(struct arena *arena, const char *name, unsigned shown)
{
	char *form = arena_strdup(arena, ""), *out;
	unsigned bit = 1;

	for (size_t len; *name != '\0'; name += len + (name[len] == '.')) {
		const char *label, *u_label = NULL;

		len = strcspn(name, ".");
		label = arena_memdup(arena, name, len);
		if (strncmp(label, A_LABEL, strlen(A_LABEL)) == 0) {
			if (shown & bit)
				u_label = unicode_label(arena, label);
			bit <<= bit < 1U << (IDN_APART - 1);
		}
		form = arena_printf(arena, "%s%s%s", form, *form != '\0' ? "." : "",
			u_label != NULL ? u_label : label);
	}
	out = form = unicode_loosen(arena, form);
	for (const char *p = skip_others(form); *p != '\0'; p = skip_others(p + 1))
		*out++ = *p;
	*out = '\0';
	return form;
}

/* All forms; none of a name without letters. */
static const char *const *name_forms(struct arena *arena, const char *name)
{
	unsigned apart = 0, n = 0;
	const char **forms;

	if (str_is_utf8(name, strlen(name)) && !str_is_ascii(name, strlen(name)) &&
		unicode_domain(arena, name) != NULL)
		name = unicode_domain(arena, name);
	else
		name = unicode_loosen(arena, name);
	for (const char *p = name; (p = strstr(p, A_LABEL)) != NULL; p++)
		apart += apart < IDN_APART;
	forms = arena_alloc(arena, ((1U << apart) + 1) * sizeof(*forms));
	for (unsigned shown = 0; shown < 1U << apart; shown++) {
		forms[n] = name_form(arena, name, shown);
		n += *forms[n] != '\0';
	}
	forms[n] = NULL;
	return forms;
}

static bool (*const claims[])(struct scan *s) = {
	[RECEIVED_FIELD_SPF] = spf_claims,
	[RECEIVED_FIELD_RESULTS] = results_claim,
};
_Static_assert(sizeof(claims) / sizeof(claims[0]) == RECEIVED_FIELDS,
	"a way to read each field");

bool received_claims(enum received_field f, const char *value, const char *receiver)
{
	struct arena *arena = arena_new();
	const char *text = unicode_loosen(arena, value);
	struct scan s = { .at = text,
		.text = arena_alloc(arena, strlen(text) + 1),
		.names = name_forms(arena, receiver) };
	bool ours = claims[f](&s);

	arena_free(arena);
	return ours;
}
