/* SPDX-License-Identifier: GPL-2.0 */
/* What conntrack, where there is one, knows of a segment. Context: RCU read side. */
#ifndef SYNWARD_CONNTRACK_H
#define SYNWARD_CONNTRACK_H

#include <linux/types.h>

struct sk_buff;

/* Has NAT led it to this address or port? */
bool synward_conntrack_led(const struct sk_buff *skb);

/*
 * Has it seen a handshake whose SYN-ACK, acknowledged by @ack, is the last that
 * this host has sent?
 */
bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack);

#endif
