// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"

/* No spaces, exponents or words, which strtod() would take. */
static bool read_number(const char *text, size_t length, double *value)
{
	char *end;

	if (!length || strspn(text, "-0123456789.") < length)
		return false;
	*value = strtod(text, &end);
	return end == text + length;
}

static bool read_bounds(struct range *range, const char *text)
{
	const char *colon = strchr(text, ':');

	range->low = 0;
	range->high = INFINITY;
	if (!colon)
		return read_number(text, strlen(text), &range->high);
	if (colon == text + 1 && *text == '~')
		range->low = -INFINITY;
	else if (!read_number(text, (size_t)(colon - text), &range->low))
		return false;
	return !colon[1] || read_number(colon + 1, strlen(colon + 1), &range->high);
}

bool range_read(struct range *range, const char *text)
{
	range->text = text;
	range->inside = *text == '@';
	return read_bounds(range, text + range->inside) && range->low <= range->high;
}

bool range_alerts(const struct range *range, double value)
{
	bool within = value >= range->low && value <= range->high;

	return range->text && within == range->inside;
}
