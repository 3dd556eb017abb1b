/*
 * Policies: the names, values and defaults that behaviour.md fixes, one parser
 * and one printer for each attribute, and the criteria.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "spf/spf.h"

static const struct {
	enum policy_attribute attribute;
	const char *name, *standard;
} defaults[] = {
	{ ATTRIBUTE_ENABLED, "enabled", "yes" },
	{ ATTRIBUTE_TYPE, "type", "regular" },
	{ ATTRIBUTE_PRIORITY, "priority", "5" },
	{ ATTRIBUTE_KEY, "key", "sender+" },
	{ ATTRIBUTE_LIMIT, "limit", "none" },
	{ ATTRIBUTE_STRATEGY, "strategy", "moving" },
	{ ATTRIBUTE_COUNT, "count", "messages" },
	{ ATTRIBUTE_ACTION, "action", "monitor" },
	{ ATTRIBUTE_REPLY, "reply", "" },
	{ ATTRIBUTE_PENALTY, "penalty", "default" },
	{ ATTRIBUTE_STOP, "stop", "no" },
	{ ATTRIBUTE_ONLY_HEADERS, "only-headers", "no" },
	{ ATTRIBUTE_SPF, "spf", "off" },
	{ ATTRIBUTE_RATE_STATS, "rate-stats", "no" },
};

static void test_defaults(void **state)
{
	struct arena *arena = arena_new();
	struct policy p;
	struct err err;

	(void)state;
	/* source and destination have none */
	assert_int_equal(LENGTH(defaults), ATTRIBUTES - 2);
	policy_init(&p, "outbound");
	assert_string_equal(p.name, "outbound");
	assert_int_equal(p.id, 0);
	for (size_t i = 0; i < LENGTH(defaults); i++) {
		assert_int_equal(policy_attribute_find(defaults[i].name, &err),
			defaults[i].attribute);
		assert_string_equal(
			policy_attribute_name(defaults[i].attribute), defaults[i].name);
		assert_string_equal(policy_get(&p, defaults[i].attribute, arena),
			defaults[i].standard);
		assert_false(p.given[defaults[i].attribute]);
	}
	assert_true(p.enabled);
	assert_null(p.reply);
	assert_int_equal(p.key, KEY_SENDER_PLUS);
	policy_clear(&p);
	arena_free(arena);
}

static void test_old_names(void **state)
{
	static const struct {
		const char *old;
		enum policy_attribute attribute;
	} olds[] = {
		{ "Source", ATTRIBUTE_SOURCE },
		{ "Destination", ATTRIBUTE_DESTINATION },
		{ "Enable", ATTRIBUTE_ENABLED },
		{ "Type", ATTRIBUTE_TYPE },
		{ "Priority", ATTRIBUTE_PRIORITY },
		{ "JailBy", ATTRIBUTE_KEY },
		{ "JailSpec", ATTRIBUTE_LIMIT },
		{ "CountRCPT", ATTRIBUTE_COUNT },
		{ "JailAction", ATTRIBUTE_ACTION },
		{ "ReplyData", ATTRIBUTE_REPLY },
		{ "StopHere", ATTRIBUTE_STOP },
		{ "SPF", ATTRIBUTE_SPF },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(olds); i++)
		assert_int_equal(
			policy_attribute_find(olds[i].old, &err), olds[i].attribute);
	/* strategy had none, and as they are spelled */
	assert_int_equal(policy_attribute_find("", &err), -1);
	assert_int_equal(policy_attribute_find("stophere", &err), -1);
	assert_int_equal(policy_attribute_find("STOP", &err), -1);
}

