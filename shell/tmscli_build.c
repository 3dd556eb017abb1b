/*
 * What each kind of old form becomes: its commands of today.  What single names and
 * values became is in tmscli_value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"
#include "ctl/wire.h"
#include "tmscli_form.h"
#include "tmscli_value.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

static void add_word(struct line *l, const char *word)
{
	struct tmscli_command *c = &l->out->commands[l->out->n - 1];

	c->words = arena_grow(l->arena, c->words, c->n, &l->words_cap, sizeof(*c->words));
	c->words[c->n++] = arena_strdup(l->arena, word);
}

/* The next word of a value that holds several; NULL at its end. */
static char *next_part(struct line *l, const char **text)
{
	const char *part = *text + strspn(*text, BLANKS);
	size_t len = strcspn(part, BLANKS);

	*text = part + len;
	return len > 0 ? arena_memdup(l->arena, part, len) : NULL;
}

/* A new command, which add_word() adds to from here. */
static void begin(struct line *l, const char *command)
{
	struct tmscli *out = l->out;
	const char *part;

	out->commands = arena_grow(l->arena, out->commands, out->n, &l->commands_cap,
		sizeof(*out->commands));
	out->commands[out->n++] = (struct tmscli_command){ .n = 0 };
	l->words_cap = 0;
	while ((part = next_part(l, &command)) != NULL)
		add_word(l, part);
}

/* The octets of a word in a line, at most. */
static size_t quoted(const char *word)
{
	size_t n = strlen(" ''") + strlen(word);

	for (; *word != '\0'; word++)
		n += *word == '\'' ? strlen("'\\'") : 0;
	return n;
}

int build_bare(struct line *l)
{
	begin(l, l->form->command);
	return 0;
}

int build_words(struct line *l)
{
	begin(l, l->form->command);
	add_word(l, l->name);
	for (size_t i = 0; i < l->n; i++)
		add_word(l, l->values[i]);
	return 0;
}

int build_clear(struct line *l)
{
	build_words(l);
	add_word(l, "all");
	return 0;
}

/* A member of the group or pool.  A list that is longer than a line can be, which the
 * Python Themis took, goes on in a command of its own. */
static void add_member(struct line *l, const char *member, size_t *room)
{
	size_t before = strlen(l->form->command) + quoted(l->name);
	size_t size = quoted(member);

	if (*room < size) {
		begin(l, l->form->command);
		add_word(l, l->name);
		*room = before < WIRE_LINE_MAX ? WIRE_LINE_MAX - before : 0;
	}
	*room -= size < *room ? size : *room;
	add_word(l, member);
}

int build_members(struct line *l)
{
	size_t room = 0;
	const char *part;

	for (size_t i = 0; i < l->n; i++)
		for (const char *text = l->values[i]; (part = next_part(l, &text));)
			add_member(l, part, &room);
	return l->out->n > 0 ? 0 : form_missing(l, 1);
}

static void begin_each(struct line *l, const char *names)
{
	const char *part;

	while ((part = next_part(l, &names)) != NULL) {
		begin(l, l->form->command);
		add_word(l, part);
	}
}

int build_each(struct line *l)
{
	begin_each(l, l->name);
	for (size_t i = 0; i < l->n; i++)
		begin_each(l, l->values[i]);
	return l->out->n > 0 ? 0 : form_missing(l, 0);
}

int build_attributes(struct line *l)
{
	const char *name, *instead, *value;

	begin(l, l->form->command);
	add_word(l, l->name);
	for (size_t i = 0; i < l->n; i += 2) {
		name = l->values[i];
		instead = tmscli_instead(TMSCLI_ATTRIBUTE, name);
		if (instead != NULL)
			return form_gone(l, name, instead);
		/* NAME=VALUE of the new command would be taken for a part of it */
		if (*name == '\0' || strchr(name, '=') != NULL)
			return form_wrong(l, "\"%s\" is not the name of an attribute",
				form_shown(l, name));
		if (i + 1 == l->n)
			return form_wrong(l, "the attribute \"%s\" has no value",
				form_shown(l, name));
		value = tmscli_attribute_value(l->arena, name, l->values[i + 1]);
		add_word(l, arena_printf(l->arena, "%s=%s", name, value));
	}
	return 0;
}

/* The Python Themis matched as re.match() does: at the start, to no certain end. */
int build_rule(struct line *l)
{
	begin(l, l->form->command);
	add_word(l, l->name);
	add_word(l, l->values[0]);
	add_word(l, arena_printf(l->arena, "/^(?:%s)/", l->values[1]));
	for (size_t i = 2; i < l->n; i++)
		add_word(l, l->values[i]);
	return l->n % 2 == 0 ? 0
			     : form_wrong(l, "the new header \"%s\" has no value",
				       form_shown(l, l->values[l->n - 1]));
}

int build_setting(struct line *l)
{
	const char *feature = l->n > 0 ? l->values[0] : NULL;
	const char *instead =
		feature != NULL ? tmscli_instead(TMSCLI_FEATURE, feature) : NULL;

	if (instead != NULL)
		return form_gone(l, feature, instead);
	begin(l, l->form->command);
	if (feature != NULL)
		add_word(l, tmscli_setting(feature));
	if (l->n > 1)
		add_word(l, tmscli_feature_value(l->arena, feature, l->values[1]));
	if (strcmp(l->name, "global") != 0)
		add_word(l, arena_printf(l->arena, "pool=%s", l->name));
	return 0;
}

/* The name of an object, which was that of a key in Redis. */
static const char *object(const struct line *l)
{
	static const char prefix[] = "metadata:";
	size_t len = strlen(prefix);

	return l->name + (strncmp(l->name, prefix, len) == 0 ? len : 0);
}

int build_object(struct line *l)
{
	begin(l, l->form->command);
	add_word(l, object(l));
	return 0;
}

int build_flag(struct line *l)
{
	static const struct {
		const char *key, *flag;
	} flags[] = { { "manual_block", "block" }, { "bypass", "bypass" } };
	size_t i = 0;
	bool on;

	while (i < 2 && strcasecmp(flags[i].key, l->values[0]) != 0)
		i++;
	if (i == 2)
		return form_wrong(l, "no key \"%s\": there are manual_block and bypass",
			form_shown(l, l->values[0]));
	if (str_to_bool(l->values[1], &on) < 0)
		return form_wrong(l, "%s is TRUE or FALSE, not \"%s\"", flags[i].key,
			form_shown(l, l->values[1]));
	begin(l, "object");
	add_word(l, on ? flags[i].flag : "clear");
	add_word(l, object(l));
	if (!on)
		add_word(l, flags[i].flag);
	return 0;
}

int build_live(struct line *l)
{
	l->out->say = l->out->json ? "" : "changes are live already: nothing to do\n";
	return 0;
}
