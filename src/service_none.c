/*
 * Where there is no systemd, nobody is told (configure --without-systemd).  Called by
 * main.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "service.h"

void service_begin(void)
{
}

void service_status(const char *words)
{
	(void)words;
}

void service_long_status(const char *words)
{
	(void)words;
}

void service_ready(const char *words)
{
	(void)words;
}

int64_t service_watchdog(void)
{
	return 0;
}

void service_alive(void)
{
}

void service_stopping(void)
{
}
