// SPDX-License-Identifier: GPL-2.0
/*
 * Tracking. See track.h.
 *
 * Who is in which table: a SYN makes a half-open entry; the segment that
 * completes the handshake moves it to the established table, where it stays
 * through its close. Where both hold the same four-tuple a new connection has
 * begun on an old one's ports.
 */
#include <linux/netfilter.h>
#include <net/sock.h>

#include "established.h"
#include "flow.h"
#include "handshake.h"
#include "listener.h"
#include "net.h"
#include "packet.h"
#include "pickup.h"
#include "socket.h"
#include "track.h"

/* What this host answers to the unknown is not counted once more. */
static void count_unknown(struct synward_net *sn,
			  const struct nf_hook_state *state)
{
	if (state->hook != NF_INET_LOCAL_OUT)
		synward_stats_inc(sn->stats, SYNWARD_STAT_UNKNOWN_FLOW);
}

/* The listener that a SYN from outside is for; 0 when there is none. */
static u16 ask_listener(const struct synward_pkt *pkt, struct synward_net *sn,
			const struct nf_hook_state *state)
{
	struct synward_listener *l;
	struct sock *sk;

	if (state->hook != NF_INET_LOCAL_IN)
		return 0;
	sk = synward_socket_listening(pkt, sn);
	if (!sk)
		return 0;
	l = synward_listener_get(sn, sk);
	if (!l || synward_listener_stolen(pkt->skb, sn, sk))
		return 0;
	synward_listener_syn(l, sk);
	return l->index;
}

static void track_syn(const struct synward_pkt *pkt, struct synward_net *sn,
		      const struct nf_hook_state *state)
{
	struct synward_flow *flow = synward_established_find(pkt);
	u16 listener;

	synward_stats_inc(sn->stats, state->hook == NF_INET_LOCAL_OUT ?
			  SYNWARD_STAT_SYN_SENT : SYNWARD_STAT_SYN_RECEIVED);
	listener = ask_listener(pkt, sn, state);
	if (flow && !synward_flow_step(flow, pkt, sn))
		return;
	synward_handshake_open(pkt, sn, state, listener);
}

/*
 * The half-open table first: an old connection on the same ports has nothing
 * to say to a SYN-ACK.
 */
static void track_synack(const struct synward_pkt *pkt, struct synward_net *sn,
			 const struct nf_hook_state *state)
{
	struct synward_flow *flow;

	synward_stats_inc(sn->stats, state->hook == NF_INET_LOCAL_OUT ?
			  SYNWARD_STAT_SYNACK_SENT : SYNWARD_STAT_SYNACK_RECEIVED);
	if (synward_handshake_step(pkt, sn))
		return;
	flow = synward_established_find(pkt);
	if (flow)
		synward_flow_step(flow, pkt, sn);
	else
		count_unknown(sn, state);
}

/*
 * Another CPU may have completed the handshake between the two lookups: what is
 * no longer half open is in the established table. Return: whether it was so.
 */
static bool step_moved(const struct synward_pkt *pkt, struct synward_net *sn)
{
	struct synward_flow *flow = synward_established_find(pkt);

	return flow && !synward_flow_step(flow, pkt, sn);
}

static void track_other(const struct synward_pkt *pkt, struct synward_net *sn,
			const struct nf_hook_state *state)
{
	struct synward_flow *flow = synward_established_find(pkt);

	if (unlikely(pkt->flags & SYNWARD_TCP_FIN))
		synward_stats_inc(sn->stats, SYNWARD_STAT_FIN_SEEN);
	if (unlikely(pkt->flags & SYNWARD_TCP_RST))
		synward_stats_inc(sn->stats, SYNWARD_STAT_RST_SEEN);
	if (unlikely(flow && pkt->flags & SYNWARD_TCP_RST) &&
	    pkt->flags & SYNWARD_TCP_ACK && synward_handshake_refused(pkt, sn))
		return;
	if (likely(flow && !synward_flow_step(flow, pkt, sn)))
		return;
	if (synward_handshake_step(pkt, sn) || (!flow && step_moved(pkt, sn)))
		return;
	if (pkt->flags & SYNWARD_TCP_RST || !synward_pickup(pkt, sn, state))
		count_unknown(sn, state);
}

void synward_track(const struct synward_pkt *pkt, struct synward_net *sn,
		   const struct nf_hook_state *state)
{
	if (synward_packet_is_syn(pkt))
		track_syn(pkt, sn, state);
	else if (pkt->flags & SYNWARD_TCP_SYN)
		track_synack(pkt, sn, state);
	else
		track_other(pkt, sn, state);
}
