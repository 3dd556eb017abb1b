/*
 * Delivering alerts.  Started and stopped by main; works on a thread of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/notify.h"

#include "base/episode.h"
#include "base/log.h"
#include "base/str.h"
#include "ctl/words.h"
#include "notify/excess.h"
#include "notify/lasting.h"
#include "notify/mail.h"
#include "notify/program.h"
#include "notify/words.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE      (10 * CLOCK_SECOND) /* with a program */
#define PATIENCE_STOP (2 * CLOCK_SECOND)  /* with all that is in hand */
#define LOOK_EVERY    5000		  /* milliseconds, while something lasts */

struct notify {
	pthread_t thread;
	struct alerts *alerts;
	struct policy_slot *slot;
	const char *sendmail;
	char host[HOST_NAME_MAX + 1];
	_Atomic int64_t stop; /* no program may last longer; of clock_monotonic() */
	/* of the thread alone */
	struct program_left left;
	struct hourly hourly; /* of objects */
	struct lasting lasting;
	struct excess excess;
	bool failing;
};

static struct settings settings_of(struct policy_slot *slot)
{
	struct policy_set *set = policy_slot_acquire(slot);
	struct settings settings = set->settings;

	policy_slot_release(slot, set);
	return settings;
}

/* What came of an alert. */
struct outcome {
	char said[ERR_TEXT_MAX]; /* of each way that it went */
	char why[ERR_TEXT_MAX];	 /* of those that failed */
	bool taken;		 /* by anybody */
};

static void say(char text[ERR_TEXT_MAX], const char *more)
{
	str_append(text, ERR_TEXT_MAX, "%s%s", *text != '\0' ? "; " : "", more);
}

static void run(struct notify *n, char *const *words, const char *input, const char *done,
	struct outcome *o)
{
	int64_t until = clock_monotonic() + PATIENCE;
	struct err err;
	int rc = program_run(&n->left, words, input, until, &n->stop, &err);

	say(o->said, rc == 0 ? done : err.text);
	if (rc < 0)
		say(o->why, err.text);
	else
		o->taken = true;
}

static void to_program(struct notify *n, const struct settings *s,
	const struct alert *alert, struct arena *arena, struct outcome *o)
{
	char **words;

	if (words_split(arena, s->alert_program, &words, NULL) > 0)
		run(n, words, words_json(alert, n->host, arena),
			arena_printf(arena, "%.200s took it", words[0]), o);
}

static void to_mail(struct notify *n, const struct settings *s, const struct alert *alert,
	struct arena *arena, struct outcome *o)
{
	const char *subject = arena_printf(
			   arena, "Themis at %s: %s", n->host, words_title(alert, arena)),
		   *letter = words_letter(alert, n->host, arena);

	if (*s->alert_mail != '\0')
		run(n, mail_command(arena, n->sendmail, s->alert_mail),
			mail_write(arena, s->alert_mail, subject, letter, clock_now()),
			arena_printf(arena, "%.200s took the mail to %.200s", n->sendmail,
				s->alert_mail),
			o);
}

/* False: nobody has taken it. */
static bool deliver(struct notify *n, const struct settings *s, const struct alert *alert)
{
	struct arena *arena = arena_new();
	struct outcome o = { "", "", false };

	to_program(n, s, alert, arena, &o);
	to_mail(n, s, alert, arena, &o);
	n->failing = *o.why != '\0';
	if (n->failing)
		episode_begin(EPISODE_ALERTS, clock_now(), "%s", o.why);
	else
		episode_end(EPISODE_ALERTS, clock_now());
	alerts_done(n->alerts, alert, !n->failing, o.said);
	arena_free(arena);
	return o.taken;
}

static void suppress(
	struct notify *n, const struct settings *s, uint64_t number, int64_t now)
{
	if (excess_add(&n->excess, number, now))
		log_warning("more alerts than can be sent (alert_hourly is %u): those "
			    "that follow are counted",
			s->alert_hourly);
	alerts_suppressed(n->alerts, number);
}

