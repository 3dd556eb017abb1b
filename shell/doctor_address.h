/*
 * Sockets of themisd as Postfix spells them, and whether two spellings mean the same.
 *
 *	themisd.conf			main.cf
 *	inet:8440@127.0.0.1		inet:127.0.0.1:8440, inet:localhost:8440
 *	inet6:8440@::1			inet:[::1]:8440
 *	unix:/var/spool/postfix/t/m	unix:t/m, and unix:/t/m in a chroot
 *
 * A path without a slash before it begins at the queue directory, where Postfix's
 * services work, and so does every path of a service in a chroot (master(5)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_ADDRESS_H
#define THEMIS_SHELL_DOCTOR_ADDRESS_H

#include "base/arena.h"
#include "base/net.h"

enum reach {
	REACH_OTHER, /* it is another socket */
	REACH_NOT,   /* it is meant, but from there it is not reached */
	REACH_IT,
};

/* What a service that works so has in its list; names of hosts are looked up only where
 * the port is the same. */
enum reach address_reach(const struct net_address *address, const char *spelled,
	const char *queue, bool chroot);

/* Is it in the queue directory, where a service in a chroot reaches it? */
bool address_is_within(const struct net_address *address, const char *queue);

/* As main.cf has it, so that every service reaches it if any spelling does that. */
const char *address_spell(
	struct arena *arena, const struct net_address *address, const char *queue);

/* Is this the name of a service of master.cf on a loopback address ("127.0.0.1:10025",
 * "localhost:10025", "[::1]:10025")? */
bool address_is_loopback(const char *service);

/* Does the service of that name, on a loopback address, take what is sent to that next
 * hop
 * ("[127.0.0.1]:10030", "inet:localhost:10030")?  No name is looked up. */
bool address_takes(const char *service, const char *hop);

#endif
