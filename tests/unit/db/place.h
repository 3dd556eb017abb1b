/*
 * A directory of its own for a database file.  Behind cmocka.h and what that needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_PLACE_H
#define THEMIS_TESTS_PLACE_H

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
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

static inline int place_teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct place *p = *state;
	char path[260];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", p->path, ends[i]);
		unlink(path);
	}
	rmdir(p->dir);
	free(p);
	return 0;
}

#endif
