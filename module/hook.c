// SPDX-License-Identifier: GPL-2.0
/*
 * The netfilter hooks: the table of contents of a packet's life.
 *
 * Guard, PRE_ROUTING: may answer or drop, for listeners under attack. What NAT
 * may know better, and fragments, wait until LOCAL_IN.
 * Track, LOCAL_IN, LOCAL_OUT, FORWARD: looks at each packet once. Tracking never
 * drops; only the guard does, where it has had to wait.
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>

#include "guard.h"
#include "hook.h"
#include "neighbours.h"
#include "net.h"
#include "packet.h"
#include "replay.h"
#include "track.h"

/* The one place where a verdict becomes netfilter's. */
static unsigned int to_netfilter(enum synward_verdict verdict)
{
	switch (verdict) {
	case SYNWARD_DROP:
		return NF_DROP;
	case SYNWARD_ANSWERED:
		return NF_STOLEN;
	case SYNWARD_PASS:
		break;
	}
	return NF_ACCEPT;
}

/*
 * The SYN of a proven cookie that is shown to others is not for us. And what
 * comes in by a device of a VRF passes once more, as the VRF's own: sockets are
 * looked up there.
 */
static bool guarded(const struct nf_hook_state *state)
{
	return !synward_replay_is(state) && !(state->in->flags & IFF_LOOPBACK) &&
	       !netif_is_l3_slave(state->in);
}

/*
 * Is there anything to guard in this packet? While one listener is attacked the
 * others' packets leave here.
 */
static bool concerned(const struct sk_buff *skb, const struct nf_hook_state *state,
		      struct synward_net *sn)
{
	struct synward_peek peek;

	if (READ_ONCE(sn->mode) == SYNWARD_MODE_ALWAYS ||
	    !synward_packet_peek(&peek, skb, state))
		return true;
	return READ_ONCE(*synward_net_armed_port(sn, peek.dport)) ||
	       (peek.syn && synward_limit_on(sn));
}

static noinline unsigned int guard_tcp(struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       struct synward_net *sn)
{
	struct synward_pkt pkt;

	if (!concerned(skb, state, sn) || unlikely(!sn->id) || !guarded(state))
		return NF_ACCEPT;
	switch (synward_packet_parse(&pkt, sn, skb, state)) {
	case SYNWARD_PACKET_TCP:
		/* A SYN is answered without a look into the tables. */
		if (!synward_packet_is_syn(&pkt))
			synward_packet_hash(&pkt);
		return to_netfilter(synward_guard(&pkt, sn));
	case SYNWARD_PACKET_INVALID:
		if (state->pf == NFPROTO_IPV6 &&
		    synward_packet_first_fragment(&pkt, sn, skb)) {
			synward_packet_hash(&pkt);
			return to_netfilter(synward_guard_fragments(&pkt, sn));
		}
		break;
	case SYNWARD_PACKET_OTHER:
		break;
	}
	return NF_ACCEPT;
}

/*
 * NFQUEUE gives packets back in a process's context; what counts by CPU wants
 * none.
 */
static noinline unsigned int guard_queued(struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  struct synward_net *sn)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = guard_tcp(skb, state, sn);
	local_bh_enable();
	return verdict;
}

/* No local variable has its address taken here: what is not ours leaves quickly. */
static unsigned int guard_packet(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct synward_net *sn = synward_net_hooked(state->net);

	if (likely(!synward_guard_armed(sn)) ||
	    !synward_packet_may_be_tcp(skb, state->pf))
		return NF_ACCEPT;
	return likely(in_softirq()) ? guard_tcp(skb, state, sn) :
				      guard_queued(skb, state, sn);
}

/*
 * The guard's second place, LOCAL_IN: what NAT lies before, and what came in
 * fragments that only the host itself puts together.
 */
static enum synward_verdict guard_delivery(const struct synward_pkt *pkt,
					   const struct nf_hook_state *state,
					   struct synward_net *sn)
{
	if (!guarded(state))
		return SYNWARD_PASS;
	if (state->pf == NFPROTO_IPV4 && IPCB(pkt->skb)->frag_max_size)
		return synward_guard_fragments(pkt, sn);
	return synward_neighbours_nat(state->net, state->pf) ?
	       synward_guard_behind_nat(pkt, sn) : SYNWARD_PASS;
}

