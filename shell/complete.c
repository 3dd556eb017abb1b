/*
 * Completion from the tables.  Called by shell/suggest.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "complete.h"

#include "base/str.h"
#include "ctl/spec.h"

#include <string.h>

/* Kinds of arguments whose names the daemon knows, and a word that may stand there too.
 */
static const struct {
	const char *ask, *also;
} kinds[] = {
	[ARG_GROUP] = { "group", NULL },
	[ARG_GROUPS] = { "group", NULL },
	[ARG_NEW_GROUP] = { "group", NULL },
	[ARG_POLICY] = { "policy", NULL },
	[ARG_MEMBER] = { "member", NULL },
	[ARG_OBJECT] = { "object", NULL },
	[ARG_OBJECT_OR_ALL] = { "object", "all" },
	[ARG_POOL] = { "pool", NULL },
	[ARG_NEW_POOL] = { "pool", NULL },
	[ARG_HOST] = { "mta", NULL },
	[ARG_CRITERION] = { "group", "any" },
	[ARG_CHANGE] = { "change", NULL },
	[ARG_HEADER] = { "header", NULL },
	[ARG_HEADER_OR_ALL] = { "header", "all" },
	[ARG_REPORT] = { "report", NULL },
	[ARG_USER] = { "user", NULL },
	[ARG_PATTERN] = { "object", NULL },
	[ARG_LIMIT] = { NULL, "none" },
	[ARG_PENALTY] = { NULL, "default" },
	[ARG_WORD] = { NULL, NULL }, /* the last of them */
};

static void add(struct wanted *w, const char *word)
{
	for (size_t i = 0; i < w->ngiven; i++)
		if (strcmp(w->given[i], word) == 0)
			return;
	w->words = arena_grow(w->arena, w->words, w->n, &w->cap, sizeof(*w->words));
	w->words[w->n++] = arena_strdup(w->arena, word);
}

void complete_offer(struct wanted *w, const char *word)
{
	if (strncmp(word, w->begun, strlen(w->begun)) == 0)
		add(w, word);
}

void complete_take(struct wanted *w, const char *name)
{
	add(w, arena_printf(w->arena, "%.*s%s", (int)w->before, w->begun, name));
}

static void offer_behind(
	struct wanted *w, const char *before, const char *word, size_t len)
{
	complete_offer(w, arena_printf(w->arena, "%s%.*s", before, (int)len, word));
}

/* Is the word one of a list, each of which ends with a comma? */
static bool lists(const char *list, const char *word, size_t len)
{
	for (const char *end; (end = strchr(list, ',')) != NULL; list = end + 1)
		if ((size_t)(end - list) == len && strncmp(list, word, len) == 0)
			return true;
	return false;
}

/* Those that stand behind what is typed already, but for what is listed in it. */
static void offer_choices(
	struct wanted *w, const char *before, const char *listed, const char *values)
{
	const char *alone = *listed != '\0' ? strchr(values, ';') : NULL;
	size_t len;

	if (alone != NULL)
		values = alone;
	while ((values = choice_next(values, &len)) != NULL) {
		if (!lists(listed, values, len))
			offer_behind(w, before, values, len);
		values += len;
	}
}

/* What may stand for a kind, behind what is typed already of the word. */
static void want_kind(struct wanted *w, enum argument_kind kind, const char *before)
{
	size_t len = strlen(before);

	if (kinds[kind].also != NULL)
		offer_behind(w, before, kinds[kind].also, strlen(kinds[kind].also));
	if (strncmp(w->begun, before, len) != 0)
		return;
	w->kind = kinds[kind].ask;
	w->before = len;
	w->before += kind == ARG_CRITERION && w->begun[len] == '!';
	w->prefix = w->begun + w->before;
}

/* The value of a pair, behind the first octets of what is begun. */
static void want_value(struct wanted *w, const struct pair *p, size_t from)
{
	const char *comma = strrchr(w->begun + from, ',');
	const char *before;
	size_t first = from;

	if ((p->kind == ARG_CHOICES || p->kind == ARG_GROUPS) && comma != NULL)
		from = (size_t)(comma - w->begun) + 1;
	before = arena_memdup(w->arena, w->begun, from);
	w->before = from;
	if (p->kind == ARG_CHOICE || p->kind == ARG_CHOICES)
		offer_choices(w, before, before + first, p->values);
	else
		want_kind(w, p->kind, before);
}

/* The nouns, or the verbs of one of them: those of commands that can be watched, if that
 * is asked for. */
static void want_command(struct wanted *w, const char *noun, bool watched)
{
	const char *last = "";

	for (const struct command *c = commands; c < commands + ncommands; c++) {
		if ((watched && !command_is_watched(c)) ||
			(noun != NULL && strcmp(c->noun, noun) != 0) ||
			(noun == NULL && strcmp(c->noun, last) == 0))
			continue;
		last = c->noun;
		if (noun == NULL || *c->verb != '\0')
			complete_offer(w, noun == NULL ? c->noun : c->verb);
	}
}

static void want_setting(struct wanted *w)
{
	for (const struct pair *p = pairs; p->name != NULL; p++)
		if (p->set == PAIRS_SITE)
			complete_offer(w, p->name);
}

/* "[--diff] [--exact] FILE": what stands in brackets, up to a blank. */
static void want_brackets(struct wanted *w, const char *usage)
{
	for (; *usage == '['; usage += strcspn(usage, "]") + 2)
		offer_behind(w, "", usage + 1, strcspn(usage + 1, " ]"));
}

static void want_alternatives(struct wanted *w, const char *word)
{
	size_t len;

	for (; (len = strcspn(word, "|")) > 0; word += len + (word[len] != '\0'))
		offer_behind(w, "", word, len);
}

