// SPDX-License-Identifier: GPL-2.0
/* The guard. See guard.h. */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "admitted.h"
#include "compat/compat.h"
#include "conntrack.h"
#include "cookie.h"
#include "engage.h"
#include "established.h"
#include "guard.h"
#include "halfopen.h"
#include "handshake.h"
#include "limit.h"
#include "listener.h"
#include "neighbours.h"
#include "packet.h"
#include "replay.h"
#include "reply.h"
#include "socket.h"
#include "trace.h"

/**
 * struct guarded - a segment and whom it is for
 * @pkt: the segment
 * @sn:  its namespace
 * @sk:  listening socket
 * @l:   what we know of that
 */
struct guarded {
	const struct synward_pkt *pkt;
	struct synward_net *sn;
	struct sock *sk;
	struct synward_listener *l;
};

/* What tells a SYN, an ACK and a SYN-ACK from each other. */
#define HANDSHAKE_FLAGS	(SYNWARD_TCP_SYN | SYNWARD_TCP_ACK | SYNWARD_TCP_RST)

/* Every decision ends here, under a name. */
static enum synward_verdict decide(const struct guarded *g, enum synward_stat why,
				   enum synward_verdict verdict)
{
	synward_stats_inc(g->sn->stats, why);
	trace_mitigation(&g->pkt->key, g->pkt->from_hi, why, verdict,
			 g->sn->net->ns.inum);
	return verdict;
}

static enum synward_verdict pass(const struct guarded *g, enum synward_stat why)
{
	return decide(g, why, SYNWARD_PASS);
}

static bool monitoring(const struct guarded *g)
{
	return READ_ONCE(g->sn->mode) == SYNWARD_MODE_MONITOR;
}

/* Drops an ACK for a reason, or in monitor mode counts that it would have. */
static enum synward_verdict drop_ack(const struct guarded *g,
				     enum synward_stat why)
{
	if (monitoring(g)) {
		synward_stats_inc(g->sn->stats, SYNWARD_STAT_WOULD_ACK_DROPPED);
		return pass(g, why);
	}
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_ACK_DROPPED);
	return decide(g, why, SYNWARD_DROP);
}

/* -- who may be answered at all -- */

static bool unicast4(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_multicast(addr) &&
	       !ipv4_is_lbcast(addr) && !ipv4_is_loopback(addr);
}

static bool from_outside4(const struct sk_buff *skb, struct net *net)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->saddr != iph->daddr && unicast4(iph->saddr) &&
	       __ip_dev_find(net, iph->daddr, false);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool from_outside6(const struct synward_pkt *pkt, struct net *net)
{
	const struct ipv6hdr *iph = ipv6_hdr(pkt->skb);

	if (ipv6_addr_equal(&iph->saddr, &iph->daddr) ||
	    ipv6_addr_v4mapped(&iph->saddr) || ipv6_addr_loopback(&iph->saddr))
		return false;
	/* Without a device no address of a VRF is found. */
	return ipv6_addr_type(&iph->saddr) & IPV6_ADDR_UNICAST &&
	       ipv6_chk_addr(net, &iph->daddr, pkt->skb->dev, 0);
}
#else
static bool from_outside6(const struct synward_pkt *pkt, struct net *net)
{
	return false;
}
#endif

/* From another host, to an address of ours, and nothing that only looks so. */
static bool from_outside(const struct synward_pkt *pkt,
			 const struct synward_net *sn)
{
	if (pkt->skb->pkt_type != PACKET_HOST)
		return false;
	return pkt->key.family == NFPROTO_IPV4 ? from_outside4(pkt->skb, sn->net) :
						 from_outside6(pkt, sn->net);
}

