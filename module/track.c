// SPDX-License-Identifier: GPL-2.0
/*
 * Tracking. See track.h.
 *
 * Who is in which table: a SYN makes a half-open entry; the segment that
 * completes the handshake moves it to the established table, where it stays
 * through its close. Where both hold the same four-tuple a new connection has
 * begun on an old one's ports. Lock order: half-open bucket, then established.
 */
#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include "established.h"
#include "halfopen.h"
#include "latency.h"
#include "limit.h"
#include "listener.h"
#include "net.h"
#include "packet.h"
#include "pickup.h"
#include "socket.h"
#include "trace.h"
#include "track.h"

/* -- what both tables need -- */

static void make_seg(struct synward_seg *seg, const struct synward_pkt *pkt,
		     u16 flags)
{
	bool client_hi = flags & SYNWARD_CONN_CLIENT_HI;

	*seg = (struct synward_seg) {
		.seq = pkt->seq,
		.ack = pkt->ack,
		.len = pkt->len,
		.window = pkt->window,
		.flags = pkt->flags,
		.from = pkt->from_hi == client_hi ? SYNWARD_CLIENT : SYNWARD_SERVER,
		.wscale = SYNWARD_WSCALE_NONE,
		.trusted = pkt->trusted,
	};
	if (pkt->flags & SYNWARD_TCP_SYN) {
		struct synward_options opt;

		synward_packet_options(&opt, pkt);
		seg->wscale = opt.wscale;
	}
}

static void count_judgement(struct synward_net *sn, enum synward_judgement what)
{
	static const u8 stat[SYNWARD_SEG_MAX] = {
		[SYNWARD_SEG_SYN_AGAIN]		= SYNWARD_STAT_SYN_RETRANSMIT,
		[SYNWARD_SEG_SYNACK_AGAIN]	= SYNWARD_STAT_SYNACK_RETRANSMIT,
		[SYNWARD_SEG_OUT_OF_WINDOW]	= SYNWARD_STAT_OUT_OF_WINDOW,
		[SYNWARD_SEG_BAD_ACK]		= SYNWARD_STAT_BAD_ACK,
		[SYNWARD_SEG_BAD_RST]		= SYNWARD_STAT_BAD_RST,
		[SYNWARD_SEG_SYN_ON_LIVE]	= SYNWARD_STAT_SYN_ON_LIVE,
	};

	if (what != SYNWARD_SEG_OK && what != SYNWARD_SEG_REUSE)
		synward_stats_inc(sn->stats, stat[what]);
}

/* For whoever watches; nothing but a jump that is not taken when nobody does. */
static void trace(const struct synward_pkt *pkt, const struct synward_net *sn,
		  const struct synward_conn *conn, const struct synward_seg *seg,
		  enum synward_judgement what)
{
	trace_flow_state(pkt, conn, seg, what, sn->net->ns.inum);
}

static u16 first_flags(const struct synward_pkt *pkt,
		       const struct nf_hook_state *state)
{
	return (pkt->from_hi ? SYNWARD_CONN_CLIENT_HI : 0) |
	       (state->hook == NF_INET_FORWARD ? SYNWARD_CONN_FORWARDED : 0);
}

/* -- established table -- */

/* RFC 8446 5.1, 4.1.2: record of type handshake, message ClientHello. */
static bool is_client_hello(const struct synward_pkt *pkt)
{
	u8 room[6];
	const u8 *p = skb_header_pointer(pkt->skb, pkt->thoff + pkt->hdrlen,
					 sizeof(room), room);

	return p && p[0] == 22 && p[1] == 3 && p[5] == 1;
}

static void note_first_data(struct synward_conn *conn,
			    const struct synward_pkt *pkt,
			    const struct synward_seg *seg)
{
	if (!seg->len || seg->from != SYNWARD_CLIENT ||
	    conn->flags & (SYNWARD_CONN_DATA | SYNWARD_CONN_PICKED_UP))
		return;
	conn->flags |= SYNWARD_CONN_DATA |
		       (is_client_hello(pkt) ? SYNWARD_CONN_TLS : 0);
}

static void count_end(struct synward_net *sn, const struct synward_conn *conn)
{
	synward_stats_inc(sn->stats, conn->flags & SYNWARD_CONN_BY_RST ?
			  SYNWARD_STAT_CLOSED_RST : SYNWARD_STAT_CLOSED_FIN);
}

/* Under the bucket's lock: anything may happen to the states. */
static enum synward_judgement step_flow(struct synward_flow *flow,
					const struct synward_pkt *pkt,
					struct synward_net *sn)
{
	bool was_over = synward_conn_over(&flow->conn);
	enum synward_judgement what;
	struct synward_seg seg;

