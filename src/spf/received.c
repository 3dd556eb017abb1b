/*
 * Trace fields about sender policies, made.  Called by the engine for each message that
 * was checked, on libmilter's threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/received.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

#define LINE_WANTED 78	/* octets, RFC 5322 2.1.1 */
#define VALUE_MAX   400 /* of a text; quoted, with its key it is still in one line */

static const char *make_spf(struct arena *arena, const char *receiver,
	const struct spf_question *q, const struct spf_answer *a);
static const char *make_results(struct arena *arena, const char *receiver,
	const struct spf_question *q, const struct spf_answer *a);

static const struct {
	const char *name;
	const char *(*make)(struct arena *arena, const char *receiver,
		const struct spf_question *q, const struct spf_answer *a);
} fields[] = {
	[RECEIVED_FIELD_SPF] = { RECEIVED_SPF, make_spf },
	[RECEIVED_FIELD_RESULTS] = { RECEIVED_RESULTS, make_results },
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) == RECEIVED_FIELDS,
	"a name and a maker for each field");

int received_field(const char *name)
{
	size_t len = strcspn(name, " \t");

	for (int f = 0; f < RECEIVED_FIELDS; f++)
		if (strlen(fields[f].name) == len &&
			strncasecmp(fields[f].name, name, len) == 0)
			return f;
	return -1;
}

const char *received_field_name(enum received_field f)
{
	return fields[f].name;
}

/* What the comment says of the sender's domain; a role: and of the client. */
static const struct {
	const char *words, *role;
} sayings[] = {
	[SPF_NONE] = { "has no SPF record that applies", NULL },
	[SPF_NEUTRAL] = { "neither permits nor denies", "as sender" },
	[SPF_PASS] = { "designates", "as permitted sender" },
	[SPF_FAIL] = { "does not designate", "as permitted sender" },
	[SPF_SOFTFAIL] = { "does not seem to designate", "as permitted sender" },
	[SPF_TEMPERROR] = { "could not be asked for its SPF record", NULL },
	[SPF_PERMERROR] = { "has an SPF record that is in error", NULL },
};
_Static_assert(
	sizeof(sayings) / sizeof(sayings[0]) == SPF_RESULTS, "words for each result");

/* Of the null sender it is the HELO name that is checked (RFC 7208 2.4). */
static bool is_of_helo(const struct spf_question *q)
{
	return *q->sender == '\0';
}

/* Can it be told as it is?  Some readers decode what looks like an encoded word (RFC
 * 2047) wherever it is, and what is in that would break out. */
static bool is_sayable(const char *text)
{
	return *text != '\0' && strlen(text) <= VALUE_MAX &&
	       str_is_utf8(text, strlen(text)) && !str_has_control(text) &&
	       strstr(text, "=?") == NULL;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Of the characters of an atom (RFC 5322 3.2.3) those that are in a token of RFC 2045,
 * too; and of them those that hosts' names have. */
#define TOKEN "!#$%&'*+-^_`{|}~"
#define HOST  "-_"

/* Nothing but letters, digits and these? */
static bool is_made_of(const char *text, size_t len, const char *specials)
{
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(text[i]) && strchr(specials, text[i]) == NULL)
			return false;
	return len > 0;
}

/* Is it a dot-atom of letters, digits and these? */
static bool is_dot_atom(const char *text, size_t len, const char *specials)
{
	char before = '.';

	for (size_t i = 0; i < len; before = text[i++])
		if (text[i] == '.' ? before == '.' : !is_made_of(&text[i], 1, specials))
			return false;
	return before != '.';
}

static bool is_plain(const char *text)
{
	return is_dot_atom(text, strlen(text), TOKEN);
}

/* Each of these characters gets a backslash. */
static const char *escaped(struct arena *arena, const char *text, const char *which)
{
	char *to = arena_alloc(arena, 2 * strlen(text) + 1), *end = to;

	for (; *text != '\0'; *end++ = *text++)
		if (strchr(which, *text) != NULL)
			*end++ = '\\';
	return to;
}

/* A dot-atom, or a quoted-string (RFC 5322 3.2.4). */
static const char *quoted(struct arena *arena, const char *text)
{
	if (is_plain(text))
		return text;
	return arena_printf(arena, "\"%s\"", escaped(arena, text, "\"\\"));
}

/* As part of a comment (RFC 5322 3.2.2). */
static const char *commented(struct arena *arena, const char *text)
{
	return escaped(arena, text, "()\\");
}

