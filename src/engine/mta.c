/*
 * The MTA's name.  Called by the front ends, on their threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/mta.h"

#include "base/arena.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

/* It is set once, and never freed: whoever has it may keep it. */
static _Atomic(char *) first;

void mta_meet(const char *name)
{
	char *known = atomic_load(&first), *copy;

	if (known != NULL)
		return;
	copy = mem_strdup(name);
	if (!atomic_compare_exchange_strong(&first, &known, copy))
		free(copy);
}

const char *mta_known(void)
{
	return atomic_load(&first);
}
