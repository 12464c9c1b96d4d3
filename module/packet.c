// SPDX-License-Identifier: GPL-2.0
/* One TCP segment, parsed once. See packet.h. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "net.h"
#include "packet.h"

static enum synward_packet_verdict invalid(struct synward_pkt *pkt,
					   enum synward_stat reason)
{
	pkt->reason = reason;
	return SYNWARD_PACKET_INVALID;
}

/* One bit a combination of flags; PSH says nothing, and ECN's are not among them. */
#define COMBINATION(flags)	(1ULL << (flags))
#define SYN	SYNWARD_TCP_SYN
#define ACK	SYNWARD_TCP_ACK
#define FIN	SYNWARD_TCP_FIN
#define RST	SYNWARD_TCP_RST
#define URG	SYNWARD_TCP_URG

/*
 * The combinations that RFC 9293 knows; every other one (null, SYN with FIN or
 * RST, FIN without ACK, ...) is a probe or damage.
 */
static const u64 sensible =
	COMBINATION(SYN) | COMBINATION(SYN | URG) | COMBINATION(SYN | ACK) |
	COMBINATION(RST) | COMBINATION(RST | ACK) |
	COMBINATION(ACK) | COMBINATION(ACK | URG) |
	COMBINATION(FIN | ACK) | COMBINATION(FIN | ACK | URG);

#undef SYN
#undef ACK
#undef FIN
#undef RST
#undef URG

static bool flags_make_sense(u8 flags)
{
	return sensible & COMBINATION(flags & ~SYNWARD_TCP_PSH);
}

/*
 * What this host sends has no checksum yet. nf_checksum() takes a checksum
 * that the device computed into account only where packets come in, and
 * FORWARD is such a place too.
 */
static bool checksum_ok(const struct synward_pkt *pkt,
			const struct nf_hook_state *state)
{
	if (state->hook == NF_INET_LOCAL_OUT || skb_csum_unnecessary(pkt->skb))
		return true;
	return !nf_checksum(pkt->skb, NF_INET_PRE_ROUTING, pkt->thoff,
			    IPPROTO_TCP, state->pf);
}

/*
 * A socket that has a peer: what it sends is the truth about itself. Since 6.13
 * the RST that answers a wrong SYN-ACK has an owner, too, and that one goes on
 * waiting for the right one.
 */
static bool sent_by_socket(const struct synward_pkt *pkt,
			   const struct nf_hook_state *state, __be16 sport)
{
	const struct sock *sk = pkt->skb->sk;

	return state->hook == NF_INET_LOCAL_OUT && sk && sk_fullsock(sk) &&
	       sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	       sk->sk_state != TCP_LISTEN &&
	       htons(sk->sk_num) == sport &&
	       !(pkt->flags & SYNWARD_TCP_RST && sk->sk_state == TCP_SYN_SENT);
}

/* The TCP header; the ports go through @th into the key. */
static inline enum synward_packet_verdict parse_tcp(struct synward_pkt *pkt,
						    const struct tcphdr **th,
						    struct tcphdr *room)
{
	unsigned int len = pkt->skb->len - pkt->thoff;

	*th = skb_header_pointer(pkt->skb, pkt->thoff, sizeof(*room), room);
	if (!*th)
		return invalid(pkt, SYNWARD_STAT_INVALID_SHORT);
	pkt->hdrlen = (*th)->doff * 4;
	if (pkt->hdrlen < sizeof(**th) || pkt->hdrlen > len)
		return invalid(pkt, SYNWARD_STAT_INVALID_DOFF);
	pkt->flags = tcp_flag_byte(*th) & 0x3f;
	if (!flags_make_sense(pkt->flags))
		return invalid(pkt, SYNWARD_STAT_INVALID_FLAGS);
	/* One is strange, and yet the kernel takes it for a port like any other. */
	if (!(*th)->source && !(*th)->dest)
		return invalid(pkt, SYNWARD_STAT_INVALID_PORT);
	pkt->len = len - pkt->hdrlen;
	pkt->seq = ntohl((*th)->seq);
	pkt->ack = ntohl((*th)->ack_seq);
	pkt->window = ntohs((*th)->window);
	return SYNWARD_PACKET_TCP;
}

/*
 * What TCP discards unseen, although it is delivered here: for all hosts or
 * for a group of them.
 */
static bool for_many(const struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->hook != NF_INET_LOCAL_IN)
		return false;
	if (skb->pkt_type != PACKET_HOST)
		return true;
	if (state->pf == NFPROTO_IPV6)
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	return skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

static enum synward_packet_verdict parse4(struct synward_pkt *pkt)
{
	const struct sk_buff *skb = pkt->skb;
	const struct iphdr *iph = ip_hdr(skb);
	enum synward_packet_verdict verdict;
	const struct tcphdr *th;
	struct tcphdr room;

	if (iph->protocol != IPPROTO_TCP)
		return SYNWARD_PACKET_OTHER;
	/* Root is playing with raw sockets. */
	if (skb_headlen(skb) < sizeof(*iph) || iph->ihl < 5)
		return SYNWARD_PACKET_OTHER;
	if (ip_is_fragment(iph))
		return invalid(pkt, SYNWARD_STAT_INVALID_FRAGMENT);
	pkt->thoff = ip_hdrlen(skb);
	if (pkt->thoff > skb->len)
		return invalid(pkt, SYNWARD_STAT_INVALID_SHORT);
	verdict = parse_tcp(pkt, &th, &room);
	if (verdict == SYNWARD_PACKET_TCP)
		pkt->from_hi = synward_key_set4(&pkt->key, iph->saddr, iph->daddr,
						th->source, th->dest);
	return verdict;
}

