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

/* Is there anybody?  Written before there are threads. */
static bool told;

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

void service_ready(const char *words)
{
	tell_words("READY=1\n", words);
}

void service_stopping(void)
{
	tell("STOPPING=1\nSTATUS=stopping");
}