/*
 * Does the packet pass another hook where it is counted? What this host sends
 * to itself was at LOCAL_OUT; what leaves a VRF comes to LOCAL_OUT once more,
 * with the real device. A replayed handshake is tracked by its ACK.
 */
static bool counted_elsewhere(const struct nf_hook_state *state)
{
	if (synward_replay_is(state))
		return true;
	if (state->hook == NF_INET_LOCAL_IN)
		return state->in->flags & IFF_LOOPBACK;
	return state->hook == NF_INET_LOCAL_OUT && netif_is_l3_master(state->out);
}

static noinline unsigned int track_tcp(struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	struct synward_net *sn = synward_net_hooked(state->net);
	enum synward_verdict verdict = SYNWARD_PASS;
	struct synward_pkt pkt;

	if (unlikely(!sn->id) || counted_elsewhere(state))
		return NF_ACCEPT;
	switch (synward_packet_parse(&pkt, sn, skb, state)) {
	case SYNWARD_PACKET_TCP:
		synward_packet_hash(&pkt);
		if (state->hook == NF_INET_LOCAL_IN &&
		    unlikely(synward_guard_cookies(sn)))
			verdict = guard_delivery(&pkt, state, sn);
		if (verdict == SYNWARD_PASS)
			synward_track(&pkt, sn, state);
		break;
	case SYNWARD_PACKET_INVALID:
		/* Not what this host answers to such a segment. */
		if (state->hook != NF_INET_LOCAL_OUT)
			synward_stats_invalid(sn->stats, pkt.reason);
		break;
	case SYNWARD_PACKET_OTHER:
		break;
	}
	return to_netfilter(verdict);
}

/* See guard_queued(). */
static noinline unsigned int track_queued(struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = track_tcp(skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int track_packet(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	if (!synward_packet_may_be_tcp(skb, state->pf))
		return NF_ACCEPT;
	/* What processes send is counted under a bucket's lock, which does the same. */
	return likely(in_softirq() || state->hook == NF_INET_LOCAL_OUT) ?
	       track_tcp(skb, state) : track_queued(skb, state);
}

/*
 * What the guard drops before conntrack confirms leaves it no entry. That is at
 * INT_MAX in IPv4, one before in IPv6.
 */
#define PRI_BEFORE_CONFIRM	(NF_IP6_PRI_LAST - 2)

/*
 * Guard: right before conntrack, so that everything in the raw tables is
 * honoured. Track: LOCAL_IN and FORWARD last, for what the firewall dropped
 * was never delivered; LOCAL_OUT first, for that is the socket's own view.
 */
static const struct nf_hook_ops hooks[] = {
	{ .hook = guard_packet, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP_PRI_CONNTRACK - 1 },
	{ .hook = track_packet, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN,
	  .priority = PRI_BEFORE_CONFIRM },
	{ .hook = track_packet, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_OUT,
	  .priority = NF_IP_PRI_FIRST },
	{ .hook = track_packet, .pf = NFPROTO_IPV4, .hooknum = NF_INET_FORWARD,
	  .priority = NF_IP_PRI_LAST },
#if IS_ENABLED(CONFIG_IPV6)
	{ .hook = guard_packet, .pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP6_PRI_CONNTRACK - 1 },
	{ .hook = track_packet, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_IN,
	  .priority = PRI_BEFORE_CONFIRM },
	{ .hook = track_packet, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_OUT,
	  .priority = NF_IP6_PRI_FIRST },
	{ .hook = track_packet, .pf = NFPROTO_IPV6, .hooknum = NF_INET_FORWARD,
	  .priority = NF_IP6_PRI_LAST },
#endif
};

bool synward_hook_is_ours(const struct nf_hook_entry *entry)
{
	return entry->hook == guard_packet || entry->hook == track_packet;
}

int synward_hook_register(struct net *net)
{
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

void synward_hook_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}
