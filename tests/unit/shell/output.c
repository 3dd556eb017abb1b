/*
 * Tests of shell/output: tables and cards out of rows, what a cell shows of each
 * kind of value, rows as they come with -j, and when the daemon's closing words are said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shown.h"

#include <locale.h>

#include "../random.h"

static void test_table(void **state)
{
	(void)state;
	expect(LAYOUT_TABLE,
		ROWS("{\"name\":\"outbound\",\"limit\":\"500/"
		     "hour\",\"action\":\"defer\"}",
			"{\"name\":\"x\",\"limit\":\"5/minute,5000/"
			"day\",\"action\":\"hold\"}"),
		"2 rows",
		"name      limit              action\n"
		"outbound  500/hour           defer\n"
		"x         5/minute,5000/day  hold\n");
	/* a header may be wider than what is below it */
	expect(LAYOUT_TABLE, ROWS("{\"destination\":\"a\",\"key\":\"b\"}"), "1 row",
		"destination  key\n"
		"a            b\n");
}

static void test_numbers_stand_right(void **state)
{
	(void)state;
	expect(LAYOUT_TABLE,
		ROWS("{\"policy\":\"a\",\"used\":7,\"limit\":2000000000,\"x\":1}",
			"{\"policy\":\"b\",\"used\":1234567,\"limit\":0,\"x\":\"1\"}",
			"{\"policy\":\"c\",\"used\":null,\"limit\":-3,\"x\":22}"),
		"3 rows",
		"policy     used       limit  x\n"
		"a             7  2000000000  1\n"
		"b       1234567           0  1\n"
		"c             -          -3  22\n");
}

static void test_cells_of_every_kind(void **state)
{
	(void)state;
	expect(LAYOUT_TABLE,
		ROWS("{\"a\":null,\"b\":\"\",\"c\":true,\"d\":false,\"e\":[],\"f\":[1,"
		     "\"x\"]"
		     ",\"g\":{\"h\":1},\"z\":0}"),
		"1 row",
		"a  b  c     d      e  f        g        z\n"
		"-  -  true  false  -  [1,\"x\"]  {\"h\":1}  0\n");
}

/* The columns are those of the first row, then what others add. */
static void test_rows_of_different_members(void **state)
{
	(void)state;
	expect(LAYOUT_TABLE,
		ROWS("{\"b\":\"1\",\"a\":\"2\"}", "{\"a\":\"3\",\"c\":\"4\"}", "{}",
			"{\"b\":\"5\",\"d\":6}"),
		"4 rows",
		"b  a  c  d\n"
		"1  2  -  -\n"
		"-  3  4  -\n"
		"-  -  -  -\n"
		"5  -  -  6\n");
}

/* What a stranger wrote into an address or a reply stays in its cell. */
static void test_cells_are_escaped(void **state)
{
	(void)state;
	expect(LAYOUT_TABLE,
		ROWS("{\"object\":\"a\\nb\\u001b[2J\\t\\u007f\\u009b\",\"z\":\"\\\\\"}"),
		"1 row",
		"object                         z\n"
		"a\\x0ab\\x1b[2J\\x09\\x7f\\xc2\\x9b  \\\n");
	expect(LAYOUT_CARD, ROWS("{\"reply\":\"a\\r\\nb\"}"), "1 row",
		"reply  a\\x0d\\x0ab\n");
	expect(LAYOUT_LINES, ROWS("{\"command\":\"a\\u001b[2Jb\"}"), "1 row",
		"a\\x1b[2Jb\n");
	/* and what a stranger calls it */
	expect(LAYOUT_TABLE, ROWS("{\"\\u001b[2J\":1,\"z\":2}"), "1 row",
		"\\x1b[2J  z\n"
		"      1  2\n");
	expect(LAYOUT_CARD, ROWS("{\"\\u001b[2J\":1,\"z\":2}"), "1 row",
		"\\x1b[2J  1\n"
		"z        2\n");
}

