// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "util.h"

#define MS_PER_SECOND	1000ULL
#define US_PER_SECOND	1000000ULL
#define MINUTE		60ULL
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)
#define RATE_MAX	1e18	/* what surely fits the integer */

bool number_read(const char *text, unsigned long long *value)
{
	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*value = strtoull(text, NULL, 10);
	return errno == 0;
}

const char *number_plain(char *text, unsigned long long value)
{
	snprintf(text, NUMBER_TEXT_MAX, "%llu", value);
	return text;
}

const char *number_grouped(char *text, unsigned long long value)
{
	char plain[NUMBER_TEXT_MAX];
	size_t length, out = 0;

	number_plain(plain, value);
	length = strlen(plain);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[out++] = ',';
		text[out++] = plain[i];
	}
	text[out] = '\0';
	return text;
}

/* Three significant digits of @value, @unit[0] being the unit of the value itself. */
static const char *scaled(char *text, double value, double base, const char *const *unit,
			  size_t units)
{
	size_t i = 0;

	/* 999.5 would print as 1000 of the smaller unit */
	while (value >= (base > 1000 ? base : 999.5) && i < units - 1) {
		value /= base;
		i++;
	}
	snprintf(text, NUMBER_TEXT_MAX, "%.*f%s",
		 i == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, unit[i]);
	return text;
}

const char *number_short(char *text, unsigned long long value)
{
	static const char *const unit[] = { "", "k", "M", "G", "T", "P", "E" };

	return scaled(text, (double)value, 1000, unit, ARRAY_SIZE(unit));
}

const char *number_bytes(char *text, unsigned long long value)
{
	static const char *const unit[] = { " B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB" };

	return scaled(text, (double)value, 1024, unit, ARRAY_SIZE(unit));
}

const char *number_us(char *text, unsigned long long us)
{
	static const char *const unit[] = { "us", "ms", "s" };

	return scaled(text, (double)us, 1000, unit, ARRAY_SIZE(unit));
}

const char *number_ms(char *text, unsigned long long ms)
{
	unsigned long long s = ms / MS_PER_SECOND;

	if (ms < MS_PER_SECOND)
		snprintf(text, NUMBER_TEXT_MAX, "%llums", ms);
	else if (s < MINUTE)
		snprintf(text, NUMBER_TEXT_MAX, "%llus", s);
	else if (s < HOUR)
		snprintf(text, NUMBER_TEXT_MAX, "%llum%02llus", s / MINUTE, s % MINUTE);
	else if (s < DAY)
		snprintf(text, NUMBER_TEXT_MAX, "%lluh%02llum", s / HOUR, s % HOUR / MINUTE);
	else
		snprintf(text, NUMBER_TEXT_MAX, "%llud%02lluh", s / DAY, s % DAY / HOUR);
	return text;
}

const char *number_rate(char *text, double per_second)
{
	if (per_second > 0 && per_second < 9.95)
		snprintf(text, NUMBER_TEXT_MAX, "%.1f", per_second);
	else
		number_grouped(text, (unsigned long long)((per_second < RATE_MAX ?
							   per_second : RATE_MAX) + 0.5));
	return text;
}

const char *number_seconds(char *text, unsigned long long us)
{
	unsigned int digits = 6;

	for (unsigned long long s = us / US_PER_SECOND; s >= 10 && digits > 3; s /= 10)
		digits--;
	snprintf(text, NUMBER_TEXT_MAX, "%.*f", (int)digits, (double)us / (double)US_PER_SECOND);
	return text;
}
