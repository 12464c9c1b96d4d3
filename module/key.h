/* SPDX-License-Identifier: GPL-2.0 */
/* The name of a connection: both endpoints, sorted, and the namespace. */
#ifndef SYNWARD_KEY_H
#define SYNWARD_KEY_H

#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>

/**
 * struct synward_key - what identifies a connection, the same for both directions
 * @lo:      the endpoint that sorts first; IPv4 in the last word, the rest zero
 * @hi:      the other endpoint
 * @lo_port: port of @lo
 * @hi_port: port of @hi
 * @netid:   synward_net.id, never 0; a key with netid 0 is a free slot
 * @family:  NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct synward_key {
	struct in6_addr lo;
	struct in6_addr hi;
	__be16 lo_port;
	__be16 hi_port;
	u16 netid;
	u16 family;
};

/* Both keys lie on a multiple of 8: in a slot, or where __aligned(8) says so. */
static inline bool synward_key_equal(const struct synward_key *a,
				     const struct synward_key *b)
{
	const u64 *x = (const u64 *)a;
	const u64 *y = (const u64 *)b;

	return !((x[4] ^ y[4]) | (x[1] ^ y[1]) | (x[3] ^ y[3]) |
		 (x[0] ^ y[0]) | (x[2] ^ y[2]));
}

/* Draw the hash secret. Once, before the first hash. */
void synward_key_init(void);

/* Keyed hash of @key: nobody outside can choose its bucket. */
u32 synward_key_hash(const struct synward_key *key);

/**
 * synward_key_set4 - make the key of an IPv4 segment
 * @key: filled; netid is left to the caller
 * @saddr: source of the segment
 * @daddr: destination
 * @sport: source port
 * @dport: destination port
 *
 * Return: true when the source is key->hi.
 */
static inline bool synward_key_set4(struct synward_key *key, __be32 saddr,
				    __be32 daddr, __be16 sport, __be16 dport)
{
	/* Any total order will do: the bytes are compared as they lie in memory. */
	u64 src = (u64)(__force u32)saddr << 16 | (__force u16)sport;
	u64 dst = (u64)(__force u32)daddr << 16 | (__force u16)dport;
	bool from_hi = src > dst;

	memset(key, 0, offsetof(struct synward_key, lo_port));
	key->lo.s6_addr32[3] = from_hi ? daddr : saddr;
	key->hi.s6_addr32[3] = from_hi ? saddr : daddr;
	key->lo_port = from_hi ? dport : sport;
	key->hi_port = from_hi ? sport : dport;
	key->family = NFPROTO_IPV4;
	return from_hi;
}

/* The same for IPv6. */
bool synward_key_set6(struct synward_key *key, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, __be16 sport, __be16 dport);

#endif
