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
#include <net/tcp.h>

#include "cookie.h"
#include "net.h"
#include "packet.h"
#include "reply.h"
#include "route.h"

/* -- the IP header -- */

/* RFC 3168, and net.ipv4.tcp_reflect_tos. */
static u8 tos_of(const struct synward_net *sn, u8 own, u8 received)
{
	if (!READ_ONCE(sn->net->ipv4.sysctl_tcp_reflect_tos))
		return own;
	return (received & ~INET_ECN_MASK) | (own & INET_ECN_MASK);
}

static __be32 addr4(const struct in6_addr *addr)
{
	return addr->s6_addr32[3];
}

static void push_head4(struct sk_buff *skb, const struct synward_pkt *pkt,
		       const struct sock *sk, u8 tos)
{
	__be32 from = addr4(synward_packet_daddr(pkt));
	__be32 to = addr4(synward_packet_saddr(pkt));
	int ttl = READ_ONCE(inet_sk(sk)->uc_ttl);
	struct iphdr *iph;

	tcp_hdr(skb)->check = ~tcp_v4_check(skb->len, from, to, 0);
	iph = skb_push(skb, sizeof(*iph));
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = tos,
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = ttl < 0 ? ip4_dst_hoplimit(skb_dst(skb)) : ttl,
		.protocol = IPPROTO_TCP,
		.saddr = from,
		.daddr = to,
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

#if IS_ENABLED(CONFIG_IPV6)
/* RFC 6437: hard to guess, but for the client, who knows the cookie anyway. */
static __be32 flow_label(const struct net *net, u32 isn)
{
	if (!READ_ONCE(net->ipv6.sysctl.auto_flowlabels))
		return 0;
	return htonl(isn) & IPV6_FLOWLABEL_MASK;
}

/* An IPv6 SYN has no listener but an IPv6 one. */
static void push_head6(struct sk_buff *skb, const struct synward_pkt *pkt,
		       const struct sock *sk, u32 isn, u8 tclass)
{
	const struct in6_addr *from = synward_packet_daddr(pkt);
	const struct in6_addr *to = synward_packet_saddr(pkt);
	int hops = inet6_sk(sk)->hop_limit;
	unsigned int len = skb->len;
	struct ipv6hdr *iph;

	tcp_hdr(skb)->check = ~tcp_v6_check(len, from, to, 0);
	iph = skb_push(skb, sizeof(*iph));
	ip6_flow_hdr(iph, tclass, flow_label(sock_net(sk), isn));
	iph->payload_len = htons(len);
	iph->nexthdr = IPPROTO_TCP;
	iph->hop_limit = hops < 0 ? ip6_dst_hoplimit(skb_dst(skb)) : hops;
	iph->saddr = *from;
	iph->daddr = *to;
	skb->protocol = htons(ETH_P_IPV6);
}
#else
static void push_head6(struct sk_buff *skb, const struct synward_pkt *pkt,
		       const struct sock *sk, u32 isn, u8 tclass)
{
}
#endif

static u8 own_tos(const struct synward_pkt *pkt, const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (pkt->key.family == NFPROTO_IPV6)
		return READ_ONCE(inet6_sk(sk)->tclass);
#endif
	return READ_ONCE(inet_sk(sk)->tos);
}

static u8 received_tos(const struct synward_pkt *pkt)
{
	return pkt->key.family == NFPROTO_IPV4 ? ip_hdr(pkt->skb)->tos :
						 ipv6_get_dsfield(ipv6_hdr(pkt->skb));
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

/* -- the packet -- */

static struct sk_buff *make(unsigned int tcp_len)
{
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER - tcp_len);
	skb_put(skb, tcp_len);
	return skb;
}

/* Is the received SYN nobody else's, and has it room for the answer? */
static bool reusable(const struct sk_buff *skb, unsigned int thoff,
		     unsigned int tcp_len)
{
	return !skb_shared(skb) && !skb_cloned(skb) && !skb_is_nonlinear(skb) &&
	       !skb_is_gso(skb) && !skb->encapsulation &&
	       skb->len - thoff + skb_tailroom(skb) >= tcp_len;
}

/* The received SYN, with nothing left of it but its memory. */
static struct sk_buff *empty(struct sk_buff *skb, unsigned int thoff,
			     unsigned int tcp_len)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb_reset_redirect(skb);
	skb_clear_hash(skb);
	__vlan_hwaccel_clear_tag(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	__skb_pull(skb, thoff);
	__skb_trim(skb, 0);
	skb_put(skb, tcp_len);
	return skb;
}

/* From the TCP header's place outwards; @skb holds nothing but room for it. */
static void fill(struct sk_buff *skb, const struct synward_pkt *pkt,
		 const struct sock *sk, const struct synward_cookie *cookie,
		 struct dst_entry *dst, u8 tos)
{
	skb_reset_transport_header(skb);
	write_header(tcp_hdr(skb), pkt, cookie);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb_dst_set(skb, dst);
	skb->dev = dst->dev;
	if (pkt->key.family == NFPROTO_IPV4)
		push_head4(skb, pkt, sk, tos);
	else
		push_head6(skb, pkt, sk, cookie->isn, tos);
	skb_reset_network_header(skb);
}

/*
 * Past LOCAL_OUT and POST_ROUTING: to conntrack it would answer nothing, and
 * strict rules would drop it. The replay shows it to them when it is proven.
 */
static void send(struct sk_buff *skb, const struct synward_pkt *pkt,
		 struct net *net, struct sock *sk)
{
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	__NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESSENT);
	TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
	if (synward_route_direct(skb)) {
		synward_route_send(skb, net);
		return;
	}
	if (pkt->key.family == NFPROTO_IPV4)
		IPCB(skb)->flags |= IPSKB_REROUTED;
	else
		IP6CB(skb)->flags |= IP6SKB_REROUTED;
	dst_output(net, sk, skb);
}

