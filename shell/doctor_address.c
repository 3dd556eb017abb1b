/*
 * What two spellings of a socket mean.  Used by doctor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_address.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

static bool begins(const char *text, const char *with, const char **rest)
{
	size_t n = strlen(with);

	if (strncmp(text, with, n) != 0)
		return false;
	*rest = text + n;
	return true;
}

/* Without the slashes that change nothing. */
static void tidy(char *path)
{
	char *to = path;

	for (const char *p = path; *p != '\0'; p++)
		if (p[0] != '/' || (p[1] != '/' && p[1] != '\0'))
			*to++ = *p;
	*to = '\0';
}

static bool is_same_path(const char *a, const char *b)
{
	char left[PATH_MAX], right[PATH_MAX];
	struct stat one, other;

	snprintf(left, sizeof(left), "%s", a);
	snprintf(right, sizeof(right), "%s", b);
	tidy(left);
	tidy(right);
	/* there may be links on the way, and mounts */
	return strcmp(left, right) == 0 ||
	       (stat(left, &one) == 0 && stat(right, &other) == 0 &&
		       one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* With or without a chroot. */
static bool is_path(const char *ours, const char *path, const char *queue, bool chroot)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s%s", chroot || *path != '/' ? queue : "",
		*path != '/' ? "/" : "", path);
	return is_same_path(ours, whole);
}

static enum reach path_reach(const struct net_address *address, const char *path,
	const char *queue, bool chroot)
{
	if (is_path(address->path, path, queue, chroot))
		return REACH_IT;
	return is_path(address->path, path, queue, !chroot) ? REACH_NOT : REACH_OTHER;
}

static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	       strcasecmp(host, "localhost") == 0;
}

static struct addrinfo *look_up(const char *host, enum net_family family)
{
	struct addrinfo *found = NULL,
			hints = { .ai_family = family == NET_INET ? AF_INET : AF_INET6,
				.ai_socktype = SOCK_STREAM };

	return getaddrinfo(host, "1", &hints, &found) == 0 ? found : NULL;
}

static bool has_common(const struct addrinfo *a, const struct addrinfo *b)
{
	for (; a != NULL; a = a->ai_next)
		for (const struct addrinfo *other = b; other != NULL;
			other = other->ai_next)
			if (a->ai_addrlen == other->ai_addrlen &&
				memcmp(a->ai_addr, other->ai_addr, a->ai_addrlen) == 0)
				return true;
	return false;
}

/* "": all addresses of this host, of which one is as good as another here. */
static bool is_same_host(const struct net_address *address, const char *host)
{
	struct addrinfo *ours, *theirs;
	bool same;

	if (strcasecmp(address->host, host) == 0 || *address->host == '\0')
		return true;
	if (strcasecmp(host, "localhost") == 0)
		return is_loopback(address->host);
	ours = look_up(address->host, address->family);
	theirs = ours != NULL ? look_up(host, address->family) : NULL;
	same = theirs != NULL && has_common(ours, theirs);
	if (ours != NULL)
		freeaddrinfo(ours);
	if (theirs != NULL)
		freeaddrinfo(theirs);
	return same;
}

static unsigned port_of(const char *text)
{
	const struct servent *service;
	uint64_t number;

	if (str_to_u64(text, UINT16_MAX, &number) == 0)
		return (unsigned)number;
	service = getservbyname(text, "tcp");
	return service != NULL ? ntohs((uint16_t)service->s_port) : 0;
}

/* "host:port" or "[host]:port" in its parts; the host in a buffer of that size. */
static const char *split_host(const char *text, char *host, size_t size)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;

	if (colon == NULL || n >= size)
		return NULL;
	if (n > 1 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	snprintf(host, size, "%.*s", (int)n, text);
	return colon + 1;
}

enum reach address_reach(const struct net_address *address, const char *spelled,
	const char *queue, bool chroot)
{
	const char *rest = spelled, *port;
	char host[256];
	bool path = *spelled == '/' || begins(spelled, "unix:", &rest) ||
		    begins(spelled, "local:", &rest);

	if (path)
		return address->family == NET_UNIX
			       ? path_reach(address, rest, queue, chroot)
			       : REACH_OTHER;
	if (address->family == NET_UNIX || !begins(spelled, "inet:", &rest))
		return REACH_OTHER;
	port = split_host(rest, host, sizeof(host));
	return port != NULL && port_of(port) == address->port &&
			       is_same_host(address, host)
		       ? REACH_IT
		       : REACH_OTHER;
}

/* Of a path in the queue directory what stands behind that; else NULL. */
static const char *within(const struct net_address *address, const char *queue)
{
	size_t n = strlen(queue);

	if (address->family != NET_UNIX || strncmp(address->path, queue, n) != 0 ||
		address->path[n] != '/')
		return NULL;
	return address->path + n + strspn(address->path + n, "/");
}

bool address_is_within(const struct net_address *address, const char *queue)
{
	return within(address, queue) != NULL;
}

const char *address_spell(
	struct arena *arena, const struct net_address *address, const char *queue)
{
	const char *rest = within(address, queue), *host = address->host;

	if (address->family == NET_UNIX)
		return arena_printf(
			arena, "unix:%s", rest != NULL ? rest : address->path);
	if (*host == '\0')
		host = address->family == NET_INET ? "127.0.0.1" : "::1";
	return arena_printf(arena,
		strchr(host, ':') != NULL ? "inet:[%s]:%u" : "inet:%s:%u", host,
		(unsigned)address->port);
}

bool address_is_loopback(const char *service)
{
	char host[256];

	return split_host(service, host, sizeof(host)) != NULL && is_loopback(host);
}

bool address_takes(const char *service, const char *hop)
{
	char ours[256], theirs[256];
	const char *port = split_host(service, ours, sizeof(ours)), *other;

	begins(hop, "inet:", &hop);
	other = split_host(hop, theirs, sizeof(theirs));
	if (port == NULL || other == NULL || !is_loopback(ours) ||
		port_of(port) != port_of(other) || port_of(port) == 0)
		return false;
	return strcasecmp(ours, theirs) == 0 ||
	       (strcasecmp(ours, "localhost") == 0 && is_loopback(theirs)) ||
	       (strcasecmp(theirs, "localhost") == 0);
}
