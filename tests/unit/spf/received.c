/*
 * Tests of spf/received: what the trace fields say word for word, and that nothing a
 * stranger says breaks out of its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/received.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define US	      "mail.example.org"

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

static struct spf_question question(
	const char *client, const char *sender, const char *helo)
{
	struct spf_question q = { .sender = sender, .helo = helo };

	assert_int_equal(cidr_parse(client, &q.client, NULL), 0);
	return q;
}

/* As spf_answer_init() has it, and whose texts nobody has to free. */
static struct spf_answer answer(enum spf_result result, const char *sender,
	const char *mechanism, const char *problem)
{
	return (struct spf_answer){ .result = result,
		.sender = (char *)sender,
		.domain = (char *)"",
		.mechanism = (char *)mechanism,
		.problem = (char *)problem };
}

static void test_received_spf(void **state)
{
	struct spf_question q =
		question("192.0.2.7", "bob@example.org", "client.example.org");
	struct spf_answer a = answer(SPF_FAIL, "bob@example.org", "-all", "");

	assert_string_equal(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a),
		"fail (mail.example.org: domain of bob@example.org does not\n"
		" designate 192.0.2.7 as permitted sender) receiver=mail.example.org;\n"
		" identity=mailfrom; client-ip=192.0.2.7; helo=client.example.org;\n"
		" envelope-from=\"bob@example.org\"; mechanism=-all;");
	q = question("2001:db8::7", "", "mx.example.net");
	a = answer(SPF_PERMERROR, "postmaster@mx.example.net", "", "more than 10 terms");
	assert_string_equal(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a),
		"permerror (mail.example.org: domain of postmaster@mx.example.net\n"
		" has an SPF record that is in error) receiver=mail.example.org;"
		" identity=helo;\n"
		" client-ip=\"2001:db8::7\"; helo=mx.example.net;"
		" envelope-from=\"<>\";\n"
		" problem=\"more than 10 terms\";");
	/* of what goes wrong on this host nobody is told more */
	a = answer(SPF_TEMPERROR, "", "", "themis-spf 123 was killed by signal 11");
	a.inside = true;
	assert_non_null(strstr(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a),
		"problem=\"there was no way to check it\";"));
	/* one that was given up before anything was known */
	a = answer(SPF_TEMPERROR, "", "", "");
	q = question("192.0.2.7", "", "");
	assert_string_equal(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a),
		"temperror (mail.example.org: domain of the HELO name could not\n"
		" be asked for its SPF record) receiver=mail.example.org;"
		" identity=helo;\n"
		" client-ip=192.0.2.7; envelope-from=\"<>\";");
}

static void test_results(void **state)
{
	struct spf_question q = question("192.0.2.7", "bob@example.org", "client");
	struct spf_answer a = answer(SPF_PASS, "bob@example.org", "mx", "");

	assert_string_equal(received_value(*state, RECEIVED_FIELD_RESULTS, US, &q, &a),
		"mail.example.org; spf=pass (domain of example.org\n"
		" designates 192.0.2.7 as permitted sender) smtp.mailfrom=example.org");
	assert_string_equal(
		received_value(*state, RECEIVED_FIELD_RESULTS, "our mail", &q, &a),
		"\"our mail\"; spf=pass (domain of example.org designates\n"
		" 192.0.2.7 as permitted sender) smtp.mailfrom=example.org");
	q.sender = "";
	q.helo = "[192.0.2.7]";
	assert_string_equal(received_value(*state, RECEIVED_FIELD_RESULTS, US, &q, &a),
		"mail.example.org; spf=pass (domain of example.org\n"
		" designates 192.0.2.7 as permitted sender) smtp.helo=\"[192.0.2.7]\"");
}

static char *unfolded(const char *folded, struct arena *arena)
{
	char *value = arena_strdup(arena, folded);

	for (char *fold; (fold = strchr(value, '\n')) != NULL;)
		memmove(fold, fold + 1, strlen(fold));
	return value;
}

