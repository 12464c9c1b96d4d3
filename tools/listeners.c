// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "fields.h"
#include "listeners.h"
#include "number.h"
#include "table.h"

static_assert(LISTENERS_INTERFACE_MAX >= IF_NAMESIZE, "for the name");
static_assert(LISTENERS_INTERFACE_MAX >= NUMBER_TEXT_MAX, "for the number");

enum column {
	COLUMN_LISTENER,
	COLUMN_MODE,
	COLUMN_HALFOPEN,
	COLUMN_SYN_RATE,
	COLUMN_DONE_RATE,
	COLUMN_COOKIES,
	COLUMN_VALID,
	COLUMN_SYNQ,
	COLUMN_ACCEPTQ,
	COLUMN_OVERFLOW,
	COLUMN_ISN,
	COLUMN_ENGAGED,
	COLUMNS
};

static const struct table_column columns[COLUMNS] = {
	[COLUMN_LISTENER]	= { .title = "LISTENER" },
	[COLUMN_MODE]		= { .title = "MODE" },
	[COLUMN_HALFOPEN]	= { .title = "HALF-OPEN", .right = true },
	[COLUMN_SYN_RATE]	= { .title = "SYN/s", .right = true },
	[COLUMN_DONE_RATE]	= { .title = "DONE/s", .right = true },
	[COLUMN_COOKIES]	= { .title = "COOKIES", .right = true, .spare = 5 },
	[COLUMN_VALID]		= { .title = "VALID", .right = true, .spare = 6 },
	[COLUMN_SYNQ]		= { .title = "SYN-Q", .right = true, .spare = 2 },
	[COLUMN_ACCEPTQ]	= { .title = "ACCEPT-Q", .right = true, .spare = 1 },
	[COLUMN_OVERFLOW]	= { .title = "OVERFLOW", .right = true, .spare = 7 },
	[COLUMN_ISN]		= { .title = "ISN", .spare = 4 },
	[COLUMN_ENGAGED]	= { .title = "ENGAGED", .right = true, .spare = 3 },
};

struct listener {
	unsigned long long	number[LISTENERS_ORDERS];	/* to sort by; of its name none */
	struct table_cell	cell[COLUMNS];
};

static const struct field_rule rules[] = {
	{ "family", FIELD_FAMILY },
	{ "address", FIELD_ADDRESS },
	{ "port", FIELD_PORT },
	{ "ifindex", FIELD_NUMBER },
	{ "mode", FIELD_TEXT },
	{ "engaged_ms", FIELD_NUMBER },
	{ "halfopen", FIELD_NUMBER },
	{ "syn", FIELD_NUMBER },
	{ "syn_rate", FIELD_NUMBER },
	{ "completed", FIELD_NUMBER },
	{ "complete_rate", FIELD_NUMBER },
	{ "cookie_sent", FIELD_NUMBER },
	{ "cookie_valid", FIELD_NUMBER },
	{ "synq_overflow", FIELD_NUMBER },
	{ "acceptq_overflow", FIELD_NUMBER },
	{ "isn", FIELD_TEXT },
	{ "synq_len", FIELD_NUMBER },
	{ "synq_max", FIELD_NUMBER },
	{ "acceptq_len", FIELD_NUMBER },
	{ "acceptq_max", FIELD_NUMBER },
	{ "drops", FIELD_NUMBER },
	{ 0 }
};

enum exit_code listeners_visit(const char *dir, void *context,
			       void (*visit)(void *context, const struct fields *fields))
{
	return fields_visit(dir, "listeners", rules, context, visit);
}

const char *listeners_interface(char *text, unsigned long long ifindex, bool numeric)
{
	if (!numeric && ifindex <= UINT_MAX && if_indextoname((unsigned int)ifindex, text))
		return text;
	return number_plain(text, ifindex);
}

const char *listeners_endpoint(char *text, const struct fields *fields, bool numeric)
{
	char interface[LISTENERS_INTERFACE_MAX];
	unsigned long long ifindex = fields_number(fields, "ifindex");

	return address_endpoint(text, fields_text(fields, "address", "-"),
				ifindex ? listeners_interface(interface, ifindex, numeric) :
					  NULL,
				fields_text(fields, "port", "-"));
}

static void set_endpoint(struct table_cell *cell, const struct fields *fields, bool numeric)
{
	char text[ADDRESS_ENDPOINT_MAX];

	table_set(cell, DRAW_PLAIN, listeners_endpoint(text, fields, numeric));
}

