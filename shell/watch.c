/*
 * What a watch is asked for.  Pure; for shell/do_watch.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch.h"

#include "base/str.h"
#include "ctl/spec.h"

#include <string.h>

/* "2s", "10 minutes", and below a minute with a fraction: "0.5s", "1.25". */
static int period_parse(const char *text, int64_t *period)
{
	size_t whole = strspn(text, "0123456789"), n;
	int64_t seconds = 0, unit = CLOCK_SECOND;

	if (text[whole] != '.') {
		if (duration_parse(text, &seconds) < 0)
			return -1;
		*period = seconds * CLOCK_SECOND;
		return 0;
	}
	n = strspn(text + whole + 1, "0123456789");
	if (whole == 0 || whole > 2 || n == 0 || n > 6 ||
		(text[whole + 1 + n] != '\0' && strcmp(text + whole + 1 + n, "s") != 0))
		return -1;
	for (size_t i = 0; i < whole; i++)
		seconds = 10 * seconds + (text[i] - '0');
	*period = seconds * CLOCK_SECOND;
	for (size_t i = 0; i < n; i++) {
		unit /= 10;
		*period += (text[whole + 1 + i] - '0') * unit;
	}
	return 0;
}

static int read_every(struct watch *w, const char *text, struct err *err)
{
	char shown[100];

	if (period_parse(text, &w->period) == 0 && w->period >= WATCH_PERIOD_MIN &&
		w->period <= WATCH_PERIOD_MAX)
		return 0;
	return err_set(err, "every: not a period: \"%s\" (0.1s to 1d, as in 2s or 10m)",
		str_escape(shown, sizeof(shown), text));
}

static int refuse(const struct command *c, struct err *err)
{
	const char *why = "it does more than look";

	if (command_looks(c))
		why = c->layout == LAYOUT_STREAM ? "it shows what comes by itself"
						 : "it has nothing to show";
	return err_set(err, "\"%s%s%s\" cannot be watched: %s", c->noun,
		*c->verb != '\0' ? " " : "", c->verb, why);
}

int watch_read(struct watch *w, char *const *args, size_t n, struct err *err)
{
	const struct command *c;
	size_t used, every = n > 0 && strcmp(args[0], "every") == 0 ? 2 : 0;

	*w = (struct watch){ .period = WATCH_PERIOD_DEFAULT };
	if (n <= every)
		return err_set(err, "watch what? (watch [every 2s] COMMAND ...)");
	if (every > 0 && read_every(w, args[1], err) < 0)
		return -1;
	w->words = args + every;
	w->n = n - every;
	c = command_find(w->words, w->n, &used, err);
	if (c == NULL)
		return -1;
	if (!command_is_watched(c))
		return refuse(c, err);
	return command_check_words(c, w->words + used, w->n - used, err);
}
