// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "flow.h"
#include "groups.h"
#include "number.h"
#include "state.h"
#include "table.h"

struct group {
	char			name[ADDRESS_ENDPOINT_MAX];
	unsigned long long	number[GROUPS_NAME];
};

static const struct table_column columns[GROUPS_ORDERS] = {
	{ .title = "" },	/* in place of the name, which comes first */
	{ .title = "FLOWS", .right = true },
	{ .title = "HALF-OPEN", .right = true },
	{ .title = "ESTABLISHED", .right = true, .spare = 1 },
	{ .title = "CLOSING", .right = true, .spare = 2 },
	{ .title = "PACKETS", .right = true, .spare = 4 },
	{ .title = "BYTES", .right = true, .spare = 3 },
};

static const char *const orders[GROUPS_ORDERS] = {
	[GROUPS_FLOWS]		= "flows",
	[GROUPS_HALFOPEN]	= "half-open",
	[GROUPS_ESTABLISHED]	= "established",
	[GROUPS_CLOSING]	= "closing",
	[GROUPS_PACKETS]	= "packets",
	[GROUPS_BYTES]		= "bytes",
	[GROUPS_NAME]		= "name",
};

const char *groups_order_name(enum groups_order order)
{
	return orders[order];
}

/* -- reading -- */

static void name_by_client(char *name, const struct groups *groups, const struct fields *fields)
{
	struct address address;

	if (!address_read(&address, fields_text(fields, "client", "")))
		snprintf(name, ADDRESS_ENDPOINT_MAX, "-");
	else
		address_prefix_text(name, &address, address.family == AF_INET ? groups->bits4 :
				    groups->bits6);
}

static void name_by_state(char *name, const struct fields *fields)
{
	snprintf(name, ADDRESS_ENDPOINT_MAX, "%.30s/%.30s",
		 fields_text(fields, "client_state", "-"),
		 fields_text(fields, "server_state", "-"));
}

static struct group *add(struct groups *groups, const char *name)
{
	struct group *group;

	groups->item = util_grow(groups->item, groups->count, &groups->room,
				 sizeof(*groups->item));
	json_object_set_new(groups->index, name, json_integer((json_int_t)groups->count));
	group = &groups->item[groups->count++];
	*group = (struct group) { 0 };
	snprintf(group->name, sizeof(group->name), "%s", name);
	return group;
}

static struct group *find(struct groups *groups, const struct fields *fields)
{
	char name[ADDRESS_ENDPOINT_MAX];
	json_t *place;

	if (groups->by == GROUPS_BY_CLIENT)
		name_by_client(name, groups, fields);
	else
		name_by_state(name, fields);
	place = json_object_get(groups->index, name);
	return place ? &groups->item[json_integer_value(place)] : add(groups, name);
}

static enum groups_order kind_of(const struct fields *fields)
{
	enum state client = state_read(fields_text(fields, "client_state", ""));
	enum state server = state_read(fields_text(fields, "server_state", ""));

	if (client == STATE_ESTABLISHED && server == STATE_ESTABLISHED)
		return GROUPS_ESTABLISHED;
	return GROUPS_CLOSING;
}

static void count(struct groups *groups, const struct fields *fields, enum groups_order kind)
{
	unsigned long long *number = find(groups, fields)->number;

	number[GROUPS_FLOWS]++;
	number[kind]++;
	number[GROUPS_PACKETS] += fields_number(fields, "client_packets") +
				  fields_number(fields, "server_packets");
	number[GROUPS_BYTES] += fields_number(fields, "client_bytes") +
				fields_number(fields, "server_bytes");
}

static void count_halfopen(void *context, const struct fields *fields)
{
	count(context, fields, GROUPS_HALFOPEN);
}

static void count_established(void *context, const struct fields *fields)
{
	count(context, fields, kind_of(fields));
}

enum exit_code groups_read(struct groups *groups, const char *dir)
{
	enum exit_code code;

	groups->count = 0;
	groups->index = json_object();
	code = fields_visit(dir, "halfopen", flow_rules, groups, count_halfopen);
	if (!code)
		code = fields_visit(dir, "established", flow_rules, groups, count_established);
	json_decref(groups->index);
	groups->index = NULL;
	return code;
}

void groups_free(struct groups *groups)
{
	free(groups->item);
	groups->item = NULL;
	groups->count = 0;
	groups->room = 0;
}

/* -- showing -- */

static int compare(const void *a, const void *b, void *context)
{
	const enum groups_order *order = context;
	const struct group *one = a, *other = b;

	if (*order != GROUPS_NAME && one->number[*order] != other->number[*order])
		return one->number[*order] > other->number[*order] ? -1 : 1;
	return strcmp(one->name, other->name);
}

void groups_sort(struct groups *groups, enum groups_order order)
{
	if (groups->count)
		qsort_r(groups->item, groups->count, sizeof(*groups->item), compare, &order);
}

static void set_row(struct table_cell *cell, const struct group *group)
{
	char text[NUMBER_TEXT_MAX];

	memset(cell, 0, GROUPS_ORDERS * sizeof(*cell));
	table_set(&cell[0], DRAW_PLAIN, group->name);
	for (unsigned int i = 0; i < GROUPS_NAME; i++) {
		unsigned long long value = group->number[i];

		table_set(&cell[i + 1], value ? DRAW_PLAIN : DRAW_DIM,
			  i < GROUPS_PACKETS ? number_grouped(text, value) :
					       number_short(text, value));
	}
}

void groups_draw(const struct groups *groups, size_t first, size_t rows)
{
	size_t end = first + rows < groups->count ? first + rows : groups->count;
	struct table_column titled[GROUPS_ORDERS];
	struct table_cell cell[GROUPS_ORDERS];
	struct table table;

	memcpy(titled, columns, sizeof(titled));
	titled[0].title = groups->by == GROUPS_BY_CLIENT ? "CLIENTS" : "CLIENT/SERVER STATE";
	table_init(&table, titled, GROUPS_ORDERS);
	for (size_t i = first; i < end; i++) {
		set_row(cell, &groups->item[i]);
		table_measure(&table, cell);
	}
	table_fit(&table, draw_width(0));
	table_draw_header(&table);
	for (size_t i = first; i < end; i++) {
		set_row(cell, &groups->item[i]);
		table_draw_row(&table, cell);
	}
}
