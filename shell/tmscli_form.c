/*
 * The vocabulary and the forms of the old command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli_form.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct option options[] = {
	{ "-a", IS_VERB, ADD },
	{ "-m", IS_VERB, MODIFY },
	{ "-d", IS_VERB, DELETE },
	{ "-g", IS_VERB, GET },
	{ "--policy", IS_NOUN, POLICY },
	{ "--group", IS_NOUN, GROUP },
	{ "--pool", IS_NOUN, POOL },
	{ "--actionheaders", IS_NOUN, HEADERS },
	{ "--features", IS_NOUN, FEATURES },
	{ "--metadata", IS_NOUN, METADATA },
	{ "--search", IS_NOUN, SEARCH },
	{ "--del-lookup", IS_NOUN, LOOKUP },
	{ "--resync", IS_NOUN, RESYNC },
	{ "--remove", IS_FLAG, REMOVE },
	{ "--clear", IS_FLAG, CLEAR },
	{ "--json", IS_JSON, 0 },
	{ "-j", IS_JSON, 0 },
	{ "--help", IS_HELP, 0 },
	{ "-h", IS_HELP, 0 },
};

#define OPTIONS_END (options + sizeof(options) / sizeof(options[0]))

static const struct form forms[] = {
#define MANY	  SIZE_MAX
#define FORM(...) { __VA_ARGS__ },
#include "tmscli.def"
};

#define FORMS_END (forms + sizeof(forms) / sizeof(forms[0]))

const struct option *option_find(const char *text, size_t len)
{
	for (const struct option *o = options; o < OPTIONS_END; o++)
		if (str_is_named(text, len, o->text, ""))
			return o;
	return NULL;
}

const struct option *option_noun(const char *text)
{
	for (const struct option *o = options; o < OPTIONS_END; o++)
		if (o->role == IS_NOUN && strcmp(o->text + strlen("--"), text) == 0)
			return o;
	return NULL;
}

static const char *option_text(enum role role, unsigned value)
{
	const struct option *o = options;

	while (o->role != role || o->value != value)
		o++;
	return o->text;
}

/* "-a|-m --pool POOL HOST ..." */
static void append_form(const struct form *f, char *buf, size_t size)
{
	const char *bar = "";

	for (unsigned verb = ADD; verb <= GET; verb <<= 1) {
		if ((f->verbs & verb) == 0)
			continue;
		str_append(buf, size, "%s%s", bar, option_text(IS_VERB, verb));
		bar = "|";
	}
	str_append(buf, size, " %s%s%s", option_text(IS_NOUN, f->noun),
		*f->usage != '\0' ? " " : "", f->usage);
}

void form_list(enum role role, char *buf, size_t size)
{
	for (const struct option *o = options; o < OPTIONS_END; o++)
		if (o->role == role)
			str_append(buf, size, "%s%s", *buf != '\0' ? ", " : "", o->text);
}

char *form_usage(struct arena *arena, const struct option *noun)
{
	char *text = arena_strdup(arena,
		"usage: tmscli [-s SOCKET] [--json] FORM, or tmscli --help [NOUN]\n"
		"Each form, and the command of tmsh that it becomes:\n");
	char form[100];

	for (const struct form *f = forms; f < FORMS_END; f++) {
		if (noun != NULL && f->noun != noun->value)
			continue;
		*form = '\0';
		append_form(f, form, sizeof(form));
		text = arena_printf(arena, "%s  %-57s %s\n", text, form, f->command);
	}
	return text;
}

/* Of one verb, or all (0). */
static void append_forms(const struct line *l, unsigned verb, char *buf, size_t size)
{
	const char *before = "usage: ";

	for (const struct form *f = forms; f < FORMS_END; f++) {
		if (f->noun != l->noun->value || (verb != 0 && (f->verbs & verb) == 0))
			continue;
		str_append(buf, size, "%stmscli ", before);
		append_form(f, buf, size);
		before = "; ";
	}
}

int form_wrong(struct line *l, const char *fmt, ...)
{
	char text[200], usage[400] = "";
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (l->noun != NULL && l->verb != NULL && l->verb_again == NULL)
		append_forms(l, l->verb->value, usage, sizeof(usage));
	if (l->noun != NULL && *usage == '\0')
		append_forms(l, 0, usage, sizeof(usage));
	return err_set(l->err, "%s (%s)", text,
		*usage != '\0' ? usage : "tmscli --help lists the forms");
}

static bool is_candidate(const struct line *l, const struct form *f)
{
	return f->noun == l->noun->value && (f->verbs & l->verb->value) != 0;
}

const char *form_shown(struct line *l, const char *word)
{
	return str_escape(arena_alloc(l->arena, 100), 100, word);
}

int form_gone(struct line *l, const char *name, const char *instead)
{
	return err_set(
		l->err, "there is no %s any more: %s", form_shown(l, name), instead);
}

int form_missing(struct line *l, size_t i)
{
	const char *word = l->form->usage;

	for (; i > 0; i--) {
		word += strcspn(word, " ");
		word += strspn(word, " ");
	}
	return form_wrong(l, "missing: %.*s", (int)strcspn(word, " "), word);
}

/* Why no form has these options. */
static int no_form(struct line *l)
{
	unsigned flags = l->flags;
	bool any = false;

	for (const struct form *f = forms; f < FORMS_END; f++) {
		if (!is_candidate(l, f))
			continue;
		any = true;
		flags &= ~f->flag;
	}
	if (!any)
		return form_wrong(
			l, "%s does not go with %s", l->verb->text, l->noun->text);
	return form_wrong(l, "%s does not go with %s %s",
		option_text(IS_FLAG, (flags & REMOVE) != 0 ? REMOVE : CLEAR),
		l->verb->text, l->noun->text);
}

int form_find(struct line *l)
{
	for (const struct form *f = forms; f < FORMS_END; f++) {
		bool named = f->name != NULL;

		if (!is_candidate(l, f) || f->flag != l->flags ||
			(named && (l->name == NULL || strcmp(f->name, l->name) != 0)))
			continue;
		if (l->form == NULL || (f->least <= l->n && l->n <= f->most))
			l->form = f;
		if (named)
			break;
	}
	if (l->form == NULL)
		return no_form(l);
	if (*l->form->usage == '\0' && l->name != NULL)
		return form_wrong(l, "one word too many: \"%s\"", form_shown(l, l->name));
	if (*l->form->usage != '\0' && l->name == NULL)
		return form_missing(l, 0);
	if (l->n < l->form->least)
		return form_missing(l, l->n + 1);
	if (l->n > l->form->most)
		return form_wrong(l, "one word too many: \"%s\"",
			form_shown(l, l->values[l->form->most]));
	return 0;
}
