/* SPDX-License-Identifier: GPL-2.0 */
/* The way back to a client, and out. */
#ifndef SYNWARD_ROUTE_H
#define SYNWARD_ROUTE_H

#include <net/dst.h>

struct net;
struct sk_buff;
struct sock;
struct synward_net;
struct synward_pkt;

/**
 * synward_route - the way back to a client
 * @pkt: its SYN or ACK, at PRE_ROUTING
 * @sn:  namespace
 * @sk:  listening socket
 *
 * The way that the listener's own SYN-ACK would go: marks, policy routing, VRFs
 * and IPsec included.
 *
 * Context: softirq, RCU read side. Return: the way, with a reference, or NULL.
 */
struct dst_entry *synward_route(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk);

/*
 * Does nothing lie between the route of @skb and its device but a neighbour's
 * address? Not with a tunnel, IPsec, a VRF, or too little room for a header.
 */
bool synward_route_direct(const struct sk_buff *skb);

/* Out by the device, as ip_output() and ip6_output() end. Takes such an @skb. */
void synward_route_send(struct sk_buff *skb, struct net *net);

#endif
