/*
 * postconf(1), run without a shell.  Called by doctor_postfix.c.
 *
 * What it prints goes into files in memory, so that none of its two outputs can fill up
 * while the other is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_postconf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_THERE 127

_Noreturn static void become(char **words, int out, int complaints)
{
	const char *path = getenv("PATH");
	char longer[PATH_MAX];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* where it is, and where few users look */
	snprintf(longer, sizeof(longer), "%s%s/usr/sbin:/usr/local/sbin:/sbin",
		path != NULL ? path : "", path != NULL && *path != '\0' ? ":" : "");
	setenv("PATH", longer, 1);
	setenv("LC_ALL", "C", 1);
	signal(SIGINT, SIG_DFL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
		dup2(complaints, STDERR_FILENO) >= 0)
		execvp(words[0], words);
	_exit(EXIT_NOT_THERE);
}

/* Its status, as waitpid() has it; -1 and errno. */
static int run(char **words, int out, int complaints)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become(words, out, complaints);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* All of a file; NUL octets are none of postconf's. */
static char *read_file(struct arena *arena, int fd)
{
	struct stat st;
	char *text;
	ssize_t n = 0;
	size_t have = 0;

	if (fstat(fd, &st) < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)st.st_size + 1);
	while (have < (size_t)st.st_size &&
		(n = pread(fd, text + have, (size_t)st.st_size - have, (off_t)have)) > 0)
		have += (size_t)n;
	return n >= 0 ? text : NULL;
}

/* Is this line (n octets) among those lines? */
static bool has_line(const char *lines, const char *line, size_t n)
{
	for (; *lines != '\0'; lines += strcspn(lines, "\n"), lines += *lines == '\n')
		if (strcspn(lines, "\n") == n && strncmp(lines, line, n) == 0)
			return true;
	return false;
}

static void take_warnings(struct postconf *p, const char *said)
{
	size_t n;

	for (; *said != '\0'; said += n + (said[n] == '\n')) {
		n = strcspn(said, "\n");
		if (n > 0 && !has_line(p->warnings, said, n))
			p->warnings = arena_printf(
				p->arena, "%s%.*s\n", p->warnings, (int)n, said);
	}
}

/* It has ended badly: its last words, which say why. */
static int fail(int status, char *said, struct err *err)
{
	size_t n = strlen(said);
	const char *last;

	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_THERE)
		return err_set(err,
			"there is no postconf here, which reads main.cf and master.cf: "
			"run doctor on a host where Postfix is installed (main= and "
			"master= name copies of its files)");
	if (WIFSIGNALED(status))
		return err_set(err, "postconf was ended by signal %d", WTERMSIG(status));
	while (n > 0 && said[n - 1] == '\n')
		said[--n] = '\0';
	last = strrchr(said, '\n');
	return err_set(err, "%s",
		*said == '\0'  ? "postconf fails, and says not why"
		: last != NULL ? last + 1
			       : said);
}

static char *ask(
	struct postconf *p, char **words, int out, int complaints, struct err *err)
{
	int status = run(words, out, complaints);
	char *text = read_file(p->arena, out), *said = read_file(p->arena, complaints);

	if (status == -1 || text == NULL || said == NULL) {
		err_set(err, "cannot run postconf: %s", strerror(errno));
		return NULL;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fail(status, said, err);
		return NULL;
	}
	take_warnings(p, said);
	return text;
}

char *postconf_ask(
	struct postconf *p, const char *const *words, size_t n, struct err *err)
{
	char **all = arena_alloc(p->arena, (n + 4) * sizeof(*all)), *text = NULL;
	int out = memfd_create("out", MFD_CLOEXEC);
	int complaints = memfd_create("complaints", MFD_CLOEXEC);
	size_t used = 0;

	all[used++] = arena_strdup(p->arena, "postconf");
	if (p->directory != NULL) {
		all[used++] = arena_strdup(p->arena, "-c");
		all[used++] = arena_strdup(p->arena, p->directory);
	}
	for (size_t i = 0; i < n; i++)
		all[used++] = arena_strdup(p->arena, words[i]);
	if (out < 0 || complaints < 0)
		err_set(err, "cannot run postconf: %s", strerror(errno));
	else
		text = ask(p, all, out, complaints, err);
	if (out >= 0)
		close(out);
	if (complaints >= 0)
		close(complaints);
	return text;
}

static int copy(const char *from, const char *to, struct err *err)
{
	FILE *in = fopen(from, "re"), *out = NULL;
	char buf[4096];
	size_t n;
	int rc = 0;

	if (in == NULL)
		return err_set(err, "cannot read \"%.200s\": %s", from, strerror(errno));
	out = fopen(to, "wxe");
	while (out != NULL && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, out);
	if (out == NULL || ferror(in) || fclose(out) == EOF)
		rc = err_set(err, "cannot copy \"%.200s\": %s", from, strerror(errno));
	fclose(in);
	return rc;
}

const char *postconf_gather(
	struct arena *arena, const char *main, const char *master, struct err *err)
{
	const char *under = getenv("TMPDIR");
	char *directory = arena_printf(arena, "%s/themis-doctor.XXXXXX",
		under != NULL && *under != '\0' ? under : "/tmp");

	if (mkdtemp(directory) == NULL) {
		err_set(err, "cannot make the directory %s: %s", directory,
			strerror(errno));
		return NULL;
	}
	if (copy(main, arena_printf(arena, "%s/main.cf", directory), err) == 0 &&
		copy(master, arena_printf(arena, "%s/master.cf", directory), err) == 0)
		return directory;
	postconf_scatter(arena, directory);
	return NULL;
}

void postconf_scatter(struct arena *arena, const char *directory)
{
	unlink(arena_printf(arena, "%s/main.cf", directory));
	unlink(arena_printf(arena, "%s/master.cf", directory));
	rmdir(directory);
}
