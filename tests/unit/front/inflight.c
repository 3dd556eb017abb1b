/*
 * Messages in hand: which of them a stop waits for, and until when.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/inflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <pthread.h>

#include <cmocka.h>

static unsigned in_hand(void)
{
	unsigned sessions, messages;

	inflight_count(&sessions, &messages);
	return messages;
}

static void *write_something(void *arg)
{
	inflight_written();
	return arg;
}

/* In this order: what is told stays told, and nothing comes after the drain. */
static void test_answers(void **state)
{
	pthread_t other;

	(void)state;
	assert_true(inflight_begin());
	assert_false(inflight_is_told());
	inflight_end_written(); /* nobody would ever say so */
	assert_int_equal(in_hand(), 0);
	inflight_written();
	assert_false(inflight_is_told());

	inflight_tell();
	assert_true(inflight_begin() && inflight_begin());
	inflight_end_written();
	assert_int_equal(in_hand(), 2);
	/* what others write is another message's answer */
	assert_int_equal(pthread_create(&other, NULL, write_something, NULL), 0);
	pthread_join(other, NULL);
	assert_int_equal(in_hand(), 2);
	assert_int_equal(inflight_drain(0), 2);
	inflight_written();
	assert_int_equal(in_hand(), 1);
	inflight_written(); /* more of the same session */
	assert_int_equal(in_hand(), 1);
	inflight_end();
	assert_int_equal(inflight_drain(0), 0);
	assert_false(inflight_begin());
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
