/*
 * Settings.  Parsed when one is set and when a policy set is loaded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/setting.h"

#include "base/clock.h"
#include "base/near.h"
#include "base/str.h"
#include "ctl/spec.h"
#include "ctl/words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct setting_info infos[SETTINGS] = {
#define SETTING(id, name, old, kind, values, def, meaning, scope)                        \
	[SETTING_##id] = { name, old, values, def, meaning, SCOPE_##scope,               \
		ARG_##kind == ARG_GROUPS },
#include "ctl/settings.def"
#undef SETTING
};

static int not_a_value(enum setting s, const char *value, struct err *err)
{
	return pair_refuse_value(PAIRS_SITE, infos[s].name, value, err);
}

#define DAYS_MAX 3650
#define ROWS_MAX 2000000000

/* Those that are a number: where it is, and what it may be; max 0: it is none. */
static const struct number {
	size_t at;
	unsigned min, max;
} numbers[SETTINGS] = {
#define NUMBER(id, member, min, max)                                                     \
	[SETTING_##id] = { offsetof(struct settings, member), min, max }
	NUMBER(ALERT_HOURLY, alert_hourly, 1, ALERT_HOURLY_MAX),
	NUMBER(HISTORY_DAYS, history_days, 0, DAYS_MAX),
	NUMBER(HISTORY_ROWS, history_rows, 0, ROWS_MAX),
	NUMBER(IPV6_PREFIX, ipv6_prefix, 1, 128),
	NUMBER(RECIPIENTS_DAYS, recipients_days, 0, DAYS_MAX),
	NUMBER(RECIPIENTS_ROWS, recipients_rows, 0, ROWS_MAX),
	NUMBER(REFUSAL_DAYS, refusal_days, 0, DAYS_MAX),
	NUMBER(REFUSAL_ROWS, refusal_rows, 0, ROWS_MAX),
	NUMBER(SEEN_DAYS, seen_days, 0, DAYS_MAX),
	NUMBER(SEEN_ROWS, seen_rows, 0, ROWS_MAX),
	NUMBER(SPF_MAX_WAITING, spf_max_waiting, 1, 1000),
	NUMBER(STATS_DAYS, stats_days, 0, DAYS_MAX),
	NUMBER(STATS_DAY_DAYS, stats_day_days, 0, DAYS_MAX),
	NUMBER(STATS_HOUR_DAYS, stats_hour_days, 0, DAYS_MAX),
	NUMBER(STATS_MINUTE_DAYS, stats_minute_days, 0, DAYS_MAX),
	NUMBER(STATS_ROWS, stats_rows, 0, ROWS_MAX),
#undef NUMBER
};

static int set_number(
	struct settings *settings, enum setting s, const char *value, struct err *err)
{
	const struct number *number = &numbers[s];
	uint64_t n;

	if (str_to_u64(value, number->max, &n) < 0 || n < number->min)
		return not_a_value(s, value, err);
	*(unsigned *)((char *)settings + number->at) = (unsigned)n;
	return 0;
}

/* The place of the word, -1 and err if it is none of the n. */
static int choose(const char *value, const char *const *words, size_t n, enum setting s,
	struct err *err)
{
	int i = str_choose(value, words, n);

	return i >= 0 ? i : not_a_value(s, value, err);
}

static int set_bool(bool *out, const char *value, enum setting s, struct err *err)
{
	return str_to_bool(value, out) < 0 ? not_a_value(s, value, err) : 0;
}

/* One that a sendmail takes for nothing else: a local part alone is a name of this host,
 * and neither a file nor a program. */
static bool is_alert_address(struct arena *arena, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_.+-";
	enum addr_kind kind = addr_parse(arena, text).kind;

	if (*text == '<' || *text == '@' || *text == '-' ||
		!str_is_ascii(text, strlen(text)))
		return false;
	return kind == ADDR_MAILBOX ||
	       (kind == ADDR_LOCAL && text[strspn(text, plain)] == '\0');
}

static int set_alert_mail(struct settings *s, const char *value, struct err *err)
{
	struct arena *arena = arena_new();
	char *list = *value != '\0' ? arena_strdup(arena, value) : NULL, *address;
	size_t n = 0;
	int rc = strlen(value) <= ALERT_TEXT_MAX ? 0 : -1;

	while (rc == 0 && (address = strsep(&list, ",")) != NULL)
		if (++n > ALERT_ADDRESSES_MAX || !is_alert_address(arena, address))
			rc = -1;
	if (rc == 0)
		snprintf(s->alert_mail, sizeof(s->alert_mail), "%s", value);
	arena_free(arena);
	return rc == 0 ? 0 : not_a_value(SETTING_ALERT_MAIL, value, err);
}

/* Whether there is such a program is not known here: it may come, and go. */
static int set_alert_program(struct settings *s, const char *value, struct err *err)
{
	struct arena *arena = arena_new();
	char **words;
	int n = words_split(arena, value, &words, err);

	if (n >= 0 && *value != '\0' &&
		(n == 0 || words[0][0] != '/' || strlen(value) > ALERT_TEXT_MAX ||
			!str_is_utf8(value, strlen(value)) || str_has_control(value)))
		n = not_a_value(SETTING_ALERT_PROGRAM, value, err);
	if (n >= 0)
		snprintf(s->alert_program, sizeof(s->alert_program), "%s", value);
	arena_free(arena);
	return n < 0 ? -1 : 0;
}

/* RFC 8601 2.5: a value as in RFC 2045 5.1, here the token alone. */
static int set_authserv_id(struct settings *s, const char *value, struct err *err)
{
	static const char specials[] = "()<>@,;:\\\"/[]?=";

	if (strlen(value) >= sizeof(s->authserv_id) ||
		value[strcspn(value, specials)] != '\0')
		return not_a_value(SETTING_AUTHSERV_ID, value, err);
	for (const char *p = value; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return not_a_value(SETTING_AUTHSERV_ID, value, err);
	snprintf(s->authserv_id, sizeof(s->authserv_id), "%s", value);
	return 0;
}

static int set_default_limit(struct settings *s, const char *value, struct err *err)
{
	struct limit limits[LIMITS_MAX];
	size_t n;

	if (limits_parse(value, limits, &n, err) < 0 ||
		limits_check_unsized(limits, n, err) < 0)
		return -1;
	memcpy(s->default_limit, limits, n * sizeof(limits[0]));
	s->ndefault_limits = n;
	return 0;
}

static int set_default_penalty(struct settings *s, const char *value, struct err *err)
{
	int64_t seconds;

	if (penalty_parse(value, &seconds) < 0)
		return not_a_value(SETTING_DEFAULT_PENALTY, value, err);
	s->default_penalty = seconds;
	return 0;
}

static int set_history(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "off", "messages", "recipients" };
	int i = choose(value, names, 3, SETTING_HISTORY, err);

	if (i >= 0)
		s->history = (enum history)i;
	return i;
}

static int set_history_size(struct settings *s, const char *value, struct err *err)
{
	return set_bool(&s->history_size, value, SETTING_HISTORY_SIZE, err);
}

static int set_login_realm(struct settings *s, const char *value, struct err *err)
{
	struct arena *arena = arena_new();
	const char *realm = *value != '\0' ? addr_domain(arena, value) : "";
	int rc = realm != NULL ? 0 : not_a_value(SETTING_LOGIN_REALM, value, err);

	if (rc == 0)
		snprintf(s->login_realm, sizeof(s->login_realm), "%s", realm);
	arena_free(arena);
	return rc;
}

static int set_null_sender(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "skip", "count" };
	int i = choose(value, names, 2, SETTING_NULL_SENDER, err);

	if (i >= 0)
		s->null_sender = (enum null_sender)i;
	return i;
}