/* What is set, and how it is shown: what is shown reads back as itself. */
static const struct {
	enum policy_attribute attribute;
	const char *value, *shown;
} values[] = {
	{ ATTRIBUTE_SOURCE, "any", "any" },
	{ ATTRIBUTE_SOURCE, "staff", "staff" },
	{ ATTRIBUTE_SOURCE, "!staff", "!staff" },
	{ ATTRIBUTE_SOURCE, "company", "company" },
	{ ATTRIBUTE_DESTINATION, "!company", "!company" },
	{ ATTRIBUTE_DESTINATION, "any", "any" },
	{ ATTRIBUTE_ENABLED, "no", "no" },
	{ ATTRIBUTE_ENABLED, "TRUE", "yes" },
	{ ATTRIBUTE_ENABLED, "false", "no" },
	{ ATTRIBUTE_TYPE, "regular", "regular" },
	{ ATTRIBUTE_PRIORITY, "0", "0" },
	{ ATTRIBUTE_PRIORITY, "1000000", "1000000" },
	{ ATTRIBUTE_KEY, "login", "login" },
	{ ATTRIBUTE_KEY, "sender", "sender" },
	{ ATTRIBUTE_KEY, "sender+", "sender+" },
	{ ATTRIBUTE_KEY, "domain", "domain" },
	{ ATTRIBUTE_KEY, "domain+", "domain+" },
	{ ATTRIBUTE_KEY, "client", "client" },
	{ ATTRIBUTE_KEY, "recipient", "recipient" },
	{ ATTRIBUTE_KEY, "recipient-domain", "recipient-domain" },
	{ ATTRIBUTE_KEY, "policy", "policy" },
	{ ATTRIBUTE_LIMIT, "100/hour", "100/hour" },
	{ ATTRIBUTE_LIMIT, "5 per 10 minutes", "5/10minutes" },
	{ ATTRIBUTE_LIMIT, "100:3600", "100/hour" },
	{ ATTRIBUTE_LIMIT, "500/hour, 5000/day;9/week", "500/hour,5000/day,9/week" },
	{ ATTRIBUTE_LIMIT, "0/hour", "0/hour" },
	{ ATTRIBUTE_LIMIT, "2000000000/year", "2000000000/year" },
	{ ATTRIBUTE_LIMIT, "0:0", "none" },
	{ ATTRIBUTE_LIMIT, "none", "none" },
	{ ATTRIBUTE_STRATEGY, "fixed", "fixed" },
	{ ATTRIBUTE_STRATEGY, "moving", "moving" },
	{ ATTRIBUTE_STRATEGY, "sliding", "sliding" },
	{ ATTRIBUTE_STRATEGY, "bucket", "bucket" },
	{ ATTRIBUTE_COUNT, "recipients", "recipients" },
	{ ATTRIBUTE_COUNT, "messages", "messages" },
	{ ATTRIBUTE_ACTION, "monitor", "monitor" },
	{ ATTRIBUTE_ACTION, "defer", "defer" },
	{ ATTRIBUTE_ACTION, "block", "block" },
	{ ATTRIBUTE_ACTION, "hold", "hold" },
	{ ATTRIBUTE_ACTION, "discard", "discard" },
	{ ATTRIBUTE_REPLY, "Wait {wait} s, \"100%\" \xe2\x82\xac",
		"Wait {wait} s, \"100%\" \xe2\x82\xac" },
	{ ATTRIBUTE_REPLY, "", "" },
	{ ATTRIBUTE_STOP, "yes", "yes" },
	{ ATTRIBUTE_STOP, "FALSE", "no" },
	{ ATTRIBUTE_SPF, "check", "check" },
	{ ATTRIBUTE_SPF, "fail", "check" },
	{ ATTRIBUTE_SPF, "strict", "strict" },
	{ ATTRIBUTE_SPF, "softfail,fail", "strict" },
	{ ATTRIBUTE_SPF, "softfail", "softfail" },
	{ ATTRIBUTE_SPF, "permerror,softfail,fail,neutral,none",
		"none,neutral,fail,softfail,permerror" },
	{ ATTRIBUTE_SPF, "fail,fail", "check" },
	{ ATTRIBUTE_SPF, "off", "off" },
	/* the values of the Python Themis */
	{ ATTRIBUTE_SPF, "TRUE", "check" },
	{ ATTRIBUTE_SPF, "FALSE", "off" },
	{ ATTRIBUTE_KEY, "SASLUsername", "login" },
	{ ATTRIBUTE_KEY, "Sender", "sender" },
	{ ATTRIBUTE_KEY, "Sender+", "sender+" },
	{ ATTRIBUTE_KEY, "SenderDomain", "domain" },
	{ ATTRIBUTE_KEY, "SenderDomain+", "domain+" },
	{ ATTRIBUTE_KEY, "SenderIP", "client" },
	{ ATTRIBUTE_COUNT, "TRUE", "recipients" },
	{ ATTRIBUTE_COUNT, "FALSE", "messages" },
	{ ATTRIBUTE_ENABLED, "FALSE", "no" },
	{ ATTRIBUTE_STOP, "TRUE", "yes" },
};

