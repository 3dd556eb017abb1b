/*
 * Tests of shell/fit: what is cut, and what is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

#define WHOLE(f) ((f)->header > (f)->cells ? (f)->header : (f)->cells)

static void expect(struct fit *columns, size_t n, int room, const int *widths)
{
	fit_columns(columns, n, room);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(columns[i].width, widths[i]);
}

#define WIDTHS(...)                                                                      \
	(const int[])                                                                    \
	{                                                                                \
		__VA_ARGS__                                                              \
	}

static void test_what_fits_is_whole(void **state)
{
	struct fit columns[] = { { .header = 4, .cells = 10 },
		{ .header = 20, .cells = 3 } };

	(void)state;
	expect(columns, 2, 0, WIDTHS(10, 20));
	expect(columns, 2, 32, WIDTHS(10, 20));
	expect(columns, 2, 31, WIDTHS(10, 19));
	fit_columns(columns, 0, 10);
}

static void test_order_of_cuts(void **state)
{
	struct fit columns[] = { { .header = 4, .cells = 40, .names = true },
		{ .header = 4, .cells = 30 }, { .header = 4, .cells = 50 } };

	(void)state;
	/* the widest of the others first, until they are alike */
	expect(columns, 3, 114, WIDTHS(40, 30, 40));
	expect(columns, 3, 94, WIDTHS(40, 25, 25));
	expect(columns, 3, 76, WIDTHS(40, 16, 16));
	expect(columns, 3, 60, WIDTHS(24, 16, 16));
	/* and further than that where it must be */
	expect(columns, 3, 48, WIDTHS(24, 10, 10));
	expect(columns, 3, 38, WIDTHS(14, 10, 10));
	expect(columns, 3, 37, WIDTHS(24, 11, 0));
	expect(columns, 3, 14, WIDTHS(14, 0, 0));
	expect(columns, 3, 5, WIDTHS(5, 0, 0));
}

/* What says least goes first, and of those alike the last. */
static void test_order_of_leaving_out(void **state)
{
	struct fit columns[] = { { .cells = 10, .empty = true }, { .cells = 10 },
		{ .cells = 10, .empty = true }, { .cells = 10, .same = true },
		{ .cells = 10, .same = true }, { .cells = 10 } };

	(void)state;
	expect(columns, 6, 70, WIDTHS(10, 10, 10, 10, 10, 10));
	expect(columns, 6, 58, WIDTHS(10, 10, 0, 10, 10, 10));
	expect(columns, 6, 46, WIDTHS(10, 10, 0, 10, 0, 10));
	expect(columns, 6, 34, WIDTHS(10, 10, 0, 0, 0, 10));
	expect(columns, 6, 22, WIDTHS(10, 10, 0, 0, 0, 0));
	expect(columns, 6, 10, WIDTHS(10, 0, 0, 0, 0, 0));
}

/* A header is cut to what is below it before cells lose much. */
static void test_headers(void **state)
{
	struct fit columns[] = { { .header = 12, .cells = 2 },
		{ .header = 12, .cells = 8 } };

	(void)state;
	expect(columns, 2, 22, WIDTHS(10, 10));
	expect(columns, 2, 16, WIDTHS(6, 8));
}

/* What says the same in each row stays if it is enough to cut long cells and headers, and
 * goes before more is cut. */
static void test_what_is_the_same(void **state)
{
	struct fit cells[] = { { .cells = 30 }, { .cells = 30, .same = true },
		{ .cells = 30 } };
	struct fit headers[] = { { .header = 12, .cells = 2 },
		{ .header = 12, .cells = 2, .same = true } };

	(void)state;
	expect(cells, 3, 52, WIDTHS(16, 16, 16));
	expect(cells, 3, 51, WIDTHS(24, 0, 25));
	expect(headers, 2, 14, WIDTHS(6, 6));
	expect(headers, 2, 13, WIDTHS(12, 0));
}

static void test_random_columns(void **state)
{
	uint64_t seed = 93;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct fit columns[20];
		size_t n = 1 + next_random(&seed) % 20;
		int room = 1 + (int)(next_random(&seed) % 150), taken = 0, all = 0;

		for (size_t k = 0; k < n; k++) {
			columns[k] =
				(struct fit){ .header =
						      1 + (int)(next_random(&seed) % 15),
					.cells = (int)(next_random(&seed) % 50),
					.names = next_random(&seed) % 4 == 0,
					.empty = next_random(&seed) % 4 == 0 };
			all += WHOLE(&columns[k]) + (k > 0 ? FIT_GAP : 0);
		}
		fit_columns(columns, n, room);
		for (size_t k = 0; k < n; k++) {
			assert_true(columns[k].width <= WHOLE(&columns[k]));
			if (columns[k].width > 0)
				taken += columns[k].width + (k > 0 ? FIT_GAP : 0);
		}
		assert_true(columns[0].width > 0);
		assert_true(taken <= room);
		if (all <= room)
			assert_int_equal(taken, all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_fits_is_whole),
		cmocka_unit_test(test_order_of_cuts),
		cmocka_unit_test(test_order_of_leaving_out),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_what_is_the_same),
		cmocka_unit_test(test_random_columns),
	};

	return cmocka_run_group_tests_name("shell/fit", tests, NULL, NULL);
}
