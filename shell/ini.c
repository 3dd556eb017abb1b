/*
 * Reading files of sections and options, line by line.  Called by importers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ini.h"

#include "base/str.h"
#include "once.h"

#include <string.h>

#define BLANK " \t\r\f\v"

struct parser {
	struct arena *arena;
	struct ini *ini;
	const char *section;   /* NULL: before the first */
	struct ini_item *open; /* the option that an indented line goes on with */
	size_t indent;	       /* of what that line must be indented more than */
	struct once names;     /* of sections, and of "section\noption" */
};

/* Without the blanks at both ends; in the arena. */
static char *stripped(struct arena *arena, const char *text, size_t len)
{
	size_t lead = strspn(text, BLANK);

	if (lead >= len)
		return arena_strdup(arena, "");
	while (strchr(BLANK, text[len - 1]) != NULL)
		len--;
	return arena_memdup(arena, text + lead, len - lead);
}

/* The items move as they grow; only the last is ever changed. */
static void add(struct parser *p, const char *name, char *value, int line)
{
	struct ini *ini = p->ini;

	ini->items =
		arena_grow(p->arena, ini->items, ini->n, &ini->cap, sizeof(*ini->items));
	ini->items[ini->n++] = (struct ini_item){ p->section, name, value, line };
	p->open = name != NULL ? &ini->items[ini->n - 1] : NULL;
}

/* Where "[name" ends; NULL: it is no head of a section. */
static const char *section_end(const char *text)
{
	const char *end = strrchr(text, ']');

	return *text == '[' && end > text + 1 ? end : NULL;
}

static int begin_section(struct parser *p, const char *text, int line, struct err *err)
{
	p->section =
		arena_memdup(p->arena, text + 1, (size_t)(section_end(text) - text) - 1);
	if (strcmp(p->section, "DEFAULT") == 0)
		return err_set(err, "[DEFAULT] is not understood (write what it says "
				    "where it is meant)");
	if (!once_take(&p->names, p->section))
		return err_set(
			err, "a second section [%.80s] (make one of them)", p->section);
	add(p, NULL, NULL, line);
	return 0;
}

static int begin_option(struct parser *p, const char *text, int line, struct err *err)
{
	size_t len = strcspn(text, "=:");
	char *name = stripped(p->arena, text, len);

	if (p->section == NULL)
		return err_set(err, "before the first [section]: \"%.80s\"", text);
	if (text[len] == '\0' || *name == '\0')
		return err_set(err, "an option is NAME = VALUE: \"%.80s\"", text);
	str_fold(name);
	if (!once_take(&p->names, arena_printf(p->arena, "%s\n%s", p->section, name)))
		return err_set(err,
			"a second \"%.80s\" in [%.80s] (upper and lower case are the "
			"same)",
			name, p->section);
	text += len + 1;
	add(p, name, stripped(p->arena, text, strlen(text)), line);
	return 0;
}

static int go_on(struct parser *p, const char *text, struct err *err)
{
	struct ini_item *item = p->open;

	if (strlen(item->value) + 1 + strlen(text) > WIRE_LINE_MAX)
		return err_set(err, "a value has at most %d octets", WIRE_LINE_MAX);
	item->value = arena_printf(
		p->arena, "%s%s%s", item->value, *item->value != '\0' ? " " : "", text);
	return 0;
}

static int parse_line(struct parser *p, const char *line, int number, struct err *err)
{
	size_t indent = strspn(line, BLANK);
	char *text = stripped(p->arena, line, strlen(line));

	if (*text == '\0' || *text == '#' || *text == ';')
		return 0;
	if (p->open != NULL && indent > p->indent)
		return go_on(p, text, err);
	p->indent = indent;
	return section_end(text) != NULL ? begin_section(p, text, number, err)
					 : begin_option(p, text, number, err);
}

/* A percent sign is two of them; others stand before the name of an option. */
static int expand(struct arena *arena, struct ini_item *item, struct err *err)
{
	char *value = arena_strdup(arena, item->value);
	size_t used = 0;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '%' && *++p != '%')
			return err_set(err,
				"%s: a %% stands alone (%%%% is one; %%(name)s is not "
				"understood, write out what it stands for)",
				item->name);
		value[used++] = *p;
	}
	value[used] = '\0';
	item->value = value;
	return 0;
}

static enum reader_result expand_all(
	struct arena *arena, struct reader *r, struct ini *ini, struct err *err)
{
	for (size_t i = 0; i < ini->n; i++) {
		struct ini_item *item = &ini->items[i];

		if (item->name == NULL || expand(arena, item, err) == 0)
			continue;
		snprintf(r->where, sizeof(r->where), "%s:%d", r->name, item->line);
		return READER_BAD;
	}
	return READER_END;
}

enum reader_result ini_read(
	struct arena *arena, struct reader *r, struct ini *ini, struct err *err)
{
	struct parser p = { .arena = arena, .ini = ini };
	enum reader_result result;

	*ini = (struct ini){ 0 };
	while ((result = reader_next(r, err)) == READER_LINE)
		if (parse_line(&p, r->line, r->number, err) < 0) {
			result = READER_BAD;
			break;
		}
	once_end(&p.names);
	return result == READER_END ? expand_all(arena, r, ini, err) : result;
}
