/* SPDX-License-Identifier: GPL-2.0 */
/* A connection past its handshake, and what segments do to it. */
#ifndef SYNWARD_FLOW_H
#define SYNWARD_FLOW_H

#include <linux/types.h>

struct synward_flow;
struct synward_net;
struct synward_pkt;

/**
 * synward_flow_step - let a connection live through a segment
 * @flow: its entry in the established table, found without a lock
 * @pkt:  the segment
 * @sn:   its namespace
 *
 * Data on an open connection are noted without a lock, all else under that of
 * the bucket.
 *
 * Return: whether a new connection may begin here. The old one is over or gone,
 * or its host may have lost it: only the answer to the SYN will tell.
 */
bool synward_flow_step(struct synward_flow *flow, const struct synward_pkt *pkt,
		       struct synward_net *sn);

/* A new connection has taken the four-tuple of an old one, if there was any. */
void synward_flow_replaced(const struct synward_pkt *pkt);

#endif
