// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "counter.h"
#include "document.h"
#include "exposition.h"
#include "number.h"
#include "proc.h"
#include "stats.h"
#include "table.h"
#include "tick.h"

#define MS_PER_SECOND	1000.0
#define NAME_LETTERS	"abcdefghijklmnopqrstuvwxyz0123456789_"

bool stats_find(const struct stats *stats, const char *name, unsigned long long *value)
{
	for (size_t i = 0; i < stats->count; i++) {
		if (strcmp(stats->entry[i].name, name) != 0)
			continue;
		*value = stats->entry[i].value;
		return true;
	}
	return false;
}

unsigned long long stats_get(const struct stats *stats, const char *name)
{
	unsigned long long value = 0;

	stats_find(stats, name, &value);
	return value;
}

static enum exit_code read_line(struct stats *stats, struct proc_file *file)
{
	char *space = strchr(file->line, ' ');
	unsigned long long value;

	if (!space)
		return proc_garbled(file, "garbled: '%.40s' is not 'name value'", file->line);
	*space = '\0';
	if (space == file->line || strspn(file->line, NAME_LETTERS) != strlen(file->line) ||
	    strlen(file->line) >= STATS_NAME_MAX)
		return proc_garbled(file, "garbled: '%.40s' is not a name", file->line);
	if (!number_read(space + 1, &value))
		return proc_garbled(file, "garbled: %s: '%.40s' is not a number", file->line,
				    space + 1);
	if (stats_find(stats, file->line, &value))
		return proc_garbled(file, "garbled: %s is there twice", file->line);
	if (stats->count == STATS_MAX)
		return proc_garbled(file, "more than %d names", STATS_MAX);
	memcpy(stats->entry[stats->count].name, file->line, strlen(file->line) + 1);
	stats->entry[stats->count++].value = value;
	return EXIT_OK;
}

static enum exit_code read_all(struct stats *stats, struct proc_file *file)
{
	enum exit_code code;
	bool more;

	stats->count = 0;
	stats->when_ms = tick_now_ms();
	while (!(code = proc_next(file, &more)) && more) {
		code = read_line(stats, file);
		if (code)
			return code;
	}
	if (!code && !stats->count)
		return proc_garbled(file, "truncated: no counter follows");
	return code;
}

enum exit_code stats_read(struct stats *stats, const char *dir)
{
	struct proc_file file;
	enum exit_code code;

	code = proc_open(&file, dir, "stats");
	if (code)
		return code;
	code = read_all(stats, &file);
	proc_close(&file);
	return code;
}

static long long change(const struct stats *now, const struct stats *before, const char *name)
{
	unsigned long long was = stats_get(before, name);
	unsigned long long is = stats_get(now, name);

	if (counter_group(name) != COUNTER_GAUGE && is < was)
		was = 0;
	return (long long)(is - was);
}

static double per_second(const struct stats *now, const struct stats *before, long long delta)
{
	unsigned long long elapsed_ms = now->when_ms - before->when_ms;

	return elapsed_ms ? (double)delta * MS_PER_SECOND / (double)elapsed_ms : 0;
}

double stats_rate(const struct stats *now, const struct stats *before, const char *name)
{
	return per_second(now, before, change(now, before, name));
}

static bool is_wanted(const char *name, bool reasons)
{
	return !reasons || counter_is_reason(name);
}

json_t *stats_to_json(const struct stats *stats, bool reasons)
{
	json_t *object = json_object();

	for (size_t i = 0; i < stats->count; i++)
		if (is_wanted(stats->entry[i].name, reasons))
			json_object_set_new(object, stats->entry[i].name,
					    document_number(stats->entry[i].value));
	return object;
}

static void write_json(const struct stats *now, const struct stats *before, bool reasons)
{
	json_t *document = document_new(), *delta = json_object(), *rate = json_object();

	json_object_set_new(document, "interval_ms",
			    document_number(now->when_ms - before->when_ms));
	json_object_set_new(document, "stats", stats_to_json(now, reasons));
	for (size_t i = 0; i < now->count; i++) {
		const char *name = now->entry[i].name;

		if (!is_wanted(name, reasons))
			continue;
		json_object_set_new(delta, name, json_integer(change(now, before, name)));
		if (counter_group(name) != COUNTER_GAUGE)
			json_object_set_new(rate, name, json_real(stats_rate(now, before, name)));
	}
	json_object_set_new(document, "delta", delta);
	json_object_set_new(document, "rate", rate);
	document_write_line(document);
}

enum column {
	COLUMN_NAME,
	COLUMN_VALUE,
	COLUMN_DELTA,
	COLUMN_RATE,
	COLUMN_MEANING,
	COLUMNS
};

