/* SPDX-License-Identifier: GPL-2.0 */
/* One TCP segment, parsed once. */
#ifndef SYNWARD_PACKET_H
#define SYNWARD_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>

#include "key.h"
#include "options.h"
#include "state.h"

struct nf_hook_state;
struct sk_buff;
struct synward_net;

/**
 * struct synward_pkt - the facts of one segment, host order
 * @skb:     the packet itself
 * @key:     its connection
 * @hash:    synward_key_hash() of @key, once synward_packet_hash() was called
 * @seq:     sequence number
 * @ack:     acknowledgment number
 * @len:     payload bytes
 * @thoff:   where the TCP header begins
 * @window:  window field
 * @hdrlen:  bytes of the TCP header, 20 to 60
 * @flags:   SYNWARD_TCP_*
 * @from_hi: the sender is key.hi
 * @trusted: a synchronized socket of this host sent it
 * @reason:  enum synward_stat: what is wrong with an invalid one
 */
struct synward_pkt {
	struct sk_buff *skb;
	struct synward_key key __aligned(8);
	u32 hash;
	u32 seq;
	u32 ack;
	u32 len;
	u16 thoff;
	u16 window;
	u8 hdrlen;
	u8 flags;
	bool from_hi;
	bool trusted;
	u8 reason;
};

enum synward_packet_verdict {
	SYNWARD_PACKET_TCP,	/* parsed */
	SYNWARD_PACKET_OTHER,	/* not TCP, none of our business */
	SYNWARD_PACKET_INVALID,	/* TCP that must not be tracked nor answered */
};

/**
 * synward_packet_parse - read the headers of a packet
 * @pkt:   filled but for @pkt->hash when the verdict is SYNWARD_PACKET_TCP; with
 *         SYNWARD_PACKET_INVALID only @pkt->reason
 * @sn:    namespace, for its id
 * @skb:   at any inet hook: data at the network header
 * @state: the hook's state; a checksum is verified except at LOCAL_OUT
 *
 * Context: softirq or process, RCU read side.
 */
enum synward_packet_verdict
synward_packet_parse(struct synward_pkt *pkt, const struct synward_net *sn,
		     struct sk_buff *skb, const struct nf_hook_state *state);

/* For whoever looks into the tables: what is answered without that needs none. */
static inline void synward_packet_hash(struct synward_pkt *pkt)
{
	pkt->hash = synward_key_hash(&pkt->key);
}

/**
 * struct synward_peek - what a glance at a packet tells
 * @syn:   SYN and not ACK
 * @dport: destination port
 */
struct synward_peek {
	bool syn;
	__be16 dport;
};

/*
 * A glance at a packet that may be TCP. What is no TCP at all may look like
 * anything. False when only synward_packet_parse() can tell: extension headers,
 * fragments, too short.
 */
bool synward_packet_peek(struct synward_peek *peek, const struct sk_buff *skb,
			 const struct nf_hook_state *state);

/* The cheapest question: most of what is not TCP ends here. */
static inline bool synward_packet_may_be_tcp(const struct sk_buff *skb, u8 pf)
{
	u8 next;

	if (pf == NFPROTO_IPV4)
		return ip_hdr(skb)->protocol == IPPROTO_TCP;
	next = ipv6_hdr(skb)->nexthdr;
	return next != IPPROTO_UDP && next != IPPROTO_ICMPV6;
}

/**
 * synward_packet_first_fragment - read the first fragment of an IPv6 packet
 * @pkt: filled but for the hash and what lies behind the first 20 bytes of TCP
 * @sn:  namespace, for its id
 * @skb: at any inet6 hook
 *
 * Return: whether it is one. The kernel discards those without a whole header
 * (RFC 7112).
 */
bool synward_packet_first_fragment(struct synward_pkt *pkt,
				   const struct synward_net *sn,
				   struct sk_buff *skb);

/* The options of a SYN or ACK; all absent when they cannot be read. */
void synward_packet_options(struct synward_options *opt,
			    const struct synward_pkt *pkt);

static inline bool synward_packet_is_syn(const struct synward_pkt *pkt)
{
	return (pkt->flags & (SYNWARD_TCP_SYN | SYNWARD_TCP_ACK)) ==
	       SYNWARD_TCP_SYN;
}

static inline const struct in6_addr *
synward_packet_saddr(const struct synward_pkt *pkt)
{
	return pkt->from_hi ? &pkt->key.hi : &pkt->key.lo;
}

static inline const struct in6_addr *
synward_packet_daddr(const struct synward_pkt *pkt)
{
	return pkt->from_hi ? &pkt->key.lo : &pkt->key.hi;
}

static inline __be16 synward_packet_sport(const struct synward_pkt *pkt)
{
	return pkt->from_hi ? pkt->key.hi_port : pkt->key.lo_port;
}

static inline __be16 synward_packet_dport(const struct synward_pkt *pkt)
{
	return pkt->from_hi ? pkt->key.lo_port : pkt->key.hi_port;
}

#endif
