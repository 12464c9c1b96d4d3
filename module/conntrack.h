/* SPDX-License-Identifier: GPL-2.0 */
/* What conntrack, where there is one, knows of a segment. Context: RCU read side. */
#ifndef SYNWARD_CONNTRACK_H
#define SYNWARD_CONNTRACK_H

#include <linux/types.h>

struct sk_buff;

/*
 * Has it seen a SYN, and the SYN-ACK that @ack acknowledges as the last that
 * this host has sent?
 */
bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack);

#endif
