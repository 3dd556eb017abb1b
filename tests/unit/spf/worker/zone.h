/*
 * DNS for the tests of themis-spf: a resolver over a small table, which counts what it is
 * asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_ZONE_H
#define THEMIS_TESTS_ZONE_H

#include "base/arena.h"
#include "base/cidr.h"
#include "spf/worker/lookup.h"
#include "spf/worker/resolver.h"
#include "spf/worker/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

#define ZONE_ROWS 64
#define ZONE_TTL  600

/* In place of a type: what DNS says instead of an answer to anything about that name. */
#define ZONE_FAILED	-1
#define ZONE_TIME_IS_UP -2
/* Raw rdata of a type: the value's octets, len of them. */
#define ZONE_RAW 1000

struct zone_row {
	const char *name;
	int type;
	const char *value; /* a text; an address; a name, of MX with its preference 10 */
	size_t len;	   /* of raw rdata */
	unsigned ttl;	   /* 0: ZONE_TTL */
};

struct zone {
	struct resolver base;
	struct zone_row rows[ZONE_ROWS];
	size_t n;
	unsigned asked, asked_txt, asked_of_client;
	struct arena *arena; /* of the last answer */
};

static inline struct dns_datum zone_name(struct arena *arena, const char *name, size_t at)
{
	unsigned char *octets = arena_alloc(arena, at + strlen(name) + 2);
	size_t n = at;

	if (at > 0)
		octets[at - 1] = 10;
	while (*name != '\0') {
		size_t label = strcspn(name, ".");

		octets[n++] = (unsigned char)label;
		memcpy(octets + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	return (struct dns_datum){ octets, n + 1 };
}

static inline struct dns_datum zone_text(struct arena *arena, const char *text)
{
	size_t left = strlen(text), n = 0;
	unsigned char *octets = arena_alloc(arena, left + left / 255 + 1);

	do {
		size_t piece = left < 255 ? left : 255;

		octets[n++] = (unsigned char)piece;
		memcpy(octets + n, text, piece);
		n += piece;
		text += piece;
		left -= piece;
	} while (left > 0);
	return (struct dns_datum){ octets, n };
}

static inline struct dns_datum zone_datum(struct arena *arena, const struct zone_row *row)
{
	struct cidr address;

	if (row->type >= ZONE_RAW)
		return (struct dns_datum){ (const unsigned char *)arena_memdup(
						   arena, row->value, row->len),
			row->len };
	switch (row->type) {
	case LOOKUP_TXT:
		return zone_text(arena, row->value);
	case LOOKUP_MX:
		return zone_name(arena, row->value, LOOKUP_MX_NAME);
	case LOOKUP_PTR:
		return zone_name(arena, row->value, 0);
	default:
		assert_int_equal(cidr_parse(row->value, &address, NULL), 0);
		return (struct dns_datum){ (const unsigned char *)arena_memdup(arena,
						   (const char *)address.addr,
						   sizeof(address.addr)),
			row->type == LOOKUP_A ? 4 : 16 };
	}
}

static inline struct dns_answer zone_query(
	struct resolver *r, const char *name, int type, bool of_client)
{
	struct zone *z = (struct zone *)r;
	struct dns_answer a = { .status = DNS_NO_NAME, .ttl = ZONE_TTL };
	struct dns_datum *data;

	z->asked_of_client += of_client;
	assert_true(spf_is_name(name));
	arena_free(z->arena);
	z->arena = arena_new();
	a.data = data = arena_alloc(z->arena, ZONE_ROWS * sizeof(*data));
	z->asked++;
	z->asked_txt += type == LOOKUP_TXT;
	for (size_t i = 0; i < z->n; i++) {
		const struct zone_row *row = &z->rows[i];

		if (strcasecmp(row->name, name) != 0)
			continue;
		if (row->type < 0) {
			a.status = row->type == ZONE_FAILED ? DNS_FAILED : DNS_TIME_IS_UP;
			return a;
		}
		if (a.status == DNS_NO_NAME)
			a.status = DNS_NO_DATA;
		if (row->type % ZONE_RAW != type)
			continue;
		a.status = DNS_FOUND;
		a.ttl = row->ttl != 0 ? row->ttl : ZONE_TTL;
		data[a.n++] = zone_datum(z->arena, row);
	}
	return a;
}

static inline struct zone zone_make(const struct zone_row *rows, size_t n)
{
	struct zone z = { .base.query = zone_query, .n = n };

	assert_true(n <= ZONE_ROWS);
	for (size_t i = 0; i < n; i++)
		z.rows[i] = rows[i];
	return z;
}

static inline void zone_add(struct zone *z, const char *name, int type, const char *value)
{
	assert_true(z->n < ZONE_ROWS);
	z->rows[z->n++] = (struct zone_row){ .name = name, .type = type, .value = value };
}

/* A zone with one sender policy: example.org's. */
static inline struct zone zone_with(const char *record)
{
	struct zone z = zone_make(NULL, 0);

	zone_add(&z, "example.org", LOOKUP_TXT, record);
	return z;
}

static inline void zone_clear(struct zone *z)
{
	arena_free(z->arena);
	z->arena = NULL;
}

static inline struct cidr zone_client(const char *text)
{
	struct cidr c;

	assert_int_equal(cidr_parse(text, &c, NULL), 0);
	return c;
}

/* The answer, for spf_answer_clear(). */
static inline struct spf_answer zone_ask(
	struct zone *z, const char *client, const char *sender, const char *helo)
{
	struct spf_question q = {
		.client = zone_client(client),
		.sender = sender,
		.helo = helo,
		.trace = true,
	};
	struct spf_answer a;

	z->asked = z->asked_txt = 0;
	spf_evaluate(&q, &z->base, &a);
	assert_int_equal(a.queries, z->asked);
	assert_true(a.ntrace > 0 && a.ntrace <= SPF_TRACE_MAX);
	for (size_t i = 0; i < a.ntrace; i++)
		assert_true(strlen(a.trace[i]) < SPF_TRACE_LINE_MAX);
	return a;
}

#endif
