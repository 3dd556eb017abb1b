/*
 * Is the daemon well?  For load balancers and those who watch them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_HEALTH_H
#define THEMIS_ADMIN_HEALTH_H

#include <stdbool.h>

/* "ok", or a line for each thing that does not work, the caller's to free().  False: mail
 * should go elsewhere, if it can: it is not judged as the policies say, or has to wait.
 */
bool health_text(char **text);

#endif
