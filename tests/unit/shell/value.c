/*
 * Tests of shell/value: moments, spans, octets and other values as people read them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 2026-11-21T22:35:54.123Z */
#define NOW 1795300554123000

static const struct view view = { .now = NOW };

static void expect(const char *name, const char *json, const char *expected)
{
	struct arena *arena = arena_new();
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	assert_string_equal(value_text(arena, name, value, &view), expected);
	json_decref(value);
	arena_free(arena);
}

static void test_moments(void **state)
{
	(void)state;
	expect("free_at", "\"2026-11-21T22:35:54.123Z\"", "now");
	expect("free_at", "\"2026-11-21T22:35:54.124Z\"", "in 1 s");
	expect("free_at", "\"2026-11-21T22:35:53.124Z\"", "now");
	expect("free_at", "\"2026-11-21T22:35:53.123Z\"", "1 s ago");
	expect("free_at", "\"2026-11-21T22:37:54.122Z\"", "in 2 min");
	expect("free_at", "\"2026-11-21T22:37:53.123Z\"", "in 119 s");
	expect("free_at", "\"2026-11-21T22:38:24.123Z\"", "in 3 min");
	expect("since", "\"2026-11-21T22:33:24.123Z\"", "2 min ago");
	expect("since", "\"2026-11-21T20:35:54.123Z\"", "2 h ago");
	expect("since", "\"2026-11-21T20:35:54.124Z\"", "119 min ago");
	expect("until", "\"2026-11-25T20:35:54.123Z\"", "in 4 d");
	expect("until", "\"2026-11-23T22:35:54.123Z\"", "in 2 d");
	expect("until", "\"2026-11-23T21:35:54.123Z\"", "in 47 h");
	expect("until", "\"2028-11-20T22:35:54.123Z\"", "in 2 y");
	expect("since", "\"1970-01-01T00:00:00.000Z\"", "56 y ago");
}

/* Of another form: it stands as it is. */
static void test_no_moments(void **state)
{
	static const char *const texts[] = { "2026-11-21T22:35:54Z",
		"2026-11-21 22:35:54.123Z", "2026-13-21T22:35:54.123Z",
		"2026-11-21T22:35:54.12aZ", "2026-11-21T22:35:54.123Zx",
		"x2026-11-21T22:35:54.123Z" };
	char json[100];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(json, sizeof(json), "\"%s\"", texts[i]);
		expect("free_at", json, texts[i]);
	}
}

static void test_spans(void **state)
{
	(void)state;
	expect("uptime", "0", "0 s");
	expect("uptime", "59", "59 s");
	expect("uptime", "60", "1 min");
	expect("uptime", "306", "5 min 6 s");
	expect("uptime", "3600", "1 h");
	expect("uptime", "3659", "1 h");
	expect("uptime", "273600", "3 d 4 h");
	expect("lag_seconds", "86400", "1 d");
	expect("uptime", "31536000", "1 y");
	expect("uptime", "-1", "0 s");
	/* not by that name */
	expect("uptimes", "306", "306");
	expect("seconds", "306", "306");
}

static void test_octets(void **state)
{
	(void)state;
	expect("wal_bytes", "0", "0 B");
	expect("wal_bytes", "1023", "1023 B");
	expect("wal_bytes", "1024", "1.0 KiB");
	expect("bytes", "12897485", "12.3 MiB");
	expect("size", "1048575", "1.0 MiB");
	expect("bytes", "1099511627776", "1.0 TiB");
	expect("bytes", "1152921504606846976", "1024.0 PiB");
	/* a number is meant, not a text */
	expect("size", "\"12M\"", "12M");
	expect("megabytes", "12", "12");
}

/* No more is known of them. */
static void test_shares(void **state)
{
	(void)state;
	expect("share", "8.3", "8.3");
	expect("share", "0.1", "0.1");
	expect("share", "38.0", "38.0");
	expect("share", "100", "100.0");
	expect("fullest", "9.5", "9.5");
	expect("share", "null", "-");
}

static void test_others(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	expect("x", "null", "-");
	expect("x", "\"\"", "-");
	expect("x", "[]", "-");
	expect("x", "0", "0");
	expect("x", "-5", "-5");
	expect("rate", "0.3333333333", "0.33");
	expect("rate", "1234.56", "1234.6");
	expect("x", "true", "true");
	expect("trend", "[0,1,7]", ".:@");
	expect("x", "[1,\"a\"]", "[1,\"a\"]");
	expect("x", "\"a\\u001b[2J\"", "a\\x1b[2J");
	assert_string_equal(value_text(arena, "x", NULL, &view), "-");
	arena_free(arena);
}

static void expect_paint(const char *json, const char *name, enum paint paint)
{
	json_t *row = json_loads(json, 0, NULL);

	assert_non_null(row);
	assert_int_equal(value_paint(row, name), paint);
	json_decref(row);
}

static void test_paints(void **state)
{
	(void)state;
	expect_paint("{\"verdict\":\"block\"}", "verdict", PAINT_BAD);
	expect_paint("{\"verdict\":\"monitor\"}", "verdict", PAINT_WARN);
	expect_paint("{\"verdict\":\"accept\"}", "verdict", PAINT_GOOD);
	expect_paint("{\"action\":\"block\"}", "action", PAINT_PLAIN);
	expect_paint("{\"flag\":\"block\"}", "flag", PAINT_BAD);
	expect_paint("{\"flag\":null}", "flag", PAINT_PLAIN);
	expect_paint("{\"used\":3,\"free_at\":\"x\"}", "used", PAINT_BAD);
	expect_paint("{\"used\":3,\"free_at\":null}", "used", PAINT_PLAIN);
	expect_paint("{\"used\":3}", "used", PAINT_PLAIN);
	expect_paint("{\"degraded\":\"\"}", "degraded", PAINT_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_no_moments),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_paints),
	};

	return cmocka_run_group_tests_name("shell/value", tests, NULL, NULL);
}
