/*
 * An arena: memory that is taken piece by piece and given back all at once.
 * A message and a request each live in one.  Not locked: whoever works on the
 * message works on its arena.  Out of memory aborts the process: the MTA then
 * answers with a temporary failure and the service manager starts us again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_ARENA_H
#define THEMIS_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */

/* Zeroed, aligned for any type; never NULL, also for a size of 0. */
void *arena_alloc(struct arena *a, size_t size);

/* Copies, ended with a NUL.  arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_memdup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* An array that grows: room for one more element than n.  *cap is 0 to begin; the
 * old array stays in the arena. */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size);

/* The same promise for memory that outlives a message: never NULL, or abort.  (Not
 * named xmalloc and so on: readline exports functions of such names.) */
void *mem_calloc(size_t n, size_t size);
void *mem_realloc(void *p, size_t n, size_t size);
char *mem_strdup(const char *s); /* mem_strdup(NULL) is NULL */

/* For memory that a library could not get: aborts, as those do. */
_Noreturn void mem_exhausted(void);

#endif
