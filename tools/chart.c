// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <time.h>

#include "chart.h"
#include "number.h"

/* Of the drawing, whose width the browser fits to the page. */
#define WIDTH		900
#define HEIGHT		240
#define LEFT		64	/* of the plot: room for numbers */
#define RIGHT		890
#define TOP		10
#define BOTTOM		210
#define GRID_LINES	4
#define TIME_LABELS	6
#define POINTS_MAX	600	/* more cannot be seen */
#define MS_PER_SECOND	1000
#define NUMBER_MOST	1e18	/* what surely fits the integer */

void chart_put_text(const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '&':
			fputs("&amp;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			putchar((unsigned char)*text < ' ' ? '?' : *text);
		}
	}
}

void chart_put_number(double value)
{
	char text[NUMBER_TEXT_MAX];

	value = value < NUMBER_MOST ? value : NUMBER_MOST;
	if (value > 0 && value < 10 && value != (double)(int)value)
		printf("%.2g", value);
	else
		fputs(number_short(text, (unsigned long long)(value + 0.5)), stdout);
}

/* 1, 2 or 5 times a power of ten, so that the lines of the grid have short numbers. */
static double round_up(double value)
{
	static const double step[] = { 1, 2, 5 };
	double power = 0.001;

	while (power * 10 <= value)
		power *= 10;
	for (size_t i = 0; i < sizeof(step) / sizeof(*step); i++)
		if (power * step[i] >= value)
			return power * step[i];
	return power * 10;
}

static double y_of(double value, double most)
{
	double share = value / most;

	return BOTTOM - share * (BOTTOM - TOP);
}

static void begin_figure(const char *id, const char *title)
{
	printf("<figure id=\"%s\">\n<figcaption>", id);
	chart_put_text(title);
	printf("</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
	       HEIGHT);
	chart_put_text(title);
	fputs("\">\n", stdout);
}

static void draw_grid(double most)
{
	for (int i = 0; i <= GRID_LINES; i++) {
		double y = y_of((double)i, GRID_LINES);

		printf("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
		printf("<text class=\"y\" x=\"%d\" y=\"%.1f\">", LEFT - 6, y + 4);
		chart_put_number(most * i / GRID_LINES);
		fputs("</text>\n", stdout);
	}
}

/* -- lines over time -- */

static double x_of(const struct chart *chart, size_t sample)
{
	unsigned long long first = chart->time_ms[0];
	double all = (double)(chart->time_ms[chart->samples - 1] - first);

	return LEFT + (double)(chart->time_ms[sample] - first) / all * (RIGHT - LEFT);
}

static double highest(const struct chart *chart)
{
	double most = 0;

	for (size_t i = 0; i < chart->lines; i++)
		for (size_t j = 0; j < chart->samples; j++)
			if (chart->line[i].value[j] > most)
				most = chart->line[i].value[j];
	return most;
}

static void draw_times(const struct chart *chart)
{
	for (int i = 0; i < TIME_LABELS; i++) {
		unsigned long long all = chart->time_ms[chart->samples - 1] - chart->time_ms[0];
		unsigned long long ms = chart->time_ms[0] + all * (unsigned int)i /
					(TIME_LABELS - 1);
		time_t seconds = (time_t)(ms / MS_PER_SECOND);
		struct tm tm = { 0 };

		localtime_r(&seconds, &tm);
		printf("<text class=\"x%s\" x=\"%d\" y=\"%d\">%02d:%02d:%02d</text>\n",
		       !i ? " first" : i == TIME_LABELS - 1 ? " last" : "",
		       LEFT + (RIGHT - LEFT) * i / (TIME_LABELS - 1), BOTTOM + 20, tm.tm_hour,
		       tm.tm_min, tm.tm_sec);
	}
}

static void draw_stretch(const struct chart *chart, size_t from, size_t to)
{
	double left = x_of(chart, from), right = x_of(chart, to);

	printf("<rect class=\"shade\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" ", left, TOP,
	       right - left);
	printf("height=\"%d\"/>\n", BOTTOM - TOP);
}

/* Each stretch without a 0, from the sample before it. */
static void draw_shade(const struct chart *chart)
{
	size_t from = 0;

	for (size_t i = 1; chart->shade && i <= chart->samples; i++) {
		if (i < chart->samples && chart->shade[i] > 0) {
			from = from ? from : i;
			continue;
		}
		if (from)
			draw_stretch(chart, from - 1, i - 1);
		from = 0;
	}
}

static size_t highest_of(const double *value, size_t from, size_t to)
{
	size_t best = from;

	for (size_t i = from + 1; i < to; i++)
		if (value[i] > value[best])
			best = i;
	return best;
}

static void draw_line(const struct chart *chart, size_t line, double most)
{
	size_t stride = (chart->samples + POINTS_MAX - 1) / POINTS_MAX;
	const double *value = chart->line[line].value;

	printf("<polyline class=\"line c%zu\" points=\"", line);
	for (size_t i = 0; i < chart->samples; i += stride) {
		size_t end = i + stride < chart->samples ? i + stride : chart->samples;
		size_t best = highest_of(value, i, end);

		printf("%s%.1f,%.1f", i ? " " : "", x_of(chart, best), y_of(value[best], most));
	}
	fputs("\"/>\n", stdout);
}

static void draw_legend(const struct chart *chart)
{
	fputs("<ul>\n", stdout);
	for (size_t i = 0; i < chart->lines; i++) {
		const double *value = chart->line[i].value;

		printf("<li class=\"c%zu\"><span>", i);
		chart_put_text(chart->line[i].name);
		fputs("</span> at most ", stdout);
		chart_put_number(value[highest_of(value, 0, chart->samples)]);
		fputs("</li>\n", stdout);
	}
	fputs("</ul>\n", stdout);
}

void chart_draw(const struct chart *chart)
{
	double most = round_up(highest(chart));

	begin_figure(chart->id, chart->title);
	draw_shade(chart);
	draw_grid(most);
	draw_times(chart);
	for (size_t i = 0; i < chart->lines; i++)
		draw_line(chart, i, most);
	fputs("</svg>\n", stdout);
	draw_legend(chart);
	fputs("</figure>\n", stdout);
}

/* -- bars -- */

static void draw_bar(const struct chart_bars *bars, size_t i, double most)
{
	double room = (double)(RIGHT - LEFT) / (double)bars->count;
	double x = LEFT + room * (double)i, y = y_of(bars->value[i], most);

	printf("<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
	       x + room * 0.1, y, room * 0.8, BOTTOM - y);
	chart_put_text(bars->label[i]);
	fputs(": ", stdout);
	chart_put_number(bars->value[i]);
	printf("</title></rect>\n<text class=\"x\" x=\"%.1f\" y=\"%d\">", x + room / 2,
	       BOTTOM + 20);
	chart_put_text(bars->label[i]);
	fputs("</text>\n", stdout);
}

void chart_draw_bars(const struct chart_bars *bars)
{
	double most = 0;

	for (size_t i = 0; i < bars->count; i++)
		most = bars->value[i] > most ? bars->value[i] : most;
	most = round_up(most);
	begin_figure(bars->id, bars->title);
	draw_grid(most);
	for (size_t i = 0; i < bars->count; i++)
		draw_bar(bars, i, most);
	fputs("</svg>\n</figure>\n", stdout);
}
