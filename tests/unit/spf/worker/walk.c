/*
 * Tests of spf/worker/walk: check_host() of RFC 7208, 4, what hostile records come to,
 * and what is shown.  Its limits: walk_limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/walk.h"

#include "zone.h"

#define CLIENT "192.0.2.7"
#define SENDER "bob@example.org"

static void answers(
	struct zone *z, const char *client, enum spf_result result, const char *mechanism)
{
	struct spf_answer a = zone_ask(z, client, SENDER, "mx.example.org");

	if (a.result != result || strcmp(a.mechanism, mechanism) != 0)
		fail_msg("%s by %s (%s)", spf_result_name(a.result), a.mechanism,
			a.problem);
	spf_answer_clear(&a);
}

static void is_wrong(struct zone *z, enum spf_result result, const char *problem)
{
	struct spf_answer a = zone_ask(z, CLIENT, SENDER, "mx.example.org");

	assert_string_equal(a.problem, problem);
	assert_int_equal(a.result, result);
	assert_string_equal(a.mechanism, "");
	if (result == SPF_TEMPERROR)
		assert_int_equal(a.ttl, 0);
	spf_answer_clear(&a);
}

static void test_identity(void **state)
{
	static const struct {
		const char *sender, *helo, *checked, *domain;
		bool is_helo;
	} cases[] = {
		{ "bob@example.org", "h.example", "bob@example.org", "example.org",
			false },
		{ "@example.org", "h.example", "postmaster@example.org", "example.org",
			false },
		{ "\"a@b\"@example.org", "h.example", "\"a@b\"@example.org",
			"example.org", false },
		{ "bob@example.org.", "h.example", "bob@example.org", "example.org",
			false },
		{ "", "h.example", "postmaster@h.example", "h.example", true },
		{ "", "", "postmaster@", "", true },
		{ "", "[192.0.2.7]", "postmaster@[192.0.2.7]", "", true },
		{ "bob", "h.example", "postmaster@bob", "", false },
		{ "bob@b\xc3\xbc"
		  "cher.example",
			"h.example", "bob@xn--bcher-kva.example", "xn--bcher-kva.example",
			false },
		{ "b\xc3\xbc@example.org", "h", "b\\xc3\\xbc@example.org", "example.org",
			false },
	};
	struct zone z = zone_make(NULL, 0);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct spf_answer a =
			zone_ask(&z, CLIENT, cases[i].sender, cases[i].helo);

		assert_int_equal(a.result, SPF_NONE);
		assert_string_equal(a.sender, cases[i].checked);
		assert_string_equal(a.domain, cases[i].domain);
		assert_int_equal(a.helo, cases[i].is_helo);
		assert_int_equal(z.asked, *a.domain != '\0');
		spf_answer_clear(&a);
	}
	zone_clear(&z);
}

static void test_results(void **state)
{
	static const struct {
		const char *record;
		enum spf_result result;
		const char *mechanism;
	} cases[] = {
		{ "v=spf1 +all", SPF_PASS, "+all" },
		{ "v=spf1 -all", SPF_FAIL, "-all" },
		{ "V=SPF1 ~All", SPF_SOFTFAIL, "~All" },
		{ "v=spf1 ?all", SPF_NEUTRAL, "?all" },
		{ "v=spf1", SPF_NEUTRAL, "default" },
		{ "v=spf1 ip4:192.0.2.8 ip4:192.0.2.7 -all", SPF_PASS, "ip4:192.0.2.7" },
		{ "v=spf1 redirect=r.example -ip4:192.0.2.7", SPF_FAIL,
			"-ip4:192.0.2.7" },
		{ "v=spf1 redirect=r.example ip4:192.0.2.8", SPF_SOFTFAIL, "~all" },
		{ "v=spf1 redirect=none.example -all", SPF_FAIL, "-all" },
		{ "v=spf1 exp=%{i}.none.example -all moo=%{l}", SPF_FAIL, "-all" },
		{ "v=spf1 include:p.example -all", SPF_PASS, "include:p.example" },
		{ "v=spf1 ?include:p.example -all", SPF_NEUTRAL, "?include:p.example" },
		{ "v=spf1 include:r.example -all", SPF_FAIL, "-all" },
		{ "v=spf1 include:n.example -all", SPF_FAIL, "-all" },
		{ "v=spf1 include:f.example ?all", SPF_NEUTRAL, "?all" },
		{ "v=spf1 exists:%{l}.%{d1r}.%{ir}.yes.example -all", SPF_PASS,
			"exists:%{l}.%{d1r}.%{ir}.yes.example" },
	};
	struct zone z = zone_make(NULL, 0);

	(void)state;
	zone_add(&z, "example.org", LOOKUP_TXT, "moo");
	zone_add(&z, "example.org", LOOKUP_TXT, "");
	zone_add(&z, "r.example", LOOKUP_TXT, "v=spf1 ~all");
	zone_add(&z, "f.example", LOOKUP_TXT, "v=spf1 -all");
	zone_add(&z, "n.example", LOOKUP_TXT, "v=spf1 ?all");
	zone_add(&z, "p.example", LOOKUP_TXT, "v=spf1 redirect=pp.example");
	zone_add(&z, "pp.example", LOOKUP_TXT, "v=spf1 ip4:192.0.2.0/24 -all");
	zone_add(&z, "bob.example.7.2.0.192.yes.example", LOOKUP_A, "127.0.0.2");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		z.rows[1].value = cases[i].record;
		answers(&z, CLIENT, cases[i].result, cases[i].mechanism);
	}
	zone_clear(&z);
}

static void test_errors(void **state)
{
	static const struct {
		const char *record;
		enum spf_result result;
		const char *problem;
	} cases[] = {
		{ "v=spf10", SPF_NONE, "example.org has no sender policy" },
		{ "v=spf1 all a:museum", SPF_PERMERROR,
			"example.org: a:museum: not a domain-spec" },
		{ "v=spf1 include:none.example all", SPF_PERMERROR,
			"include:none.example: none.example has no sender policy" },
		{ "v=spf1 redirect=none.example", SPF_PERMERROR,
			"redirect=none.example: none.example has no sender policy" },
		{ "v=spf1 include:a..example all", SPF_PERMERROR,
			"include:a..example: a..example: no domain name of two labels or "
			"more" },
		{ "v=spf1 include:%{d1} all", SPF_PERMERROR,
			"include:%{d1}: org: no domain name of two labels or more" },
		{ "v=spf1 include:bad.example all", SPF_PERMERROR,
			"bad.example: moo: no such mechanism" },
		{ "v=spf1 include:two.example all", SPF_PERMERROR,
			"two.example has 2 sender policies" },
		{ "v=spf1 include:dead.example all", SPF_TEMPERROR,
			"dead.example: DNS did not answer" },
		{ "v=spf1 redirect=dead.example", SPF_TEMPERROR,
			"dead.example: DNS did not answer" },
		{ "v=spf1 a:late.example all", SPF_TEMPERROR,
			"a:late.example: DNS did not answer in time" },
		{ "v=spf1 ptr all", SPF_TEMPERROR, "ptr: DNS did not answer in time" },
		{ "v=spf1 exists:%{p}.org all", SPF_TEMPERROR,
			"exists:%{p}.org: DNS did not answer in time" },
		{ "v=spf1 a:x1.example a:x2.example a:x3.example all", SPF_PERMERROR,
			"a:x3.example: more than 2 void lookups" },
		{ "v=spf1 include:v.example a:x3.example all", SPF_PERMERROR,
			"a:x3.example: more than 2 void lookups" },
		{ "v=spf1 redirect=%{p}.example", SPF_TEMPERROR,
			"redirect=%{p}.example: DNS did not answer in time" },
		{ "v=spf1 a:x1.example a:x2.example redirect=none.example", SPF_PERMERROR,
			"redirect=none.example: none.example has no sender policy" },
	};
	struct zone z = zone_with("");

	(void)state;
	zone_add(&z, "bad.example", LOOKUP_TXT, "v=spf1 all moo");
	zone_add(&z, "two.example", LOOKUP_TXT, "v=spf1 all");
	zone_add(&z, "two.example", LOOKUP_TXT, "v=spf1 all");
	zone_add(&z, "dead.example", ZONE_FAILED, "");
	zone_add(&z, "late.example", ZONE_TIME_IS_UP, "");
	zone_add(&z, "7.2.0.192.in-addr.arpa", LOOKUP_PTR, "late.example");
	zone_add(&z, "v.example", LOOKUP_TXT, "v=spf1 a:x1.example mx:x2.example ?all");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		z.rows[0].value = cases[i].record;
		is_wrong(&z, cases[i].result, cases[i].problem);
	}
	zone_clear(&z);
}

static void test_first_lookup(void **state)
{
	struct zone z = zone_make(NULL, 0);

	(void)state;
	zone_add(&z, "example.org", ZONE_FAILED, "");
	is_wrong(&z, SPF_TEMPERROR, "example.org: DNS did not answer");
	z.rows[0].type = ZONE_TIME_IS_UP;
	is_wrong(&z, SPF_TEMPERROR, "example.org: DNS did not answer in time");
	zone_clear(&z);
}

/* RFC 8616, 4 */
static void test_not_ascii(void **state)
{
	struct zone z = zone_with("v=spf1 exists:%{l}.x.example a:%{s1}.example "
				  "include:%{S}.example ip4:192.0.2.7 -all");
	struct spf_answer a = zone_ask(&z, CLIENT, "b\xc3\xbc@example.org", "h");

	(void)state;
	assert_int_equal(a.result, SPF_PASS);
	assert_int_equal(z.asked, 1);
	assert_int_equal(a.terms, 3);
	spf_answer_clear(&a);
	z.rows[0].value = "v=spf1 redirect=%{l}.example";
	a = zone_ask(&z, CLIENT, "b\xc3\xbc@example.org", "h");
	assert_int_equal(a.result, SPF_PERMERROR);
	spf_answer_clear(&a);
	zone_clear(&z);
}