static void test_widths_on_a_terminal(void **state)
{
	(void)state;
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return; /* nothing to compare with */
	expect(LAYOUT_TABLE,
		ROWS("{\"name\":\"J\xc3\xbcrgen\",\"z\":\"1\"}",
			"{\"name\":\"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\",\"z\":\"2\"}",
			"{\"name\":\"abcdefgh\",\"z\":\"3\"}"),
		"3 rows",
		"name      z\n"
		"J\xc3\xbcrgen    1\n"
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e    2\n"
		"abcdefgh  3\n");
	setlocale(LC_CTYPE, "C");
}

/* A cell as long as a list of members may be. */
static void test_long_cells(void **state)
{
	char row[3100], *text, *second;
	long column;

	(void)state;
	snprintf(row, sizeof(row), "{\"a\":\"%03000d\",\"z\":\"1\"}", 0);
	text = show(
		LAYOUT_TABLE, false, ROWS(row, "{\"a\":\"b\",\"z\":\"2\"}"), "2 rows");
	second = strstr(text, "\nb ");
	column = second != NULL ? strrchr(text, '2') - (second + 1) : 0;
	free(text);
	assert_int_equal(column, 3002); /* and two blanks */
}

/* Words without blanks, in a table: each line has the words of its row, columns
 * begin below each other, and no line ends in blanks. */
static void check_random_table(uint64_t *seed)
{
	size_t columns = 1 + next_random(seed) % 5, rows = 1 + next_random(seed) % 8;
	char lines[8][400], words[8][5][20], *text, *line, *save = NULL;
	const char *list[9] = { NULL };

	for (size_t r = 0; r < rows; r++) {
		snprintf(lines[r], sizeof(lines[r]), "{");
		for (size_t c = 0; c < columns; c++) {
			int n = 1 + (int)(next_random(seed) % 12);

			snprintf(words[r][c], sizeof(words[r][c]), "%.*s", n,
				"abcdefghijkl");
			str_append(lines[r], sizeof(lines[r]), "%s\"col%zu\":\"%s\"",
				c > 0 ? "," : "", c, words[r][c]);
		}
		str_append(lines[r], sizeof(lines[r]), "}");
		list[r] = lines[r];
	}
	text = show(LAYOUT_TABLE, false, list, NULL);
	line = strtok_r(text, "\n", &save);
	for (size_t r = 0; r < rows; r++) {
		char *header = text, *at = line = strtok_r(NULL, "\n", &save);

		assert_non_null(line);
		for (size_t c = 0; c < columns; c++) {
			char name[24];

			snprintf(name, sizeof(name), "col%zu", c);
			at = line + (strstr(header, name) - header);
			assert_int_equal(strcspn(at, " "), strlen(words[r][c]));
			assert_memory_equal(at, words[r][c], strlen(words[r][c]));
		}
		assert_int_equal(at[strlen(words[r][columns - 1])], '\0');
	}
	assert_null(strtok_r(NULL, "\n", &save));
	free(text);
}

static void test_random_tables(void **state)
{
	uint64_t seed = 90;

	(void)state;
	for (int i = 0; i < 500; i++)
		check_random_table(&seed);
}

static void test_colours(void **state)
{
	const char *const *rows =
		ROWS("{\"verdict\":\"defer\",\"used\":5,\"free_at\":\"now\"}",
			"{\"verdict\":\"accept\",\"used\":4,\"free_at\":null}",
			"{\"verdict\":\"hold\",\"used\":4,\"free_at\":null}");

	(void)state;
	view.colour = true;
	expect(LAYOUT_TABLE, rows, NULL,
		"\033[1mverdict\033[m  \033[1mused\033[m  \033[1mfree_at\033[m\n"
		"\033[31mdefer\033[m       \033[31m5\033[m  \033[31mnow\033[m\n"
		"\033[32maccept\033[m      4  -\n"
		"\033[33mhold\033[m        4  -\n");
	expect(LAYOUT_CARD, ROWS("{\"degraded\":\"database\"}", "{\"degraded\":null}"),
		NULL,
		"degraded  \033[31mdatabase\033[m\n"
		"degraded  -\n");
	view.colour = false;
}

static void test_card(void **state)
{
	(void)state;
	expect(LAYOUT_CARD,
		ROWS("{\"name\":\"outbound\",\"priority\":5,\"reply\":\"\",\"stop\":null,"
		     "\"enabled\":true}"),
		"1 row",
		"name      outbound\n"
		"priority  5\n"
		"reply     -\n"
		"stop      -\n"
		"enabled   true\n");
}