static void test_set_and_get(void **state)
{
	struct arena *arena = arena_new();
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p, "p");
	for (size_t i = 0; i < LENGTH(values); i++) {
		enum policy_attribute a = values[i].attribute;

		for (int twice = 0; twice < 2; twice++) {
			const char *value = twice ? values[i].shown : values[i].value;

			must(policy_set(&p, a, value, &err), &err);
			assert_true(p.given[a]);
			assert_string_equal(policy_get(&p, a, arena), values[i].shown);
		}
	}
	policy_clear(&p);
	policy_clear(&p);
	arena_free(arena);
}

static const struct {
	enum policy_attribute attribute;
	const char *good, *bad;
} refusals[] = {
	{ ATTRIBUTE_SOURCE, "staff", "" },
	{ ATTRIBUTE_SOURCE, "staff", "!" },
	{ ATTRIBUTE_SOURCE, "staff", "!any" },
	{ ATTRIBUTE_SOURCE, "staff", "!!staff" },
	{ ATTRIBUTE_SOURCE, "staff", "all" },
	{ ATTRIBUTE_SOURCE, "staff", "two words" },
	{ ATTRIBUTE_DESTINATION, "!staff", "a@b" },
	{ ATTRIBUTE_ENABLED, "no", "maybe" },
	{ ATTRIBUTE_ENABLED, "no", "" },
	{ ATTRIBUTE_TYPE, "regular", "nonsense" },
	{ ATTRIBUTE_PRIORITY, "7", "-1" },
	{ ATTRIBUTE_PRIORITY, "7", "1000001" },
	{ ATTRIBUTE_PRIORITY, "7", "high" },
	{ ATTRIBUTE_PRIORITY, "7", "" },
	{ ATTRIBUTE_KEY, "client", "Client" },
	{ ATTRIBUTE_KEY, "client", "sender++" },
	{ ATTRIBUTE_KEY, "client", "recipient+" },
	{ ATTRIBUTE_KEY, "client", "saslusername" },
	{ ATTRIBUTE_KEY, "client", "" },
	{ ATTRIBUTE_STOP, "yes", "perhaps" },
	{ ATTRIBUTE_STOP, "yes", "" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "abc" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "5/day,abc" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "5/day,6/24h" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "-1/hour" },
	{ ATTRIBUTE_LIMIT, "3/hour,9/day", "1073741825G/hour" },
	{ ATTRIBUTE_STRATEGY, "fixed", "Moving" },
	{ ATTRIBUTE_COUNT, "recipients", "all" },
	{ ATTRIBUTE_COUNT, "recipients", "True" },
	{ ATTRIBUTE_ACTION, "hold", "reject" },
	{ ATTRIBUTE_SPF, "neutral,fail", "" },
	{ ATTRIBUTE_SPF, "neutral,fail", "yes" },
	{ ATTRIBUTE_SPF, "neutral,fail", "fail,pass" },
	{ ATTRIBUTE_SPF, "neutral,fail", "temperror" },
	{ ATTRIBUTE_SPF, "neutral,fail", "fail,check" },
	{ ATTRIBUTE_SPF, "neutral,fail", "off,fail" },
	{ ATTRIBUTE_SPF, "neutral,fail", "fail," },
	{ ATTRIBUTE_SPF, "neutral,fail", ",fail" },
	{ ATTRIBUTE_SPF, "neutral,fail", "fail, none" },
	{ ATTRIBUTE_SPF, "neutral,fail", "Fail" },
	{ ATTRIBUTE_REPLY, "try later", "a\nb" },
	{ ATTRIBUTE_REPLY, "try later", "{nonsense}" },
};

/* Refused where it is given, whole: the value before stays, the words name the
 * attribute. */
static void test_refusals(void **state)
{
	struct arena *arena = arena_new();
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p, "p");
	for (size_t i = 0; i < LENGTH(refusals); i++) {
		enum policy_attribute a = refusals[i].attribute;
		const char *name = policy_attribute_name(a);

		must(policy_set(&p, a, refusals[i].good, &err), &err);
		err.text[0] = '\0';
		if (policy_set(&p, a, refusals[i].bad, &err) == 0)
			fail_msg("accepted: %s=%s", name, refusals[i].bad);
		assert_int_equal(err.code, ERR_BAD);
		assert_ptr_equal(strstr(err.text, name), err.text);
		assert_int_equal(err.text[strlen(name)], ':');
		assert_string_equal(policy_get(&p, a, arena), refusals[i].good);
	}
	policy_clear(&p);
	arena_free(arena);
}

