/*
 * The pager.  Called by shell/run, on the shell's one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "page.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the shell's exec says of a program that is not there or cannot be run. */
#define EXIT_NOT_RUN 126

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];
	size_t n;

	for (; path != NULL && *path != '\0'; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, program);
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

const char *page_pager(void)
{
	const char *named = getenv("PAGER");

	if (named != NULL)
		return *named != '\0' && strcmp(named, "cat") != 0 ? named : NULL;
	return in_path("less") ? "less" : in_path("more") ? "more" : NULL;
}

/* Columns of the first line, without what only colours it (ESC [ ... m). */
static int line_width(const char *line, size_t n)
{
	char *plain = mem_calloc(n + 1, 1);
	size_t used = 0;
	int width;

	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\033')
			while (i < n && line[i] != 'm')
				i++;
		else
			plain[used++] = line[i];
	}
	width = text_width(plain);
	free(plain);
	return width;
}

int page_lines(const char *text, int width)
{
	int lines = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		int columns = width > 0 ? line_width(text, n) : 0;

		lines += columns > width ? (columns + width - 1) / width : 1;
		text += n + (text[n] == '\n');
	}
	return lines;
}

void page_begin(struct page *p, const struct view *view, bool paged)
{
	*p = (struct page){ .to = stdout, .view = *view };
	if (!view->terminal || !paged)
		return;
	p->to = open_memstream(&p->text, &p->size);
	if (p->to == NULL)
		mem_exhausted();
}

_Noreturn static void become(const char *pager, int from)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	dup2(from, STDIN_FILENO);
	execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(EXIT_NOT_RUN);
}

/* To a pipe whose reader may leave; SIGPIPE is ignored. */
static void write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, text, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return;
		text += k;
		n -= (size_t)k;
	}
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* Ctrl-C at the keyboard is for the pager; 0 if it ran. */
static int run_pager(const char *pager, const char *text, size_t n)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was[3];
	static const int signals[] = { SIGINT, SIGQUIT, SIGPIPE };
	int ends[2], status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &ignore, &was[i]);
	pid = fork();
	if (pid == 0)
		become(pager, ends[0]);
	close(ends[0]);
	if (pid > 0)
		write_all(ends[1], text, n);
	close(ends[1]);
	if (pid > 0)
		status = wait_for(pid);
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &was[i], NULL);
	return status < 0 || status >= EXIT_NOT_RUN ? -1 : 0;
}

/* The last line of the screen is the prompt's. */
static bool is_long(const struct page *p)
{
	return page_lines(p->text, p->view.columns) >= p->view.lines;
}

void page_end(struct page *p)
{
	const char *pager = page_pager();

	if (p->to != stdout) {
		fclose(p->to);
		if (pager == NULL || !is_long(p) ||
			run_pager(pager, p->text, p->size) < 0)
			fwrite(p->text, 1, p->size, stdout);
		free(p->text);
	}
	fflush(stdout);
}