static void set_count(struct table_cell *cell, const struct fields *fields, const char *key,
		      enum draw_colour colour)
{
	unsigned long long value = fields_number(fields, key);
	char text[NUMBER_TEXT_MAX];

	table_set(cell, value ? colour : DRAW_DIM, number_grouped(text, value));
}

/* "3/128", in the colour of how full it is. */
static void set_queue(struct table_cell *cell, const struct fields *fields, const char *key,
		      const char *key_max)
{
	unsigned long long length = fields_number(fields, key);
	unsigned long long most = fields_number(fields, key_max);
	double share = most ? (double)length / (double)most : 0;
	char text[2 * NUMBER_TEXT_MAX];

	snprintf(text, sizeof(text), "%llu/%llu", length, most);
	table_set(cell, length ? draw_load_colour(share) : DRAW_DIM, text);
}

/* "2/3": of the SYN queue and of the accept queue, as their columns stand. */
static void set_overflow(struct table_cell *cell, const struct fields *fields)
{
	unsigned long long synq = fields_number(fields, "synq_overflow");
	unsigned long long acceptq = fields_number(fields, "acceptq_overflow");
	char text[2 * NUMBER_TEXT_MAX];

	snprintf(text, sizeof(text), "%llu/%llu", synq, acceptq);
	table_set(cell, synq || acceptq ? DRAW_RED : DRAW_DIM, text);
}

static void set_mode(struct listener *listener, const struct fields *fields)
{
	const char *mode = fields_text(fields, "mode", "-");
	unsigned long long engaged_ms = fields_number(fields, "engaged_ms");
	bool engaged = !strcmp(mode, "cookies");
	char text[NUMBER_TEXT_MAX];

	listener->number[LISTENERS_BUSY] = engaged;
	table_set(&listener->cell[COLUMN_MODE], engaged ? DRAW_YELLOW : DRAW_GREEN, mode);
	table_set(&listener->cell[COLUMN_ENGAGED], DRAW_PLAIN,
		  engaged_ms ? number_ms(text, engaged_ms) : "-");
}

/* An ISN that can be predicted lets an attacker forge whole connections. */
static void set_isn(struct table_cell *cell, const struct fields *fields)
{
	const char *isn = fields_text(fields, "isn", "-");
	bool weak = !strcmp(isn, "fixed") || !strcmp(isn, "linear");

	table_set(cell, weak ? DRAW_RED : DRAW_DIM, isn);
}

static const char *const orders[LISTENERS_ORDERS] = {
	[LISTENERS_BUSY]	= "mode",
	[LISTENERS_NAME]	= "listener",
	[LISTENERS_HALFOPEN]	= "halfopen",
	[LISTENERS_SYN_RATE]	= "syn_rate",
	[LISTENERS_DONE_RATE]	= "complete_rate",
	[LISTENERS_COOKIES]	= "cookie_sent",
	[LISTENERS_SYNQ]	= "synq_len",
	[LISTENERS_ACCEPTQ]	= "acceptq_len",
};

static void set_numbers(unsigned long long *number, const struct fields *fields)
{
	for (unsigned int i = LISTENERS_HALFOPEN; i < LISTENERS_ORDERS; i++)
		number[i] = fields_number(fields, orders[i]);
}

static void set_cells(struct listener *listener, const struct fields *fields, bool numeric)
{
	struct table_cell *cell = listener->cell;

	set_endpoint(&cell[COLUMN_LISTENER], fields, numeric);
	set_mode(listener, fields);
	set_count(&cell[COLUMN_HALFOPEN], fields, "halfopen", DRAW_PLAIN);
	set_count(&cell[COLUMN_SYN_RATE], fields, "syn_rate", DRAW_PLAIN);
	set_count(&cell[COLUMN_DONE_RATE], fields, "complete_rate", DRAW_PLAIN);
	set_count(&cell[COLUMN_COOKIES], fields, "cookie_sent", DRAW_PLAIN);
	set_count(&cell[COLUMN_VALID], fields, "cookie_valid", DRAW_PLAIN);
	set_queue(&cell[COLUMN_SYNQ], fields, "synq_len", "synq_max");
	set_queue(&cell[COLUMN_ACCEPTQ], fields, "acceptq_len", "acceptq_max");
	set_overflow(&cell[COLUMN_OVERFLOW], fields);
	set_isn(&cell[COLUMN_ISN], fields);
	set_numbers(listener->number, fields);
}

