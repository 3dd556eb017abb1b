/*
 * Roles and refusals.  Called by the control server on its thread, but for the
 * handler of a refusal, which the changer runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/role.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define TELL_AFTER (60 * CLOCK_SECOND)

struct refusal {
	struct task task; /* first: the changer hands its request back */
	const struct roles *roles;
	unsigned more; /* for whom this one speaks, too */
};

enum role role_of(const struct roles *r, const struct net_peer *peer)
{
	if (peer->uid == 0 || peer->uid == r->daemon ||
		(r->write_group != (gid_t)-1 && net_peer_in_group(peer, r->write_group)))
		return ROLE_WRITE;
	if (r->read_group != (gid_t)-1 && net_peer_in_group(peer, r->read_group))
		return ROLE_READ;
	return ROLE_NONE;
}

/* The words; user "": his number. Always -1. */
static int deny(const struct request *rq, const struct roles *roles, const char *user,
	struct err *err)
{
	char number[40];

	if (*user == '\0') {
		snprintf(number, sizeof(number), "uid %u", (unsigned)rq->uid);
		user = number;
	}
	if (rq->command != NULL)
		return err_code(err, ERR_DENIED,
			"user %s may look, but not change anything", user);
	if (roles->write_group == (gid_t)-1)
		return err_code(err, ERR_DENIED,
			"user %s may not use this socket (only root may)", user);
	return err_code(err, ERR_DENIED,
		"user %s may not use this socket (root and members of the group %s may)",
		user, roles->write_group_name);
}

/* The handler: the changer has looked the name up. */
static int do_refuse(struct request *rq, struct err *err)
{
	const struct refusal *r = (struct refusal *)rq; /* request, task, refusal */
	char more[60] = "";

	if (r->more > 0)
		snprintf(more, sizeof(more), " (and %u more %s refused)", r->more,
			r->more == 1 ? "was" : "were");
	deny(rq, r->roles, rq->user, err);
	if (rq->command != NULL)
		log_warning(
			"%s: refused, may not change: %s%s", rq->user, rq->line, more);
	else
		log_warning("%s: refused, is in no group that may use the control "
			    "socket%s",
			rq->user, more);
	/* if it cannot be stored, there is still the line of the log */
	request_write_down(rq, arena_printf(rq->arena, "%s%s", err->text, more), NULL);
	return -1;
}

/* The handler of those for whom no other refusal spoke. */
static int do_refuse_rest(struct request *rq, struct err *err)
{
	const struct refusal *r = (struct refusal *)rq;
	const char *rest = arena_printf(
		rq->arena, "%u more %s refused", r->more, r->more == 1 ? "was" : "were");

	log_warning("control socket: %s", rest);
	request_write_down(rq, rest, NULL);
	return err_code(err, ERR_DENIED, "%s", rest);
}

/* The user's own, or else that of whoever has used least of his, as it is. */
static struct allowance *allowance_of(struct refusals *r, uid_t uid)
{
	struct allowance *least = &r->of[0];

	for (int i = 0; i < REFUSALS_USERS; i++) {
		if (r->of[i].uid == uid)
			return &r->of[i];
		if (r->of[i].paid_to < least->paid_to)
			least = &r->of[i];
	}
	/* with its debt, else more users than places would pay nothing at all */
	least->uid = uid;
	return least;
}

/* Is there room for one more to be written down?  A bucket that fills evenly. */
static bool is_allowed(struct refusals *r, uid_t uid, int64_t now)
{
	struct allowance *a = allowance_of(r, uid);
	int64_t from = a->paid_to > now ? a->paid_to : now;

	if (r->waiting == REFUSALS_WAITING ||
		from - now > (REFUSALS_AT_ONCE - 1) * REFUSALS_EVERY)
		return false;
	a->paid_to = from + REFUSALS_EVERY;
	return true;
}

struct task *refusal_begin(struct refusals *refusals, struct task *task,
	const struct roles *roles, int64_t now)
{
	struct refusal *r;

	if (!is_allowed(refusals, task->rq.uid, now)) {
		refusals->more++;
		refusals->last = now;
		task->result = deny(&task->rq, roles, task->user, &task->err);
		return NULL;
	}
	r = arena_alloc(task->rq.arena, sizeof(*r));
	r->task = *task;
	r->task.handler = do_refuse;
	r->task.refusal = true;
	r->roles = roles;
	r->more = refusals->more;
	refusals->more = 0;
	refusals->waiting++;
	return &r->task;
}

void refusal_end(struct refusals *refusals, const struct task *task)
{
	const struct refusal *r = (const struct refusal *)task;

	refusals->waiting--;
	/* it was not run, since we stop: then nobody has been told of */
	if (task->err.code != ERR_DENIED)
		refusals->more += r->more + (task->owner != NULL);
}

struct task *refusals_rest(struct refusals *refusals, struct admin *admin,
	const struct roles *roles, int64_t now)
{
	struct arena *arena;
	struct refusal *r;

	if (refusals->more == 0 || now - refusals->last < TELL_AFTER ||
		refusals->waiting == REFUSALS_WAITING)
		return NULL;
	arena = arena_new();
	r = arena_alloc(arena, sizeof(*r));
	r->task.user = arena_strdup(arena, "themisd");
	r->task.rq = (struct request){ .admin = admin,
		.arena = arena,
		.line = "",
		.uid = roles->daemon,
		.user = r->task.user };
	r->task.handler = do_refuse_rest;
	r->task.refusal = true;
	r->more = refusals->more;
	refusals->more = 0;
	refusals->waiting++;
	return &r->task;
}
