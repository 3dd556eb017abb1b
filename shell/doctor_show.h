/*
 * What doctor has found, for people and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_SHOW_H
#define THEMIS_SHELL_DOCTOR_SHOW_H

#include "doctor.h"
#include "view.h"

#include <stdio.h>

/* The findings, and a last line that says what was looked at.  Lines to put right stand
 * whole, however long they are: what is broken could not be typed. */
void doctor_show(FILE *to, const struct view *view, const struct doctor *d);

/* One object a finding: finding, severity, where, what, why, fix. */
void doctor_show_json(FILE *to, const struct doctor *d);

#endif
