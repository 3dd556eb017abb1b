/*
 * Users.  Called by the threads that run commands, and before an upgrade by main's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/user.h"

#include "base/str.h"

#include <pwd.h>
#include <stdio.h>

const char *user_say(char name[USER_MAX], uid_t uid)
{
	char buf[16384]; /* a directory's entries can be long */
	struct passwd pw, *found = NULL;

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found != NULL)
		str_escape(name, USER_MAX, pw.pw_name);
	else
		snprintf(name, USER_MAX, "uid %u", (unsigned)uid);
	return name;
}
