// SPDX-License-Identifier: GPL-2.0
/* The way back to a client, and out. See route.h. */
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/arp.h>
#include <net/dst_metadata.h>
#include <net/inet_ecn.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/lwtunnel.h>
#include <net/ndisc.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "compat/compat.h"
#include "net.h"
#include "packet.h"
#include "route.h"
#include "socket.h"

/* Strict rp_filter (RFC 3704): such a SYN is the kernel's to drop. */
static bool source_valid(const struct sk_buff *skb, const struct rtable *rt)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);

	if (rt->dst.dev == skb->dev || netif_is_l3_master(skb->dev))
		return true;
	return in_dev && IN_DEV_RPFILTER(in_dev) != 1;
}

/*
 * What ip_route_output_flow() finds, without its detours: the route that a next
 * hop keeps at hand. NULL where more than the destination decides (a device,
 * several next hops, an exception for one destination) or nothing is kept yet.
 */
static struct rtable *kept4(struct net *net, struct flowi4 *fl4)
{
	struct fib_result res = {};
	struct fib_nh_common *nhc;
	struct rtable *rt;

	if (fl4->flowi4_oif || fib_lookup(net, fl4, &res, 0) ||
	    res.type != RTN_UNICAST || res.fi->nh || fib_info_num_path(res.fi) != 1 ||
	    (!res.prefixlen && res.table->tb_num_default > 1))
		return NULL;
	nhc = res.nhc;
	if (rcu_access_pointer(nhc->nhc_exceptions) || !nhc->nhc_pcpu_rth_output)
		return NULL;
	rt = rcu_dereference(*raw_cpu_ptr(nhc->nhc_pcpu_rth_output));
	if (!rt || rt->dst.obsolete != DST_OBSOLETE_FORCE_CHK ||
	    rt->rt_genid != rt_genid_ipv4(net) || !dst_hold_safe(&rt->dst))
		return NULL;
	return rt;
}

static struct rtable *find4(struct net *net, struct flowi4 *fl4,
			    const struct sock *sk)
{
	struct rtable *rt = kept4(net, fl4);

	if (!rt)
		return ip_route_output_flow(net, fl4, sk);
	fl4->flowi4_oif = rt->dst.dev->ifindex;
	return (struct rtable *)xfrm_lookup_route(net, &rt->dst,
						  flowi4_to_flowi(fl4), sk, 0);
}

/* As the listener itself would look it up. */
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
	rt = find4(sn->net, &fl4, sk);
	if (IS_ERR(rt))
		return NULL;
	/* The whole network's address as source: no host would answer alone. */
	if (rt->rt_type != RTN_UNICAST || !source_valid(pkt->skb, rt)) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
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
		fl6->flowi6_oif = synward_socket_iif6(pkt->skb);
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
	dst = ip6_route_output(sn->net, sk, &fl6);
	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	dst = xfrm_lookup_route(sn->net, dst, flowi6_to_flowi(&fl6), sk, 0);
	return IS_ERR(dst) ? NULL : dst;
}
#else
static struct dst_entry *route6(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk)
{
	return NULL;
}
#endif

struct dst_entry *synward_route(const struct synward_pkt *pkt,
				const struct synward_net *sn,
				const struct sock *sk)
{
	return pkt->key.family == NFPROTO_IPV4 ? route4(pkt, sn, sk) :
						 route6(pkt, sn, sk);
}

/* -- out -- */

/* The largest SYN-ACK that a cookie makes, and what any device takes. */
#define SMALL	128U

bool synward_route_direct(const struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	if (dst->lwtstate || dst_xfrm(dst) || skb->len > SMALL ||
	    READ_ONCE(dst->dev->mtu) < SMALL ||
	    skb_headroom(skb) < LL_RESERVED_SPACE(dst->dev))
		return false;
#if IS_ENABLED(CONFIG_IPV6)
	if (skb->protocol == htons(ETH_P_IPV6))
		return synward_compat_output_is_plain6(dst) && ip6_dst_idev(dst) &&
		       !READ_ONCE(ip6_dst_idev(dst)->cnf.disable_ipv6);
#endif
	return synward_compat_output_is_plain4(dst);
}

static void send4(struct sk_buff *skb, struct net *net)
{
	struct neighbour *neigh;
	bool cross = false;

	IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	neigh = ip_neigh_for_gw(skb_rtable(skb), skb, &cross);
	if (IS_ERR(neigh))
		kfree_skb(skb);
	else
		neigh_output(neigh, skb, cross);
}

#if IS_ENABLED(CONFIG_IPV6)
static void send6(struct sk_buff *skb, struct net *net)
{
	struct dst_entry *dst = skb_dst(skb);
	const struct in6_addr *next;
	struct neighbour *neigh;

	next = rt6_nexthop((struct rt6_info *)dst, &ipv6_hdr(skb)->daddr);
	neigh = ip_neigh_gw6(dst->dev, next);
	if (IS_ERR(neigh)) {
		IP6_INC_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUTNOROUTES);
		kfree_skb(skb);
		return;
	}
	IP6_UPD_PO_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUT, skb->len);
	neigh_output(neigh, skb, false);
}
#else
static void send6(struct sk_buff *skb, struct net *net)
{
	kfree_skb(skb);
}
#endif

void synward_route_send(struct sk_buff *skb, struct net *net)
{
	if (skb->protocol == htons(ETH_P_IP))
		send4(skb, net);
	else
		send6(skb, net);
}
