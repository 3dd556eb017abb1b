/*
 * Sets of ids, against a table of which are in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/ids.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../random.h"

#define RANGE 40

static void test_edges(void **state)
{
	int64_t one[] = { 7 }, twice[] = { 7, 7 };

	(void)state;
	assert_int_equal(ids_settle(NULL, 0), 0);
	assert_false(ids_have(NULL, 0, 7));
	assert_int_equal(ids_settle(one, 1), 1);
	assert_true(ids_have(one, 1, 7));
	assert_false(ids_have(one, 1, 6));
	assert_false(ids_have(one, 1, 8));
	assert_int_equal(ids_settle(twice, 2), 1);
}

static void test_random(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int run = 0; run < 2000; run++) {
		size_t n = (size_t)(next_random(&seed) % RANGE), kept, in = 0;
		int64_t ids[RANGE];
		int have[RANGE] = { 0 };

		for (size_t i = 0; i < n; i++) {
			ids[i] = (int64_t)(next_random(&seed) % RANGE);
			in += !have[ids[i]];
			have[ids[i]] = 1;
		}
		kept = ids_settle(ids, n);
		assert_int_equal(kept, in);
		for (size_t i = 1; i < kept; i++)
			assert_true(ids[i - 1] < ids[i]);
		for (int64_t id = 0; id < RANGE; id++)
			assert_int_equal(ids_have(ids, kept, id), have[id]);
		assert_int_equal(ids_settle(ids, kept), kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