static void test_ttl(void **state)
{
	struct zone z = zone_with("v=spf1 a:a.example -all");
	struct spf_answer a;

	(void)state;
	zone_add(&z, "a.example", LOOKUP_A, "192.0.2.8");
	z.rows[0].ttl = 90000;
	z.rows[1].ttl = 7200;
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.ttl, 3600);
	spf_answer_clear(&a);
	z.rows[1].ttl = 50;
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.ttl, 50);
	spf_answer_clear(&a);
	z.rows[1].name = "b.example";
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.ttl, 300);
	spf_answer_clear(&a);
	/* an answer that a failure was no match for is not kept */
	z.rows[0].value = "v=spf1 ptr -all";
	zone_add(&z, "7.2.0.192.in-addr.arpa", ZONE_FAILED, "");
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.result, SPF_FAIL);
	assert_int_equal(a.ttl, 0);
	spf_answer_clear(&a);
	zone_clear(&z);
}

/* --- hostile records --- */

static void repeat(
	char *to, size_t size, const char *head, const char *piece, size_t times)
{
	size_t n = (size_t)snprintf(to, size, "%s", head), len = strlen(piece);

	for (size_t i = 0; i < times; i++, n += len) {
		assert_true(n + len < size);
		memcpy(to + n, piece, len + 1);
	}
}

