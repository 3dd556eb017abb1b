/*
 * Tests of src/spf/trouble: what is told of DNS that is dead and of those for whom there
 * is no room, and when that is over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/trouble.h"

#include "base/arena.h"
#include "base/episode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct spf_trouble trouble;

static int setup(void **state)
{
	(void)state;
	memset(&trouble, 0, sizeof(trouble));
	return 0;
}

static void answer(enum spf_result result, unsigned queries, unsigned domain)
{
	struct spf_answer a;

	spf_answer_init(&a, result, "");
	free(a.domain);
	a.domain = mem_calloc(1, 20);
	snprintf(a.domain, 20, "d%u.example", domain);
	a.queries = queries;
	spf_trouble_answer(&trouble, &a);
	spf_answer_clear(&a);
}

/* What goes on: its name, "" for nothing. */
static const char *told(void)
{
	struct episode_seen list[EPISODES];

	spf_trouble_tell(&trouble);
	return episode_list(list) > 0 ? list[0].state : "";
}

static void test_dns(void **state)
{
	(void)state;
	for (unsigned i = 1; i < SPF_TROUBLE_CHECKS; i++)
		answer(SPF_TEMPERROR, 1, i);
	assert_string_equal(told(), "");
	answer(SPF_TEMPERROR, 0, 99); /* a worker that died */
	answer(SPF_NONE, 0, 99);      /* no name to ask for */
	assert_string_equal(told(), "");
	answer(SPF_TEMPERROR, 1, 1);
	assert_string_equal(told(), "dns");
	answer(SPF_NONE, 0, 99);
	assert_string_equal(told(), "dns");
	answer(SPF_NONE, 1, 99);
	assert_string_equal(told(), "");
}

/* One sender's or two senders' servers are no trouble of ours. */
static void test_few_domains(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5 * SPF_TROUBLE_CHECKS; i++)
		answer(SPF_TEMPERROR, 1, i % (SPF_TROUBLE_DOMAINS - 1));
	assert_string_equal(told(), "");
	answer(SPF_TEMPERROR, 1, SPF_TROUBLE_DOMAINS);
	assert_string_equal(told(), "dns");
	answer(SPF_FAIL, 2, 0);
	assert_string_equal(told(), "");
	for (unsigned i = 0; i < SPF_TROUBLE_CHECKS; i++)
		answer(SPF_TEMPERROR, 1, 0);
	assert_string_equal(told(), "");
}

static void test_room(void **state)
{
	(void)state;
	assert_int_equal(spf_trouble_wakes(&trouble), INT64_MAX);
	assert_true(spf_trouble_full(&trouble, "too many", 1000));
	assert_string_equal(told(), "spf-room");
	assert_false(spf_trouble_full(&trouble, "too many", 2000));
	assert_int_equal(spf_trouble_wakes(&trouble), 2000 + SPF_TROUBLE_QUIET);
	spf_trouble_look(&trouble, 2000 + SPF_TROUBLE_QUIET - 1);
	assert_string_equal(told(), "spf-room");
	spf_trouble_look(&trouble, 2000 + SPF_TROUBLE_QUIET);
	assert_string_equal(told(), "");
	assert_int_equal(spf_trouble_wakes(&trouble), INT64_MAX);
	assert_true(spf_trouble_full(&trouble, "too many", 3000 + SPF_TROUBLE_QUIET));
	assert_string_equal(told(), "spf-room");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_dns, setup),
		cmocka_unit_test_setup(test_few_domains, setup),
		cmocka_unit_test_setup(test_room, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
