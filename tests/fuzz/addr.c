/*
 * Fuzz target: any path is an address of some kind, and the canonical text of one that
 * parses is clean and parses to itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/addr.h"
#include "base/str.h"

#include <string.h>

static void check_same(const struct addr *a, const struct addr *b)
{
	MUST(a->kind == b->kind);
	MUST(strcmp(a->text, b->text) == 0);
	MUST((a->domain == NULL) == (b->domain == NULL));
	MUST(a->domain == NULL || strcmp(a->domain, b->domain) == 0);
}

static void check_clean(const struct addr *a)
{
	size_t len = strlen(a->text);

	MUST(len > 0 && len <= 2 * ADDR_LOCAL_MAX + 3 + ADDR_DOMAIN_MAX);
	MUST(str_is_utf8(a->text, len));
	MUST(!str_has_control(a->text));
	MUST(strpbrk(a->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
	MUST(a->kind != ADDR_MAILBOX ||
		(a->domain > a->text && a->domain < a->text + len));
}

static void check_domain(struct arena *arena, const char *domain)
{
	const char *again = addr_domain(arena, domain);

	MUST(domain[-1] == '@');
	MUST(again != NULL && strcmp(again, domain) == 0);
	for (; *domain != '\0'; domain++)
		MUST((unsigned char)*domain < 0x80);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct addr a = addr_parse(arena, fuzz_text(arena, data, size)), b;

	check_clean(&a);
	if (a.domain != NULL)
		check_domain(arena, a.domain);
	MUST(a.kind != ADDR_MAILBOX || a.domain != NULL);
	if (a.kind != ADDR_INVALID) {
		b = addr_parse(arena, a.text);
		check_same(&a, &b);
		b = addr_parse(arena, arena_printf(arena, "<%s>", a.text));
		MUST(a.kind == ADDR_NULL || strcmp(a.text, b.text) == 0);
	}
	if (a.kind == ADDR_LOCAL) {
		a = addr_complete(arena, a, "mx.example");
		b = addr_parse(arena, a.text);
		check_same(&a, &b);
	}
	arena_free(arena);
	return 0;
}
