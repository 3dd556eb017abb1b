/*
 * The command line of themisd.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_OPTIONS_H
#define THEMIS_OPTIONS_H

#include "conf.h"

#include <stdbool.h>

struct options {
	bool foreground, test;
	const char *file; /* NULL: the default, which need not exist */
	char **overrides;
	int noverrides;
};

/* 0: go on; else all has been said, and this is the exit status plus one.  Its texts are
 * those of argv. */
int options_read(int argc, char **argv, struct options *o);
void options_free(struct options *o);

/* The configuration that it asks for.  0, or -1 and err; conf is to be freed either way.
 */
int options_conf(struct conf *conf, const struct options *o, struct err *err);

#endif
