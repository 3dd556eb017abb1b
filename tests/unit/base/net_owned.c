/*
 * A UNIX socket that is made for an owner, a group and a mode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* It is its owner's, and gone where it cannot be. */
static void test_owned(void **state)
{
	struct net_address address = { .family = NET_UNIX };
	struct net_owner owner = { getuid(), getgid(), 0620 };
	char dir[] = "/tmp/themis-net.XXXXXX";
	struct err err = { .text = "" };
	struct stat st;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(address.path, sizeof(address.path), "%s/socket", dir);
	fd = net_listen_owned(&address, &owner, &err);
	assert_true(fd >= 0);
	assert_int_equal(stat(address.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0620);
	assert_int_equal(st.st_uid, getuid());
	assert_int_equal(st.st_gid, getgid());
	close(fd);
	assert_int_equal(unlink(address.path), 0);
	if (getuid() != 0) {
		owner.uid = 0; /* who is not root cannot give it to him */
		assert_int_equal(net_listen_owned(&address, &owner, &err), -1);
		assert_non_null(strstr(err.text, strerror(EPERM)));
		assert_int_equal(access(address.path, F_OK), -1);
	}
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owned),
	};

	return cmocka_run_group_tests_name("net_owned", tests, NULL, NULL);
}
