/*
 * Commands at random that change something, so many of one small world that they meet:
 * for the tests of what a change leaves behind, whatever it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_ASKED_H
#define THEMIS_TESTS_ASKED_H

#include "../house.h"
#include "../random.h"

/* What random commands are made of: %p is a policy, %g a group, %o a pool, %n a number,
 * %m a member, %h a host, %c a criterion, %b an object. */
static const char *const forms[] = {
	"group add %g %m %m %m",
	"group add %g",
	"group remove %g %m",
	"group delete %g",
	"policy add %p source=%c destination=%c limit=%n/hour,%n/day action=defer",
	"policy add %p source=%c destination=%c type=bypass+",
	"policy add %p source=%c destination=%c count=bytes limit=%nM/week,1K/minute",
	"policy set %p limit=%n/day,%n/hour,%n/minute",
	"policy set %p limit=%n:7200 strategy=fixed",
	"policy set %p limit=none priority=%n",
	"policy set %p strategy=bucket penalty=%nm",
	"policy set %p reply='it''s {limit}: \\ \"full\"' stop=yes",
	"policy set %p reply= penalty=default key=client source=%c",
	"policy set %p destination=%c only-headers=yes rate-stats=yes",
	"policy set %p spf=fail,neutral",
	"policy set %p spf=strict action=block",
	"policy set %p spf=off",
	"policy disable %p",
	"policy enable %p",
	"policy rename %p %p",
	"policy delete %p",
	"header add %p Subject '/it%n/i' X-A \"a 'b' \\\"c\\\"\" X-B %n",
	"header add %p subject /%n/ X-A '#x'",
	"header add %p All /%n/ X-A %n",
	"header add %p all '/a b/' X-A '$0 \\'",
	"header set %p Subject /q/ X-Q %n",
	"header delete %p subject",
	"pool add %o %h %h",
	"pool add %o",
	"pool remove %o %h",
	"pool delete %o",
	"setting set pool_counters yes",
	"setting set default_limit %n/hour",
	"setting set default_limit '%n per 10 minutes' pool=%o",
	"setting set default_penalty %nm pool=%o",
	"setting set pool_fallback yes pool=%o",
	"setting set login_realm ''",
	"setting set ipv6_prefix 56",
	"setting set ipv6_prefix 64",
	"setting set history_days 30",
	"setting set spf_trusted %g",
	"setting set spf_trusted %g,%g",
	"setting unset spf_trusted",
	"setting set spf_temperror defer pool=%o",
	"setting set spf_deadline %n",
	"setting unset default_limit pool=%o",
	"setting unset pool_fallback pool=%o",
	"setting unset default_limit",
	"setting unset ipv6_prefix",
	"setting unset pool_counters",
	"object block %b",
	"object block %b until 2999-01-01T00:00:0%n.25Z because 'it''s %n'",
	"object bypass %b for %n weeks because \"don't\"",
	"object clear %b",
	"object clear %b bypass",
};

static const char *const policies[] = { "a", "b", "c", "mx:a", "mx:z", "out:b" };
static const char *const groups[] = { "g", "h", "i", "j" };
static const char *const pools[] = { "mx", "out", "relay" };
static const char *const hosts[] = { "a.example.org", "b.example.org", "c.example.org",
	"d.example.org" };
static const char *const criteria[] = { "any", "g", "!h", "!i", "j" };
static const char *const members[] = { "@example.org", "bob@example.org", "192.0.2.0/24",
	"2001:db8::/32", "bob", "'o''b'@x.org", "'\"#a b\"@example.org'",
	"a=b@example.org", "@.example.net", "eve@", "\\''o@example.com'" };
static const char *const objects[] = { "bob@example.org", "@example.org", "192.0.2.1",
	"2001:db8:1:2::1", "'<invalid>'", "a=b@example.org" };
static const char *const numbers[] = { "1", "2", "3", "4", "5", "6", "7", "8" };

static const struct {
	char letter;
	const char *const *of;
	size_t n;
} parts[] = {
	{ 'p', policies, LENGTH(policies) },
	{ 'g', groups, LENGTH(groups) },
	{ 'o', pools, LENGTH(pools) },
	{ 'h', hosts, LENGTH(hosts) },
	{ 'c', criteria, LENGTH(criteria) },
	{ 'm', members, LENGTH(members) },
	{ 'b', objects, LENGTH(objects) },
	{ 'n', numbers, LENGTH(numbers) },
};

static inline const char *part(char letter, uint64_t *seed)
{
	for (size_t i = 0; i < LENGTH(parts); i++)
		if (parts[i].letter == letter)
			return parts[i].of[next_random(seed) % parts[i].n];
	fail_msg("%%%c", letter);
	return NULL;
}

/* Many of them are refused: there is no such policy, the group is used. */
static inline int ask_something(struct talk *t, uint64_t *seed)
{
	const char *form = forms[next_random(seed) % LENGTH(forms)];
	char line[1000] = "";

	for (const char *p = form; *p != '\0'; p++)
		if (*p == '%')
			str_append(line, sizeof(line), "%s", part(*++p, seed));
		else
			str_append(line, sizeof(line), "%c", *p);
	return strncmp(ask(t, line), "200 ", 4) == 0;
}

#endif
