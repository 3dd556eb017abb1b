/*
 * Users of this machine, by name where they have one.  Any thread that may wait for a
 * directory of users, which can be another machine's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_USER_H
#define THEMIS_BASE_USER_H

#include <sys/types.h>

#define USER_MAX 64 /* octets of a user's name, with the NUL */

/* "themis"; "uid 997" where there is no name.  Escaped for logs.  Returns name. */
const char *user_say(char name[USER_MAX], uid_t uid);

#endif
