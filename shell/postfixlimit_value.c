/*
 * Limits, texts and keys of postfixlimit.  Called by shell/postfixlimit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postfixlimit_value.h"

#include "base/addr.h"
#include "base/cidr.h"
#include "base/clock.h"
#include "base/str.h"
#include "ctl/bounds.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BLANK  " \t\r\f\v"
#define DIGITS "0123456789"

/* A year is twelve months of thirty days there. */
static const struct unit {
	const char *name;
	uint64_t seconds;
} units[] = {
	{ "second", 1 },
	{ "minute", 60 },
	{ "hour", 3600 },
	{ "day", 86400 },
	{ "month", 30 * 86400 },
	{ "year", 360 * 86400 },
};

#define UNITS (sizeof(units) / sizeof(units[0]))

static const char *behind_blanks(const char *p)
{
	return p + strspn(p, BLANK);
}

/* The digits at p, and where they end; what is too much for every bound is just that. */
static const char *take_number(const char *p, uint64_t *out)
{
	for (*out = 0; isdigit((unsigned char)*p); p++)
		if (*out <= UINT32_MAX)
			*out = *out * 10 + (uint64_t)(*p - '0');
	return p;
}

static bool is_name(const char *p, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(p, name, len) == 0;
}

/* Also with an s behind it. */
static const struct unit *find_unit(const char *p, size_t len)
{
	for (const struct unit *u = units; u < units + UNITS; u++)
		if (is_name(p, len, u->name) ||
			(len > 0 && tolower((unsigned char)p[len - 1]) == 's' &&
				is_name(p, len - 1, u->name)))
			return u;
	return NULL;
}

/* Where the first limit ends, NULL if there is none. */
static const char *take_limit(const char *p, uint64_t *amount, uint64_t *period)
{
	const struct unit *u;
	size_t len;

	p = behind_blanks(p);
	if (!isdigit((unsigned char)*p))
		return NULL;
	p = behind_blanks(take_number(p, amount));
	if (*p == '/')
		p++;
	else if (strncasecmp(p, "per", 3) == 0)
		p += 3;
	else
		return NULL;
	p = behind_blanks(take_number(behind_blanks(p), period));
	for (len = 0; isalpha((unsigned char)p[len]); len++)
		continue;
	u = find_unit(p, len);
	if (u == NULL)
		return NULL;
	/* none before the unit is one, and so is 0 */
	*period = (*period > 0 ? *period : 1) * u->seconds;
	return behind_blanks(p + len);
}

int postfixlimit_limit(struct arena *arena, const char *text,
	struct postfixlimit_limit *out, struct err *err)
{
	char spelled[DURATION_TEXT_MAX];
	uint64_t amount, period;
	const char *end = take_limit(text, &amount, &period);

	*out = (struct postfixlimit_limit){ .more = end != NULL && *end != '\0' };
	/* those behind it have to be limits, too */
	for (uint64_t a, p; end != NULL && *end != '\0';)
		end = strchr(",;|", *end) != NULL ? take_limit(end + 1, &a, &p) : NULL;
	if (end == NULL)
		return err_set(err,
			"not a limit of postfixlimit: \"%.80s\" (as in 100/day or "
			"5 per 2 hours)",
			text);
	if (amount > LIMIT_AMOUNT_MAX || period > LIMIT_PERIOD_MAX)
		err_set(err, "a limit is of %d at most, in 10 years at most: \"%.80s\"",
			LIMIT_AMOUNT_MAX, text);
	else
		out->text = arena_printf(arena, "%llu/%s", (unsigned long long)amount,
			duration_format(spelled, (int64_t)period));
	return 0;
}

/* What stands behind "5.7.1 ", a status code of RFC 3463; the text itself if none is
 * there. */
static const char *behind_code(const char *text)
{
	const char *p = text;

	if (*p != '2' && *p != '4' && *p != '5')
		return text;
	p++;
	for (int i = 0; i < 2; i++) {
		size_t n = *p == '.' ? strspn(p + 1, DIGITS) : 0;

		if (n < 1 || n > 3)
			return text;
		p += 1 + n;
	}
	if (*p != '\0' && strchr(BLANK, *p) == NULL)
		return text;
	return behind_blanks(p);
}

