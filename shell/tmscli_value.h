/*
 * Names and values of the Python Themis: which there are no more, and how those are
 * written now that are.  Pure; for shell/tmscli.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TMSCLI_VALUE_H
#define THEMIS_SHELL_TMSCLI_VALUE_H

#include "base/arena.h"

enum tmscli_kind { TMSCLI_OPTION, TMSCLI_ATTRIBUTE, TMSCLI_FEATURE };

/* What to do instead of using this option, attribute or feature, in any case of
 * letters; NULL if it is none that was taken away. */
const char *tmscli_instead(enum tmscli_kind kind, const char *name);

/* The setting that a feature became; any other name is that of a setting already. */
const char *tmscli_setting(const char *feature);

/* The value of a feature or of a policy's attribute as the new program reads it: limits
 * in JSON become a limit, plain minutes seconds.  What is not of the old spelling
 * stays, for the daemon to judge.  May be in the arena. */
const char *tmscli_feature_value(
	struct arena *arena, const char *feature, const char *value);
const char *tmscli_attribute_value(
	struct arena *arena, const char *attribute, const char *value);

#endif
