/*
 * themisd.conf and -o: what must be known before the database opens.  Read once,
 * at start, on the main thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CONF_H
#define THEMIS_CONF_H

#include "base/err.h"
#include "base/log.h"
#include "base/net.h"

#include <sys/types.h>

enum conf_key {
#define KEY(id, name, def, values, meaning) CONF_##id,
#include "conf.def"
#undef KEY
	CONF_KEYS
};

#define CONF_SERVERS_MAX 400 /* octets */

struct conf {
	char *text[CONF_KEYS]; /* as given, or the default; owned */
	int line[CONF_KEYS];   /* of the file where it stands; 0: in none */
	char *file;	       /* the one that was read last; owned; NULL: none */
	/* what they come to */
	/* policy and metrics: if text is not "" */
	struct net_address milter_address, policy_address, metrics_address;
	mode_t milter_mode;
	gid_t milter_gid;	       /* (gid_t)-1: none given */
	gid_t write_group, read_group; /* (gid_t)-1: none */
	uid_t uid;
	gid_t gid;
	unsigned max_counters, max_connections, spf_workers;
	char dns_servers[CONF_SERVERS_MAX + 2]; /* each with a blank behind it */
	bool relaxed;				/* durability */
	int to_syslog;
	enum log_level level;
};

#define CONF_FILE_DEFAULT SYSCONFDIR "/themis/themisd.conf"

/* The defaults. */
void conf_init(struct conf *conf);
void conf_free(struct conf *conf);

/* Reads a file.  A key that is unknown or given twice, or a value that is none,
 * is refused with file and line; so is a file with nothing in it, since that is what
 * is left of one that could not be written. */
int conf_read(struct conf *conf, const char *path, struct err *err);

/* One KEY=VALUE of the command line. */
int conf_override(struct conf *conf, const char *pair, struct err *err);

/* What takes the mail of alerts. */
const char *conf_sendmail(const struct conf *conf);

/* Looks up users and groups, once everything is read.  One that is not there is refused
 * with file and line, if it stands in the file; so are two keys with one socket. */
int conf_resolve(struct conf *conf, struct err *err);

/* Its parts: is there a socket for each key (conf_sockets.c)?  And what puts file and
 * line before a refusal, if the key stands in the file; always -1. */
int conf_check_sockets(const struct conf *conf, struct err *err);
int conf_refuse(const struct conf *conf, enum conf_key key, struct err *err);

#endif
