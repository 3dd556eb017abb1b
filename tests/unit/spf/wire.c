/*
 * Tests of src/spf/wire: what is said is understood, what is wrong in one place is
 * nonsense, and no answer is longer than a datagram.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/wire.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const char good_question[] =
	"{\"id\":1,\"until\":5000,\"client\":\"192.0.2.7\","
	"\"sender\":\"bob@example.org\",\"helo\":\"mx\",\"trace\":false}";
static const char good_answer[] =
	"{\"id\":1,\"result\":\"fail\",\"helo\":false,\"sender\":\"bob@example.org\","
	"\"domain\":\"example.org\",\"mechanism\":\"-all\",\"problem\":\"\",\"ttl\":300,"
	"\"terms\":1,\"voids\":0,\"queries\":2,\"trace\":[\"a line\"]}";

/* The text with its first `old` replaced; of a static buffer. */
static const char *changed(const char *text, const char *old, const char *new)
{
	static char out[SPF_WIRE_MAX];
	const char *at = strstr(text, old);

	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text, new,
		at + strlen(old));
	return out;
}

static struct spf_question question(const char *client, const char *sender)
{
	struct spf_question q = { .sender = sender, .helo = "mx.example.org" };

	assert_int_equal(cidr_parse(client, &q.client, NULL), 0);
	return q;
}

static void test_question(void **state)
{
	static const char *const senders[] = { "", "bob@example.org",
		"\"a\\\"b\"@example", "gr\xc3\xbc\xc3\x9f@example", "\x01\x7f\x80\xff" };
	static const char *const clients[] = { "192.0.2.7", "2001:db8::1" };

	(void)state;
	for (size_t i = 0; i < LENGTH(senders) * LENGTH(clients); i++) {
		struct spf_question q = question(
			clients[i % LENGTH(clients)], senders[i / LENGTH(clients)]);
		struct spf_wire_question read;
		char *said;

		q.trace = i % 3 == 0;
		said = spf_wire_ask(i + 1, 5000, &q);
		assert_int_equal(spf_wire_read_question(said, strlen(said), &read), 0);
		assert_int_equal(read.id, i + 1);
		assert_int_equal(read.until, 5000);
		assert_memory_equal(&read.question.client, &q.client, sizeof(q.client));
		assert_string_equal(read.question.sender, q.sender);
		assert_string_equal(read.question.helo, q.helo);
		assert_int_equal(read.question.trace, q.trace);
		free(said);
	}
}

