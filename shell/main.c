/*
 * tmsh: one command, a file of commands, or a prompt.
 *
 *	tmsh [-s SOCKET] [-j] [-f FILE] [COMMAND ...]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"
#include "client.h"
#include "config.h"
#include "ctl/wire.h"
#include "ctl/words.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_DEFAULT "/run/themis/control"
#define HISTORY_LINES  1000

enum status { STATUS_DONE, STATUS_REFUSED, STATUS_USAGE, STATUS_NO_DAEMON };

struct shell {
	const char *socket;
	bool json;
	struct client client;
	bool quit;
};

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

/* "tmsh: " or "FILE:LINE: " before what is wrong. */
static void complain(const char *where, const char *text)
{
	fprintf(stderr, "%s: %s\n", where, text);
}

static enum status from_outcome(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_DONE:
		return STATUS_DONE;
	case OUTCOME_REFUSED:
		return STATUS_REFUSED;
	case OUTCOME_GONE:
		return STATUS_NO_DAEMON;
	}
	return STATUS_NO_DAEMON;
}

static enum status connect_daemon(struct shell *s, const char *where)
{
	enum outcome outcome;
	struct err err;

	if (s->client.fd >= 0)
		return STATUS_DONE;
	outcome = client_connect(&s->client, s->socket, &err);
	if (outcome == OUTCOME_GONE)
		err_prefix(&err,
			"no themisd answers (is it running? -s names another socket)");
	if (outcome != OUTCOME_DONE)
		complain(where, err.text);
	return from_outcome(outcome);
}

static void take_row(void *arg, const char *json)
{
	output_row(arg, json);
}

/* One line that is known to be a command. */
static enum status run_command(
	struct shell *s, const struct command *c, const char *line, const char *where)
{
	struct output *out;
	enum status status;
	enum outcome outcome;
	struct err err;
	char done[1000];

	status = connect_daemon(s, where);
	if (status != STATUS_DONE)
		return status;
	out = output_new(stdout, c->layout, s->json);
	outcome =
		client_command(&s->client, line, take_row, out, done, sizeof(done), &err);
	output_end(out, outcome == OUTCOME_DONE ? done : NULL);
	fflush(stdout);
	if (outcome != OUTCOME_DONE)
		complain(where, err.text);
	s->quit |= strcmp(c->noun, "quit") == 0;
	return from_outcome(outcome);
}

/* A line as it was typed or read.  What is no command is told without asking the
 * daemon; everything else is the daemon's to judge. */
static enum status run_line(struct shell *s, const char *line, const char *where)
{
	struct arena *arena = arena_new();
	const struct command *c = NULL;
	enum status status = STATUS_DONE;
	struct err err;
	char **words;
	size_t used;
	int n = words_split(arena, line, &words, &err);

	if (n > 0)
		c = command_find(words, (size_t)n, &used, &err);
	if (n < 0 || (n > 0 && (c == NULL || command_check_words(c, words + used,
						     (size_t)n - used, &err) < 0))) {
		complain(where, err.text);
		status = STATUS_USAGE;
	} else if (n > 0) {
		status = run_command(s, c, line, where);
	}
	arena_free(arena);
	return status;
}

static enum status run_words(struct shell *s, char **words, size_t n)
{
	struct arena *arena = arena_new();
	enum status status = run_line(s, words_join(arena, words, n), "tmsh");

	arena_free(arena);
	return status;
}

/* Up to the first refusal; a wrong line of a file is a refusal, too. */
static enum status run_stream(struct shell *s, FILE *in, const char *name)
{
	enum status status = STATUS_DONE;
	char where[300], *line = NULL;
	size_t cap = 0;
	ssize_t n;

	for (int number = 1; status == STATUS_DONE && !s->quit; number++) {
		n = getline(&line, &cap, in);
		if (n < 0)
			break;
		line[strcspn(line, "\r\n")] = '\0';
		snprintf(where, sizeof(where), "%s:%d", name, number);
		status = run_line(s, line, where);
	}
	free(line);
	return status == STATUS_USAGE ? STATUS_REFUSED : status;
}

static enum status run_file(struct shell *s, const char *name)
{
	enum status status;
	FILE *in;

	if (strcmp(name, "-") == 0)
		return run_stream(s, stdin, "standard input");
	in = fopen(name, "re");
	if (in == NULL) {
		complain(name, strerror(errno));
		return STATUS_USAGE;
	}
	status = run_stream(s, in, name);
	fclose(in);
	return status;
}

/* Makes every directory of a path but its last part, for this user alone. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* Where typed lines are kept (XDG base directories); NULL: nowhere. */
static char *history_file(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;
	int fd;

	if (state != NULL && state[0] == '/')
		path = arena_printf(arena, "%s/themis/history", state);
	else if (home != NULL && home[0] == '/')
		path = arena_printf(arena, "%s/.local/state/themis/history", home);
	else
		return NULL;
	make_parents(path);
	/* made here, so that it is never readable by others */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return NULL;
	fchmod(fd, 0600);
	close(fd);
	return path;
}

static enum status run_prompt(struct shell *s)
{
	struct arena *arena = arena_new();
	enum status status = connect_daemon(s, "tmsh");
	char *history, *line;

	if (status != STATUS_DONE) {
		arena_free(arena);
		return status;
	}
	history = history_file(arena);
	using_history();
	stifle_history(HISTORY_LINES);
	if (history != NULL)
		read_history(history);
	rl_bind_key('\t', rl_insert);
	while (!s->quit && (line = readline("themis> ")) != NULL) {
		if (*line != '\0')
			add_history(line);
		run_line(s, line, "tmsh");
		free(line);
	}
	if (!s->quit)
		putchar('\n');
	if (history != NULL)
		write_history(history);
	clear_history();
	arena_free(arena);
	return STATUS_DONE;
}

int main(int argc, char **argv)
{
	struct shell s = { .socket = getenv("THEMIS_CONTROL"), .client = { .fd = -1 } };
	const char *file = NULL;
	enum status status;
	int c;

	setlocale(LC_CTYPE, "");
	if (s.socket == NULL || *s.socket == '\0')
		s.socket = SOCKET_DEFAULT;
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
		complain("tmsh", "-f and a command exclude each other");
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
	client_close(&s.client);
	return (int)status;
}
