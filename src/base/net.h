/*
 * Sockets: addresses as libmilter spells them, listening without stealing a
 * live socket, who is at the other end, and lines out of a stream.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_NET_H
#define THEMIS_BASE_NET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

enum net_family { NET_UNIX, NET_INET, NET_INET6 };

/* "unix:/path" (or "local:/path", "/path"), "inet:8440@127.0.0.1",
 * "inet6:8440@::1". */
struct net_address {
	enum net_family family;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* NET_UNIX */
	unsigned short port;
	char host[256]; /* "": every address of this host */
};

int net_address_parse(const char *text, struct net_address *out, struct err *err);

/* Makes a path free for bind(): removes a socket that nobody listens on.
 * Refuses, and leaves alone, a live socket, a symbolic link and every other
 * kind of file.  Nothing there is fine. */
int net_claim_path(const char *path, struct err *err);

/* Listens on a UNIX path (claimed first), close-on-exec and non-blocking.
 * Returns the descriptor, or -1. */
int net_listen_unix(const char *path, mode_t mode, struct err *err);

/* The same on any address; mode: of a UNIX path. */
int net_listen(const struct net_address *address, mode_t mode, struct err *err);

/* Who a UNIX socket is for. */
struct net_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* The same for such an owner, and until it is his it is closed to all others. */
int net_listen_owned(const struct net_address *address, const struct net_owner *owner,
	struct err *err);

/* Tries to listen there, and leaves nothing behind: for the reason when a library
 * that has failed to does not give one.  0: it can be done now. */
int net_try_listen(const struct net_address *address, struct err *err);

/* A connection to a UNIX path, blocking; the descriptor, or -1 with errno. */
int net_connect_unix(const char *path);

/* Who is at the other end of a UNIX stream (SO_PEERCRED, SO_PEERGROUPS). */
struct net_peer {
	uid_t uid;
	pid_t pid;
	gid_t *groups; /* the primary one too; net_peer_free() */
	size_t ngroups;
};

int net_peer_read(int fd, struct net_peer *out, struct err *err);
bool net_peer_in_group(const struct net_peer *peer, gid_t gid);
void net_peer_free(struct net_peer *peer);

/* Lines out of a stream, blocking or not.  Zero it to begin, except max. */
struct net_lines {
	char *buf;
	size_t max; /* octets of a line, its end not counted */
	size_t used, taken;
	bool skipping; /* within a line that was too long */
};

enum net_line { NET_LINE, NET_LINE_TOO_LONG, NET_LINE_NUL, NET_LINE_MORE };

/* The next line already read, ended with a NUL in place of LF or CR LF and good
 * until the next call; NET_LINE_MORE when more must be read.  A line that is too
 * long or has a NUL octet in it is passed over, and said to be. */
enum net_line net_lines_next(struct net_lines *lines, char **line);

/* Reads once.  1: something came; 0: the end; -1: errno (EAGAIN: later). */
int net_lines_fill(struct net_lines *lines, int fd);

/* Is there the beginning of a line, of which nothing was said yet? */
bool net_lines_cut(const struct net_lines *lines);

void net_lines_free(struct net_lines *lines);

#endif
