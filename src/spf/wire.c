/*
 * Questions and answers as JSON.  The pool reads what a worker writes, and a worker may
 * have been taken over by a stranger's DNS: every type, range and length is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/wire.h"

#include "base/arena.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets that a datagram needs for everything but the trace: four texts in which each
 * octet may take two, names and numbers. */
#define WITHOUT_TRACE (4 * 2 * SPF_TEXT_MAX + 512)

/* Names, doubled escapes and quotes of a line of the trace. */
#define LINE_EXTRA 3

/* No honest check counts as far. */
#define COUNT_MAX 1000000

#define LOADED (JSON_REJECT_DUPLICATES)

/* --- octets of strangers as JSON, which has characters alone --- */

/* Each octet becomes the character of its number. */
static json_t *from_octets(const char *octets)
{
	char utf8[2 * SPF_TEXT_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; octets[i] != '\0' && i < SPF_TEXT_MAX; i++) {
		unsigned char c = (unsigned char)octets[i];

		if (c >= 0x80)
			utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	return json_stringn(utf8, n);
}

/* jansson has seen to it that it is UTF-8 without a NUL. */
static int to_octets(char octets[SPF_TEXT_MAX + 1], const char *utf8)
{
	size_t n = 0;

	for (; *utf8 != '\0'; utf8++) {
		unsigned char c = (unsigned char)*utf8;

		if (n == SPF_TEXT_MAX || c > 0xc3)
			return -1;
		if (c >= 0x80)
			c = (unsigned char)(c << 6 | ((unsigned char)*++utf8 & 0x3f));
		octets[n++] = (char)c;
	}
	octets[n] = '\0';
	return 0;
}

/* The text as the daemon takes it: printable ASCII, at most max octets. */
static json_t *printable(const char *text, size_t max)
{
	char out[SPF_TEXT_MAX + 1];

	return json_string(spf_ascii(out, max + 1, text, strlen(text)));
}
_Static_assert(SPF_TRACE_LINE_MAX <= SPF_TEXT_MAX, "a line has room where a text has");

/* Takes the object over. */
static char *packed(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text == NULL)
		mem_exhausted();
	json_decref(object);
	return text;
}

/* --- questions --- */

char *spf_wire_ask(uint64_t id, int64_t until, const struct spf_question *q)
{
	char client[CIDR_TEXT_MAX];

	return packed(json_pack("{s:I, s:I, s:s, s:o, s:o, s:b}", "id", (json_int_t)id,
		"until", (json_int_t)until, "client", cidr_format(client, &q->client),
		"sender", from_octets(q->sender), "helo", from_octets(q->helo), "trace",
		(int)q->trace));
}

static int read_client(const char *text, struct cidr *client)
{
	return cidr_parse(text, client, NULL) == 0 && cidr_is_address(client) ? 0 : -1;
}

int spf_wire_read_question(const char *octets, size_t len, struct spf_wire_question *out)
{
	json_t *object = json_loadb(octets, len, LOADED, NULL);
	const char *client, *sender, *helo;
	json_int_t id, until;
	int trace, rc = -1;

	*out = (struct spf_wire_question){ 0 };
	if (json_unpack(object, "{s:I, s:I, s:s, s:s, s:s, s:b !}", "id", &id, "until",
		    &until, "client", &client, "sender", &sender, "helo", &helo, "trace",
		    &trace) == 0 &&
		id > 0 && until >= 0 && read_client(client, &out->question.client) == 0 &&
		to_octets(out->sender, sender) == 0 && to_octets(out->helo, helo) == 0)
		rc = 0;
	if (rc == 0) {
		out->id = (uint64_t)id;
		out->until = until;
		out->question.sender = out->sender;
		out->question.helo = out->helo;
		out->question.trace = trace != 0;
	}
	json_decref(object);
	return rc;
}

/* --- answers --- */

/* As many lines as there is room for. */
static json_t *trace_of(const struct spf_answer *a)
{
	size_t room = SPF_WIRE_MAX - WITHOUT_TRACE - SPF_TRACE_LINE_MAX, i;
	json_t *lines = json_array();
	char left_out[64];

	for (i = 0; i < a->ntrace && i < SPF_TRACE_MAX - 1; i++) {
		json_t *line = printable(a->trace[i], SPF_TRACE_LINE_MAX);
		size_t needs = 2 * json_string_length(line) + LINE_EXTRA;

		if (needs > room) {
			json_decref(line);
			break;
		}
		room -= needs;
		json_array_append_new(lines, line);
	}
	if (i < a->ntrace) {
		snprintf(left_out, sizeof(left_out), "... and %zu lines more",
			a->ntrace - i);
		json_array_append_new(lines, json_string(left_out));
	}
	return lines;
}

