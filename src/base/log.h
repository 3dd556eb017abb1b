/*
 * The log: one line an event, to stderr or to syslog, with the queue id first.
 * Everything passes one encoder (str_escape), so that no sender can break a
 * line or hide one.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_LOG_H
#define THEMIS_BASE_LOG_H

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

#define LOG_LINE_MAX 1000 /* octets of one line, encoded */

/* level: "error", "warning", "info", "debug"; 0 or -1. */
int log_level_parse(const char *text, enum log_level *level);

/* Before the threads start.  to_syslog: facility mail; else stderr. */
void log_open(const char *program, int to_syslog, enum log_level level);

/* queue_id NULL: an event of no message. */
void log_event(enum log_level level, const char *queue_id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(...)	 log_event(LEVEL_ERROR, (void *)0, __VA_ARGS__)
#define log_warning(...) log_event(LEVEL_WARNING, (void *)0, __VA_ARGS__)
#define log_info(...)	 log_event(LEVEL_INFO, (void *)0, __VA_ARGS__)
#define log_debug(...)	 log_event(LEVEL_DEBUG, (void *)0, __VA_ARGS__)

#endif
