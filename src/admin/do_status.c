/*
 * The commands about the daemon itself: status, help, quit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "base/clock.h"
#include "base/episode.h"
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static json_int_t file_size(struct request *rq, const char *suffix)
{
	struct stat st;

	if (stat(arena_printf(rq->arena, "%s%s", rq->admin->database, suffix), &st) < 0)
		return 0;
	return (json_int_t)st.st_size;
}

static json_t *degraded(void)
{
	char text[EPISODE_TEXT_MAX];

	return json_text(episode_say(text) ? text : NULL);
}

int do_status(struct request *rq, struct err *err)
{
	struct admin *a = rq->admin;
	struct policy_set *set = policy_slot_acquire(a->engine->slot);
	unsigned sessions, messages;
	char since[CLOCK_TEXT_MAX];
	json_t *row;

	a->sessions(&sessions, &messages);
	row = json_pack("{s:s, s:i, s:s, s:I, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:I, "
			"s:I, s:i, s:s, s:s, s:I, s:I, s:I, s:o, s:I}",
		"version", PACKAGE_VERSION, "pid", (int)getpid(), "started",
		clock_format(since, a->started), "uptime",
		(json_int_t)((clock_now() - a->started) / CLOCK_SECOND), "milter_socket",
		a->milter_socket, "control_socket", a->control_socket, "sessions",
		(int)sessions, "messages_in_hand", (int)messages, "connections",
		(int)a->connections(), "max_connections", (int)a->max_connections,
		"policies", (json_int_t)set->npolicies, "policy_set",
		(json_int_t)set->number, "counters",
		(json_int_t)a->engine->store->count(a->engine->store), "max_counters",
		(int)a->max_counters, "database", a->database, "durability",
		a->engine->relaxed ? "relaxed" : "commit", "database_bytes",
		file_size(rq, ""), "wal_bytes", file_size(rq, "-wal"), "header_limits",
		(json_int_t)stats_header_limits(a->engine->stats), "degraded", degraded(),
		"episodes", (json_int_t)episode_count());
	policy_slot_release(a->engine->slot, set);
	return request_row(rq, row, err);
}

static bool help_wants(const struct request *rq, const struct command *c)
{
	return (rq->nargs < 1 || strcmp(rq->args[0], c->noun) == 0) &&
	       (rq->nargs < 2 || strcmp(rq->args[1], c->verb) == 0);
}

static bool help_is_one(const struct request *rq, const struct command *c)
{
	return rq->nargs == 2 || (rq->nargs == 1 && *c->verb == '\0');
}

/* One command's NAME=VALUE, when it alone is asked for. */
static int help_pairs(struct request *rq, enum pair_set set, struct err *err)
{
	for (const struct pair *p = pairs; p->name != NULL; p++) {
		const char *of = arena_printf(rq->arena, "  %s=%s", p->name, p->values);
		const char *help = p->meaning;

		if (p->set != set)
			continue;
		if (set == PAIRS_POLICY && p->default_value == NULL)
			help = arena_printf(rq->arena, "%s (required)", help);
		else if (p->default_value != NULL && *p->default_value != '\0')
			help = arena_printf(
				rq->arena, "%s (default %s)", help, p->default_value);
		if (request_row(rq, json_pack("{s:s, s:s}", "command", of, "help", help),
			    err) < 0)
			return -1;
	}
	return 0;
}

int do_help(struct request *rq, struct err *err)
{
	char usage[200];

	for (size_t i = 0; i < ncommands; i++) {
		const struct command *c = &commands[i];

		if (!help_wants(rq, c))
			continue;
		command_usage(c, usage, sizeof(usage));
		if (request_row(rq,
			    json_pack("{s:s, s:s}", "command", usage, "help", c->help),
			    err) < 0)
			return -1;
		if (help_is_one(rq, c) && command_pairs(c) != PAIRS_NONE &&
			help_pairs(rq, command_pairs(c), err) < 0)
			return -1;
	}
	if (rq->rows == 0)
		return err_code(err, ERR_NO_SUCH, "no help for \"%.80s%s%.80s\"",
			rq->args[0], rq->nargs > 1 ? " " : "",
			rq->nargs > 1 ? rq->args[1] : "");
	return 0;
}

int do_quit(struct request *rq, struct err *err)
{
	(void)err;
	rq->quit = true;
	return request_done(rq, "bye");
}
