/*
 * Themis, as the daemon tells it.  Called by do_doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_themis.h"

#include "base/clock.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 3 /* of policies, that are said */

int themis_say(struct themis *t, enum door door, const char *address, struct err *err)
{
	if (net_address_parse(address, &t->address[door], err) < 0)
		return -1;
	t->open[door] = true;
	return 0;
}

static const char *member(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text != NULL ? text : "";
}

void themis_read_status(struct themis *t, const json_t *rows)
{
	static const char *const names[] = {
		[DOOR_MILTER] = "milter_socket", [DOOR_POLICY] = "policy_socket"
	};
	const json_t *row = json_array_get(rows, 0);

	for (enum door door = 0; door < DOORS; door++) {
		const char *address = member(row, names[door]);

		t->open[door] = t->told[door] = false;
		if (*address != '\0' && themis_say(t, door, address, NULL) == 0)
			t->told[door] = true;
	}
}

/* "outbound, bulk and 3 more". */
struct names {
	char *text;
	size_t n;
};

static void add_name(struct arena *arena, struct names *names, const char *name)
{
	if (names->n < NAMES_MAX)
		names->text = arena_printf(arena, "%s%s%s",
			names->n > 0 ? names->text : "", names->n > 0 ? ", " : "", name);
	names->n++;
}

static const char *say_names(struct arena *arena, const struct names *names)
{
	if (names->n <= NAMES_MAX)
		return names->text;
	return arena_printf(arena, "%s and %zu more", names->text, names->n - NAMES_MAX);
}

static bool has_headers(const json_t *headers, const json_t *policy)
{
	json_t *row;
	size_t i;

	json_array_foreach(headers, i, row)
		if (strcmp(member(row, "policy"), member(policy, "name")) == 0)
			return true;
	return strcmp(member(policy, "only-headers"), "yes") == 0;
}

static bool has_recipients(const json_t *policy)
{
	/* a bypass looks at who sends */
	return strcmp(member(policy, "type"), "bypass") != 0 &&
	       (strcmp(member(policy, "destination"), "any") != 0 ||
		       strncmp(member(policy, "key"), "recipient", strlen("recipient")) ==
			       0);
}

/* Those of the recipients that it is about. */
static bool takes_out(const json_t *policy)
{
	return strcmp(member(policy, "action"), "discard") == 0 && has_recipients(policy);
}

void themis_read_policies(struct arena *arena, struct themis *t, const json_t *policies,
	const json_t *headers)
{
	struct names recipients = { 0 }, bytes = { 0 }, cannot = { 0 }, spf = { 0 };
	json_t *row;
	size_t i;

	json_array_foreach(policies, i, row) {
		const char *name = member(row, "name");

		if (strcmp(member(row, "enabled"), "yes") != 0)
			continue;
		if (has_recipients(row))
			add_name(arena, &recipients, name);
		if (strcmp(member(row, "count"), "bytes") == 0)
			add_name(arena, &bytes, name);
		if (has_headers(headers, row) || takes_out(row))
			add_name(arena, &cannot, name);
		if (strcmp(member(row, "spf"), "off") != 0)
			add_name(arena, &spf, name);
	}
	t->recipients = say_names(arena, &recipients);
	t->bytes = say_names(arena, &bytes);
	t->cannot = say_names(arena, &cannot);
	t->spf = say_names(arena, &spf);
	t->has_policies = true;
}

/* What the daemon answers to each of these. */
enum { STATUS, POLICIES, HEADERS, DEADLINE, REALM, QUESTIONS };

static enum outcome ask_all(
	struct client *client, json_t *rows[QUESTIONS], struct err *err)
{
	static const char *const questions[] = { [STATUS] = "status",
		[POLICIES] = "policy list",
		[HEADERS] = "header list",
		[DEADLINE] = "setting show spf_deadline",
		[REALM] = "setting show login_realm" };
	enum outcome outcome = OUTCOME_DONE;

	for (size_t i = 0; i < QUESTIONS && outcome == OUTCOME_DONE; i++)
		outcome = client_rows(client, questions[i], rows[i], err);
	return outcome;
}

static void take_all(struct arena *arena, struct themis *t, json_t *rows[QUESTIONS])
{
	int64_t seconds;

	themis_read_status(t, rows[STATUS]);
	themis_read_policies(arena, t, rows[POLICIES], rows[HEADERS]);
	if (duration_parse(
		    member(json_array_get(rows[DEADLINE], 0), "value"), &seconds) == 0)
		t->deadline = (int)seconds;
	t->realm = arena_strdup(arena, member(json_array_get(rows[REALM], 0), "value"));
}

static const char *host_name(struct arena *arena)
{
	char host[HOST_NAME_MAX + 1] = "";

	gethostname(host, sizeof(host) - 1);
	return arena_strdup(arena, host);
}

enum outcome themis_ask(
	const struct shell *s, struct arena *arena, struct themis *out, struct err *err)
{
	struct client client = { .fd = -1, .stop = s->client.stop };
	json_t *rows[QUESTIONS];
	enum outcome outcome;

	*out = (struct themis){ .deadline = 5, .host = host_name(arena) };
	themis_say(out, DOOR_MILTER, MILTER_DEFAULT, NULL);
	themis_say(out, DOOR_POLICY, POLICY_DEFAULT, NULL);
	for (size_t i = 0; i < QUESTIONS; i++)
		rows[i] = json_array();
	outcome = client_connect(&client, s->socket, CLIENT_WAITS, err);
	if (outcome == OUTCOME_DONE)
		outcome = ask_all(&client, rows, err);
	if (outcome == OUTCOME_DONE)
		take_all(arena, out, rows);
	client_close(&client);
	for (size_t i = 0; i < QUESTIONS; i++)
		json_decref(rows[i]);
	return outcome;
}
