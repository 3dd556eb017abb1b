/*
 * Trouble, as it is told.  Called by the thread that delivers alerts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/lasting.h"

#include <stdio.h>

static void write_tale(struct lasting_tale *tale, enum alert_kind kind, int64_t time,
	const struct episode_seen *seen, int64_t since)
{
	tale->alert = (struct alert){ .kind = kind,
		.time = time,
		.state = seen->state,
		.words = tale->words,
		.since = since };
}

static bool begins(struct lasting *l, const struct episode_seen *seen, int64_t now,
	struct lasting_tale *tale)
{
	if (!seen->goes_on && seen->begun == l->of[seen->kind].begun)
		return false;
	l->of[seen->kind].waits = !hourly_take(&l->hourly, LASTING_HOURLY, now);
	if (!l->of[seen->kind].waits) {
		l->of[seen->kind].told = true;
		l->of[seen->kind].since = seen->since;
		snprintf(tale->words, sizeof(tale->words), "%s", seen->words);
		write_tale(tale, ALERT_TROUBLE, seen->since, seen, seen->since);
		return true;
	}
	if (!seen->goes_on) {
		l->of[seen->kind].waits = false;
		l->of[seen->kind].begun = seen->begun;
		l->left_out++;
	}
	return false;
}

static bool ends(struct lasting *l, const struct episode_seen *seen, int64_t now,
	struct lasting_tale *tale)
{
	int64_t since = l->of[seen->kind].since;

	l->of[seen->kind].begun = seen->begun;
	if (seen->goes_on || now < seen->ended + EPISODE_APART)
		return false;
	l->of[seen->kind].told = false;
	episode_say_end(tale->words, seen->kind, since, seen->ended);
	write_tale(tale, ALERT_TROUBLE_END, seen->ended, seen, since);
	return true;
}

bool lasting_next(struct lasting *l, int64_t now, struct lasting_tale *tale)
{
	struct episode_seen seen;

	for (int kind = 0; kind < EPISODES; kind++) {
		/* what cannot be delivered cannot be told */
		if (kind == EPISODE_ALERTS)
			continue;
		episode_look((enum episode_kind)kind, &seen);
		if (l->of[kind].told ? ends(l, &seen, now, tale)
				     : begins(l, &seen, now, tale))
			return true;
	}
	return false;
}

bool lasting_waits(const struct lasting *l)
{
	for (int kind = 0; kind < EPISODES; kind++)
		if (l->of[kind].told || l->of[kind].waits)
			return true;
	return false;
}

void lasting_forget(struct lasting *l)
{
	struct episode_seen seen;

	for (int kind = 0; kind < EPISODES; kind++) {
		episode_look((enum episode_kind)kind, &seen);
		l->of[kind].told = l->of[kind].waits = false;
		l->of[kind].begun = seen.begun;
	}
}
