/*
 * Tests of shell/tmscli: what is refused, by its whole sentence.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli.h"

#include "ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

struct case_of {
	const char *old, *expected;
};

/* The old line is quoted as in a shell. */
static void refuse_all(struct arena *arena, const struct case_of *cases)
{
	struct tmscli t;
	struct err err;
	char **words;
	int n;

	for (; cases->old != NULL; cases++) {
		n = words_split(arena, cases->old, &words, &err);
		assert_true(n >= 0);
		if (tmscli_translate(arena, words, (size_t)n, &t, &err) == 0)
			fail_msg("not refused: %s", cases->old);
		if (strcmp(err.text, cases->expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases->old, err.text,
				cases->expected);
	}
}

#define USAGE_POLICY_ADD    "usage: tmscli -a --policy POLICY ATTRIBUTE VALUE ..."
#define USAGE_POLICY_SET    "tmscli -m --policy POLICY ATTRIBUTE VALUE ..."
#define USAGE_POLICY_DELETE "tmscli -d --policy POLICY"
#define USAGE_POLICY_GET    "tmscli -g --policy all; tmscli -g --policy POLICY"
#define USAGE_POLICY                                                                     \
	USAGE_POLICY_ADD "; " USAGE_POLICY_SET "; " USAGE_POLICY_DELETE                  \
			 "; " USAGE_POLICY_GET
#define USAGE_GROUP_ADD "usage: tmscli -a|-m --group GROUP MEMBER ..."
#define USAGE_HEADER_ADD                                                                 \
	"usage: tmscli -a --actionheaders POLICY HEADER REGEX NEW VALUE ..."
#define USAGE_HEADER                                                                     \
	USAGE_HEADER_ADD "; tmscli -m --actionheaders POLICY HEADER REGEX NEW VALUE "    \
			 "...; tmscli -d --actionheaders POLICY HEADER; tmscli -d "      \
			 "--actionheaders POLICY --clear; tmscli -g --actionheaders "    \
			 "POLICY"
#define USAGE_HEADER_DELETE                                                              \
	"usage: tmscli -d --actionheaders POLICY HEADER; tmscli -d --actionheaders "     \
	"POLICY --clear"
#define USAGE_FEATURE_SET "usage: tmscli -a|-m --features global|POOL FEATURE VALUE"
#define USAGE_FEATURE_GET                                                                \
	"usage: tmscli -g --features list; tmscli -g --features global|POOL; tmscli -g " \
	"--features global|POOL FEATURE"
#define USAGE_OBJECT_SET                                                                 \
	"usage: tmscli -a|-m --metadata OBJECT manual_block|bypass TRUE|FALSE"
#define USAGE_OBJECT_GET                                                                 \
	"tmscli -g --metadata list; tmscli -g --metadata all; tmscli -g --metadata "     \
	"OBJECT"

/* What has to be there and is not. */
static void test_missing(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --policy P Source any Destination",
			"the attribute \"Destination\" has no value (" USAGE_POLICY_ADD
			")" },
		{ "-a --policy P Source",
			"the attribute \"Source\" has no value (" USAGE_POLICY_ADD ")" },
		{ "-m --policy P", "missing: ATTRIBUTE (usage: " USAGE_POLICY_SET ")" },
		{ "-a --policy", "missing: POLICY (" USAGE_POLICY_ADD ")" },
		{ "-g --policy", "missing: POLICY (usage: " USAGE_POLICY_GET ")" },
		{ "--policy P",
			"one of these has to be given: -a, -m, -d, -g (" USAGE_POLICY
			")" },
		{ "-a P --json",
			"one of these has to be given: --policy, --group, --pool, "
			"--actionheaders, --features, --metadata, --search, "
			"--del-lookup, --resync (tmscli --help lists the forms)" },
		{ "--json", "one of these has to be given: --policy, --group, --pool, "
			    "--actionheaders, --features, --metadata, --search, "
			    "--del-lookup, --resync (tmscli --help lists the forms)" },
		{ "-a --group G", "missing: MEMBER (" USAGE_GROUP_ADD ")" },
		{ "-a --group G ' ' ''", "missing: MEMBER (" USAGE_GROUP_ADD ")" },
		{ "-d --group ' '",
			"missing: GROUP (usage: tmscli -d --group GROUP ...)" },
		{ "-a --actionheaders P Subject",
			"missing: REGEX (" USAGE_HEADER_ADD ")" },
		{ "-a --actionheaders P Subject x",
			"missing: NEW (" USAGE_HEADER_ADD ")" },
		{ "-a --actionheaders P Subject x X-A 1 X-B",
			"the new header \"X-B\" has no value (" USAGE_HEADER_ADD ")" },
		{ "-d --actionheaders P", "missing: HEADER (" USAGE_HEADER_DELETE ")" },
		{ "-a --features global history",
			"missing: VALUE (" USAGE_FEATURE_SET ")" },
		{ "-g --features", "missing: global|POOL (" USAGE_FEATURE_GET ")" },
		{ "-a --metadata bob", "missing: manual_block|bypass "
				       "(" USAGE_OBJECT_SET ")" },
		{ "-g --search", "missing: PATTERN (usage: tmscli -g --search PATTERN)" },
		{ "-d --del-lookup",
			"missing: PATTERN (usage: tmscli -d --del-lookup PATTERN)" },
		{ "-g --policy all -s", "-s needs the path of a socket" },
		{ NULL, NULL },
	};

	refuse_all(*state, cases);
}

