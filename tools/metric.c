// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "host.h"
#include "listeners.h"
#include "metric.h"
#include "stats.h"

#define PERCENT	100.0

static const char *const names[METRICS] = {
	[METRIC_ENGAGED]	= "engaged",
	[METRIC_HALFOPEN]	= "halfopen",
	[METRIC_ESTABLISHED]	= "established",
	[METRIC_SYNQ]		= "synq",
	[METRIC_ACCEPTQ]	= "acceptq",
	[METRIC_SYN_RATE]	= "syn_rate",
	[METRIC_MODE]		= "mode",
	[METRIC_SYNCOOKIES]	= "syncookies",
};

const char *const metric_names =
	"engaged halfopen established synq acceptq syn_rate mode syncookies";

const char *metric_name(enum metric metric)
{
	return names[metric];
}

enum metric metric_read(const char *name, unsigned int length)
{
	for (unsigned int i = 0; i < METRICS; i++)
		if (strlen(names[i]) == length && !strncmp(names[i], name, length))
			return (enum metric)i;
	return METRICS;
}

const char *metric_unit(enum metric metric)
{
	switch (metric) {
	case METRIC_HALFOPEN:
	case METRIC_ESTABLISHED:
	case METRIC_SYNQ:
	case METRIC_ACCEPTQ:
		return "%";
	default:
		return "";
	}
}

static void set(struct metrics *metrics, enum metric metric, double value)
{
	metrics->value[metric] = value;
	metrics->known[metric] = true;
}

static void set_stat(struct metrics *metrics, enum metric metric, const struct stats *stats,
		     const char *name)
{
	unsigned long long value;

	if (stats_find(stats, name, &value))
		set(metrics, metric, (double)value);
}

static double percent(unsigned long long part, unsigned long long whole)
{
	return whole ? (double)part * PERCENT / (double)whole : 0;
}

static void set_percent(struct metrics *metrics, enum metric metric, const struct stats *stats,
			const char *name, const char *name_max)
{
	unsigned long long most;

	if (stats_find(stats, name_max, &most))
		set(metrics, metric, percent(stats_get(stats, name), most));
}

static void take_queue(struct metrics *metrics, enum metric metric, const struct fields *fields,
		       const char *key, const char *key_max)
{
	double share = percent(fields_number(fields, key), fields_number(fields, key_max));

	if (share > metrics->value[metric])
		metrics->value[metric] = share;
}

static void take_listener(void *context, const struct fields *fields)
{
	struct metrics *metrics = context;

	metrics->listeners++;
	metrics->value[METRIC_ENGAGED] += !strcmp(fields_text(fields, "mode", ""), "cookies");
	metrics->value[METRIC_SYN_RATE] += (double)fields_number(fields, "syn_rate");
	take_queue(metrics, METRIC_SYNQ, fields, "synq_len", "synq_max");
	take_queue(metrics, METRIC_ACCEPTQ, fields, "acceptq_len", "acceptq_max");
}

/* A copy of the module's directory alone has no settings beside it. */
static void take_host(struct metrics *metrics, const char *dir)
{
	unsigned long long value;
	struct host host;

	if (!host_find(&host, dir))
		return;
	if (!host_read_number(&host, "/proc/sys/net/ipv4/tcp_syncookies", &value))
		set(metrics, METRIC_SYNCOOKIES, (double)value);
	if (!metrics->known[METRIC_MODE] && !host_read_number(&host, PROC_MODE_SYSCTL, &value))
		set(metrics, METRIC_MODE, (double)value);
}

static void take_stats(struct metrics *metrics, const struct stats *stats)
{
	set_percent(metrics, METRIC_HALFOPEN, stats, "halfopen", "halfopen_max");
	set_percent(metrics, METRIC_ESTABLISHED, stats, "established", "established_max");
	set_stat(metrics, METRIC_MODE, stats, "mode");
}

enum exit_code metrics_read(struct metrics *metrics, const char *dir)
{
	static const enum metric of_listeners[] = {
		METRIC_ENGAGED, METRIC_SYN_RATE, METRIC_SYNQ, METRIC_ACCEPTQ,
	};
	struct stats stats;
	enum exit_code code;

	*metrics = (struct metrics) { 0 };
	code = stats_read(&stats, dir);
	if (code)
		return code;
	for (unsigned int i = 0; i < ARRAY_SIZE(of_listeners); i++)
		metrics->known[of_listeners[i]] = true;
	take_stats(metrics, &stats);
	take_host(metrics, dir);
	return listeners_visit(dir, metrics, take_listener);
}