static int set_on_error(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "accept", "tempfail" };
	int i = choose(value, names, 2, SETTING_ON_ERROR, err);

	if (i >= 0)
		s->on_error = (enum on_error)i;
	return i;
}

static int set_pool_counters(struct settings *s, const char *value, struct err *err)
{
	return set_bool(&s->pool_counters, value, SETTING_POOL_COUNTERS, err);
}

static int set_pool_fallback(struct settings *s, const char *value, struct err *err)
{
	return set_bool(&s->pool_fallback, value, SETTING_POOL_FALLBACK, err);
}

static int set_reject_early(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "auto", "always", "never" };
	int i = choose(value, names, 3, SETTING_REJECT_EARLY, err);

	if (i >= 0)
		s->reject_early = (enum reject_early)i;
	return i;
}

static int set_spf_deadline(struct settings *s, const char *value, struct err *err)
{
	int64_t seconds;

	if (duration_parse(value, &seconds) < 0 || seconds < 1 || seconds > 20)
		return not_a_value(SETTING_SPF_DEADLINE, value, err);
	s->spf_deadline = (unsigned)seconds * 1000;
	return 0;
}

static int set_spf_temperror(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "accept", "defer" };
	int i = choose(value, names, 2, SETTING_SPF_TEMPERROR, err);

	if (i >= 0)
		s->spf_temperror = (enum spf_temperror)i;
	return i;
}