static void handle(struct notify *n, const struct settings *s, const struct alert *alert)
{
	int64_t now = clock_now();

	if (alert->kind == ALERT_TEST) {
		deliver(n, s, alert);
	} else if (!hourly_take(&n->hourly, s->alert_hourly, now)) {
		suppress(n, s, 1, now);
		alerts_missed(n->alerts, alert, now);
	} else if (!deliver(n, s, alert)) {
		alerts_missed(n->alerts, alert, now);
	}
}

/* That must not wait behind others, of which there may be any number. */
static void tell_trouble(struct notify *n, const struct settings *s)
{
	struct lasting_tale tale;

	while (!alerts_are_closed(n->alerts) &&
		lasting_next(&n->lasting, clock_now(), &tale))
		deliver(n, s, &tale.alert);
	suppress(n, s, n->lasting.left_out, clock_now());
	n->lasting.left_out = 0;
}

/* How many were left out. */
static void tell_suppressed(struct notify *n, const struct settings *s)
{
	int64_t now = clock_now();
	bool has_room = hourly_free_at(&n->hourly, s->alert_hourly, now) <= now;
	struct excess excess;

	if (excess_take(&n->excess, has_room, now, &excess))
		deliver(n, s,
			&(struct alert){ .kind = ALERT_SUPPRESSED,
				.time = now,
				.number = excess.number,
				.since = excess.since });
}

/* Nobody wants to know any more. */
static void forget(struct notify *n, const struct alert *alert)
{
	if (alert != NULL && alert->kind == ALERT_TEST)
		alerts_done(n->alerts, alert, false, "no setting says where to");
	lasting_forget(&n->lasting);
	n->excess.number = 0;
	n->failing = false;
	episode_end(EPISODE_ALERTS, clock_now());
}

/* One alert, or a look at what lasts. */
static void step(struct notify *n)
{
	struct timespec soon = clock_in(LOOK_EVERY);
	bool lasts = n->excess.number > 0 || n->failing || lasting_waits(&n->lasting);
	struct alert *alert = alerts_take(n->alerts, lasts ? &soon : NULL);
	struct settings s = settings_of(n->slot);
	uint64_t lost = alerts_lost(n->alerts);

	if (alerts_are_closed(n->alerts)) {
		if (alert != NULL)
			log_warning("an alert is not sent, since themisd stops");
	} else if (!settings_alert(&s)) {
		forget(n, alert);
	} else {
		suppress(n, &s, lost, clock_now());
		tell_trouble(n, &s);
		if (alert != NULL)
			handle(n, &s, alert);
		tell_suppressed(n, &s);
	}
	alert_free(alert);
}

static void *deliver_all(void *arg)
{
	struct notify *n = arg;

	while (!alerts_are_closed(n->alerts))
		step(n);
	return NULL;
}

struct notify *notify_new(struct alerts *alerts, struct policy_slot *slot,
	const char *sendmail, struct err *err)
{
	struct notify *n = mem_calloc(1, sizeof(*n));

	n->alerts = alerts;
	n->slot = slot;
	n->sendmail = sendmail;
	n->stop = INT64_MAX;
	if (gethostname(n->host, sizeof(n->host) - 1) < 0 || *n->host == '\0')
		snprintf(n->host, sizeof(n->host), "localhost");
	/* what goes on already is told, what is over is not */
	lasting_forget(&n->lasting);
	alerts_wake(alerts);
	if (pthread_create(&n->thread, NULL, deliver_all, n) != 0) {
		free(n);
		err_set(err, "cannot start a thread");
		return NULL;
	}
	return n;
}

void notify_stop(struct notify *n)
{
	size_t left;

	if (n == NULL)
		return;
	n->stop = clock_monotonic() + PATIENCE_STOP;
	left = alerts_close(n->alerts);
	pthread_join(n->thread, NULL);
	if (left > 0 || n->excess.number > 0)
		log_warning("%llu alert%s not sent, since themisd stops",
			(unsigned long long)(left + n->excess.number),
			left + n->excess.number == 1 ? " is" : "s are");
	free(n);
}
