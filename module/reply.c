// SPDX-License-Identifier: GPL-2.0
/* The SYN-ACK that goes out instead of the listener's. See reply.h. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/tcp.h>

#include "cookie.h"
#include "net.h"
#include "packet.h"
#include "reply.h"

/* The way back to the client, as the listener itself would look it up. */
static struct dst_entry *route4(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk)
{
	const struct iphdr *iph = ip_hdr(pkt->skb);
	struct flowi4 fl4;
	struct rtable *rt;

	flowi4_init_output(&fl4, inet_request_bound_dev_if(sk, pkt->skb),
			   inet_request_mark(sk, pkt->skb),
			   READ_ONCE(inet_sk(sk)->tos) & IPTOS_TOS_MASK &
			   ~INET_ECN_MASK,
			   RT_SCOPE_UNIVERSE, IPPROTO_TCP,
			   inet_sk_flowi_flags(sk), iph->saddr, iph->daddr,
			   synward_packet_sport(pkt), synward_packet_dport(pkt),
			   sk->sk_uid);
	rt = ip_route_output_flow(sn->net, &fl4, sk);
	if (IS_ERR(rt))
		return NULL;
	/* The whole network's address as source: no host would answer alone. */
	if (rt->rt_type != RTN_UNICAST) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

/* RFC 3168, and net.ipv4.tcp_reflect_tos. */
static u8 tos_of(const struct synward_net *sn, u8 own, u8 received)
{
	if (!READ_ONCE(sn->net->ipv4.sysctl_tcp_reflect_tos))
		return own;
	return (received & ~INET_ECN_MASK) | (own & INET_ECN_MASK);
}

/* -- the TCP header -- */

static unsigned int header_len(const struct synward_cookie *cookie)
{
	return sizeof(struct tcphdr) + synward_options_size(&cookie->opt);
}

/* The cookie acknowledges the SYN alone: data on it is sent again, RFC 4987. */
static void write_header(struct tcphdr *th, const struct synward_pkt *pkt,
			 const struct synward_cookie *cookie)
{
	memset(th, 0, sizeof(*th));
	th->source = synward_packet_dport(pkt);
	th->dest = synward_packet_sport(pkt);
	th->seq = htonl(cookie->isn);
	th->ack_seq = htonl(pkt->seq + 1);
	th->doff = header_len(cookie) / 4;
	th->syn = 1;
	th->ack = 1;
	th->ece = cookie->ecn;
	th->window = htons(cookie->window);
	synward_options_write((u8 *)(th + 1), &cookie->opt);
}

static struct sk_buff *build(const struct synward_pkt *pkt, const struct sock *sk,
			     const struct synward_cookie *cookie)
{
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER);
	skb_push(skb, header_len(cookie));
	skb_reset_transport_header(skb);
	write_header(tcp_hdr(skb), pkt, cookie);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->mark = inet_request_mark(sk, pkt->skb);
	return skb;
}

/* -- the families -- */

static void send4(struct sk_buff *skb, const struct synward_pkt *pkt,
		  const struct synward_net *sn, const struct sock *sk)
{
	const struct iphdr *iph = ip_hdr(pkt->skb);
	u8 tos = tos_of(sn, READ_ONCE(inet_sk(sk)->tos), iph->tos);

	tcp_hdr(skb)->check = ~tcp_v4_check(skb->len, iph->daddr, iph->saddr, 0);
	ip_build_and_send_pkt(skb, sk, iph->daddr, iph->saddr, NULL, tos);
}

#if IS_ENABLED(CONFIG_IPV6)
/* Link-local addresses have a meaning only on the device they came by. */
static void flow6(struct flowi6 *fl6, const struct synward_pkt *pkt,
		  const struct sock *sk)
{
	const struct ipv6hdr *iph = ipv6_hdr(pkt->skb);

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_TCP;
	fl6->saddr = iph->daddr;
	fl6->daddr = iph->saddr;
	fl6->flowi6_oif = inet_request_bound_dev_if(sk, pkt->skb);
	if (!fl6->flowi6_oif &&
	    ipv6_addr_type(&iph->saddr) & IPV6_ADDR_LINKLOCAL)
		fl6->flowi6_oif = inet6_iif(pkt->skb);
	fl6->flowi6_mark = inet_request_mark(sk, pkt->skb);
	fl6->fl6_sport = synward_packet_dport(pkt);
	fl6->fl6_dport = synward_packet_sport(pkt);
	fl6->flowi6_uid = sk->sk_uid;
}

static struct dst_entry *route6(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk)
{
	struct dst_entry *dst;
	struct flowi6 fl6;

	flow6(&fl6, pkt, sk);
	dst = ip6_dst_lookup_flow(sn->net, sk, &fl6, NULL);
	return IS_ERR(dst) ? NULL : dst;
}

