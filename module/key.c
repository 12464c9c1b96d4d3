// SPDX-License-Identifier: GPL-2.0
/* The name of a connection. See key.h. */
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "key.h"

/* Written once at load, before any hook runs. */
static hsiphash_key_t secret __read_mostly;

void synward_key_init(void)
{
	get_random_bytes(&secret, sizeof(secret));
}

u32 synward_key_hash(const struct synward_key *key)
{
	u32 ports = (__force u32)key->lo_port << 16 | (__force u32)key->hi_port;

	if (key->family == NFPROTO_IPV6)
		return hsiphash(key, sizeof(*key), &secret);
	return hsiphash_4u32((__force u32)key->lo.s6_addr32[3],
			     (__force u32)key->hi.s6_addr32[3],
			     ports, key->netid, &secret);
}

/* Any total order will do: the bytes are compared as they lie in memory. */
static int compare6(const struct in6_addr *saddr, const struct in6_addr *daddr,
		    __be16 sport, __be16 dport)
{
	int order = memcmp(saddr, daddr, sizeof(*saddr));

	return order ? order : (__force u16)sport - (__force u16)dport;
}

bool synward_key_set6(struct synward_key *key, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, __be16 sport, __be16 dport)
{
	bool from_hi = compare6(saddr, daddr, sport, dport) > 0;

	key->lo = from_hi ? *daddr : *saddr;
	key->hi = from_hi ? *saddr : *daddr;
	key->lo_port = from_hi ? dport : sport;
	key->hi_port = from_hi ? sport : dport;
	key->family = NFPROTO_IPV6;
	return from_hi;
}