static void test_card_with_lists(void **state)
{
	(void)state;
	expect(LAYOUT_CARD,
		ROWS("{\"object\":\"bob@example.org\",\"counters\":[{\"policy\":\"out\","
		     "\"used\":3},{\"policy\":\"outbound\",\"used\":12}],\"seen\":[],"
		     "\"from\":[\"192.0.2.7\",\"::1\"]}"),
		"1 row",
		"object    bob@example.org\n"
		"counters\n"
		"  policy    used\n"
		"  out          3\n"
		"  outbound    12\n"
		"seen      -\n"
		"from      [\"192.0.2.7\",\"::1\"]\n");
}

static void test_lines(void **state)
{
	(void)state;
	expect(LAYOUT_LINES,
		ROWS("{\"command\":\"group add  'a\\\\b' x\"}", "{\"command\":\"\"}",
			"{\"command\":\"-\"}"),
		"3 rows", "group add  'a\\b' x\n\n-\n");
	expect(LAYOUT_LINES, NULL, "0 rows", "");
}

static void test_closing_words(void **state)
{
	(void)state;
	expect(LAYOUT_NONE, NULL, "policy \"x\" stored", "policy \"x\" stored\n");
	expect(LAYOUT_TABLE, NULL, "0 rows", "0 rows\n");
	expect(LAYOUT_TABLE, ROWS("{\"a\":\"b\"}"), "1 row", "a\nb\n");
	expect(LAYOUT_CARD, ROWS("{\"a\":\"b\"}"), "1 row", "a  b\n");
	/* what the rows do not tell */
	expect(LAYOUT_TABLE, ROWS("{\"a\":\"b\"}"), "1 rows; there are more",
		"a\nb\n1 rows; there are more\n");
	/* after a refusal, which is told elsewhere */
	expect(LAYOUT_NONE, NULL, NULL, "");
	expect(LAYOUT_TABLE, NULL, NULL, "");
	expect(LAYOUT_CARD, NULL, NULL, "");
}

/* With -j a row is what came, octet by octet, at once; and nothing else. */
static void test_json(void **state)
{
	static const char *const row = "{ \"b\" : 1.50,\"a\":\"\\u00fc\\n\" }";
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	struct output *o = output_new(to, LAYOUT_CARD, true, &view);

	(void)state;
	output_row(o, row);
	fflush(to);
	assert_int_equal(strlen(text), strlen(row) + 1);
	output_row(o, "{}");
	output_end(o, "2 rows");
	fclose(to);
	assert_int_equal(strncmp(text, row, strlen(row)), 0);
	assert_string_equal(text + strlen(row), "\n{}\n");
	free(text);
	text = show(LAYOUT_NONE, true, NULL, "stored");
	assert_string_equal(text, "");
	free(text);
}

/* What is no row is told to be none, and nothing of it shown, as JSON or not. */
static void test_rows_that_are_none(void **state)
{
	static const char *const bad[] = { "", "{", "[1]", "7", "null", "\"x\"",
		"{\"a\":}", "{} {}", "{\"a\":\"\033\"}" };
	char *text = NULL;
	size_t size;

	(void)state;
	for (int json = 0; json < 2; json++) {
		FILE *to = open_memstream(&text, &size);
		struct output *o = output_new(to, LAYOUT_TABLE, json, &view);

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			if (output_row(o, bad[i]) != -1)
				fail_msg("taken: %s", bad[i]);
		assert_int_equal(output_row(o, "{\"a\":\"b\"}"), 0);
		output_end(o, NULL);
		fclose(to);
		assert_string_equal(text, json ? "{\"a\":\"b\"}\n" : "a\nb\n");
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_numbers_stand_right),
		cmocka_unit_test(test_cells_of_every_kind),
		cmocka_unit_test(test_rows_of_different_members),
		cmocka_unit_test(test_cells_are_escaped),
		cmocka_unit_test(test_widths_on_a_terminal),
		cmocka_unit_test(test_long_cells),
		cmocka_unit_test(test_random_tables),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_card_with_lists),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_closing_words),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_rows_that_are_none),
	};

	return cmocka_run_group_tests_name("shell/output", tests, NULL, NULL);
}
