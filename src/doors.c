/*
 * The sockets, but for that of the shell.  Called by main, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doors.h"

#include "admin/http.h"
#include "front/milter.h"
#include "front/policyd.h"

#include <unistd.h>

/* libmicrohttpd's, and those of a connection to the database */
#define HTTP_FILES 8

/* The UNIX socket of the milter; NULL: it is none, or is not ours. */
static const char *milter_path;

static bool has_policy_socket(const struct conf *conf)
{
	return *conf->text[CONF_POLICY_SOCKET] != '\0';
}

static bool has_metrics(const struct conf *conf)
{
	return *conf->text[CONF_METRICS_LISTEN] != '\0';
}

unsigned doors_count(const struct conf *conf)
{
	return has_policy_socket(conf) ? 2 : 1;
}

unsigned doors_set_aside(const struct conf *conf)
{
	return has_metrics(conf) ? HTTP_CONNECTIONS_MAX + HTTP_FILES : 0;
}

int doors_open(const struct conf *conf, struct engine *engine, struct err *err)
{
	gid_t gid = conf->milter_gid != (gid_t)-1 ? conf->milter_gid : conf->gid;
	const struct milter_socket milter = { conf->text[CONF_MILTER_SOCKET],
		conf->milter_address, conf->milter_mode, conf->uid, gid };
	const struct net_owner owner = { conf->uid, gid, conf->milter_mode };
	const struct policyd_socket policy = { conf->text[CONF_POLICY_SOCKET],
		&conf->policy_address, owner };
	const struct http_socket metrics = { conf->text[CONF_METRICS_LISTEN],
		&conf->metrics_address, owner };

	if (milter_open(&milter, engine, err) < 0)
		return err_prefix(err, "milter_socket");
	if (conf->milter_address.family == NET_UNIX)
		milter_path = conf->milter_address.path;
	if (has_policy_socket(conf) && policyd_open(&policy, engine, err) < 0)
		return err_prefix(err, "policy_socket");
	if (has_metrics(conf) && http_open(&metrics, err) < 0)
		return err_prefix(err, "metrics_listen");
	return 0;
}

int doors_start(const struct conf *conf, const struct admin *admin, void (*gave_up)(void),
	struct err *err)
{
	if (has_policy_socket(conf) && policyd_start(admin->max_connections, err) < 0)
		return -1;
	/* last, since it says that all is well */
	return milter_start(gave_up, err) < 0 ? -1 : http_start(admin, err);
}

void doors_remove(void)
{
	if (milter_path != NULL)
		unlink(milter_path);
	milter_path = NULL;
	policyd_remove();
	http_stop();
}
