/*
 * Names and values of the Python Themis, for shell/tmscli.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli_value.h"

#include "base/str.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NO_PROBATION                                                                     \
	"leave it out, and give who is to be watched a policy of his own with a small "  \
	"limit"

static const struct gone {
	enum tmscli_kind kind;
	const char *pattern, *instead;
} gone[] = {
	{ TMSCLI_OPTION, "--flushdb",
		"delete policies, groups and pools with -d, and empty the counters with "
		"tmsh counter reset all" },
	{ TMSCLI_OPTION, "--remote",
		"run tmscli on the host of themisd, through ssh from elsewhere" },
	{ TMSCLI_ATTRIBUTE, "SubjectProbation", NO_PROBATION },
	{ TMSCLI_ATTRIBUTE, "CountSentProbation", NO_PROBATION },
	{ TMSCLI_ATTRIBUTE, "IpProbation", NO_PROBATION },
	{ TMSCLI_ATTRIBUTE, "BlockProbation", NO_PROBATION },
	{ TMSCLI_ATTRIBUTE, "JailHeader",
		"leave it out; JailAction hold puts a header X-Themis-Hold into each "
		"message that it holds" },
	{ TMSCLI_ATTRIBUTE, "ActionHeaders",
		"header rules are made with tmscli -a --actionheaders POLICY HEADER "
		"REGEX "
		"NEW VALUE" },
	{ TMSCLI_FEATURE, "learn*",
		"leave it out, and set limits by what tmsh counter list shows" },
	{ TMSCLI_FEATURE, "*Reputation*",
		"leave it out, and block or bypass single objects with tmscli -a "
		"--metadata" },
	{ TMSCLI_FEATURE, "feederFeaturesEnabled",
		"leave it out; nothing has to be fed, the database is themisd's own" },
	{ TMSCLI_FEATURE, "statisticsFeature",
		"leave it out; statistics are always kept, and tmsh stats shows them" },
	{ TMSCLI_FEATURE, "evaluateByRecipientFeature",
		"leave it out; recipients are judged one by one where the key or the "
		"destination of a policy says so" },
	{ TMSCLI_FEATURE, "policiesByServerPoolFeature",
		"leave it out; pools work when there are any, made with tmscli -a --pool "
		"POOL HOST" },
	{ TMSCLI_FEATURE, "messagesBySecFeature",
		"leave it out; tmscli -m --policy POLICY RequestsMon TRUE keeps the "
		"rates "
		"of a policy" },
	{ TMSCLI_FEATURE, "global_namespace",
		"leave it out; themisd.conf names the database, which no other program "
		"shares" },
	{ TMSCLI_FEATURE, "global_ttl",
		"leave it out; counters go by themselves when their periods are over" },
};

const char *tmscli_instead(enum tmscli_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (gone[i].kind == kind &&
			fnmatch(gone[i].pattern, name, FNM_CASEFOLD) == 0)
			return gone[i].instead;
	return NULL;
}

/* One [amount, seconds], of whole numbers that are not negative. */
static bool is_condition(const json_t *pair)
{
	const json_t *amount = json_array_get(pair, 0), *period = json_array_get(pair, 1);

	return json_array_size(pair) == 2 && json_is_integer(amount) &&
	       json_is_integer(period) && json_integer_value(amount) >= 0 &&
	       json_integer_value(period) >= 0;
}

/* [[1, 50], [10, 3600]] is 1:50,10:3600; no conditions are no limit. */
static const char *convert_conditions(struct arena *arena, const char *text)
{
	json_t *list = json_loads(text, 0, NULL), *pair;
	const char *limit = json_is_array(list) ? "" : NULL;
	size_t i;

	json_array_foreach(list, i, pair) {
		if (!is_condition(pair)) {
			limit = NULL;
			break;
		}
		limit = arena_printf(arena,
			"%s%s%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, limit,
			i > 0 ? "," : "", json_integer_value(json_array_get(pair, 0)),
			json_integer_value(json_array_get(pair, 1)));
	}
	json_decref(list);
	if (limit == NULL)
		return text;
	return *limit == '\0' ? "none" : limit;
}

/* The decimals of a minute in seconds, rounded up: what is not 0 stays so. */
static uint64_t seconds_of(const char *decimals)
{
	uint64_t billionths = 0, scale = 1000000000, rest = 0;

	for (; *decimals != '\0'; decimals++) {
		scale /= 10;
		billionths += scale * (uint64_t)(*decimals - '0');
		rest |= scale == 0 && *decimals != '0';
	}
	return (billionths * 60 + rest + 999999999) / 1000000000;
}

/* Plain minutes, perhaps with a fraction; what has a unit is not the old spelling. */
static const char *convert_minutes(struct arena *arena, const char *text)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	const char *point = text + whole, *decimals = point + (*point == '.');
	const char *end = decimals + strspn(decimals, digits);
	char *number = arena_printf(arena, "0%.*s", (int)whole, text);
	uint64_t minutes, seconds;

	if (*end != '\0' || whole + (size_t)(end - decimals) == 0)
		return text;
	/* more than there can be: the daemon says so, with the number as it is */
	if (str_to_u64(number, UINT64_MAX / 60 - 1, &minutes) < 0)
		return arena_printf(arena, "%sm", text);
	seconds = minutes * 60 + seconds_of(decimals);
	return seconds == 0 ? "0" : arena_printf(arena, "%" PRIu64 "s", seconds);
}

static const struct feature {
	const char *old, *setting;
	const char *(*convert)(struct arena *arena, const char *text);
} features[] = {
	{ "global_conditions", "default_limit", convert_conditions },
	{ "global_custom_block", "default_penalty", convert_minutes },
	{ "fallbackToNonPoolPolicies", "pool_fallback", NULL },
	{ "featuresByServerPool", "pool_counters", NULL },
	{ "messagesBySecStoreDays", "stats_days", NULL },
};

static const struct feature *feature_find(const char *name)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (strcasecmp(features[i].old, name) == 0)
			return &features[i];
	return NULL;
}

const char *tmscli_setting(const char *feature)
{
	const struct feature *f = feature_find(feature);

	return f != NULL ? f->setting : feature;
}

const char *tmscli_feature_value(
	struct arena *arena, const char *feature, const char *value)
{
	const struct feature *f = feature_find(feature);

	return f != NULL && f->convert != NULL ? f->convert(arena, value) : value;
}

const char *tmscli_attribute_value(
	struct arena *arena, const char *attribute, const char *value)
{
	if (strcasecmp(attribute, "global_custom_block") == 0)
		return convert_minutes(arena, value);
	return value;
}
