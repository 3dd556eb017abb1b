/*
 * The settings kept in the database, as values.  A struct settings is part of
 * a policy set and as immutable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_SETTING_H
#define THEMIS_POLICY_SETTING_H

#include "base/addr.h"
#include "base/err.h"
#include "counter/limit.h"
#include "policy/name.h"

#include <stdbool.h>

enum setting {
#define SETTING(id, name, old, kind, values, def, meaning, scope) SETTING_##id,
#include "ctl/settings.def"
#undef SETTING
	SETTINGS
};

enum history { HISTORY_OFF, HISTORY_MESSAGES, HISTORY_RECIPIENTS };
enum null_sender { NULL_SENDER_SKIP, NULL_SENDER_COUNT };
enum reject_early { REJECT_EARLY_AUTO, REJECT_EARLY_ALWAYS, REJECT_EARLY_NEVER };
enum spf_temperror { SPF_TEMPERROR_ACCEPT, SPF_TEMPERROR_DEFER };
enum on_error { ON_ERROR_ACCEPT, ON_ERROR_TEMPFAIL };

#define SPF_TRUSTED_MAX 8 /* groups */

#define ALERT_ADDRESSES_MAX 8
#define ALERT_HOURLY_MAX    10000
#define ALERT_TEXT_MAX	    1000 /* octets of a program with its arguments, of addresses */

struct settings {
	/* as given; "": none */
	char alert_program[ALERT_TEXT_MAX + 1]; /* for words_split() (ctl/words.h) */
	char alert_mail[ALERT_TEXT_MAX + 1];	/* with commas between */
	unsigned alert_hourly;
	/* of policies that have none of their own; they take effect as rows of these
	 * (policy/limit_rows.h) */
	struct limit default_limit[LIMITS_MAX];
	size_t ndefault_limits;
	int64_t default_penalty; /* seconds; 0: none */
	/* what is kept, for how many days, and how many rows; 0 of either: nothing */
	enum history history;
	bool history_size;
	unsigned history_days, history_rows;
	unsigned recipients_days, recipients_rows;
	unsigned refusal_days, refusal_rows;
	unsigned seen_days, seen_rows;
	unsigned stats_days, stats_minute_days, stats_hour_days, stats_day_days;
	unsigned stats_rows; /* of each of these */
	unsigned ipv6_prefix;
	char login_realm[ADDR_DOMAIN_MAX + 1]; /* canonical; "": the MTA's name */
	enum null_sender null_sender;
	enum on_error on_error;
	bool pool_counters, pool_fallback;
	enum reject_early reject_early;
	char authserv_id[ADDR_DOMAIN_MAX + 1]; /* RFC 8601, a token; "": the MTA's name */
	unsigned spf_deadline;		       /* milliseconds */
	unsigned spf_max_waiting;
	enum spf_temperror spf_temperror;
	/* their names; policy_set_trusts() asks for them by their ids */
	char spf_trusted[SPF_TRUSTED_MAX][NAME_MAX_OCTETS + 1];
	size_t nspf_trusted;
};

/* Is anybody told of what is worth it? */
static inline bool settings_alert(const struct settings *s)
{
	return *s->alert_program != '\0' || *s->alert_mail != '\0';
}

enum setting_scope { SCOPE_SITE, SCOPE_POOL }; /* POOL: also for a pool apart */

/* Are messages written down? */
static inline bool settings_keep_history(const struct settings *s)
{
	return s->history != HISTORY_OFF && s->history_days > 0 && s->history_rows > 0;
}

/* And their recipients? */
static inline bool settings_keep_recipients(const struct settings *s)
{
	return settings_keep_history(s) && s->history == HISTORY_RECIPIENTS &&
	       s->recipients_days > 0 && s->recipients_rows > 0;
}

struct setting_info {
	const char *name, *old, *values, *default_value, *meaning;
	enum setting_scope scope;
	bool names_groups; /* which have to be there, while it does */
};

const struct setting_info *setting_info(enum setting s);

/* The setting of that name (or old name), or -1 and err. */
int setting_find(const char *name, struct err *err);

void settings_defaults(struct settings *settings);

/* How a value that setting_set() takes is stored and shown, in the arena: yes or no for
 * TRUE and the like, a duration as policies have it, a group that is named twice once, as
 * it stands otherwise. */
const char *setting_spelling(enum setting s, const char *value, struct arena *arena);

/* Parses and sets; 0, or -1 and err says what was expected. */
int setting_set(
	struct settings *settings, enum setting s, const char *value, struct err *err);

#endif
