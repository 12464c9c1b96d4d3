// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chart.h"
#include "histogram.h"
#include "message.h"
#include "number.h"
#include "page.h"
#include "ranking.h"
#include "recording.h"
#include "report.h"

#define LINES_MOST	6	/* of one chart; the others are in the table */
#define ROWS_MOST	100
#define MS_PER_SECOND	1000
#define LABEL_MAX	NUMBER_TEXT_MAX

#define SERVER_TITLE	\
	"Handshakes of the whole stretch, by time from SYN to SYN-ACK (the server), at most"
#define CLIENT_TITLE	\
	"Handshakes of the whole stretch, by time from SYN-ACK to ACK (client and network), at most"

struct report {
	struct recording	recording;
	double			*engaged;
};

/* -- charts -- */

static void begin_chart(struct chart *chart, const struct report *report, const char *id,
			const char *title)
{
	*chart = (struct chart) {
		.id = id,
		.title = title,
		.time_ms = report->recording.time_ms,
		.samples = report->recording.samples,
		.shade = report->engaged,
	};
}

/* @value is the chart's from here on. */
static void add_line(struct chart *chart, const char *name, const double *value)
{
	chart->line[chart->lines++] = (struct chart_line) { name, value };
}

static void finish_chart(struct chart *chart)
{
	if (chart->lines)
		chart_draw(chart);
	for (size_t i = 0; i < chart->lines; i++)
		free((double *)chart->line[i].value);
}

static void draw_traffic(const struct report *report)
{
	const struct recording *recording = &report->recording;
	struct chart chart;

	begin_chart(&chart, report, "syn", "SYNs and handshakes per second");
	add_line(&chart, "SYN received", recording_rates(recording, "stats/syn_received"));
	add_line(&chart, "SYN-ACK sent by the stack",
		 recording_rates(recording, "stats/synack_sent"));
	add_line(&chart, "handshakes completed",
		 recording_rates(recording, "stats/handshake_completed"));
	finish_chart(&chart);

	begin_chart(&chart, report, "cookies", "Cookies per second");
	add_line(&chart, "sent", recording_rates(recording, "stats/cookie_sent"));
	add_line(&chart, "valid", recording_rates(recording, "stats/cookie_valid"));
	add_line(&chart, "invalid", recording_rates(recording, "stats/cookie_invalid"));
	finish_chart(&chart);
}

static void draw_tables(const struct report *report)
{
	const struct recording *recording = &report->recording;
	struct chart chart;

	begin_chart(&chart, report, "halfopen", "Half-open connections");
	add_line(&chart, "half-open", recording_values(recording, "stats/halfopen"));
	finish_chart(&chart);

	begin_chart(&chart, report, "established", "Established connections");
	add_line(&chart, "established", recording_values(recording, "stats/established"));
	finish_chart(&chart);
}

static void add_ranked(struct chart *chart, const struct report *report,
		       const struct ranking *ranking)
{
	for (size_t i = 0; i < ranking->count && i < LINES_MOST; i++)
		add_line(chart, ranking->item[i].name,
			 recording_rates(&report->recording, ranking->item[i].series));
}

/* -- drops -- */

static void put_reasons(const struct ranking *ranking)
{
	static const char *const title[] = { "reason", "packets or connections" };

	page_begin_table("reasons", title, ARRAY_SIZE(title));
	for (size_t i = 0; i < ranking->count; i++)
		page_put_row(ranking->item[i].name, &ranking->item[i].increase, 1);
	page_end_table();
}

static void draw_drops(const struct report *report)
{
	struct ranking ranking = { 0 };
	struct chart chart;

	ranking_of_reasons(&ranking, &report->recording);
	if (!ranking.count) {
		ranking_free(&ranking);
		fputs("<p id=\"drops\">Nothing was dropped, invalid or not tracked.</p>\n", stdout);
		return;
	}
	begin_chart(&chart, report, "drops", "Dropped, invalid or not tracked, per second");
	add_ranked(&chart, report, &ranking);
	finish_chart(&chart);
	put_reasons(&ranking);
	ranking_free(&ranking);
}

/* -- listeners -- */

static double of_listener(const struct recording *recording, const char *name,
			  const char *figure, double (*what)(const struct recording *recording,
							     const char *name))
{
	char series[2 * RECORDING_NAME_MAX];

	snprintf(series, sizeof(series), "listener/%s/%s", name, figure);
	return what(recording, series);
}

static void put_listener(const struct recording *recording, const struct ranked *ranked)
{
	const double value[] = {
		ranked->increase,
		of_listener(recording, ranked->name, "completed", recording_increase),
		of_listener(recording, ranked->name, "cookie_sent", recording_increase),
		of_listener(recording, ranked->name, "cookie_valid", recording_increase),
		of_listener(recording, ranked->name, "halfopen", recording_maximum),
		of_listener(recording, ranked->name, "engaged_ms", recording_maximum) /
			MS_PER_SECOND,
	};

	page_put_row(ranked->name, value, ARRAY_SIZE(value));
}

