// SPDX-License-Identifier: GPL-2.0
/* Connections and their segments. See packet.h. */
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "packet.h"

/* As drivers do that copy small packets. */
#define ROOM_BYTES	256
#define WINDOW		0xffff

#define CLIENTS4	0xc6120000	/* 198.18.0.0/15 */
#define HERE4		0x0a000001	/* 10.0.0.1 */
#define THERE4		0x0a090001	/* 10.9.0.1 */
#define CLIENT_BITS	17

static atomic_t serial;

/* -- flows -- */

/* Each number comes once in 2^32, and neighbours are far apart. */
void inject_flow(struct flow *flow, bool to_keep)
{
	u32 n = (u32)atomic_inc_return(&serial) * 0x9e3779b1;

	flow->client = n & GENMASK(CLIENT_BITS - 1, 0);
	/* The upper half of the ports for what is kept. */
	flow->sport = (n >> CLIENT_BITS) | (to_keep ? 0x8000 : 0);
	if (!flow->sport)
		flow->sport = 0x7fff;
	flow->seq[0] = n * 0x85ebca6b;
	flow->seq[1] = n * 0xc2b2ae35;
	flow->ts = 1;
}

/* -- packets -- */

static __be32 client4(const struct flow *flow)
{
	return htonl(CLIENTS4 + flow->client);
}

/* 2001:db8:18::/48, spread as if each client had a network of its own. */
static struct in6_addr client6(const struct flow *flow)
{
	return (struct in6_addr){ .s6_addr32 = {
		htonl(0x20010db8), htonl(0x00180000 | (flow->client & 0xffff)),
		htonl(flow->client * 0x9e3779b1), htonl(flow->client),
	} };
}

/* 2001:db8:10::1 and 2001:db8:9::1. */
static struct in6_addr server6(const struct order *o)
{
	return (struct in6_addr){ .s6_addr32 = {
		htonl(0x20010db8), htonl(o->kind->forward ? 0x00090000 : 0x00100000),
		0, htonl(1),
	} };
}

static __be32 server4(const struct order *o)
{
	return htonl(o->kind->forward ? THERE4 : HERE4);
}

/* @pad: the two bytes before it. */
static u8 *put_ts(u8 *p, u16 pad, u32 val, u32 ecr)
{
	put_unaligned_be32(pad << 16 | TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP, p);
	put_unaligned_be32(val, p + 4);
	put_unaligned_be32(ecr, p + 8);
	return p + TCPOLEN_TSTAMP_ALIGNED;
}

/* What a Linux host sends, in that order. */
static u8 *put_options(u8 *p, const struct flow *flow, const struct step *step)
{
	bool first = step->flags == TCPHDR_SYN;
	u32 val = step->server ? flow->ts : 1000;
	u32 ecr = first || step->server ? 0 : flow->ts;

	if (!(step->flags & TCPHDR_SYN))
		return put_ts(p, TCPOPT_NOP << 8 | TCPOPT_NOP, val, ecr);
	put_unaligned_be32(TCPOPT_MSS << 24 | TCPOLEN_MSS << 16 | 1460, p);
	p = put_ts(p + 4, TCPOPT_SACK_PERM << 8 | TCPOLEN_SACK_PERM, val, ecr);
	put_unaligned_be32(TCPOPT_NOP << 24 | TCPOPT_WINDOW << 16 |
			   TCPOLEN_WINDOW << 8 | 7, p);
	return p + 4;
}

static unsigned int put_tcp(struct sk_buff *skb, struct flow *flow,
			    const struct step *step, const struct order *o)
{
	struct tcphdr *th = (void *)skb_tail_pointer(skb);
	u8 *end = put_options((u8 *)(th + 1), flow, step);
	unsigned int len = end - (u8 *)th + step->len;

	memset(th, 0, sizeof(*th));
	th->source = htons(step->server ? o->port : flow->sport);
	th->dest = htons(step->server ? flow->sport : o->port);
	th->seq = htonl(flow->seq[step->server]);
	if (step->flags & TCPHDR_ACK)
		th->ack_seq = htonl(flow->seq[!step->server]);
	th->doff = (end - (u8 *)th) / 4;
	tcp_flag_word(th) |= htonl(step->flags << 16);
	th->window = htons(WINDOW);
	memset(end, 'x', step->len);
	flow->seq[step->server] += step->len +
				   !!(step->flags & (TCPHDR_SYN | TCPHDR_FIN));
	skb_put(skb, len);
	return len;
}

