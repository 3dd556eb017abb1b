/*
 * Names, members and objects.  Called by the commands that take them and by
 * the loading of groups.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/name.h"

#include "base/addr.h"
#include "base/str.h"

#include <string.h>

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

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

const char *member_parse(
	struct arena *arena, const char *text, struct cidr *network, struct err *err)
{
	char shown[160], canonical[CIDR_TEXT_MAX];
	struct addr a;
	const char *domain;

	memset(network, 0, sizeof(*network));
	if (strchr(text, '@') == NULL && strpbrk(text, "0123456789:") != NULL) {
		if (cidr_parse(text, network, err) < 0)
			return NULL;
		return arena_strdup(arena, cidr_format(canonical, network));
	}
	if (text[0] == '@') {
		domain = parse_at_domain(arena, text);
		if (domain != NULL)
			return domain;
	} else {
		a = addr_parse(arena, text);
		if (a.kind == ADDR_MAILBOX)
			return a.text;
	}
	err_set(err,
		"not a member of a group: \"%s\" (try user@example.org, @example.org, "
		"192.0.2.7 or 2001:db8::/32)",
		str_escape(shown, sizeof(shown), text));
	return NULL;
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
	static const char *const fixed[] = { "<>", "<invalid>" };
	char shown[160], canonical[CIDR_TEXT_MAX];
	const char *name;
	struct cidr net;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(text, fixed[i]) == 0)
			return fixed[i];
	name = member_parse(arena, text, &net, NULL);
	if (name == NULL && strchr(text, '@') != NULL)
		name = login_parse(arena, text);
	if (name == NULL) {
		err_set(err,
			"not an object: \"%s\" (try user@example.org, @example.org, "
			"192.0.2.7, 2001:db8:1:2::/64 or <>)",
			str_escape(shown, sizeof(shown), text));
		return NULL;
	}
	if (net.family != 6)
		return name;
	cidr_truncate(&net, ipv6_prefix);
	return arena_strdup(arena, cidr_format(canonical, &net));
}
