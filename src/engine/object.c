/*
 * Flags and grants of objects.  Asked by the engine for each message, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/object.h"

#include "engine/identity.h"

static bool has_flag(
	const struct message *m, const char *object, enum flag flag, int64_t now)
{
	return object != NULL && flag_until(m->set->flags, object, flag) > now;
}

static const char *first_with(const struct message *m, const char *const *names, size_t n,
	enum flag flag, int64_t now)
{
	for (size_t i = 0; i < n; i++)
		if (has_flag(m, names[i], flag, now))
			return names[i];
	return NULL;
}

const char *object_blocked(const struct message *m, int64_t now)
{
	const char *names[5];

	/* most sites have none */
	if (flag_last(m->set->flags, FLAG_BLOCK) <= now)
		return NULL;
	names[0] = m->login;
	names[1] = m->sender.text;
	names[2] = m->login_domain;
	names[3] = identity_sender_domain(m);
	names[4] = m->client;
	return first_with(m, names, 5, FLAG_BLOCK, now);
}

const char *object_bypassed(const struct message *m, int64_t now)
{
	const char *names[3];

	if (flag_last(m->set->flags, FLAG_BYPASS) <= now)
		return NULL;
	names[0] = m->login != NULL ? m->login : m->sender.text;
	names[1] = m->login != NULL ? m->login_domain : identity_sender_domain(m);
	names[2] = m->client;
	return first_with(m, names, 3, FLAG_BYPASS, now);
}

struct grant object_granted(
	const struct message *m, const struct policy *p, const char *object, int64_t now)
{
	/* most sites have none */
	if (p->count != COUNT_MESSAGES || grant_last(m->set->grants) <= now)
		return (struct grant){ 0 };
	return grant_of(m->set->grants, object, p->id, now);
}
