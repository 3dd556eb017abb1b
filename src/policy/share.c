/*
 * Counted policies.  Made by the writer's thread (or at start), released by whoever
 * has the last set with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/share.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct shared {
	atomic_uint references;
	struct policy policy;
};

static struct shared *shared_of(const struct policy *p)
{
	return (struct shared *)((uintptr_t)p - offsetof(struct shared, policy));
}

const struct policy *policy_share(const struct policy *p)
{
	struct shared *shared = mem_calloc(1, sizeof(*shared));

	atomic_init(&shared->references, 1);
	shared->policy = *p;
	return &shared->policy;
}

const struct policy *policy_acquire(const struct policy *p)
{
	atomic_fetch_add_explicit(&shared_of(p)->references, 1, memory_order_relaxed);
	return p;
}

void policy_release(const struct policy *p)
{
	struct shared *shared = shared_of(p);

	if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
		return;
	policy_clear(&shared->policy);
	free(shared);
}
