/*
 * Terms and what they mean, for who reads them: whole, wrapped to the width that there
 * is. For help on a terminal; elsewhere it is a table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_GLOSSARY_H
#define THEMIS_SHELL_GLOSSARY_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* Of each row the first member is the term, the second its meaning.  Where all terms are
 * short the meanings stand beside them, else below. */
void glossary_print(FILE *to, const struct view *view, json_t *rows);

#endif
