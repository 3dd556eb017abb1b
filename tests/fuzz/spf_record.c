/*
 * Fuzz target: whatever a stranger's DNS answers, a check comes to an end within its
 * limits, and to an answer that keeps its promises.  The first line of an input is a
 * sender, the others are what DNS says to one question after the other: a letter for what
 * it cannot say, or records with | between them, raw, but for the lengths of TXT strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "spf/worker/lookup.h"
#include "spf/worker/walk.h"

#include <string.h>

#define RECORDS_MAX 64

/* Those of 4.6.4 and what follows: 11 records; 10 terms of 11 questions each at most, and
 * the client's names once. */
#define TERMS_MAX   10
#define QUERIES_MAX (11 + TERMS_MAX * 11 + 11)

struct script {
	struct resolver base;
	const char *begin, *next, *end;
	struct dns_datum data[RECORDS_MAX];
};

static const struct {
	char letter;
	enum dns_status status;
} statuses[] = {
	{ 'n', DNS_NO_DATA },
	{ 'x', DNS_NO_NAME },
	{ 'f', DNS_FAILED },
	{ 't', DNS_TIME_IS_UP },
};

/* The octets up to the next c, which *from then is behind. */
static struct dns_datum piece(const char **from, const char *end, char c)
{
	const char *begin = *from, *at = memchr(begin, c, (size_t)(end - begin));

	if (at == NULL)
		at = end;
	*from = at < end ? at + 1 : end;
	return (struct dns_datum){ (const unsigned char *)begin, (size_t)(at - begin) };
}

/* In memory of exactly its size. */
static struct dns_datum as_rdata(struct dns_datum d, bool strings)
{
	const size_t size = d.len + (strings ? d.len / 255 + 1 : 0);
	unsigned char *octets = mem_calloc(1, size + (size == 0)), *to = octets;

	for (size_t i = 0; i < d.len; i++) {
		if (strings && i % 255 == 0)
			*to++ = (unsigned char)(d.len - i < 255 ? d.len - i : 255);
		*to++ = d.octets[i];
	}
	return (struct dns_datum){ octets, (size_t)(to - octets) };
}

static struct dns_answer answer(
	struct resolver *r, const char *name, int type, bool of_client)
{
	struct script *s = (struct script *)r;
	struct dns_answer a = { .status = DNS_FOUND, .data = s->data, .ttl = 60 };
	struct dns_datum line;
	const char *at;

	(void)of_client;
	MUST(spf_is_name(name));
	if (s->next == s->end)
		s->next = s->begin;
	line = piece(&s->next, s->end, '\n');
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (line.len == 1 &&
			line.octets[0] == (unsigned char)statuses[i].letter) {
			a.status = statuses[i].status;
			return a;
		}
	at = (const char *)line.octets;
	do {
		struct dns_datum d =
			piece(&at, (const char *)line.octets + line.len, '|');

		free((void *)(uintptr_t)s->data[a.n].octets);
		s->data[a.n++] = as_rdata(d, type == LOOKUP_TXT);
	} while (at < (const char *)line.octets + line.len && a.n < RECORDS_MAX);
	return a;
}

static void check_text(const char *text)
{
	for (; *text != '\0'; text++)
		MUST(*text >= ' ' && *text <= '~');
}

static void check_answer(const struct spf_answer *a)
{
	const bool wrong = a->result == SPF_NONE || a->result == SPF_TEMPERROR ||
			   a->result == SPF_PERMERROR;

	MUST(a->result < SPF_RESULTS);
	MUST(wrong == (*a->problem != '\0'));
	MUST(wrong == (*a->mechanism == '\0'));
	MUST(a->terms <= TERMS_MAX && a->voids <= LOOKUP_VOIDS_MAX + 1);
	MUST(a->queries <= QUERIES_MAX);
	MUST(a->ttl <= 3600 && (a->result != SPF_TEMPERROR || a->ttl == 0));
	check_text(a->sender);
	check_text(a->domain);
	check_text(a->mechanism);
	check_text(a->problem);
	MUST(a->ntrace > 0 && a->ntrace <= SPF_TRACE_MAX);
	for (size_t i = 0; i < a->ntrace; i++) {
		MUST(strlen(a->trace[i]) < SPF_TRACE_LINE_MAX);
		check_text(a->trace[i]);
	}
}

static void ask(
	const char *client, const char *sender, const char *begin, const char *end)
{
	struct script s = {
		.base.query = answer, .begin = begin, .next = begin, .end = end
	};
	struct spf_question q = {
		.sender = sender, .helo = "mx.example.org", .trace = true
	};
	struct spf_answer a;

	MUST(cidr_parse(client, &q.client, NULL) == 0);
	spf_evaluate(&q, &s.base, &a);
	check_answer(&a);
	spf_answer_clear(&a);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		free((void *)(uintptr_t)s.data[i].octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	/* never NULL, unlike what libFuzzer gives for no octets */
	const char *at = fuzz_text(arena, data, size), *end = at + size;
	struct dns_datum sender = piece(&at, end, '\n');
	const char *text = fuzz_text(arena, sender.octets, sender.len);

	ask("192.0.2.7", text, at, end);
	ask("2001:db8::7", text, at, end);
	arena_free(arena);
	return 0;
}
