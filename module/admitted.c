// SPDX-License-Identifier: GPL-2.0
/* Who has been let in. See admitted.h. */
#include <linux/compiler.h>

#include "admitted.h"
#include "established.h"
#include "halfopen.h"
#include "packet.h"
#include "segment.h"

/* -- connections -- */

/* Of a connection that was picked up no beginning is known. */
static bool within(const struct synward_side *side, u32 seq)
{
	return side->bits & SYNWARD_SIDE_SYN &&
	       !synward_before(seq, side->isn) && !synward_after(seq, side->end);
}

static bool belongs(const struct synward_conn *c, const struct synward_pkt *pkt)
{
	return synward_segment_from(pkt, c->flags) == SYNWARD_CLIENT &&
	       within(&c->side[SYNWARD_CLIENT], pkt->seq - 1) &&
	       within(&c->side[SYNWARD_SERVER], pkt->ack - 1);
}

static bool has_only_shaken_hands(const struct synward_conn *c)
{
	const struct synward_side *server = &c->side[SYNWARD_SERVER];
	unsigned int synacks = 1 + (c->retrans >> 4);

	return !synward_conn_over(c) && server->end == server->isn + 1 &&
	       server->packets <= synacks;
}

bool synward_admitted_belongs(const struct synward_flow *flow,
			      const struct synward_pkt *pkt)
{
	/* Without the lock: what changes now may have come later. */
	return data_race(belongs(&flow->conn, pkt));
}

bool synward_admitted_flow(const struct synward_flow *flow,
			   const struct synward_pkt *pkt)
{
	/* Without the lock: what changes now may have come later. */
	return data_race(has_only_shaken_hands(&flow->conn)) &&
	       synward_admitted_belongs(flow, pkt);
}

/* -- handshakes -- */

static bool from_client(const struct synward_halfopen *h,
			const struct synward_pkt *pkt)
{
	return synward_segment_from(pkt, h->flags) == SYNWARD_CLIENT &&
	       h->client_isn == pkt->seq - 1;
}

static bool is_shown(const struct synward_halfopen *h,
		     const struct synward_pkt *pkt)
{
	return h->states >> 4 == SYNWARD_SYN_RECEIVED && from_client(h, pkt);
}

static bool is_let_in(const struct synward_halfopen *h,
		      const struct synward_pkt *pkt)
{
	return (h->states >> 4 == SYNWARD_SYN_RECEIVED ||
		h->flags & SYNWARD_CONN_COOKIE) &&
	       from_client(h, pkt) && h->server_isn == pkt->ack - 1;
}

bool synward_admitted_syn(const struct synward_pkt *pkt)
{
	const struct synward_halfopen *h = synward_halfopen_find(pkt);

	/* Without the lock: an entry that changes now may have changed before. */
	return h && data_race(is_shown(h, pkt));
}

bool synward_admitted_handshake(const struct synward_pkt *pkt)
{
	const struct synward_halfopen *h = synward_halfopen_find(pkt);

	/* Without the lock: an entry that changes now may have changed before. */
	return h && data_race(is_let_in(h, pkt));
}
