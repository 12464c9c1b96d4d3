/* SPDX-License-Identifier: GPL-2.0 */
/* A chart as SVG, inside a page of HTML on stdout. */
#ifndef SYNWARD_TOOL_CHART_H
#define SYNWARD_TOOL_CHART_H

#include <stddef.h>

#define CHART_LINES_MAX	8	/* what the style sheet has colours for */

struct chart_line {
	const char	*name;
	const double	*value;
};

struct chart {
	const char			*id;
	const char			*title;
	const unsigned long long	*time_ms;
	size_t				samples;
	const double			*shade;	/* where it is not 0 there are cookies */
	struct chart_line		line[CHART_LINES_MAX];
	size_t				lines;
};

struct chart_bars {
	const char	*id;
	const char	*title;
	const char	*const *label;
	const double	*value;
	size_t		count;
};

/* Lines over time. Of many samples the highest of a few neighbours is drawn. */
void chart_draw(const struct chart *chart);
void chart_draw_bars(const struct chart_bars *bars);

/* Text between tags, or in quotes. */
void chart_put_text(const char *text);
void chart_put_number(double value);

#endif
