/*
 * A directory of its own for a database file.  Behind cmocka.h and what that needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_PLACE_H
#define THEMIS_TESTS_PLACE_H

#include "base/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char dir[200];
	char path[240]; /* of the database, in it */
};

/* name: of the test. */
static inline int place_setup(void **state, const char *name)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = mem_calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "%s/themis-%s.XXXXXX",
		tmp != NULL ? tmp : "/tmp", name);
	*state = p;
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/themis.db", p->dir);
	return 0;
}

/* With all that the test has left there. */
static inline int place_teardown(void **state)
{
	struct place *p = *state;
	DIR *dir = opendir(p->dir);
	const struct dirent *entry;
	char path[sizeof(p->dir) + 260];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(p->dir);
	free(p);
	return 0;
}

#endif
