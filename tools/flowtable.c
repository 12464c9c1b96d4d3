// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "flowtable.h"
#include "number.h"
#include "state.h"
#include "table.h"

#define BATCH	256	/* flows looked at before the first is drawn */

enum wide_column {
	WIDE_CLIENT,
	WIDE_SERVER,
	WIDE_CLIENT_STATE,
	WIDE_SERVER_STATE,
	WIDE_AGE,
	WIDE_IDLE,
	WIDE_PACKETS,
	WIDE_BYTES,
	WIDE_CLOSED,
	WIDE_FLAGS,
	WIDE_COLUMNS
};

static const struct table_column wide[WIDE_COLUMNS] = {
	[WIDE_CLIENT]		= { .title = "CLIENT" },
	[WIDE_SERVER]		= { .title = "SERVER" },
	[WIDE_CLIENT_STATE]	= { .title = "CLIENT-STATE" },
	[WIDE_SERVER_STATE]	= { .title = "SERVER-STATE" },
	[WIDE_AGE]		= { .title = "AGE", .right = true, .spare = 1 },
	[WIDE_IDLE]		= { .title = "IDLE", .right = true, .spare = 4 },
	[WIDE_PACKETS]		= { .title = "PACKETS", .right = true, .spare = 5 },
	[WIDE_BYTES]		= { .title = "BYTES", .right = true, .spare = 3 },
	[WIDE_CLOSED]		= { .title = "CLOSED", .spare = 6 },
	[WIDE_FLAGS]		= { .title = "FLAGS", .spare = 2 },
};

/* Two lines a flow, one an endpoint: whole IPv6 addresses in 60 columns. */
enum tall_column {
	TALL_ENDPOINT,
	TALL_STATE,
	TALL_AGE,
	TALL_PACKETS,
	TALL_BYTES,
	TALL_FLAGS,
	TALL_COLUMNS
};

static const struct table_column tall[TALL_COLUMNS] = {
	[TALL_ENDPOINT]		= { .title = "CLIENT / SERVER" },
	[TALL_STATE]		= { .title = "STATE" },
	[TALL_AGE]		= { .title = "AGE/IDLE", .right = true, .spare = 1 },
	[TALL_PACKETS]		= { .title = "PACKETS", .right = true, .spare = 4 },
	[TALL_BYTES]		= { .title = "BYTES", .right = true, .spare = 2 },
	[TALL_FLAGS]		= { .title = "FLAGS", .spare = 3 },
};

enum tall_line {
	TALL_CLIENT,
	TALL_SERVER,
	TALL_LINES
};

struct flow_row {
	struct table_cell	wide[WIDE_COLUMNS];
	struct table_cell	tall[TALL_LINES][TALL_COLUMNS];
};

struct flowtable {
	struct table	wide;
	struct table	tall;
	bool		is_tall;
	bool		is_fitted;
	bool		no_header;
	size_t		held;
	struct flow_row	row[BATCH];
};

struct flowtable *flowtable_new(bool no_header)
{
	struct flowtable *table = util_new(sizeof(*table));

	table->no_header = no_header;
	table_init(&table->wide, wide, WIDE_COLUMNS);
	table_init(&table->tall, tall, TALL_COLUMNS);
	return table;
}

static void set_endpoint(struct table_cell *wide_cell, struct table_cell *tall_cell,
			 const struct fields *fields, const char *address, const char *port)
{
	char buffer[ADDRESS_ENDPOINT_MAX];
	const char *text = address_endpoint(buffer, fields_text(fields, address, "-"), NULL,
					    fields_text(fields, port, "-"));

	table_set(wide_cell, DRAW_PLAIN, text);
	table_set(tall_cell, DRAW_PLAIN, text);
}

static void set_state(struct table_cell *wide_cell, struct table_cell *tall_cell,
		      const struct fields *fields, const char *key)
{
	const char *state = fields_text(fields, key, "-");

	table_set(wide_cell, state_colour(state), state);
	table_set(tall_cell, state_colour(state), state);
}

static void set_time(struct table_cell *wide_cell, struct table_cell *tall_cell,
		     const struct fields *fields, const char *key)
{
	char text[NUMBER_TEXT_MAX] = "-";

	if (fields_text(fields, key, NULL))
		number_ms(text, fields_number(fields, key));
	table_set(wide_cell, DRAW_PLAIN, text);
	table_set(tall_cell, DRAW_PLAIN, text);
}

