// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "history.h"

void history_add(struct history *history, double value)
{
	if (history->count == HISTORY_MAX) {
		history->count--;
		memmove(history->value, history->value + 1,
			history->count * sizeof(*history->value));
	}
	history->value[history->count++] = value;
}

double history_last(const struct history *history)
{
	return history->count ? history->value[history->count - 1] : 0;
}
