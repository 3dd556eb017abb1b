/*
 * A table of texts.  Called by shell/ini and by importers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "once.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct taken {
	UT_hash_handle hh;
	const char *text;
};

bool once_take(struct once *o, const char *text)
{
	size_t len = strlen(text);
	struct taken *t;

	HASH_FIND(hh, o->taken, text, len, t);
	if (t != NULL)
		return false;
	t = mem_calloc(1, sizeof(*t));
	t->text = text;
	HASH_ADD_KEYPTR(hh, o->taken, t->text, len, t);
	return true;
}

void once_end(struct once *o)
{
	struct taken *t, *next;

	HASH_ITER(hh, o->taken, t, next) {
		HASH_DEL(o->taken, t);
		free(t);
	}
}
