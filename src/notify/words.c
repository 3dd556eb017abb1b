/*
 * The words of alerts.  Called by the thread that delivers them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/words.h"

#include "base/str.h"
#include "counter/window.h"
#include "ctl/words.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 900 /* octets; RFC 5322 2.1.1 has 998 for a line */
#define TITLE_MAX 200 /* of an object within a sentence */

/* What becomes of the mail, as its verdict says. */
static const struct {
	const char *verdict, *is, *means;
} refusals[] = {
	{ "defer", "deferred",
		"its mail is refused for now; senders try again by themselves" },
	{ "block", "refused", "its mail is refused, and goes back to who sent it" },
	{ "hold", "held", "its mail is in Postfix's hold queue" },
	{ "discard", "discarded", "its mail is taken, and dropped" },
};

static const char *cut(struct arena *arena, const char *text, size_t size)
{
	char *shown = arena_alloc(arena, size);

	return str_printable(shown, size, text);
}

static size_t refusal_of(const struct alert *a)
{
	size_t i = 0;

	while (i + 1 < sizeof(refusals) / sizeof(refusals[0]) &&
		strcmp(refusals[i].verdict, a->verdict) != 0)
		i++;
	return i;
}

static const char *title_refused(const struct alert *a, struct arena *arena)
{
	const char *object = cut(arena, a->object, TITLE_MAX),
		   *is = refusals[refusal_of(a)].is;

	if (a->policy == NULL)
		return arena_printf(
			arena, "%s: mail is refused, as it is blocked by hand", object);
	return arena_printf(arena, "%s: mail is %s by policy %s", object, is, a->policy);
}

static const char *title_near(const struct alert *a, struct arena *arena)
{
	return arena_printf(arena, "%s has used %llu of %s in policy %s",
		cut(arena, a->object, TITLE_MAX), (unsigned long long)a->used, a->limit,
		a->policy);
}

static const char *title_trouble(const struct alert *a, struct arena *arena)
{
	return arena_printf(arena, "degraded: %s", cut(arena, a->words, SHOWN_MAX));
}

static const char *title_trouble_end(const struct alert *a, struct arena *arena)
{
	return cut(arena, a->words, SHOWN_MAX);
}

static const char *title_suppressed(const struct alert *a, struct arena *arena)
{
	return arena_printf(arena, "%llu alert%s left out, there were too many",
		(unsigned long long)a->number, a->number == 1 ? " was" : "s were");
}

static const char *title_test(const struct alert *a, struct arena *arena)
{
	return arena_printf(arena, "this is a test, as %s has asked for",
		cut(arena, a->user, TITLE_MAX));
}

static const char *(*const titles[])(const struct alert *, struct arena *) = {
	[ALERT_REFUSED] = title_refused,
	[ALERT_NEAR] = title_near,
	[ALERT_TROUBLE] = title_trouble,
	[ALERT_TROUBLE_END] = title_trouble_end,
	[ALERT_SUPPRESSED] = title_suppressed,
	[ALERT_TEST] = title_test,
};

_Static_assert(
	sizeof(titles) / sizeof(titles[0]) == ALERT_KINDS, "a title for each kind");

const char *words_title(const struct alert *a, struct arena *arena)
{
	return titles[a->kind](a, arena);
}

/* --- the letter --- */

struct letter {
	struct arena *arena;
	const char *text;
};

