/*
 * postfixlimit's configuration as commands.  Its defaults, its words and what it makes of
 * them are those of its version 0.0.4.  Called by shell/do_import.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postfixlimit.h"

#include "base/near.h"
#include "base/str.h"
#include "ctl/bounds.h"
#include "ini.h"
#include "once.h"
#include "postfixlimit_value.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define POLICY	     "postfixlimit" /* and the beginning of the names of the others */

enum server_option {
	OPTION_ADDRESS,
	OPTION_PORT,
	OPTION_FIELD,
	OPTION_DEFAULT_LIMIT,
	OPTION_STORAGE,
	OPTION_STRATEGY,
	OPTION_ACTION,
	OPTION_ACTION_TEXT,
	OPTION_TRANSPARENT,
	OPTION_DUMP_PERIOD,
	OPTION_DUMP_FILE,
	OPTION_LOG_FILE,
	OPTIONS
};

/* Of the section server. */
static const struct {
	const char *name, *otherwise; /* where it is not given */
	const char *place;	      /* of what no command says */
} options[OPTIONS] = {
	[OPTION_ADDRESS] = { "address", "localhost",
		"the policy_socket of themisd.conf" },
	[OPTION_PORT] = { "port", "4455", "the policy_socket of themisd.conf" },
	[OPTION_FIELD] = { "field", "sender", NULL },
	[OPTION_DEFAULT_LIMIT] = { "default_limit", "10/hour", NULL },
	[OPTION_STORAGE] = { "storage", "memory://",
		"the database of themisd, where counters begin empty" },
	[OPTION_STRATEGY] = { "strategy", "fixed-window", NULL },
	[OPTION_ACTION] = { "action", "DEFER", NULL },
	[OPTION_ACTION_TEXT] = { "action_text",
		"4.5.3 Limit ({limit}) exceeded for {field}={key}", NULL },
	[OPTION_TRANSPARENT] = { "transparent", "false", NULL },
	[OPTION_DUMP_PERIOD] = { "dump_period", "3600", "the command counter list" },
	[OPTION_DUMP_FILE] = { "dump_file", "", "the command counter list" },
	[OPTION_LOG_FILE] = { "log_file", "",
		"the log of themisd.conf, the command tail and the history" },
};

struct choice {
	const char *theirs, *ours;
	const char *remark; /* what differs */
};

static const struct choice fields[] = {
	[FIELD_SENDER] = { "sender", "sender",
		"mail without a sender (<>) is not counted as one sender" },
	[FIELD_LOGIN] = { "sasl_username", "login",
		"mail without a login is not counted as one login" },
	[FIELD_CLIENT] = { "client_address", "client",
		"of an IPv6 address its /64 is counted (setting ipv6_prefix)" },
};

static const struct choice strategies[] = {
	{ "fixed-window", "fixed",
		"windows begin at full hours and days in UTC, not with the first "
		"message" },
	{ "sliding-window", "sliding", "the same" },
	{ "moving-window", "moving", "the same, to 1/64 of the period" },
};

static const struct choice actions[] = {
	{ "DEFER", "defer", "answered with 4.7.1" },
	{ "REJECT", "block", "answered with 5.7.1" },
};

struct conversion {
	struct import *im;
	struct reader *r;
	struct err *err;
	struct ini ini;
	const struct ini_item *given[OPTIONS]; /* NULL: not in the file */
	struct once names;		       /* of policies */
	const struct choice *field, *strategy, *action;
	bool transparent;
	const char *reply; /* NULL: the default one */
};

static const char *value_of(const struct conversion *c, enum server_option option)
{
	return c->given[option] != NULL ? c->given[option]->value
					: options[option].otherwise;
}

/* What postfixlimit would not start with.  Always -1. */
static int refuse(struct conversion *c, int line)
{
	snprintf(c->r->where, sizeof(c->r->where), "%s:%d", c->r->name, line);
	return -1;
}

static int take_choice(struct conversion *c, enum server_option option,
	const struct choice *choices, size_t n, const struct choice **out)
{
	const char *value = value_of(c, option);
	char list[100] = "";

	for (size_t i = 0; i < n; i++) {
		if (strcmp(value, choices[i].theirs) == 0) {
			*out = &choices[i];
			return 0;
		}
		str_append(
			list, sizeof(list), "%s%s", i > 0 ? ", " : "", choices[i].theirs);
	}
	err_set(c->err, "%s is one of %s, not \"%.80s\"", options[option].name, list,
		value);
	return refuse(c, c->given[option]->line);
}

static int take_number(struct conversion *c, enum server_option option, uint64_t max)
{
	const char *value = value_of(c, option);
	uint64_t number;

	if (str_to_u64(value, max, &number) == 0)
		return 0;
	err_set(c->err, "%s is a number, not \"%.80s\"", options[option].name, value);
	return refuse(c, c->given[option]->line);
}

