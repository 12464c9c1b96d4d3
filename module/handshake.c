// SPDX-License-Identifier: GPL-2.0
/*
 * What a segment does to a handshake. See handshake.h.
 *
 * Lock order: half-open bucket, then established.
 */
#include <linux/jiffies.h>
#include <linux/netfilter.h>

#include "established.h"
#include "flow.h"
#include "halfopen.h"
#include "handshake.h"
#include "latency.h"
#include "limit.h"
#include "listener.h"
#include "pickup.h"
#include "segment.h"

/* -- one segment, under the lock of its bucket -- */

static const struct in6_addr *client_of(const struct synward_halfopen *h)
{
	return h->flags & SYNWARD_CONN_CLIENT_HI ? &h->slot.key.hi :
						   &h->slot.key.lo;
}

/* A client of this host, whatever socket TPROXY has given it: that is no listener's here. */
static bool is_guest(const struct synward_halfopen *h, const struct synward_pkt *pkt)
{
	return h->listener ||
	       (!pkt->trusted && !(h->flags & SYNWARD_CONN_FORWARDED) &&
		synward_segment_from(pkt, h->flags) == SYNWARD_CLIENT);
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
	if (is_guest(h, pkt))
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
	synward_flow_replaced(pkt);
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
	synward_segment_make(&seg, pkt, conn.flags);
	what = synward_state_step(&conn, &seg, (u32)jiffies);
	if (what == SYNWARD_SEG_OK)
		synward_segment_note_data(&conn, pkt, &seg);
	synward_segment_count(sn, what);
	synward_segment_trace(pkt, sn, &conn, &seg, what);
	if (synward_conn_over(&conn)) {
		synward_segment_count_end(sn, &conn);
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

bool synward_handshake_step(const struct synward_pkt *pkt, struct synward_net *sn)
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

bool synward_handshake_refused(const struct synward_pkt *pkt, struct synward_net *sn)
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
		synward_segment_make(&seg, pkt, conn.flags);
		refused = synward_state_judge(&conn, &seg) == SYNWARD_SEG_OK;
		if (refused)
			step_halfopen(h, pkt, sn);
	}
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
	return refused;
}

/* -- from SYN or cookie -- */

static u16 first_flags(const struct synward_pkt *pkt,
		       const struct nf_hook_state *state)
{
	return (pkt->from_hi ? SYNWARD_CONN_CLIENT_HI : 0) |
	       (state->hook == NF_INET_FORWARD ? SYNWARD_CONN_FORWARDED : 0);
}

void synward_handshake_open(const struct synward_pkt *pkt, struct synward_net *sn,
			    const struct nf_hook_state *state, u16 listener)
{
	u16 flags = first_flags(pkt, state);
	struct synward_halfopen *h;
	struct synward_conn conn;
	struct synward_seg seg;

	synward_segment_make(&seg, pkt, flags);
	synward_state_open(&conn, &seg, (u32)jiffies);
	conn.flags |= flags;
	synward_segment_note_data(&conn, pkt, &seg);
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
		synward_segment_trace(pkt, sn, &conn, &seg, SYNWARD_SEG_OK);
	}
	synward_table_unlock(&synward_halfopen_table, pkt->hash);
}

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

void synward_handshake_cookie(const struct synward_pkt *pkt,
			      struct synward_net *sn, u16 listener)
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
	synward_flow_replaced(pkt);
}
