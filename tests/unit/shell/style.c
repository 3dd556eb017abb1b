/*
 * Tests of shell/page.css: whatever is drawn or written on the page of `report html`
 * stands out from its ground, light and dark, as far as those need it who see less
 * (WCAG 2.1, 1.4.3 and 1.4.11).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PICTURE 3.0
#define TEXT	4.5

/* Of a colour's part, 0 to 255. */
static double linear(unsigned long part)
{
	double c = (double)(part & 255) / 255;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Of "--name: #rrggbb" in the sheet from there on. */
static double luminance(const char *sheet, const char *name)
{
	char wanted[40];
	const char *at;
	unsigned long colour;

	snprintf(wanted, sizeof(wanted), "--%s: #", name);
	at = strstr(sheet, wanted);
	assert_non_null(at);
	colour = strtoul(at + strlen(wanted), NULL, 16);
	return 0.2126 * linear(colour >> 16) + 0.7152 * linear(colour >> 8) +
	       0.0722 * linear(colour);
}

static void stands_out(
	const char *sheet, const char *name, const char *ground, double least)
{
	double a = luminance(sheet, name) + 0.05, b = luminance(sheet, ground) + 0.05;
	double contrast = a > b ? a / b : b / a;

	if (contrast < least)
		print_error("%s on %s: %.2f\n", name, ground, contrast);
	assert_true(contrast >= least);
}

static void expect(const char *sheet)
{
	static const char *const pictures[] = { "accept", "bypass", "monitor", "defer",
		"block", "hold", "discard", "error" };
	static const char *const texts[] = { "ink", "soft", "bad", "warn", "good" };
	static const char *const cells[] = { "heat1", "heat2", "heat3" };

	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
		stands_out(sheet, pictures[i], "card", PICTURE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		stands_out(sheet, texts[i], "card", TEXT);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		stands_out(sheet, "heat-ink", cells[i], TEXT);
	stands_out(sheet, "heat-ink-full", "heat4", TEXT);
	stands_out(sheet, "heat-ink-full", "heat5", TEXT);
}

static void test_light(void **state)
{
	(void)state;
	expect(html_style);
}

/* A printer may have one colour: there are no patterns on paper. */
static void test_print(void **state)
{
	const char *print = strstr(html_style, "@media print");

	(void)state;
	assert_non_null(print);
	assert_non_null(strstr(print, ".refused { fill: var(--refused-print); }"));
	stands_out(html_style, "accept", "refused-print", 2.5);
}

static void test_dark(void **state)
{
	const char *dark = strstr(html_style, "prefers-color-scheme: dark");

	(void)state;
	assert_non_null(dark);
	expect(dark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_light),
		cmocka_unit_test(test_dark),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests_name("shell/style", tests, NULL, NULL);
}
