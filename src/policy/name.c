/*
 * Names, members and objects.  Called by the commands that take them and by
 * the loading of groups.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/name.h"

#include "base/addr.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>

int name_check(const char *what, const char *name, struct err *err)
{
	static const char *const kept[] = { "any", "all", "list", "global" };
	char shown[160];
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_OCTETS || name[strspn(name, NAME_CHARS)] != '\0')
		return err_set(err,
			"not a name for a %s: \"%s\" (1 to %d letters, digits, _ - or .)",
			what, str_escape(shown, sizeof(shown), name), NAME_MAX_OCTETS);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (strcmp(name, kept[i]) == 0)
			return err_set(err,
				"\"%s\" is a word of its own and no name for a %s", name,
				what);
	return 0;
}

/* "@example.org": addr_parse() judges the domain, with a local part lent. */
static const char *parse_at_domain(struct arena *arena, const char *text)
{
	struct addr a = addr_parse(arena, arena_printf(arena, "x%s", text));

	return a.kind == ADDR_MAILBOX && a.text[1] == '@' ? a.text + 1 : NULL;
}

/* "@.example.org": the domain and all below it, which an address literal has not. */
static const char *parse_subtree(struct arena *arena, const char *text)
{
	const char *domain = parse_at_domain(arena, arena_printf(arena, "@%s", text + 2));

	if (domain == NULL || domain[1] == '[')
		return NULL;
	return arena_printf(arena, "@.%s", domain + 1);
}

/* "user@": that local part at any domain. */
static const char *parse_local(struct arena *arena, const char *text)
{
	struct addr a = addr_parse(arena, arena_memdup(arena, text, strlen(text) - 1));

	return a.kind == ADDR_LOCAL ? arena_printf(arena, "%s@", a.text) : NULL;
}

static const char *parse_mailbox(struct arena *arena, const char *text)
{
	struct addr a = addr_parse(arena, text);

	return a.kind == ADDR_MAILBOX ? a.text : NULL;
}

/* A login as the MTA gives it, without a domain.  No name of a mail system has the
 * characters that are left out, and a typing error in something else often has. */
static const char *parse_bare_login(struct arena *arena, const char *text)
{
	bool named = false;
	struct addr a;
	char *folded;

	if (strlen(text) > ADDR_LOCAL_MAX || !str_is_utf8(text, strlen(text)) ||
		str_has_control(text) || strcmp(text, "any") == 0)
		return NULL;
	for (const char *p = text; *p != '\0'; p++) {
		if (strchr(" \"(),:;<>@[]/*?!", *p) != NULL)
			return NULL;
		named |= (unsigned char)*p >= 0x80 || isalnum((unsigned char)*p);
	}
	/* folded as it will be with a domain behind it (login_parse()) */
	a = addr_parse(arena, text);
	if (a.kind == ADDR_LOCAL)
		return named ? a.text : NULL;
	folded = arena_strdup(arena, text);
	str_fold(folded);
	return named ? folded : NULL;
}

/* What can only be meant as an address or network: "10.0.0.0/8", "2001:db8::",
 * "192.0.2.x". */
static bool is_like_network(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return strpbrk(text, ":/") != NULL ||
	       (digits > 0 && text[digits] == '.' &&
		       isdigit((unsigned char)text[digits + 1]));
}

const char *member_parse(
	struct arena *arena, const char *text, struct cidr *network, struct err *err)
{
	char shown[160], canonical[CIDR_TEXT_MAX];
	const char *at = strrchr(text, '@'), *name;

	memset(network, 0, sizeof(*network));
	if (at == NULL && is_like_network(text)) {
		if (cidr_parse(text, network, err) < 0)
			return NULL;
		return arena_strdup(arena, cidr_format(canonical, network));
	}
	if (at == NULL)
		name = parse_bare_login(arena, text);
	else if (text[0] == '@')
		name = text[1] == '.' ? parse_subtree(arena, text)
				      : parse_at_domain(arena, text);
	else if (at[1] == '\0')
		name = parse_local(arena, text);
	else
		name = parse_mailbox(arena, text);
	if (name == NULL)
		err_set(err,
			"not a member of a group: \"%s\" (try user@example.org, "
			"@example.org, @.example.org, user@, a login, 192.0.2.7 or "
			"2001:db8::/32)",
			str_escape(shown, sizeof(shown), text));
	return name;
}

const char *login_parse(struct arena *arena, const char *text)
{
	struct addr a = addr_parse(arena, text);
	size_t len = strlen(text);
	char *folded;

	if (a.kind == ADDR_MAILBOX)
		return a.text;
	if (len == 0 || len > ADDR_LOCAL_MAX + 1 + ADDR_DOMAIN_MAX || text[0] == '@' ||
		!str_is_utf8(text, len) || str_has_control(text))
		return NULL;
	folded = arena_strdup(arena, text);
	str_fold(folded);
	return folded;
}

const char *object_parse(
	struct arena *arena, const char *text, unsigned ipv6_prefix, struct err *err)
{
	static const char *const fixed[] = { "<>", "<invalid>", "*" };
	char shown[160], canonical[CIDR_TEXT_MAX];
	const char *name = NULL;
	struct cidr net;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(text, fixed[i]) == 0)
			return fixed[i];
	if (text[0] == '@') {
		name = parse_at_domain(arena, text);
	} else if (strchr(text, '@') != NULL) {
		name = login_parse(arena, text);
	} else if (cidr_parse(text, &net, NULL) == 0) {
		if (net.family == 6)
			cidr_truncate(&net, ipv6_prefix);
		name = arena_strdup(arena, cidr_format(canonical, &net));
	}
	if (name == NULL)
		err_set(err,
			"not an object: \"%s\" (try user@example.org, @example.org, "
			"192.0.2.7, 2001:db8:1:2::/64, <> or *)",
			str_escape(shown, sizeof(shown), text));
	return name;
}
