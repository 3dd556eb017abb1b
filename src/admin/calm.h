/*
 * Work that may take long and is not to be in the way of mail: it gets less of the
 * processors where there are not enough for all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_CALM_H
#define THEMIS_ADMIN_CALM_H

/* Runs fn(arg) in that manner, waits for its end, and returns what it returns.  It is on
 * another thread meanwhile, and may use whatever is the caller's. */
int calm_run(int (*fn)(void *arg), void *arg);

#endif
