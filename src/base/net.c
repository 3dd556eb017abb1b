/*
 * Sockets and lines.  Used by the daemon's control server and by the shell;
 * each object belongs to one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/net.h"

#include "base/arena.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int parse_path(const char *path, struct net_address *out, struct err *err)
{
	if (path[0] != '/')
		return err_set(err, "not an absolute path: \"%s\"", path);
	if (strlen(path) >= sizeof(out->path))
		return err_set(err, "a socket's path has at most %zu octets: \"%s\"",
			sizeof(out->path) - 1, path);
	snprintf(out->path, sizeof(out->path), "%s", path);
	return 0;
}

static int parse_port(const char *text, struct net_address *out, struct err *err)
{
	const char *at = strchr(text, '@');
	size_t n = at != NULL ? (size_t)(at - text) : strlen(text);
	char port[8];
	uint64_t number;

	if (n >= sizeof(port))
		return err_set(err, "not a port: \"%.20s\" (1 to 65535)", text);
	memcpy(port, text, n);
	port[n] = '\0';
	if (str_to_u64(port, 65535, &number) < 0 || number == 0)
		return err_set(err, "not a port: \"%s\" (1 to 65535)", port);
	out->port = (unsigned short)number;
	if (at != NULL && strlen(at + 1) >= sizeof(out->host))
		return err_set(err, "the host's name is too long");
	if (at != NULL)
		snprintf(out->host, sizeof(out->host), "%s", at + 1);
	return 0;
}

int net_address_parse(const char *text, struct net_address *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (text[0] == '/')
		return parse_path(text, out, err);
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, out, err);
	if (strncmp(text, "local:", 6) == 0)
		return parse_path(text + 6, out, err);
	if (strncmp(text, "inet:", 5) == 0) {
		out->family = NET_INET;
		return parse_port(text + 5, out, err);
	}
	if (strncmp(text, "inet6:", 6) == 0) {
		out->family = NET_INET6;
		return parse_port(text + 6, out, err);
	}
	return err_set(err,
		"not a socket: \"%s\" (try unix:/path, inet:8440@127.0.0.1 or "
		"inet6:8440@::1)",
		text);
}

static int fill_sockaddr(const char *path, struct sockaddr_un *sun)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun->sun_path, path, strlen(path) + 1);
	return 0;
}

static int connect_unix(const char *path, int flags)
{
	struct sockaddr_un sun;
	int fd;

	if (fill_sockaddr(path, &sun) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int net_connect_unix(const char *path)
{
	return connect_unix(path, 0);
}

int net_claim_path(const char *path, struct err *err)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(
			err, "%s: exists and is not a socket; it is left alone", path);
	/* EAGAIN: it listens, and is busy */
	fd = connect_unix(path, SOCK_NONBLOCK);
	if (fd >= 0 || errno == EAGAIN) {
		if (fd >= 0)
			close(fd);
		return err_set(err, "%s: another program is listening there", path);
	}
	if (errno != ECONNREFUSED)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (unlink(path) < 0)
		return err_set(err, "%s: a stale socket that cannot be removed: %s", path,
			strerror(errno));
	return 0;
}

int net_listen_unix(const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un sun;
	bool bound;
	int fd;

	if (net_claim_path(path, err) < 0)
		return -1;
	if (fill_sockaddr(path, &sun) < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	bound = bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
	if (!bound || chmod(path, mode) < 0 || listen(fd, SOMAXCONN) < 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		if (bound)
			unlink(path);
		close(fd);
		return -1;
	}
	return fd;
}

/* As libmilter does it, who takes over a port on which old connections linger. */
static int listen_inet(const struct addrinfo *to, struct err *err)
{
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		to->ai_protocol);
	int on = 1;

	if (fd < 0)
		return err_set(err, "%s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	err_set(err, "%s", strerror(errno));
	close(fd);
	return -1;
}

/* The host without the brackets in which an IPv6 address may stand. */
static const char *bare_host(const char *host, char bare[256])
{
	size_t n = strlen(host);

	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return n > 0 ? host : NULL;
	snprintf(bare, 256, "%.*s", (int)n - 2, host + 1);
	return bare;
}

int net_listen(const struct net_address *address, mode_t mode, struct err *err)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE,
		.ai_family = address->family == NET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM };
	char bare[256], port[8];
	struct addrinfo *to;
	int rc;

	if (address->family == NET_UNIX)
		return net_listen_unix(address->path, mode, err);
	snprintf(port, sizeof(port), "%u", address->port);
	rc = getaddrinfo(bare_host(address->host, bare), port, &hints, &to);
	if (rc != 0)
		return err_set(err, "host \"%s\": %s", address->host, gai_strerror(rc));
	rc = listen_inet(to, err);
	freeaddrinfo(to);
	return rc;
}