/* What does not go together, and what is left over. */
static void test_contradictions(void **state)
{
	static const struct case_of cases[] = {
		{ "-a -m --policy P", "-a and -m exclude each other (" USAGE_POLICY ")" },
		{ "-g --policy P -d", "-g and -d exclude each other (" USAGE_POLICY ")" },
		{ "-a --actionheaders P -m",
			"-a and -m exclude each other (" USAGE_HEADER ")" },
		{ "-g --policy P -g", "-g is given twice (" USAGE_POLICY ")" },
		{ "-g --policy P --group G", "--policy and --group exclude each other "
					     "(usage: " USAGE_POLICY_GET ")" },
		{ "-g --policy P --policy Q",
			"--policy is given twice (usage: " USAGE_POLICY_GET ")" },
		{ "-a --group G m --remove",
			"--remove does not go with -a --group (" USAGE_GROUP_ADD ")" },
		{ "-d --policy P --remove", "--remove does not go with -d --policy "
					    "(usage: " USAGE_POLICY_DELETE ")" },
		{ "-d --policy P --clear", "--clear does not go with -d --policy "
					   "(usage: " USAGE_POLICY_DELETE ")" },
		{ "-m --group G m --remove --clear",
			"--clear does not go with -m --group (" USAGE_GROUP_ADD
			"; tmscli -m --group GROUP MEMBER ... --remove)" },
		{ "-d --metadata bob", "-d does not go with --metadata "
				       "(" USAGE_OBJECT_SET "; " USAGE_OBJECT_GET ")" },
		{ "-m --resync",
			"-m does not go with --resync (usage: tmscli -a --resync)" },
		{ "-a --search x", "-a does not go with --search (usage: tmscli -g "
				   "--search PATTERN)" },
		{ "-g --del-lookup x", "-g does not go with --del-lookup (usage: tmscli "
				       "-d --del-lookup PATTERN)" },
		{ "-a --resync now",
			"one word too many: \"now\" (usage: tmscli -a --resync)" },
		{ "-g --policy all P", "one word too many: \"P\" "
				       "(usage: " USAGE_POLICY_GET ")" },
		{ "-d --policy P 'a\\b\xff'", "one word too many: \"a\\\\b\\xff\" "
					      "(usage: " USAGE_POLICY_DELETE ")" },
		{ "-d --actionheaders P Subject --clear",
			"one word too many: \"Subject\" (" USAGE_HEADER_DELETE ")" },
		{ "-a --features global history off now",
			"one word too many: \"now\" (" USAGE_FEATURE_SET ")" },
		{ "-g --features list history",
			"one word too many: \"history\" (" USAGE_FEATURE_GET ")" },
		{ NULL, NULL },
	};

	refuse_all(*state, cases);
}

/* Words that are none. */
static void test_unknown(void **state)
{
	static const struct case_of cases[] = {
		{ "-g --polcy P", "no option \"--polcy\"; a value that begins like one "
				  "stands behind -- (tmscli --help lists the forms)" },
		{ "-g --policy P --json=yes",
			"no option \"--json=yes\"; a value that begins like one stands "
			"behind -- (usage: " USAGE_POLICY_GET ")" },
		{ "-a --policy P Source=any Destination=any",
			"\"Source=any\" is not the name of an attribute "
			"(" USAGE_POLICY_ADD ")" },
		{ "-a --policy P '' any", "\"\" is not the name of an attribute "
					  "(" USAGE_POLICY_ADD ")" },
		{ "-m --metadata bob learn TRUE",
			"no key \"learn\": there are manual_block and bypass "
			"(" USAGE_OBJECT_SET ")" },
		{ "-m --metadata bob manual_block maybe",
			"manual_block is TRUE or FALSE, not \"maybe\" "
			"(" USAGE_OBJECT_SET ")" },
		{ "--help themis",
			"no help on \"themis\" (tmscli --help lists the forms)" },
		{ NULL, NULL },
	};

	refuse_all(*state, cases);
}

