/*
 * Tests of shell/doctor_address: sockets in two spellings.  No name is looked up but
 * localhost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_address.h"

#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define QUEUE "/var/spool/queue.test"

static void expect(const char *ours, const char *theirs, bool chroot, enum reach expected)
{
	struct net_address address;
	enum reach got;

	assert_int_equal(net_address_parse(ours, &address, NULL), 0);
	got = address_reach(&address, theirs, QUEUE, chroot);
	if (got != expected)
		fail_msg(
			"%s, %s, %s: %d", ours, theirs, chroot ? "chroot" : "", (int)got);
}

static void test_inet(void **state)
{
	(void)state;
	for (int chroot = 0; chroot < 2; chroot++) {
		expect("inet:8440@127.0.0.1", "inet:127.0.0.1:8440", chroot, REACH_IT);
		expect("inet:8440@127.0.0.1", "inet:localhost:8440", chroot, REACH_IT);
		expect("inet:8440@localhost", "inet:127.0.0.1:8440", chroot, REACH_IT);
		expect("inet6:8440@::1", "inet:[::1]:8440", chroot, REACH_IT);
		expect("inet:8440", "inet:127.0.0.1:8440", chroot, REACH_IT);
	}
	expect("inet:8440@127.0.0.1", "inet:127.0.0.1:8441", false, REACH_OTHER);
	expect("inet:8440@127.0.0.1", "inet:127.0.0.2:8440", false, REACH_OTHER);
	expect("inet:8440@127.0.0.1", "inet:[::1]:8440", false, REACH_OTHER);
	expect("inet:8440@192.0.2.1", "inet:localhost:8440", false, REACH_OTHER);
	expect("inet:8440@127.0.0.1", "unix:8440", false, REACH_OTHER);
	expect("inet:8440@127.0.0.1", "inet:8440", false, REACH_OTHER);
	expect("inet:8440@127.0.0.1", "", false, REACH_OTHER);
}

static void test_paths(void **state)
{
	static const char inside[] = "unix:" QUEUE "/themis/m",
			  outside[] = "unix:/run/t.test/m";

	(void)state;
	expect(inside, "unix:themis/m", false, REACH_IT);
	expect(inside, "local:themis/m", true, REACH_IT);
	expect(inside, "unix:/themis/m", true, REACH_IT);
	expect(inside, "unix:/themis/m", false, REACH_NOT);
	expect(inside, "unix:" QUEUE "//themis/m", false, REACH_IT);
	expect(inside, "unix:" QUEUE "/themis/m", true, REACH_NOT);
	expect(inside, "unix:/other", true, REACH_OTHER);
	expect(outside, "unix:/run/t.test/m", false, REACH_IT);
	expect(outside, "unix:/run/t.test/m", true, REACH_NOT);
	expect(outside, "inet:127.0.0.1:8440", true, REACH_OTHER);
}

static void expect_spelled(const char *ours, const char *expected)
{
	struct arena *arena = arena_new();
	struct net_address address;

	assert_int_equal(net_address_parse(ours, &address, NULL), 0);
	assert_string_equal(address_spell(arena, &address, QUEUE), expected);
	arena_free(arena);
}

static void test_spelled(void **state)
{
	(void)state;
	expect_spelled("inet:8440@127.0.0.1", "inet:127.0.0.1:8440");
	expect_spelled("inet:8440", "inet:127.0.0.1:8440");
	expect_spelled("inet6:8440@::1", "inet:[::1]:8440");
	expect_spelled("unix:/run/m", "unix:/run/m");
	expect_spelled("unix:" QUEUE "/themis/m", "unix:themis/m");
	expect_spelled("unix:" QUEUE "s/m", "unix:" QUEUE "s/m");
}

static void test_loopback(void **state)
{
	(void)state;
	assert_true(address_is_loopback("127.0.0.1:10025"));
	assert_true(address_is_loopback("localhost:10025"));
	assert_true(address_is_loopback("[::1]:10025"));
	assert_false(address_is_loopback("smtp"));
	assert_false(address_is_loopback("10025"));
	assert_false(address_is_loopback("192.0.2.1:25"));
}

static void test_takes(void **state)
{
	(void)state;
	assert_true(address_takes("127.0.0.1:10030", "[127.0.0.1]:10030"));
	assert_true(address_takes("[::1]:10030", "inet:[::1]:10030"));
	assert_true(address_takes("localhost:10030", "127.0.0.1:10030"));
	/* a machine that only builds may lack /etc/services */
	assert_int_equal(getservbyname("smtp", "tcp") != NULL,
		address_takes("127.0.0.1:smtp", "localhost:25"));
	assert_false(address_takes("127.0.0.1:10030", "127.0.0.1:10031"));
	assert_false(address_takes("127.0.0.1:10030", "127.0.0.2:10030"));
	assert_false(address_takes("10030", "127.0.0.1:10030"));
	assert_false(address_takes("192.0.2.1:25", "192.0.2.1:25"));
	assert_false(address_takes("127.0.0.1:none.test", "127.0.0.1:none.test"));
	assert_false(address_takes("127.0.0.1:25", "dummy"));
	assert_false(address_takes("127.0.0.1:25", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inet),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_spelled),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
