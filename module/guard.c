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

#include "compat/compat.h"
#include "cookie.h"
#include "established.h"
#include "guard.h"
#include "listener.h"
#include "packet.h"
#include "replay.h"
#include "reply.h"
#include "socket.h"
#include "track.h"

/* An action, or in monitor mode the count of what would have been done. */
static enum synward_verdict act(struct synward_net *sn, enum synward_stat done,
				enum synward_stat would,
				enum synward_verdict verdict)
{
	bool monitor = READ_ONCE(sn->mode) == SYNWARD_MODE_MONITOR;

	synward_stats_inc(sn->stats, monitor ? would : done);
	return monitor ? SYNWARD_PASS : verdict;
}

static enum synward_verdict pass(struct synward_net *sn, enum synward_stat why)
{
	synward_stats_inc(sn->stats, why);
	return SYNWARD_PASS;
}

/* -- who may be answered at all -- */

static bool unicast4(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_multicast(addr) &&
	       !ipv4_is_lbcast(addr) && !ipv4_is_loopback(addr);
}

static bool answerable4(const struct sk_buff *skb, struct net *net)
{
	const struct iphdr *iph = ip_hdr(skb);

	/* The kernel echoes some IP options; those SYNs are rare. */
	if (iph->ihl != 5)
		return false;
	return iph->saddr != iph->daddr && unicast4(iph->saddr) &&
	       __ip_dev_find(net, iph->daddr, false);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool answerable6(const struct synward_pkt *pkt, struct net *net)
{
	const struct ipv6hdr *iph = ipv6_hdr(pkt->skb);

	if (pkt->thoff != sizeof(*iph))
		return false;
	if (ipv6_addr_equal(&iph->saddr, &iph->daddr) ||
	    ipv6_addr_v4mapped(&iph->saddr) || ipv6_addr_loopback(&iph->saddr))
		return false;
	return ipv6_addr_type(&iph->saddr) & IPV6_ADDR_UNICAST &&
	       ipv6_chk_addr(net, &iph->daddr, NULL, 0);
}
#else
static bool answerable6(const struct synward_pkt *pkt, struct net *net)
{
	return false;
}
#endif

/* From another host, to an address of ours, and nothing that only looks so. */
static bool answerable(const struct synward_pkt *pkt, const struct synward_net *sn)
{
	if (pkt->skb->pkt_type != PACKET_HOST)
		return false;
	return pkt->key.family == NFPROTO_IPV4 ? answerable4(pkt->skb, sn->net) :
						 answerable6(pkt, sn->net);
}

/* Does @l want cookies now? */
static bool engaged(const struct synward_net *sn, const struct synward_listener *l)
{
	return READ_ONCE(sn->mode) == SYNWARD_MODE_ALWAYS || READ_ONCE(l->engaged);
}

/* Does @l still take cookies back? */
static bool takes_cookies(const struct synward_net *sn,
			  const struct synward_listener *l)
{
	return engaged(sn, l) || READ_ONCE(l->armed);
}

/* -- SYN -- */

/* How long an answer of the firewall holds: a guess, and what a client met. */
#define PROBED_S	10
#define MET_S		600

/*
 * Does NAT send the listener's SYNs to another host, or does a queue take them?
 * A cookie would answer in the place of whoever is meant to.
 */
static bool sent_elsewhere(const struct synward_pkt *pkt, struct synward_net *sn,
			   struct synward_listener *l)
{
	enum synward_replay said;

	if (!synward_listener_probe_due(l))
		return READ_ONCE(l->elsewhere);
	said = synward_replay_probe(pkt, sn);
	/* Who is refused says nothing of where the others go. */
	if (said == SYNWARD_REPLAY_REFUSED || said == SYNWARD_REPLAY_NO_MEMORY)
		return READ_ONCE(l->elsewhere);
	synward_listener_set_elsewhere(l, said != SYNWARD_REPLAY_ACCEPTED,
				       PROBED_S);
	return said != SYNWARD_REPLAY_ACCEPTED;
}

/* The kernel would drop the SYN, whatever we say: so do we, before it costs. */
static enum synward_verdict drop_full(struct synward_net *sn,
				      struct synward_listener *l)
{
	enum synward_verdict verdict;

	verdict = act(sn, SYNWARD_STAT_SYN_DROPPED_ACCEPTQ,
		      SYNWARD_STAT_WOULD_SYN_DROPPED, SYNWARD_DROP);
	if (verdict == SYNWARD_DROP) {
		synward_stats_inc(sn->stats, SYNWARD_STAT_SYN_RECEIVED);
		synward_listener_acceptq_full(l);
	}
	return verdict;
}

static enum synward_verdict answer(const struct synward_pkt *pkt,
				   struct synward_net *sn, struct sock *sk,
				   struct synward_listener *l)
{
	if (READ_ONCE(sn->mode) == SYNWARD_MODE_MONITOR) {
		synward_stats_inc(sn->stats, SYNWARD_STAT_WOULD_COOKIE_SENT);
		return SYNWARD_PASS;
	}
	if (!synward_reply_cookie(pkt, sn, sk))
		return SYNWARD_PASS;
	synward_stats_inc(sn->stats, SYNWARD_STAT_SYN_RECEIVED);
	synward_stats_inc(sn->stats, SYNWARD_STAT_COOKIE_SENT);
	synward_listener_cookie_sent(l);
	return SYNWARD_ANSWERED;
}

static enum synward_verdict guard_syn(const struct synward_pkt *pkt,
				      struct synward_net *sn)
{
	struct synward_listener *l;
	struct sock *sk;

	if (!answerable(pkt, sn))
		return SYNWARD_PASS;
	sk = synward_socket_listening(pkt, sn);
	if (!sk)
		return SYNWARD_PASS;
	l = synward_listener_get(sn, sk);
	if (!l || !engaged(sn, l))
		return SYNWARD_PASS;
	synward_stats_inc(sn->stats, SYNWARD_STAT_GUARD_SYN);
	if (synward_socket_connected(pkt, sn))
		return pass(sn, SYNWARD_STAT_SYN_PASSED_CONNECTED);
	if (!synward_cookie_usable(pkt, sn, sk))
		return pass(sn, SYNWARD_STAT_COOKIE_PASSED);
	if (sent_elsewhere(pkt, sn, l))
		return pass(sn, SYNWARD_STAT_SYN_PASSED_ELSEWHERE);
	if (sk_acceptq_is_full(sk))
		return drop_full(sn, l);
	return answer(pkt, sn, sk, l);
}

/* -- ACK -- */

static enum synward_verdict track_cookie(const struct synward_pkt *pkt,
					 struct synward_net *sn,
					 struct synward_listener *l)
{
	synward_listener_cookie_valid(l);
	synward_track_cookie(pkt, sn, l->index);
	return SYNWARD_PASS;
}

static enum synward_verdict drop_ack(struct synward_net *sn,
				     enum synward_stat why)
{
	synward_stats_inc(sn->stats, why);
	synward_stats_inc(sn->stats, SYNWARD_STAT_ACK_DROPPED);
	return SYNWARD_DROP;
}

/* The firewall has the last word on who may connect. */
static enum synward_verdict ask_firewall(const struct synward_pkt *pkt,
					 struct synward_net *sn, struct sock *sk,
					 struct synward_listener *l, u16 mss)
{
	switch (synward_replay_handshake(pkt, sn, sk, mss)) {
	case SYNWARD_REPLAY_ACCEPTED:
		synward_stats_inc(sn->stats, SYNWARD_STAT_REPLAY_ACCEPTED);
		return track_cookie(pkt, sn, l);
	case SYNWARD_REPLAY_REFUSED:
		return drop_ack(sn, SYNWARD_STAT_REPLAY_REFUSED);
	case SYNWARD_REPLAY_KEPT:
		synward_listener_set_elsewhere(l, true, MET_S);
		return drop_ack(sn, SYNWARD_STAT_REPLAY_KEPT);
	case SYNWARD_REPLAY_ELSEWHERE:
		/* It goes the same way, and its client hears a RST from there. */
		synward_listener_set_elsewhere(l, true, MET_S);
		return pass(sn, SYNWARD_STAT_REPLAY_ELSEWHERE);
	case SYNWARD_REPLAY_NO_MEMORY:
		break;
	}
	return drop_ack(sn, SYNWARD_STAT_REPLAY_NO_MEMORY);
}

static enum synward_verdict accept_cookie(const struct synward_pkt *pkt,
					  struct synward_net *sn, struct sock *sk,
					  struct synward_listener *l, u16 mss)
{
	synward_stats_inc(sn->stats, SYNWARD_STAT_COOKIE_VALID);
	if (READ_ONCE(sn->mode) == SYNWARD_MODE_MONITOR)
		return track_cookie(pkt, sn, l);
	/* The kernel would drop it; had it room by then, nobody had been asked. */
	if (sk_acceptq_is_full(sk))
		return drop_ack(sn, SYNWARD_STAT_ACK_DROPPED_ACCEPTQ);
	return ask_firewall(pkt, sn, sk, l, mss);
}

/*
 * No cookie of ours, no connection. While engaged it is part of the flood, and
 * the kernel would answer each with a RST. Afterwards it is the kernel's.
 */
static enum synward_verdict refuse_ack(struct synward_net *sn,
				       const struct synward_listener *l)
{
	synward_stats_inc(sn->stats, SYNWARD_STAT_COOKIE_INVALID);
	if (!engaged(sn, l))
		return SYNWARD_PASS;
	return act(sn, SYNWARD_STAT_ACK_DROPPED, SYNWARD_STAT_WOULD_ACK_DROPPED,
		   SYNWARD_DROP);
}

static bool within(const struct synward_side *side, u32 seq)
{
	return !synward_before(seq, side->isn) && !synward_after(seq, side->end);
}

/*
 * A late segment of a connection that both ends have closed must not open one:
 * the first carry its cookie, and later ones may fit the cookie of another MSS
 * by chance. A new connection on these ports begins beyond the old one's end.
 */
static bool is_replay(const struct synward_flow *flow,
		      const struct synward_pkt *pkt)
{
	return within(&flow->conn.side[SYNWARD_CLIENT], pkt->seq - 1) &&
	       within(&flow->conn.side[SYNWARD_SERVER], pkt->ack - 1);
}

static enum synward_verdict refuse_replay(struct synward_net *sn)
{
	synward_stats_inc(sn->stats, SYNWARD_STAT_COOKIE_REPLAYED);
	return act(sn, SYNWARD_STAT_ACK_DROPPED, SYNWARD_STAT_WOULD_ACK_DROPPED,
		   SYNWARD_DROP);
}

static enum synward_verdict guard_ack(const struct synward_pkt *pkt,
				      struct synward_net *sn)
{
	const struct synward_flow *flow = synward_established_find(pkt);
	struct synward_listener *l;
	struct sock *sk;
	u16 mss;

	if (flow && !synward_conn_over(&flow->conn))
		return SYNWARD_PASS;
	if (!answerable(pkt, sn) || synward_socket_connected(pkt, sn))
		return SYNWARD_PASS;
	sk = synward_socket_listening(pkt, sn);
	l = sk ? synward_listener_find(sn, sk) : NULL;
	if (!l || !takes_cookies(sn, l) || !synward_cookie_usable(pkt, sn, sk))
		return SYNWARD_PASS;
	synward_stats_inc(sn->stats, SYNWARD_STAT_GUARD_ACK);
	mss = synward_cookie_check(pkt, sk);
	if (mss)
		return flow && is_replay(flow, pkt) ?
		       refuse_replay(sn) : accept_cookie(pkt, sn, sk, l, mss);
	/* The kernel tells the client that its connection is over. */
	return flow ? pass(sn, SYNWARD_STAT_COOKIE_INVALID) : refuse_ack(sn, l);
}

/*
 * Reflected by the victim of a flood that is spoofed with our address. The
 * kernel would answer each with a RST.
 */
static enum synward_verdict guard_synack(const struct synward_pkt *pkt,
					 struct synward_net *sn)
{
	const struct synward_listener *l;
	const struct sock *sk;

	if (synward_established_find(pkt) || !answerable(pkt, sn) ||
	    synward_socket_connected(pkt, sn))
		return SYNWARD_PASS;
	sk = synward_socket_listening(pkt, sn);
	l = sk ? synward_listener_find(sn, sk) : NULL;
	if (!l || !engaged(sn, l))
		return SYNWARD_PASS;
	return act(sn, SYNWARD_STAT_ACK_DROPPED, SYNWARD_STAT_WOULD_ACK_DROPPED,
		   SYNWARD_DROP);
}

enum synward_verdict synward_guard(const struct synward_pkt *pkt,
				   struct synward_net *sn)
{
	if (READ_ONCE(sn->mode) == SYNWARD_MODE_TRACK)
		return SYNWARD_PASS;
	switch (pkt->flags & (SYNWARD_TCP_SYN | SYNWARD_TCP_ACK |
			      SYNWARD_TCP_RST)) {
	case SYNWARD_TCP_SYN:
		return guard_syn(pkt, sn);
	case SYNWARD_TCP_ACK:
		return guard_ack(pkt, sn);
	case SYNWARD_TCP_SYN | SYNWARD_TCP_ACK:
		return guard_synack(pkt, sn);
	}
	return SYNWARD_PASS;
}