/* An IPv6 listener's traffic class; an IPv6 SYN has no other listener. */
static void send6(struct sk_buff *skb, const struct synward_pkt *pkt,
		  const struct synward_net *sn, const struct sock *sk)
{
	const struct ipv6hdr *iph = ipv6_hdr(pkt->skb);
	u8 tclass = tos_of(sn, inet6_sk(sk)->tclass, ipv6_get_dsfield(iph));
	struct flowi6 fl6;

	flow6(&fl6, pkt, sk);
	tcp_hdr(skb)->check = ~tcp_v6_check(skb->len, &iph->daddr, &iph->saddr, 0);
	ip6_xmit(sk, skb, &fl6, skb->mark, NULL, tclass,
		 READ_ONCE(sk->sk_priority));
}
#else
static struct dst_entry *route6(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk)
{
	return NULL;
}

static void send6(struct sk_buff *skb, const struct synward_pkt *pkt,
		  const struct synward_net *sn, const struct sock *sk)
{
	kfree_skb(skb);
}
#endif

static struct dst_entry *route(const struct synward_pkt *pkt,
			       const struct synward_net *sn, const struct sock *sk)
{
	return pkt->key.family == NFPROTO_IPV4 ? route4(pkt, sn, sk) :
						 route6(pkt, sn, sk);
}

static bool fail(struct synward_net *sn, enum synward_stat why)
{
	synward_stats_inc(sn->stats, why);
	return false;
}

bool synward_reply_cookie(const struct synward_pkt *pkt, struct synward_net *sn,
			  struct sock *sk)
{
	struct synward_cookie cookie;
	struct dst_entry *dst;
	struct sk_buff *skb;

	if (!pskb_may_pull(pkt->skb, pkt->thoff + pkt->hdrlen))
		return fail(sn, SYNWARD_STAT_COOKIE_NO_MEMORY);
	skb_set_transport_header(pkt->skb, pkt->thoff);
	dst = route(pkt, sn, sk);
	if (!dst)
		return fail(sn, SYNWARD_STAT_COOKIE_NO_ROUTE);
	synward_cookie_make(&cookie, pkt, sk, dst);
	skb = build(pkt, sk, &cookie);
	if (!skb) {
		dst_release(dst);
		return fail(sn, SYNWARD_STAT_COOKIE_NO_MEMORY);
	}
	skb_dst_set(skb, dst);
	/* No connection exists yet: strict conntrack rules must not judge it. */
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	__NET_INC_STATS(sn->net, LINUX_MIB_SYNCOOKIESSENT);
	TCP_INC_STATS(sn->net, TCP_MIB_OUTSEGS);
	if (pkt->key.family == NFPROTO_IPV4)
		send4(skb, pkt, sn, sk);
	else
		send6(skb, pkt, sn, sk);
	consume_skb(pkt->skb);
	return true;
}

/* -- the draft -- */

static void head4(struct sk_buff *skb, const struct synward_pkt *pkt,
		  const struct sock *sk)
{
	const struct iphdr *syn = ip_hdr(pkt->skb);
	struct iphdr *iph;

	tcp_hdr(skb)->check = ~tcp_v4_check(skb->len, syn->daddr, syn->saddr, 0);
	iph = skb_push(skb, sizeof(*iph));
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = READ_ONCE(inet_sk(sk)->tos),
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = ip4_dst_hoplimit(skb_dst(skb)),
		.protocol = IPPROTO_TCP,
		.saddr = syn->daddr,
		.daddr = syn->saddr,
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void head6(struct sk_buff *skb, const struct synward_pkt *pkt)
{
	const struct ipv6hdr *syn = ipv6_hdr(pkt->skb);
	unsigned int len = skb->len;
	struct ipv6hdr *iph;

	tcp_hdr(skb)->check = ~tcp_v6_check(len, &syn->daddr, &syn->saddr, 0);
	iph = skb_push(skb, sizeof(*iph));
	*iph = (struct ipv6hdr) {
		.version = 6,
		.payload_len = htons(len),
		.nexthdr = IPPROTO_TCP,
		.hop_limit = ip6_dst_hoplimit(skb_dst(skb)),
		.saddr = syn->daddr,
		.daddr = syn->saddr,
	};
	skb->protocol = htons(ETH_P_IPV6);
}

struct sk_buff *synward_reply_draft(const struct synward_pkt *pkt,
				    struct synward_net *sn, struct sock *sk,
				    u32 isn)
{
	struct dst_entry *dst = route(pkt, sn, sk);
	struct synward_cookie cookie;
	struct sk_buff *skb;

	if (!dst)
		return NULL;
	synward_cookie_make(&cookie, pkt, sk, dst);
	cookie.isn = isn;
	skb = build(pkt, sk, &cookie);
	if (!skb) {
		dst_release(dst);
		return NULL;
	}
	skb_dst_set(skb, dst);
	skb->dev = dst->dev;
	if (pkt->key.family == NFPROTO_IPV4)
		head4(skb, pkt, sk);
	else
		head6(skb, pkt);
	skb_reset_network_header(skb);
	return skb;
}
