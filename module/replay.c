// SPDX-License-Identifier: GPL-2.0
/* Handshake replay. See replay.h. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/tcp.h>

#include "compat/compat.h"
#include "cookie.h"
#include "listener.h"
#include "neighbours.h"
#include "net.h"
#include "packet.h"
#include "replay.h"
#include "reply.h"

/* -- the hooks -- */

static bool anybody(const struct net *net, u8 pf)
{
	return synward_neighbours_any(net, pf, NF_INET_PRE_ROUTING) ||
	       synward_neighbours_any(net, pf, NF_INET_LOCAL_IN) ||
	       synward_neighbours_any(net, pf, NF_INET_LOCAL_OUT) ||
	       synward_neighbours_any(net, pf, NF_INET_POST_ROUTING);
}

/* Unless the verdict is ACCEPTED, @skb is gone. */
static enum synward_replay show(struct sk_buff *skb, struct net *net, u8 pf,
				unsigned int hook, struct sock *sk)
{
	const struct nf_hook_entries *e = synward_neighbours_at(net, pf, hook);
	bool in = hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN;
	struct nf_hook_state state;
	unsigned int first = 0;
	int ret;

	if (!e)
		return SYNWARD_REPLAY_ACCEPTED;
	if (hook == NF_INET_PRE_ROUTING)
		first = synward_neighbours_behind_guard(e);
	nf_hook_state_init(&state, hook, pf, in ? skb->dev : NULL,
			   in ? NULL : skb_dst(skb)->dev, sk, net,
			   SYNWARD_REPLAY_OKFN);
	ret = nf_hook_slow(skb, &state, e, first);
	if (ret == 1)
		return SYNWARD_REPLAY_ACCEPTED;
	return ret ? SYNWARD_REPLAY_REFUSED : SYNWARD_REPLAY_KEPT;
}

/* -- the SYN -- */

/* The received packet with another TCP header and nothing behind it. */
static struct sk_buff *copy_head(const struct synward_pkt *pkt,
				 unsigned int tcp_len)
{
	int headroom = skb_headroom(pkt->skb);
	struct sk_buff *skb;

	skb = alloc_skb(headroom + pkt->thoff + tcp_len, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_put(skb, pkt->thoff + tcp_len);
	if (skb_copy_bits(pkt->skb, -headroom, skb->head,
			  headroom + pkt->thoff)) {
		kfree_skb(skb);
		return NULL;
	}
	skb_copy_header(skb, pkt->skb);
	skb_gso_reset(skb);
	skb_set_transport_header(skb, pkt->thoff);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = 0;
	return skb;
}

static void finish4(struct sk_buff *skb, unsigned int tcp_len)
{
	struct iphdr *iph = ip_hdr(skb);
	struct tcphdr *th = tcp_hdr(skb);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	th->check = tcp_v4_check(tcp_len, iph->saddr, iph->daddr,
				 csum_partial(th, tcp_len, 0));
}

static void finish6(struct sk_buff *skb, unsigned int tcp_len)
{
	struct ipv6hdr *iph = ipv6_hdr(skb);
	struct tcphdr *th = tcp_hdr(skb);

	iph->payload_len = htons(skb->len - sizeof(*iph));
	th->check = tcp_v6_check(tcp_len, &iph->saddr, &iph->daddr,
				 csum_partial(th, tcp_len, 0));
}

/* The SYN that @ack tells of. Return: whether there is memory for it. */
static bool remake_syn(struct synward_pkt *syn, const struct synward_pkt *ack,
		       const struct net *net, u16 mss)
{
	struct synward_options opt;
	unsigned int tcp_len;
	struct tcphdr *th;
	bool ecn;

	ecn = synward_cookie_offer(&opt, ack, net, mss);
	tcp_len = sizeof(*th) + synward_options_size(&opt);
	*syn = *ack;
	syn->skb = copy_head(ack, tcp_len);
	if (!syn->skb)
		return false;
	syn->seq = ack->seq - 1;
	syn->ack = 0;
	syn->len = 0;
	syn->hdrlen = tcp_len;
	syn->flags = SYNWARD_TCP_SYN;

	th = tcp_hdr(syn->skb);
	memset(th, 0, sizeof(*th));
	th->source = synward_packet_sport(syn);
	th->dest = synward_packet_dport(syn);
	th->seq = htonl(syn->seq);
	th->doff = tcp_len / 4;
	th->syn = 1;
	th->ece = ecn;
	th->cwr = ecn;
	th->window = htons(syn->window);
	synward_options_write((u8 *)(th + 1), &opt);
	if (syn->key.family == NFPROTO_IPV4)
		finish4(syn->skb, tcp_len);
	else
		finish6(syn->skb, tcp_len);
	return true;
}

/* Are the addresses, the server's port and @sport those of @pkt? */
static bool same_tuple(const struct sk_buff *skb, const struct synward_pkt *pkt,
		       __be16 sport)
{
	struct synward_key key __aligned(8) = {
		.netid = pkt->key.netid,
		.family = pkt->key.family,
	};
	const struct tcphdr *th = (const void *)(skb->data + pkt->thoff);
	bool from_hi;

	if (pkt->key.family == NFPROTO_IPV4)
		from_hi = synward_key_set4(&key, ip_hdr(skb)->saddr,
					   ip_hdr(skb)->daddr,
					   sport, th->dest);
	else
		from_hi = synward_key_set6(&key, &ipv6_hdr(skb)->saddr,
					   &ipv6_hdr(skb)->daddr,
					   sport, th->dest);
	return from_hi == pkt->from_hi && synward_key_equal(&key, &pkt->key);
}

/*
 * Is it still for the same connection? NAT may have led it elsewhere. Or it has
 * changed the client's port and no more, for another connection has that one
 * behind NAT: it goes nowhere else, but an ACK would not be given that port.
 */
static enum synward_replay whither(struct sk_buff *skb,
				   const struct synward_pkt *pkt)
{
	const struct tcphdr *th;

	if (!pskb_may_pull(skb, pkt->thoff + sizeof(*th)))
		return SYNWARD_REPLAY_NO_MEMORY;
	th = (const void *)(skb->data + pkt->thoff);
	if (same_tuple(skb, pkt, th->source))
		return SYNWARD_REPLAY_ACCEPTED;
	return same_tuple(skb, pkt, synward_packet_sport(pkt)) ?
	       SYNWARD_REPLAY_REFUSED : SYNWARD_REPLAY_ELSEWHERE;
}

/* What lies between PRE_ROUTING and LOCAL_IN: a route to this host. */
static bool route_in4(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return !ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos,
				     skb->dev) &&
	       skb_rtable(skb)->rt_type == RTN_LOCAL;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool route_in6(struct sk_buff *skb, struct net *net)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.flowlabel = ip6_flowinfo(iph),
		.flowi6_mark = skb->mark,
		.flowi6_proto = iph->nexthdr,
	};
	struct dst_entry *dst;

	dst = ip6_route_input_lookup(net, skb->dev, &fl6, skb,
				     RT6_LOOKUP_F_HAS_SADDR);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return !dst->error;
}
#else
static bool route_in6(struct sk_buff *skb, struct net *net)
{
	return false;
}
#endif

