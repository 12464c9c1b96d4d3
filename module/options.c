// SPDX-License-Identifier: GPL-2.0
/* The options of a SYN. See options.h. */
#include "options.h"
#include "state.h"

/* Kinds and whole lengths: RFC 9293 3.2, RFC 7323, 2018, 7413, 2385, 5925. */
enum {
	EOL		= 0,
	NOP		= 1,
	MSS		= 2,
	WSCALE		= 3,
	SACK_PERM	= 4,
	TIMESTAMP	= 8,
	MD5		= 19,
	AO		= 29,
	FASTOPEN	= 34,
};

static u32 be32_at(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void take_timestamp(struct synward_options *opt, const u8 *p)
{
	opt->has_ts = true;
	opt->tsval = be32_at(p + 2);
	opt->tsecr = be32_at(p + 6);
}

/* One option of @size bytes, kind and length byte included. */
static void take(struct synward_options *opt, const u8 *p, unsigned int size)
{
	switch (p[0]) {
	case MSS:
		if (size == 4 && (p[2] | p[3]))
			opt->mss = p[2] << 8 | p[3];
		break;
	case WSCALE:
		if (size == 3)
			opt->wscale = p[2] > SYNWARD_WSCALE_MAX ?
				      SYNWARD_WSCALE_MAX : p[2];
		break;
	case SACK_PERM:
		opt->has_sack |= size == 2;
		break;
	case TIMESTAMP:
		if (size == 10)
			take_timestamp(opt, p);
		break;
	case MD5:
	case AO:
		opt->has_auth = true;
		break;
	case FASTOPEN:
		opt->has_tfo = true;
		break;
	}
}

void synward_options_parse(struct synward_options *opt, const u8 *p,
			   unsigned int len)
{
	unsigned int i = 0;

	*opt = (struct synward_options) { .wscale = SYNWARD_WSCALE_NONE };
	while (i < len && p[i] != EOL) {
		unsigned int size;

		if (p[i] == NOP) {
			i++;
			continue;
		}
		if (i + 1 >= len)
			return;
		size = p[i + 1];
		if (size < 2 || size > len - i)
			return;
		take(opt, p + i, size);
		i += size;
	}
}
