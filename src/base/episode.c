/*
 * Episodes of trouble.  Begun and ended by whoever meets it (the writer, the keeper,
 * those who accept connections), on their threads; read by `status`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/episode.h"

#include "base/log.h"
#include "base/str.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const struct {
	enum log_level level;
	const char *state, *fails, *again;
} kinds[] = {
	[EPISODE_STORE] = { LEVEL_ERROR, "store", "cannot store", "storing again" },
	[EPISODE_READ] = { LEVEL_ERROR, "read", "cannot read counters",
		"reading counters again" },
	[EPISODE_COPY] = { LEVEL_ERROR, "copy",
		"the log cannot be copied into the database",
		"the log is copied into the database again" },
	[EPISODE_FILE] = { LEVEL_ERROR, "file", "the database file was moved or removed",
		"the database file is in its place again" },
	[EPISODE_CONNECTIONS] = { LEVEL_WARNING, "connections", "milter connections wait",
		"milter connections are accepted again" },
	[EPISODE_CONTROL] = { LEVEL_WARNING, "control", "control clients wait",
		"control clients are accepted again" },
	[EPISODE_LOG] = { LEVEL_WARNING, "log", "the log cannot start again",
		"the log can start again" },
	[EPISODE_CLOCK] = { LEVEL_WARNING, "clock", "the clocks differ",
		"the clocks agree again" },
	[EPISODE_SPF] = { LEVEL_WARNING, "spf", "SPF cannot be checked",
		"SPF is checked again" },
	[EPISODE_SPF_ROOM] = { LEVEL_WARNING, "spf-room",
		"SPF of some messages is not checked", "there is room for SPF again" },
	[EPISODE_DNS] = { LEVEL_WARNING, "dns", "DNS does not answer",
		"DNS answers again" },
	[EPISODE_REQUESTS] = { LEVEL_WARNING, "requests",
		"malformed requests come to policy_socket",
		"requests at policy_socket are well formed again" },
	[EPISODE_PEERS] = { LEVEL_WARNING, "policy-connections",
		"connections to policy_socket are refused",
		"connections to policy_socket are accepted again" },
	[EPISODE_RECIPIENTS] = { LEVEL_WARNING, "recipients",
		"policies are passed over, since requests at policy_socket do not say "
		"all recipients",
		"requests at policy_socket say all recipients again" },
	[EPISODE_ALERTS] = { LEVEL_ERROR, "alerts", "alerts cannot be delivered",
		"alerts are delivered again" },
	[EPISODE_HOUSE] = { LEVEL_ERROR, "house", "housekeeping fails in part",
		"housekeeping works again" },
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == EPISODES, "words for each kind");

/* What goes on now.  The bits of `going` are for a look without the lock; they change
 * under it, together with the rest. */
static struct {
	atomic_uint going; /* a bit for each kind */

	/* of who wants to know; there before the threads */
	void (*told)(void *arg);
	void *arg;

	pthread_mutex_t lock; /* guards what follows */
	struct {
		uint64_t count; /* of those that have begun */

		int64_t since; /* of the last one; 0: none yet */
		int64_t ended; /* likewise, if it does not go on */
		int64_t said;  /* when a beginning was logged last; 0: never */
		bool told;     /* this beginning was */
		char why[ERR_TEXT_MAX];
	} of[EPISODES];
} episodes = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool goes_on(enum episode_kind kind)
{
	return (episodes.going & 1u << kind) != 0;
}

/* Has it only paused?  What comes and goes is to be one line, not a flood of them. */
static bool has_paused(enum episode_kind kind, int64_t now)
{
	int64_t said = episodes.of[kind].said;

	return said != 0 && now >= said && now < said + EPISODE_APART;
}

