/*
 * The words of the trail.  On the writer's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/trail_say.h"

#include "base/str.h"
#include "ctl/words.h"
#include "policy/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands between words, and between texts of several words. */
#define BLANK	  " "
#define SEMICOLON "; "

#define CUT "..."

static const char *shorten(struct trail_text *t, const char *item)
{
	char *cut;

	if (strlen(item) <= TRAIL_SAY_MAX)
		return item;
	cut = arena_strdup(t->arena, item);
	str_utf8_cut(cut, TRAIL_SAY_MAX - strlen(CUT));
	return arena_printf(t->arena, "%s" CUT, cut);
}

/* One item more; separator: what stands between it and the one before. */
static void add(struct trail_text *t, const char *separator, const char *item)
{
	size_t n;

	item = shorten(t, item);
	n = strlen(item) + (t->length > 0 ? strlen(separator) : 0);
	if (t->left_out > 0 || (t->length > 0 && t->length + n > TRAIL_SAY_MAX)) {
		t->left_out++;
		return;
	}
	if (t->text == NULL)
		t->text = arena_alloc(t->arena, TRAIL_SAY_MAX + 1);
	str_append(
		t->text, TRAIL_SAY_MAX + 1, "%s%s", t->length > 0 ? separator : "", item);
	t->length += n;
}

static void add_words(
	struct trail_text *t, const char *separator, const char *const *words, size_t n)
{
	bool counts = t->left_out > 0; /* of a million members few are written */

	add(t, separator,
		counts ? "" : words_join(t->arena, (char *const *)(uintptr_t)words, n));
}

static void add_word(struct trail_text *t, const char *word)
{
	add_words(t, BLANK, &word, 1);
}

static void add_pair(struct trail_text *t, const char *name, const char *value)
{
	add_word(t, arena_printf(t->arena, "%s=%s", name, value));
}

const char *trail_text_end(struct trail_text *t)
{
	if (t->left_out == 0)
		return t->text;
	return arena_printf(t->arena, "%s and %zu more", t->text, t->left_out);
}

/* What holds where a setting of the site is not set is its default. */
static void add_setting(struct trail_text *t, const struct model_setting *is,
	const struct model_setting *other)
{
	if (is != NULL)
		add_pair(t, is->name, is->value);
	else if (*other->pool == '\0')
		add_pair(t, other->name,
			setting_info((enum setting)setting_find(other->name, NULL))
				->default_value);
}

bool trail_say_setting(struct trail_words *words, const struct model_setting *before,
	const struct model_setting *after)
{
	if (before == NULL && after == NULL)
		return false;
	if (before != NULL && after != NULL && strcmp(before->value, after->value) == 0)
		return false;
	add_setting(&words->was, before, after);
	add_setting(&words->became, after, before);
	return true;
}

/* The hosts of a pool that the other has not. */
static bool add_hosts(struct trail_text *t, const struct model_pool *pool,
	const struct model_pool *other)
{
	bool added = false;

	for (size_t i = 0; pool != NULL && i < pool->n; i++)
		if (other == NULL || !model_pool_has(other, pool->hosts[i])) {
			add_word(t, pool->hosts[i]);
			added = true;
		}
	if (pool != NULL && other == NULL && !added)
		add(t, BLANK, "no MTAs");
	return added || (pool != NULL && other == NULL);
}

bool trail_say_pool(struct trail_words *words, const struct model_pool *before,
	const struct model_pool *after)
{
	bool gone = add_hosts(&words->was, before, after),
	     come = add_hosts(&words->became, after, before);

	return gone || come;
}

/* The attributes that are not those of the other; NULL: of one with every default. */
static bool add_values(struct trail_text *t, const struct model_policy *p,
	const struct model_policy *other)
{
	bool added = false;

	for (int i = 0; p != NULL && i < ATTRIBUTES; i++) {
		enum policy_attribute a = (enum policy_attribute)i;
		const char *others =
			other != NULL ? other->values[a] : policy_attribute_default(a);

		if (others != NULL && strcmp(p->values[a], others) == 0)
			continue;
		add_pair(t, policy_attribute_name(a), p->values[a]);
		added = true;
	}
	return added;
}

/* By header and pattern, of which a policy has one rule. */
static int compare_rule(const void *left, const void *right)
{
	const struct model_rule *a = *(const struct model_rule *const *)left,
				*b = *(const struct model_rule *const *)right;
	int order = strcmp(a->header, b->header);

	return order != 0 ? order : strcmp(a->regex, b->regex);
}

struct sorted_rules {
	const struct model_rule **rules;
	size_t n;
};

static struct sorted_rules sort_rules(const struct model_policy *p, struct arena *arena)
{
	struct sorted_rules s = { .n = p != NULL ? p->n : 0 };

