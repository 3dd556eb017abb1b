/*
 * Tests of base/arena: memory is zeroed, aligned and nobody else's until the
 * arena goes; copies; arrays that grow; and that a size which cannot be had
 * ends the process, as it must.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void test_free_null(void **state)
{
	(void)state;
	arena_free(NULL);
}

/* Blocks of many sizes, small ones after large ones too: each is zero when it
 * comes and keeps what was written to it while the others are written. */
static void test_blocks_are_apart(void **state)
{
	static const size_t sizes[] = { 1, 7, 16, 17, 100, 3999, 4000, 4001, 100000, 3,
		64, 2500, 2500, 2500, 8000, 1 };
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), BLOCKS = 20 * SIZES };
	unsigned char *blocks[BLOCKS];

	for (size_t i = 0; i < BLOCKS; i++) {
		size_t size = sizes[i % SIZES];

		blocks[i] = arena_alloc(*state, size);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(blocks[i][k], 0);
		memset(blocks[i], (int)(i % 255 + 1), size);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t k = 0; k < sizes[i % SIZES]; k++)
			assert_int_equal(blocks[i][k], i % 255 + 1);
}

static void test_size_of_zero(void **state)
{
	char *kept;

	assert_non_null(arena_alloc(*state, 0));
	kept = arena_strdup(*state, "kept");
	for (int i = 0; i < 1000; i++)
		assert_non_null(arena_alloc(*state, 0));
	assert_string_equal(kept, "kept");
}

static void test_copies(void **state)
{
	char from[] = "one\0two";
	char *s = arena_strdup(*state, from), *m = arena_memdup(*state, from, 7);
	char *part = arena_memdup(*state, from, 2), *none = arena_memdup(*state, from, 0);

	memset(from, 'x', sizeof(from));
	assert_string_equal(s, "one");
	assert_memory_equal(m, "one\0two", 8);
	assert_string_equal(part, "on");
	assert_string_equal(none, "");
	assert_null(arena_strdup(*state, NULL));
	assert_string_equal(arena_strdup(*state, ""), "");
}

static void test_printf(void **state)
{
	char *text;

	assert_string_equal(arena_printf(*state, "%s-%d", "a", 7), "a-7");
	assert_string_equal(arena_printf(*state, "%s", ""), "");
	text = arena_printf(*state, "%0*d", 10000, 7);
	assert_int_equal(strlen(text), 10000);
	assert_string_equal(text + 9998, "07");
}

static void test_grow(void **state)
{
	size_t n = 0, cap = 0;
	uint32_t *array = NULL, *first;

	array = first = arena_grow(*state, array, n, &cap, sizeof(*array));
	assert_true(cap >= 1);
	array[n++] = 0;
	while (n < 10000) {
		array = arena_grow(*state, array, n, &cap, sizeof(*array));
		assert_true(cap > n);
		array[n] = (uint32_t)(n * n);
		n++;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(array[i], (uint32_t)(i * i));
	/* the old array is still there */
	assert_ptr_not_equal(first, array);
	assert_int_equal(first[1], 1);
	/* with room left, nothing moves */
	assert_ptr_equal(arena_grow(*state, array, cap - 1, &cap, sizeof(*array)), array);
}

static void test_xcalloc_and_friends(void **state)
{
	unsigned char *p = mem_calloc(3, 5);
	char *s;

	(void)state;
	for (int i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	memset(p, 7, 15);
	p = mem_realloc(p, 1000, 3);
	for (int i = 0; i < 15; i++)
		assert_int_equal(p[i], 7);
	p[2999] = 1;
	free(p);
	p = mem_calloc(0, 0);
	assert_non_null(p);
	p = mem_realloc(p, 0, 8);
	assert_non_null(p);
	free(p);
	p = mem_realloc(NULL, 2, 2);
	assert_non_null(p);
	free(p);
	assert_null(mem_strdup(NULL));
	s = mem_strdup("text");
	assert_string_equal(s, "text");
	free(s);
}

static void ask_arena(void)
{
	struct arena *a = arena_new();

	arena_alloc(a, SIZE_MAX - 8);
	arena_free(a);
}

/* volatile: the compiler sees through the sizes, and warns */
static volatile size_t huge = SIZE_MAX / 2;

static void ask_xcalloc(void)
{
	free(mem_calloc(huge, 4));
}

static void ask_xrealloc(void)
{
	free(mem_realloc(NULL, huge, 4));
}

/* Runs fn in a child: must not come back. */
static void expect_death(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* a sanitizer ends the process with a status of its own */
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(WIFSIGNALED(status) && WTERMSIG(status) != SIGABRT);
}

static void test_impossible_sizes_abort(void **state)
{
	(void)state;
	expect_death(ask_arena);
	expect_death(ask_xcalloc);
	expect_death(ask_xrealloc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_free_null),
		cmocka_unit_test_setup_teardown(test_blocks_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size_of_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_printf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_grow, setup, teardown),
		cmocka_unit_test(test_xcalloc_and_friends),
		cmocka_unit_test(test_impossible_sizes_abort),
	};

	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
