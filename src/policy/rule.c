/*
 * Header rules.  Made where policies are loaded and checked, matched by the engine on
 * whatever thread has the message: match data is made for each match, the rule itself
 * is only read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/rule.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Calls of the matcher from one place, how deep they may stand in each other, and the
 * heap that these take, in KiB, which with most patterns is the first to be used up. */
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT  1024

#define SHOWN_MAX 250 /* octets of what is wrong, in a refusal */

#define GROUP_NAME_MAX 128 /* PCRE2's own limit; before 10.44 it was 32 */

_Static_assert(RULE_NAME_MAX + sizeof(": ") - 1 + RULE_EXPANDED_MAX <= 998,
	"a header that is added fits a line");

struct rule {
	struct arena *arena; /* has the texts, and the rule itself */
	const char *header, *regex;
	pcre2_code *code;
	pcre2_match_context *limits; /* never changed after rule_new() */
	struct rule_addition additions[RULE_ADDITIONS_MAX];
	size_t n;
};

/* A reference in a value to add.  One octet more of a name than a group's can have, so
 * that one that is too long is none. */
struct reference {
	size_t length;		       /* octets, the dollar and braces too */
	char name[GROUP_NAME_MAX + 2]; /* "": by number */
	uint32_t number;
};

/* What a message has once, by RFC 5322 3.6, or for its MIME parser, by RFC 2045; the
 * return path is the MTA's that delivers. */
static const char *const once[] = { "Bcc", "Cc", "Content-Transfer-Encoding",
	"Content-Type", "Date", "From", "In-Reply-To", "Message-ID", "MIME-Version",
	"References", "Reply-To", "Return-Path", "Sender", "Subject", "To" };

static int check_name(const char *name, struct err *err)
{
	char shown[SHOWN_MAX];

	for (const char *p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == ':')
			return err_set(err,
				"not a header's name: %s (printable ASCII without blanks "
				"and colons)",
				str_escape(shown, sizeof(shown), name));
	if (*name == '\0' || strlen(name) > RULE_NAME_MAX)
		return err_set(err, "a header's name has 1 to %d octets, not %zu",
			RULE_NAME_MAX, strlen(name));
	return 0;
}

/* What every text of a rule is; what says which. */
static int check_text(const char *what, const char *text, struct err *err)
{
	if (!str_is_utf8(text, strlen(text)))
		return err_set(err, "the %s is not UTF-8", what);
	if (str_has_control(text))
		return err_set(err, "a line break or control character in the %s", what);
	return 0;
}

/* Takes "/re/" or "/re/i" apart: where re begins is text + 1. */
static int split_regex(const char *text, size_t *len, uint32_t *options, struct err *err)
{
	const char *end = strrchr(text, '/');
	char shown[SHOWN_MAX];

	if (check_text("pattern", text, err) < 0)
		return -1;
	if (strlen(text) > RULE_REGEX_MAX)
		return err_set(err, "the pattern has %zu octets (at most %d)",
			strlen(text), RULE_REGEX_MAX);
	if (text[0] != '/' || end == text)
		return err_set(err, "not a pattern: %s (write /re/ or /re/i)",
			str_printable(shown, sizeof(shown), text));
	if (end[1] != '\0' && strcmp(end, "/i") != 0)
		return err_set(err,
			"only an i may stand behind the pattern's last slash, not %s",
			str_printable(shown, sizeof(shown), end + 1));
	if (strncmp(text, "/(*", 3) == 0)
		return err_set(err,
			"a pattern must not begin with (*, which changes how the rule "
			"matches: %s",
			str_printable(shown, sizeof(shown), text));
	*len = (size_t)(end - text) - 1;
	*options = end[1] == 'i' ? PCRE2_CASELESS : 0;
	return 0;
}

static pcre2_code *compile(const char *regex, struct err *err)
{
	const uint32_t always = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
				PCRE2_NEVER_BACKSLASH_C | PCRE2_DOTALL |
				PCRE2_DOLLAR_ENDONLY;
	char words[256], shown[SHOWN_MAX];
	pcre2_code *code;
	uint32_t options;
	size_t len, at;
	int number;

	if (split_regex(regex, &len, &options, err) < 0)
		return NULL;
	code = pcre2_compile(
		(PCRE2_SPTR)regex + 1, len, always | options, &number, &at, NULL);
	if (code == NULL && number == PCRE2_ERROR_HEAP_FAILED)
		mem_exhausted();
	if (code == NULL) {
		pcre2_get_error_message(number, (PCRE2_UCHAR *)words, sizeof(words));
		err_set(err, "%s, at octet %zu of the pattern %s", words, at,
			str_printable(shown, sizeof(shown), regex));
	}
	return code;
}

/* Machine code where there may be some.  Where not (another processor, a service
 * manager that denies executable memory) the interpreter finds the same. */