int net_listen_owned(
	const struct net_address *address, const struct net_owner *owner, struct err *err)
{
	int fd = net_listen(address, 0600, err);

	if (fd < 0 || address->family != NET_UNIX)
		return fd;
	if (chown(address->path, owner->uid, owner->gid) == 0 &&
		chmod(address->path, owner->mode) == 0)
		return fd;
	err_set(err, "%s: %s", address->path, strerror(errno));
	unlink(address->path);
	close(fd);
	return -1;
}

int net_try_listen(const struct net_address *address, struct err *err)
{
	int fd = net_listen(address, 0600, err);

	if (fd < 0)
		return -1;
	if (address->family == NET_UNIX)
		unlink(address->path);
	close(fd);
	return 0;
}

int net_peer_read(int fd, struct net_peer *out, struct err *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	memset(out, 0, sizeof(*out));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return err_set(err, "peer credentials: %s", strerror(errno));
	out->uid = cred.uid;
	out->pid = cred.pid;
	len = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) < 0 && errno != ERANGE)
		return err_set(err, "peer groups: %s", strerror(errno));
	out->groups = mem_calloc(len / sizeof(gid_t) + 1, sizeof(gid_t));
	if (len > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out->groups, &len) < 0) {
		net_peer_free(out);
		return err_set(err, "peer groups: %s", strerror(errno));
	}
	out->ngroups = len / sizeof(gid_t);
	out->groups[out->ngroups++] = cred.gid;
	return 0;
}

bool net_peer_in_group(const struct net_peer *peer, gid_t gid)
{
	for (size_t i = 0; i < peer->ngroups; i++)
		if (peer->groups[i] == gid)
			return true;
	return false;
}

void net_peer_free(struct net_peer *peer)
{
	free(peer->groups);
	peer->groups = NULL;
	peer->ngroups = 0;
}

/* Drops what was handed out, so that the rest has room behind it. */
static void compact(struct net_lines *l)
{
	if (l->taken == 0)
		return;
	memmove(l->buf, l->buf + l->taken, l->used - l->taken);
	l->used -= l->taken;
	l->taken = 0;
}

enum net_line net_lines_next(struct net_lines *l, char **line)
{
	char *start, *lf;
	size_t n;

	for (;;) {
		if (l->buf == NULL)
			return NET_LINE_MORE;
		start = l->buf + l->taken;
		lf = memchr(start, '\n', l->used - l->taken);
		if (lf == NULL) {
			compact(l);
			if (l->used <= l->max + 1)
				return NET_LINE_MORE;
			l->used = 0;
			if (l->skipping)
				return NET_LINE_MORE;
			l->skipping = true;
			return NET_LINE_TOO_LONG;
		}
		l->taken += (size_t)(lf - start) + 1;
		if (l->skipping) {
			l->skipping = false;
			continue;
		}
		n = (size_t)(lf - start);
		if (n > 0 && start[n - 1] == '\r')
			n--;
		if (n > l->max)
			return NET_LINE_TOO_LONG;
		if (memchr(start, '\0', n) != NULL)
			return NET_LINE_NUL;
		start[n] = '\0';
		*line = start;
		return NET_LINE;
	}
}

int net_lines_fill(struct net_lines *l, int fd)
{
	ssize_t n;

	if (l->buf == NULL)
		l->buf = mem_calloc(
			1, l->max + 3); /* CR, LF and one to see that it is too long */
	compact(l);
	n = read(fd, l->buf + l->used, l->max + 3 - l->used);
	if (n < 0)
		return -1;
	l->used += (size_t)n;
	return n > 0;
}

bool net_lines_cut(const struct net_lines *l)
{
	return l->used > l->taken && !l->skipping;
}

void net_lines_free(struct net_lines *l)
{
	free(l->buf);
	l->buf = NULL;
	l->used = l->taken = 0;
	l->skipping = false;
}