static void test_question_is_cut(void **state)
{
	char longer[2 * SPF_TEXT_MAX];
	struct spf_wire_question read;
	struct spf_question q;
	char *said;

	(void)state;
	memset(longer, 0xe9, sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	q = question("192.0.2.7", longer);
	said = spf_wire_ask(1, 1, &q);
	assert_int_equal(spf_wire_read_question(said, strlen(said), &read), 0);
	assert_int_equal(strlen(read.sender), SPF_TEXT_MAX);
	assert_memory_equal(read.sender, longer, SPF_TEXT_MAX);
	free(said);
}

/* What else a text of JSON can be than the one that is right. */
static const struct change {
	const char *old, *new;
} wrong_questions[] = {
	{ "{", "" },
	{ "}", "} 1" },
	{ "\"id\":1", "\"id\":0" },
	{ "\"id\":1", "\"id\":-1" },
	{ "\"id\":1", "\"id\":\"1\"" },
	{ "\"id\":1", "\"id\":1.5" },
	{ "\"id\":1", "\"id\":1,\"id\":1" },
	{ "\"id\":1", "\"id\":1,\"else\":1" },
	{ "\"id\":1,", "" },
	{ "5000", "-1" },
	{ "5000", "5e3" },
	{ "5000", "9223372036854775808" },
	{ "192.0.2.7", "192.0.2.0/24" },
	{ "192.0.2.7", "host" },
	{ "bob", "\\u0100" },
	{ "bob", "\\u0000" },
	{ "bob", "\xff" },
	{ "false", "0" },
};

static void test_wrong_questions(void **state)
{
	struct spf_wire_question read;

	(void)state;
	assert_int_equal(
		spf_wire_read_question(good_question, strlen(good_question), &read), 0);
	for (size_t i = 0; i < LENGTH(wrong_questions); i++) {
		const char *text = changed(
			good_question, wrong_questions[i].old, wrong_questions[i].new);

		if (spf_wire_read_question(text, strlen(text), &read) == 0)
			fail_msg("taken: %s", text);
	}
}

static const struct change wrong_answers[] = {
	{ "{", "[" },
	{ "\"id\":1", "\"id\":0" },
	{ "\"id\":1", "\"id\":1,\"else\":1" },
	{ "\"fail\"", "\"Fail\"" },
	{ "\"fail\"", "3" },
	{ "\"helo\":false", "\"helo\":null" },
	{ "bob@", "b\\nb@" },
	{ "bob@", "b\\u007f@" },
	{ "bob@", "b\\u00fc@" },
	{ "-all", "-\\u0000" },
	{ "300", "-1" },
	{ "300", "3601" },
	{ "300", "4294967296" },
	{ "300", "1e2" },
	{ "\"terms\":1", "\"terms\":1000001" },
	{ "\"voids\":0", "\"voids\":-1" },
	{ "\"queries\":2", "\"queries\":true" },
	{ "[\"a line\"]", "\"a line\"" },
	{ "[\"a line\"]", "[1]" },
	{ "[\"a line\"]", "[\"a\\tline\"]" },
	{ "[\"a line\"]", "null" },
	{ "}", "}}" },
};

static enum spf_wire_kind kind_of(const char *text)
{
	struct spf_wire_answer read;

	spf_wire_read_answer(text, strlen(text), &read);
	spf_answer_clear(&read.answer);
	return read.kind;
}

static void test_wrong_answers(void **state)
{
	(void)state;
	assert_int_equal(kind_of(good_answer), SPF_WIRE_ANSWER);
	for (size_t i = 0; i < LENGTH(wrong_answers); i++) {
		const char *text =
			changed(good_answer, wrong_answers[i].old, wrong_answers[i].new);

		if (kind_of(text) != SPF_WIRE_NONSENSE)
			fail_msg("taken: %s", text);
	}
	assert_int_equal(kind_of(""), SPF_WIRE_NONSENSE);
	assert_int_equal(kind_of("{}"), SPF_WIRE_NONSENSE);
	assert_int_equal(kind_of(good_question), SPF_WIRE_NONSENSE);
}

/* A text, or a line, of so many octets. */
static void check_length(const char *old, size_t n, enum spf_wire_kind kind)
{
	char text[SPF_TEXT_MAX + 2];

	memset(text, 'a', n);
	text[n] = '\0';
	assert_int_equal(kind_of(changed(good_answer, old, text)), kind);
}

static void test_lengths(void **state)
{
	(void)state;
	check_length("example.org", SPF_TEXT_MAX - strlen("bob@"), SPF_WIRE_ANSWER);
	check_length("example.org", SPF_TEXT_MAX - strlen("bob@") + 1, SPF_WIRE_NONSENSE);
	check_length("-all", SPF_TEXT_MAX, SPF_WIRE_ANSWER);
	check_length("-all", SPF_TEXT_MAX + 1, SPF_WIRE_NONSENSE);
	check_length("a line", SPF_TRACE_LINE_MAX, SPF_WIRE_ANSWER);
	check_length("a line", SPF_TRACE_LINE_MAX + 1, SPF_WIRE_NONSENSE);
}

static void fill_answer(struct spf_answer *a, size_t lines, size_t octets)
{
	char *line = mem_calloc(1, octets + 1);

	memset(line, '"', octets);
	spf_answer_init(a, SPF_PERMERROR, "more than 10 terms");
	a->ttl = 300;
	a->terms = 11;
	a->voids = 2;
	a->queries = 13;
	a->ntrace = lines;
	a->trace = mem_calloc(lines, sizeof(*a->trace));
	for (size_t i = 0; i < lines; i++)
		a->trace[i] = mem_strdup(line);
	free(line);
}

static void read_back(const struct spf_answer *a, struct spf_wire_answer *read)
{
	char *said = spf_wire_answer(77, a);

	assert_true(strlen(said) <= SPF_WIRE_MAX);
	spf_wire_read_answer(said, strlen(said), read);
	assert_int_equal(read->kind, SPF_WIRE_ANSWER);
	assert_int_equal(read->id, 77);
	free(said);
}

static void test_answer(void **state)
{
	struct spf_wire_answer read;
	struct spf_answer a;

	(void)state;
	fill_answer(&a, 3, 5);
	free(a.mechanism);
	a.mechanism = mem_strdup("include:\xff\n.example");
	a.helo = true;
	read_back(&a, &read);
	assert_int_equal(read.answer.result, SPF_PERMERROR);
	assert_true(read.answer.helo);
	assert_string_equal(read.answer.problem, "more than 10 terms");
	assert_string_equal(read.answer.mechanism, "include:\\xff\\x0a.example");
	assert_int_equal(read.answer.ttl, 300);
	assert_int_equal(read.answer.terms, 11);
	assert_int_equal(read.answer.voids, 2);
	assert_int_equal(read.answer.queries, 13);
	assert_int_equal(read.answer.ntrace, 3);
	assert_string_equal(read.answer.trace[2], "\"\"\"\"\"");
	spf_answer_clear(&read.answer);
	spf_answer_clear(&a);
}

/* The longest trace does not fit; the line that says so tells how much is missing. */
static void test_longest_answer(void **state)
{
	struct spf_wire_answer read;
	struct spf_answer a;
	size_t kept;
	char last[64];

	(void)state;
	fill_answer(&a, SPF_TRACE_MAX, SPF_TRACE_LINE_MAX);
	read_back(&a, &read);
	kept = read.answer.ntrace - 1;
	assert_in_range(kept, 50, SPF_TRACE_MAX - 1);
	snprintf(last, sizeof(last), "... and %zu lines more", SPF_TRACE_MAX - kept);
	assert_string_equal(read.answer.trace[kept], last);
	spf_answer_clear(&read.answer);
	spf_answer_clear(&a);
}

static void test_refusal(void **state)
{
	char *said = spf_wire_refuse("no seccomp\n");
	struct spf_wire_answer read;

	(void)state;
	spf_wire_read_answer(said, strlen(said), &read);
	assert_int_equal(read.kind, SPF_WIRE_REFUSAL);
	assert_string_equal(read.refusal, "no seccomp\\x0a");
	free(said);
	assert_int_equal(kind_of("{\"refusal\":\"a\\nb\"}"), SPF_WIRE_NONSENSE);
	assert_int_equal(kind_of("{\"refusal\":1}"), SPF_WIRE_NONSENSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_question_is_cut),
		cmocka_unit_test(test_wrong_questions),
		cmocka_unit_test(test_wrong_answers),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_longest_answer),
		cmocka_unit_test(test_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
