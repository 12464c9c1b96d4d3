/* SPDX-License-Identifier: GPL-2.0 */
/* Aligned columns that give way when the terminal is narrow. */
#ifndef SYNWARD_TOOL_TABLE_H
#define SYNWARD_TOOL_TABLE_H

#include "draw.h"

#define TABLE_COLUMNS_MAX	16
#define TABLE_CELL_MAX		80	/* bytes */

struct table_column {
	const char	*title;
	bool		right;		/* align */
	/* 0: always there; else its rank, 1 the dearest, before all those that tell nothing */
	unsigned int	spare;
};

struct table_cell {
	char			text[TABLE_CELL_MAX];
	enum draw_colour	colour;
};

struct table {
	const struct table_column	*column;
	size_t				columns;
	unsigned int			gap;
	unsigned int			width[TABLE_COLUMNS_MAX];
	bool				hidden[TABLE_COLUMNS_MAX];
	bool				telling[TABLE_COLUMNS_MAX];	/* not only 0 or "-" */
};

void table_init(struct table *table, const struct table_column *column, size_t columns);
void table_set(struct table_cell *cell, enum draw_colour colour, const char *text);
/* Make room for the @cells of one row. */
void table_measure(struct table *table, const struct table_cell *cells);
/* Hide what does not fit in @width columns (0: any); false if the rest does not either. */
bool table_fit(struct table *table, unsigned int width);
void table_draw_header(const struct table *table);
void table_draw_row(const struct table *table, const struct table_cell *cells);

#endif
