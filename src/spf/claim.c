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

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define IDN_MAX 512 /* octets of what is read as an internationalized name */

/* What ends a word of Received-SPF: whatever some reader takes for a blank. */
#define CONTROLS                                                                         \
	"\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15"     \
	"\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f \x7f"
#define BETWEEN "=:" /* a key and its value */

/* How a reader takes out comments and strings. */
struct way {
	/* behind the comment that begins here; NULL: it has no end */
	const char *(*comment_end)(const char *p);
	bool strings; /* knows them */
	bool exact;   /* leaves comments in: nothing else may be there */
};

/* Where we are in a value.  One comment or quoted string without an end, and from there
 * on none is looked for: its begin is taken for a blank. */
struct scan {
	const char *at;
	const struct way *way;
	bool broken;
	char *text; /* room for what is read: as much as the value has */
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

static const char *no_end(const char *p)
{
	(void)p;
	return NULL;
}

static const struct way ways[] = {
	{ nested_end, .strings = true },
	{ first_end, .strings = true },
	{ first_end, .strings = false },
	{ no_end, .exact = true },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))
#define SPF_WAYS                                                                         \
	2 /* of them, for Received-SPF: in strings there is what strangers said */

static bool is_blank(char c)
{
	return c != '\0' && strchr(CONTROLS, c) != NULL;
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
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
	const char *end = s->broken ? NULL : s->way->comment_end(s->at);

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

/* The string that begins here, without its quotes and backslashes; of one that has no end
 * the quote alone is passed over. */
static size_t read_string(struct scan *s, size_t n)
{
	const char *end = s->broken || !s->way->strings ? NULL : string_end(s->at);

	s->broken = s->broken || (s->way->strings && end == NULL);
	s->at++;
	if (end == NULL)
		return n;
	for (; s->at < end; s->at++) {
		if (*s->at == '\\')
			s->at++;
		s->text[n++] = *s->at;
	}
	s->at = end + 1;
	return n;
}

/* What stands here up to one of these characters, into s->text: comments taken out,
 * strings without their quotes. */
static void read_text(struct scan *s, const char *until)
{
	size_t n = 0;

	while (*s->at != '\0' && strchr(until, *s->at) == NULL)
		if (*s->at == '(')
			skip_comment(s);
		else if (*s->at == '"')
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

/* Behind the name with which the text begins, whatever else is before and between its
 * letters, digits, dots and hyphens; NULL: it does not. */
static const char *behind_name(const char *text, const char *name)
{
	for (name = skip_others(name); *name != '\0'; name = skip_others(name + 1)) {
		text = skip_others(text);
		if (strncasecmp(text, name, 1) != 0)
			return NULL;
		text++;
	}
	return text;
}

/* Does a text begin with this name, or one of it and a dot or anything else that is no
 * part of a longer name?  exact: and at most a version is behind it (RFC 8601 2.2). */
static bool begins_with(const char *text, const char *name, bool exact)
{
	const char *rest = *name != '\0' ? behind_name(text, name) : NULL;

	if (rest == NULL || is_of_name(*rest) || (*rest == '.' && is_of_name(rest[1])))
		return false;
	rest = skip_others(rest + (*rest == '.'));
	return !exact || rest[strspn(rest, "0123456789")] == '\0';
}

/* begins_with() for a text in any of its spellings.  What is no internationalized name
 * may be one of ASCII with strange blanks in it. */
static bool names(const char *text, const char *name, bool exact)
{
	size_t len = strlen(text);
	const char *mapped;
	struct arena *arena;
	bool is;

	if (len > IDN_MAX || str_is_ascii(text, len) || !str_is_utf8(text, len))
		return begins_with(text, name, exact);
	arena = arena_new();
	mapped = unicode_domain(arena, text);
	is = begins_with(mapped != NULL ? mapped : text, name, exact);
	arena_free(arena);
	return is;
}

/* Is there an encoded word before the end (RFC 2047)?  None may be there, but there are
 * readers that decode it, and take what comes of it for the field. */
static bool has_encoded(const char *p, const char *end)
{
	while ((p = strstr(p, "=?")) != NULL && p < end) {
		const char *encoding;

		p += strlen("=?");
		encoding = p + strcspn(p, "?");
		if (strncasecmp(encoding, "?b?", 3) == 0 ||
			strncasecmp(encoding, "?q?", 3) == 0)
			return true;
	}
	return false;
}

/* RFC 8601 2.2: what comes first, whatever version or result is behind it. */
static bool results_claim(struct scan *s, const char *receiver)
{
	const char *value = s->at;

	for (s->way = ways; s->way < ways + WAYS; s->way++) {
		s->at = value;
		s->broken = false;
		read_text(s, ";");
		if (names(s->text, receiver, s->way->exact) || has_encoded(value, s->at))
			return true;
	}
	return false;
}

/* Does a comment that is in these octets, or one in it, begin with the name and a colon?
 */
static bool comment_claims(
	const struct scan *s, const char *p, const char *end, const char *receiver)
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
			if (names(s->text, receiver, true))
				return true;
			at_begin = false;
		}
	return false;
}

/* As RFC 7208 9.1 has it in its examples: "pass (mx.example.org: domain of ...".  Behind
 * a comment or string without an end all may be one. */
static bool comments_claim(struct scan s, const char *receiver)
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
			return comment_claims(&s, begin, strchr(begin, '\0'), receiver);
		if (*begin == '(' && comment_claims(&s, begin, s.at, receiver))
			return true;
	}
	return false;
}

/* Is that the last word of s->text? */
static bool is_key(const struct scan *s, const char *key)
{
	size_t left = strlen(key), n = strlen(s->text);

	for (; left > 0 && n > 0; n--)
		if (is_of_name(s->text[n - 1]) &&
			strncasecmp(&s->text[n - 1], &key[--left], 1) != 0)
			return false;
	return left == 0;
}

/* Reads from here up to what ends the value, and stays where it is. */
static bool value_is(struct scan s, const char *receiver)
{
	read_text(&s, ";" BETWEEN);
	return names(s.text, receiver, false);
}

/* RFC 7208 9.1: any pair "receiver=". */
static bool has_pair(struct scan *s, const char *receiver)
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
			if (found && value_is(*s, receiver))
				return true;
		}
	}
	return false;
}

static bool spf_claims(struct scan *s, const char *receiver)
{
	const char *value = s->at;

	s->way = ways;
	if (has_encoded(value, value + strlen(value)) || comments_claim(*s, receiver))
		return true;
	for (s->way = ways; s->way < ways + SPF_WAYS; s->way++) {
		s->at = value;
		s->broken = false;
		if (has_pair(s, receiver))
			return true;
	}
	return false;
}

static bool (*const claims[])(struct scan *s, const char *receiver) = {
	[RECEIVED_FIELD_SPF] = spf_claims,
	[RECEIVED_FIELD_RESULTS] = results_claim,
};
_Static_assert(sizeof(claims) / sizeof(claims[0]) == RECEIVED_FIELDS,
	"a way to read each field");

bool received_claims(enum received_field f, const char *value, const char *receiver)
{
	struct scan s = { .at = value, .text = mem_calloc(1, strlen(value) + 1) };
	bool ours = claims[f](&s, receiver);

	free(s.text);
	return ours;
}