/* The kernel echoes some IP options; those SYNs are rare. */
static bool plain(const struct synward_pkt *pkt)
{
	return pkt->thoff == (pkt->key.family == NFPROTO_IPV4 ?
			      sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* Does @l want cookies now? */
static bool engaged(const struct synward_net *sn, const struct synward_listener *l)
{
	unsigned int mode = READ_ONCE(sn->mode);

	return mode == SYNWARD_MODE_ALWAYS ||
	       (mode != SYNWARD_MODE_TRACK && READ_ONCE(l->engaged));
}

/* Does @l still take cookies back? */
static bool takes_cookies(const struct synward_net *sn,
			  const struct synward_listener *l)
{
	return engaged(sn, l) || READ_ONCE(l->armed);
}

/* -- SYN -- */

/* Would a cookie answer, so that a SYN without proof costs next to nothing? */
static bool cookie_answers(const struct guarded *g)
{
	struct synward_options opt;

	if (!engaged(g->sn, g->l) || !plain(g->pkt) ||
	    !synward_listener_reached(g->l) ||
	    !synward_cookie_usable(g->pkt, g->sn, g->sk))
		return false;
	synward_packet_options(&opt, g->pkt);
	return synward_cookie_suits(&opt, g->sk);
}

/* Sources with IP options have a limit like all others, but no cookie. */
static bool over_limit(const struct guarded *g)
{
	return synward_limit_on(g->sn) &&
	       synward_limit_refuses(g->pkt, g->sn, cookie_answers(g));
}

static enum synward_verdict drop_limited(const struct guarded *g)
{
	if (monitoring(g))
		return pass(g, SYNWARD_STAT_WOULD_SYN_LIMITED);
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_SYN_RECEIVED);
	return decide(g, SYNWARD_STAT_SYN_LIMITED, SYNWARD_DROP);
}

/* The kernel would drop the SYN, whatever we say: so do we, before it costs. */
static enum synward_verdict drop_full(const struct guarded *g)
{
	if (monitoring(g))
		return pass(g, SYNWARD_STAT_WOULD_SYN_DROPPED);
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_SYN_RECEIVED);
	synward_listener_acceptq_full(g->l);
	__NET_INC_STATS(g->sn->net, LINUX_MIB_LISTENOVERFLOWS);
	tcp_listendrop(g->sk);
	return decide(g, SYNWARD_STAT_SYN_DROPPED_ACCEPTQ, SYNWARD_DROP);
}

static enum synward_verdict answer(const struct guarded *g,
				   const struct synward_options *opt)
{
	if (monitoring(g))
		return pass(g, SYNWARD_STAT_WOULD_COOKIE_SENT);
	if (!synward_reply_cookie(g->pkt, opt, g->sn, g->sk))
		return SYNWARD_PASS;
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_SYN_RECEIVED);
	synward_listener_cookie_sent(g->l);
	if (unlikely(!READ_ONCE(g->l->armed)))
		synward_engage_answered(g->l);
	return decide(g, SYNWARD_STAT_COOKIE_SENT, SYNWARD_ANSWERED);
}

static enum synward_verdict judge_syn(const struct guarded *g)
{
	struct synward_options opt;

	synward_stats_inc(g->sn->stats, SYNWARD_STAT_GUARD_SYN);
	if (synward_socket_connected(g->pkt, g->sn))
		return pass(g, SYNWARD_STAT_SYN_PASSED_CONNECTED);
	synward_packet_options(&opt, g->pkt);
	if (!synward_cookie_usable(g->pkt, g->sn, g->sk) ||
	    !synward_cookie_suits(&opt, g->sk))
		return pass(g, SYNWARD_STAT_COOKIE_PASSED);
	if (!synward_listener_reached(g->l))
		return pass(g, SYNWARD_STAT_SYN_PASSED_ELSEWHERE);
	if (sk_acceptq_is_full(g->sk))
		return drop_full(g);
	return answer(g, &opt);
}

static enum synward_verdict guard_syn(struct guarded *g)
{
	if (!from_outside(g->pkt, g->sn))
		return SYNWARD_PASS;
	g->sk = synward_socket_listening(g->pkt, g->sn);
	/*
	 * A program may have given it a port that is not its own: none of those
	 * ACKs would be looked at.
	 */
	if (!g->sk || htons(g->sk->sk_num) != synward_packet_dport(g->pkt))
		return SYNWARD_PASS;
	g->l = synward_listener_get(g->sn, g->sk);
	if (!g->l)
		return SYNWARD_PASS;
	if (over_limit(g))
		return drop_limited(g);
	return engaged(g->sn, g->l) && plain(g->pkt) &&
	       !synward_listener_stolen(g->pkt->skb, g->sn, g->sk) ?
	       judge_syn(g) : SYNWARD_PASS;
}