static int take_transparent(struct conversion *c)
{
	const char *value = value_of(c, OPTION_TRANSPARENT);

	if (str_to_bool(value, &c->transparent) == 0)
		return 0;
	err_set(c->err, "transparent is true or false, not \"%.80s\"", value);
	return refuse(c, c->given[OPTION_TRANSPARENT]->line);
}

static void take_option(struct conversion *c, const struct ini_item *item)
{
	char nearest[NEAR_TEXT_MAX];
	struct near near;

	near_begin(&near, item->name);
	for (size_t i = 0; i < OPTIONS; i++) {
		near_offer(&near, options[i].name, strlen(options[i].name));
		if (strcmp(item->name, options[i].name) == 0) {
			c->given[i] = item;
			return;
		}
	}
	import_leave_out(c->im, item->line, "\"%.80s\" is no option of postfixlimit%s",
		item->name, near_behind(&near, nearest));
}

static bool is_limit(const struct ini_item *item)
{
	return item->name != NULL && strcmp(item->section, "limits") == 0;
}

static int take_options(struct conversion *c)
{
	bool found = false;

	for (size_t i = 0; i < c->ini.n; i++) {
		const struct ini_item *item = &c->ini.items[i];
		bool server = strcmp(item->section, "server") == 0;

		found |= server;
		if (server && item->name != NULL)
			take_option(c, item);
		else if (!server && item->name == NULL &&
			 strcmp(item->section, "limits") != 0)
			import_leave_out(c->im, item->line,
				"[%.80s] is no section of postfixlimit", item->section);
	}
	if (!found) {
		err_set(c->err, "not a configuration of postfixlimit: it has no section "
				"[server]");
		snprintf(c->r->where, sizeof(c->r->where), "%s", c->r->name);
		return -1;
	}
	if (take_choice(c, OPTION_FIELD, fields, COUNT(fields), &c->field) < 0 ||
		take_choice(c, OPTION_STRATEGY, strategies, COUNT(strategies),
			&c->strategy) < 0 ||
		take_choice(c, OPTION_ACTION, actions, COUNT(actions), &c->action) < 0)
		return -1;
	if (take_number(c, OPTION_PORT, UINT16_MAX) < 0 ||
		take_number(c, OPTION_DUMP_PERIOD, INT64_MAX) < 0)
		return -1;
	return take_transparent(c);
}

/* What stands in the file, or is the default, and what became of it. */
static void remark_option(struct conversion *c, enum server_option option,
	const char *place, const char *remark)
{
	const char *blank = *remark != '\0' ? "; " : "";

	if (c->given[option] != NULL)
		import_remark(c->im, "line %d, %s = %.80s: %s%s%s",
			c->given[option]->line, options[option].name, value_of(c, option),
			place, blank, remark);
	else
		import_remark(c->im, "no %s in it, so %.80s: %s%s%s",
			options[option].name, value_of(c, option), place, blank, remark);
}

static void remark_choice(struct conversion *c, enum server_option option,
	const char *attribute, const struct choice *choice)
{
	char place[80];

	snprintf(place, sizeof(place), "%s=%s", attribute, choice->ours);
	remark_option(c, option, place, choice->remark);
}

static void take_reply(struct conversion *c)
{
	const struct ini_item *given = c->given[OPTION_ACTION_TEXT];
	bool coded;

	c->reply = postfixlimit_reply(c->im->arena, value_of(c, OPTION_ACTION_TEXT),
		c->field->theirs, &coded, c->err);
	if (c->reply == NULL)
		import_leave_out(c->im, given->line, "action_text: %s", c->err->text);
	else
		remark_option(c, OPTION_ACTION_TEXT, "reply",
			coded ? "the code at its head is the action's" : "");
}

static void remark_all(struct conversion *c)
{
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].place != NULL && c->given[i] != NULL)
			remark_option(c, (enum server_option)i, options[i].place, "");
	remark_choice(c, OPTION_FIELD, "key", c->field);
	remark_choice(c, OPTION_STRATEGY, "strategy", c->strategy);
	remark_choice(c, OPTION_ACTION, "action", c->action);
	take_reply(c);
	if (c->transparent)
		remark_option(c, OPTION_TRANSPARENT, "action=monitor",
			"it counts all the same");
	import_remark(c->im, "count=recipients: postfixlimit counts each request, and "
			     "Postfix asks for each recipient");
}

/* postfixlimit, a dash, and the key, as far as a name can have it. */
static const char *name_policy(struct conversion *c, const char *key)
{
	char name[NAME_MAX_OCTETS + 1], *p;
	const char *unique = name;

	snprintf(name, sizeof(name), POLICY "-%s", key);
	for (p = name; *p != '\0'; p++)
		if (strchr(NAME_CHARS, *p) == NULL)
			*p = '-';
	unique = arena_strdup(c->im->arena, name);
	for (int i = 2; !once_take(&c->names, unique); i++)
		unique = arena_printf(
			c->im->arena, "%.*s-%d", NAME_MAX_OCTETS - 11, name, i);
	return unique;
}

