/*
 * Tests of shell/html and shell/svg: what is put into markup stays text, and bars stand
 * where they should.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "svg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *text;
static size_t size;

static FILE *begin(void)
{
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	return to;
}

static void expect(FILE *to, const char *expected)
{
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void test_escapes(void **state)
{
	FILE *to = begin();

	(void)state;
	html_put(to, "<p title=\"%s\">%s</p>", "\" onload='x'", "<script>&amp;</script>");
	expect(to, "<p title=\"&quot; onload=&#39;x&#39;\">"
		   "&lt;script&gt;&amp;amp;&lt;/script&gt;</p>");
	/* neither XML nor a reader's eye is to meet these */
	to = begin();
	html_put(to, "%s", "a\033[1m\nb\xe2\x80\xae\xff\x01");
	expect(to, "a\\x1b[1m\\x0ab\\xe2\\x80\\xae\\xff\\x01");
	to = begin();
	html_put(to, "%s", "\xd9\x85@example.org");
	expect(to, "\xd9\x85@example.org");
}

static void test_numbers(void **state)
{
	FILE *to = begin();

	(void)state;
	html_put(to, "%d %zu %lld %.2f%% 100%%", -3, (size_t)7, (long long)1 << 40, 2.5);
	expect(to, "-3 7 1099511627776 2.50% 100%");
}

static void test_bars(void **state)
{
	FILE *to = begin();

	(void)state;
	svg_bars_begin(to, "accept");
	svg_bar(to, 10, 0.04, 4.2, 180);
	svg_bar(to, -0.01, 12.34, 1, 0.5);
	svg_bars_end(to);
	expect(to, "<path class=\"accept\" d=\"M10 0h4.2v180h-4.2z"
		   "M0 12.3h1v0.5h-1z\"/>\n");
}

static void expect_stack(const double *n, size_t k, double top, double low, double high)
{
	double from, to;

	svg_stack(n, k, top, 100, &from, &to);
	assert_true(from == low && to == high);
}

static void test_stacks(void **state)
{
	const double n[] = { 5, 0, 3, 2 };

	(void)state;
	expect_stack(n, 0, 20, 0, 25);
	expect_stack(n, 1, 20, 25, 25);
	expect_stack(n, 2, 20, 25, 40);
	expect_stack(n, 3, 20, 40, 50);
	expect_stack(n, 3, 10, 80, 100);
	expect_stack(n, 3, 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_stacks),
	};

	return cmocka_run_group_tests_name("shell/html", tests, NULL, NULL);
}
