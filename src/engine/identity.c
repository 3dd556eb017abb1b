/*
 * Identities and objects.  Called by the engine for each message and policy;
 * all memory is the message's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/identity.h"

#include "policy/name.h"

#include <string.h>

#define INVALID "<invalid>"

/* What a login without a domain gets behind its @, in its canonical form; NULL:
 * nothing. */
static const char *realm_of(const struct message *m)
{
	const char *realm = m->settings->login_realm;

	return *realm != '\0' ? realm : m->session->mta;
}

/* A login is folded and gets a realm.  One that is an address has the spelling of
 * one; what cannot be shown is <invalid>, as a sender would be. */
static const char *resolve_login(struct message *m, const char *login)
{
	const char *realm = realm_of(m), *object;

	if (strchr(login, '@') == NULL && realm != NULL)
		login = arena_printf(m->arena, "%s@%s", login, realm);
	object = login_parse(m->arena, login);
	return object != NULL ? object : INVALID;
}

static struct group_list address_groups(struct message *m, struct addr a)
{
	struct group_list groups = { .arena = m->arena };

	group_match_address(m->set->groups, &a, &groups);
	return groups;
}

/* A group may name a login without its domain: that is one of the realm. */
static void match_bare_login(struct message *m)
{
	const char *at = strrchr(m->login, '@'), *realm = realm_of(m);

	if (at == NULL) {
		group_match_login(
			m->set->groups, m->login, strlen(m->login), &m->login_groups);
		return;
	}
	if (realm != NULL && strcmp(realm, at + 1) == 0)
		group_match_login(m->set->groups, m->login, (size_t)(at - m->login),
			&m->login_groups);
}

static void identify_login(struct message *m, const char *login)
{
	struct addr a;

	m->login = resolve_login(m, login);
	a = addr_parse(m->arena, m->login);
	if (a.domain != NULL)
		m->login_domain = a.domain - 1;
	m->login_groups = address_groups(m, a);
	match_bare_login(m);
	group_match_client(m->set->groups, &m->session->client, &m->login_groups);
}

/* The groups of a recipient; of one that does not parse also those of what the MTA makes
 * of it, lest a comment or a blank get somebody out of his groups. */
static struct group_list path_groups(struct message *m, struct addr a, const char *routed)
{
	struct group_list groups = address_groups(m, a);
	struct addr to;

	if (a.kind == ADDR_INVALID && routed != NULL) {
		to = addr_parse(m->arena, routed);
		group_match_address(m->set->groups, &to, &groups);
	}
	return groups;
}

/* The sender as the MTA has it, else as it was given. */
static struct addr parse_sender(struct message *m, const char *sender, const char *routed)
{
	const char *given = sender != NULL ? sender : routed;
	struct addr a = { .kind = ADDR_INVALID };

	if (routed != NULL)
		a = addr_parse(m->arena, *routed != '\0' ? routed : "<>");
	if (a.kind == ADDR_INVALID)
		a = addr_parse(m->arena, given != NULL ? given : "");
	return addr_complete(m->arena, a, m->session->mta);
}

static const char *client_object(const struct message *m)
{
	struct cidr client = m->session->client;
	char text[CIDR_TEXT_MAX];

	if (client.family == 0)
		return NULL;
	if (client.family == 6)
		cidr_truncate(&client, m->settings->ipv6_prefix);
	return arena_strdup(m->arena, cidr_format(text, &client));
}

void identity_resolve(
	struct message *m, const char *sender, const char *routed, const char *login)
{
	m->client = client_object(m);
	if (login != NULL && *login != '\0')
		identify_login(m, login);
	m->sender_given = arena_strdup(m->arena, sender != NULL ? sender : routed);
	m->sender = parse_sender(m, sender, routed);
	m->sender_groups = address_groups(m, m->sender);
	group_match_client(m->set->groups, &m->session->client, &m->sender_groups);
}

/* Does the address name another one inside, for an MTA that looks for it?  Postfix does
 * (allow_percent_hack, swap_bangpath, resolve_dequoted_address). */
static bool may_be_routed(const struct addr *a)
{
	size_t local = a->kind == ADDR_MAILBOX ? (size_t)(a->domain - 1 - a->text)
					       : strlen(a->text);

	return a->kind != ADDR_INVALID && strcspn(a->text, "%!@") < local;
}

struct recipient *identity_recipient(
	struct message *m, const char *recipient, const char *routed)
{
	struct recipient *r = arena_alloc(m->arena, sizeof(*r));
	struct addr a = addr_parse(m->arena, recipient), to;

	if (routed != NULL && may_be_routed(&a)) {
		to = addr_parse(m->arena, routed);
		if (to.kind == ADDR_MAILBOX)
			a = to;
	}
	r->given = arena_strdup(m->arena, recipient);
	if (routed != NULL)
		r->routed = *routed == '<' ? arena_strdup(m->arena, routed)
					   : arena_printf(m->arena, "<%s>", routed);
	r->address = addr_complete(m->arena, a, m->session->mta);
	r->groups = path_groups(m, r->address, routed);
	return r;
}

/* For a key of the sender: with a login, the null sender counts as the login. */
static bool uses_login(const struct message *m, const struct policy *p)
{
	return m->login != NULL &&
	       (policy_prefers_login(p) || m->sender.kind == ADDR_NULL);
}

const struct group_list *identity_source(const struct message *m, const struct policy *p)
{
	return uses_login(m, p) ? &m->login_groups : &m->sender_groups;
}

/* An address without a domain has none to count for, like one that does not parse. */
static const char *domain_object(const struct addr *a)
{
	return a->kind == ADDR_MAILBOX ? a->domain - 1 : INVALID;
}

static const char *sender_object(const struct message *m, bool domain)
{
	if (m->sender.kind == ADDR_NULL)
		return m->settings->null_sender == NULL_SENDER_SKIP ? NULL
								    : m->sender.text;
	return domain ? domain_object(&m->sender) : m->sender.text;
}

static const char *login_domain_object(const struct message *m)
{
	return m->login_domain != NULL ? m->login_domain : INVALID;
}

const char *identity_sender_domain(const struct message *m)
{
	return m->sender.kind == ADDR_MAILBOX ? m->sender.domain - 1 : NULL;
}

const char *identity_object(const struct message *m, const struct policy *p)
{
	switch (p->key) {
	case KEY_LOGIN:
		return m->login;
	case KEY_SENDER:
	case KEY_SENDER_PLUS:
		return uses_login(m, p) ? m->login : sender_object(m, false);
	case KEY_DOMAIN:
	case KEY_DOMAIN_PLUS:
		return uses_login(m, p) ? login_domain_object(m) : sender_object(m, true);
	case KEY_CLIENT:
		return m->client;
	case KEY_POLICY:
		return "*";
	case KEY_RECIPIENT:
	case KEY_RECIPIENT_DOMAIN:
		break;
	}
	return NULL;
}

const char *identity_recipient_object(const struct policy *p, const struct recipient *r)
{
	return p->key == KEY_RECIPIENT ? r->address.text : domain_object(&r->address);
}