static void add_policy(
	struct conversion *c, const char *name, const char *source, const char *limit)
{
	struct arena *arena = c->im->arena;
	char *words[16];
	bool own = source != NULL;
	size_t n = 0;

	words[n++] = arena_strdup(arena, "policy");
	words[n++] = arena_strdup(arena, "add");
	words[n++] = arena_strdup(arena, name);
	words[n++] = arena_printf(arena, "source=%s", own ? source : "any");
	words[n++] = arena_strdup(arena, "destination=any");
	/* behind the site's own, since it ends the look at those behind it */
	words[n++] = arena_printf(arena, "priority=%d", own ? 90 : 91);
	words[n++] = arena_printf(arena, "key=%s", c->field->ours);
	words[n++] = arena_printf(arena, "limit=%s", limit);
	words[n++] = arena_printf(arena, "strategy=%s", c->strategy->ours);
	words[n++] = arena_strdup(arena, "count=recipients");
	words[n++] = arena_printf(
		arena, "action=%s", c->transparent ? "monitor" : c->action->ours);
	if (c->reply != NULL && *c->reply != '\0')
		words[n++] = arena_printf(arena, "reply=%s", c->reply);
	if (own)
		words[n++] = arena_strdup(arena, "stop=yes");
	import_command(c->im, words, n);
}

/* The limit in a value; NULL and rc -1: it is none; NULL and rc 0: no policy has it. */
static const char *take_limit(
	struct conversion *c, const char *name, const char *value, int line, int *rc)
{
	struct postfixlimit_limit limit;

	*rc = postfixlimit_limit(c->im->arena, value, &limit, c->err);
	if (*rc < 0) {
		err_prefix(c->err, "%.80s", name);
		*rc = refuse(c, line);
		return NULL;
	}
	if (limit.text == NULL)
		import_leave_out(c->im, line, "%.120s: %s", name, c->err->text);
	else if (limit.more)
		import_leave_out(c->im, line,
			"%.120s: what stands behind the first limit, which is all that "
			"postfixlimit looks at",
			name);
	return limit.text;
}

static int add_key(struct conversion *c, const struct ini_item *item)
{
	enum postfixlimit_field field = (enum postfixlimit_field)(c->field - fields);
	const char *member, *limit, *name;
	int rc;

	import_remark(c->im, "%s", "");
	limit = take_limit(c, item->name, item->value, item->line, &rc);
	if (limit == NULL)
		return rc;
	member = postfixlimit_member(c->im->arena, item->name, field, c->err);
	if (member == NULL) {
		import_leave_out(c->im, item->line, "%s", c->err->text);
		return 0;
	}
	name = name_policy(c, item->name);
	import_remark(
		c->im, "line %d, %.120s = %.80s", item->line, item->name, item->value);
	import_command(c->im,
		(char *[]){ arena_strdup(c->im->arena, "group"),
			arena_strdup(c->im->arena, "add"),
			arena_strdup(c->im->arena, name),
			arena_strdup(c->im->arena, member) },
		4);
	add_policy(c, name, name, limit);
	return 0;
}

static int add_general(struct conversion *c)
{
	const struct ini_item *given = c->given[OPTION_DEFAULT_LIMIT];
	const char *limit;
	int rc;

	import_remark(c->im, "%s", "");
	limit = take_limit(c, options[OPTION_DEFAULT_LIMIT].name,
		value_of(c, OPTION_DEFAULT_LIMIT), given != NULL ? given->line : 0, &rc);
	if (limit == NULL)
		return rc;
	remark_option(c, OPTION_DEFAULT_LIMIT, "for each other", "");
	add_policy(c, POLICY, NULL, limit);
	return 0;
}

static int convert(struct conversion *c)
{
	import_remark(
		c->im, "Made of %.200s, a configuration of postfixlimit.", c->r->name);
	import_remark(c->im, "%s", "");
	if (take_options(c) < 0)
		return -1;
	remark_all(c);
	for (size_t i = 0; i < c->ini.n; i++)
		if (is_limit(&c->ini.items[i]) && add_key(c, &c->ini.items[i]) < 0)
			return -1;
	return add_general(c);
}

enum reader_result postfixlimit_import(
	struct import *im, struct reader *r, struct err *err)
{
	struct conversion c = { .im = im, .r = r, .err = err };
	enum reader_result result = ini_read(im->arena, r, &c.ini, err);

	if (result == READER_END && convert(&c) < 0)
		result = READER_BAD;
	once_end(&c.names);
	return result;
}
