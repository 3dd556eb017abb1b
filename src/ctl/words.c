/*
 * Splitting and joining of words.  The daemon splits what clients send, the
 * shell joins what its own arguments were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/words.h"

#include <string.h>

/* Reads one word into *out; what stands behind it.  *open: what the line ends within, a
 * quote or a backslash. */
static const char *read_word(const char *p, char **out, char *open)
{
	char quote = '\0', *o = *out;

	for (; *p != '\0'; p++) {
		if (quote == '\0' && (*p == ' ' || *p == '\t'))
			break;
		if (quote == '\0' && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (*p == quote && quote != '\0') {
			quote = '\0';
		} else if (*p == '\\' && quote != '\'') {
			if (quote == '"' && p[1] != '"' && p[1] != '\\') {
				*o++ = *p;
			} else if (*++p == '\0') {
				quote = '\\';
				break;
			} else {
				*o++ = *p;
			}
		} else {
			*o++ = *p;
		}
	}
	*o = '\0';
	*out = o + 1;
	*open = quote;
	return p;
}

void words_scan(struct arena *arena, const char *line, struct words *out)
{
	/* a word and its NUL are never longer than the word and what ends it */
	char *text = arena_alloc(arena, strlen(line) + 2);
	const char *p = line;
	size_t cap = 0;

	*out = (struct words){ 0 };
	for (;;) {
		struct word *w;

		p += strspn(p, " \t");
		if (*p == '\0' || *p == '#')
			break;
		out->list =
			arena_grow(arena, out->list, out->n, &cap, sizeof(*out->list));
		w = &out->list[out->n++];
		w->text = text;
		w->start = (size_t)(p - line);
		p = read_word(p, &text, &out->open);
		w->end = (size_t)(p - line);
	}
	out->end = (size_t)(p - line);
}

int words_split(struct arena *arena, const char *line, char ***words, struct err *err)
{
	struct words found;

	words_scan(arena, line, &found);
	if (found.open == '\\')
		return err_set(err, "nothing stands behind the backslash");
	if (found.open != '\0')
		return err_set(err, "a quote is not closed");
	*words = arena_alloc(arena, (found.n + 1) * sizeof(**words));
	for (size_t i = 0; i < found.n; i++)
		(*words)[i] = found.list[i].text;
	return (int)found.n;
}

static int is_plain(const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789@%+=:,./_-!<>*[]{}~^?";

	return *word != '\0' && word[strspn(word, plain)] == '\0';
}

/* How one is written: the quote, and what each of its octets that cannot stand in it as
 * it is becomes. */
struct quoting {
	char quote;
	const char *special, *escape; /* the escape stands before the octet */
	size_t length;
};

static size_t count_any(const char *word, const char *octets)
{
	size_t n = 0;

	for (word += strcspn(word, octets); *word != '\0';
		word += 1 + strcspn(word + 1, octets))
		n++;
	return n;
}

/* The shorter one; "..." never where a shell would expand what stands in it, as bash does
 * with ! at its prompt. */
static struct quoting quoting_of(const char *word)
{
	struct quoting single = { '\'', "'", "'\\'", strlen(word) + 2 },
		       doubled = { '"', "\"\\", "\\", strlen(word) + 2 };

	single.length += count_any(word, single.special) * strlen(single.escape);
	doubled.length += count_any(word, doubled.special) * strlen(doubled.escape);
	return doubled.length < single.length && strpbrk(word, "$`!") == NULL ? doubled
									      : single;
}

size_t word_length(const char *word)
{
	return is_plain(word) ? strlen(word) : quoting_of(word).length;
}

static char *write_word(char *o, const char *word)
{
	struct quoting q = quoting_of(word);
	size_t n = strlen(q.escape);

	*o++ = q.quote;
	for (const char *p = word; *p != '\0'; p++) {
		if (strchr(q.special, *p) != NULL) {
			memcpy(o, q.escape, n);
			o += n;
		}
		*o++ = *p;
	}
	*o++ = q.quote;
	return o;
}

char *words_join(struct arena *arena, char *const *words, size_t n)
{
	size_t size = 1;
	char *line, *o;

	for (size_t i = 0; i < n; i++)
		size += word_length(words[i]) + 1;
	line = o = arena_alloc(arena, size);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*o++ = ' ';
		o = is_plain(words[i]) ? stpcpy(o, words[i]) : write_word(o, words[i]);
	}
	*o = '\0';
	return line;
}