/* -- ACK -- */

static enum synward_verdict accept(const struct guarded *g, enum synward_stat why)
{
	synward_listener_cookie_valid(g->l);
	synward_handshake_cookie(g->pkt, g->sn, g->l->index);
	return pass(g, why);
}

/* The firewall has the last word on who may connect. */
static enum synward_verdict ask_firewall(const struct guarded *g, u16 mss)
{
	switch (synward_replay_handshake(g->pkt, g->sn, g->sk, mss)) {
	case SYNWARD_REPLAY_ACCEPTED:
		return accept(g, SYNWARD_STAT_REPLAY_ACCEPTED);
	case SYNWARD_REPLAY_UNASKED:
		return accept(g, SYNWARD_STAT_REPLAY_UNASKED);
	case SYNWARD_REPLAY_REFUSED:
		return drop_ack(g, SYNWARD_STAT_REPLAY_REFUSED);
	case SYNWARD_REPLAY_KEPT:
		synward_listener_away(g->l);
		return drop_ack(g, SYNWARD_STAT_REPLAY_KEPT);
	case SYNWARD_REPLAY_ELSEWHERE:
		/* It goes the same way, and its client hears a RST from there. */
		synward_listener_away(g->l);
		return pass(g, SYNWARD_STAT_REPLAY_ELSEWHERE);
	case SYNWARD_REPLAY_NO_MEMORY:
		break;
	}
	return drop_ack(g, SYNWARD_STAT_REPLAY_NO_MEMORY);
}

static enum synward_verdict accept_cookie(const struct guarded *g, u16 mss)
{
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_COOKIE_VALID);
	if (monitoring(g))
		return accept(g, SYNWARD_STAT_COOKIE_MONITORED);
	/* The kernel would drop it; had it room by then, nobody had been asked. */
	if (sk_acceptq_is_full(g->sk))
		return drop_ack(g, SYNWARD_STAT_ACK_DROPPED_ACCEPTQ);
	return ask_firewall(g, mss);
}

/*
 * No cookie of ours, no connection. While engaged it is part of the flood, and
 * the kernel would answer each with a RST. Afterwards it is the kernel's.
 */
static enum synward_verdict refuse_ack(const struct guarded *g)
{
	if (!engaged(g->sn, g->l))
		return pass(g, SYNWARD_STAT_COOKIE_INVALID);
	/* Its connection may have another name behind NAT, or another owner. */
	if (synward_neighbours_nat(g->sn->net, g->pkt->key.family) ||
	    synward_listener_is_away(g->l))
		return pass(g, SYNWARD_STAT_ACK_LEFT_TO_NAT);
	return drop_ack(g, SYNWARD_STAT_COOKIE_INVALID);
}

static enum synward_verdict judge_ack(const struct guarded *g,
				      const struct synward_flow *old)
{
	u16 mss = synward_cookie_check(g->pkt, g->sk);

	if (mss && synward_admitted_handshake(g->pkt))
		return SYNWARD_PASS;
	synward_stats_inc(g->sn->stats, SYNWARD_STAT_GUARD_ACK);
	/* The kernel tells the client that its connection is over. */
	if (!mss)
		return old ? pass(g, SYNWARD_STAT_COOKIE_INVALID) : refuse_ack(g);
	/*
	 * A late segment of a connection whose socket is gone must not open one: the
	 * first carry its cookie, and later ones may fit the cookie of another MSS by
	 * chance.
	 */
	return old && synward_admitted_belongs(old, g->pkt) ?
	       drop_ack(g, SYNWARD_STAT_COOKIE_REPLAYED) : accept_cookie(g, mss);
}

/*
 * The listener of a segment that is neither a SYN nor any socket's. Whatever
 * options the segment has: they are no way round the firewall.
 */
static bool find_listener(struct guarded *g)
{
	if (!from_outside(g->pkt, g->sn) || synward_socket_connected(g->pkt, g->sn))
		return false;
	g->sk = synward_socket_listening(g->pkt, g->sn);
	if (!g->sk || synward_listener_stolen(g->pkt->skb, g->sn, g->sk))
		return false;
	g->l = synward_listener_find(g->sn, g->sk);
	return g->l;
}