static void test_refusals_say_what_is_expected(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p, "p");
	assert_int_equal(policy_set(&p, ATTRIBUTE_LIMIT, "abc", &err), -1);
	assert_ptr_equal(strstr(err.text, "limit: not a limit: \"abc\""), err.text);
	assert_non_null(strstr(err.text, "100/hour"));
	assert_int_equal(policy_set(&p, ATTRIBUTE_ACTION, "reject", &err), -1);
	assert_non_null(strstr(err.text, "\"reject\""));
	assert_non_null(strstr(err.text, "monitor, defer, block, hold or discard"));
	assert_int_equal(policy_set(&p, ATTRIBUTE_SPF, "fail,softfial", &err), -1);
	assert_non_null(strstr(err.text, "\"softfial\" (did you mean \"softfail\"?"));
	assert_int_equal(policy_set(&p, ATTRIBUTE_SPF, "temperror", &err), -1);
	assert_non_null(strstr(err.text, "spf_temperror"));
	assert_int_equal(policy_attribute_find("colour", &err), -1);
	assert_non_null(strstr(err.text, "colour"));
	for (int a = 0; a < ATTRIBUTES; a++)
		assert_non_null(strstr(
			err.text, policy_attribute_name((enum policy_attribute)a)));
	policy_clear(&p);
}

/* The strategy reaches the limits whichever is set first. */
static void test_strategy_of_limits(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p, "p");
	must(policy_set(&p, ATTRIBUTE_LIMIT, "3/hour,9/day", &err), &err);
	must(policy_set(&p, ATTRIBUTE_STRATEGY, "fixed", &err), &err);
	assert_int_equal(p.limits.n, 2);
	assert_int_equal(p.limits.limit[0].strategy, STRATEGY_FIXED);
	assert_int_equal(p.limits.limit[1].strategy, STRATEGY_FIXED);
	must(policy_set(&p, ATTRIBUTE_LIMIT, "4/week", &err), &err);
	assert_int_equal(p.limits.n, 1);
	assert_int_equal(p.limits.limit[0].strategy, STRATEGY_FIXED);
	assert_int_equal(p.limits.limit[0].amount, 4);
	assert_int_equal(p.limits.limit[0].period, 7 * 86400);
	policy_clear(&p);
}

static void test_check(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p, "p");
	assert_int_equal(policy_check(&p, &err), -1);
	assert_non_null(strstr(err.text, "source"));
	must(policy_set(&p, ATTRIBUTE_SOURCE, "any", &err), &err);
	assert_int_equal(policy_check(&p, &err), -1);
	assert_non_null(strstr(err.text, "destination"));
	must(policy_set(&p, ATTRIBUTE_DESTINATION, "any", &err), &err);
	must(policy_check(&p, &err), &err);
	policy_clear(&p);
}

/* Whatever is set first, its limits are such as it counts. */
static void test_count_and_limits(void **state)
{
	static const struct {
		const char *count, *limit, *says;
	} cases[] = { { "messages", "2000000000/hour", NULL },
		{ "messages", "none", NULL }, { "bytes", "5/hour,100M/day", NULL },
		{ "bytes", "2000000001/day", NULL },
		{ "messages", "5/hour,100M/day",
			"limit: K, M and G are for count=bytes" },
		{ "recipients", "1K/day", "limit: K, M and G are for count=bytes" },
		{ "messages", "2000000001/hour", "limit: not an amount" },
		{ "bytes", "none", "limit: count=bytes needs one of its own" } };
	struct policy p;
	struct err err;

	(void)state;
	for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
		enum policy_attribute first = i % 2 ? ATTRIBUTE_COUNT : ATTRIBUTE_LIMIT,
				      second = i % 2 ? ATTRIBUTE_LIMIT : ATTRIBUTE_COUNT;
		const char *count = cases[i / 2].count, *limit = cases[i / 2].limit,
			   *says = cases[i / 2].says;

		policy_init(&p, "p");
		must(policy_set(&p, ATTRIBUTE_SOURCE, "any", &err), &err);
		must(policy_set(&p, ATTRIBUTE_DESTINATION, "any", &err), &err);
		must(policy_set(&p, first, i % 2 ? count : limit, &err), &err);
		must(policy_set(&p, second, i % 2 ? limit : count, &err), &err);
		assert_int_equal(policy_check(&p, &err), says == NULL ? 0 : -1);
		if (says != NULL)
			assert_ptr_equal(strstr(err.text, says), err.text);
		/* that of default_limit is not its own */
		p.limits.inherited = true;
		assert_int_equal(policy_check(&p, &err) == 0,
			says == NULL && strcmp(count, "bytes") != 0);
		/* what counts nothing needs none */
		must(policy_set(&p, ATTRIBUTE_ONLY_HEADERS, "yes", &err), &err);
		if (strcmp(count, "bytes") == 0)
			must(policy_check(&p, &err), &err);
		policy_clear(&p);
	}
}

