/*
 * JSON of what strangers send.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CTL_JSON_H
#define THEMIS_CTL_JSON_H

#include <jansson.h>

/* A value for text that may be NULL (null then); text that is not UTF-8 is escaped. */
json_t *json_text(const char *text);

#endif
