/*
 * Bounds of what an administrator gives, where daemon and shell both have to know them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CTL_BOUNDS_H
#define THEMIS_CTL_BOUNDS_H

/* What the name of a policy, a group or a pool is made of, and how long it is. */
#define NAME_CHARS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
#define NAME_MAX_OCTETS 64

#define REPLY_CHARS_MAX	 200	    /* of a policy's reply */
#define LIMIT_AMOUNT_MAX 2000000000 /* messages or recipients */
#define LIMIT_PERIOD_MAX (10 * 365 * 86400)

#endif