/* Readers who know no comments find nothing in the field that a stranger has said. */
static void test_strangers_results(void **state)
{
	static const struct {
		const char *sender, *helo, *told;
	} cases[] = {
		{ "dmarc=pass@c.example", "mx",
			"of c.example has no SPF record that applies) "
			"smtp.mailfrom=c.example" },
		{ "dkim=pass/header.d=b.example@c.example", "mx",
			"of c.example has no SPF record that applies) "
			"smtp.mailfrom=c.example" },
		{ "bob@c.example;dkim=pass", "mx",
			"of the sender has no SPF record that applies)" },
		{ "bob@\"c; dkim=pass\"", "mx",
			"of the sender has no SPF record that applies)" },
		{ "bob@[x;dkim=pass]", "mx",
			"of the sender has no SPF record that applies)" },
		{ "bob@[IPv6:2001:db8::7]", "mx",
			"of [IPv6:2001:db8::7] has no SPF record that applies) "
			"smtp.mailfrom=\"[IPv6:2001:db8::7]\"" },
		{ "bob", "mx", "of the sender has no SPF record that applies)" },
		{ "", "x; dkim=pass header.d=b.example",
			"of the HELO name has no SPF record that applies)" },
		{ "", "x); dkim=pass; (y",
			"of the HELO name has no SPF record that applies)" },
		{ "", "dkim=pass", "of the HELO name has no SPF record that applies)" },
		{ "", "", "of the HELO name has no SPF record that applies)" },
		{ "", "[]", "of the HELO name has no SPF record that applies)" },
		{ "", "_mx-1.c.example.",
			"of _mx-1.c.example. has no SPF record that applies) "
			"smtp.helo=\"_mx-1.c.example.\"" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *sender = cases[i].sender, *helo = cases[i].helo, *value;
		struct spf_question q = question("192.0.2.7", sender, helo);
		struct spf_answer a = answer(SPF_NONE, "", "", "");

		a.sender = (char *)(*sender != '\0' ? sender
						    : arena_printf(*state,
							      "postmaster@%s", helo));
		value = unfolded(
			received_value(*state, RECEIVED_FIELD_RESULTS, US, &q, &a),
			*state);
		assert_string_equal(value,
			arena_printf(*state, US "; spf=none (domain %s", cases[i].told));
	}
}

/* Each result has its own name in both, and words of its own. */
static void test_every_result(void **state)
{
	struct spf_question q = question("192.0.2.7", "bob@example.org", "client");
	const char *words[SPF_RESULTS];

	for (int r = 0; r < SPF_RESULTS; r++) {
		struct spf_answer a = answer(r, "bob@example.org", "", "");
		const char *name = spf_result_name(r);
		const char *value =
			received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a);

		assert_int_equal(strncmp(value, name, strlen(name)), 0);
		assert_int_equal(value[strlen(name)], ' ');
		words[r] = strstr(value, "bob@example.org");
		assert_non_null(words[r]);
		for (int before = 0; before < r; before++)
			assert_string_not_equal(words[before], words[r]);
		value = received_value(*state, RECEIVED_FIELD_RESULTS, US, &q, &a);
		assert_non_null(strstr(value, "; spf="));
		assert_int_equal(strncmp(strstr(value, "; spf=") + strlen("; spf="), name,
					 strlen(name)),
			0);
	}
}