static bool fail(struct synward_net *sn, enum synward_stat why)
{
	synward_stats_inc(sn->stats, why);
	return false;
}

bool synward_reply_cookie(const struct synward_pkt *pkt,
			  const struct synward_options *opt,
			  struct synward_net *sn, struct sock *sk)
{
	struct sk_buff *syn = pkt->skb, *skb;
	struct synward_cookie cookie;
	struct dst_entry *dst;
	unsigned int len;
	u32 mark;
	u8 tos;

	if (!pskb_may_pull(syn, pkt->thoff + pkt->hdrlen))
		return fail(sn, SYNWARD_STAT_COOKIE_NO_MEMORY);
	skb_set_transport_header(syn, pkt->thoff);
	dst = synward_route(pkt, sn, sk);
	if (!dst)
		return fail(sn, SYNWARD_STAT_COOKIE_NO_ROUTE);
	synward_cookie_make(&cookie, pkt, opt, sk, dst);
	mark = inet_request_mark(sk, syn);
	tos = tos_of(sn, own_tos(pkt, sk), received_tos(pkt));
	len = header_len(&cookie);
	skb = reusable(syn, pkt->thoff, len) ? empty(syn, pkt->thoff, len) :
					       make(len);
	if (!skb) {
		dst_release(dst);
		return fail(sn, SYNWARD_STAT_COOKIE_NO_MEMORY);
	}
	fill(skb, pkt, sk, &cookie, dst, tos);
	skb->mark = mark;
	if (skb != syn)
		consume_skb(syn);
	send(skb, pkt, sn->net, sk);
	return true;
}

struct sk_buff *synward_reply_draft(const struct synward_pkt *pkt,
				    struct synward_net *sn, struct sock *sk,
				    u32 isn)
{
	struct dst_entry *dst = synward_route(pkt, sn, sk);
	struct synward_options opt;
	struct synward_cookie cookie;
	struct sk_buff *skb;

	if (!dst)
		return NULL;
	synward_packet_options(&opt, pkt);
	synward_cookie_make(&cookie, pkt, &opt, sk, dst);
	cookie.isn = isn;
	skb = make(header_len(&cookie));
	if (!skb) {
		dst_release(dst);
		return NULL;
	}
	fill(skb, pkt, sk, &cookie, dst, own_tos(pkt, sk));
	skb->mark = inet_request_mark(sk, pkt->skb);
	return skb;
}