static void test_criteria(void **state)
{
	int64_t it[] = { 65 }, but[] = { 1, 64, 66, INT64_MAX }, too[] = { 1, 65, 66 };
	const struct group_list none = { 0 }, one = { .ids = it, .n = LENGTH(it) },
				others = { .ids = but, .n = LENGTH(but) },
				all = { .ids = too, .n = LENGTH(too) };
	const struct criterion any = { .any = true };
	const struct criterion is = { .group_id = 65 },
			       is_not = { .group_id = 65, .inverted = true };

	(void)state;
	assert_true(criterion_match(&any, &none));
	assert_true(criterion_match(&is, &one));
	assert_true(criterion_match(&is, &all));
	assert_false(criterion_match(&is, &none));
	assert_false(criterion_match(&is, &others));
	assert_false(criterion_match(&is_not, &one));
	assert_false(criterion_match(&is_not, &all));
	assert_true(criterion_match(&is_not, &none));
	assert_true(criterion_match(&is_not, &others));
}

static const struct {
	enum policy_key key;
	bool prefers_login, by_recipient;
} keys[] = {
	{ KEY_LOGIN, true, false },
	{ KEY_SENDER, false, false },
	{ KEY_SENDER_PLUS, true, false },
	{ KEY_DOMAIN, false, false },
	{ KEY_DOMAIN_PLUS, true, false },
	{ KEY_CLIENT, false, false },
	{ KEY_RECIPIENT, false, true },
	{ KEY_RECIPIENT_DOMAIN, false, true },
	{ KEY_POLICY, false, false },
};

static void test_what_a_key_needs(void **state)
{
	(void)state;
	for (size_t k = 0; k < LENGTH(keys); k++) {
		struct policy p = { .key = keys[k].key, .destination.any = true };

		assert_int_equal(policy_prefers_login(&p), keys[k].prefers_login);
		assert_int_equal(policy_counts_by_recipient(&p), keys[k].by_recipient);
		assert_int_equal(policy_steps(&p), keys[k].by_recipient ? STEP_RCPT : 0);
		p.count = COUNT_RECIPIENTS;
		assert_int_equal(policy_steps(&p), STEP_RCPT);
		p.count = COUNT_BYTES;
		assert_int_equal(policy_steps(&p),
			STEPS_SIZE | (keys[k].by_recipient ? STEP_RCPT : 0));
		p.count = COUNT_MESSAGES;
		p.destination.any = false;
		assert_int_equal(policy_steps(&p), STEP_RCPT);
	}
}

/* HELO and the headers, of a policy that judges messages, and does check. */
static void test_what_spf_needs(void **state)
{
	struct policy p = { .destination.any = true };
	struct err err;

	(void)state;
	assert_int_equal(policy_steps(&p), 0);
	must(policy_set(&p, ATTRIBUTE_SPF, "permerror,none", &err), &err);
	assert_int_equal(p.spf, 1u << SPF_NONE | 1u << SPF_PERMERROR);
	assert_true(p.checks_spf && policy_checks_spf(&p));
	assert_int_equal(policy_steps(&p), STEP_HELO | STEP_HEADERS);
	p.only_headers = true;
	assert_false(policy_checks_spf(&p));
	assert_int_equal(policy_steps(&p), 0);
	p.only_headers = false;
	p.type = TYPE_BYPASS;
	assert_false(policy_checks_spf(&p));
	assert_int_equal(policy_steps(&p), 0);
	p.type = TYPE_REGULAR;
	must(policy_set(&p, ATTRIBUTE_SPF, "off", &err), &err);
	assert_int_equal(p.spf, 0);
	assert_false(p.checks_spf || policy_checks_spf(&p));
	assert_int_equal(policy_steps(&p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_old_names),
		cmocka_unit_test(test_set_and_get),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_refusals_say_what_is_expected),
		cmocka_unit_test(test_strategy_of_limits),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_count_and_limits),
		cmocka_unit_test(test_criteria),
		cmocka_unit_test(test_what_a_key_needs),
		cmocka_unit_test(test_what_spf_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