static void speed_up(pcre2_code *code)
{
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
}

struct rule *rule_new(const char *header, const char *regex, struct err *err)
{
	struct arena *arena;
	pcre2_code *code;
	struct rule *r;

	if (check_name(header, err) < 0)
		return NULL;
	code = compile(regex, err);
	if (code == NULL)
		return NULL;
	speed_up(code);
	arena = arena_new();
	r = arena_alloc(arena, sizeof(*r));
	r->arena = arena;
	r->header = arena_strdup(arena, header);
	r->regex = arena_strdup(arena, regex);
	r->code = code;
	r->limits = pcre2_match_context_create(NULL);
	if (r->limits == NULL)
		mem_exhausted();
	pcre2_set_match_limit(r->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(r->limits, HEAP_LIMIT);
	return r;
}

void rule_free(struct rule *r)
{
	if (r == NULL)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_code_free(r->code);
	arena_free(r->arena);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

/* The reference that begins with the dollar at text; -1 if none does.  (Why not leave
 * it to pcre2_substitute(): it would not say beforehand what it refuses, nor cut.) */
static int reference_at(const char *text, struct reference *ref)
{
	const bool braced = text[1] == '{';
	const char *word = text + 1 + braced, *end = word;
	const bool numeric = *word >= '0' && *word <= '9';

	*ref = (struct reference){ 0 };
	while (is_word(*end) && (!numeric || (*end >= '0' && *end <= '9'))) {
		/* from there on no pattern has so many groups */
		if (numeric && ref->number <= UINT16_MAX)
			ref->number = ref->number * 10 + (uint32_t)(*end - '0');
		end++;
	}
	if (end == word || (braced && *end != '}'))
		return -1;
	if (!numeric)
		snprintf(ref->name, sizeof(ref->name), "%.*s", (int)(end - word), word);
	ref->length = (size_t)(end - text) + braced;
	return 0;
}

/* The names of the pattern's groups, for a refusal: "groups named a, b". */
static void list_names(const pcre2_code *code, char *buf, size_t size)
{
	uint32_t n = 0, entry = 0;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
	snprintf(buf, size, "%s", n == 0 ? "no named group" : "groups named ");
	/* an entry is the group's number in two octets, then the name */
	for (uint32_t i = 0; i < n; i++)
		str_append(buf, size, "%s%s", i > 0 ? ", " : "",
			(const char *)table + i * entry + 2);
}

static int check_reference(const pcre2_code *code, const char *text,
	const struct reference *ref, struct err *err)
{
	/* shown is less, by a character that the end of names may cut in two */
	char names[SHOWN_MAX + 8], shown[SHOWN_MAX];
	uint32_t groups;

	if (ref->name[0] != '\0') {
		if (pcre2_substring_number_from_name(code, (PCRE2_SPTR)ref->name) !=
			PCRE2_ERROR_NOSUBSTRING)
			return 0;
		list_names(code, names, sizeof(names));
		return err_set(err, "the value refers to %.*s, and the pattern has %s",
			(int)ref->length, text,
			str_printable(shown, sizeof(shown), names));
	}
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (ref->number <= groups)
		return 0;
	return err_set(err, "the value refers to %.*s, and the pattern has %u group%s",
		(int)ref->length, text, groups, groups == 1 ? "" : "s");
}

static int check_references(const pcre2_code *code, const char *value, struct err *err)
{
	char shown[SHOWN_MAX];
	struct reference ref;

	for (const char *p = value; (p = strchr(p, '$')) != NULL; p += ref.length) {
		if (p[1] == '$')
			ref.length = 2;
		else if (reference_at(p, &ref) < 0)
			return err_set(err,
				"a lone $ in the value: %s (write $$ for a dollar)",
				str_printable(shown, sizeof(shown), p));
		else if (check_reference(code, p, &ref, err) < 0)
			return -1;
	}
	return 0;
}

static int check_value(const pcre2_code *code, const char *value, struct err *err)
{
	if (check_text("value", value, err) < 0)
		return -1;
	if (value[strspn(value, " ")] == '\0')
		return err_set(err, "the value is empty");
	if (strlen(value) > RULE_VALUE_MAX)
		return err_set(err, "the value has %zu octets (at most %d)",
			strlen(value), RULE_VALUE_MAX);
	return check_references(code, value, err);
}

int rule_add(struct rule *r, const char *name, const char *value, struct err *err)
{
	if (check_name(name, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		if (strcasecmp(name, once[i]) == 0)
			return err_set(err,
				"a message has only one %s, which no rule may add",
				once[i]);
	if (check_value(r->code, value, err) < 0)
		return -1;
	if (r->n == RULE_ADDITIONS_MAX)
		return err_set(err, "a rule adds at most %d headers", RULE_ADDITIONS_MAX);
	r->additions[r->n++] = (struct rule_addition){ arena_strdup(r->arena, name),
		arena_strdup(r->arena, value) };
	return 0;
}

const char *rule_header(const struct rule *r)
{
	return r->header;
}

const char *rule_regex(const struct rule *r)
{
	return r->regex;
}

const struct rule_addition *rule_additions(const struct rule *r, size_t *n)
{
	*n = r->n;
	return r->additions;
}

bool rule_is_for(const struct rule *r, const char *name)
{
	return strcasecmp(r->header, name) == 0;
}

/* What of the value the reference names; "" for a group that took no part. */
static void copy_group(pcre2_match_data *found, const struct reference *ref,
	char group[RULE_SUBJECT_MAX + 1])
{
	size_t size = RULE_SUBJECT_MAX + 1;
	int rc;

	if (ref->name[0] != '\0')
		rc = pcre2_substring_copy_byname(
			found, (PCRE2_SPTR)ref->name, (PCRE2_UCHAR *)group, &size);
	else
		rc = pcre2_substring_copy_bynumber(
			found, ref->number, (PCRE2_UCHAR *)group, &size);
	if (rc < 0)
		group[0] = '\0';
}

/* A TAB is how many programs fold. */
static char *tabs_to_blanks(char *s)
{
	for (char *p = s; (p = strchr(p, '\t')) != NULL; p++)
		*p = ' ';
	return s;
}

/* raw has room for more than is kept, by a character that its end may cut in two. */
static const char *expand(struct arena *arena, const char *value, pcre2_match_data *found)
{
	char raw[RULE_EXPANDED_MAX + 8] = "", group[RULE_SUBJECT_MAX + 1];
	char out[RULE_EXPANDED_MAX + 1];
	struct reference ref;

	while (*value != '\0') {
		size_t plain = strcspn(value, "$");

		str_append(raw, sizeof(raw), "%.*s", (int)plain, value);
		value += plain;
		if (*value == '\0')
			break;
		if (reference_at(value, &ref) == 0) {
			copy_group(found, &ref, group);
			str_append(raw, sizeof(raw), "%s", group);
			value += ref.length;
		} else {
			str_append(raw, sizeof(raw), "$");
			value += 2;
		}
	}
	str_printable(out, sizeof(out), tabs_to_blanks(raw));
	return arena_strdup(arena, out);
}

static int64_t thread_time(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Where a value is cut is not its end. */
static int run(const struct rule *r, const char *value, size_t len,
	struct rule_budget *budget, pcre2_match_data *found)
{
	const bool cut = len > RULE_SUBJECT_MAX;
	int64_t began = thread_time();
	int rc = pcre2_match(r->code, (PCRE2_SPTR)value, cut ? RULE_SUBJECT_MAX : len, 0,
		cut ? PCRE2_NOTEOL : 0, found, r->limits);

	budget->time += thread_time() - began;
	return rc;
}

static bool is_spent(const struct rule_budget *budget)
{
	return budget->tries >= RULE_TRIES_MAX || budget->limits >= RULE_LIMITS_MAX ||
	       budget->time >= RULE_TIME_MAX;
}

enum rule_result rule_match(const struct rule *r, const char *value, size_t len,
	struct rule_budget *budget, struct arena *arena,
	const struct rule_addition **added)
{
	struct rule_addition *additions;
	enum rule_result result = RULE_YES;
	pcre2_match_data *found;
	int rc;

	if (is_spent(budget)) {
		budget->untried++;
		return RULE_NO;
	}
	budget->tries++;
	found = pcre2_match_data_create_from_pattern(r->code, NULL);
	if (found == NULL)
		mem_exhausted();
	rc = run(r, value, len, budget, found);
	if (rc == PCRE2_ERROR_NOMEMORY)
		mem_exhausted();
	if (rc == PCRE2_ERROR_NOMATCH) {
		result = RULE_NO;
	} else if (rc < 0) {
		/* a limit, or a recursion that finds no end: the pattern's fault all */
		budget->limits++;
		result = RULE_LIMIT;
	} else {
		additions = arena_alloc(arena, r->n * sizeof(*additions));
		for (size_t i = 0; i < r->n; i++)
			additions[i] = (struct rule_addition){ r->additions[i].name,
				expand(arena, r->additions[i].value, found) };
		*added = additions;
	}
	pcre2_match_data_free(found);
	return result;
}

size_t rule_unfold(char *to, const char *value)
{
	size_t n = 0;

	while (*value != '\0') {
		size_t end = strncmp(value, "\r\n", 2) == 0 ? 2 : *value == '\n' ? 1 : 0;

		if (end > 0 && (value[end] == ' ' || value[end] == '\t'))
			value += end;
		else
			to[n++] = *value++;
	}
	to[n] = '\0';
	return n;
}