static unsigned int put_udp(struct sk_buff *skb, const struct flow *flow,
			    const struct step *step, const struct order *o)
{
	unsigned int len = sizeof(struct udphdr) + step->len;
	struct udphdr *uh = skb_put_zero(skb, len);

	uh->source = htons(flow->sport);
	uh->dest = htons(o->port);
	uh->len = htons(len);
	return len;
}

static unsigned int put_payload(struct sk_buff *skb, struct flow *flow,
				const struct step *step, const struct order *o)
{
	return o->kind->udp ? put_udp(skb, flow, step, o) :
			      put_tcp(skb, flow, step, o);
}

static void put_ip4(struct sk_buff *skb, struct flow *flow,
		    const struct step *step, const struct order *o)
{
	__be32 from = step->server ? server4(o) : client4(flow);
	__be32 to = step->server ? client4(flow) : server4(o);
	struct iphdr *iph = skb_put(skb, sizeof(*iph));
	unsigned int len = put_payload(skb, flow, step, o);
	struct tcphdr *th = (void *)(iph + 1);

	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tot_len = htons(sizeof(*iph) + len),
		.frag_off = htons(IP_DF),
		.ttl = 60,
		.protocol = o->kind->udp ? IPPROTO_UDP : IPPROTO_TCP,
		.saddr = from,
		.daddr = to,
	};
	ip_send_check(iph);
	if (!o->kind->udp)
		th->check = tcp_v4_check(len, from, to, csum_partial(th, len, 0));
}

static void put_ip6(struct sk_buff *skb, struct flow *flow,
		    const struct step *step, const struct order *o)
{
	struct ipv6hdr *iph = skb_put_zero(skb, sizeof(*iph));
	unsigned int len = put_payload(skb, flow, step, o);
	struct in6_addr client = client6(flow), server = server6(o);
	struct tcphdr *th = (void *)(iph + 1);
	struct udphdr *uh = (void *)(iph + 1);

	iph->version = 6;
	iph->payload_len = htons(len);
	iph->nexthdr = o->kind->udp ? IPPROTO_UDP : IPPROTO_TCP;
	iph->hop_limit = 60;
	iph->saddr = step->server ? server : client;
	iph->daddr = step->server ? client : server;
	if (o->kind->udp)
		uh->check = csum_ipv6_magic(&iph->saddr, &iph->daddr, len,
					    IPPROTO_UDP, csum_partial(uh, len, 0));
	else
		th->check = tcp_v6_check(len, &iph->saddr, &iph->daddr,
					 csum_partial(th, len, 0));
}

/* As a device hands it over that has checked the checksum. */
struct sk_buff *inject_packet(struct flow *flow, const struct step *step,
			      const struct order *o, u16 queue)
{
	struct net_device *in = o->devs[step->server];
	struct sk_buff *skb = netdev_alloc_skb_ip_align(in, ROOM_BYTES);
	struct ethhdr *eth;

	if (!skb)
		return NULL;
	eth = skb_put(skb, sizeof(*eth));
	ether_addr_copy(eth->h_dest, in->dev_addr);
	eth_broadcast_addr(eth->h_source);
	eth->h_source[0] = 2;
	eth->h_proto = htons(o->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (o->family == 4)
		put_ip4(skb, flow, step, o);
	else
		put_ip6(skb, flow, step, o);
	skb->protocol = eth_type_trans(skb, in);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_record_rx_queue(skb, queue);
	return skb;
}
