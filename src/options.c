/*
 * The command line.  Called by main, while there is one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "options.h"

#include "base/arena.h"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void usage(FILE *to)
{
	fputs("usage: themisd [-f] [-t] [-c FILE] [-o KEY=VALUE] [-V] [-h]\n"
	      "  -f            stay in the foreground\n"
	      "  -t            test the configuration and the database\n"
	      "  -c FILE       another configuration file than " CONF_FILE_DEFAULT "\n"
	      "  -o KEY=VALUE  override a key of the file\n"
	      "  -V            print the version\n"
	      "  -h            print this\n",
		to);
}

int options_read(int argc, char **argv, struct options *o)
{
	int c;

	o->overrides = mem_calloc((size_t)argc, sizeof(*o->overrides));
	while ((c = getopt(argc, argv, "ftc:o:Vh")) != -1) {
		switch (c) {
		case 'f':
			o->foreground = true;
			break;
		case 't':
			o->test = true;
			break;
		case 'c':
			o->file = optarg;
			break;
		case 'o':
			o->overrides[o->noverrides++] = optarg;
			break;
		case 'V':
			puts("themisd " PACKAGE_VERSION);
			return EXIT_SUCCESS + 1;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS + 1;
		default:
			usage(stderr);
			return 2 + 1;
		}
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "themisd: one word too many: %s\n", argv[optind]);
	usage(stderr);
	return 2 + 1;
}

void options_free(struct options *o)
{
	free(o->overrides);
}

int options_conf(struct conf *conf, const struct options *o, struct err *err)
{
	const char *file = o->file != NULL ? o->file : CONF_FILE_DEFAULT;

	conf_init(conf);
	if ((o->file != NULL || access(file, F_OK) == 0) &&
		conf_read(conf, file, err) < 0)
		return -1;
	for (int i = 0; i < o->noverrides; i++)
		if (conf_override(conf, o->overrides[i], err) < 0)
			return -1;
	return conf_resolve(conf, err);
}
