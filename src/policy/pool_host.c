/*
 * MTAs as pools name them.  Called by the commands and by the front door of requests, on
 * their threads; pure but for the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/addr.h"
#include "policy/pool.h"

#include <string.h>

const char *pool_address(struct arena *arena, const char *text)
{
	char shown[CIDR_TEXT_MAX];
	size_t len = strlen(text);
	struct cidr address;

	if (*text == '[' && text[len - 1] == ']')
		text = arena_memdup(arena, text + 1, len - 2);
	if (strchr(text, '/') != NULL || cidr_parse(text, &address, NULL) < 0)
		return NULL;
	cidr_format(shown, &address);
	return address.family == 4
		       ? arena_strdup(arena, shown)
		       : addr_domain(arena, arena_printf(arena, "[IPv6:%s]", shown));
}

const char *pool_host(struct arena *arena, const char *text)
{
	const char *address = pool_address(arena, text);

	return address != NULL || *text == '[' ? address : addr_domain(arena, text);
}
