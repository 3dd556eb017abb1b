/*
 * What went wrong, in words for an administrator.
 *
 * A function that can fail returns 0 or -1 and, where an administrator will
 * see the failure, fills a struct err that its caller owns (usually on the
 * stack).  The words name the thing, what is wrong with it and what was
 * expected; they end without a full stop and without a newline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_ERR_H
#define THEMIS_BASE_ERR_H

#include <stdarg.h>

#define ERR_TEXT_MAX 512

/* The kinds of refusal, by the code that the control socket says with them. */
enum err_code {
	ERR_CONFLICT = 409, /* somebody else has changed it meanwhile */
	ERR_FAILED = 451,   /* not the caller's fault, and not for good */
	ERR_UNKNOWN = 500,  /* no such command */
	ERR_BAD = 501,	    /* a wrong word or value: what err_set() means */
	ERR_DENIED = 530,   /* not for this user */
	ERR_NO_SUCH = 550,  /* names something that is not there */
	ERR_EXISTS = 551,   /* names something that is there already */
	ERR_IN_USE = 552,   /* something else needs it */
};

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Both return -1, so that a caller can say `return err_set(...)`.  err may be
 * NULL; what does not fit is cut. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_code(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before what err says already; returns -1. */
int err_prefix(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