	s.rules = arena_alloc(arena, s.n * sizeof(*s.rules));
	for (size_t i = 0; i < s.n; i++)
		s.rules[i] = &p->rules[i];
	if (s.n > 1)
		qsort(s.rules, s.n, sizeof(*s.rules), compare_rule);
	return s;
}

static bool has_rule(const struct sorted_rules *s, const struct model_rule *rule)
{
	const struct model_rule **found = NULL;

	if (s->n > 0)
		found = bsearch(&rule, s->rules, s->n, sizeof(rule), compare_rule);
	return found != NULL && model_rule_is_same(*found, rule);
}

/* "header Subject /re/ NEW-HEADER VALUE", for each that the other has not. */
static bool add_rules(struct trail_text *t, const struct model_policy *p,
	const struct model_policy *other)
{
	struct sorted_rules others = sort_rules(other, t->arena);
	bool added = false;

	for (size_t i = 0; p != NULL && i < p->n; i++) {
		const struct model_rule *rule = &p->rules[i];
		const char **words;

		if (has_rule(&others, rule))
			continue;
		words = arena_alloc(t->arena, (rule->n + 3) * sizeof(*words));
		words[0] = "header";
		words[1] = rule->header;
		words[2] = rule->regex;
		for (size_t k = 0; k < rule->n; k++)
			words[3 + k] = rule->words[k];
		add_words(t, SEMICOLON, words, rule->n + 3);
		added = true;
	}
	return added;
}

bool trail_say_policy(struct trail_words *words, const struct model_policy *before,
	const struct model_policy *after)
{
	bool different = false;

	different |= add_values(&words->was, before, after);
	different |= add_values(&words->became, after, before);
	different |= add_rules(&words->was, before, after);
	different |= add_rules(&words->became, after, before);
	return different;
}

void trail_say_rename(struct trail_words *words, const char *before, const char *after)
{
	add_word(&words->was, before);
	add_word(&words->became, after);
}

static void add_flag(struct trail_text *t, const struct model_flag *flag)
{
	const char *words[5];
	size_t n = 0;

	if (flag == NULL)
		return;
	words[n++] = flag->flag;
	if (flag->until != NULL) {
		words[n++] = "until";
		words[n++] = flag->until;
	}
	if (flag->because != NULL) {
		words[n++] = "because";
		words[n++] = flag->because;
	}
	add_words(t, SEMICOLON, words, n);
}

bool trail_say_flag(struct trail_words *words, const struct model_flag *before,
	const struct model_flag *after)
{
	if (before == NULL && after == NULL)
		return false;
	if (before != NULL && after != NULL && model_flag_is_same(before, after))
		return false;
	add_flag(&words->was, before);
	add_flag(&words->became, after);
	return true;
}

static void add_grant(struct trail_text *t, const struct model_grant *grant)
{
	const char *words[7];
	size_t n = 0;

	if (grant == NULL)
		return;
	words[n++] = "grant";
	words[n++] = grant->amount;
	if (*grant->policy != '\0')
		words[n++] = arena_printf(t->arena, "policy=%s", grant->policy);
	words[n++] = "until";
	words[n++] = grant->until;
	if (grant->because != NULL) {
		words[n++] = "because";
		words[n++] = grant->because;
	}
	add_words(t, SEMICOLON, words, n);
}

bool trail_say_grant(struct trail_words *words, const struct model_grant *before,
	const struct model_grant *after)
{
	if (before != NULL && after != NULL && model_grant_is_same(before, after))
		return false;
	add_grant(&words->was, before);
	add_grant(&words->became, after);
	return true;
}

static bool is_of(
	const struct trail_group *group, const struct membership *edit, bool gone)
{
	return edit->gone == gone &&
	       edit->group_id == (group->after != 0 ? group->after : group->before);
}

size_t trail_group_count(const struct trail_group *group, bool gone)
{
	size_t n = 0;

	for (size_t i = 0; group->edits != NULL && i < group->edits->n; i++)
		n += is_of(group, &group->edits->edits[i], gone);
	return n;
}

void trail_group_each(const struct trail_group *group, bool gone,
	void (*fn)(void *arg, const char *member), void *arg)
{
	for (size_t i = 0; group->edits != NULL && i < group->edits->n; i++)
		if (is_of(group, &group->edits->edits[i], gone))
			fn(arg, membership_member(&group->edits->edits[i]));
}

static void add_member(void *arg, const char *member)
{
	add_word(arg, member);
}

bool trail_say_group(struct trail_words *words, const struct trail_group *group)
{
	size_t gone = trail_group_count(group, true),
	       come = trail_group_count(group, false);

	trail_group_each(group, true, add_member, &words->was);
	trail_group_each(group, false, add_member, &words->became);
	if (group->before != 0 && group->after == 0 && gone == 0)
		add(&words->was, BLANK, "no members");
	if (group->before == 0 && group->after != 0 && come == 0)
		add(&words->became, BLANK, "no members");
	return gone + come > 0 || group->before != group->after;
}