/* The same, of one whose cookies may come back. */
static bool find_asked(struct guarded *g)
{
	return find_listener(g) && takes_cookies(g->sn, g->l) &&
	       synward_listener_answered(g->l) &&
	       synward_cookie_usable(g->pkt, g->sn, g->sk);
}

static enum synward_verdict guard_ack(struct guarded *g)
{
	const struct synward_flow *flow = synward_established_find(g->pkt);

	if (flow && synward_admitted_flow(flow, g->pkt))
		return SYNWARD_PASS;
	return find_asked(g) ? judge_ack(g, flow) : SYNWARD_PASS;
}

/* Of no connection that has just been let in, and of no socket. */
static bool is_stranger(struct guarded *g)
{
	const struct synward_flow *flow;

	if ((g->pkt->flags & HANDSHAKE_FLAGS) != SYNWARD_TCP_ACK)
		return false;
	flow = synward_established_find(g->pkt);
	return !(flow && synward_admitted_flow(flow, g->pkt)) && find_asked(g);
}

/*
 * Has the firewall seen its SYN, the true one or a replayed one? Conntrack
 * remembers those whose entry a flood has taken from us.
 */
static bool is_known(const struct synward_pkt *pkt)
{
	return synward_admitted_syn(pkt) || synward_admitted_handshake(pkt) ||
	       synward_conntrack_answered(pkt->skb, pkt->ack);
}

enum synward_verdict synward_guard_behind_nat(const struct synward_pkt *pkt,
					      struct synward_net *sn)
{
	struct guarded g = { .pkt = pkt, .sn = sn };

	if (!is_stranger(&g))
		return SYNWARD_PASS;
	/*
	 * Who asks for a cookie under one name, and brings it back by way of NAT under
	 * another, or where NAT does not take it along, has shown no SYN to the
	 * firewall.
	 */
	if (synward_cookie_check(pkt, g.sk))
		return is_known(pkt) ? SYNWARD_PASS :
		       drop_ack(&g, SYNWARD_STAT_ACK_UNKNOWN_TO_NAT);
	if (!engaged(sn, g.l) || synward_established_find(pkt) ||
	    synward_halfopen_find(pkt))
		return SYNWARD_PASS;
	return drop_ack(&g, SYNWARD_STAT_ACK_UNKNOWN_TO_NAT);
}

enum synward_verdict synward_guard_fragments(const struct synward_pkt *pkt,
					     struct synward_net *sn)
{
	struct guarded g = { .pkt = pkt, .sn = sn };

	if (!is_stranger(&g) || synward_admitted_handshake(pkt) ||
	    !synward_cookie_check(pkt, g.sk))
		return SYNWARD_PASS;
	return drop_ack(&g, SYNWARD_STAT_COOKIE_IN_FRAGMENTS);
}

/*
 * Reflected by the victim of a flood that is spoofed with our address. The
 * kernel would answer each with a RST.
 */
static enum synward_verdict guard_synack(struct guarded *g)
{
	if (synward_established_find(g->pkt) || !find_listener(g) ||
	    !engaged(g->sn, g->l))
		return SYNWARD_PASS;
	/* It may be for a host behind NAT, whose port is the listener's by chance. */
	if (synward_neighbours_nat(g->sn->net, g->pkt->key.family))
		return SYNWARD_PASS;
	return drop_ack(g, SYNWARD_STAT_SYNACK_REFLECTED);
}

enum synward_verdict synward_guard(const struct synward_pkt *pkt,
				   struct synward_net *sn)
{
	struct guarded g = { .pkt = pkt, .sn = sn };

	switch (pkt->flags & HANDSHAKE_FLAGS) {
	case SYNWARD_TCP_SYN:
		return READ_ONCE(sn->mode) == SYNWARD_MODE_TRACK ?
		       SYNWARD_PASS : guard_syn(&g);
	case SYNWARD_TCP_ACK:
		/* Cookies that are out come back in every mode. */
		return guard_ack(&g);
	case SYNWARD_TCP_SYN | SYNWARD_TCP_ACK:
		return guard_synack(&g);
	}
	return SYNWARD_PASS;
}
