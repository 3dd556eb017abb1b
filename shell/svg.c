/*
 * Pictures.  Called by the parts of the page of `report html`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "svg.h"

#include "html.h"

#include <string.h>

void svg_stretch_begin(FILE *to, int y, int height)
{
	html_put(to,
		"<svg " SVG_XMLNS " y=\"%d\" width=\"100%%\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">\n",
		y, height, SVG_WIDTH, height);
}

void svg_alone_begin(FILE *to, int height)
{
	html_put(to,
		"<svg " SVG_XMLNS " width=\"100%%\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\">\n",
		height, SVG_WIDTH, height);
}

void svg_end(FILE *to)
{
	html_put(to, "</svg>");
}

void svg_bars_begin(FILE *to, const char *colour)
{
	html_put(to, "<path class=\"%s\" d=\"", colour);
}

/* A number of a path, as short as it can be said: there are thousands of them. */
static void put_number(FILE *to, double n)
{
	char text[40];
	char *end;

	snprintf(text, sizeof(text), "%.1f", n);
	end = text + strlen(text) - 2;
	if (strcmp(end, ".0") == 0)
		*end = '\0';
	fputs(strcmp(text, "-0") == 0 ? "0" : text, to);
}

static void put_move(FILE *to, char letter, double n)
{
	putc(letter, to);
	put_number(to, n);
}

void svg_bar(FILE *to, double x, double y, double width, double height)
{
	put_move(to, 'M', x);
	put_move(to, ' ', y);
	put_move(to, 'h', width);
	put_move(to, 'v', height);
	put_move(to, 'h', -width);
	putc('z', to);
}

void svg_bars_end(FILE *to)
{
	html_put(to, "\"/>\n");
}

void svg_swatch(FILE *to, const char *colour)
{
	html_put(to,
		"<svg " SVG_XMLNS " width=\"14\" height=\"14\" aria-hidden=\"true\">"
		"<rect class=\"%s\" width=\"14\" height=\"14\" rx=\"2\"/></svg>",
		colour);
}

void svg_stack(const double *numbers, size_t k, double top, double height, double *from,
	double *to)
{
	double below = 0;

	for (size_t i = 0; i < k; i++)
		below += numbers[i];
	*from = top > 0 ? below / top * height : 0;
	*to = top > 0 ? (below + numbers[k]) / top * height : 0;
}
