/*
 * Tests of shell/text: widths and cuts, of characters of one and of two columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UMLAUT "\xc3\xbc"     /* one column */
#define SUN    "\xe6\x97\xa5" /* two */
#define ACCENT "e\xcc\x81"    /* an e, and what is put above it */
#define CUT    "\xe2\x80\xa6"

static bool utf8(void)
{
	return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("outbound"), 8);
	if (!utf8())
		skip();
	assert_int_equal(text_width("J" UMLAUT "rgen"), 6);
	assert_int_equal(text_width(SUN SUN), 4);
	assert_int_equal(text_width(ACCENT), 1);
	/* what is no UTF-8 is shown as something, an octet each */
	assert_int_equal(text_width("a\xff\xc3"), 3);
	setlocale(LC_CTYPE, "C");
	assert_int_equal(text_width(UMLAUT), 2);
}

static void expect_cut(const char *text, int width, const char *expected)
{
	const struct view view = { .utf8 = true };
	struct arena *arena = arena_new();

	assert_string_equal(text_cut(arena, text, width, &view), expected);
	arena_free(arena);
}

static void test_cuts(void **state)
{
	(void)state;
	if (!utf8())
		skip();
	expect_cut("", 1, "");
	expect_cut("a", 1, "a");
	expect_cut("ab", 1, CUT);
	expect_cut("outbound", 8, "outbound");
	expect_cut("outbound", 7, "outbou" CUT);
	expect_cut(UMLAUT UMLAUT UMLAUT, 3, UMLAUT UMLAUT UMLAUT);
	expect_cut(UMLAUT UMLAUT UMLAUT, 2, UMLAUT CUT);
	/* never half of one that takes two columns */
	expect_cut(SUN SUN SUN, 6, SUN SUN SUN);
	expect_cut(SUN SUN SUN, 5, SUN SUN CUT);
	expect_cut(SUN SUN SUN, 4, SUN CUT);
	/* nor a letter without what belongs to it */
	expect_cut(ACCENT ACCENT ACCENT, 2, ACCENT CUT);
	setlocale(LC_CTYPE, "C");
}

static void test_cut_in_ascii(void **state)
{
	const struct view view = { .utf8 = false };
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_cut(arena, "outbound", 4, &view), "out~");
	arena_free(arena);
}

static void expect_painted(bool colour, enum paint paint, const char *expected)
{
	const struct view view = { .colour = colour };
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	text_paint(to, &view, paint, "x");
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void test_paint(void **state)
{
	(void)state;
	expect_painted(true, PAINT_PLAIN, "x");
	expect_painted(true, PAINT_BAD, "\033[31mx\033[m");
	for (int p = 0; p < PAINTS; p++)
		expect_painted(false, (enum paint)p, "x");
}

static void expect_wrapped(const char *text, int width, int indent, const char *expected)
{
	const struct view view = { .width = width };
	char *shown = NULL;
	size_t size;
	FILE *to = open_memstream(&shown, &size);

	text_wrap(to, &view, PAINT_PLAIN, text, indent);
	fclose(to);
	assert_string_equal(shown, expected);
	free(shown);
}

static void test_wraps(void **state)
{
	(void)state;
	expect_wrapped("", 10, 2, "");
	expect_wrapped("one two three", 0, 2, "one two three");
	expect_wrapped("one two three", 15, 2, "one two three");
	expect_wrapped("one two three", 14, 2, "one two\n  three");
	expect_wrapped("one two  three", 9, 2, "one two\n  three");
	expect_wrapped("one two three", 8, 2, "one\n  two\n  three");
	/* a word that is too long by itself */
	expect_wrapped("abcdefgh", 5, 0, "abcde\nfgh");
	expect_wrapped("a bcdefgh", 5, 0, "a\nbcdef\ngh");
	/* no room at all */
	expect_wrapped("one two", 4, 4, "one two");
	if (!utf8())
		skip();
	expect_wrapped(SUN SUN SUN, 5, 0, SUN SUN "\n" SUN);
	expect_wrapped(SUN SUN, 1, 0, SUN "\n" SUN);
	setlocale(LC_CTYPE, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_cut_in_ascii),
		cmocka_unit_test(test_paint),
		cmocka_unit_test(test_wraps),
	};

	return cmocka_run_group_tests_name("shell/text", tests, NULL, NULL);
}