static bool has_name(char names[][NAME_MAX_OCTETS + 1], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Whether there are such groups is not known here. */
static int set_spf_trusted(struct settings *s, const char *value, struct err *err)
{
	char names[SPF_TRUSTED_MAX][NAME_MAX_OCTETS + 1] = { 0 };
	struct arena *arena = arena_new();
	char *list = *value != '\0' ? arena_strdup(arena, value) : NULL, *name;
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && (name = strsep(&list, ",")) != NULL) {
		if (has_name(names, n, name))
			continue;
		if (n == SPF_TRUSTED_MAX)
			rc = not_a_value(SETTING_SPF_TRUSTED, value, err);
		else if ((rc = name_check("group", name, err)) == 0)
			snprintf(names[n++], sizeof(names[0]), "%s", name);
	}
	if (rc == 0) {
		memcpy(s->spf_trusted, names, sizeof(names));
		s->nspf_trusted = n;
	}
	arena_free(arena);
	return rc;
}

/* NULL: it is a number. */
static int (*const setters[SETTINGS])(struct settings *, const char *, struct err *) = {
	[SETTING_ALERT_MAIL] = set_alert_mail,
	[SETTING_ALERT_PROGRAM] = set_alert_program,
	[SETTING_AUTHSERV_ID] = set_authserv_id,
	[SETTING_DEFAULT_LIMIT] = set_default_limit,
	[SETTING_DEFAULT_PENALTY] = set_default_penalty,
	[SETTING_HISTORY] = set_history,
	[SETTING_HISTORY_SIZE] = set_history_size,
	[SETTING_LOGIN_REALM] = set_login_realm,
	[SETTING_NULL_SENDER] = set_null_sender,
	[SETTING_ON_ERROR] = set_on_error,
	[SETTING_POOL_COUNTERS] = set_pool_counters,
	[SETTING_POOL_FALLBACK] = set_pool_fallback,
	[SETTING_REJECT_EARLY] = set_reject_early,
	[SETTING_SPF_DEADLINE] = set_spf_deadline,
	[SETTING_SPF_TEMPERROR] = set_spf_temperror,
	[SETTING_SPF_TRUSTED] = set_spf_trusted,
};

static int set(
	struct settings *settings, enum setting s, const char *value, struct err *err)
{
	if (numbers[s].max > 0)
		return set_number(settings, s, value, err);
	return setters[s](settings, value, err);
}

const struct setting_info *setting_info(enum setting s)
{
	return &infos[s];
}

int setting_find(const char *name, struct err *err)
{
	char all[1000] = "", guess[NEAR_TEXT_MAX], shown[100];
	struct near near;

	near_begin(&near, name);
	for (int i = 0; i < SETTINGS; i++) {
		if (str_is_named(name, strlen(name), infos[i].name, infos[i].old))
			return i;
		str_append(all, sizeof(all), "%s%s", i > 0 ? ", " : "", infos[i].name);
		near_offer(&near, infos[i].name, strlen(infos[i].name));
	}
	return err_code(err, ERR_NO_SUCH, "no setting \"%s\" (%sthere are: %s)",
		str_escape(shown, sizeof(shown), name), near_within(&near, guess), all);
}

void settings_defaults(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (int i = 0; i < SETTINGS; i++)
		set(settings, (enum setting)i, infos[i].default_value, NULL);
}

/* Each once, in the order in which they were named. */
static const char *spell_trusted(const char *value, struct arena *arena)
{
	struct settings s;
	const char *list = "";

	if (set_spf_trusted(&s, value, NULL) < 0)
		return value;
	for (size_t i = 0; i < s.nspf_trusted; i++)
		list = arena_printf(
			arena, "%s%s%s", list, i > 0 ? "," : "", s.spf_trusted[i]);
	return list;
}

const char *setting_spelling(enum setting s, const char *value, struct arena *arena)
{
	char text[DURATION_TEXT_MAX];
	int64_t seconds;
	bool yes;

	if (s == SETTING_SPF_DEADLINE && duration_parse(value, &seconds) == 0)
		return arena_printf(arena, "%llds", (long long)seconds);
	if (s == SETTING_DEFAULT_PENALTY && penalty_parse(value, &seconds) == 0 &&
		seconds > 0)
		return arena_strdup(arena, duration_format(text, seconds));
	if (s == SETTING_SPF_TRUSTED)
		return spell_trusted(value, arena);
	if (strcmp(infos[s].values, "yes or no") == 0)
		return str_to_bool(value, &yes) == 0 && yes ? "yes" : "no";
	return value;
}

int setting_set(
	struct settings *settings, enum setting s, const char *value, struct err *err)
{
	if (set(settings, s, value, err) < 0)
		return err_prefix(err, "%s", infos[s].name);
	return 0;
}