static void test_many_terms(void **state)
{
	static char record[70000];
	struct zone z = zone_with(record);

	(void)state;
	repeat(record, sizeof(record), "v=spf1", " ip4:198.51.100.1", 99);
	strncat(record, " ip4:192.0.2.7 -all", 20);
	answers(&z, "192.0.2.7", SPF_PASS, "ip4:192.0.2.7");
	answers(&z, "192.0.2.8", SPF_FAIL, "-all");
	/* as much as TCP can bring, nearly */
	repeat(record, sizeof(record), "v=spf1", " ip4:1.1.1.1", 5400);
	strncat(record, " -all", 6);
	answers(&z, "192.0.2.8", SPF_FAIL, "-all");
	repeat(record, sizeof(record), "v=spf1",
		" include:a2345678901234567890123456789012345678901.example", 100);
	is_wrong(&z, SPF_PERMERROR,
		"include:a2345678901234567890123456789012345678901.example: "
		"a2345678901234567890123456789012345678901.example has no sender policy");
	repeat(record, sizeof(record), "v=spf1 a:", "%{s}", 15000);
	answers(&z, CLIENT, SPF_NEUTRAL, "default");
	zone_clear(&z);
}

/* However long a term is, the words about it are told. */
static void test_long_term(void **state)
{
	static char record[3000];
	struct zone z = zone_with(record);
	struct spf_answer a;

	(void)state;
	repeat(record, sizeof(record), "v=spf1 include:", "%{h-}.", 400);
	strncat(record, "none.example", 20);
	a = zone_ask(&z, CLIENT, SENDER, "none");
	assert_int_equal(a.result, SPF_PERMERROR);
	assert_memory_equal(a.problem, "include:%{h-}.%{h-}.", 20);
	assert_non_null(strstr(a.problem, "...: none."));
	assert_non_null(strstr(a.problem, "none.example has no sender policy"));
	spf_answer_clear(&a);
	zone_clear(&z);
}

