/*
 * The terminal.  Called by shell/run and shell/do_watch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "terminal.h"

#include "base/clock.h"
#include "base/str.h"

#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define LINES_DEFAULT	24

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0';
}

bool terminal_colours(int fd)
{
	return isatty(fd) && !is_set("NO_COLOR") && is_set("TERM") &&
	       strcmp(getenv("TERM"), "dumb") != 0;
}

/* Where the terminal itself does not say: the variable, else the default. */
static int dimension(unsigned short told, const char *name, int otherwise)
{
	uint64_t value;

	if (told > 0)
		return told;
	if (!is_set(name) || str_to_u64(getenv(name), SHRT_MAX, &value) < 0 || value == 0)
		return otherwise;
	return (int)value;
}

int64_t terminal_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

static struct winsize size_of(int fd)
{
	struct winsize size = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	return size;
}

int terminal_columns(int fd)
{
	return dimension(size_of(fd).ws_col, "COLUMNS", COLUMNS_DEFAULT);
}

struct view terminal_view(bool whole)
{
	struct view view = { .terminal = isatty(STDOUT_FILENO),
		.colour = terminal_colours(STDOUT_FILENO),
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.now = terminal_now() };

	if (!view.terminal)
		return view;
	view.lines = dimension(size_of(STDOUT_FILENO).ws_row, "LINES", LINES_DEFAULT);
	view.columns = terminal_columns(STDOUT_FILENO);
	view.width = whole ? 0 : view.columns;
	return view;
}
