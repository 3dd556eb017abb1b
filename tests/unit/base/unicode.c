/*
 * Tests of base/unicode: folding that knows no language, canonical equivalence, and
 * A-labels, of each label for itself; and how
 * readers who forgive much read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/unicode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text, *folded;
} folds[] = {
	{ "", "" },
	{ "Bob.Smith+X", "bob.smith+x" },
	{ u8"JÜRGEN", u8"jürgen" },
	{ u8"Ju\u0308rgen", u8"jürgen" },
	{ u8"Straße", "strasse" },
	{ u8"STRA\u1e9eE", "strasse" },
	{ u8"Σίσυφος", u8"σίσυφοσ" },
	{ u8"ΣΊΣΥΦΟΣ", u8"σίσυφοσ" },
	/* of no language: I is i, dotted I keeps its dot, dotless i stays */
	{ u8"KIZ\u00e9", u8"kiz\u00e9" },
	{ u8"\u0130", u8"i\u0307" },
	{ u8"\u0131", u8"\u0131" },
	/* letters that are others by definition */
	{ u8"\u212a", "k" },
	{ u8"\u212b", u8"å" },
	{ u8"\ufb03", "ffi" },
	{ u8"\u037e", ";" },
	{ u8"\u1fef", "`" },
	/* a mark that folds to a letter, before and behind another mark */
	{ u8"\u03b1\u0345\u0301", u8"\u03ac\u03b9" },
	{ u8"\u03b1\u0301\u0345", u8"\u03ac\u03b9" },
	{ u8"\u1fb4", u8"\u03ac\u03b9" },
	/* no compatibility: these are others */
	{ u8"\uff21", u8"\uff41" },
	{ u8"\u00b2", u8"\u00b2" },
	{ u8"\U0001f4e7", u8"\U0001f4e7" },
	{ u8"\U00010400", u8"\U00010428" },
};

static void test_fold(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(folds); i++) {
		const char *folded = unicode_fold(arena, folds[i].text);

		assert_non_null(folded);
		assert_string_equal(folded, folds[i].folded);
		assert_string_equal(unicode_fold(arena, folded), folded);
	}
	arena_free(arena);
}

/* Every character there is: folds to something stable. */
static void test_fold_all(void **state)
{
	(void)state;
	for (uint32_t base = 0x80; base < 0x110000; base += 0x1000) {
		struct arena *arena = arena_new();

		for (uint32_t c = base; c < base + 0x1000; c++) {
			char text[] = { (char)(0xf0 | c >> 18),
				(char)(0x80 | (c >> 12 & 0x3f)),
				(char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)),
				'\0' };
			char *s = text, *folded;

			if (c >= 0xd800 && c <= 0xdfff)
				continue;
			if (c < 0x800)
				*(s = text + 2) = (char)(0xc0 | c >> 6);
			else if (c < 0x10000)
				*(s = text + 1) = (char)(0xe0 | c >> 12);
			folded = unicode_fold(arena, s);
			if (folded == NULL)
				fail_msg("U+%04X has no stable folding", c);
			assert_string_equal(unicode_fold(arena, folded), folded);
		}
		arena_free(arena);
	}
}

static const struct {
	const char *domain, *ascii;
} domains[] = {
	{ "Example.ORG", "example.org" },
	{ "[IPv6:2001:DB8::7]", "[ipv6:2001:db8::7]" },
	{ u8"Bücher.example", "xn--bcher-kva.example" },
	{ u8"BU\u0308CHER.Example", "xn--bcher-kva.example" },
	{ "XN--Bcher-KVA.example", "xn--bcher-kva.example" },
	/* a name that says it is an A-label, and is none, is a name */
	{ "xn--zzzzz.example", "xn--zzzzz.example" },
	{ u8"xn--zzzzz.bücher", "xn--zzzzz.xn--bcher-kva" },
	{ u8"_Dmarc.r3---SN.bücher", "_dmarc.r3---sn.xn--bcher-kva" },
	/* non-transitional */
	{ u8"straße.example", "xn--strae-oqa.example" },
	{ u8"βόλος.example", "xn--nxasmm1c.example" },
	{ u8"\uff45\uff58\u00adample", "example" },
	{ u8"bücher\u3002example", "xn--bcher-kva.example" },
	{ u8"bücher.example\u3002", "xn--bcher-kva.example" },
	{ u8"\u3002", "" },
	{ u8"a.\u00ad.b", "a..b" },
	/* nothing is left out: the caller sees what no domain has */
	{ u8"_bücher", "xn--_bcher-4ya" },
	{ u8"a\uff20b", "a@b" },
	{ u8"a\u00a0b", "a b" },
	{ u8"a\u2100b", "aa/cb" },
	{ u8"\u2603.example", NULL },
	{ u8"\u0301a.example", NULL },
	{ u8"-bücher", NULL },
	{ u8"ab--ü", NULL },
	{ u8"xn--bücher", NULL },
	{ u8"a\u200db", NULL },
	{ u8"א1a", NULL },
	{ u8"\U0001f4e7.example", NULL },
};

static void test_domain(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(domains); i++) {
		const char *ascii = unicode_domain(arena, domains[i].domain);

		if ((ascii == NULL) != (domains[i].ascii == NULL))
			fail_msg("%s: %s", domains[i].domain, ascii);
		if (ascii != NULL)
			assert_string_equal(ascii, domains[i].ascii);
	}
	arena_free(arena);
}

static const struct {
	const char *text, *loose;
} looser[] = {
	{ "A \\ (b) \"C\";\x01", "a \\ (b) \"c\";\x01" },
	{ u8"BÜCHER, Bu\u0308cher", u8"bücher, bücher" },
	{ u8"Stra\u1e9ee \ufb03 \uff2d\u24b6 \U0001d6a8", u8"strasse ffi ma α" },
	{ u8"mail\uff0ea\u3002b\uff61c\u2024d", "mail.a.b.c.d" },
	{ u8"a\uff0db\uff3fc", "a-b_c" },
	{ u8"a\u00adb\u200bc\ufeffd\u180be", "abcde" },
	{ "a\xc2\xa0"
	  "b\xe2\x80\x83"
	  "c\xc2\x85"
	  "d\xe2\x80\xa8"
	  "e",
		"a b c d e" },
	{ u8"\u00abü\u00bb \u2603 \U0001f4e7 \ue000", u8"~ü~ ~ ~ ~" },
	/* nothing that is written in ASCII comes of it, and none of that goes */
	{ u8"\uff08\uff02\uff1b\uff1d\u037e\uff3c", "~~~~~~" },
	{ u8"=\u0338 ;\u0301", u8"=\u0338 ;\u0301" },
	{ u8"\ufdfaü\ufdfa", u8"~~~ü~~~" },
	{ "\xff\xc3(\xc3\xbc\xc3", u8"~~(ü~" },
	{ u8"\u3316", u8"キロメートル" },
	{ "", "" },
};

static void test_loosen(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(looser); i++)
		assert_string_equal(
			unicode_loosen(arena, looser[i].text), looser[i].loose);
	assert_string_equal(unicode_label(arena, "xn--bcher-kva"), u8"bücher");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_all),
		cmocka_unit_test(test_domain),
		cmocka_unit_test(test_loosen),
	};

	return cmocka_run_group_tests_name("base/unicode", tests, NULL, NULL);
}