/* Under the lock; true: it is to be logged. */
static bool begin(enum episode_kind kind, int64_t now)
{
	bool paused = has_paused(kind, now);

	if (!goes_on(kind))
		episodes.of[kind].since = paused ? episodes.of[kind].said : now;
	episodes.going |= 1u << kind;
	if (paused || episodes.of[kind].told)
		return false;
	episodes.of[kind].said = now;
	episodes.of[kind].told = true;
	episodes.of[kind].count++;
	return true;
}

void episode_tell(void (*told)(void *arg), void *arg)
{
	episodes.told = told;
	episodes.arg = arg;
}

void episode_begin(enum episode_kind kind, int64_t now, const char *fmt, ...)
{
	char why[ERR_TEXT_MAX];
	bool begins;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&episodes.lock);
	begins = begin(kind, now);
	memcpy(episodes.of[kind].why, why, sizeof(why));
	pthread_mutex_unlock(&episodes.lock);
	if (!begins)
		return;
	log_event(kinds[kind].level, NULL, "%s: %s", kinds[kind].fails, why);
	if (episodes.told != NULL)
		episodes.told(episodes.arg);
}

void episode_end(enum episode_kind kind, int64_t now)
{
	char words[ERR_TEXT_MAX];
	int64_t since;
	bool told;

	if (!goes_on(kind))
		return;
	pthread_mutex_lock(&episodes.lock);
	since = episodes.of[kind].since;
	told = episodes.of[kind].told;
	episodes.of[kind].ended = now;
	episodes.of[kind].told = false;
	episodes.going &= ~(1u << kind);
	pthread_mutex_unlock(&episodes.lock);
	if (told)
		log_event(LEVEL_WARNING, NULL, "%s",
			episode_say_end(words, kind, since, now));
}

const char *episode_say_end(
	char words[ERR_TEXT_MAX], enum episode_kind kind, int64_t since, int64_t ended)
{
	char duration[DURATION_TEXT_MAX];

	snprintf(words, ERR_TEXT_MAX, "%s, after %s", kinds[kind].again,
		duration_say(duration, (ended - since) / CLOCK_SECOND + 1));
	return words;
}

uint64_t episode_count(void)
{
	uint64_t count = 0;

	pthread_mutex_lock(&episodes.lock);
	for (int kind = 0; kind < EPISODES; kind++)
		count += episodes.of[kind].count;
	pthread_mutex_unlock(&episodes.lock);
	return count;
}

const char *episode_state(enum episode_kind kind)
{
	return kinds[kind].state;
}

/* Under the lock. */
static void note_seen(struct episode_seen *seen, enum episode_kind kind)
{
	seen->kind = kind;
	seen->state = kinds[kind].state;
	seen->goes_on = goes_on(kind);
	seen->begun = episodes.of[kind].count;
	seen->since = episodes.of[kind].since;
	seen->ended = episodes.of[kind].ended;
	snprintf(seen->words, sizeof(seen->words), "%s: %s", kinds[kind].fails,
		episodes.of[kind].why);
}

bool episode_look(enum episode_kind kind, struct episode_seen *seen)
{
	pthread_mutex_lock(&episodes.lock);
	note_seen(seen, kind);
	pthread_mutex_unlock(&episodes.lock);
	return seen->goes_on;
}

size_t episode_list(struct episode_seen list[EPISODES])
{
	size_t n = 0;

	if (episodes.going == 0)
		return 0;
	pthread_mutex_lock(&episodes.lock);
	for (int kind = 0; kind < EPISODES; kind++)
		if (goes_on((enum episode_kind)kind))
			note_seen(&list[n++], (enum episode_kind)kind);
	pthread_mutex_unlock(&episodes.lock);
	return n;
}

bool episode_say(char text[EPISODE_TEXT_MAX])
{
	struct episode_seen list[EPISODES];
	size_t n = episode_list(list);
	char since[CLOCK_TEXT_MAX];

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		str_append(text, EPISODE_TEXT_MAX, "%ssince %s: %s", i > 0 ? "; " : "",
			clock_format(since, list[i].since), list[i].words);
	return n > 0;
}
