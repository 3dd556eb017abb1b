/*
 * The caret under what is wrong.  Called by shell/run.c for who sits at a terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fault.h"

#include "base/str.h"
#include "ctl/spec.h"
#include "ctl/words.h"

#include <string.h>
#include <wchar.h>

#define GAP	    "..."
#define COLUMNS_MIN 20

/* What is looked at: the line, its words, and what the text quotes first. */
struct look {
	struct arena *arena;
	const char *line;
	struct words words;
	char **texts;		 /* of the words */
	const struct command *c; /* NULL: none */
	size_t nwords;		 /* that say which command it is */
	enum pair_set set;	 /* of its NAME=VALUE */
	const char *quoted;	 /* NULL: nothing */
};

static struct fault of_word(const struct word *w)
{
	return (struct fault){ w->start, w->end };
}

/* As the words of a refusal quote it. */
static bool is_quoted(const struct look *l, const char *text)
{
	size_t size = 4 * strlen(text) + 1;

	return strcmp(l->quoted, str_escape(arena_alloc(l->arena, size), size, text)) ==
	       0;
}

/* The text between the first two double quotes, as far as it goes. */
static const char *first_quoted(struct arena *arena, const char *text)
{
	const char *start = strchr(text, '"'), *end;

	if (start == NULL)
		return NULL;
	end = strchr(start + 1, '"');
	return end == NULL ? NULL
			   : arena_memdup(arena, start + 1, (size_t)(end - start - 1));
}

/* Where in the line the value of a word NAME=VALUE begins; 0: it has none. */
static size_t value_of(const struct look *l, const struct word *w)
{
	const char *eq = memchr(l->line + w->start, '=', w->end - w->start);

	return eq == NULL ? 0 : (size_t)(eq - l->line) + 1;
}

/* The part of a range that is quoted, if it stands there as it is. */
static bool find_part(const struct look *l, struct fault range, struct fault *f)
{
	const char *at;
	size_t n;

	if (l->quoted == NULL || (n = strlen(l->quoted)) == 0)
		return false;
	at = memmem(l->line + range.start, range.end - range.start, l->quoted, n);
	if (at == NULL)
		return false;
	f->start = (size_t)(at - l->line);
	f->end = f->start + n;
	return true;
}

/* "NAME: ...": the value that is given for it. */
static bool find_named(
	const struct look *l, const char *name, size_t len, struct fault *f)
{
	for (size_t i = l->nwords; i < l->words.n; i++) {
		const struct word *w = &l->words.list[i];
		size_t n = strcspn(w->text, "="), value = value_of(l, w);
		const struct pair *p = pair_find(l->set, w->text, n);
		struct fault range;

		if (value > 0 && p != NULL && str_is_named(name, len, p->name, "")) {
			range = (struct fault){ value, w->end };
		} else if (str_is_named(name, len, w->text, "") && i + 1 < l->words.n) {
			range = of_word(w + 1);
		} else {
			continue;
		}
		if (!find_part(l, range, f))
			*f = range;
		return true;
	}
	return false;
}

/* A word as a whole, or the name or the value of one NAME=VALUE. */
static bool is_meant(const struct look *l, const struct word *w, struct fault *f)
{
	size_t value = value_of(l, w), len;
	const char *text;

	*f = of_word(w);
	if (is_quoted(l, w->text))
		return true;
	if (value == 0 || !pair_split(w->text, &len, &text))
		return false;
	if (is_quoted(l, text)) {
		f->start = value;
		return true;
	}
	f->end = value - 1;
	return is_quoted(l, arena_memdup(l->arena, w->text, len));
}

static bool find_quoted(const struct look *l, struct fault *f)
{
	const struct word *w = l->words.list;
	size_t n = l->words.n;

	/* arguments before the command's own words */
	for (size_t i = 0; i < n; i++)
		if (is_meant(l, &w[(i + l->nwords) % n], f))
			return true;
	/* noun and verb, perhaps within another command */
	for (size_t i = 0; i + 1 < n; i++) {
		if (!is_quoted(
			    l, arena_printf(l->arena, "%s %s", w[i].text, w[i + 1].text)))
			continue;
		*f = of_word(&w[i + 1]);
		return true;
	}
	return n > l->nwords &&
	       find_part(l, (struct fault){ w[l->nwords].start, w[n - 1].end }, f);
}

static void name_command(struct look *l)
{
	l->texts = arena_alloc(l->arena, (l->words.n + 1) * sizeof(*l->texts));
	for (size_t i = 0; i < l->words.n; i++)
		l->texts[i] = l->words.list[i].text;
	l->c = command_find(l->texts, l->words.n, &l->nwords, NULL);
	if (l->c == NULL)
		l->nwords = 0;
	else
		l->set = command_pairs(l->c);
}

