/*
 * Tests of src/service: what a service manager is told, and that it does not matter where
 * there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "manager.h"

static void it_is_told_in_order(void **state)
{
	struct manager *m = *state;

	service_begin();
	assert_string_equal(manager_told(m), "");
	service_status("looking for the 100% of it");
	assert_string_equal(manager_told(m), "STATUS=looking for the 100% of it");
	service_ready("ready on inet:8440");
	assert_string_equal(manager_told(m), "READY=1\nSTATUS=ready on inet:8440");
	service_stopping();
	assert_string_equal(manager_told(m), "STOPPING=1\nSTATUS=stopping");
	assert_string_equal(manager_told(m), "");
}

/* Whoever starts it may have none. */
static void without_one_nobody_is_told(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	service_begin();
	service_status("a word");
	service_ready("ready");
	service_stopping();
	assert_string_equal(manager_told(m), "");
}

/* One that has gone, or a name that is none, costs a line of the log. */
static void one_that_has_gone_does_no_harm(void **state)
{
	struct manager *m = *state;

	service_begin();
	unlink(m->address.sun_path);
	service_ready("ready");
	setenv("NOTIFY_SOCKET", "not a path", 1);
	service_begin();
	service_status("a word");
	service_stopping();
	assert_string_equal(manager_told(m), "");
}

/* As much as one socket may have under way; false if nothing, since the queue is full. */
static bool fill(const struct manager *m)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), n = 0;

	while (sendto(fd, "X", 1, 0, (const struct sockaddr *)&m->address,
		       sizeof(m->address)) == 1)
		n++;
	close(fd);
	return n > 0;
}

/* Its queue is full, and it reads nothing: that costs some seconds, once it reads it is
 * told again. */
static void one_that_does_not_read_is_not_waited_for(void **state)
{
	struct manager *m = *state;
	int64_t begun = clock_monotonic();

	while (fill(m))
		continue;
	service_begin();
	service_ready("ready");
	service_stopping();
	assert_true(clock_monotonic() - begun < 30 * CLOCK_SECOND);
	while (strcmp(manager_told(m), "READY=1\nSTATUS=ready") != 0)
		usleep(1000);
	service_status("a word");
	assert_string_equal(manager_told(m), "STATUS=a word");
	assert_string_equal(manager_told(m), "");
}

/* By the two variables that sd_watchdog_enabled(3) knows. */
static void signs_of_life_are_for_who_wants_them(void **state)
{
	struct manager *m = *state;
	char pid[24];

	service_begin();
	assert_int_equal(service_watchdog(), 0);
	setenv("WATCHDOG_USEC", "120000000", 1);
	service_begin();
	assert_int_equal(service_watchdog(), 120000000);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	service_begin();
	assert_int_equal(service_watchdog(), 120000000);
	service_alive();
	assert_string_equal(manager_told(m), "WATCHDOG=1");
	/* of another process, who has left them in the environment */
	setenv("WATCHDOG_PID", "1", 1);
	service_begin();
	assert_int_equal(service_watchdog(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	service_begin();
	assert_int_equal(service_watchdog(), 0);
	setenv("WATCHDOG_USEC", "120000000", 1);
	unsetenv("NOTIFY_SOCKET");
	service_begin();
	assert_int_equal(service_watchdog(), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, manager_setup, manager_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_told_in_order),
		TEST(without_one_nobody_is_told),
		TEST(signs_of_life_are_for_who_wants_them),
		TEST(one_that_has_gone_does_no_harm),
		TEST(one_that_does_not_read_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