struct collect {
	struct listeners	*listeners;
	const struct options	*options;
};

static void collect(void *context, const struct fields *fields)
{
	struct collect *to = context;
	struct listeners *listeners = to->listeners;

	listeners->item = util_grow(listeners->item, listeners->count, &listeners->room,
				    sizeof(*listeners->item));
	set_cells(&listeners->item[listeners->count++], fields, to->options->numeric);
}

static int compare_numbers(const struct listener *one, const struct listener *other,
			   enum listeners_order order)
{
	if (one->number[order] == other->number[order])
		return 0;
	return one->number[order] > other->number[order] ? -1 : 1;
}

static int compare(const void *a, const void *b, void *context)
{
	const enum listeners_order *order = context;
	const struct listener *one = a, *other = b;
	int result = compare_numbers(one, other, *order);

	if (!result && *order == LISTENERS_BUSY)
		result = compare_numbers(one, other, LISTENERS_SYN_RATE);
	return result ? result :
		strcmp(one->cell[COLUMN_LISTENER].text, other->cell[COLUMN_LISTENER].text);
}

void listeners_sort(struct listeners *listeners, enum listeners_order order)
{
	if (listeners->count)
		qsort_r(listeners->item, listeners->count, sizeof(*listeners->item), compare,
			&order);
}

const char *listeners_order_name(enum listeners_order order)
{
	return orders[order];
}

enum exit_code listeners_read(struct listeners *listeners, const struct options *options)
{
	struct collect context = { .listeners = listeners, .options = options };
	enum exit_code code;

	*listeners = (struct listeners) { 0 };
	code = listeners_visit(options->proc, &context, collect);
	if (code)
		listeners_free(listeners);
	else
		listeners_sort(listeners, LISTENERS_BUSY);
	return code;
}

void listeners_free(struct listeners *listeners)
{
	free(listeners->item);
	*listeners = (struct listeners) { 0 };
}

size_t listeners_engaged(const struct listeners *listeners)
{
	size_t engaged = 0;

	for (size_t i = 0; i < listeners->count; i++)
		engaged += listeners->item[i].number[LISTENERS_BUSY] != 0;
	return engaged;
}

void listeners_draw_some(const struct listeners *listeners, const struct options *options,
			 size_t first, size_t rows)
{
	size_t end = first + rows < listeners->count ? first + rows : listeners->count;
	struct table table;

	table_init(&table, columns, COLUMNS);
	for (size_t i = first; i < end; i++)
		table_measure(&table, listeners->item[i].cell);
	/* the narrowest one: it would stay alone, without the cookies sent */
	table.hidden[COLUMN_VALID] = draw_width(0) && !table.telling[COLUMN_VALID];
	table_fit(&table, draw_width(0));
	if (!options->no_header)
		table_draw_header(&table);
	for (size_t i = first; i < end; i++)
		table_draw_row(&table, listeners->item[i].cell);
}

void listeners_draw(const struct listeners *listeners, const struct options *options,
		    size_t most)
{
	size_t rows = listeners->count;

	if (most && rows > most)
		rows = most - 1;
	listeners_draw_some(listeners, options, 0, rows);
	if (rows < listeners->count) {
		draw_text(DRAW_DIM, "and %zu more: synward listeners", listeners->count - rows);
		draw_newline();
	}
}

static void append(void *array, const struct fields *fields)
{
	json_array_append_new(array, fields_to_json(fields));
}

enum exit_code listeners_to_json(json_t *array, const char *dir)
{
	return listeners_visit(dir, array, append);
}

static enum exit_code run_json(const struct options *options)
{
	json_t *document = document_new(), *array = json_array();
	enum exit_code code;

	json_object_set_new(document, "listeners", array);
	code = listeners_to_json(array, options->proc);
	if (code)
		json_decref(document);
	else
		document_write_line(document);
	return code;
}

enum exit_code listeners_run(const struct options *options)
{
	struct listeners listeners;
	enum exit_code code;

	if (options->json)
		return run_json(options);
	code = listeners_read(&listeners, options);
	if (code)
		return code;
	listeners_draw(&listeners, options, 0);
	listeners_free(&listeners);
	return EXIT_OK;
}
