/*
 * Identities and objects.  Called by the engine for each message and policy;
 * all memory is the message's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/identity.h"

#include "policy/name.h"

#include <string.h>

/* A login is folded and gets a realm.  One that is an address has the spelling of
 * one; what cannot be shown is <invalid>, as a sender would be. */
static const char *resolve_login(struct message *m, const char *login)
{
	const char *realm = m->set->settings.login_realm, *object;

	if (login == NULL || *login == '\0')
		return NULL;
	if (*realm == '\0')
		realm = m->session->mta;
	if (strchr(login, '@') == NULL && realm != NULL)
		login = arena_printf(m->arena, "%s@%s", login, realm);
	object = login_parse(m->arena, login);
	return object != NULL ? object : "<invalid>";
}

static uint64_t *address_groups(struct message *m, struct addr a)
{
	uint64_t *bits = group_bits_new(m->set->groups, m->arena);

	group_match_address(m->set->groups, &a, bits);
	return bits;
}

void identity_resolve(struct message *m, const char *sender, const char *login)
{
	const struct cidr *client = &m->session->client;
	uint64_t *bits;

	m->login = resolve_login(m, login);
	if (m->login != NULL) {
		bits = address_groups(m, addr_parse(m->arena, m->login));
		group_match_client(m->set->groups, client, bits);
		m->login_groups = bits;
	}
	m->sender =
		addr_complete(m->arena, addr_parse(m->arena, sender), m->session->mta);
	bits = address_groups(m, m->sender);
	group_match_client(m->set->groups, client, bits);
	m->sender_groups = bits;
}

struct recipient *identity_recipient(struct message *m, const char *recipient)
{
	struct recipient *r = arena_alloc(m->arena, sizeof(*r));
	struct addr a =
		addr_complete(m->arena, addr_parse(m->arena, recipient), m->session->mta);

	r->address = a.text;
	r->groups = address_groups(m, a);
	return r;
}

/* For a key of the sender: with a login, the null sender counts as the login. */
static bool uses_login(const struct message *m, const struct policy *p)
{
	return m->login != NULL &&
	       (policy_prefers_login(p) || m->sender.kind == ADDR_NULL);
}

const uint64_t *identity_source(const struct message *m, const struct policy *p)
{
	return uses_login(m, p) ? m->login_groups : m->sender_groups;
}

static const char *sender_object(const struct message *m)
{
	if (m->sender.kind == ADDR_NULL &&
		m->set->settings.null_sender == NULL_SENDER_SKIP)
		return NULL;
	return m->sender.text;
}

static const char *client_object(const struct message *m)
{
	struct cidr client = m->session->client;
	char text[CIDR_TEXT_MAX];

	if (client.family == 6)
		cidr_truncate(&client, m->set->settings.ipv6_prefix);
	return arena_strdup(m->arena, cidr_format(text, &client));
}

const char *identity_object(const struct message *m, const struct policy *p)
{
	switch (p->key) {
	case KEY_LOGIN:
		return m->login;
	case KEY_SENDER:
	case KEY_SENDER_PLUS:
		return uses_login(m, p) ? m->login : sender_object(m);
	case KEY_CLIENT:
		return m->session->client.family != 0 ? client_object(m) : NULL;
	}
	return NULL;
}
