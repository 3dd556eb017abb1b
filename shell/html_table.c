/*
 * Tables on the page of `report html`, which whoever cannot see it can find a way in,
 * too: each has a caption, and its headings say what they are the headings of.  Called by
 * the parts of the page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"

void html_table_begin(FILE *to, const char *caption)
{
	/* the heading of its part says to the eye what it is */
	html_put(to, "<table>\n<caption>%s</caption>\n<thead>\n<tr>", caption);
}

void html_table_column(FILE *to, const char *class, const char *name)
{
	if (*class != '\0')
		html_put(to, "<th scope=\"col\" class=\"%s\">%s</th>", class, name);
	else
		html_put(to, "<th scope=\"col\">%s</th>", name);
}

void html_table_rows(FILE *to)
{
	html_put(to, "</tr>\n</thead>\n<tbody>\n");
}

void html_table_end(FILE *to)
{
	html_put(to, "</tbody>\n</table>\n");
}
