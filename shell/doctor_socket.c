/*
 * Checks: can Postfix reach the sockets?  Called by doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_address.h"
#include "doctor_ask.h"
#include "doctor_check.h"
#include "doctor_mend.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *socket_name(enum door door)
{
	return door == DOOR_MILTER ? "milter_socket" : "policy_socket";
}

static bool is_out(const struct doctor *d, const struct ask *ask)
{
	return ask->service->chroot &&
	       !address_is_within(&d->themis.address[ask->door], d->postfix->queue);
}

/* Out of the chroot, unless another spelling leads there. */
static const char *lead_there(struct doctor *d, const struct ask *ask)
{
	if (is_out(d, ask))
		return mend_postconf(d, "-F",
			arena_printf(d->arena, "%s/chroot=n", ask->service->name));
	return mend_item(d, ask, NULL,
		address_spell(
			d->arena, &d->themis.address[ask->door], d->postfix->queue));
}

void check_chroot(struct doctor *d, enum finding_id id)
{
	for (size_t i = 0; i < d->nasks; i++) {
		const struct ask *ask = &d->asks[i];

		if (ask->reached)
			continue;
		doctor_find(d, id, doctor_where(d, ask->service, ask->param),
			lead_there(d, ask), "%s works %s the chroot %s, %s%s%s",
			ask->service->name, ask->service->chroot ? "in" : "outside of",
			d->postfix->queue,
			is_out(d, ask) ? "and the socket is not in it (if it is to stay "
					 "there, Themis needs one in it, by "
				       : "where the socket is not ",
			is_out(d, ask) ? socket_name(ask->door)
				       : item_name(d->arena, ask->item),
			is_out(d, ask) ? ")" : "");
	}
}

/* The path of that door, if it is one that Postfix uses, on this host; else NULL. */
static const char *path_in_use(const struct doctor *d, enum door door)
{
	const struct net_address *address = &d->themis.address[door];

	if (d->elsewhere || address->family != NET_UNIX)
		return NULL;
	for (size_t i = 0; i < d->nasks; i++)
		if (d->asks[i].door == door)
			return address->path;
	return NULL;
}

void check_socket_missing(struct doctor *d, enum finding_id id)
{
	for (enum door door = 0; door < DOORS; door++) {
		const char *path = path_in_use(d, door);
		struct stat st;

		if (path != NULL && stat(path, &st) < 0 && errno == ENOENT)
			doctor_find(d, id,
				arena_printf(
					d->arena, "themisd.conf, %s", socket_name(door)),
				"systemctl restart themisd", "there is no socket %s",
				path);
	}
}

/* The child: who it is from here on is Postfix's user, with his groups. */
_Noreturn static void try_as(const struct passwd *user, char *path)
{
	char *slash = path;

	if (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 ||
		setuid(user->pw_uid) < 0)
		_exit(0);
	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (access(path, X_OK) < 0 && errno == EACCES)
			_exit(slash - path < 250 ? (int)(slash - path) : 0);
		*slash = '/';
	}
	_exit(access(path, R_OK | W_OK) < 0 && errno == EACCES ? 255 : 0);
}

/* How much of the path is a directory that the user may not enter, 255: it is the socket
 * itself; 0: he reaches it.  The kernel is asked, which knows of ACLs, too. */
static int find_barrier(
	const struct doctor *d, const struct passwd *user, const char *path)
{
	char *copy = arena_strdup(d->arena, path);
	int status;
	pid_t pid = fork();

	if (pid == 0)
		try_as(user, copy);
	if (pid < 0)
		return 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

#define GROUPS_MAX 256

static bool is_member(const struct passwd *user, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;

	if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		n = 0;
	for (int i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return user->pw_gid == group;
}

static const char *group_name(const struct doctor *d, gid_t id)
{
	const struct group *group = getgrgid(id);

	return group != NULL ? arena_strdup(d->arena, group->gr_name)
			     : arena_printf(d->arena, "%u", (unsigned)id);
}

/* Lets the user in, and never everybody: a directory is closed to others for a reason. */
static const char *let_in(
	const struct doctor *d, const struct passwd *user, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	/* the first of the three that fits is what the kernel goes by */
	if (st.st_uid == user->pw_uid)
		return arena_printf(d->arena, "chmod u+x '%s'", path);
	if (is_member(user, st.st_gid))
		return arena_printf(d->arena, "chmod g+x '%s'", path);
	return arena_printf(d->arena, "chgrp %s '%s' && chmod g+x '%s'",
		group_name(d, user->pw_gid), path, path);
}

static void tell_barrier(struct doctor *d, enum finding_id id, enum door door,
	const struct passwd *user, int barrier)
{
	const char *path = d->themis.address[door].path;
	const char *where = arena_printf(d->arena, "themisd.conf, %s", socket_name(door));

	if (barrier < 255) {
		path = arena_printf(d->arena, "%.*s", barrier, path);
		doctor_find(d, id, where, let_in(d, user, path),
			"the user %s may not enter %s", user->pw_name, path);
	} else {
		doctor_find(d, id, where,
			arena_printf(d->arena, "chgrp %s '%s' && chmod g+rw '%s'",
				group_name(d, user->pw_gid), path, path),
			"the user %s may not use %s (milter_socket_group in themisd.conf "
			"lets him after a restart, too)",
			user->pw_name, path);
	}
}

void check_socket_access(struct doctor *d, enum finding_id id)
{
	const char *owner = postfix_value(d->postfix, NULL, "mail_owner");

	for (enum door door = 0; door < DOORS; door++) {
		const char *path = path_in_use(d, door);
		const struct passwd *user = getpwnam(owner);
		struct stat st;
		int barrier;

		if (path == NULL || user == NULL)
			continue;
		if (geteuid() != 0) {
			d->unseen = "whether Postfix may use the sockets: only root can "
				    "try";
			return;
		}
		if (stat(path, &st) < 0)
			continue;
		barrier = find_barrier(d, user, path);
		if (barrier > 0)
			tell_barrier(d, id, door, user, barrier);
	}
}
