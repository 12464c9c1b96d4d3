/* SPDX-License-Identifier: GPL-2.0 */
/* The options of a SYN, as the kernel's own TCP reads them. */
#ifndef SYNWARD_OPTIONS_H
#define SYNWARD_OPTIONS_H

#include <linux/types.h>

/**
 * struct synward_options - what a SYN or a cookie's ACK offers
 * @tsval:    timestamp value, host order, with @has_ts
 * @tsecr:    timestamp echo reply, host order, with @has_ts
 * @mss:      maximum segment size in bytes, 0 without the option
 * @wscale:   window scale 0 to 14, or SYNWARD_WSCALE_NONE
 * @has_ts:   RFC 7323 timestamps
 * @has_sack: RFC 2018 SACK permitted
 * @has_tfo:  RFC 7413 Fast Open, cookie or request, also in its experimental form
 * @has_md5:  RFC 2385 MD5 signature
 * @has_ao:   RFC 5925 authentication option
 * @has_join: RFC 8684 MPTCP, one more subflow of a connection
 */
struct synward_options {
	u32 tsval;
	u32 tsecr;
	u16 mss;
	u8 wscale;
	bool has_ts;
	bool has_sack;
	bool has_tfo;
	bool has_md5;
	bool has_ao;
	bool has_join;
};

/**
 * synward_options_parse - read TCP options
 * @opt: filled; all absent where the bytes say nothing
 * @p:   the option bytes
 * @len: how many there are, 0 to 40
 *
 * Pure. Reads nothing outside @p[0..len-1], whatever the bytes say; stops at
 * the first length that makes no sense and keeps what it has, as tcp_input does.
 */
void synward_options_parse(struct synward_options *opt, const u8 *p,
			   unsigned int len);

/* Bytes that synward_options_write() writes: a multiple of 4, at most 24. */
unsigned int synward_options_size(const struct synward_options *opt);

/**
 * synward_options_write - the options of a SYN or SYN-ACK
 * @p:   room for synward_options_size() bytes
 * @opt: what to write; @has_tfo, @has_md5, @has_ao and @has_join count for nothing
 *
 * Pure. MSS, then SACK permitted and timestamp in one group, then window scale:
 * the order of the kernel's own. SACK permitted goes with timestamps only.
 */
void synward_options_write(u8 *p, const struct synward_options *opt);

#endif
