/*
 * Running commands: a line is judged as far as the shell can, sent, and the answer
 * shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run.h"

#include "base/arena.h"
#include "ctl/spec.h"
#include "ctl/words.h"
#include "local.h"
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void run_begin(struct shell *s, const char *name)
{
	*s = (struct shell){
		.name = name, .socket = getenv("THEMIS_CONTROL"), .client = { .fd = -1 }
	};
	if (s->socket == NULL || *s->socket == '\0')
		s->socket = SOCKET_DEFAULT;
}

void run_end(struct shell *s)
{
	client_close(&s->client);
}

void run_complain(const char *where, const char *text)
{
	fprintf(stderr, "%s: %s\n", where, text);
}

enum status run_status(enum outcome outcome)
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

enum status run_connect(struct shell *s, const char *where)
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
		run_complain(where, err.text);
	return run_status(outcome);
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

	status = run_connect(s, where);
	if (status != STATUS_DONE)
		return status;
	out = output_new(stdout, c->layout, s->json);
	outcome =
		client_command(&s->client, line, take_row, out, done, sizeof(done), &err);
	output_end(out, outcome == OUTCOME_DONE ? done : NULL);
	fflush(stdout);
	if (outcome != OUTCOME_DONE)
		run_complain(where, err.text);
	s->quit |= strcmp(c->noun, "quit") == 0;
	return run_status(outcome);
}

/* What is no command is told without asking the daemon; everything else is the daemon's
 * to judge. */
enum status run_line(struct shell *s, const char *line, const char *where)
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
		run_complain(where, err.text);
		status = STATUS_USAGE;
	} else if (n > 0 && c->access == ACCESS_LOCAL) {
		status = local_run(s, c, words + used, (size_t)n - used, where);
	} else if (n > 0) {
		status = run_command(s, c, line, where);
	}
	arena_free(arena);
	return status;
}

enum status run_words(struct shell *s, char *const *words, size_t n)
{
	struct arena *arena = arena_new();
	enum status status = run_line(s, words_join(arena, words, n), s->name);

	arena_free(arena);
	return status;
}

enum status run_stream(struct shell *s, FILE *in, const char *name)
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

enum status run_file(struct shell *s, const char *name)
{
	enum status status;
	FILE *in;

	if (strcmp(name, "-") == 0)
		return run_stream(s, stdin, "standard input");
	in = fopen(name, "re");
	if (in == NULL) {
		run_complain(name, strerror(errno));
		return STATUS_USAGE;
	}
	status = run_stream(s, in, name);
	fclose(in);
	return status;
}