/* The words of a command, and those before the one that is begun. */
struct place {
	const struct command *c;
	char *const *args;
	size_t n;
};

static void want_words(struct wanted *w, char *const *words, size_t n, bool watched);

/* A command with its arguments, behind "every PERIOD" perhaps. */
static void want_inner(struct wanted *w, const struct place *p, const char *usage)
{
	size_t every = p->n > 0 && strcmp(p->args[0], "every") == 0 ? 2 : 0;

	if (p->n == 0)
		want_brackets(w, usage);
	if (p->n >= every)
		want_words(w, p->args + every, p->n - every, true);
}

/* Members and MTAs are those of the group and the pool before them; of a new one there
 * are none yet. */
static bool has_some(const struct place *p)
{
	return p->c->args[0].kind != ARG_NEW_GROUP && p->c->args[0].kind != ARG_NEW_POOL;
}

/* A file, and options before it. */
static void want_file(struct wanted *w, const char *usage, const struct place *p)
{
	bool named = false;

	for (size_t i = 0; i < p->n; i++)
		named |= p->args[i][0] != '-';
	want_brackets(w, usage);
	w->files = !named;
}

static void want_argument(
	struct wanted *w, const struct argument *a, const struct place *p)
{
	const struct pair *setting;

	switch (a->kind) {
	case ARG_CHOICE:
		want_alternatives(w, a->word);
		break;
	case ARG_NOUN:
		want_command(w, NULL, false);
		break;
	case ARG_VERB:
		want_command(w, p->args[0], false);
		break;
	case ARG_COMMAND:
		want_inner(w, p, a->word);
		break;
	case ARG_SETTING:
		want_setting(w);
		break;
	case ARG_VALUE:
		setting = pair_find(PAIRS_SITE, p->args[0], strlen(p->args[0]));
		if (setting != NULL)
			want_value(w, setting, 0);
		break;
	case ARG_FILE:
		want_file(w, a->word, p);
		break;
	case ARG_HEADER:
	case ARG_HEADER_OR_ALL:
		w->of = p->args[0];
		want_kind(w, a->kind, "");
		break;
	case ARG_MEMBER:
	case ARG_HOST:
		if (!has_some(p))
			break;
		w->of = a->kind == ARG_MEMBER ? p->args[0] : NULL;
		/* fall through */
	default:
		want_kind(w, a->kind, "");
	}
}

static bool was_given(const struct place *p, const char *name, const char *old)
{
	size_t from = command_words(p->c, p->args, p->n), used;
	struct option o;

	for (size_t i = from; i < p->n; i += used) {
		used = command_option(p->c, p->args + i, p->n - i, &o);
		if (used == 0)
			return false;
		if (str_is_named(o.name, o.len, name, old))
			return true;
	}
	return false;
}

/* What stands behind the words, in any order. */
static void want_options(struct wanted *w, const struct place *p)
{
	enum pair_set set = command_pairs(p->c);

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&p->c->args[i]);
		i++) {
		const struct argument *a = &p->c->args[i];
		const char *keyword =
			arena_memdup(w->arena, a->word, strcspn(a->word, " "));

		if (argument_has_keyword(a) && !was_given(p, keyword, ""))
			complete_offer(w, keyword);
	}
	for (const struct pair *o = pairs; o->name != NULL; o++)
		if (o->set == set && set != PAIRS_NONE &&
			(o->many || !was_given(p, o->name, o->old)))
			complete_offer(w, arena_printf(w->arena, "%s=", o->name));
}

/* The argument that stands as the n-th of the words, NULL if the words are over. */
static const struct argument *argument_at(const struct command *c, size_t n)
{
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		if (argument_is_option(a) || a->number == NUMBER_MUTE)
			return NULL;
		if (i == n || argument_is_list(a))
			return a;
	}
	return NULL;
}

/* The keyword that stands last, and waits for its value. */
static const struct argument *open_keyword(const struct place *p, size_t taken)
{
	struct option o;
	size_t used;

	for (size_t i = taken; i < p->n; i += used) {
		used = command_option(p->c, p->args + i, p->n - i, &o);
		if (used == 0)
			return NULL;
		if (o.value == NULL)
			return o.argument;
	}
	return NULL;
}

static void want_args(struct wanted *w, const struct place *p)
{
	size_t taken = command_words(p->c, p->args, p->n), len;
	const struct argument *a =
		taken == p->n ? argument_at(p->c, p->n) : open_keyword(p, taken);
	const struct pair *pair;
	const char *value;

	if (taken < p->n && a != NULL) {
		want_kind(w, a->kind, "");
		return;
	}
	pair = pair_split(w->begun, &len, &value)
		       ? pair_find(command_pairs(p->c), w->begun, len)
		       : NULL;
	if (pair != NULL) {
		want_value(w, pair, len + 1);
		return;
	}
	if (a != NULL) {
		w->given = p->args;
		w->ngiven = argument_is_list(a) ? p->n : 0;
		want_argument(w, a, p);
	}
	if (a == NULL || a->number == NUMBER_OPTIONAL)
		want_options(w, p);
}

static void want_words(struct wanted *w, char *const *words, size_t n, bool watched)
{
	const struct command *c;
	size_t used;

	if (n == 0) {
		want_command(w, NULL, watched);
		return;
	}
	c = command_find(words, n, &used, NULL);
	if (c != NULL)
		want_args(w, &(struct place){ c, words + used, n - used });
	if (n == 1)
		want_command(w, words[0], watched);
}

void complete_want(struct arena *arena, char *const *words, size_t n, const char *begun,
	struct wanted *out)
{
	*out = (struct wanted){ .arena = arena, .begun = begun };
	/* options of the shell before the command */
	for (; n > 0 && words[0][0] == '-'; n--)
		words++;
	want_words(out, words, n, false);
}
