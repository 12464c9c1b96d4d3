// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counter.h"
#include "ranking.h"
#include "util.h"

#define STATS		"stats/"
#define LISTENER	"listener/"
#define SYN		"/syn"

static void add(struct ranking *ranking, const struct recording *recording, const char *series,
		const char *name, size_t length)
{
	struct ranked *ranked;

	ranking->item = util_grow(ranking->item, ranking->count, &ranking->room,
				  sizeof(*ranking->item));
	ranked = &ranking->item[ranking->count++];
	snprintf(ranked->name, sizeof(ranked->name), "%.*s", (int)length, name);
	snprintf(ranked->series, sizeof(ranked->series), "%s", series);
	ranked->increase = recording_increase(recording, series);
}

static int compare(const void *a, const void *b)
{
	const struct ranked *one = a, *other = b;

	if (one->increase != other->increase)
		return one->increase > other->increase ? -1 : 1;
	return strcmp(one->name, other->name);
}

static void sort(struct ranking *ranking)
{
	if (ranking->count)
		qsort(ranking->item, ranking->count, sizeof(*ranking->item), compare);
}

void ranking_of_reasons(struct ranking *ranking, const struct recording *recording)
{
	for (size_t i = 0; i < recording->count; i++) {
		const char *series = recording->series[i].name;
		const char *name = series + strlen(STATS);

		if (!strncmp(series, STATS, strlen(STATS)) && counter_is_reason(name))
			add(ranking, recording, series, name, strlen(name));
	}
	sort(ranking);
	while (ranking->count && ranking->item[ranking->count - 1].increase <= 0)
		ranking->count--;
}

void ranking_of_listeners(struct ranking *ranking, const struct recording *recording)
{
	for (size_t i = 0; i < recording->count; i++) {
		const char *series = recording->series[i].name;
		const char *name = series + strlen(LISTENER);
		size_t length = strlen(series);

		if (!strncmp(series, LISTENER, strlen(LISTENER)) &&
		    length > strlen(LISTENER) + strlen(SYN) &&
		    !strcmp(series + length - strlen(SYN), SYN))
			add(ranking, recording, series, name, strlen(name) - strlen(SYN));
	}
	sort(ranking);
}

void ranking_free(struct ranking *ranking)
{
	free(ranking->item);
	*ranking = (struct ranking) { 0 };
}
