/*
 * Header rules: what may be set, and unfolding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/rule.h"
#include "../fixture.h"
#include "base/str.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static struct rule *make(const char *regex)
{
	struct err err;
	struct rule *r = rule_new("Subject", regex, &err);

	must(r != NULL ? 0 : -1, &err);
	return r;
}

static void add(struct rule *r, const char *name, const char *value)
{
	struct err err;

	must(rule_add(r, name, value, &err), &err);
}

static void refused(const char *header, const char *regex, const char *words)
{
	struct err err = { ERR_FAILED, "" };

	assert_null(rule_new(header, regex, &err));
	assert_string_equal(err.text, words);
	assert_int_equal(err.code, ERR_BAD);
}

static void not_added(
	struct rule *r, const char *name, const char *value, const char *words)
{
	struct err err = { ERR_FAILED, "" };
	size_t before, after;

	rule_additions(r, &before);
	assert_int_equal(rule_add(r, name, value, &err), -1);
	assert_string_equal(err.text, words);
	assert_int_equal(err.code, ERR_BAD);
	rule_additions(r, &after);
	assert_int_equal(before, after);
}

static char *repeat(char *buf, size_t n, const char *piece)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = piece[i % strlen(piece)];
	buf[n] = '\0';
	return buf;
}

static void test_header_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "X Y", "X Y" },
		{ "Subject:", "Subject:" },
		{ "\x7f", "\\x7f" },
		{ "a\n", "a\\x0a" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "a\xff", "a\\xff" },
	};
	char words[300], name[RULE_NAME_MAX + 2];
	struct err err;
	struct rule *r;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		snprintf(words, sizeof(words),
			"not a header's name: %s (printable ASCII without blanks and "
			"colons)",
			bad[i][1]);
		refused(bad[i][0], "/a/", words);
	}
	refused("", "/a/", "a header's name has 1 to 100 octets, not 0");
	refused(repeat(name, 101, "n"), "/a/",
		"a header's name has 1 to 100 octets, not 101");
	r = rule_new(repeat(name, 100, "!~"), "/a/", &err);
	must(r != NULL ? 0 : -1, &err);
	assert_string_equal(rule_header(r), name);
	rule_free(r);
	rule_free(NULL);
	assert_null(rule_new("", "/a/", NULL));
}

static void test_regex_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "", "not a pattern:  (write /re/ or /re/i)" },
		{ "/", "not a pattern: / (write /re/ or /re/i)" },
		{ "/i", "not a pattern: /i (write /re/ or /re/i)" },
		{ "a/b/", "not a pattern: a/b/ (write /re/ or /re/i)" },
		{ "abc", "not a pattern: abc (write /re/ or /re/i)" },
		{ "/a/I", "only an i may stand behind the pattern's last slash, not I" },
		{ "/a/ii", "only an i may stand behind the pattern's last slash, not "
			   "ii" },
		{ "/a/b", "only an i may stand behind the pattern's last slash, not b" },
		{ "/(*LIMIT_MATCH=9)a/",
			"a pattern must not begin with (*, which changes how the rule "
			"matches: /(*LIMIT_MATCH=9)a/" },
		{ "/a\nb/", "a line break or control character in the pattern" },
		{ "/a\xff/", "the pattern is not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++)
		refused("Subject", bad[i][0], bad[i][1]);
}

/* The words and the place are PCRE2's, which every version of it has its own of. */
static void test_regex_does_not_compile(void **state)
{
	static const char *const bad[] = { "/(abc/", "/a|+/i", "/abc\\/", "/a\\C/",
		"/(?<n>a)(?<n>b)/", "/\xc3\xa4[/", "/(?<=a+)b/" };
	char words[200], expected[300];
	size_t at;
	int code;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		size_t len = (size_t)(strrchr(bad[i], '/') - bad[i]) - 1;

		assert_null(pcre2_compile((PCRE2_SPTR)bad[i] + 1, len,
			PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL));
		pcre2_get_error_message(code, (PCRE2_UCHAR *)words, sizeof(words));
		snprintf(expected, sizeof(expected), "%s, at octet %zu of the pattern %s",
			words, at, bad[i]);
		refused("Subject", bad[i], expected);
	}
}

/* 1000 octets with the slashes. */
static void test_regex_length(void **state)
{
	char regex[RULE_REGEX_MAX + 2];

	(void)state;
	repeat(regex, RULE_REGEX_MAX, "x");
	regex[0] = regex[RULE_REGEX_MAX - 1] = '/';
	rule_free(make(regex));
	repeat(regex, RULE_REGEX_MAX + 1, "x");
	regex[0] = regex[RULE_REGEX_MAX] = '/';
	refused("Subject", regex, "the pattern has 1001 octets (at most 1000)");
}