	make_seg(&seg, pkt, flow->conn.flags);
	what = synward_state_step(&flow->conn, &seg, (u32)jiffies);
	if (what == SYNWARD_SEG_OK)
		note_first_data(&flow->conn, pkt, &seg);
	count_judgement(sn, what);
	trace(pkt, sn, &flow->conn, &seg, what);
	if (!was_over && synward_conn_over(&flow->conn))
		count_end(sn, &flow->conn);
	return what;
}

static enum synward_judgement step_locked(const struct synward_pkt *pkt,
					  struct synward_net *sn)
{
	enum synward_judgement what = SYNWARD_SEG_REUSE;
	struct synward_flow *flow;

	synward_table_lock(&synward_established_table, pkt->hash);
	flow = synward_established_find(pkt);
	if (flow)
		what = step_flow(flow, pkt, sn);
	synward_table_unlock(&synward_established_table, pkt->hash);
	return what;
}

/*
 * Nothing but data on a connection that both ends have open: the states stay,
 * and the sender's own numbers are written without a lock. If the slot has
 * changed hands in between, they are nobody's.
 */
static bool step_steady(struct synward_flow *flow, const struct synward_pkt *pkt,
			struct synward_net *sn)
{
	enum synward_judgement what = SYNWARD_SEG_OK;
	u32 gen = READ_ONCE(flow->gen);
	struct synward_seg seg;
	bool expected;

	if (pkt->flags & (SYNWARD_TCP_SYN | SYNWARD_TCP_FIN | SYNWARD_TCP_RST) ||
	    !synward_conn_steady(&flow->conn))
		return false;
	if (pkt->len && !(flow->conn.flags &
			  (SYNWARD_CONN_DATA | SYNWARD_CONN_PICKED_UP)))
		return false;
	make_seg(&seg, pkt, flow->conn.flags);
	expected = synward_conn_expects(&flow->conn, &seg);
	if (unlikely(!expected))
		what = synward_state_judge(&flow->conn, &seg);
	if (READ_ONCE(flow->gen) != gen)
		return false;
	if (likely(expected))
		synward_conn_advance(&flow->conn, &seg, (u32)jiffies);
	else if (what == SYNWARD_SEG_OK)
		synward_state_note(&flow->conn, &seg, (u32)jiffies);
	else
		count_judgement(sn, what);
	trace(pkt, sn, &flow->conn, &seg, what);
	return true;
}

/*
 * Return: whether a new connection may begin here. The old one is over or gone,
 * or its host may have lost it: only the answer to the SYN will tell.
 */
static bool track_flow(struct synward_flow *flow, const struct synward_pkt *pkt,
		       struct synward_net *sn)
{
	enum synward_judgement what;

	/* A number that the other direction is about to change may be either. */
	if (likely(data_race(step_steady(flow, pkt, sn))))
		return false;
	what = step_locked(pkt, sn);
	return what == SYNWARD_SEG_REUSE || what == SYNWARD_SEG_SYN_ON_LIVE;
}

/* A new connection has taken the four-tuple of an old one. */
static void drop_old_flow(const struct synward_pkt *pkt)
{
	struct synward_flow *flow = synward_established_find(pkt);

	if (!flow)
		return;
	synward_table_lock(&synward_established_table, pkt->hash);
	flow = synward_established_find(pkt);
	if (flow)
		synward_established_remove(flow, SYNWARD_END_REPLACED,
					   pkt->hash);
	synward_table_unlock(&synward_established_table, pkt->hash);
}

/* -- half-open table -- */

static const struct in6_addr *client_of(const struct synward_halfopen *h)
{
	return h->flags & SYNWARD_CONN_CLIENT_HI ? &h->slot.key.hi :
						   &h->slot.key.lo;
}