char *spf_wire_answer(uint64_t id, const struct spf_answer *a)
{
	return packed(json_pack(
		"{s:I, s:s, s:b, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o}", "id",
		(json_int_t)id, "result", spf_result_name(a->result), "helo",
		(int)a->helo, "sender", printable(a->sender, SPF_TEXT_MAX), "domain",
		printable(a->domain, SPF_TEXT_MAX), "mechanism",
		printable(a->mechanism, SPF_TEXT_MAX), "problem",
		printable(a->problem, SPF_TEXT_MAX), "ttl", (json_int_t)a->ttl, "terms",
		(json_int_t)a->terms, "voids", (json_int_t)a->voids, "queries",
		(json_int_t)a->queries, "trace", trace_of(a)));
}

char *spf_wire_refuse(const char *why)
{
	return packed(json_pack("{s:o}", "refusal", printable(why, SPF_TEXT_MAX)));
}

/* Is it a text that may be shown as it is? */
static bool is_text(const char *text, size_t max)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return n <= max;
}

static bool is_trace(const json_t *lines)
{
	if (!json_is_array(lines) || json_array_size(lines) > SPF_TRACE_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const char *line = json_string_value(json_array_get(lines, i));

		if (line == NULL || !is_text(line, SPF_TRACE_LINE_MAX))
			return false;
	}
	return true;
}

static void copy_trace(struct spf_answer *a, const json_t *lines)
{
	a->ntrace = json_array_size(lines);
	if (a->ntrace > 0)
		a->trace = mem_calloc(a->ntrace, sizeof(*a->trace));
	for (size_t i = 0; i < a->ntrace; i++)
		a->trace[i] = mem_strdup(json_string_value(json_array_get(lines, i)));
}

/* The parts of an answer, still jansson's. */
struct parts {
	json_int_t id, ttl, terms, voids, queries;
	const char *result, *sender, *domain, *mechanism, *problem;
	const json_t *trace;
	int helo;
};

static bool in_range(const struct parts *p)
{
	const struct {
		json_int_t value, max;
	} numbers[] = { { p->ttl, SPF_TTL_MAX }, { p->terms, COUNT_MAX },
		{ p->voids, COUNT_MAX }, { p->queries, COUNT_MAX } };
	const char *const texts[] = { p->sender, p->domain, p->mechanism, p->problem };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value < 0 || numbers[i].value > numbers[i].max)
			return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!is_text(texts[i], SPF_TEXT_MAX))
			return false;
	return p->id > 0 && spf_result_find(p->result) >= 0 && is_trace(p->trace);
}

static bool read_parts(json_t *object, struct parts *p)
{
	return json_unpack(object,
		       "{s:I, s:s, s:b, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o !}",
		       "id", &p->id, "result", &p->result, "helo", &p->helo, "sender",
		       &p->sender, "domain", &p->domain, "mechanism", &p->mechanism,
		       "problem", &p->problem, "ttl", &p->ttl, "terms", &p->terms,
		       "voids", &p->voids, "queries", &p->queries, "trace",
		       &p->trace) == 0 &&
	       in_range(p);
}

void spf_wire_read_answer(const char *octets, size_t len, struct spf_wire_answer *out)
{
	json_t *object = json_loadb(octets, len, LOADED, NULL);
	const char *refusal;
	struct parts p;

	*out = (struct spf_wire_answer){ .kind = SPF_WIRE_NONSENSE };
	if (json_unpack(object, "{s:s !}", "refusal", &refusal) == 0) {
		if (is_text(refusal, SPF_TEXT_MAX))
			out->kind = SPF_WIRE_REFUSAL;
		snprintf(out->refusal, sizeof(out->refusal), "%s",
			out->kind == SPF_WIRE_REFUSAL ? refusal : "");
	} else if (read_parts(object, &p)) {
		out->kind = SPF_WIRE_ANSWER;
		out->id = (uint64_t)p.id;
		out->answer = (struct spf_answer){
			.result = (enum spf_result)spf_result_find(p.result),
			.helo = p.helo != 0,
			.sender = mem_strdup(p.sender),
			.domain = mem_strdup(p.domain),
			.mechanism = mem_strdup(p.mechanism),
			.problem = mem_strdup(p.problem),
			.ttl = (unsigned)p.ttl,
			.terms = (unsigned)p.terms,
			.voids = (unsigned)p.voids,
			.queries = (unsigned)p.queries,
		};
		copy_trace(&out->answer, p.trace);
	}
	json_decref(object);
}
