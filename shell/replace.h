/*
 * A file that is there whole or not at all: written beside its name, and put in its place
 * in one step.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_REPLACE_H
#define THEMIS_SHELL_REPLACE_H

#include "base/err.h"

#include <stddef.h>

/* Can that name be given to a file of ours?  One that is there is replaced; what is no
 * file, or a symbolic link, is not; nor can it be where the directory is not there, or
 * not ours to write to.  0, or -1 and err. */
int replace_check(const char *path, struct err *err);

/* Writes so many octets, for its user alone (mode 0600, less the umask).  After a failure
 * what was there is still there, and nothing else.  0, or -1 and err. */
int replace_file(const char *path, const char *text, size_t n, struct err *err);

#endif
