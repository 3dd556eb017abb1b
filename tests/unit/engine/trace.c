/*
 * The trace fields of a message: what it is given, which of those that came with it are
 * taken out, and of whom (behaviour.md, "SPF"; RFC 8601 5).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/trace.h"
#include "../fixture.h"
#include "../spf_fake.h"

#define CLIENT	"192.0.2.7"
#define MTA	"mx.example.org"
#define RESULTS "Authentication-Results"

/* A mail with such headers (names and values, NULL), to its end. */
struct passage {
	struct begun *begun;
	struct verdict v;
};

static struct passage pass(
	struct site *s, const struct mail *mail, const char *const *headers)
{
	struct passage p = { .begun = site_begin(s, mail) };

	mail_wait_rcpt(p.begun, "<alice@example.net>", NOW);
	engine_rcpt(p.begun->m, "<alice@example.net>", NULL, "4XyZ", NOW);
	for (; headers != NULL && headers[0] != NULL; headers += 2)
		engine_header(p.begun->m, headers[0], headers[1]);
	mail_wait_end(p.begun, NOW);
	p.v = engine_end(p.begun->m, "4XyZ", NOW);
	return p;
}

#define PASS(...)    pass(s, &(struct mail){ __VA_ARGS__ }, came)
#define FROM_OUTSIDE .mta = MTA, .client = CLIENT

/* "Received-SPF 1, Authentication-Results 3" */
static const char *forged(const struct passage *p)
{
	static char text[500];

	text[0] = '\0';
	for (size_t i = 0; i < p->v.nforged; i++)
		str_append(text, sizeof(text), "%s%s %u", i > 0 ? ", " : "",
			p->v.forged[i].name, p->v.forged[i].nth);
	return text;
}

/* By their places among those of their name, whosever the others are. */
static void test_forged(void **state)
{
	static const char *const came[] = { "Received", "from nowhere", RESULTS,
		"other.example.org; spf=pass", "authentication-RESULTS ",
		MTA "; spf=pass", "Received-SPF", "pass receiver=" MTA, "Received-SPF",
		"pass receiver=other.example.org", "ARC-" RESULTS,
		"i=1; " MTA "; spf=pass", RESULTS,
		"\r\n\t\"MX.example.org\" 1;\r\n\tspf=pass", "X-Received-SPF",
		"pass receiver=" MTA, NULL };
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);
	struct passage p;

	/* without a policy that checks SPF nothing is ours to say */
	site_policy(s, "in", "limit=1000/hour", NULL);
	p = PASS(FROM_OUTSIDE);
	assert_string_equal(forged(&p), "");
	assert_int_equal(p.v.ntrace, 0);
	site_finish(p.begun);
	site_policy(s, "in", "spf=check", NULL);
	p = PASS(FROM_OUTSIDE);
	assert_string_equal(forged(&p), RESULTS " 2, Received-SPF 1, " RESULTS " 3");
	site_finish(p.begun);
	assert_int_equal(fake->asked, 1);
	fake_end(s);
}

/* No header rule believes what is taken out; it does believe what stays. */
static void test_rules(void **state)
{
	static const char *const came[] = { RESULTS, "other.example.org; spf=pass",
		RESULTS, MTA "; spf=pass", "Received-SPF", "pass receiver=" MTA, NULL };
	struct site *s = *state;
	struct passage p;

	fake_begin(s, SPF_FAIL);
	site_policy(s, "in", "spf=check", NULL);
	site_sql(s, "INSERT INTO header_rule (id, policy_id, header, regex) "
		    "SELECT column1, id, column2, column3 FROM policy, (VALUES "
		    "(1, '" RESULTS "', '/^" MTA "; spf=pass/'), "
		    "(2, 'Received-SPF', '/^pass/'), (3, '" RESULTS "', '/^other/'))");
	site_sql(s, "INSERT INTO header_addition VALUES (1, 0, 'X-Ours', 'yes'), "
		    "(2, 0, 'X-Passed', 'yes'), (3, 0, 'X-Other', 'yes')");
	site_publish(s);
	p = PASS(FROM_OUTSIDE);
	assert_int_equal(p.v.nheaders, 1);
	assert_string_equal(p.v.headers[0].name, "X-Other");
	site_finish(p.begun);
	p = PASS(.mta = MTA, .client = "10.0.0.1");
	assert_int_equal(p.v.nheaders, 3);
	site_finish(p.begun);
	fake_end(s);
}

