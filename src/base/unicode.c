/*
 * Case folding and A-labels.  Most mail is ASCII, and asks no library.  Called by the
 * address parser, on any thread; what the libraries allocate is copied to the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/unicode.h"

#include "base/str.h"

#include <errno.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

/* The first folding decides; one more shows that it is stable. */
#define ROUNDS_MAX 4

/* What a library has allocated, as text of the arena. */
static char *keep(struct arena *arena, uint8_t *made, size_t len)
{
	char *text;

	if (made == NULL && errno == ENOMEM)
		mem_exhausted();
	text = made != NULL ? arena_memdup(arena, (char *)made, len) : NULL;
	free(made);
	return text;
}

/* Decomposed first, else marks in another order would fold to another text (U+0345
 * is a mark that folds to a letter; Unicode 3.13, D145). */
static char *fold_once(struct arena *arena, const char *text)
{
	size_t len;
	uint8_t *made = u8_normalize(
		UNINORM_NFD, (const uint8_t *)text, strlen(text), NULL, &len);

	text = keep(arena, made, len);
	if (text == NULL)
		return NULL;
	made = u8_casefold(
		(const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &len);
	return keep(arena, made, len);
}

char *unicode_fold(struct arena *arena, const char *text)
{
	char *folded = arena_strdup(arena, text);

	if (str_is_ascii(text, strlen(text))) {
		str_fold(folded);
		return folded;
	}
	for (int round = 0; round < ROUNDS_MAX; round++) {
		text = folded;
		folded = fold_once(arena, text);
		if (folded == NULL || strcmp(folded, text) == 0)
			return folded;
	}
	return NULL;
}

/* A label with more than ASCII.  Not under the rules for host names
 * (IDN2_USE_STD3_ASCII_RULES): libidn2 2.3 then leaves out what they forbid, and one
 * name becomes another. */
static char *label_to_ascii(struct arena *arena, const char *label)
{
	uint8_t *made = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)label, &made, IDN2_NONTRANSITIONAL);

	if (rc == IDN2_MALLOC)
		mem_exhausted();
	return rc == IDN2_OK ? keep(arena, made, strlen((char *)made)) : NULL;
}

/* Label by label, since names in ASCII are not IDNA's business: "r3---sn.example" and
 * "_dmarc.example" are in use, and IDNA allows neither. */
char *unicode_domain(struct arena *arena, const char *domain)
{
	const char *rest = domain;
	char *out = NULL, *label;
	size_t len = strlen(domain);

	if (str_is_ascii(domain, len)) {
		out = arena_memdup(arena, domain, len);
		str_fold(out);
		return out;
	}
	do {
		len = strcspn(rest, ".");
		label = arena_memdup(arena, rest, len);
		if (!str_is_ascii(label, len) &&
			(label = label_to_ascii(arena, label)) == NULL)
			return NULL;
		out = out == NULL ? label : arena_printf(arena, "%s.%s", out, label);
		rest += len + 1;
	} while (rest[-1] != '\0');
	str_fold(out);
	for (len = strlen(out); len > 0 && out[len - 1] == '.'; len--)
		out[len - 1] = '\0';
	return out;
}