static void test_explanation(void **state)
{
	static char text[1000], record[1000];
	struct zone z = zone_with("v=spf1 exp=exp.example -all");

	(void)state;
	repeat(text, sizeof(text), "", "%{i}", 127);
	zone_add(&z, "exp.example", LOOKUP_TXT, text);
	answers(&z, "2001:db8::1", SPF_FAIL, "-all");
	assert_int_equal(z.asked, 1);
	z.rows[0].value = record;
	repeat(record, sizeof(record), "v=spf1 -all exp=", "%{i}", 127);
	answers(&z, "2001:db8::1", SPF_FAIL, "-all");
	repeat(record, sizeof(record), "v=spf1 -exists:", "%{i}.", 127);
	strncat(record, "example", 8);
	answers(&z, "2001:db8::1", SPF_NEUTRAL, "default");
	zone_clear(&z);
}

static void test_lies(void **state)
{
	static const struct zone_row rows[] = {
		{ "example.org", LOOKUP_TXT + ZONE_RAW, "", 0, 0 },
		{ "example.org", LOOKUP_TXT + ZONE_RAW, "\377v=spf1 +all", 12, 0 },
		{ "example.org", LOOKUP_TXT + ZONE_RAW, "\006v=spf1\005 +all", 13, 0 },
		{ "example.org", LOOKUP_TXT + ZONE_RAW, "\006v=spf1\000\005 -all", 14,
			0 },
		{ "zero.example", LOOKUP_TXT + ZONE_RAW, "\014v=spf1 \0-all", 13, 0 },
	};
	struct zone z = zone_make(rows, LENGTH(rows));
	struct spf_answer a;

	(void)state;
	is_wrong(&z, SPF_PERMERROR, "example.org has 2 sender policies");
	z.rows[2].len = 12;
	answers(&z, CLIENT, SPF_FAIL, "-all");
	a = zone_ask(&z, CLIENT, "bob@zero.example", "h");
	assert_int_equal(a.result, SPF_PERMERROR);
	spf_answer_clear(&a);
	zone_clear(&z);
}

/* --- what is shown --- */

static void shows(struct zone *z, const char *const *lines, size_t n)
{
	struct spf_answer a = zone_ask(z, CLIENT, SENDER, "h");

	for (size_t i = 0; i < n && i < a.ntrace; i++)
		assert_string_equal(a.trace[i], lines[i]);
	assert_int_equal(a.ntrace, n);
	spf_answer_clear(&a);
}

static void test_trace(void **state)
{
	static const char *const lines[] = {
		"example.org TXT: \"v=spf1 include:i.example mx -all\" and 1 other (ttl "
		"600)",
		"include:i.example  term 1 of 10",
		"  i.example TXT: \"v=spf1 ip4:192.0.2.8\" (ttl 600)",
		"  ip4:192.0.2.8  no match",
		"  default: neutral",
		"include:i.example  no match",
		"mx  term 2 of 10",
		"  example.org MX: m.example, n.example, o.example (ttl 600)",
		"  m.example A: 192.0.2.9, 192.0.2.10 (ttl 600)",
		"  n.example A: no such name, void lookup 1 of 2 (ttl 600)",
		"  o.example A: no such name (ttl 600)",
		"mx  no match",
		"-all  matches: fail",
		"limits: 2 of 10 terms, 1 of 2 void lookups, 6 queries",
	};
	struct zone z = zone_with("v=spf1 include:i.example mx -all");

	(void)state;
	zone_add(&z, "example.org", LOOKUP_TXT, "moo");
	zone_add(&z, "i.example", LOOKUP_TXT, "v=spf1 ip4:192.0.2.8");
	zone_add(&z, "example.org", LOOKUP_MX, "m.example");
	zone_add(&z, "example.org", LOOKUP_MX, "n.example");
	zone_add(&z, "example.org", LOOKUP_MX, "o.example");
	zone_add(&z, "m.example", LOOKUP_A, "192.0.2.9");
	zone_add(&z, "m.example", LOOKUP_A, "192.0.2.10");
	shows(&z, lines, LENGTH(lines));
	zone_clear(&z);
}

