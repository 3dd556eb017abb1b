/*
 * SPF of one message.  Called by the engine on the message's thread; what answers is a
 * service of others (spf/service.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/spf.h"

#include "base/str.h"
#include "engine/engine.h"
#include "engine/look.h"
#include "engine/object.h"
#include "spf/service.h"

#include <string.h>

/* Addresses that no sender's policy speaks of, since they are not those of one host of
 * the Internet. */
static const struct {
	struct cidr network;
	const char *why;
} unchecked[] = {
#define LOOPBACK "the client is on this host"
#define PRIVATE	 "the client is in a private network"
	{ { { 127 }, 4, 8 }, LOOPBACK },	/* RFC 1122 3.2.1.3 */
	{ { { [15] = 1 }, 6, 128 }, LOOPBACK }, /* RFC 4291 2.5.3 */
	{ { { 10 }, 4, 8 }, PRIVATE },		/* RFC 1918 */
	{ { { 172, 16 }, 4, 12 }, PRIVATE },	/* RFC 1918 */
	{ { { 192, 168 }, 4, 16 }, PRIVATE },	/* RFC 1918 */
	{ { { 100, 64 }, 4, 10 }, PRIVATE },	/* RFC 6598: behind a provider's NAT */
	{ { { 169, 254 }, 4, 16 }, PRIVATE },	/* RFC 3927: of one link */
	{ { { 0xfc }, 6, 7 }, PRIVATE },	/* RFC 4193 */
	{ { { 0xfe, 0x80 }, 6, 10 }, PRIVATE }, /* RFC 4291 2.5.6: of one link */
};

/* Does the client address itself belong to one of the groups?  What it says of itself, a
 * sender or a name, must free nobody. */
static bool is_trusted(const struct message *m)
{
	struct group_list groups = { .arena = m->arena };

	group_match_client(m->set->groups, &m->session->client, &groups);
	return policy_set_trusts(m->set, &groups);
}

/* Why the client is taken for one of ours; NULL: it is not. */
static const char *trust(const struct message *m)
{
	const struct cidr *client = &m->session->client;

	/* of one that comes through a proxy the port may be unknown, too */
	if (client->family == 0)
		return m->session->local ? "it is submitted on this host"
					 : "there is no client address";
	for (size_t i = 0; i < sizeof(unchecked) / sizeof(unchecked[0]); i++)
		if (cidr_contains(&unchecked[i].network, client))
			return unchecked[i].why;
	return is_trusted(m) ? "the client is in a group of spf_trusted" : NULL;
}

bool spf_trusts_client(const struct message *m)
{
	return trust(m) != NULL;
}

bool spf_concerns(const struct message *m, const struct policy *p)
{
	return m->spf_exempt == NULL && policy_checks_spf(p);
}

bool spf_may_stop(const struct message *m, const struct policy *p)
{
	return p->action != ACTION_MONITOR && !policy_judges_recipients(p) &&
	       spf_concerns(m, p);
}

/* What does not parse as an address has the domain that an MTA may take for its, and the
 * local part that it came with: a policy that asks for single users must not take it for
 * another one.  Too long, it loses its end, not the domain. */
static const char *as_given(const struct message *m)
{
	const char *local = m->sender_given, *at = strrchr(local, '@');
	size_t room = SPF_TEXT_MAX - strlen("@") - strlen(m->sender.domain), len;

	if (*local == '<')
		local++;
	len = at > local ? (size_t)(at - local) : 0;
	return arena_printf(m->arena, "%.*s@%s", (int)(len < room ? len : room), local,
		m->sender.domain);
}

static const char *sender_of(const struct message *m)
{
	if (m->sender.kind == ADDR_NULL)
		return "";
	if (m->sender.kind == ADDR_INVALID && m->sender.domain != NULL)
		return as_given(m);
	return m->sender.text;
}

struct spf_question spf_question(const struct message *m)
{
	const char *helo = m->session->helo;

	return (struct spf_question){ .client = m->session->client,
		.sender = sender_of(m),
		.helo = helo != NULL ? helo : "" };
}

static void ask(struct message *m)
{
	struct spf_service *service = m->engine->spf;
	struct spf_question question = spf_question(m);

	question.trace = m->dry;
	m->spf_ask = service->ask(service, &question, m->settings->spf_deadline);
}

/* In the order in which the policies are looked at, up to where that ends for sure. */
static bool is_wanted(const struct message *m)
{
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (look_source(m, p) != REACH_MATCHES)
			continue;
		if (spf_concerns(m, p))
			return true;
		if (look_ends_with(p))
			return false;
	}
	return false;
}

void spf_begin(struct message *m, int64_t now)
{
	m->spf_exempt = m->login != NULL ? "the client is logged in" : trust(m);
	if (m->dry || m->engine->spf == NULL || !is_wanted(m) ||
		object_blocked(m, now) != NULL || object_bypassed(m, now) != NULL)
		return;
	ask(m);
}

bool spf_is_open(const struct message *m)
{
	return m->spf == NULL && m->spf_exempt == NULL && policy_set_checks_spf(m->set);
}

void spf_take(struct message *m, const struct spf_answer *a)
{
	struct spf_answer *kept = arena_alloc(m->arena, sizeof(*kept));

	*kept = *a;
	kept->sender = arena_strdup(m->arena, a->sender);
	kept->domain = arena_strdup(m->arena, a->domain);
	kept->mechanism = arena_strdup(m->arena, a->mechanism);
	kept->problem = arena_strdup(m->arena, a->problem);
	if (a->ntrace > 0)
		kept->trace = arena_alloc(m->arena, a->ntrace * sizeof(*kept->trace));
	for (size_t i = 0; i < a->ntrace; i++)
		kept->trace[i] = arena_strdup(m->arena, a->trace[i]);
	m->spf = kept;
}

/* A flag that was over by now, or a message that is only asked about: it was not asked
 * for at MAIL. */
void spf_wait(struct message *m)
{
	struct spf_service *service = m->engine->spf;
	struct spf_answer none;

	if (service == NULL) {
		spf_answer_init(&none, SPF_TEMPERROR, "SPF is not available");
		spf_take(m, &none);
		spf_answer_clear(&none);
		return;
	}
	if (m->spf_ask == NULL)
		ask(m);
	/* who only asks takes no message's place */
	spf_take(m, service->wait(service, m->spf_ask,
			    m->dry ? 0 : m->settings->spf_max_waiting));
	spf_end(m);
}

const struct spf_answer *spf_against(struct message *m, const struct policy *p)
{
	const struct spf_answer *spf;

	if (!spf_concerns(m, p) || (m->dry && !m->dns))
		return NULL;
	if (m->spf == NULL)
		spf_wait(m);
	spf = m->spf;
	if (spf->result == SPF_TEMPERROR)
		return p->action != ACTION_MONITOR &&
				       m->settings->spf_temperror == SPF_TEMPERROR_DEFER
			       ? spf
			       : NULL;
	return p->spf & 1u << spf->result ? spf : NULL;
}

void spf_end(struct message *m)
{
	if (m->spf_ask == NULL)
		return;
	m->engine->spf->drop(m->engine->spf, m->spf_ask);
	m->spf_ask = NULL;
}
