/* SPDX-License-Identifier: GPL-2.0 */
/* The frame of a page of HTML on stdout, and its tables. */
#ifndef SYNWARD_TOOL_PAGE_H
#define SYNWARD_TOOL_PAGE_H

#include <stddef.h>

void page_begin(const char *title);
void page_end(void);

/* The first column is text, the others are numbers. */
void page_begin_table(const char *id, const char *const *title, size_t columns);
void page_put_row(const char *name, const double *value, size_t values);
void page_end_table(void);

#endif