/* A refusal shows what fits of a long text, by whole characters. */
static void test_long_texts(void **state)
{
	static const char *const begins[] = { "", "/(", "/(*", "/a/" };
	char text[RULE_REGEX_MAX];
	struct rule *r = make("/a/");
	struct err err;

	(void)state;
	for (int pad = 0; pad < 3; pad++) {
		for (size_t i = 0; i < LENGTH(begins); i++) {
			snprintf(text, sizeof(text), "%s%.*s", begins[i], pad, "xx");
			repeat(text + strlen(text), 600, "\xe2\x82\xac");
			if (strncmp(text, "/(", 2) == 0)
				str_append(text, sizeof(text), "/");
			assert_null(rule_new("Subject", text, &err));
			assert_true(str_is_utf8(err.text, strlen(err.text)));
			assert_non_null(strstr(err.text, "\xe2\x82\xac..."));
		}
		snprintf(text, sizeof(text), "$%.*s", pad, "!!");
		repeat(text + strlen(text), 480, "\xe2\x82\xac");
		assert_int_equal(rule_add(r, "X", text, &err), -1);
		assert_non_null(strstr(err.text, "\xe2\x82\xac... (write $$"));
	}
	rule_free(r);
}

static void test_as_given(void **state)
{
	static const char *const good[] = { "//", "/a/", "/a/i", "/a/b/i", "/\\//",
		"/a/i/", "/\\(*/", "/[(*]/", "/a(*COMMIT)b|/", "/(?J)(?<n>a)(?<n>b)/" };
	const struct rule_addition *all;
	struct rule *r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		r = make(good[i]);
		assert_string_equal(rule_regex(r), good[i]);
		rule_free(r);
	}
	r = make("/(a)/");
	rule_additions(r, &n);
	assert_int_equal(n, 0);
	add(r, "X-One", " $1 \\ $$");
	add(r, "x-one", "\xc3\xa4");
	all = rule_additions(r, &n);
	assert_int_equal(n, 2);
	assert_string_equal(all[0].name, "X-One");
	assert_string_equal(all[0].value, " $1 \\ $$");
	assert_string_equal(all[1].name, "x-one");
	assert_string_equal(all[1].value, "\xc3\xa4");
	assert_true(rule_is_for(r, "Subject"));
	assert_true(rule_is_for(r, "sUBJECT"));
	assert_false(rule_is_for(r, "Subject2"));
	assert_false(rule_is_for(r, "Sub"));
	rule_free(r);
}

static void test_names_refused(void **state)
{
	static const char *const once[] = { "Bcc", "Cc", "Content-Transfer-Encoding",
		"Content-Type", "Date", "From", "In-Reply-To", "Message-ID",
		"MIME-Version", "References", "Reply-To", "Return-Path", "Sender",
		"Subject", "To" };
	char words[100], name[60];
	struct rule *r = make("/a/");

	(void)state;
	for (size_t i = 0; i < LENGTH(once); i++) {
		snprintf(words, sizeof(words),
			"a message has only one %s, which no rule may add", once[i]);
		snprintf(name, sizeof(name), "%s", once[i]);
		not_added(r, name, "v", words);
		str_fold(name);
		not_added(r, name, "v", words);
	}
	not_added(r, "", "v", "a header's name has 1 to 100 octets, not 0");
	not_added(r, "A:", "v",
		"not a header's name: A: (printable ASCII without blanks and colons)");
	add(r, "Received", "v");
	add(r, "Resent-To", "v");
	rule_free(r);
}

static void test_values_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "", "the value is empty" },
		{ "   ", "the value is empty" },
		{ "a\r\nX: b", "a line break or control character in the value" },
		{ "a\tb", "a line break or control character in the value" },
		{ "a\xff", "the value is not UTF-8" },
		{ "$", "a lone $ in the value: $ (write $$ for a dollar)" },
		{ "5 $!", "a lone $ in the value: $! (write $$ for a dollar)" },
		{ "$$$", "a lone $ in the value: $ (write $$ for a dollar)" },
		{ "${1", "a lone $ in the value: ${1 (write $$ for a dollar)" },
		{ "${}", "a lone $ in the value: ${} (write $$ for a dollar)" },
		{ "${1a}", "a lone $ in the value: ${1a} (write $$ for a dollar)" },
		{ "$*MARK", "a lone $ in the value: $*MARK (write $$ for a dollar)" },
		{ "$1$3 x", "the value refers to $3, and the pattern has 2 groups" },
		{ "${3}", "the value refers to ${3}, and the pattern has 2 groups" },
		{ "$12", "the value refers to $12, and the pattern has 2 groups" },
		{ "$4294967297",
			"the value refers to $4294967297, and the pattern has 2 groups" },
		{ "$65536", "the value refers to $65536, and the pattern has 2 groups" },
		{ "$no.", "the value refers to $no, and the pattern has groups named "
			  "word" },
		{ "${Word}", "the value refers to ${Word}, and the pattern has groups "
			     "named word" },
		{ "$word_", "the value refers to $word_, and the pattern has groups "
			    "named word" },
	};
	struct rule *r = make("/(?<word>a)(b)/");

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++)
		not_added(r, "X", bad[i][0], bad[i][1]);
	rule_free(r);
	r = make("/(a)/");
	not_added(r, "X", "$2", "the value refers to $2, and the pattern has 1 group");
	not_added(r, "X", "$n",
		"the value refers to $n, and the pattern has no named group");
	rule_free(r);
	r = make("/a/");
	not_added(r, "X", "$1", "the value refers to $1, and the pattern has 0 groups");
	rule_free(r);
	r = make("/(a)()()()()()()()()(b)/");
	not_added(r, "X", "$100",
		"the value refers to $100, and the pattern has 10 groups");
	add(r, "X", "$10");
	rule_free(r);
	r = make("/(?<b>a)(?<a>b)(c)/");
	not_added(r, "X", "$c",
		"the value refers to $c, and the pattern has groups named a, b");
	rule_free(r);
}

