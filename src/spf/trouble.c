/*
 * Trouble of the pool as a whole.  Called by the pool (pool.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/trouble.h"

#include "base/episode.h"
#include "base/str.h"

#include <string.h>

bool spf_trouble_full(struct spf_trouble *trouble, const char *why, int64_t now)
{
	bool begins = trouble->full == NULL;

	trouble->full = why;
	trouble->full_until = now + SPF_TROUBLE_QUIET;
	return begins;
}

static void note_domain(struct spf_trouble *trouble, const char *name)
{
	uint64_t domain = str_hash(name, strlen(name));

	for (unsigned i = 0; i < trouble->ndomains; i++)
		if (trouble->domains[i] == domain)
			return;
	if (trouble->ndomains < SPF_TROUBLE_DOMAINS)
		trouble->domains[trouble->ndomains++] = domain;
}

void spf_trouble_answer(struct spf_trouble *trouble, const struct spf_answer *a)
{
	if (a->queries == 0)
		return; /* it says nothing about DNS, or it is no worker's */
	if (a->result != SPF_TEMPERROR) {
		trouble->lost = trouble->ndomains = 0;
		return;
	}
	if (trouble->lost < SPF_TROUBLE_CHECKS)
		trouble->lost++;
	note_domain(trouble, a->domain);
}

/* Does DNS answer nobody? */
static bool is_dns(const struct spf_trouble *trouble)
{
	return trouble->lost >= SPF_TROUBLE_CHECKS &&
	       trouble->ndomains >= SPF_TROUBLE_DOMAINS;
}

void spf_trouble_look(struct spf_trouble *trouble, int64_t now)
{
	if (now >= trouble->full_until)
		trouble->full = NULL;
}

int64_t spf_trouble_wakes(const struct spf_trouble *trouble)
{
	return trouble->full != NULL ? trouble->full_until : INT64_MAX;
}

void spf_trouble_tell(const struct spf_trouble *trouble)
{
	int64_t now = clock_now();

	if (trouble->full != NULL)
		episode_begin(EPISODE_SPF_ROOM, now, "%s", trouble->full);
	else
		episode_end(EPISODE_SPF_ROOM, now);
	if (is_dns(trouble))
		episode_begin(EPISODE_DNS, now,
			"the last %d checks of SPF had no answer: are dns_servers "
			"alive?",
			SPF_TROUBLE_CHECKS);
	else
		episode_end(EPISODE_DNS, now);
}