/* One number for each direction in the tall table, both in one cell of the wide one. */
static void set_traffic(struct table_cell *wide_cell, struct table_cell *client,
			struct table_cell *server, unsigned long long up,
			unsigned long long down)
{
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX], both[2 * NUMBER_TEXT_MAX];

	table_set(client, up ? DRAW_PLAIN : DRAW_DIM, number_short(one, up));
	table_set(server, down ? DRAW_PLAIN : DRAW_DIM, number_short(other, down));
	snprintf(both, sizeof(both), "%s/%s", one, other);
	table_set(wide_cell, up + down ? DRAW_PLAIN : DRAW_DIM, both);
}

static void set_closed(struct table_cell *cell, const struct fields *fields)
{
	const char *by = fields_text(fields, "closed_by", "none");
	const char *how = fields_text(fields, "closed_how", "none");
	char text[TABLE_CELL_MAX];

	if (!strcmp(by, "none") && !strcmp(how, "none"))
		snprintf(text, sizeof(text), "-");
	else
		snprintf(text, sizeof(text), "%.20s %.20s", by, how);
	table_set(cell, strcmp(how, "rst") ? DRAW_DIM : DRAW_RED, text);
}

static void set_flags(struct flow_row *row, const struct fields *fields)
{
	const char *flags = fields_text(fields, "flags", "-");
	enum draw_colour colour = strcmp(flags, "-") ? DRAW_MAGENTA : DRAW_DIM;

	table_set(&row->wide[WIDE_FLAGS], colour, flags);
	table_set(&row->tall[TALL_CLIENT][TALL_FLAGS], colour, flags);
	table_set(&row->tall[TALL_SERVER][TALL_FLAGS], DRAW_PLAIN, "");
}

static void set_row(struct flow_row *row, const struct fields *fields)
{
	struct table_cell *client = row->tall[TALL_CLIENT], *server = row->tall[TALL_SERVER];

	set_endpoint(&row->wide[WIDE_CLIENT], &client[TALL_ENDPOINT], fields, "client",
		     "client_port");
	set_endpoint(&row->wide[WIDE_SERVER], &server[TALL_ENDPOINT], fields, "server",
		     "server_port");
	set_state(&row->wide[WIDE_CLIENT_STATE], &client[TALL_STATE], fields, "client_state");
	set_state(&row->wide[WIDE_SERVER_STATE], &server[TALL_STATE], fields, "server_state");
	set_time(&row->wide[WIDE_AGE], &client[TALL_AGE], fields, "age_ms");
	set_time(&row->wide[WIDE_IDLE], &server[TALL_AGE], fields, "idle_ms");
	set_traffic(&row->wide[WIDE_PACKETS], &client[TALL_PACKETS], &server[TALL_PACKETS],
		    fields_number(fields, "client_packets"),
		    fields_number(fields, "server_packets"));
	set_traffic(&row->wide[WIDE_BYTES], &client[TALL_BYTES], &server[TALL_BYTES],
		    fields_number(fields, "client_bytes"),
		    fields_number(fields, "server_bytes"));
	set_closed(&row->wide[WIDE_CLOSED], fields);
	set_flags(row, fields);
}

static void fit(struct flowtable *table)
{
	unsigned int width = draw_width(0);

	for (size_t i = 0; i < table->held; i++) {
		table_measure(&table->wide, table->row[i].wide);
		table_measure(&table->tall, table->row[i].tall[TALL_CLIENT]);
		table_measure(&table->tall, table->row[i].tall[TALL_SERVER]);
	}
	table->is_tall = !table_fit(&table->wide, width);
	table_fit(&table->tall, width);
	table->is_fitted = true;
	if (!table->no_header)
		table_draw_header(table->is_tall ? &table->tall : &table->wide);
}

static void flush(struct flowtable *table)
{
	if (!table->is_fitted)
		fit(table);
	for (size_t i = 0; i < table->held; i++) {
		if (!table->is_tall) {
			table_draw_row(&table->wide, table->row[i].wide);
			continue;
		}
		table_draw_row(&table->tall, table->row[i].tall[TALL_CLIENT]);
		table_draw_row(&table->tall, table->row[i].tall[TALL_SERVER]);
	}
	table->held = 0;
}

void flowtable_add(struct flowtable *table, const struct fields *fields)
{
	set_row(&table->row[table->held++], fields);
	if (table->held == BATCH)
		flush(table);
}

void flowtable_finish(struct flowtable *table)
{
	flush(table);
	free(table);
}
