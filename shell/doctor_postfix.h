/*
 * How Postfix is configured, as postconf(1) tells it: for main.cf and for each service of
 * master.cf what its parameters come to.  postconf alone reads the files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_POSTFIX_H
#define THEMIS_SHELL_DOCTOR_POSTFIX_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

struct postfix_service {
	const char *name;    /* "submission/inet", as postconf -P has it */
	const char *type;    /* inet, unix, pass ... */
	const char *command; /* smtpd */
	bool chroot;
	json_t *own;	/* parameters of its own (-o), as they stand */
	json_t *values; /* what all come to for it */
};

struct postfix {
	struct arena *arena;
	json_t *kept;	/* owns the objects below, and those of the services */
	json_t *stands; /* parameters of main.cf, or their defaults, as they stand */
	json_t *values; /* what they come to */
	struct postfix_service *services;
	size_t n;
	const char *queue;    /* its directory */
	const char *warnings; /* what postconf had to say besides, a line each */
};

/* Of the directory, or of the machine's own configuration (NULL).  The arena has to
 * outlive it; postfix_free() in any case. */
int postfix_read(
	struct arena *arena, const char *directory, struct postfix *out, struct err *err);

/* The same from two files, wherever they lie. */
int postfix_read_files(struct arena *arena, const char *main, const char *master,
	struct postfix *out, struct err *err);
void postfix_free(struct postfix *p);

/* What a parameter comes to, "" if it is empty or there is none of that name; service
 * NULL: in main.cf. */
const char *postfix_value(
	const struct postfix *p, const struct postfix_service *service, const char *name);

/* Does this version of Postfix have the parameter? */
bool postfix_has(const struct postfix *p, const char *name);

/* Has the service the parameter for itself? */
bool postfix_owns(const struct postfix_service *service, const char *name);

/* For the tests: the same of texts that postconf has printed: parameters as they stand,
 * services (-M), and their own parameters (-P). */
void postfix_take(
	struct postfix *p, const char *stands, const char *services, const char *own);

#endif