#if IS_ENABLED(CONFIG_IPV6)
/* Where TCP begins behind the extension headers; -1 when it is not there. */
static int find_tcp6(struct sk_buff *skb, bool *fragment)
{
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;
	__be16 frag_off = 0;
	int offset;

	*fragment = false;
	if (likely(nexthdr == IPPROTO_TCP))
		return sizeof(struct ipv6hdr);
	if (!ipv6_ext_hdr(nexthdr))
		return -1;
	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &nexthdr, &frag_off);
	if (nexthdr != IPPROTO_TCP)
		return -1;
	/* An atomic fragment (RFC 6946) is whole: offset and M bit are zero. */
	*fragment = frag_off & htons(IP6_OFFSET | IP6_MF);
	return offset;
}

static enum synward_packet_verdict parse6(struct synward_pkt *pkt)
{
	const struct sk_buff *skb = pkt->skb;
	enum synward_packet_verdict verdict;
	const struct tcphdr *th;
	struct tcphdr room;
	bool fragment;
	int thoff;

	if (skb_headlen(skb) < sizeof(struct ipv6hdr))
		return SYNWARD_PACKET_OTHER;
	thoff = find_tcp6(pkt->skb, &fragment);
	if (thoff < 0)
		return SYNWARD_PACKET_OTHER;
	if (fragment)
		return invalid(pkt, SYNWARD_STAT_INVALID_FRAGMENT);
	if (thoff > skb->len)
		return invalid(pkt, SYNWARD_STAT_INVALID_SHORT);
	pkt->thoff = thoff;
	verdict = parse_tcp(pkt, &th, &room);
	if (verdict == SYNWARD_PACKET_TCP)
		pkt->from_hi = synward_key_set6(&pkt->key, &ipv6_hdr(skb)->saddr,
						&ipv6_hdr(skb)->daddr,
						th->source, th->dest);
	return verdict;
}

bool synward_packet_first_fragment(struct synward_pkt *pkt,
				   const struct synward_net *sn,
				   struct sk_buff *skb)
{
	const struct tcphdr *th;
	struct tcphdr room;
	bool fragment;
	int thoff;

	if (skb_headlen(skb) < sizeof(struct ipv6hdr))
		return false;
	thoff = find_tcp6(skb, &fragment);
	if (thoff < 0 || !fragment)
		return false;
	th = skb_header_pointer(skb, thoff, sizeof(room), &room);
	if (!th)
		return false;
	*pkt = (struct synward_pkt) {
		.skb = skb,
		.thoff = thoff,
		.hdrlen = sizeof(*th),
		.flags = tcp_flag_byte(th) & 0x3f,
		.seq = ntohl(th->seq),
		.ack = ntohl(th->ack_seq),
	};
	pkt->from_hi = synward_key_set6(&pkt->key, &ipv6_hdr(skb)->saddr,
					&ipv6_hdr(skb)->daddr,
					th->source, th->dest);
	pkt->key.netid = sn->id;
	return true;
}
#else
bool synward_packet_first_fragment(struct synward_pkt *pkt,
				   const struct synward_net *sn,
				   struct sk_buff *skb)
{
	return false;
}

static enum synward_packet_verdict parse6(struct synward_pkt *pkt)
{
	return SYNWARD_PACKET_OTHER;
}
#endif

enum synward_packet_verdict
synward_packet_parse(struct synward_pkt *pkt, const struct synward_net *sn,
		     struct sk_buff *skb, const struct nf_hook_state *state)
{
	enum synward_packet_verdict verdict;

	if (for_many(skb, state))
		return SYNWARD_PACKET_OTHER;
	pkt->skb = skb;
	verdict = state->pf == NFPROTO_IPV4 ? parse4(pkt) : parse6(pkt);
	if (verdict != SYNWARD_PACKET_TCP)
		return verdict;
	if (!checksum_ok(pkt, state))
		return invalid(pkt, SYNWARD_STAT_INVALID_CHECKSUM);
	pkt->key.netid = sn->id;
	pkt->trusted = sent_by_socket(pkt, state, synward_packet_sport(pkt));
	return SYNWARD_PACKET_TCP;
}

bool synward_packet_peek(struct synward_peek *peek, const struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	unsigned int thoff = sizeof(struct ipv6hdr);
	const struct tcphdr *th;
	struct tcphdr room;

	if (state->pf == NFPROTO_IPV4) {
		if (ip_is_fragment(ip_hdr(skb)))
			return false;
		thoff = ip_hdrlen(skb);
	} else if (ipv6_hdr(skb)->nexthdr != IPPROTO_TCP) {
		return false;
	}
	th = skb_header_pointer(skb, thoff, sizeof(room), &room);
	if (!th)
		return false;
	peek->syn = th->syn && !th->ack;
	peek->dport = th->dest;
	return true;
}

void synward_packet_options(struct synward_options *opt,
			    const struct synward_pkt *pkt)
{
	u8 room[MAX_TCP_OPTION_SPACE];
	unsigned int len = pkt->hdrlen - sizeof(struct tcphdr);
	const u8 *p;

	p = skb_header_pointer(pkt->skb, pkt->thoff + sizeof(struct tcphdr),
			       len, room);
	synward_options_parse(opt, p, p ? len : 0);
}
