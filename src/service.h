/*
 * What the service manager that has started us is told: systemd, by sd_notify(3), or
 * whatever else has set NOTIFY_SOCKET.  Without it, and where configure was told to do
 * without libsystemd (service_none.c), all of this does nothing.  Any thread, once
 * service_begin() has returned.
 *
 * The variables stay in our own environment; whom we start is given one of its own
 * (base/spawn.h), so nobody else can speak for us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SERVICE_H
#define THEMIS_SERVICE_H

#include <stdint.h>

/* Looks whether somebody wants to be told.  By the process that was started, before it
 * goes to the background. */
void service_begin(void);

/* What we are doing, for people: one line. */
void service_status(const char *words);

/* The same of something at the start that may take a day, before which nobody is to be
 * impatient. */
void service_long_status(const char *words);

/* Every socket is open, and who asks there is answered. */
void service_ready(const char *words);

/* Within how many microseconds a sign of life is wanted, again and again; 0: it is not.
 */
int64_t service_watchdog(void);
void service_alive(void);

/* From here on nothing new is taken. */
void service_stopping(void);

#endif