static const struct table_column columns[COLUMNS] = {
	[COLUMN_NAME]		= { .title = "NAME" },
	[COLUMN_VALUE]		= { .title = "VALUE", .right = true },
	[COLUMN_DELTA]		= { .title = "CHANGE", .right = true },
	[COLUMN_RATE]		= { .title = "RATE/s", .right = true },
	[COLUMN_MEANING]	= { .title = "MEANING", .spare = 1 },
};

static enum draw_colour value_colour(const char *name, unsigned long long value)
{
	if (!value)
		return DRAW_DIM;
	return counter_is_reason(name) ? DRAW_YELLOW : DRAW_PLAIN;
}

static void set_change(struct table_cell *cell, const struct stats *now,
		       const struct stats *before, const char *name)
{
	long long delta = change(now, before, name);
	char text[NUMBER_TEXT_MAX];

	snprintf(text, sizeof(text), delta ? "%+lld" : "%lld", delta);
	table_set(&cell[COLUMN_DELTA], delta ? DRAW_PLAIN : DRAW_DIM, text);
	if (counter_group(name) == COUNTER_GAUGE)
		snprintf(text, sizeof(text), "-");
	else
		number_rate(text, per_second(now, before, delta));
	table_set(&cell[COLUMN_RATE], delta ? DRAW_BOLD : DRAW_DIM, text);
}

static void set_row(struct table_cell *cell, const struct stats *now, const struct stats *before,
		    const struct stats_entry *entry)
{
	char text[NUMBER_TEXT_MAX];

	memset(cell, 0, COLUMNS * sizeof(*cell));
	table_set(&cell[COLUMN_NAME], DRAW_PLAIN, entry->name);
	table_set(&cell[COLUMN_VALUE], value_colour(entry->name, entry->value),
		  number_plain(text, entry->value));
	table_set(&cell[COLUMN_MEANING], DRAW_DIM, counter_meaning(entry->name));
	if (before)
		set_change(cell, now, before, entry->name);
}

/* What one printing is about. */
struct printer {
	const struct options	*options;
	const struct stats	*now;
	const struct stats	*before;	/* NULL: totals only */
};

static bool is_shown(const struct printer *printer, const char *name)
{
	if (!is_wanted(name, printer->options->reasons))
		return false;
	return !printer->before || printer->options->zeros ||
		change(printer->now, printer->before, name);
}

static void take_rows(const struct printer *printer, struct table *table, bool draw)
{
	struct table_cell cell[COLUMNS];

	for (size_t i = 0; i < printer->now->count; i++) {
		const struct stats_entry *entry = &printer->now->entry[i];

		if (!is_shown(printer, entry->name))
			continue;
		set_row(cell, printer->now, printer->before, entry);
		if (draw)
			table_draw_row(table, cell);
		else
			table_measure(table, cell);
	}
}

static void print(const struct printer *printer)
{
	struct table table;

	table_init(&table, columns, COLUMNS);
	table.hidden[COLUMN_DELTA] = !printer->before;
	table.hidden[COLUMN_RATE] = !printer->before;
	table.hidden[COLUMN_MEANING] = !printer->options->reasons;
	take_rows(printer, &table, false);
	table_fit(&table, draw_width(0));
	if (!printer->options->no_header)
		table_draw_header(&table);
	take_rows(printer, &table, true);
}

static void print_change(const struct options *options, const struct stats *now,
			 const struct stats *before, bool first)
{
	struct printer printer = { .options = options, .now = now, .before = before };

	if (options->json) {
		write_json(now, before, options->reasons);
		return;
	}
	if (!first)
		draw_newline();
	print(&printer);
	fflush(stdout);
}

static enum exit_code run_repeated(const struct options *options)
{
	struct stats reading[2];
	enum tick_event event;
	enum exit_code code;
	struct tick tick;

	code = stats_read(&reading[0], options->proc);
	tick_start(&tick, options->interval_ms);
	for (unsigned long long i = 0; !code && (!options->count || i < options->count); i++) {
		while ((event = tick_wait(&tick)) == TICK_RESIZED)
			;
		if (event == TICK_STOPPED || ferror(stdout))
			break;
		code = stats_read(&reading[(i + 1) % 2], options->proc);
		if (!code)
			print_change(options, &reading[(i + 1) % 2], &reading[i % 2], i == 0);
	}
	return code;
}

static enum exit_code run_once(const struct options *options)
{
	struct stats now;
	struct printer printer = { .options = options, .now = &now };
	json_t *document;
	enum exit_code code;

	code = stats_read(&now, options->proc);
	if (code)
		return code;
	if (!options->json) {
		print(&printer);
		return EXIT_OK;
	}
	document = document_new();
	json_object_set_new(document, "stats", stats_to_json(&now, options->reasons));
	document_write_line(document);
	return EXIT_OK;
}

enum exit_code stats_run(const struct options *options)
{
	if (options->prometheus)
		return exposition_write(options);
	return options->interval_ms ? run_repeated(options) : run_once(options);
}
