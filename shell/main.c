/*
 * tmsh: one command, a file of commands, or a prompt.  Called tmscli, the program
 * takes the command line of the Python Themis instead.
 *
 *	tmsh [-s SOCKET] [-j] [-w] [-f FILE] [COMMAND ...]
 *	tmsh [-s SOCKET] -C [WORD ...]
 *	tmscli [-s SOCKET] [--json] FORM
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "config.h"
#include "interrupt.h"
#include "prompt.h"
#include "run.h"
#include "suggest.h"
#include "tmscli.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *to)
{
	fputs("usage: tmsh [-s SOCKET] [-j] [-w] [-f FILE] [COMMAND ...]\n"
	      "       tmsh [-s SOCKET] -C [WORD ...]\n"
	      "  -s SOCKET  the daemon's control socket (else $THEMIS_CONTROL, else\n"
	      "             " SOCKET_DEFAULT ")\n"
	      "  -j         one JSON object a row\n"
	      "  -w         tables whole, not cut to the width of the terminal\n"
	      "  -f FILE    commands from a file (- is standard input), up to the first\n"
	      "             refusal\n"
	      "  -C         print what the last WORD of a command can be completed to\n"
	      "  -V         print the version\n"
	      "Without a command: a prompt. `tmsh help` lists the commands.\n",
		to);
}

/* For the completion of other shells: the candidates for the last word, a line each. */
static enum status print_suggestions(struct shell *s, char *const *words, size_t n)
{
	struct arena *arena = arena_new();
	struct suggestions found;

	suggest_words(s, arena, words, n, &found);
	for (size_t i = 0; i < found.n; i++)
		puts(found.words[i]);
	/* no name: where shells insert what all have in common, that ends with what is
	 * typed; where they list them, it says that there are more */
	if (found.cut && n > 0)
		printf("%s...\n", words[n - 1]);
	arena_free(arena);
	return STATUS_DONE;
}

static enum status run_tmsh(struct shell *s, int argc, char **argv)
{
	const char *file = NULL;
	bool completes = false;
	int c;

	while ((c = getopt(argc, argv, "+Cs:jwf:Vh")) != -1) {
		switch (c) {
		case 'C':
			completes = true;
			break;
		case 's':
			s->socket = optarg;
			break;
		case 'j':
			s->json = true;
			break;
		case 'w':
			s->whole = true;
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
	if (completes)
		return print_suggestions(s, argv + optind, (size_t)(argc - optind));
	if (file != NULL && optind < argc) {
		run_complain("tmsh", "-f and a command exclude each other");
		return STATUS_USAGE;
	}
	if (file != NULL)
		return run_file(s, file);
	if (optind < argc && strcmp(argv[optind], "begin") == 0) {
		run_complain("tmsh",
			"a transaction ends with the connection, and so with "
			"this command: begin one at the prompt or with -f, or "
			"use load");
		return STATUS_REFUSED;
	}
	if (optind < argc)
		return run_words(s, argv + optind, (size_t)(argc - optind));
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return prompt_run(s);
	return run_stream(s, stdin, "standard input");
}

static enum status run_translated(struct shell *s, const struct tmscli *t)
{
	enum status status = STATUS_DONE;

	if (t->say != NULL) {
		fputs(t->say, stdout);
		return STATUS_DONE;
	}
	s->json = t->json;
	if (t->socket != NULL)
		s->socket = t->socket;
	for (size_t i = 0; i < t->n && status == STATUS_DONE; i++)
		status = run_words(s, t->commands[i].words, t->commands[i].n);
	return status;
}

static enum status run_tmscli(struct shell *s, char *const *words, size_t n)
{
	struct arena *arena = arena_new();
	enum status status = STATUS_USAGE;
	struct tmscli t;
	struct err err;

	if (n == 0)
		fputs(tmscli_usage(arena), stderr);
	else if (tmscli_translate(arena, words, n, &t, &err) < 0)
		run_complain(s->name, err.text);
	else
		status = run_translated(s, &t);
	arena_free(arena);
	return status;
}

/* Text is UTF-8 here.  Where no locale is set, as over many a connection, the terminal
 * is taken to show it. */
static void set_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* By the last part of the name that the program was called by. */
static bool is_tmscli(const char *called)
{
	const char *slash = strrchr(called, '/');

	return strcmp(slash != NULL ? slash + 1 : called, "tmscli") == 0;
}

/* What was closed before us would else be the socket's number: our output its commands.
 * For reading alone, so that what is written there is not taken for written. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	bool old = argc > 0 && is_tmscli(argv[0]);
	enum status status;
	struct shell s;

	open_standard();
	set_locale();
	run_begin(&s, old ? "tmscli" : "tmsh");
	if (old)
		status = run_tmscli(&s, argv + 1, (size_t)(argc - 1));
	else
		status = run_tmsh(&s, argc, argv);
	run_end(&s);
	/* a dump that was cut is worse than none */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		run_complain(s.name, "standard output could not be written to its end");
		status = status == STATUS_DONE ? STATUS_REFUSED : status;
	}
	if (status == STATUS_INTERRUPTED)
		interrupt_die();
	return (int)status;
}
