/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limit: how many SYNs a second one source may send to the listeners of
 * this host. Each source (an IPv4 address, an IPv6 /64, or what the prefix
 * settings say) has a bucket of tokens. A SYN, sent again or not, takes one;
 * net.synward.syn_limit come back each second, and one with each handshake that
 * the source completes: many clients behind one address are no flood.
 */
#ifndef SYNWARD_LIMIT_H
#define SYNWARD_LIMIT_H

#include <linux/types.h>

#include "net.h"
#include "table.h"

struct synward_pkt;

/* SYNs per second and source prefix, 0 is off; SYNs. */
#define SYNWARD_LIMIT_PPS_MAX		1000000U
#define SYNWARD_LIMIT_BURST_MAX		1000000U

/* The burst where none is set: a second's worth, and this many at least. */
#define SYNWARD_LIMIT_BURST_LEAST	20U

/* Bits of an address that name a source. */
#define SYNWARD_LIMIT_PREFIX4		32U
#define SYNWARD_LIMIT_PREFIX4_MIN	8U
#define SYNWARD_LIMIT_PREFIX4_MAX	32U
#define SYNWARD_LIMIT_PREFIX6		64U
#define SYNWARD_LIMIT_PREFIX6_MIN	16U
#define SYNWARD_LIMIT_PREFIX6_MAX	128U

/* One for all namespaces: the namespace is part of a bucket's key. */
extern struct synward_table synward_limit_table;

/**
 * synward_limit_init - get the memory
 * @max: sources wanted, 64 bytes each
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int synward_limit_init(unsigned int max);
void synward_limit_exit(void);

/* Is there a limit in this namespace? */
static inline bool synward_limit_on(const struct synward_net *sn)
{
	return READ_ONCE(sn->syn_limit);
}

/**
 * synward_limit_refuses - take a token for a SYN
 * @pkt:     a SYN from outside for a listener of this host
 * @sn:      its namespace
 * @cookies: a cookie would answer it
 *
 * Where a cookie answers, only sources that have completed a handshake have a
 * limit: everything else about a source may be forged. When there is no room
 * for one more source its SYN passes, counted as limit_full.
 *
 * Context: softirq, RCU read side. Return: true when no token is left.
 */
bool synward_limit_refuses(const struct synward_pkt *pkt, struct synward_net *sn,
			   bool cookies);

/**
 * synward_limit_proven - a client has completed a handshake
 * @sn:     its namespace
 * @client: its address; IPv4 in the last word
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Gives the token back that its SYN took, and notes that the source is real.
 * Context: any, RCU read side.
 */
void synward_limit_proven(struct synward_net *sn, const struct in6_addr *client,
			  u16 family);

#endif