/* What claims to be ours and comes from one of ours is; but not from who has logged in,
 * though nobody's SPF is checked there. */
static void test_of_whom(void **state)
{
	static const char *const came[] = { RESULTS, MTA "; spf=pass", NULL };
	static const struct {
		const char *client, *login;
		bool local, taken;
	} cases[] = {
		{ CLIENT, NULL, false, true },
		{ CLIENT, "bob", false, true },
		{ "127.0.0.1", NULL, false, false },
		{ "10.1.2.3", NULL, false, false },
		{ "10.1.2.3", "bob", false, false },
		{ "198.51.100.1", NULL, false, false },
		{ "198.51.100.1", "bob", false, false },
		{ "198.51.100.2", NULL, false, true },
		{ CLIENT, NULL, true, true },
		{ NULL, NULL, true, false },
		{ NULL, NULL, false, false },
	};
	struct site *s = *state;

	fake_begin(s, SPF_PASS);
	site_group(s, "relays", "198.51.100.1", NULL);
	site_setting(s, "spf_trusted", "relays");
	site_policy(s, "in", "spf=check", NULL);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct passage p = PASS(.mta = MTA, .client = cases[i].client,
			.login = cases[i].login, .local = cases[i].local);

		if (p.v.nforged != cases[i].taken)
			fail_msg("%zu: %zu taken out", i, p.v.nforged);
		site_finish(p.begun);
	}
	/* one that is bypassed is not checked, and no more believed */
	site_flag(s, "bob@example.org", FLAG_BYPASS, 0);
	{
		struct passage p = PASS(FROM_OUTSIDE);

		assert_int_equal(p.v.kind, VERDICT_BYPASS);
		assert_int_equal(p.v.nforged, 1);
		assert_int_equal(p.v.ntrace, 0);
		site_finish(p.begun);
	}
	fake_end(s);
}

/* The setting's, the MTA's, or this host's. */
static void test_whose_name(void **state)
{
	static const char *const came[] = { RESULTS, MTA "; none", RESULTS,
		"our.name; none", NULL };
	struct site *s = *state;
	char host[256] = "", begin[300];
	struct passage p;

	fake_begin(s, SPF_PASS);
	site_policy(s, "in", "spf=check", NULL);
	p = PASS(FROM_OUTSIDE);
	assert_string_equal(forged(&p), RESULTS " 1");
	assert_non_null(strstr(p.v.trace[0].value, "receiver=" MTA));
	assert_int_equal(strncmp(p.v.trace[1].value, MTA "; ", strlen(MTA "; ")), 0);
	site_finish(p.begun);
	site_setting(s, "authserv_id", "our.name");
	p = PASS(FROM_OUTSIDE);
	assert_string_equal(forged(&p), RESULTS " 2");
	assert_int_equal(strncmp(p.v.trace[1].value, "our.name; ", 10), 0);
	site_finish(p.begun);
	site_setting_of(s, NULL, "authserv_id", NULL);
	p = PASS(.client = CLIENT);
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	snprintf(begin, sizeof(begin), "%s; ", host);
	assert_int_equal(strncmp(p.v.trace[1].value, begin, strlen(begin)), 0);
	site_finish(p.begun);
	fake_end(s);
}