/* A name longer than any group's is none, though it begins like one. */
static void test_long_names(void **state)
{
	char name[33], regex[100], value[RULE_VALUE_MAX + 2], words[700];
	struct err err;
	struct rule *r;

	(void)state;
	snprintf(regex, sizeof(regex), "/(?<%s>a)/", repeat(name, 32, "n"));
	r = make(regex);
	snprintf(value, sizeof(value), "$%s", name);
	add(r, "X", value);
	snprintf(value, sizeof(value), "$%sn", name);
	snprintf(words, sizeof(words),
		"the value refers to %s, and the pattern has groups named %s", value,
		name);
	not_added(r, "X", value, words);
	repeat(value, 400, "n");
	value[0] = '$';
	assert_int_equal(rule_add(r, "X", value, &err), -1);
	assert_non_null(strstr(err.text, "refers to $nnn"));
	add(r, "X", repeat(value, RULE_VALUE_MAX, "v"));
	not_added(r, "X", repeat(value, RULE_VALUE_MAX + 1, "v"),
		"the value has 501 octets (at most 500)");
	not_added(r, "X", repeat(value, RULE_VALUE_MAX + 1, " "), "the value is empty");
	rule_free(r);
}

/* Many names: as many as fit, by whole characters. */
static void test_many_names(void **state)
{
	char regex[RULE_REGEX_MAX];
	struct err err;
	struct rule *r;

	(void)state;
	for (int pad = 1; pad < 4; pad++) {
		snprintf(regex, sizeof(regex), "/(?<%.*s>x)", pad, "aaa");
		for (char c = 'b'; c < 'z'; c++)
			str_append(regex, sizeof(regex),
				"(?<%c\xc3\xa4\xc3\xb6\xc3\xbc\xce\xb1\xce\xb2>x)", c);
		str_append(regex, sizeof(regex), "/");
		r = make(regex);
		assert_int_equal(rule_add(r, "X", "$none", &err), -1);
		assert_string_equal(err.text + strlen(err.text) - 3, "...");
		assert_true(str_is_utf8(err.text, strlen(err.text)));
		rule_free(r);
	}
}

static void test_sixteen(void **state)
{
	struct rule *r = make("/a/");
	size_t n;

	(void)state;
	for (int i = 0; i < RULE_ADDITIONS_MAX; i++)
		add(r, "X", "v");
	not_added(r, "X", "v", "a rule adds at most 16 headers");
	rule_additions(r, &n);
	assert_int_equal(n, 16);
	rule_free(r);
}

static void test_unfold(void **state)
{
	static const char *const folded[][2] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a\r\n b", "a b" },
		{ "a\n\tb", "a\tb" },
		{ "a\r\n \r\n  b\n c", "a   b c" },
		{ "\r\n a", " a" },
		{ "a\r\n", "a\r\n" },
		{ "a\n", "a\n" },
		{ "a\r\nb\nc", "a\r\nb\nc" },
		{ "a\r b", "a\r b" },
		{ "a\n\n b", "a\n b" },
		{ "a\r\r\n b", "a\r b" },
		{ "=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "=?utf-8?q?a?= =?utf-8?q?b?=" },
	};
	char to[100];

	(void)state;
	for (size_t i = 0; i < LENGTH(folded); i++) {
		assert_int_equal(rule_unfold(to, folded[i][0]), strlen(folded[i][1]));
		assert_string_equal(to, folded[i][1]);
		snprintf(to, sizeof(to), "%s", folded[i][0]);
		rule_unfold(to, to);
		assert_string_equal(to, folded[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_refused),
		cmocka_unit_test(test_regex_refused),
		cmocka_unit_test(test_regex_does_not_compile),
		cmocka_unit_test(test_regex_length),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_as_given),
		cmocka_unit_test(test_names_refused),
		cmocka_unit_test(test_values_refused),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_sixteen),
		cmocka_unit_test(test_unfold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
