// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "table.h"

#define GAP	2	/* columns */
#define GAP_MIN	1

void table_init(struct table *table, const struct table_column *column, size_t columns)
{
	*table = (struct table) { .column = column, .columns = columns, .gap = GAP };
	for (size_t i = 0; i < columns; i++)
		table->width[i] = (unsigned int)strlen(column[i].title);
}

void table_set(struct table_cell *cell, enum draw_colour colour, const char *text)
{
	cell->colour = colour;
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static bool is_telling(const char *text)
{
	return strspn(text, "0-/") != strlen(text);
}

void table_measure(struct table *table, const struct table_cell *cells)
{
	for (size_t i = 0; i < table->columns; i++) {
		unsigned int width = (unsigned int)strlen(cells[i].text);

		table->telling[i] |= is_telling(cells[i].text);
		if (width > table->width[i])
			table->width[i] = width;
	}
}

static unsigned int total_width(const struct table *table)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < table->columns; i++)
		if (!table->hidden[i])
			sum += table->width[i] + (sum ? table->gap : 0);
	return sum;
}

static unsigned int rank_of(const struct table *table, size_t i)
{
	return table->column[i].spare + (table->telling[i] ? 0 : TABLE_COLUMNS_MAX);
}

/* Show the columns of one rank again as far as there is room. */
static void show_rank(struct table *table, const bool *wanted, unsigned int rank,
		      unsigned int width)
{
	for (size_t i = 0; i < table->columns; i++) {
		if (!wanted[i] || rank_of(table, i) != rank)
			continue;
		table->hidden[i] = false;
		table->hidden[i] = total_width(table) > width;
	}
}

bool table_fit(struct table *table, unsigned int width)
{
	bool wanted[TABLE_COLUMNS_MAX] = { false };

	if (!width)
		return true;
	for (size_t i = 0; i < table->columns; i++) {
		wanted[i] = !table->hidden[i] && table->column[i].spare;
		table->hidden[i] |= wanted[i];
	}
	if (total_width(table) > width)
		table->gap = GAP_MIN;
	for (unsigned int rank = 1; rank <= 2 * TABLE_COLUMNS_MAX; rank++)
		show_rank(table, wanted, rank, width);
	return total_width(table) <= width;
}

struct cursor {
	size_t	pending;	/* columns to pad before the next text: none at the line's end */
};

static void draw_cell(const struct table *table, size_t i, const char *text,
		      enum draw_colour colour, struct cursor *cursor)
{
	size_t length = strlen(text);
	size_t pad = length < table->width[i] ? table->width[i] - length : 0;

	if (table->column[i].right)
		cursor->pending += pad;
	if (length) {
		draw_pad(cursor->pending);
		draw_text(colour, "%s", text);
		cursor->pending = 0;
	}
	if (!table->column[i].right)
		cursor->pending += pad;
	cursor->pending += table->gap;
}

void table_draw_header(const struct table *table)
{
	struct cursor cursor = { 0 };

	for (size_t i = 0; i < table->columns; i++)
		if (!table->hidden[i])
			draw_cell(table, i, table->column[i].title, DRAW_BOLD, &cursor);
	draw_newline();
}

void table_draw_row(const struct table *table, const struct table_cell *cells)
{
	struct cursor cursor = { 0 };

	for (size_t i = 0; i < table->columns; i++)
		if (!table->hidden[i])
			draw_cell(table, i, cells[i].text, cells[i].colour, &cursor);
	draw_newline();
}