/* Both, Authentication-Results above, on what goes on or is held, and on nothing else. */
static void test_given(void **state)
{
	static const char *const actions[] = { "monitor", "hold", "defer", "block",
		"discard" };
	static const char *const came[] = { NULL };
	struct site *s = *state;

	fake_begin(s, SPF_FAIL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		char action[40];
		struct passage p;

		snprintf(action, sizeof(action), "action=%s", actions[i]);
		site_policy(s, "in", "spf=check", action, NULL);
		p = PASS(FROM_OUTSIDE, .helo = "client.example.net");
		if (p.v.text == NULL && p.v.kind != VERDICT_DISCARD) {
			assert_int_equal(p.v.ntrace, 2);
			assert_string_equal(p.v.trace[0].name, "Received-SPF");
			assert_string_equal(p.v.trace[0].value,
				"fail (mx.example.org: domain of bob@example.org does "
				"not\n"
				" designate 192.0.2.7 as permitted sender)"
				" receiver=mx.example.org;\n"
				" identity=mailfrom; client-ip=192.0.2.7;"
				" helo=client.example.net;\n"
				" envelope-from=\"bob@example.org\"; mechanism=-all;");
			assert_string_equal(p.v.trace[1].name, RESULTS);
		} else if (p.v.text != NULL) {
			assert_int_equal(p.v.ntrace, 0);
		}
		site_finish(p.begun);
	}
	fake_end(s);
}

/* More than can be taken out: the message is refused, unless it comes from one of ours.
 */
static void test_flood(void **state)
{
	const char *came[2 * (TRACE_FORGED_MAX + 1) + 1] = { NULL };
	struct site *s = *state;
	struct passage p;

	fake_begin(s, SPF_PASS);
	site_policy(s, "in", "spf=check", NULL);
	for (size_t i = 0; i < 2 * TRACE_FORGED_MAX; i += 2) {
		came[i] = RESULTS;
		came[i + 1] = MTA;
	}
	p = PASS(FROM_OUTSIDE);
	assert_null(p.v.text);
	assert_int_equal(p.v.nforged, TRACE_FORGED_MAX);
	site_finish(p.begun);
	came[2 * TRACE_FORGED_MAX] = RESULTS;
	came[2 * TRACE_FORGED_MAX + 1] = MTA;
	p = PASS(FROM_OUTSIDE);
	assert_string_equal(p.v.code, "550");
	assert_string_equal(p.v.enhanced, "5.7.1");
	assert_string_equal(p.v.text, "Too many header fields that claim to be of " MTA);
	assert_string_equal(p.v.object, CLIENT);
	site_finish(p.begun);
	p = PASS(.mta = MTA, .client = "10.0.0.1");
	assert_null(p.v.text);
	site_finish(p.begun);
	fake_end(s);
}

/* A session that began before any policy checked SPF shows no headers: it is asked to
 * come again, whether or not such a policy concerns its mail; but not one of ours. */
static void test_unseen(void **state)
{
	const char *const *came = NULL;
	struct site *s = *state;
	struct passage p;
	struct outcome o;

	fake_begin(s, SPF_PASS);
	site_policy(s, "in", "limit=1000/hour", NULL);
	p = PASS(FROM_OUTSIDE, .hides = STEP_HEADERS | STEP_HELO);
	assert_null(p.v.text);
	site_finish(p.begun);
	site_group(s, "others", "eve@example.org", NULL);
	site_policy(s, "strict", "source=others", "spf=check", NULL);
	p = PASS(FROM_OUTSIDE, .hides = STEP_HEADERS | STEP_HELO);
	assert_string_equal(p.v.code, "421");
	assert_string_equal(p.v.reason,
		"this session, begun before SPF was checked, does not show its header");
	site_finish(p.begun);
	p = PASS(.mta = MTA, .client = "10.0.0.1", .hides = STEP_HEADERS | STEP_HELO);
	assert_null(p.v.text);
	site_finish(p.begun);
	p = PASS(FROM_OUTSIDE);
	assert_null(p.v.text);
	site_finish(p.begun);
	/* nor is it refused before that */
	site_setting(s, "reject_early", "always");
	site_policy(s, "none", "limit=0/hour", "action=block", NULL);
	o = SEND(s, NOW, .early = true, FROM_OUTSIDE);
	assert_true(o.at_mail);
	o = SEND(s, NOW, .early = true, FROM_OUTSIDE, .hides = STEP_HEADERS | STEP_HELO);
	assert_false(o.at_mail);
	assert_string_equal(o.code, "421");
	fake_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_forged),
		SITE_TEST(test_rules),
		SITE_TEST(test_of_whom),
		SITE_TEST(test_whose_name),
		SITE_TEST(test_given),
		SITE_TEST(test_flood),
		SITE_TEST(test_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
