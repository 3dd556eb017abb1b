/*
 * What systemd is told.  Called by main.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "service.h"

#include "base/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

/* Is there anybody, and within how many microseconds does he want a sign of life (0:
 * never mind)?  Written before there are threads. */
static bool told;
static uint64_t within;

static void tell(const char *state)
{
	int rc = told ? sd_notify(0, state) : 0;

	if (rc < 0)
		log_warning("the service manager cannot be told \"%s\": %s", state,
			strerror(-rc));
}

void service_begin(void)
{
	told = getenv("NOTIFY_SOCKET") != NULL;
	if (!told || sd_watchdog_enabled(0, &within) <= 0)
		within = 0;
}

/* The state, and words behind it. */
static void tell_words(const char *state, const char *words)
{
	int rc = told ? sd_notifyf(0, "%sSTATUS=%s", state, words) : 0;

	if (rc < 0)
		log_warning("the service manager cannot be told \"%s\": %s", words,
			strerror(-rc));
}

void service_status(const char *words)
{
	tell_words("", words);
}

void service_long_status(const char *words)
{
	tell_words("EXTEND_TIMEOUT_USEC=86400000000\n", words);
}

void service_ready(const char *words)
{
	tell_words("READY=1\n", words);
}

int64_t service_watchdog(void)
{
	return within < INT64_MAX ? (int64_t)within : 0;
}

void service_alive(void)
{
	tell("WATCHDOG=1");
}

void service_stopping(void)
{
	tell("STOPPING=1\nSTATUS=stopping");
}