/* Is the option the one whose name is quoted, by that or by its old name? */
static bool is_named(const struct look *l, const struct option *o)
{
	const struct pair *p = pair_find(l->set, o->name, o->len);
	const char *old = o->argument->pairs != PAIRS_NONE && p != NULL ? p->old : "";

	return str_is_named(o->name, o->len, l->quoted, old);
}

/* The name of the second option of the name that is quoted. */
static bool find_second(const struct look *l, struct fault *f)
{
	size_t n = l->words.n, used, found = 0;
	struct option o;

	if (l->c == NULL || l->quoted == NULL)
		return false;
	for (size_t i = l->nwords +
			command_words(l->c, l->texts + l->nwords, n - l->nwords);
		i < n; i += used) {
		used = command_option(l->c, l->texts + i, n - i, &o);
		if (used == 0)
			return false;
		if (!is_named(l, &o) || ++found < 2)
			continue;
		*f = of_word(&l->words.list[i]);
		if (o.argument->pairs != PAIRS_NONE)
			f->end = value_of(l, &l->words.list[i]) - 1;
		return true;
	}
	return false;
}

bool fault_find(struct arena *arena, const char *line, const char *text, struct fault *f)
{
	struct look l = {
		.arena = arena, .line = line, .quoted = first_quoted(arena, text)
	};
	size_t name = strcspn(text, ": \"");

	words_scan(arena, line, &l.words);
	if (l.words.n == 0)
		return false;
	if (l.words.open != '\0') {
		*f = of_word(&l.words.list[l.words.n - 1]);
		return true;
	}
	name_command(&l);
	if (strncmp(text, "missing: ", 9) == 0) {
		f->start = f->end = l.words.list[l.words.n - 1].end + 1;
		return true;
	}
	if (strstr(text, "\" is given twice") != NULL && find_second(&l, f))
		return true;
	if (strncmp(text + name, ": ", 2) == 0 && find_named(&l, text, name, f))
		return true;
	return l.quoted != NULL && find_quoted(&l, f);
}

const char *fault_advice(struct arena *arena, const char *line, const char *text)
{
	const char *quoted = first_quoted(arena, text);
	struct words words;
	char **others;
	size_t n = 0;

	if (quoted == NULL || (strcmp(quoted, "-j") != 0 && strcmp(quoted, "-w") != 0))
		return NULL;
	words_scan(arena, line, &words);
	others = arena_alloc(arena, (words.n + 1) * sizeof(*others));
	for (size_t i = 0; i < words.n; i++)
		if (strcmp(words.list[i].text, quoted) != 0)
			others[n++] = words.list[i].text;
	if (n == words.n)
		return NULL;
	return arena_printf(arena, "%s stands before the command: %s %s", quoted, quoted,
		words_join(arena, others, n));
}

/* The columns of the character at p, and its octets. */
static size_t width_at(const char *p, size_t *octets)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, p, strlen(p), &state);
	int width;

	if (n == 0 || n > strlen(p)) {
		*octets = 1;
		return 1;
	}
	*octets = n;
	width = wcwidth(c);
	return width >= 0 ? (size_t)width : 1;
}

/* The columns of what stands from one octet to before another. */
static size_t width_of(const char *line, size_t from, size_t to)
{
	size_t width = 0, n;

	for (; from < to && line[from] != '\0'; from += n)
		width += width_at(line + from, &n);
	return width;
}

/* The octets from there on that fit into so many columns. */
static size_t fit(const char *line, size_t from, size_t columns)
{
	size_t width = 0, at = from, n;

	while (line[at] != '\0' && (width += width_at(line + at, &n)) <= columns)
		at += n;
	return at - from;
}

/* Where the part of a long line begins: a third of the columns before the fault. */
static size_t window_start(const char *line, size_t fault, size_t columns)
{
	size_t start = 0, n;

	while (width_of(line, start, fault) > columns / 3) {
		width_at(line + start, &n);
		start += n;
	}
	return start;
}

static char *repeat(struct arena *arena, char c, size_t n)
{
	char *text = arena_alloc(arena, n + 1);

	memset(text, c, n);
	return text;
}

char *fault_picture(
	struct arena *arena, const char *line, const struct fault *f, size_t columns)
{
	size_t len = strlen(line), from = 0, shown = len, room;
	size_t before, width;
	char *part;

	columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
	room = columns - 2 * strlen(GAP);
	/* and one for the caret behind the end */
	if (width_of(line, 0, len) + 1 > columns) {
		from = window_start(line, f->start, room);
		shown = fit(line, from, room);
	}
	part = arena_memdup(arena, line + from, shown);
	for (char *p = part; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	before = width_of(line, from, f->start) + (from > 0 ? strlen(GAP) : 0);
	before += f->start > len ? f->start - len : 0;
	width = width_of(line, f->start, f->end < from + shown ? f->end : from + shown);
	return arena_printf(arena, "%s%s%s\n%s^%s\n", from > 0 ? GAP : "", part,
		from + shown < len ? GAP : "", repeat(arena, ' ', before),
		repeat(arena, '~', width > 0 ? width - 1 : 0));
}