/* The names of %{p} are asked for below the term that has it. */
static void test_trace_voids(void **state)
{
	static const char *const lines[] = {
		"example.org TXT: \"v=spf1 a a exists:%{p}.example -all\" (ttl 600)",
		"a  term 1 of 10",
		"  example.org A: no such record, void lookup 1 of 2 (ttl 600)",
		"a  no match",
		"a  term 2 of 10",
		"  example.org A: no such record, void lookup 2 of 2 (ttl 600)",
		"a  no match",
		"exists:%{p}.example  term 3 of 10",
		"  7.2.0.192.in-addr.arpa PTR: no such name, more than 2 void lookups "
		"(ttl 600)",
		"permerror: exists:%{p}.example: more than 2 void lookups",
		"limits: 3 of 10 terms, more than 2 void lookups, 4 queries",
	};
	static const char *const redirect[] = {
		"example.org TXT: \"v=spf1 redirect=%{p}.example\" (ttl 600)",
		"redirect=%{p}.example  term 1 of 10",
		"  7.2.0.192.in-addr.arpa PTR: no such name, void lookup 1 of 2 (ttl "
		"600)",
		"  unknown.example TXT: no such name (ttl 600)",
		"permerror: redirect=%{p}.example: unknown.example has no sender policy",
		"limits: 1 of 10 terms, 1 of 2 void lookups, 3 queries",
	};
	struct zone z = zone_with("v=spf1 a a exists:%{p}.example -all");

	(void)state;
	shows(&z, lines, LENGTH(lines));
	z.rows[0].value = "v=spf1 redirect=%{p}.example";
	shows(&z, redirect, LENGTH(redirect));
	zone_clear(&z);
}

/* As much of a long record as a line holds beside the name of the domain; how many other
 * records there are is said behind it. */
static void test_trace_cut(void **state)
{
	static const size_t labels[] = { 2, 127 };
	static char record[3000], name[LOOKUP_NAME_SIZE];
	struct zone z = zone_with(record);

	(void)state;
	zone_add(&z, name, LOOKUP_TXT, "moo");
	z.rows[0].name = name;
	repeat(record, sizeof(record), "v=spf1", " ip4:1.1.1.1", 200);
	for (size_t i = 0; i < LENGTH(labels); i++) {
		static const char end[] = "...\" and 1 other (ttl 600)";
		struct spf_answer a;
		char begin[300];
		size_t len;

		repeat(name, sizeof(name), "a", ".a", labels[i] - 1);
		snprintf(begin, sizeof(begin), "%s TXT: \"v=spf1 ip4:1.1.1.1 ip4", name);
		a = zone_ask(&z, CLIENT, name, "h");
		len = strlen(a.trace[0]);
		assert_memory_equal(a.trace[0], begin, strlen(begin));
		assert_string_equal(a.trace[0] + len - strlen(end), end);
		assert_true(len > SPF_TRACE_LINE_MAX - 100);
		spf_answer_clear(&a);
	}
	zone_clear(&z);
}

static void test_trace_bounds(void **state)
{
	static char record[30000];
	struct zone z = zone_with(record);
	struct spf_answer a;

	(void)state;
	repeat(record, sizeof(record), "v=spf1", " ip4:1.1.1.1", 1000);
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_int_equal(a.ntrace, SPF_TRACE_MAX);
	assert_string_equal(a.trace[SPF_TRACE_MAX - 2], "(804 more lines are left out)");
	spf_answer_clear(&a);
	strncpy(record, "v=spf1 a:\x1b[31m\xff", sizeof(record));
	a = zone_ask(&z, CLIENT, SENDER, "h");
	assert_string_equal(
		a.trace[0], "example.org TXT: \"v=spf1 a:\\x1b[31m\\xff\" (ttl 600)");
	spf_answer_clear(&a);
	zone_clear(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_first_lookup),
		cmocka_unit_test(test_not_ascii),
		cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_many_terms),
		cmocka_unit_test(test_long_term),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_voids),
		cmocka_unit_test(test_trace_cut),
		cmocka_unit_test(test_trace_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
