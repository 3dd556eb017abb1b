/*
 * Markup that is XHTML as well as HTML.  Names in it are those that strangers have
 * chosen, so whatever is put into a text or an attribute is escaped here, and nowhere
 * else.  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_HTML_H
#define THEMIS_SHELL_HTML_H

#include <stdio.h>

/* Writes the markup fmt, which is ours.  Of %s, the text is escaped, for texts and for
 * attributes in double quotes, and shown as one line (str_printable()); %d, %zu, %lld and
 * %.Nf are numbers, %% is a percent sign.  There is nothing else. */
void html_put(FILE *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
