/*
 * Lists of main.cf.  Used by whatever of doctor reads or mends one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_list.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define BETWEEN ", \t\r\n"

/* The end of the item that begins there. */
static size_t item_end(const char *text)
{
	int depth = 0;
	size_t n;

	for (n = 0; text[n] != '\0'; n++) {
		if (depth == 0 && strchr(BETWEEN, text[n]) != NULL)
			break;
		depth += text[n] == '{';
		depth -= text[n] == '}' && depth > 0;
	}
	return n;
}

size_t list_read(struct arena *arena, const char *text, struct listed **items)
{
	size_t n = 0, cap = 0, at = strspn(text, BETWEEN);

	*items = NULL;
	while (text[at] != '\0') {
		size_t len = item_end(text + at);

		*items = arena_grow(arena, *items, n, &cap, sizeof(**items));
		(*items)[n++] = (struct listed){ arena_memdup(arena, text + at, len), at,
			at + len };
		at += len;
		at += strspn(text + at, BETWEEN);
	}
	return n;
}

bool list_has(const char *text, const char *word)
{
	size_t len;

	for (text += strspn(text, BETWEEN); *text != '\0';
		text += len, text += strspn(text, BETWEEN)) {
		len = item_end(text);
		if (len == strlen(word) && strncmp(text, word, len) == 0)
			return true;
	}
	return false;
}

char *list_replace(
	struct arena *arena, const char *text, size_t start, size_t end, const char *with)
{
	if (with != NULL)
		return arena_printf(
			arena, "%.*s%s%s", (int)start, text, with, text + end);
	end += strspn(text + end, BETWEEN);
	/* behind the last there is nothing that would need it */
	while (text[end] == '\0' && start > 0 && strchr(BETWEEN, text[start - 1]) != NULL)
		start--;
	return arena_printf(arena, "%.*s%s", (int)start, text, text + end);
}

char *list_prepend(struct arena *arena, const char *text, const char *item)
{
	text += strspn(text, BETWEEN);
	return arena_printf(arena, "%s%s%s", item, *text != '\0' ? ", " : "", text);
}

char *list_append(struct arena *arena, const char *text, const char *item)
{
	return arena_printf(arena, "%s%s%s", text, *text != '\0' ? ", " : "", item);
}

/* Is the text in braces within braces anywhere?  There blanks can be those of a value. */
static bool is_deep(const char *text)
{
	int depth = 0;

	for (; *text != '\0'; text++) {
		depth += *text == '{';
		depth -= *text == '}' && depth > 0;
		if (depth > 1)
			return true;
	}
	return false;
}

char *list_squeeze(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, strlen(text) + 1), *to = out;

	if (is_deep(text))
		return arena_strdup(arena, text);
	while (*text != '\0') {
		size_t n = strspn(text, BETWEEN);

		/* at the ends of a list nothing is needed */
		if (n > 0 && to > out && to[-1] != '{' && text[n] != '}' &&
			text[n] != '\0')
			*to++ = ',';
		text += n;
		if (*text != '\0')
			*to++ = *text++;
	}
	return out;
}

/* What stands within the braces of an item, or the item itself. */
static const char *inner(struct arena *arena, const char *item)
{
	size_t n = strlen(item);

	if (n < 2 || item[0] != '{' || item[n - 1] != '}')
		return item;
	item++;
	n -= 2;
	while (n > 0 && isspace((unsigned char)item[n - 1]))
		n--;
	while (n > 0 && isspace((unsigned char)*item)) {
		item++;
		n--;
	}
	return arena_memdup(arena, item, n);
}

const char *item_name(struct arena *arena, const char *item)
{
	struct listed *parts;

	return list_read(arena, inner(arena, item), &parts) > 0 ? parts[0].text : "";
}

/* "name=value", or "{ name = value }": what stands behind the sign, NULL if it is another
 * setting. */
static const char *value_of(struct arena *arena, const char *part, const char *name)
{
	size_t n = strlen(name);

	part = inner(arena, part);
	if (strncmp(part, name, n) != 0)
		return NULL;
	part += n + strspn(part + n, " \t");
	if (*part != '=')
		return NULL;
	part++;
	return part + strspn(part, " \t");
}

const char *item_setting(struct arena *arena, const char *item, const char *name)
{
	struct listed *parts;
	size_t n = list_read(arena, inner(arena, item), &parts);
	const char *value = NULL;

	for (size_t i = 1; i < n; i++) {
		const char *found = value_of(arena, parts[i].text, name);

		value = found != NULL ? found : value;
	}
	return value;
}

char *item_set(struct arena *arena, const char *item, const char *name, const char *value)
{
	const char *text = inner(arena, item);
	char *setting = arena_printf(arena, "%s=%s", name, value);
	struct listed *parts;
	size_t n = list_read(arena, text, &parts);

	for (size_t i = n; i > 1; i--)
		if (value_of(arena, parts[i - 1].text, name) != NULL)
			return arena_printf(arena, "{ %s }",
				list_replace(arena, text, parts[i - 1].start,
					parts[i - 1].end, setting));
	return arena_printf(arena, "{ %s, %s }", text, setting);
}

char *item_rename(struct arena *arena, const char *item, const char *name)
{
	const char *text = inner(arena, item);
	struct listed *parts;

	if (list_read(arena, text, &parts) == 0 || text == item)
		return arena_strdup(arena, name);
	return arena_printf(arena, "{ %s }",
		list_replace(arena, text, parts[0].start, parts[0].end, name));
}

int64_t time_read(const char *text)
{
	static const struct {
		const char *unit;
		int seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
		{ "w", 604800 } };
	size_t n = strspn(text, "0123456789");
	int64_t number = 0;

	if (n == 0 || n > 9)
		return -1;
	for (size_t i = 0; i < n; i++)
		number = 10 * number + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + n, units[i].unit) == 0)
			return number * units[i].seconds;
	return -1;
}