#define NO_PROBATION                                                                     \
	" any more: leave it out, and give who is to be watched a policy of his own "    \
	"with a small limit"
#define NO_LEARNING                                                                      \
	" any more: leave it out, and set limits by what tmsh counter list shows"
#define NO_REPUTATION                                                                    \
	" any more: leave it out, and block or bypass single objects with tmscli -a "    \
	"--metadata"

/* What was taken away, in any case of letters, and what to do instead. */
static void test_options_and_attributes_gone(void **state)
{
	static const struct case_of cases[] = {
		{ "--flushdb", "there is no --flushdb any more: delete policies, groups "
			       "and pools with -d, and empty the counters with tmsh "
			       "counter reset all" },
		{ "-a --remote redis.example.org --policy P",
			"there is no --remote any more: run tmscli on the host of "
			"themisd, through ssh from elsewhere" },
		{ "--remote=redis.example.org -g --policy all",
			"there is no --remote any more: run tmscli on the host of "
			"themisd, through ssh from elsewhere" },
		{ "-a --policy P Source any SubjectProbation 3",
			"there is no SubjectProbation" NO_PROBATION },
		{ "-m --policy P countsentprobation 3",
			"there is no countsentprobation" NO_PROBATION },
		{ "-m --policy P IPPROBATION 3", "there is no IPPROBATION" NO_PROBATION },
		{ "-m --policy P BlockProbation TRUE",
			"there is no BlockProbation" NO_PROBATION },
		{ "-m --policy P BlockProbation",
			"there is no BlockProbation" NO_PROBATION },
		{ "-m --policy P JailHeader X-Jail",
			"there is no JailHeader any more: leave it out; JailAction hold "
			"puts a header X-Themis-Hold into each message that it holds" },
		{ "-m --policy P actionheaders x",
			"there is no actionheaders any more: header rules are made with "
			"tmscli -a --actionheaders POLICY HEADER REGEX NEW VALUE" },
		{ NULL, NULL },
	};

	refuse_all(*state, cases);
}

static void test_features_gone(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --features global learnFeature TRUE",
			"there is no learnFeature" NO_LEARNING },
		{ "-g --features mx LearnBlockReceipt",
			"there is no LearnBlockReceipt" NO_LEARNING },
		{ "-d --features global senderReputationFeature",
			"there is no senderReputationFeature" NO_REPUTATION },
		{ "-d --features global reputation",
			"there is no reputation" NO_REPUTATION },
		{ "-m --features global feederFeaturesEnabled TRUE",
			"there is no feederFeaturesEnabled any more: leave it out; "
			"nothing has to be fed, the database is themisd's own" },
		{ "-m --features global statisticsFeature TRUE",
			"there is no statisticsFeature any more: leave it out; "
			"statistics are always kept, and tmsh stats shows them" },
		{ "-m --features global evaluateByRecipientFeature TRUE",
			"there is no evaluateByRecipientFeature any more: leave it out; "
			"recipients are judged one by one where the key or the "
			"destination of a policy says so" },
		{ "-m --features global policiesByServerPoolFeature TRUE",
			"there is no policiesByServerPoolFeature any more: leave it out; "
			"pools work when there are any, made with tmscli -a --pool POOL "
			"HOST" },
		{ "-m --features global messagesBySecFeature TRUE",
			"there is no messagesBySecFeature any more: leave it out; tmscli "
			"-m --policy POLICY RequestsMon TRUE keeps the rates of a "
			"policy" },
		{ "-m --features global global_namespace themis",
			"there is no global_namespace any more: leave it out; "
			"themisd.conf names the database, which no other program "
			"shares" },
		{ "-m --features global GLOBAL_TTL 3600",
			"there is no GLOBAL_TTL any more: leave it out; counters go by "
			"themselves when their periods are over" },
		{ NULL, NULL },
	};

	refuse_all(*state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_options_and_attributes_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_features_gone, setup, teardown),
	};

	return cmocka_run_group_tests_name("shell/tmscli_refused", tests, NULL, NULL);
}
