/*
 * tmsh: one command, a file of commands, or a prompt.
 *
 *	tmsh [-s SOCKET] [-j] [-f FILE] [COMMAND ...]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "config.h"
#include "run.h"

#include <locale.h>
#include <stdio.h>
#include <unistd.h>

static void usage(FILE *to)
{
	fputs("usage: tmsh [-s SOCKET] [-j] [-f FILE] [COMMAND ...]\n"
	      "  -s SOCKET  the daemon's control socket (else $THEMIS_CONTROL, else\n"
	      "             " SOCKET_DEFAULT ")\n"
	      "  -j         one JSON object a row\n"
	      "  -f FILE    commands from a file (- is standard input), up to the first\n"
	      "             refusal\n"
	      "  -V         print the version\n"
	      "Without a command: a prompt. `tmsh help` lists the commands.\n",
		to);
}

int main(int argc, char **argv)
{
	const char *file = NULL;
	enum status status;
	struct shell s;
	int c;

	setlocale(LC_CTYPE, "");
	run_begin(&s, "tmsh");
	while ((c = getopt(argc, argv, "+s:jf:Vh")) != -1) {
		switch (c) {
		case 's':
			s.socket = optarg;
			break;
		case 'j':
			s.json = true;
			break;
		case 'f':
			file = optarg;
			break;
		case 'V':
			puts("tmsh " PACKAGE_VERSION);
			return STATUS_DONE;
		case 'h':
			usage(stdout);
			return STATUS_DONE;
		default:
			usage(stderr);
			return STATUS_USAGE;
		}
	}
	if (file != NULL && optind < argc) {
		run_complain("tmsh", "-f and a command exclude each other");
		return STATUS_USAGE;
	}
	if (file != NULL)
		status = run_file(&s, file);
	else if (optind < argc)
		status = run_words(&s, argv + optind, (size_t)(argc - optind));
	else if (isatty(STDIN_FILENO))
		status = run_prompt(&s);
	else
		status = run_stream(&s, stdin, "standard input");
	run_end(&s);
	return (int)status;
}
