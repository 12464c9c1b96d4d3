// SPDX-License-Identifier: GPL-2.0
/* The options of a SYN. See options.h. */
#include "options.h"
#include "state.h"

/* Kinds: RFC 9293 3.2, RFC 7323, 2018, 7413, 2385, 5925, 8684, 6994. */
enum {
	EOL		= 0,
	NOP		= 1,
	MSS		= 2,
	WSCALE		= 3,
	SACK_PERM	= 4,
	TIMESTAMP	= 8,
	MD5		= 19,
	AO		= 29,
	MPTCP		= 30,
	FASTOPEN	= 34,
	EXPERIMENT	= 254,
};

/* Before it had a kind of its own: RFC 7413 appendix, RFC 6994 3. */
#define FASTOPEN_EXID	0xf989U

static u32 be32_at(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

#define MPTCP_JOIN	1	/* RFC 8684 3.2 */

static void take_timestamp(struct synward_options *opt, const u8 *p)
{
	opt->has_ts = true;
	opt->tsval = be32_at(p + 2);
	opt->tsecr = be32_at(p + 6);
}

static bool is_experimental_fastopen(const u8 *p, unsigned int size)
{
	return size >= 4 && (p[2] << 8 | p[3]) == FASTOPEN_EXID;
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
		opt->has_md5 = true;
		break;
	case AO:
		opt->has_ao = true;
		break;
	case MPTCP:
		opt->has_join |= size > 2 && p[2] >> 4 == MPTCP_JOIN;
		break;
	case FASTOPEN:
		opt->has_tfo = true;
		break;
	case EXPERIMENT:
		opt->has_tfo |= is_experimental_fastopen(p, size);
		break;
	}
}

/*
 * The SYN of a Linux client, nearly all that a Linux server gets: MSS, SACK
 * permitted and timestamp, NOP, window scale. At one glance, for a flood of
 * them; what differs in anything is parsed option by option.
 */
static bool take_linux(struct synward_options *opt, const u8 *p, unsigned int len)
{
	if (len != 20 || be32_at(p) >> 16 != (MSS << 8 | 4) ||
	    be32_at(p + 4) != (SACK_PERM << 24 | 2 << 16 | TIMESTAMP << 8 | 10) ||
	    be32_at(p + 16) >> 8 != (NOP << 16 | WSCALE << 8 | 3))
		return false;
	opt->mss = be32_at(p) & 0xffff;
	opt->has_sack = true;
	take_timestamp(opt, p + 6);
	opt->wscale = p[19] > SYNWARD_WSCALE_MAX ? SYNWARD_WSCALE_MAX : p[19];
	return true;
}

void synward_options_parse(struct synward_options *opt, const u8 *p,
			   unsigned int len)
{
	unsigned int i = 0;

	*opt = (struct synward_options) { .wscale = SYNWARD_WSCALE_NONE };
	if (take_linux(opt, p, len))
		return;
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

#define MSS_SIZE	4	/* as on the wire, with padding to words */
#define TIMESTAMP_SIZE	12
#define WSCALE_SIZE	4

unsigned int synward_options_size(const struct synward_options *opt)
{
	return MSS_SIZE + (opt->has_ts ? TIMESTAMP_SIZE : 0) +
	       (opt->wscale != SYNWARD_WSCALE_NONE ? WSCALE_SIZE : 0);
}

static u8 *put_be32(u8 *p, u32 value)
{
	p[0] = value >> 24;
	p[1] = value >> 16;
	p[2] = value >> 8;
	p[3] = value;
	return p + 4;
}

void synward_options_write(u8 *p, const struct synward_options *opt)
{
	p = put_be32(p, MSS << 24 | 4 << 16 | opt->mss);
	if (opt->has_ts) {
		u32 first = opt->has_sack ? SACK_PERM << 24 | 2 << 16 :
					    NOP << 24 | NOP << 16;

		p = put_be32(p, first | TIMESTAMP << 8 | 10);
		p = put_be32(p, opt->tsval);
		p = put_be32(p, opt->tsecr);
	}
	if (opt->wscale != SYNWARD_WSCALE_NONE)
		put_be32(p, NOP << 24 | WSCALE << 16 | 3 << 8 | opt->wscale);
}