/* The handshake is complete, or one end has closed before it was. */
static void promote(struct synward_halfopen *h, const struct synward_conn *conn,
		    const struct synward_pkt *pkt, struct synward_net *sn)
{
	bool timed = !(h->flags & SYNWARD_CONN_COOKIE) && h->synack;
	u32 synack = synward_latency_unpack(h->synack);
	u32 ack = synward_latency_now_us() - h->syn_us - synack;
	struct synward_flow *flow;

	synward_table_lock(&synward_established_table, pkt->hash);
	flow = synward_established_find(pkt);
	if (flow)
		synward_established_remove(flow, SYNWARD_END_REPLACED,
					   pkt->hash);
	flow = synward_established_insert(pkt, conn, sn);
	if (flow && timed) {
		flow->synack = h->synack;
		flow->ack = synward_latency_pack(ack);
	}
	synward_table_unlock(&synward_established_table, pkt->hash);

	synward_stats_inc(sn->stats, SYNWARD_STAT_HANDSHAKE_COMPLETED);
	synward_listener_completed(h->listener);
	if (h->listener)
		synward_limit_proven(sn, client_of(h), pkt->key.family);
	if (timed) {
		synward_latency_count(sn->latency, SYNWARD_LATENCY_SYNACK, synack);
		synward_latency_count(sn->latency, SYNWARD_LATENCY_ACK, ack);
	}
	synward_halfopen_remove(h, pkt->hash);
}

/* The server has answered: from here on the old connection, if any, is gone. */
static void note_synack(struct synward_halfopen *h, const struct synward_pkt *pkt,
			struct synward_net *sn)
{
	u32 us = synward_latency_now_us() - h->syn_us;

	h->synack = synward_latency_pack(max(us, 1U));
	synward_listener_isn(h->listener, h->server_isn, pkt->hash);
	drop_old_flow(pkt);
}

static void keep_halfopen(struct synward_halfopen *h,
			  const struct synward_conn *conn,
			  const struct synward_pkt *pkt, struct synward_net *sn)
{
	bool answered = !h->synack &&
			conn->side[SYNWARD_SERVER].state == SYNWARD_SYN_RECEIVED;

	/* A new attempt has its own time. */
	if (h->client_isn != conn->side[SYNWARD_CLIENT].isn)
		h->syn_us = synward_latency_now_us();
	synward_halfopen_save(h, conn);
	if (answered)
		note_synack(h, pkt, sn);
}

/*
 * Fast Open with a cookie that the server took: it may send data and FIN before
 * the handshake ends, and a half-open entry has no room for their numbers. A
 * SYN with data that is only answered stays where a flood may put it.
 */
static bool fast_opened(const struct synward_conn *conn)
{
	const struct synward_side *server = &conn->side[SYNWARD_SERVER];

	return server->state == SYNWARD_SYN_RECEIVED &&
	       synward_after(server->ack, conn->side[SYNWARD_CLIENT].isn + 1);
}

/* What the SYN carried, as far as it was taken: a half-open entry has forgotten. */
static void note_fast_open(const struct synward_halfopen *h,
			   struct synward_conn *conn, u32 hash)
{
	const struct synward_side *server = &conn->side[SYNWARD_SERVER];
	struct synward_side *client = &conn->side[SYNWARD_CLIENT];

	client->bytes += server->ack - client->isn - 1;
	synward_listener_isn(h->listener, server->isn, hash);
}

static void step_halfopen(struct synward_halfopen *h,
			  const struct synward_pkt *pkt, struct synward_net *sn)
{
	enum synward_judgement what;
	struct synward_conn conn;
	struct synward_seg seg;

	/* Delivered: the listener behind the cookie has its ACK now. */
	if (h->flags & SYNWARD_CONN_COOKIE)
		h->states = SYNWARD_SYN_SENT | SYNWARD_SYN_RECEIVED << 4;
	synward_halfopen_load(h, &conn);
	make_seg(&seg, pkt, conn.flags);
	what = synward_state_step(&conn, &seg, (u32)jiffies);
	if (what == SYNWARD_SEG_OK)
		note_first_data(&conn, pkt, &seg);
	count_judgement(sn, what);
	trace(pkt, sn, &conn, &seg, what);
	if (synward_conn_over(&conn)) {
		count_end(sn, &conn);
		synward_halfopen_ended(h, &conn, SYNWARD_END_RST);
		synward_halfopen_remove(h, pkt->hash);
	} else if (!synward_conn_half_open(&conn)) {
		promote(h, &conn, pkt, sn);
	} else if (fast_opened(&conn)) {
		note_fast_open(h, &conn, pkt->hash);
		promote(h, &conn, pkt, sn);
	} else {
		keep_halfopen(h, &conn, pkt, sn);
	}
}

/* Return: whether the segment belonged to a half-open connection. */
static bool track_halfopen(const struct synward_pkt *pkt, struct synward_net *sn)
{
	struct synward_halfopen *h = synward_halfopen_find(pkt);

	if (!h)
		return false;
	synward_table_lock(&synward_halfopen_table, pkt->hash);
	h = synward_halfopen_find(pkt);
	if (h && h->flags & SYNWARD_CONN_PICKED_UP)
		synward_pickup_confirm(h, pkt, sn);
	else if (h)
		step_halfopen(h, pkt, sn);
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
	return h;
}

