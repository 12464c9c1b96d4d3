// SPDX-License-Identifier: GPL-2.0
/* Connections that were there before us. See pickup.h. */
#include <linux/jiffies.h>
#include <linux/netfilter.h>

#include "established.h"
#include "halfopen.h"
#include "pickup.h"
#include "segment.h"

/* How far the two directions may be apart: a window of data in flight. */
#define NEAR		1048576U

static bool near(u32 a, u32 b)
{
	return a - b + NEAR <= 2 * NEAR;
}

static u32 end_of(const struct synward_pkt *pkt)
{
	return pkt->seq + pkt->len + !!(pkt->flags & SYNWARD_TCP_FIN);
}

/* Who has the lower port is taken for the server. */
static bool from_server(const struct synward_pkt *pkt)
{
	return ntohs(synward_packet_sport(pkt)) < ntohs(synward_packet_dport(pkt));
}

static void enter(const struct synward_pkt *pkt, struct synward_net *sn,
		  u16 more_flags)
{
	bool client_hi = pkt->from_hi != from_server(pkt);
	u16 flags = more_flags | (client_hi ? SYNWARD_CONN_CLIENT_HI : 0);
	struct synward_conn conn;
	struct synward_seg seg;

	synward_segment_make(&seg, pkt, flags);
	seg.trusted = true;
	synward_state_pick_up(&conn, &seg, (u32)jiffies);
	conn.flags |= flags;
	synward_table_lock(&synward_established_table, pkt->hash);
	if (!synward_established_find(pkt) &&
	    synward_established_insert(pkt, &conn, sn)) {
		synward_stats_inc(sn->stats, SYNWARD_STAT_PICKED_UP);
		synward_segment_trace(pkt, sn, &conn, &seg, SYNWARD_SEG_OK);
	}
	synward_table_unlock(&synward_established_table, pkt->hash);
}

/*
 * A note is a half-open entry whose "client" is the sender: client_isn is how
 * far it has sent, server_isn how far it has received.
 */
static void write_note(struct synward_halfopen *h, const struct synward_pkt *pkt)
{
	h->client_isn = end_of(pkt);
	h->server_isn = pkt->ack;
}

static void make_note(const struct synward_pkt *pkt, struct synward_net *sn)
{
	struct synward_conn conn = {
		.flags = SYNWARD_CONN_PICKED_UP | SYNWARD_CONN_FORWARDED |
			 (pkt->from_hi ? SYNWARD_CONN_CLIENT_HI : 0),
		.side[0].state = SYNWARD_ESTABLISHED,
		.side[1].state = SYNWARD_ESTABLISHED,
	};
	const struct synward_table *t = &synward_halfopen_table;

	synward_table_lock(t, pkt->hash);
	if (!synward_table_find(t, &pkt->key, pkt->hash))
		write_note(synward_halfopen_insert(pkt, &conn, 0, sn), pkt);
	synward_table_unlock(t, pkt->hash);
}

void synward_pickup_confirm(struct synward_halfopen *h,
			    const struct synward_pkt *pkt,
			    struct synward_net *sn)
{
	bool same_sender = synward_segment_from(pkt, h->flags) == SYNWARD_CLIENT;

	if (same_sender) {
		write_note(h, pkt);
	} else if (near(pkt->ack, h->client_isn) && near(pkt->seq, h->server_isn)) {
		enter(pkt, sn, SYNWARD_CONN_FORWARDED);
		synward_halfopen_remove(h, pkt->hash);
	}
}

bool synward_pickup(const struct synward_pkt *pkt, struct synward_net *sn,
		    const struct nf_hook_state *state)
{
	if (pkt->trusted)
		enter(pkt, sn, 0);
	else if (state->hook == NF_INET_FORWARD)
		make_note(pkt, sn);
	else
		return false;
	return true;
}
