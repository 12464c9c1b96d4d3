// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "proc.h"
#include "summary.h"
#include "wrap.h"

#define LABEL_WIDTH	12
#define NUMBER_WIDTH	10
#define TOTAL_LABEL	16
#define TOTAL_WIDTH	15
#define RATE_WIDTH	11

struct total {
	const char		*name;
	const char		*label;
	enum draw_colour	colour;
};

static const struct total totals[SUMMARY_TOTALS] = {
	{ "syn_received", "SYN received", DRAW_CYAN },
	{ "synack_sent", "SYN-ACK sent", DRAW_CYAN },
	{ "handshake_completed", "completed", DRAW_GREEN },
	{ "cookie_sent", "cookies sent", DRAW_YELLOW },
	{ "cookie_valid", "cookies valid", DRAW_GREEN },
	{ "cookie_invalid", "cookies invalid", DRAW_RED },
};

struct mode {
	const char		*name;
	enum draw_colour	colour;
};

static struct mode mode_of(unsigned long long mode)
{
	static const struct mode modes[] = {
		{ "track only", DRAW_DIM },
		{ "monitor", DRAW_CYAN },
		{ "adaptive", DRAW_GREEN },
		{ "always", DRAW_MAGENTA },
	};

	return mode < ARRAY_SIZE(modes) ? modes[mode] : (struct mode){ "unknown", DRAW_RED };
}

/* An older module has the mode only in its sysctl. */
static bool read_mode(const struct summary *summary, unsigned long long *mode)
{
	char text[NUMBER_TEXT_MAX] = "";
	FILE *sysctl;

	if (stats_find(&summary->stats, "mode", mode))
		return true;
	if (strcmp(summary->options->proc, PROC_DIR_DEFAULT) != 0)
		return false;
	sysctl = fopen(PROC_MODE_SYSCTL, "re");
	if (!sysctl)
		return false;
	if (!fgets(text, sizeof(text), sysctl))
		*text = '\0';
	fclose(sysctl);
	text[strcspn(text, "\n")] = '\0';
	return number_read(text, mode);
}

void summary_draw_head(const struct summary *summary)
{
	size_t engaged = listeners_engaged(&summary->listeners);
	struct wrap wrap = { .width = summary->width };
	unsigned long long value;
	char text[NUMBER_TEXT_MAX];

	wrap_put(&wrap, DRAW_BOLD, "synward " SYNWARD_VERSION);
	if (read_mode(summary, &value))
		wrap_put(&wrap, mode_of(value).colour, "mode %llu %s", value, mode_of(value).name);
	if (engaged)
		wrap_put(&wrap, DRAW_YELLOW, "cookies on %zu of %zu listeners", engaged,
			 summary->listeners.count);
	else
		wrap_put(&wrap, DRAW_GREEN, "cookies off, %zu listener%s", summary->listeners.count,
			 summary->listeners.count == 1 ? "" : "s");
	if (stats_find(&summary->stats, "memory_bytes", &value))
		wrap_put(&wrap, DRAW_PLAIN, "memory %s", number_bytes(text, value));
	draw_newline();
}

static void draw_gauge(const struct summary *summary, const char *label, const char *name,
		       const char *name_max)
{
	unsigned int used = LABEL_WIDTH + NUMBER_WIDTH + 4 + NUMBER_WIDTH + 2 + 5;
	unsigned long long value = stats_get(&summary->stats, name), most = 0;
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX];
	double share;

	draw_text(DRAW_PLAIN, "%-*s%*s", LABEL_WIDTH, label, NUMBER_WIDTH,
		  number_grouped(one, value));
	if (stats_find(&summary->stats, name_max, &most) && most) {
		share = (double)value / (double)most;
		draw_text(DRAW_PLAIN, " of %*s  ", NUMBER_WIDTH, number_grouped(other, most));
		draw_bar(draw_load_colour(share), share, summary->width - used);
		if (value && share < 0.01)
			draw_text(DRAW_PLAIN, "  <1%%");
		else
			draw_text(draw_load_colour(share), "%4.0f%%", share * 100);
	}
	draw_newline();
}

void summary_draw_gauges(const struct summary *summary)
{
	draw_gauge(summary, "half-open", "halfopen", "halfopen_max");
	draw_gauge(summary, "established", "established", "established_max");
}

static void draw_total(const struct summary *summary, size_t i, double most)
{
	unsigned long long value = stats_get(&summary->stats, totals[i].name);
	unsigned int used = TOTAL_LABEL + TOTAL_WIDTH + 2;
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_PLAIN, "%-*s", TOTAL_LABEL, totals[i].label);
	draw_text(value ? DRAW_PLAIN : DRAW_DIM, "%*s", TOTAL_WIDTH, number_grouped(text, value));
	if (!summary->options->interval_ms) {
		draw_pad(2);
		draw_bar(totals[i].colour, most > 0 ? (double)value / most : 0,
			 summary->width - used);
		draw_newline();
		return;
	}
	if (summary->history[i].count)
		number_rate(text, history_last(&summary->history[i]));
	else
		snprintf(text, sizeof(text), "-");
	draw_text(history_last(&summary->history[i]) > 0 ? DRAW_BOLD : DRAW_DIM, "%*s", RATE_WIDTH,
		  text);
	if (draw_is_live()) {
		draw_pad(2);
		draw_spark(totals[i].colour, summary->history[i].value, summary->history[i].count,
			   summary->width - used - RATE_WIDTH);
	}
	draw_newline();
}

void summary_draw_totals(const struct summary *summary)
{
	double most = 0;

	if (!summary->options->no_header) {
		draw_text(DRAW_BOLD, "%-*s%*s", TOTAL_LABEL, "", TOTAL_WIDTH, "TOTAL");
		if (summary->options->interval_ms)
			draw_text(DRAW_BOLD, "%*s", RATE_WIDTH, "RATE/s");
		draw_newline();
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		double value = (double)stats_get(&summary->stats, totals[i].name);

		most = value > most ? value : most;
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
		draw_total(summary, i, most);
}

enum exit_code summary_read(struct summary *summary)
{
	enum exit_code code;

	listeners_free(&summary->listeners);
	code = stats_read(&summary->stats, summary->options->proc);
	if (!code)
		code = listeners_read(&summary->listeners, summary->options);
	return code;
}

void summary_remember(struct summary *summary, bool first)
{
	for (size_t i = 0; !first && i < ARRAY_SIZE(totals); i++)
		history_add(&summary->history[i],
			    stats_rate(&summary->stats, &summary->before, totals[i].name));
	summary->before = summary->stats;
}
