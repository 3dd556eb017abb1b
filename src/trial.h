/*
 * What `themisd -t` looks at: could the daemon start with that configuration?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TRIAL_H
#define THEMIS_TRIAL_H

#include "conf.h"

/* Says on standard output what is found, and changes nothing.  0, or -1 and err. */
int trial_run(const struct conf *conf, struct err *err);

#endif