static void draw_listeners(const struct report *report)
{
	static const char *const title[] = {
		"listener", "SYNs", "completed", "cookies sent", "valid", "half-open, at most",
		"longest under flood, s",
	};
	struct ranking ranking = { 0 };
	struct chart chart;

	ranking_of_listeners(&ranking, &report->recording);
	begin_chart(&chart, report, "listeners", "SYNs per second and listener");
	add_ranked(&chart, report, &ranking);
	finish_chart(&chart);
	page_begin_table("listener-table", title, ARRAY_SIZE(title));
	for (size_t i = 0; i < ranking.count && i < ROWS_MOST; i++)
		put_listener(&report->recording, &ranking.item[i]);
	page_end_table();
	ranking_free(&ranking);
}

/* -- latency -- */

struct bucket {
	double	bound_us;
	double	count;
	char	label[LABEL_MAX];
};

static int compare(const void *a, const void *b)
{
	const struct bucket *one = a, *other = b;

	return one->bound_us < other->bound_us ? -1 : one->bound_us > other->bound_us;
}

static void set_bucket(struct bucket *bucket, const char *bound, double count)
{
	char text[NUMBER_TEXT_MAX];
	unsigned long long us;

	bucket->count = count;
	bucket->bound_us = (double)HISTOGRAM_UNBOUNDED;
	snprintf(bucket->label, sizeof(bucket->label), "more");
	if (!number_read(bound, &us))
		return;
	bucket->bound_us = (double)us;
	snprintf(bucket->label, sizeof(bucket->label), "%.20s", number_us(text, us));
}

/* What was counted in the recorded stretch alone, the buckets that are not empty. */
static size_t find_buckets(const struct recording *recording, const char *prefix,
			   struct bucket *bucket)
{
	size_t count = 0, length = strlen(prefix);

	for (size_t i = 0; i < recording->count && count < HISTOGRAM_BUCKETS_MAX; i++) {
		const char *name = recording->series[i].name;
		double increase;

		if (strncmp(name, prefix, length) != 0)
			continue;
		increase = recording_increase(recording, name);
		if (increase > 0)
			set_bucket(&bucket[count++], name + length, increase);
	}
	qsort(bucket, count, sizeof(*bucket), compare);
	return count;
}

static void draw_histogram(const struct report *report, const char *name, const char *id,
			   const char *title)
{
	struct bucket bucket[HISTOGRAM_BUCKETS_MAX];
	const char *label[HISTOGRAM_BUCKETS_MAX];
	double value[HISTOGRAM_BUCKETS_MAX];
	struct chart_bars bars = { .id = id, .title = title, .label = label, .value = value };
	char prefix[RECORDING_NAME_MAX];

	snprintf(prefix, sizeof(prefix), "latency/%s/", name);
	bars.count = find_buckets(&report->recording, prefix, bucket);
	for (size_t i = 0; i < bars.count; i++) {
		label[i] = bucket[i].label;
		value[i] = bucket[i].count;
	}
	if (bars.count)
		chart_draw_bars(&bars);
	else
		printf("<p id=\"%s\">%s: no handshake was timed.</p>\n", id, title);
}

/* -- all -- */

static void put_time(unsigned long long ms)
{
	time_t seconds = (time_t)(ms / MS_PER_SECOND);
	char text[64] = "";
	struct tm tm = { 0 };

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &tm);
	fputs(text, stdout);
}

static void put_head(const struct report *report)
{
	const struct recording *recording = &report->recording;
	char text[NUMBER_TEXT_MAX];

	page_begin("synward report");
	fputs("<p>", stdout);
	put_time(recording->time_ms[0]);
	fputs(" to ", stdout);
	put_time(recording->time_ms[recording->samples - 1]);
	printf(": %s, %zu samples, ",
	       number_ms(text, recording->time_ms[recording->samples - 1] -
			       recording->time_ms[0]), recording->samples);
	printf("%.0f SYNs, %.0f handshakes, %.0f cookies. Shaded: cookies answer.</p>\n",
	       recording_increase(recording, "stats/syn_received"),
	       recording_increase(recording, "stats/handshake_completed"),
	       recording_increase(recording, "stats/cookie_sent"));
}

static void write_page(struct report *report)
{
	report->engaged = recording_values(&report->recording, "stats/listeners_engaged");
	put_head(report);
	draw_traffic(report);
	draw_tables(report);
	draw_drops(report);
	draw_listeners(report);
	draw_histogram(report, "syn_to_synack", "latency-server", SERVER_TITLE);
	draw_histogram(report, "synack_to_ack", "latency-client", CLIENT_TITLE);
	page_end();
	free(report->engaged);
}

enum exit_code report_run(const struct options *options)
{
	struct report report = { 0 };
	enum exit_code code;

	if (options->arguments != 1)
		return message_usage("needs the name of one file");
	if (isatty(STDOUT_FILENO))
		return message_usage("a page of HTML is not for a terminal: add > report.html");
	code = recording_read(&report.recording, options->argument[0]);
	if (!code)
		write_page(&report);
	recording_free(&report.recording);
	return code;
}
