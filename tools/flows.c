// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "flow.h"
#include "flows.h"
#include "flowtable.h"

/* Where the flows that match go: sorted first, or straight out as JSON or rows. */
struct flows {
	const struct options	*options;
	struct sort		*sort;		/* NULL: in the order of the file */
	struct flowtable	*table;		/* NULL: JSON */
	unsigned long long	written;
};

static void begin(struct flows *flows)
{
	if (flows->options->json)
		fputs("{\"version\":1,\"flows\":[", stdout);
	else
		flows->table = flowtable_new(flows->options->no_header);
}

static void emit(struct flows *flows, const struct fields *fields)
{
	flows->written++;
	if (flows->table) {
		flowtable_add(flows->table, fields);
		return;
	}
	fputs(flows->written > 1 ? ",\n" : "\n", stdout);
	document_write(fields_to_json(fields));
}

/* After an error the rows so far are drawn, but a JSON document stays open: it is not whole. */
static void end(struct flows *flows, enum exit_code code)
{
	if (flows->table)
		flowtable_finish(flows->table);
	else if (!code)
		fputs(flows->written ? "\n]}\n" : "]}\n", stdout);
	if (flows->sort)
		sort_free(flows->sort);
}

static bool is_enough(const struct flows *flows)
{
	if (ferror(stdout))
		return true;
	return !flows->sort && flows->options->limit && flows->written == flows->options->limit;
}

static enum exit_code take_line(struct flows *flows, const struct proc_file *file)
{
	struct fields fields;
	enum exit_code code;

	code = fields_read(&fields, file, flow_rules);
	if (code || !flow_matches(&fields, flows->options))
		return code;
	if (flows->sort)
		sort_add(flows->sort, &fields, file->line);
	else
		emit(flows, &fields);
	return EXIT_OK;
}

static enum exit_code take_file(struct flows *flows, struct proc_file *file)
{
	enum exit_code code = EXIT_OK;
	bool more = true;

	while (!code && more && !is_enough(flows)) {
		code = proc_next(file, &more);
		if (!code && more)
			code = take_line(flows, file);
	}
	return code;
}

/* The lines have been read once: they are good. */
static void emit_sorted(struct flows *flows)
{
	size_t count = sort_finish(flows->sort);
	struct proc_file line = { 0 };
	struct fields fields;

	for (size_t i = 0; i < count && !ferror(stdout); i++) {
		line.line = (char *)sort_line(flows->sort, i);
		line.length = strlen(line.line);
		if (!fields_read(&fields, &line, flow_rules))
			emit(flows, &fields);
	}
}

static enum exit_code take_both(struct flows *flows, struct proc_file *halfopen,
				struct proc_file *established)
{
	enum exit_code code;

	begin(flows);
	code = take_file(flows, halfopen);
	if (!code)
		code = take_file(flows, established);
	if (!code && flows->sort)
		emit_sorted(flows);
	end(flows, code);
	return code;
}

enum exit_code flows_run(const struct options *options)
{
	struct flows flows = { .options = options };
	struct proc_file halfopen, established;
	enum exit_code code;

	code = proc_open(&halfopen, options->proc, "halfopen");
	if (code)
		return code;
	code = proc_open(&established, options->proc, "established");
	if (!code) {
		if (options->sort)
			flows.sort = sort_new(options->sort, options->limit);
		code = take_both(&flows, &halfopen, &established);
		proc_close(&established);
	}
	proc_close(&halfopen);
	return code;
}