/* What stands for the placeholder at p; its length. */
static const char *expand(const char *p, const char *field, size_t *len)
{
	const struct {
		const char *spelling, *text;
	} known[] = { { "{limit}", "{limit}" }, { "{key}", "{object}" },
		{ "{field}", field } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		*len = strlen(known[i].spelling);
		if (strncmp(p, known[i].spelling, *len) == 0)
			return known[i].text;
	}
	return NULL;
}

static const char *translate(
	struct arena *arena, const char *text, const char *field, struct err *err)
{
	/* {key} grows by three octets, {field} to the name */
	char *out = arena_alloc(arena, strlen(text) * (strlen(field) + 2) + 1);
	size_t used = 0, len;

	while (*text != '\0') {
		const char *word;

		if (*text != '{' && *text != '}') {
			out[used++] = *text++;
			continue;
		}
		word = expand(text, field, &len);
		if (word == NULL) {
			err_set(err, "no reply can have braces but in {limit}, {field} "
				     "and {key}");
			return NULL;
		}
		memcpy(out + used, word, strlen(word));
		used += strlen(word);
		text += len;
	}
	return out;
}

const char *postfixlimit_reply(struct arena *arena, const char *text, const char *field,
	bool *coded, struct err *err)
{
	const char *said = behind_code(text), *reply;

	*coded = said != text;
	reply = translate(arena, said, field, err);
	if (reply == NULL)
		return NULL;
	if (!str_is_utf8(reply, strlen(reply)) || str_has_control(reply))
		err_set(err, "a reply is one line of UTF-8");
	else if (str_utf8_length(reply) > REPLY_CHARS_MAX)
		err_set(err, "a reply has at most %d characters, this one %zu",
			REPLY_CHARS_MAX, str_utf8_length(reply));
	else if (strstr(reply, "%s") != NULL)
		err_set(err, "in a reply %%s stands for {wait}");
	else
		return reply;
	return NULL;
}

static const char *sender(struct arena *arena, const char *key)
{
	struct addr a = addr_parse(arena, key);

	return a.kind == ADDR_MAILBOX ? a.text : NULL;
}

/* One without a domain is that name alone, where nothing else can be meant by it. */
static const char *login(struct arena *arena, const char *key)
{
	size_t digits = strspn(key, DIGITS);

	if (strchr(key, '@') != NULL)
		return sender(arena, key);
	if (key[strspn(key, "abcdefghijklmnopqrstuvwxyz" DIGITS "._+-=")] != '\0' ||
		strlen(key) > ADDR_LOCAL_MAX || strcmp(key, "any") == 0 ||
		key[strspn(key, "._+-=")] == '\0')
		return NULL;
	if (digits > 0 && key[digits] == '.' && isdigit((unsigned char)key[digits + 1]))
		return NULL;
	return key;
}

static const char *client(struct arena *arena, const char *key)
{
	char text[CIDR_TEXT_MAX];
	struct cidr c;

	if (cidr_parse(key, &c, NULL) < 0 || !cidr_is_address(&c))
		return NULL;
	return arena_strdup(arena, cidr_format(text, &c));
}

const char *postfixlimit_member(struct arena *arena, const char *key,
	enum postfixlimit_field field, struct err *err)
{
	static const struct {
		const char *(*parse)(struct arena *arena, const char *key);
		const char *wanted;
	} fields[] = {
		[FIELD_SENDER] = { sender, "the address of a sender" },
		[FIELD_LOGIN] = { login,
			"a login of letters, digits and . _ + - =, or one with a domain "
			"that is an address" },
		[FIELD_CLIENT] = { client, "the address of a client" },
	};
	const char *member = fields[field].parse(arena, key);

	if (member == NULL)
		err_set(err, "\"%.120s\" is not %s", key, fields[field].wanted);
	return member;
}
