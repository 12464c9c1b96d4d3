/* SPDX-License-Identifier: GPL-2.0 */
/* A TCP segment with its IP header, made and then spoilt. */
#ifndef SYNWARD_FUZZ_SEGMENT_H
#define SYNWARD_FUZZ_SEGMENT_H

#include <linux/types.h>

/* The headers of a segment with all that is legal come to less than 200. */
#define SEGMENT_MAX	9000

/* One end's view of a connection that the fuzzer pretends to have. */
struct end {
	bool ipv6;
	u8 address[16];		/* its own */
	u8 peer[16];
	u16 port;
	u16 peer_port;
	u32 seq;		/* next to be sent */
	u32 ack;		/* next to be acknowledged */
	u32 echo;		/* the peer's newest timestamp */
};

struct segment {
	u8 bytes[SEGMENT_MAX];
	unsigned int len;
	unsigned int thoff;	/* where the TCP header begins */
	unsigned int doff;	/* its length, options included */
	bool sums;		/* checksums shall be right in the end */
};

#define TCP_FIN		0x01
#define TCP_SYN		0x02
#define TCP_RST		0x04
#define TCP_PSH		0x08
#define TCP_ACK		0x10

/* segment_make() - A valid segment. */
void segment_make(struct segment *seg, const struct end *end, u8 flags,
		  unsigned int payload, u64 *random);

/* segment_spoil() - One to four mistakes. */
void segment_spoil(struct segment *seg, u64 *random);

/* segment_seal() - Writes the checksums, if they shall be right. */
void segment_seal(struct segment *seg);

/* segment_tcp() - Where the TCP header of a valid packet begins; 0: no TCP. */
unsigned int segment_tcp(const u8 *bytes, unsigned int len);

#endif
