/*
 * uthash for keys that strangers choose: hashed so that they cannot be made to collide.
 * Included instead of uthash.h, by files that use it; on any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_HASH_H
#define THEMIS_BASE_HASH_H

#include "base/arena.h"
#include "base/str.h"

#define HASH_FUNCTION(key, len, out) ((out) = (unsigned)str_hash(key, len))
#define uthash_fatal(why)	     mem_exhausted()
#include <uthash.h>

#endif
