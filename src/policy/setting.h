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

#include <stdbool.h>

enum setting {
#define SETTING(id, name, old, values, def, meaning) SETTING_##id,
#include "ctl/settings.def"
#undef SETTING
	SETTINGS
};

enum history { HISTORY_OFF, HISTORY_MESSAGES };
enum null_sender { NULL_SENDER_SKIP, NULL_SENDER_COUNT };
enum on_error { ON_ERROR_ACCEPT, ON_ERROR_TEMPFAIL };

struct settings {
	enum history history;
	unsigned history_days;
	unsigned ipv6_prefix;
	char login_realm[ADDR_DOMAIN_MAX + 1]; /* canonical; "": the MTA's name */
	enum null_sender null_sender;
	enum on_error on_error;
};

struct setting_info {
	const char *name, *old, *values, *default_value, *meaning;
};

const struct setting_info *setting_info(enum setting s);

/* The setting of that name (or old name), or -1 and err. */
int setting_find(const char *name, struct err *err);

void settings_defaults(struct settings *settings);

/* Parses and sets; 0, or -1 and err says what was expected. */
int setting_set(
	struct settings *settings, enum setting s, const char *value, struct err *err);

#endif