/*
 * A new SYN on the ports of an old connection is refused: the RST acknowledges
 * the SYN and says nothing to the old one. Return: whether it was so.
 */
static bool track_refusal(const struct synward_pkt *pkt, struct synward_net *sn)
{
	struct synward_halfopen *h;
	struct synward_conn conn;
	struct synward_seg seg;
	bool refused = false;

	if (!synward_halfopen_find(pkt))
		return false;
	synward_table_lock(&synward_halfopen_table, pkt->hash);
	h = synward_halfopen_find(pkt);
	if (h) {
		synward_halfopen_load(h, &conn);
		make_seg(&seg, pkt, conn.flags);
		refused = synward_state_judge(&conn, &seg) == SYNWARD_SEG_OK;
		if (refused)
			step_halfopen(h, pkt, sn);
	}
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
	return refused;
}

/* -- by kind of segment -- */

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
	if (!l)
		return 0;
	synward_listener_syn(l, sk);
	return l->index;
}

static void open_halfopen(const struct synward_pkt *pkt, struct synward_net *sn,
			  const struct nf_hook_state *state, u16 listener)
{
	u16 flags = first_flags(pkt, state);
	struct synward_halfopen *h;
	struct synward_conn conn;
	struct synward_seg seg;

	make_seg(&seg, pkt, flags);
	synward_state_open(&conn, &seg, (u32)jiffies);
	conn.flags |= flags;
	note_first_data(&conn, pkt, &seg);
	synward_table_lock(&synward_halfopen_table, pkt->hash);
	h = synward_halfopen_find(pkt);
	if (h && h->flags & SYNWARD_CONN_PICKED_UP) {
		synward_halfopen_remove(h, pkt->hash);
		h = NULL;
	}
	if (h) {
		step_halfopen(h, pkt, sn);
	} else {
		synward_halfopen_insert(pkt, &conn, listener, sn);
		trace(pkt, sn, &conn, &seg, SYNWARD_SEG_OK);
	}
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
}

static void track_syn(const struct synward_pkt *pkt, struct synward_net *sn,
		      const struct nf_hook_state *state)
{
	struct synward_flow *flow = synward_established_find(pkt);
	u16 listener;

	synward_stats_inc(sn->stats, state->hook == NF_INET_LOCAL_OUT ?
			  SYNWARD_STAT_SYN_SENT : SYNWARD_STAT_SYN_RECEIVED);
	listener = ask_listener(pkt, sn, state);
	if (flow && !track_flow(flow, pkt, sn))
		return;
	open_halfopen(pkt, sn, state, listener);
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
	if (track_halfopen(pkt, sn))
		return;
	flow = synward_established_find(pkt);
	if (flow)
		track_flow(flow, pkt, sn);
	else
		count_unknown(sn, state);
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
	    pkt->flags & SYNWARD_TCP_ACK && track_refusal(pkt, sn))
		return;
	if (likely(flow && !track_flow(flow, pkt, sn)))
		return;
	if (track_halfopen(pkt, sn))
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

/* -- cookies -- */

static void open_cookie(struct synward_conn *conn, const struct synward_pkt *pkt)
{
	struct synward_side *client = &conn->side[SYNWARD_CLIENT];
	struct synward_side *server = &conn->side[SYNWARD_SERVER];

	*conn = (struct synward_conn) {
		.flags = SYNWARD_CONN_COOKIE |
			 (pkt->from_hi ? SYNWARD_CONN_CLIENT_HI : 0),
		.wscale = SYNWARD_WSCALE_MAX << 4 | SYNWARD_WSCALE_MAX,
	};
	client->state = SYNWARD_SYN_SENT;
	client->isn = pkt->seq - 1;
	/* Until the firewall has let the ACK through the listener knows nothing. */
	server->state = SYNWARD_LISTEN;
	server->isn = pkt->ack - 1;
}

void synward_track_cookie(const struct synward_pkt *pkt, struct synward_net *sn,
			  unsigned int listener)
{
	struct synward_conn conn;
	struct synward_halfopen *h;

	open_cookie(&conn, pkt);
	synward_table_lock(&synward_halfopen_table, pkt->hash);
	h = synward_halfopen_find(pkt);
	if (h) {
		synward_halfopen_ended(h, NULL, SYNWARD_END_REPLACED);
		synward_halfopen_remove(h, pkt->hash);
	}
	h = synward_halfopen_insert(pkt, &conn, listener, sn);
	h->synack = 1;
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
	drop_old_flow(pkt);
}
