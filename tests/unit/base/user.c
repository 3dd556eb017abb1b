/*
 * Tests of base/user: a name where there is one, a number where there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_say(void **state)
{
	char name[USER_MAX];

	(void)state;
	assert_string_equal(user_say(name, 0), "root");
	/* nobody's, on any machine */
	assert_string_equal(user_say(name, 4294967290U), "uid 4294967290");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_say) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
