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
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* The first folding decides; one more shows that it is stable. */
#define ROUNDS_MAX 4

/* So many octets come of one at most, by NFKC and folding (U+3316: three, and 18). */
#define LOOSE_GROWTH	 6
#define LOOSE_OTHER	 '~'
#define IDEOGRAPHIC_STOP 0x3002
/* It becomes 18 characters, more than any other, with blanks: no part of a name. */
#define LONGEST 0xfdfa

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

char *unicode_label(struct arena *arena, const char *label)
{
	char *made = NULL;
	int rc = idn2_to_unicode_8z8z(label, &made, IDN2_NONTRANSITIONAL);

	if (rc == IDN2_MALLOC)
		mem_exhausted();
	return rc == IDN2_OK ? keep(arena, (uint8_t *)made, strlen(made)) : NULL;
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

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The length of what is folded at once: well-formed characters beyond ASCII. */
static size_t run_length(const char *text, size_t len)
{
	size_t at = 0;
	ucs4_t c;

	while (at < len && (text[at] & 0x80)) {
		int n = u8_mbtoucr(&c, (const uint8_t *)text + at, len - at);

		if (n <= 0 || c == LONGEST)
			break;
		at += (size_t)n;
	}
	return at;
}

/* Twice, since NFKC brings capitals. */
static uint8_t *fold_loosely(const char *text, size_t len, size_t *n)
{
	uint8_t *folded = NULL, *made;

	made = u8_normalize(UNINORM_NFKC, (const uint8_t *)text, len, NULL, n);
	if (made != NULL)
		folded = u8_casefold(made, *n, NULL, UNINORM_NFKC, NULL, n);
	if (folded == NULL && errno == ENOMEM)
		mem_exhausted();
	free(made);
	return folded;
}

/* One character of what came of a run.  Returns the octets written. */
static size_t write_loosely(char *out, ucs4_t c)
{
	if (c < 0x80 && (is_alnum((char)c) || strchr(".-_ ", (char)c) != NULL))
		*out = (char)c;
	else if (c == IDEOGRAPHIC_STOP)
		*out = '.';
	else if (uc_is_property_default_ignorable_code_point(c))
		return 0;
	else if (uc_is_property_white_space(c))
		*out = ' ';
	else if (c >= 0x80 &&
		 uc_is_general_category_withtable(
			 c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N))
		return (size_t)u8_uctomb((uint8_t *)out, c, 4);
	else
		*out = LOOSE_OTHER;
	return 1;
}

/* ASCII before the run takes part in what it becomes, and has room for itself alone. */
static size_t write_run(char *out, const char *text, size_t ascii, size_t run)
{
	size_t made = 0, n = 0;
	uint8_t *folded = fold_loosely(text, ascii + run, &n);
	ucs4_t c;

	if (folded == NULL || n > ascii + run * LOOSE_GROWTH) {
		out[made++] = LOOSE_OTHER;
		n = 0;
	}
	for (size_t at = 0; at < n;) {
		at += (size_t)u8_mbtouc(&c, folded + at, n - at);
		made += write_loosely(out + made, c);
	}
	free(folded);
	return made;
}

/* Run by run, since what is ASCII must stay as it is: a "=" and U+0338 make another
 * character, and U+FF02 makes a quote. */
char *unicode_loosen(struct arena *arena, const char *text)
{
	size_t len = strlen(text), n = 0, size = len + 1, run, ascii;
	char *out;

	for (size_t i = 0; i < len; i++)
		size += (text[i] & 0x80) ? LOOSE_GROWTH - 1 : 0;
	out = arena_alloc(arena, size);
	for (size_t at = 0; at < len; at += run) {
		run = run_length(text + at, len - at);
		if (run == 0) {
			out[n++] = (text[at] & 0x80) ? LOOSE_OTHER : text[at];
			run = 1;
			continue;
		}
		ascii = at > 0 && is_alnum(text[at - 1]) ? 1 : 0;
		n -= ascii;
		n += write_run(out + n, text + at - ascii, ascii, run);
	}
	out[n] = '\0';
	str_fold(out);
	return out;
}