/* The whole value is in one line; each word that would stand too far to the right begins
 * another.  Unfolded it is the same again. */
static const char *fold(struct arena *arena, const char *name, const char *line)
{
	char *folded = arena_alloc(arena, 2 * strlen(line) + 1), *end = folded;
	size_t column = strlen(name) + strlen(": "), len;

	for (; *line != '\0'; line += len, end += len, column += len) {
		len = strspn(line, " ");
		len += strcspn(line + len, " ");
		if (*line == ' ' && column + len > LINE_WANTED) {
			*end++ = '\n';
			column = 0;
		}
		memcpy(end, line, len);
	}
	return folded;
}

static const char *say_client(struct arena *arena, const struct spf_question *q)
{
	char address[CIDR_TEXT_MAX];

	return arena_strdup(arena, cidr_format(address, &q->client));
}

/* The name of a host or an address literal, and nothing that could pass for more.  There
 * are readers who know neither comments nor quotes, and look in the whole field for what
 * is written like "dkim=pass". */
static bool is_host(const char *text)
{
	size_t len = strlen(text);

	if (len > VALUE_MAX)
		return false;
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return is_made_of(text + 1, len - 2, ".:");
	return is_made_of(text, len, "." HOST);
}

/* "": it has none. */
static const char *domain_of(const char *sender)
{
	const char *at = strrchr(sender, '@');

	return at != NULL ? at + 1 : "";
}

/* Whose domain it is, if that can be said in a word that is for nobody anything else;
 * with the local part, too, if that can be. */
static const char *say_whom(
	const struct spf_question *q, const struct spf_answer *a, bool with_local)
{
	const char *sender = *a->sender != '\0' ? a->sender : q->sender;
	const char *domain = domain_of(sender);

	if (!is_host(domain))
		return is_of_helo(q) ? "the HELO name" : "the sender";
	if (!with_local || strlen(sender) > VALUE_MAX ||
		!is_dot_atom(sender, (size_t)(domain - sender) - 1, HOST "+"))
		return domain;
	return sender;
}

static const char *say_why(struct arena *arena, const char *whose, enum spf_result result,
	const char *client)
{
	const char *words = sayings[result].words, *role = sayings[result].role;

	if (role == NULL)
		return arena_printf(arena, "domain of %s %s", whose, words);
	return arena_printf(arena, "domain of %s %s %s %s", whose, words, client, role);
}

static const char *make_spf(struct arena *arena, const char *receiver,
	const struct spf_question *q, const struct spf_answer *a)
{
	const char *client = say_client(arena, q);
	const struct {
		const char *key, *text;
	} pairs[] = {
		{ "receiver", receiver },
		{ "identity", is_of_helo(q) ? "helo" : "mailfrom" },
		{ "client-ip", client },
		{ "helo", str_is_ascii(q->helo, strlen(q->helo)) ? q->helo : "" },
		{ "envelope-from", is_of_helo(q) ? "<>" : q->sender },
		{ "mechanism", a->mechanism },
		{ "problem", spf_answer_excuse(a) },
	};
	const char *line = arena_printf(arena, "%s (%s: %s)", spf_result_name(a->result),
		commented(arena, receiver),
		say_why(arena, say_whom(q, a, true), a->result, client));

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (is_sayable(pairs[i].text))
			line = arena_printf(arena, "%s %s=%s;", line, pairs[i].key,
				quoted(arena, pairs[i].text));
	return line;
}

/* The domain alone of a sender, as RFC 8601 2.7.2 lets us: what is before the @ is
 * nobody's business, and could be spelled in too many ways. */
static const char *make_results(struct arena *arena, const char *receiver,
	const struct spf_question *q, const struct spf_answer *a)
{
	const char *identity = is_of_helo(q) ? q->helo : domain_of(q->sender);
	const char *line = arena_printf(arena, "%s; spf=%s (%s)", quoted(arena, receiver),
		spf_result_name(a->result),
		say_why(arena, say_whom(q, a, false), a->result, say_client(arena, q)));

	if (!is_host(identity))
		return line;
	return arena_printf(arena, "%s smtp.%s=%s", line,
		is_of_helo(q) ? "helo" : "mailfrom", quoted(arena, identity));
}

const char *received_value(struct arena *arena, enum received_field f,
	const char *receiver, const struct spf_question *q, const struct spf_answer *a)
{
	return fold(arena, fields[f].name, fields[f].make(arena, receiver, q, a));
}
