/*
 * The configuration of postfixlimit 0.0.4, a policy service for Postfix that counts
 * requests for each sender, login or client (doc/moving-from-postfixlimit.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_POSTFIXLIMIT_H
#define THEMIS_SHELL_POSTFIXLIMIT_H

#include "import.h"

/* A group and a policy for each of its limits, and one policy for everybody else.  What
 * postfixlimit itself would not start with is bad (READER_BAD). */
import_fn postfixlimit_import;

#endif