/* What cannot be told as it is, is left out. */
static void test_left_out(void **state)
{
	struct spf_question q = question("192.0.2.7",
		"b\xc3\xb6"
		"b@example.org",
		"");
	struct spf_answer a = answer(SPF_PASS, q.sender, "", "");
	char lengthy[SPF_TEXT_MAX + 1];
	const char *value = received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a);

	/* an internationalized message */
	assert_non_null(strstr(value, "envelope-from=\"b\xc3\xb6"
				      "b@example.org\";"));
	assert_null(strstr(value, "helo"));
	assert_null(strstr(value, "mechanism"));
	assert_null(strstr(value, "problem"));
	q.helo = "b\xc3\xb6"
		 "b";
	assert_null(
		strstr(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a), "helo"));
	q.sender = q.helo = "a\nb";
	value = received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a);
	assert_null(strstr(value, "helo"));
	assert_null(strstr(value, "envelope-from"));
	memset(lengthy, '"', SPF_TEXT_MAX);
	lengthy[SPF_TEXT_MAX] = '\0';
	a.sender = lengthy;
	q.helo = "mx";
	value = received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a);
	assert_non_null(strstr(value, "domain of the sender designates"));
	assert_non_null(strstr(value, "helo=mx;"));
}

/* As they are where the grammar lets them, else in quotes. */
static void test_quoted(void **state)
{
	static const struct {
		const char *name, *told;
	} cases[] = {
		{ "mx.example.org", " helo=mx.example.org;" },
		{ "MX_1", " helo=MX_1;" },
		{ "mx.", " helo=\"mx.\";" },
		{ ".mx", " helo=\".mx\";" },
		{ "m..x", " helo=\"m..x\";" },
		{ "[192.0.2.7]", " helo=\"[192.0.2.7]\";" },
		{ "a b", " helo=\"a b\";" },
		{ "a\\b\"c;d", " helo=\"a\\\\b\\\"c;d\";" },
		{ "a(b)", " helo=\"a(b)\";" },
	};
	struct spf_answer a = answer(SPF_PASS, "bob@example.org", "", "");
	struct spf_question q;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *value;

		q = question("192.0.2.7", "b@c", cases[i].name);
		value = received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a);

		if (strstr(value, cases[i].told) == NULL)
			fail_msg("%s: %s", cases[i].name, value);
	}
	/* in a comment it is the parentheses that count */
	q = question("192.0.2.7", "b@c", "");
	assert_non_null(strstr(received_value(*state, RECEIVED_FIELD_SPF, "(\\)", &q, &a),
		"pass (\\(\\\\\\): domain of"));
}

/* A comment names whom it can name in a word. */
static void test_in_comment(void **state)
{
	static const struct {
		const char *sender, *named;
	} cases[] = {
		{ "bob@c.example", "bob@c.example" },
		{ "Bob.B_1-x+y@c.example", "Bob.B_1-x+y@c.example" },
		{ "bob@[192.0.2.7]", "bob@[192.0.2.7]" },
		{ "identity=helo@c.example", "c.example" },
		{ "\"mx: a\"@c.example", "c.example" },
		{ "a b@c.example", "c.example" },
		{ "a..b@c.example", "c.example" },
		{ "b\\xc3\\xb6@c.example", "c.example" },
		{ "=?utf-8?q?)?=@c.example", "c.example" },
		{ "@c.example", "c.example" },
		{ "postmaster@", "the sender" },
		{ "a@=?utf-8?q?b?=", "the sender" },
		{ "a@c.example;receiver=x", "the sender" },
		{ "a@(\\)", "the sender" },
	};
	struct spf_answer a = answer(SPF_NONE, "", "", "");
	struct spf_question q = question("192.0.2.7", "b@c", "");

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *named = arena_printf(
			*state, "(" US ": domain of %s has no", cases[i].named);
		const char *value;

		a.sender = (char *)cases[i].sender;
		value = unfolded(
			received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a), *state);
		if (strstr(value, named) == NULL)
			fail_msg("%s: %s", cases[i].sender, value);
	}
	/* nor is it a word to decode in a string */
	q.sender = "=?utf-8?q?=22;_receiver=3Dx?=@c.example";
	assert_null(strstr(received_value(*state, RECEIVED_FIELD_SPF, US, &q, &a), "=?"));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(received_field("Received-SPF"), RECEIVED_FIELD_SPF);
	assert_int_equal(received_field("rECEIVED-spf"), RECEIVED_FIELD_SPF);
	assert_int_equal(
		received_field("authentication-results \t"), RECEIVED_FIELD_RESULTS);
	assert_int_equal(received_field("Received"), -1);
	assert_int_equal(received_field("Received-SPFX"), -1);
	assert_int_equal(received_field("ARC-Authentication-Results"), -1);
	assert_int_equal(received_field(""), -1);
	assert_string_equal(received_field_name(RECEIVED_FIELD_SPF), "Received-SPF");
	assert_string_equal(
		received_field_name(RECEIVED_FIELD_RESULTS), "Authentication-Results");
}