static bool route_in(struct sk_buff *skb, const struct synward_pkt *pkt,
		     struct net *net)
{
	return pkt->key.family == NFPROTO_IPV4 ? route_in4(skb) :
						 route_in6(skb, net);
}

/* One of the two hooks; then it must still be for the same connection and socket. */
static enum synward_replay show_syn(const struct synward_pkt *syn,
				    const struct synward_net *sn,
				    const struct sock *sk, unsigned int hook)
{
	enum synward_replay verdict;

	verdict = show(syn->skb, sn->net, syn->key.family, hook, NULL);
	if (verdict != SYNWARD_REPLAY_ACCEPTED)
		return verdict;
	verdict = synward_listener_stolen(syn->skb, sn, sk) ?
		  SYNWARD_REPLAY_ELSEWHERE : whither(syn->skb, syn);
	if (verdict != SYNWARD_REPLAY_ACCEPTED)
		kfree_skb(syn->skb);
	return verdict;
}

static enum synward_replay replay_syn(const struct synward_pkt *syn,
				      const struct synward_net *sn,
				      const struct sock *sk)
{
	enum synward_replay verdict;

	verdict = show_syn(syn, sn, sk, NF_INET_PRE_ROUTING);
	if (verdict != SYNWARD_REPLAY_ACCEPTED)
		return verdict;
	if (route_in(syn->skb, syn, sn->net))
		return show_syn(syn, sn, sk, NF_INET_LOCAL_IN);
	kfree_skb(syn->skb);
	return SYNWARD_REPLAY_REFUSED;
}

/* -- the SYN-ACK -- */

static enum synward_replay replay_synack(struct sk_buff *skb,
					 const struct synward_pkt *syn,
					 struct net *net, struct sock *sk)
{
	enum synward_replay verdict;
	u8 pf = syn->key.family;

	verdict = show(skb, net, pf, NF_INET_LOCAL_OUT, sk);
	if (verdict != SYNWARD_REPLAY_ACCEPTED)
		return verdict;
	verdict = show(skb, net, pf, NF_INET_POST_ROUTING, sk);
	if (verdict == SYNWARD_REPLAY_ACCEPTED)
		consume_skb(skb);
	return verdict;
}

enum synward_replay synward_replay_handshake(const struct synward_pkt *pkt,
					     struct synward_net *sn,
					     struct sock *sk, u16 mss)
{
	enum synward_replay verdict;
	struct sk_buff *synack;
	struct synward_pkt syn;

	if (!anybody(sn->net, pkt->key.family))
		return SYNWARD_REPLAY_UNASKED;
	if (!remake_syn(&syn, pkt, sn->net, mss))
		return SYNWARD_REPLAY_NO_MEMORY;
	verdict = replay_syn(&syn, sn, sk);
	if (verdict != SYNWARD_REPLAY_ACCEPTED)
		return verdict;
	synack = synward_reply_draft(&syn, sn, sk, pkt->ack - 1);
	verdict = synack ? replay_synack(synack, &syn, sn->net, sk) :
			   SYNWARD_REPLAY_NO_MEMORY;
	consume_skb(syn.skb);
	return verdict;
}
