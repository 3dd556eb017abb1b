/*
 * The thread that delivers alerts: to the program of alert_program, and by mail to
 * alert_mail, one alert after the other, not more than alert_hourly in any hour.  What
 * cannot be delivered is trouble (EPISODE_ALERTS), and gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_NOTIFY_H
#define THEMIS_NOTIFY_NOTIFY_H

#include "engine/alerts.h"
#include "policy/set.h"

struct notify;

/* Begins to deliver.  slot: whose settings hold; sendmail: the program for mail; all of
 * them outlive it.  NULL with err. */
struct notify *notify_new(struct alerts *alerts, struct policy_slot *slot,
	const char *sendmail, struct err *err);

/* What is in hand has its end within two seconds, what waits is not sent, and nothing is
 * from here on.  NULL is fine. */
void notify_stop(struct notify *notify);

#endif