/* What makes trouble in a header, each often. */
static const char *junk(struct arena *arena, uint64_t *seed)
{
	static const char *const pieces[] = { "\"", "\\", "(", ")", ";", "=", " ", "@",
		"\n", "\r\n ", "\t", "\x7f", "\xc3\xb6", "\xff", "receiver", US, "a", ".",
		"spf=pass", ":", "                                        " };
	const char *text = "";

	for (uint64_t n = next_random(seed) % 40; n > 0; n--)
		text = arena_printf(
			arena, "%s%s", text, pieces[next_random(seed) % LENGTH(pieces)]);
	return text;
}

/* Lines as they may be; octets as they may be. */
static void check_lines(const char *value)
{
	assert_true(str_is_utf8(value, strlen(value)));
	for (const char *line = value; line != NULL; line = strchr(line, '\n')) {
		size_t len;

		if (line > value)
			line++;
		len = strcspn(line, "\n");
		assert_in_range(len, 1, 998);
		assert_true(strspn(line, " ") < len);
		if (line > value)
			assert_int_equal(*line, ' ');
	}
	for (; *value != '\0'; value++)
		assert_true(*value == '\n' ||
			    ((unsigned char)*value >= ' ' && *value != '\x7f'));
}

/* The value without its comments and strings: what is left is all ours. */
static const char *skeleton(struct arena *arena, const char *value)
{
	char *left = arena_strdup(arena, value), *end = left;
	unsigned depth = 0;
	bool in_string = false;

	for (; *value != '\0'; value++) {
		if (*value == '\\' && (depth > 0 || in_string)) {
			value++;
			assert_true(*value != '\0');
		} else if (*value == '"' && depth == 0) {
			in_string = !in_string;
		} else if (*value == '(' && !in_string) {
			depth++;
		} else if (*value == ')' && !in_string) {
			assert_true(depth-- > 0);
		} else if (depth == 0 && !in_string) {
			*end++ = *value;
		}
	}
	assert_true(depth == 0 && !in_string);
	*end = '\0';
	return left;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == c;
	return n;
}

/* Whatever strangers say: it stays within its quotes, and we know our own. */
static void test_any_words(void **state)
{
	uint64_t seed = 7208;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct arena *arena = arena_new();
		struct spf_question q = question(i % 2 ? "192.0.2.7" : "::1",
			junk(arena, &seed), junk(arena, &seed));
		struct spf_answer a = answer(next_random(&seed) % SPF_RESULTS,
			junk(arena, &seed), junk(arena, &seed), junk(arena, &seed));
		const char *receiver = i % 3 ? US : "a \"(b)\\";

		q.sender = i % 5 == 0 ? "" : q.sender;
		for (int f = 0; f < RECEIVED_FIELDS; f++) {
			const char *value = received_value(arena, f, receiver, &q, &a);
			const char *left = skeleton(arena, value);

			check_lines(value);
			assert_true(received_claims(f, value, receiver));
			assert_false(received_claims(f, value, "elsewhere"));
			if (f == RECEIVED_FIELD_RESULTS) {
				assert_int_equal(count(value, ';'), 1);
				assert_in_range(count(value, '='), 1, 2);
			} else {
				assert_in_range(count(left, ';'), 3, 7);
				assert_int_equal(count(left, ';'), count(left, '='));
			}
		}
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_received_spf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_result, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_comment, setup, teardown),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_any_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