static void __attribute__((format(printf, 2, 3)))
add(struct letter *l, const char *fmt, ...)
{
	char line[2 * SHOWN_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	l->text = arena_printf(l->arena, "%s%s\n", l->text, line);
}

/* "Who:        bob@example.org", if there is somebody. */
static void add_fact(struct letter *l, const char *name, const char *value)
{
	char label[20];

	if (value == NULL || *value == '\0')
		return;
	snprintf(label, sizeof(label), "%s:", name);
	add(l, "%-12s%s", label, cut(l->arena, value, SHOWN_MAX));
}

static void add_moment(struct letter *l, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	add_fact(l, name, clock_format(text, when));
}

/* A command of tmsh, and what it is for. */
static void add_command(struct letter *l, const char *what, const char *command)
{
	add(l, "  %s\n      %s", what, command);
}

static const char *quoted(struct letter *l, const char *object)
{
	char *words[] = { (char *)(uintptr_t)object };

	return cut(l->arena, words_join(l->arena, words, 1), SHOWN_MAX);
}

/* May it be blocked, as who sends? */
static bool is_sender(const struct alert *a)
{
	return *a->object != '<' && *a->object != '*' &&
	       ((a->login != NULL && strcmp(a->object, a->login) == 0) ||
		       (a->sender != NULL && strcmp(a->object, a->sender) == 0));
}

static void add_object_commands(struct letter *l, const struct alert *a)
{
	const char *object = quoted(l, a->object);

	add(l, "\nIn tmsh:");
	add_command(l, "what is known of it",
		arena_printf(l->arena, "object show %s", object));
	if (a->policy == NULL) {
		add_command(l, "let it send again",
			arena_printf(l->arena, "object clear %s block", object));
		return;
	}
	add_command(l, "its mail as it comes, until Ctrl-C",
		arena_printf(l->arena, "tail object=%s", object));
	if (a->count != NULL && strcmp(a->count, "messages") == 0)
		add_command(l, "room for 100 messages more, if this is as it should be",
			arena_printf(l->arena, "object grant %s 100 policy=%s for 2h",
				object, a->policy));
	if (is_sender(a))
		add_command(l, "no more mail of it, if somebody has its password",
			arena_printf(l->arena,
				"object block %s because 'password is known'", object));
}

static void add_message(struct letter *l, const struct alert *a)
{
	add_fact(l, "Login", a->login);
	add_fact(l, "Sender", a->sender);
	add_fact(l, "Client", a->client);
	add_fact(l, "MTA", a->mta);
	add_fact(l, "Queue id", a->queue_id);
}

/* "500/hour (messages)" */
static void add_limit(struct letter *l, const struct alert *a)
{
	if (a->limit != NULL)
		add_fact(l, "Limit",
			arena_printf(l->arena, "%s (%s)", a->limit, a->count));
}

static void write_refused(struct letter *l, const struct alert *a)
{
	add_fact(l, "Who", a->object);
	add_fact(l, "What", refusals[refusal_of(a)].means);
	add_fact(l, "Policy", a->policy);
	add_limit(l, a);
	add_moment(l, "Since", a->time);
	if (a->free_at == WINDOW_NEVER)
		add_fact(l, "Room again", "not for a message of that size");
	else if (a->free_at != 0)
		add_moment(l, "Room again", a->free_at);
	add_fact(l, "Why", a->reason);
	add_message(l, a);
	add(l, "\nThere is no other alert of this until an hour has passed without it.");
	add_object_commands(l, a);
}

static void write_near(struct letter *l, const struct alert *a)
{
	add_fact(l, "Who", a->object);
	add_fact(l, "What", "has used most of a limit; nothing is refused for it yet");
	add_fact(l, "Policy", a->policy);
	add_limit(l, a);
	add_fact(l, "Used",
		arena_printf(l->arena, "%llu of %llu", (unsigned long long)a->used,
			(unsigned long long)a->room));
	add_moment(l, "Since", a->time);
	add_message(l, a);
	add_object_commands(l, a);
}

static void write_trouble(struct letter *l, const struct alert *a)
{
	bool over = a->kind == ALERT_TROUBLE_END;

	add_fact(l, "What", a->words);
	add_moment(l, "Since", a->since);
	if (over)
		add_moment(l, "Until", a->time);
	else
		add(l, "\nThere will be another alert when it is over.");
	add(l, "\nIn tmsh:");
	add_command(l, "how themisd is", "status");
	add(l, "\nThe log of themisd says more; themisd(8), FAILURE, what it means.");
}

static void write_suppressed(struct letter *l, const struct alert *a)
{
	add_fact(l, "What", words_title(a, l->arena));
	add_moment(l, "Since", a->since);
	add(l, "\nThe setting alert_hourly says how many may be sent in an hour.");
	add(l, "\nIn tmsh:");
	add_command(l, "who is refused most", "top objects by=refused last=2h");
	add_command(l, "how themisd is", "status");
	add_command(l, "the setting", "setting show alert_hourly");
}

static void write_test(struct letter *l, const struct alert *a)
{
	add_fact(l, "What", words_title(a, l->arena));
	add_moment(l, "When", a->time);
	add(l, "\nAlerts arrive.  There is nothing to be done.");
}

static void (*const letters[])(struct letter *, const struct alert *) = {
	[ALERT_REFUSED] = write_refused,
	[ALERT_NEAR] = write_near,
	[ALERT_TROUBLE] = write_trouble,
	[ALERT_TROUBLE_END] = write_trouble,
	[ALERT_SUPPRESSED] = write_suppressed,
	[ALERT_TEST] = write_test,
};

_Static_assert(
	sizeof(letters) / sizeof(letters[0]) == ALERT_KINDS, "a letter for each kind");

const char *words_letter(const struct alert *a, const char *host, struct arena *arena)
{
	struct letter l = { arena, "" };

	letters[a->kind](&l, a);
	add(&l, "\n-- \nThemis at %s", host);
	return l.text;
}
