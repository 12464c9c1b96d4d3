/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies: the kernel's own, so that the kernel's listener takes the ACK
 * that brings one back, with the options it would have negotiated itself.
 */
#ifndef SYNWARD_COOKIE_H
#define SYNWARD_COOKIE_H

#include <linux/types.h>

struct dst_entry;
struct sock;
struct synward_net;
struct synward_pkt;

/**
 * struct synward_cookie - the SYN-ACK that answers a SYN, host order
 * @isn:    the cookie: sequence number of the SYN-ACK
 * @tsval:  timestamp value that carries the options, with @has_ts
 * @tsecr:  the client's timestamp, with @has_ts
 * @mss:    MSS option: what this host wants to receive, bytes
 * @window: receive window, never scaled in a SYN-ACK
 * @wscale: window scale option, or SYNWARD_WSCALE_NONE
 * @has_ts: timestamp option present
 * @has_sack: SACK permitted option present
 * @ecn:    ECE set: ECN is negotiated (RFC 3168 6.1.1)
 */
struct synward_cookie {
	u32 isn;
	u32 tsval;
	u32 tsecr;
	u16 mss;
	u16 window;
	u8 wscale;
	bool has_ts;
	bool has_sack;
	bool ecn;
};

/**
 * synward_cookie_usable - can a cookie stand for this segment's handshake?
 * @pkt: SYN or ACK
 * @sn:  namespace
 * @sk:  listening socket
 *
 * Not with tcp_syncookies=0, with signed segments, with Fast Open on both
 * sides, nor where the kernel does not tell us its timestamp offset.
 */
bool synward_cookie_usable(const struct synward_pkt *pkt,
			   const struct synward_net *sn, const struct sock *sk);

/**
 * synward_cookie_make - compute the SYN-ACK for a SYN
 * @cookie: filled
 * @pkt:    the SYN; its headers are linear
 * @sk:     listening socket
 * @dst:    route back to the client
 *
 * Context: RCU read side. Tells the listener that cookies are out.
 */
void synward_cookie_make(struct synward_cookie *cookie,
			 const struct synward_pkt *pkt, struct sock *sk,
			 const struct dst_entry *dst);

/**
 * synward_cookie_valid - does an ACK bring a cookie back?
 * @pkt: the ACK
 * @sk:  listening socket
 *
 * The same test as the kernel's; two siphashes.
 */
bool synward_cookie_valid(const struct synward_pkt *pkt, const struct sock *sk);

#endif
