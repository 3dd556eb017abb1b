/*
 * The table of checks, in the order in which they are run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/check.h"

const struct check *const checks[] = { &check_rate, NULL };
