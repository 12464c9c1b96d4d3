/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies: the kernel's own, so that the kernel's listener takes the ACK
 * that brings one back, with the options it would have negotiated itself.
 */
#ifndef SYNWARD_COOKIE_H
#define SYNWARD_COOKIE_H

#include <linux/types.h>

#include "options.h"

struct dst_entry;
struct net;
struct sock;
struct synward_net;
struct synward_pkt;

/**
 * struct synward_cookie - the SYN-ACK that answers a SYN, host order
 * @isn:    the cookie: sequence number of the SYN-ACK
 * @opt:    its options; the timestamp value carries those of the client, the
 *          MSS is what this host wants to receive
 * @window: receive window, never scaled in a SYN-ACK
 * @ecn:    ECE set: ECN is negotiated (RFC 3168 6.1.1)
 */
struct synward_cookie {
	u32 isn;
	struct synward_options opt;
	u16 window;
	bool ecn;
};

/**
 * synward_cookie_usable - can a cookie stand for a handshake with a listener?
 * @pkt: SYN or ACK
 * @sn:  namespace
 * @sk:  listening socket
 *
 * Not with tcp_syncookies=0, with a listener that signs, nor where the kernel
 * does not tell us its timestamp offset.
 */
bool synward_cookie_usable(const struct synward_pkt *pkt,
			   const struct synward_net *sn, const struct sock *sk);

/*
 * The same for what the segment says, and who would be asked about it: not signed,
 * no Fast Open on both sides, no socket filter.
 */
bool synward_cookie_suits(const struct synward_options *opt,
			  const struct sock *sk);

/**
 * synward_cookie_make - compute the SYN-ACK for a SYN
 * @cookie: filled
 * @pkt:    the SYN; its headers are linear
 * @offered: its options
 * @sk:     listening socket
 * @dst:    route back to the client
 *
 * Context: RCU read side, bottom halves off. Tells the listener that cookies are out.
 */
void synward_cookie_make(struct synward_cookie *cookie,
			 const struct synward_pkt *pkt,
			 const struct synward_options *offered, struct sock *sk,
			 const struct dst_entry *dst);

/**
 * synward_cookie_check - does an ACK bring a cookie back?
 * @pkt: the ACK
 * @sk:  listening socket
 *
 * The same test as the kernel's; two siphashes.
 * Return: the client's MSS as the cookie has kept it, 0 without a valid one.
 */
u16 synward_cookie_check(const struct synward_pkt *pkt, const struct sock *sk);

/**
 * synward_cookie_offer - what the client's SYN offered, as its ACK still tells
 * @opt: filled
 * @pkt: an ACK with a valid cookie
 * @net: its namespace
 * @mss: what synward_cookie_check() found
 *
 * Return: whether the SYN asked for ECN and was granted it.
 */
bool synward_cookie_offer(struct synward_options *opt,
			  const struct synward_pkt *pkt, const struct net *net,
			  u16 mss);

#endif
