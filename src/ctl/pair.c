/*
 * NAME=VALUE: which names there are, and words about wrong ones.  The tables are those of
 * ctl/spec.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/spec.h"

#include "base/near.h"
#include "base/str.h"

#include <string.h>

const struct pair *pair_find(enum pair_set set, const char *word, size_t len)
{
	for (const struct pair *p = pairs; p->name != NULL; p++)
		if (p->set == set && str_is_named(word, len, p->name, p->old))
			return p;
	return NULL;
}

const char *choice_next(const char *at, size_t *len)
{
	static const char or [] = " or ";

	if (strncmp(at, or, sizeof(or) - 1) == 0)
		at += sizeof(or) - 1;
	at += strspn(at, ", ;");
	*len = strcspn(at, ", ;");
	return *len > 0 ? at : NULL;
}

int pair_refuse_name(
	const struct command *c, enum pair_set set, const char *name, struct err *err)
{
	char there[250] = "", guess[NEAR_TEXT_MAX], shown[100];
	struct near near;

	near_begin(&near, name);
	for (const struct pair *p = pairs; p->name != NULL; p++) {
		if (p->set != set)
			continue;
		str_append(there, sizeof(there), "%s%s", *there != '\0' ? ", " : "",
			p->name);
		near_offer(&near, p->name, strlen(p->name));
	}
	return err_set(err, "%s has no attribute \"%s\" (%sit has: %s)",
		set == PAIRS_POLICY ? "a policy" : c->noun,
		str_escape(shown, sizeof(shown), name), near_within(&near, guess), there);
}

int pair_refuse_value(
	enum pair_set set, const char *name, const char *value, struct err *err)
{
	const struct pair *p = pair_find(set, name, strlen(name));
	char guess[NEAR_TEXT_MAX], shown[160];
	const char *word = p->values;
	struct near near;
	size_t len;

	near_begin(&near, value);
	while ((p->kind == ARG_CHOICE || p->kind == ARG_CHOICES) &&
		(word = choice_next(word, &len)) != NULL) {
		near_offer(&near, word, len);
		word += len;
	}
	return err_set(err, "not a value: \"%s\" (%s%s%s)",
		str_escape(shown, sizeof(shown), value), near_within(&near, guess),
		p->values,
		p->kind == ARG_CHOICES ? ", or several with commas between" : "");
}
