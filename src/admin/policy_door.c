/*
 * Words on the policy socket.  Called by the commands, on their threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/policy_door.h"

#include "engine/look.h"
#include "engine/pending.h"

#define NAMED_MAX 20 /* policies that `status` names */

static bool is_open(const struct request *rq)
{
	const char *where = rq->admin->policy_socket;

	return where != NULL && *where != '\0';
}

/* What it does elsewhere that it cannot do there; NULL: nothing. */
static const char *lost(const struct policy *p)
{
	if (p->only_headers)
		return "it works on headers alone";
	if (look_needs_content(p))
		return "it discards single recipients";
	return p->nrules > 0 ? "it has header rules" : NULL;
}

const char *policy_door_note(struct request *rq, const struct policy *p)
{
	if (!is_open(rq))
		return "";
	if (look_needs_content(p))
		return arena_printf(
			rq->arena, "; policy_socket passes over it: %s", lost(p));
	if (policy_counts(p) && p->count == COUNT_BYTES)
		return "; policy_socket is told the size in "
		       "smtpd_end_of_data_restrictions "
		       "alone";
	return "";
}

const char *policy_door_note_header(const struct request *rq)
{
	return is_open(rq) ? "; at policy_socket no header can be looked at or added"
			   : "";
}

/* "NAME: why" of the first of them. */
static json_t *list_lost(struct engine *engine)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	json_t *list = json_array();

	for (size_t i = 0; i < set->npolicies && json_array_size(list) < NAMED_MAX; i++) {
		const struct policy *p = set->policies[i];

		if (p->enabled && lost(p) != NULL)
			json_array_append_new(
				list, json_sprintf("%s: %s", p->name, lost(p)));
	}
	policy_slot_release(engine->slot, set);
	return list;
}

void policy_door_status(struct request *rq, json_t *row)
{
	const struct admin *a = rq->admin;

	if (!is_open(rq))
		return;
	json_object_update_new(row,
		json_pack("{s:s, s:i, s:I, s:o}", "policy_socket", a->policy_socket,
			"policy_connections", (int)a->policy_connections(),
			"policy_pending", (json_int_t)pending_count(a->engine->pending),
			"policy_cannot", list_lost(a->engine)));
}
