/*
 * The log.  Called on every thread; what it knows is set by log_open() before
 * there are threads.  A line is one write(), so lines do not mix.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/log.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static struct {
	const char *program;
	int to_syslog;
	enum log_level level;
} log_to = { "themis", 0, LEVEL_INFO };

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LEVEL_ERROR] = { "error", LOG_ERR },
	[LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LEVEL_INFO] = { "info", LOG_INFO },
	[LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

int log_level_parse(const char *text, enum log_level *level)
{
	for (unsigned i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(text, levels[i].name) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	return -1;
}

void log_open(const char *program, int to_syslog, enum log_level level)
{
	log_to.program = program;
	log_to.to_syslog = to_syslog;
	log_to.level = level;
	if (to_syslog)
		openlog(program, LOG_PID, LOG_MAIL);
}

void log_event(enum log_level level, const char *queue_id, const char *fmt, ...)
{
	char raw[LOG_LINE_MAX * 2], text[LOG_LINE_MAX], line[LOG_LINE_MAX + 100];
	size_t used = 0;
	va_list ap;
	int n;

	if (level > log_to.level)
		return;
	if (queue_id != NULL)
		used = (size_t)snprintf(raw, 80, "%.70s: ", queue_id);
	va_start(ap, fmt);
	vsnprintf(raw + used, sizeof(raw) - used, fmt, ap);
	va_end(ap);
	str_escape(text, sizeof(text), raw);
	if (log_to.to_syslog) {
		syslog(levels[level].priority, "%s", text);
		return;
	}
	n = snprintf(line, sizeof(line), "%s: %s: %s\n", log_to.program,
		levels[level].name, text);
	if (n >= (int)sizeof(line))
		n = (int)sizeof(line) - 1;
	/* a log that cannot be written has nowhere left to say so */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}
