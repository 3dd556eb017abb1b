/*
 * When a client of the control socket has been silent, or deaf, for too long.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/client.h"
#include "../fixture.h"

#include <poll.h>

#define SECONDS(n) (NOW + (n)*CLOCK_SECOND)

/* Overdue that many seconds after it last sent or took something? */
static bool overdue(struct client *c, int64_t seconds)
{
	c->active = NOW;
	return client_is_overdue(c, SECONDS(seconds));
}

static void test_silent(void **state)
{
	struct client c = { .fd = 0 };

	(void)state;
	assert_false(overdue(&c, 3600));
	assert_true(overdue(&c, 3601));
	assert_int_equal(client_events(&c), POLLIN);
	/* its command is at work */
	c.running = (struct task *)&c;
	assert_false(overdue(&c, 1000000));
}

static void test_deaf(void **state)
{
	struct client c = { .fd = 0, .out.used = 1 };

	(void)state;
	assert_false(overdue(&c, 60));
	assert_true(overdue(&c, 61));
	/* it is given no further command before it has read */
	assert_int_equal(client_events(&c), POLLOUT);
}

/* A tail waits for decisions as long as it likes, but not to be read. */
static void test_tail(void **state)
{
	struct client c = { .fd = 0, .tail = (struct tail *)state };

	assert_false(overdue(&c, 1000000));
	assert_int_equal(client_events(&c), POLLIN);
	c.out.used = 1;
	assert_false(overdue(&c, 60));
	assert_true(overdue(&c, 61));
	/* it may be ended, whatever is unread */
	assert_int_equal(client_events(&c), POLLIN | POLLOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
