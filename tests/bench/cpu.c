/*
 * The CPU time of other processes.  A process's own clock has nanoseconds; what its
 * children had who have ended is in /proc, in ticks, but added up from nanoseconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cpu.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000

int64_t cpu_of_process(pid_t pid)
{
	struct timespec spent;
	clockid_t clock;
	int error = clock_getcpuclockid(pid, &clock);

	if (error != 0) {
		errno = error;
		return -1;
	}
	if (clock_gettime(clock, &spent) < 0)
		return -1;
	return (int64_t)spent.tv_sec * NANOSECONDS + spent.tv_nsec;
}

/* Of children that have ended; -1: not in this group, or gone.  proc(5), "stat". */
static int64_t ended_children(const char *pid, pid_t group)
{
	const char format[] =
		" %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld";
	char path[64], text[1024], *end;
	long user, system;
	size_t n;
	FILE *f;
	int of;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	/* the program's name is in brackets, and may have some itself */
	end = strrchr(text, ')');
	if (end == NULL || sscanf(end + 1, format, &of, &user, &system) != 3 ||
		of != group)
		return -1;
	return (user + system) * (NANOSECONDS / sysconf(_SC_CLK_TCK));
}

int64_t cpu_of_group(pid_t group)
{
	DIR *proc = opendir("/proc");
	int64_t sum = 0, children, own;
	bool found = false;
	struct dirent *entry;

	if (proc == NULL)
		return -1;
	while ((entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		children = ended_children(entry->d_name, group);
		if (children < 0)
			continue;
		found = true;
		own = cpu_of_process((pid_t)strtol(entry->d_name, NULL, 10));
		sum += children + (own > 0 ? own : 0);
	}
	closedir(proc);
	errno = found ? 0 : ESRCH;
	return found ? sum : -1;
}
