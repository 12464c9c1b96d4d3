// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of options under any bytes at all: the same as a second one that
 * was written another way, nothing read behind the end, nothing out of range. And
 * what is written is what was read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "options.h"
#include "state.h"

#define OPTIONS_MAX	40

void fuzz_broken(const char *promise, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

/* Where option number @n begins and how long it is; false when there is none. */
static bool nth(const u8 *p, size_t len, unsigned int n, size_t *at, size_t *size)
{
	*at = 0;
	*size = 0;
	do {
		*at += *size;
		if (*at >= len || p[*at] == 0)
			return false;
		if (p[*at] == 1) {
			*size = 1;
			continue;
		}
		*size = *at + 1 < len ? p[*at + 1] : 0;
		if (*size < 2 || *at + *size > len)
			return false;
	} while (n--);
	return true;
}

static u32 number(const u8 *p, unsigned int bytes)
{
	return bytes ? number(p, bytes - 1) << 8 | p[bytes - 1] : 0;
}

/* The last option of @kind (and @length, if not 0), or NULL. */
static const u8 *last(const u8 *p, size_t len, u8 kind, size_t length)
{
	const u8 *found = NULL;
	size_t at, size;
	unsigned int n;

	for (n = 0; nth(p, len, n, &at, &size); n++) {
		if (p[at] != kind || (length && size != length))
			continue;
		/* An MSS of 0 is none. */
		if (kind == 2 && !p[at + 2] && !p[at + 3])
			continue;
		/* Of the experiments only Fast Open. */
		if (kind == 254 && (size < 4 || number(p + at + 2, 2) != 0xf989))
			continue;
		/* Of MPTCP only what joins. */
		if (kind == 30 && (size < 3 || p[at + 2] >> 4 != 1))
			continue;
		found = p + at;
	}
	return found;
}

static void check(const struct synward_options *opt, const u8 *p, size_t len)
{
	const u8 *mss = last(p, len, 2, 4);
	const u8 *scale = last(p, len, 3, 3);
	const u8 *ts = last(p, len, 8, 10);

	PROMISE(opt->mss == (mss ? number(mss + 2, 2) : 0));
	PROMISE(opt->wscale == (!scale ? SYNWARD_WSCALE_NONE :
				scale[2] < 14 ? scale[2] : 14));
	PROMISE(opt->has_ts == !!ts);
	PROMISE(opt->tsval == (ts ? number(ts + 2, 4) : 0));
	PROMISE(opt->tsecr == (ts ? number(ts + 6, 4) : 0));
	PROMISE(opt->has_sack == !!last(p, len, 4, 2));
	PROMISE(opt->has_tfo == (last(p, len, 34, 0) || last(p, len, 254, 0)));
	PROMISE(opt->has_md5 == !!last(p, len, 19, 0));
	PROMISE(opt->has_ao == !!last(p, len, 29, 0));
	PROMISE(opt->has_join == !!last(p, len, 30, 0));
}

/* What is written reads the same; SACK goes with timestamps only. */
static void check_written(const struct synward_options *opt)
{
	unsigned int size = synward_options_size(opt);
	struct synward_options again;
	u8 *p = malloc(size);

	PROMISE(size % 4 == 0);
	synward_options_write(p, opt);
	synward_options_parse(&again, p, size);
	PROMISE(again.mss == opt->mss);
	PROMISE(again.wscale == opt->wscale);
	PROMISE(again.has_ts == opt->has_ts);
	PROMISE(again.tsval == opt->tsval);
	PROMISE(again.tsecr == opt->tsecr);
	PROMISE(again.has_sack == (opt->has_sack && opt->has_ts));
	PROMISE(!again.has_tfo && !again.has_md5 && !again.has_ao &&
		!again.has_join);
	free(p);
}

/*
 * An input with many zeroes, as the driver makes them, would say nothing: zero
 * ends the options. In its place comes a byte of options that make sense.
 */
static u8 better(u8 byte, size_t i)
{
	static const u8 good[OPTIONS_MAX] = {
		2, 4, 5, 180, 3, 3, 7, 1, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,
		34, 2, 254, 4, 249, 137, 29, 4, 1, 1, 19, 3, 1, 2, 4, 0, 0, 1, 1, 0,
	};

	return byte ? byte : good[i];
}

int fuzz_one_input(const u8 *data, size_t size)
{
	size_t len = size > OPTIONS_MAX + 1 ? OPTIONS_MAX : size ? size - 1 : 0;
	struct synward_options opt;
	u8 *p = malloc(len);
	size_t i;

	/* The first byte decides whether the others are taken as they are. */
	for (i = 0; i < len; i++)
		p[i] = data[0] & 1 ? data[i + 1] : better(data[i + 1], i);
	memset(&opt, 0xaa, sizeof(opt));
	synward_options_parse(&opt, p, len);
	check(&opt, p, len);
	check_written(&opt);
	free(p);
	return 0;
}
