/*
 * Pictures within the page of `report html` that are as wide as there is room.  Whatever
 * is measured across is in thousandths of that width and drawn as paths in a nested
 * picture which is stretched; letters, which must not be, stand beside it.  Heights are
 * pixels.  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SVG_H
#define THEMIS_SHELL_SVG_H

#include <stddef.h>
#include <stdio.h>

#define SVG_WIDTH 1000
#define SVG_XMLNS "xmlns=\"http://www.w3.org/2000/svg\""

/* A nested picture at that height of the one around it; and a whole one, which says
 * nothing to who cannot see it. */
void svg_stretch_begin(FILE *to, int y, int height);
void svg_alone_begin(FILE *to, int height);
void svg_end(FILE *to);

/* Bars of one colour (a class of the style) as one path. */
void svg_bars_begin(FILE *to, const char *colour);
void svg_bar(FILE *to, double x, double y, double width, double height);
void svg_bars_end(FILE *to);

/* The little square beside a name in a legend. */
void svg_swatch(FILE *to, const char *colour);

/* Where the k-th of some numbers that stand upon each other begins and ends, if `top` is
 * so many pixels high: from the foot, upwards. */
void svg_stack(const double *numbers, size_t k, double top, double height, double *from,
	double *to);

#endif
