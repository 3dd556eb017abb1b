/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/peer.h"

#include <string.h>
#include <strings.h>

/* Is the client among the addresses of that name?  A failure is no (5.5). */
static bool is_held(struct peer *p, const char *name)
{
	const enum lookup_type type = lookup_type_of(p->client);
	struct dns_answer a = lookup_ask(p->lookup, name, type);
	struct cidr address;

	for (size_t i = 0; a.status == DNS_FOUND && i < a.n; i++)
		if (lookup_address(&a.data[i], type, &address) &&
			cidr_contains(&address, p->client))
			return true;
	return false;
}

static void find_names(struct peer *p)
{
	char reverse[LOOKUP_NAME_SIZE];
	struct dns_answer a;
	size_t n = 0, kept = 0;

	p->lookup->of_client = true;
	lookup_reverse_name(p->client, reverse);
	a = lookup_ask(p->lookup, reverse, LOOKUP_PTR);
	for (size_t i = 0; a.status == DNS_FOUND && i < a.n && n < LOOKUP_PTR_MAX; i++)
		n += lookup_name(&a.data[i], 0, p->names[n]);
	for (size_t i = 0; i < n; i++)
		if (is_held(p, p->names[i]))
			memmove(p->names[kept++], p->names[i], LOOKUP_NAME_SIZE);
	p->lookup->of_client = false;
	p->n = kept;
	p->known = true;
}

static bool is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	return n > d && name[n - d - 1] == '.' && strcasecmp(name + n - d, domain) == 0;
}

const char *peer_name(struct peer *p, const char *domain)
{
	const char *best = NULL;

	if (!p->known)
		find_names(p);
	for (size_t i = 0; i < p->n; i++) {
		if (strcasecmp(p->names[i], domain) == 0)
			return p->names[i];
		if (best == NULL ||
			(!is_below(best, domain) && is_below(p->names[i], domain)))
			best = p->names[i];
	}
	return best != NULL ? best : "unknown";
}
