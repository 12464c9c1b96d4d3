/* SPDX-License-Identifier: GPL-2.0 */
/* The SYN-ACK that goes out instead of the listener's. */
#ifndef SYNWARD_REPLY_H
#define SYNWARD_REPLY_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct synward_options;
struct synward_net;
struct synward_pkt;

/**
 * synward_reply_cookie - answer a SYN with a cookie
 * @pkt: the SYN, at PRE_ROUTING; consumed on success
 * @opt: its options
 * @sn:  namespace
 * @sk:  listening socket
 *
 * Context: softirq, RCU read side.
 * Return: true when the answer is out and the SYN is gone; false, with a count
 * and the SYN untouched, when there is no route or no memory.
 */
bool synward_reply_cookie(const struct synward_pkt *pkt,
			  const struct synward_options *opt,
			  struct synward_net *sn, struct sock *sk);

/**
 * synward_reply_draft - the SYN-ACK that a cookie was, for the firewall to see
 * @pkt: the SYN, headers linear
 * @sn:  namespace
 * @sk:  listening socket
 * @isn: its sequence number
 *
 * Context: softirq, RCU read side.
 * Return: a packet as LOCAL_OUT expects it, to be freed; NULL without a route
 * or memory.
 */
struct sk_buff *synward_reply_draft(const struct synward_pkt *pkt,
				    struct synward_net *sn, struct sock *sk,
				    u32 isn);

#endif
