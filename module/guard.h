/* SPDX-License-Identifier: GPL-2.0 */
/* The guard: decides what happens to SYNs and stray ACKs under attack. */
#ifndef SYNWARD_GUARD_H
#define SYNWARD_GUARD_H

#include <linux/atomic.h>

#include "limit.h"
#include "net.h"

struct synward_pkt;

enum synward_verdict {
	SYNWARD_PASS,		/* goes on as if we were not here */
	SYNWARD_DROP,		/* counted, freed */
	SYNWARD_ANSWERED,	/* counted, the packet is ours and gone */
};

/* May cookies be sent or come back? Then all kinds of segments matter. */
static inline bool synward_guard_cookies(const struct synward_net *sn)
{
	return atomic_read(&sn->armed) ||
	       READ_ONCE(sn->mode) == SYNWARD_MODE_ALWAYS;
}

/* Is there anything to guard? The first thing that every packet asks. */
static inline bool synward_guard_armed(const struct synward_net *sn)
{
	return synward_guard_cookies(sn) || synward_limit_on(sn);
}

/**
 * synward_guard - decide on a segment that came in
 * @pkt: the segment, at PRE_ROUTING
 * @sn:  its namespace, armed
 *
 * Context: softirq, RCU read side. Everything it does not understand passes.
 */
enum synward_verdict synward_guard(const struct synward_pkt *pkt,
				   struct synward_net *sn);

/* The same at LOCAL_IN, for ACKs that were left to NAT. */
enum synward_verdict synward_guard_behind_nat(const struct synward_pkt *pkt,
					      struct synward_net *sn);

/*
 * A segment in fragments: IPv4 at LOCAL_IN, where they have been put together,
 * IPv6 at PRE_ROUTING, the first one. At no place can its handshake be shown to
 * the whole firewall: a cookie in fragments is refused.
 */
enum synward_verdict synward_guard_fragments(const struct synward_pkt *pkt,
					     struct synward_net *sn);

#endif
