/*
 * doctor: what is wrong or risky in how Postfix calls Themis, and the line that puts it
 * right.  Called by shell/local.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor.h"
#include "doctor_show.h"
#include "doctor_themis.h"
#include "local.h"
#include "page.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The NAME=VALUE, NULL where none is given. */
struct asked {
	const char *config, *main, *master, *milter, *policy;
};

static int read_asked(struct asked *a, char *const *args, size_t n, struct err *err)
{
	const struct {
		const char *name;
		const char **value;
	} names[] = {
		{ "config", &a->config },
		{ "main", &a->main },
		{ "master", &a->master },
		{ "milter", &a->milter },
		{ "policy", &a->policy },
	};
	char word[] = "doctor", *words[] = { word };
	const struct command *c;
	const char *value;
	size_t len;

	c = command_find(words, 1, &len, err);
	if (c == NULL || command_check(c, args, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (pair_split(args[i], &len, &value) &&
				strlen(names[k].name) == len &&
				strncmp(args[i], names[k].name, len) == 0)
				*names[k].value = value;
	if ((a->main == NULL) != (a->master == NULL))
		return err_set(err,
			"missing: \"%s=FILE\" (main= and master= go together)",
			a->main == NULL ? "main" : "master");
	if (a->config != NULL && a->main != NULL)
		return err_set(
			err, "config: a directory, or main= and master=, but not both");
	return 0;
}

/* Words of the user go before what the daemon says, and that before the defaults. */
static int say_doors(struct themis *t, const struct asked *a, struct err *err)
{
	if (a->milter != NULL && themis_say(t, DOOR_MILTER, a->milter, err) < 0)
		return err_prefix(err, "milter");
	if (a->policy != NULL && themis_say(t, DOOR_POLICY, a->policy, err) < 0)
		return err_prefix(err, "policy");
	return 0;
}

/* Nothing that was not looked at is passed over in silence. */
static void tell_no_daemon(
	const char *where, const struct asked *a, const struct err *err)
{
	char text[ERR_TEXT_MAX + 400];

	snprintf(text, sizeof(text),
		"themisd does not answer (%s): the milter is taken to be at %s and the "
		"policy service at %s%s; what depends on policies is not looked at",
		err->text, a->milter != NULL ? a->milter : MILTER_DEFAULT,
		a->policy != NULL ? a->policy : POLICY_DEFAULT,
		a->milter == NULL || a->policy == NULL
			? " (milter= and policy= say otherwise)"
			: "");
	run_remark(where, text);
}

static void tell_remarks(const char *where, const struct doctor *d)
{
	char *lines = arena_strdup(d->arena, d->postfix->warnings), *line;
	char text[300];

	while ((line = strsep(&lines, "\n")) != NULL)
		if (*line != '\0')
			run_remark(where, line);
	if (d->unseen == NULL)
		return;
	snprintf(text, sizeof(text), "not looked at: %s", d->unseen);
	run_remark(where, text);
}

static void show(struct shell *s, const struct doctor *d)
{
	struct view view = terminal_view(s->whole);
	struct page page;

	page_begin(&page, &view, !s->script);
	if (s->json)
		doctor_show_json(page.to, d);
	else
		doctor_show(page.to, &view, d);
	page_end(&page);
}

static int read_postfix(struct arena *arena, const struct asked *a,
	struct postfix *postfix, struct err *err)
{
	if (a->main != NULL)
		return postfix_read_files(arena, a->main, a->master, postfix, err);
	return postfix_read(arena, a->config, postfix, err);
}

static enum status look(struct shell *s, struct arena *arena, const struct asked *a,
	const struct themis *themis, const char *where)
{
	struct postfix postfix;
	struct doctor d = { .arena = arena,
		.postfix = &postfix,
		.directory = a->config,
		.elsewhere = a->main != NULL,
		.themis = *themis };
	enum status status = STATUS_REFUSED;
	struct err err;

	if (read_postfix(arena, a, &postfix, &err) < 0) {
		run_complain(where, err.text);
	} else {
		doctor_look(&d);
		tell_remarks(where, &d);
		show(s, &d);
		if (doctor_count(&d, SEVERITY_ERROR) == 0)
			status = STATUS_DONE;
		doctor_free(&d);
	}
	postfix_free(&postfix);
	return status;
}

enum status do_doctor(
	struct shell *s, char *const *args, size_t n, const char *line, const char *where)
{
	struct arena *arena = arena_new();
	enum status status = STATUS_USAGE;
	struct asked asked = { 0 };
	enum outcome outcome;
	struct themis themis;
	struct err err, gone;

	if (read_asked(&asked, args, n, &err) < 0) {
		run_refuse(where, line, err.text);
		goto out;
	}
	outcome = themis_ask(s, arena, &themis, &gone);
	if (say_doors(&themis, &asked, &err) < 0) {
		run_refuse(where, line, err.text);
		goto out;
	}
	if (outcome == OUTCOME_STOPPED) {
		run_remark(where, "interrupted");
		status = STATUS_INTERRUPTED;
		goto out;
	}
	if (outcome != OUTCOME_DONE)
		tell_no_daemon(where, &asked, &gone);
	status = look(s, arena, &asked, &themis, where);
out:
	arena_free(arena);
	return status;
}
