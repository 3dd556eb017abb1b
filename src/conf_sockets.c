/*
 * Is there a socket for each key?  Two on one would be found when the second listens, and
 * then the words are about another program.  Called by conf_resolve().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conf.h"

#include "base/str.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define SHOWN_MAX 120

struct place {
	enum conf_key key;
	const char *name;
	struct net_address address;
};

/* What the path is without its last part: the directory, which is to be there, while the
 * socket is not. */
static const char *cut_directory(const char *path, struct stat *directory)
{
	char text[sizeof(((struct net_address *)0)->path)];
	const char *slash = strrchr(path, '/');

	snprintf(text, sizeof(text), "%.*s/", (int)(slash - path), path);
	if (stat(text, directory) < 0)
		memset(directory, 0, sizeof(*directory));
	return slash + 1;
}

/* Whatever slashes and links are on the way. */
static bool is_same_path(const char *a, const char *b)
{
	struct stat one, other;

	if (strcmp(a, b) == 0)
		return true;
	return strcmp(cut_directory(a, &one), cut_directory(b, &other)) == 0 &&
	       one.st_ino != 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static struct addrinfo *look_up(const char *host, enum net_family family)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE,
		.ai_family = family == NET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;

	return getaddrinfo(*host != '\0' ? host : NULL, "1", &hints, &found) == 0 ? found
										  : NULL;
}

/* By what they come to: localhost is 127.0.0.1.  One that is not known will be refused
 * when it is to be listened on. */
static bool is_same_host(const char *a, const char *b, enum net_family family)
{
	struct addrinfo *one = look_up(a, family), *other = look_up(b, family);
	bool same = one != NULL && other != NULL &&
		    one->ai_addrlen == other->ai_addrlen &&
		    memcmp(one->ai_addr, other->ai_addr, one->ai_addrlen) == 0;

	if (one != NULL)
		freeaddrinfo(one);
	if (other != NULL)
		freeaddrinfo(other);
	return same;
}

static bool is_everywhere(const char *host)
{
	return *host == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool is_same(const struct net_address *a, const struct net_address *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == NET_UNIX)
		return is_same_path(a->path, b->path);
	return a->port == b->port && (is_everywhere(a->host) || is_everywhere(b->host) ||
					     is_same_host(a->host, b->host, a->family));
}

static bool is_wanted(const struct conf *conf, const struct place *place)
{
	return *conf->text[place->key] != '\0';
}

static int refuse(const struct conf *conf, const struct place *place,
	const struct place *other, struct err *err)
{
	char shown[SHOWN_MAX], taken[SHOWN_MAX];

	err_set(err,
		"%s: \"%s\" is %s, too (\"%s\"), and each has to have one of its own",
		place->name, str_escape(shown, sizeof(shown), conf->text[place->key]),
		other->name, str_escape(taken, sizeof(taken), conf->text[other->key]));
	return conf_refuse(conf, place->key, err);
}

int conf_check_sockets(const struct conf *conf, struct err *err)
{
	struct place places[] = {
		{ CONF_MILTER_SOCKET, "milter_socket", conf->milter_address },
		{ CONF_CONTROL_SOCKET, "control_socket", { 0 } },
		{ CONF_POLICY_SOCKET, "policy_socket", conf->policy_address },
		{ CONF_METRICS_LISTEN, "metrics_listen", conf->metrics_address },
	};

	if (net_address_parse(conf->text[CONF_CONTROL_SOCKET], &places[1].address, err) <
		0)
		return -1;
	for (size_t i = 1; i < sizeof(places) / sizeof(places[0]); i++)
		for (size_t k = 0; k < i; k++)
			if (is_wanted(conf, &places[i]) && is_wanted(conf, &places[k]) &&
				is_same(&places[i].address, &places[k].address))
				return refuse(conf, &places[i], &places[k], err);
	return 0;
}
