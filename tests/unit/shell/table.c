/*
 * Tests of shell/table where there is little room: what is cut, left out, or put below
 * its row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shown.h"

#include "../random.h"

/* The same in a view of so many columns. */
static void expect_at(int width, const char *const *rows, const char *expected)
{
	view.width = width;
	expect(LAYOUT_TABLE, rows, NULL, expected);
	view.width = 0;
}

static void test_tables_that_fit(void **state)
{
	const char *const *rows =
		ROWS("{\"policy\":\"outbound-of-the-staff\",\"value\":"
		     "\"Please try again in {wait} seconds\",\"used\":3}");

	(void)state;
	expect_at(64, rows,
		"policy                 value                               used\n"
		"outbound-of-the-staff  Please try again in {wait} seconds     3\n");
	/* one too wide: the widest is cut, and not what names the row */
	expect_at(62, rows,
		"policy                 value                              used\n"
		"outbound-of-the-staff  Please try again in {wait} secon~     3\n");
	expect_at(45, rows,
		"policy                 value             used\n"
		"outbound-of-the-staff  Please try agai~     3\n");
	/* then the others */
	expect_at(38, rows,
		"policy                value       used\n"
		"outbound-of-the-sta~  Please tr~     3\n");
	/* at last columns are left out, and it is said which */
	expect_at(26, rows,
		"policy          value\n"
		"outbound-of-t~  Please tr~\n"
		"(-w shows too: used)\n");
	expect_at(10, rows,
		"policy\n"
		"outbound-~\n"
		"(-w shows\n"
		"too:\n"
		"value,\n"
		"used)\n");
}

/* Sentences, and what has rows of its own, stand whole below their row where there is too
 * little room; a row that says nothing else has no line. */
static void test_sentences(void **state)
{
	const char *const *rows = ROWS("{\"at\":\"END\",\"policy\":\"out\",\"reply\":"
				       "null,\"why\":\"SPF is fail\"}",
		"{\"at\":\"END\",\"trace\":\"a TXT: \\\"v=spf1 ip4:192.0.2.1 -all\\\"\"}",
		"{\"at\":\"END\",\"trace\":\"  two words that go beyond the line\"}",
		"{\"at\":\"END\",\"policy\":null,\"reply\":\"no\",\"why\":\"\"}",
		"{\"at\":\"RCPT\",\"trace\":\"b\"}", "{\"at\":\"RCPT\"}");

	(void)state;
	expect_at(40, rows,
		"at    policy\n"
		"END   out\n"
		"  why    SPF is fail\n"
		"  trace  a TXT: \"v=spf1\n"
		"             ip4:192.0.2.1 -all\"\n"
		"  trace    two words that go beyond\n"
		"               the line\n"
		"  reply  no\n"
		"RCPT  -\n"
		"  trace  b\n"
		"RCPT  -\n");
	/* names would take what the texts need */
	expect_at(24, rows,
		"at    policy\n"
		"END   out\n"
		"  SPF is fail\n"
		"  a TXT: \"v=spf1\n"
		"  ip4:192.0.2.1 -all\"\n"
		"  two words that go\n"
		"  beyond the line\n"
		"  no\n"
		"RCPT  -\n"
		"  b\n"
		"RCPT  -\n");
	/* with enough room, or no terminal, a row is a line */
	expect_at(0, rows + 3,
		"at    policy  reply  why  trace\n"
		"END   -       no     -    -\n"
		"RCPT  -       -      -    b\n"
		"RCPT  -       -      -    -\n");
	expect_at(31, rows + 3,
		"at    policy  reply  why  trace\n"
		"END   -       no     -    -\n"
		"RCPT  -       -      -    b\n"
		"RCPT  -       -      -    -\n");
}

/* A list in a card is whole; of a table of one column the cells are cut. */
static void test_single_column(void **state)
{
	(void)state;
	expect_at(30,
		ROWS("{\"member\":\"an address that is longer than the line\"}",
			"{\"member\":\"b\"}"),
		"member\n"
		"an address that is longer tha~\n"
		"b\n");
	view.width = 30;
	expect(LAYOUT_CARD,
		ROWS("{\"trace\":[{\"step\":\"one\"},{\"step\":\"  a step of a check "
		     "within one\"}]}"),
		NULL,
		"trace\n"
		"  one\n"
		"    a step of a check\n"
		"        within one\n");
	view.width = 0;
}

/* Where nothing stands in a column, that is the first to go. */
static void test_empty_columns_go_first(void **state)
{
	(void)state;
	expect_at(20,
		ROWS("{\"name\":\"abcdefgh\",\"reply\":\"\",\"what\":\"ijklmnop\"}",
			"{\"name\":\"b\",\"reply\":null,\"what\":\"c\"}"),
		"name      what\n"
		"abcdefgh  ijklmnop\n"
		"b         c\n"
		"(-w shows too:\n"
		"reply)\n");
	expect_at(13, ROWS("{\"name\":\"a\",\"n\":0,\"hold\":0,\"defer\":1}"),
		"name  defer\n"
		"a         1\n"
		"(-w shows\n"
		"too: n, hold)\n");
}

/* Whatever the columns, no line is wider than the view. */
static void test_no_line_is_too_wide(void **state)
{
	uint64_t seed = 91;
	char row[2000], *text, *save, *line;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		size_t columns = 1 + next_random(&seed) % 12;

		snprintf(row, sizeof(row), "{");
		for (size_t c = 0; c < columns; c++)
			str_append(row, sizeof(row), "%s\"%.*s%zu\":\"%.*s\"",
				c > 0 ? "," : "", (int)(next_random(&seed) % 10),
				"destination", c, (int)(next_random(&seed) % 60),
				"01234567890123456789012345678901234567890123456789012345"
				"67"
				"89");
		if (next_random(&seed) % 2)
			str_append(row, sizeof(row), ",\"why\":\"%s\"",
				"  012345678901 because of 0123456789012345678901234");
		str_append(row, sizeof(row), "}");
		view.width = 1 + (int)(next_random(&seed) % 100);
		text = show(LAYOUT_TABLE, false, ROWS(row), NULL);
		for (line = strtok_r(text, "\n", &save); line != NULL;
			line = strtok_r(NULL, "\n", &save))
			if (strlen(line) > (size_t)view.width)
				fail_msg("%d columns: %s", view.width, line);
		free(text);
	}
	view.width = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_that_fit),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_single_column),
		cmocka_unit_test(test_empty_columns_go_first),
		cmocka_unit_test(test_no_line_is_too_wide),
	};

	return cmocka_run_group_tests_name("shell/table", tests, NULL, NULL);
}
