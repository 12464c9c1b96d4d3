// SPDX-License-Identifier: GPL-2.0
/* What a segment does to a connection past its handshake. See flow.h. */
#include <linux/jiffies.h>

#include "established.h"
#include "flow.h"
#include "segment.h"

/* Under the bucket's lock: anything may happen to the states. */
static enum synward_judgement step_flow(struct synward_flow *flow,
					const struct synward_pkt *pkt,
					struct synward_net *sn)
{
	bool was_over = synward_conn_over(&flow->conn);
	enum synward_judgement what;
	struct synward_seg seg;

	synward_segment_make(&seg, pkt, flow->conn.flags);
	what = synward_state_step(&flow->conn, &seg, (u32)jiffies);
	if (what == SYNWARD_SEG_OK)
		synward_segment_note_data(&flow->conn, pkt, &seg);
	synward_segment_count(sn, what);
	synward_segment_trace(pkt, sn, &flow->conn, &seg, what);
	if (!was_over && synward_conn_over(&flow->conn))
		synward_segment_count_end(sn, &flow->conn);
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
	synward_segment_make(&seg, pkt, flow->conn.flags);
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
		synward_segment_count(sn, what);
	synward_segment_trace(pkt, sn, &flow->conn, &seg, what);
	return true;
}

bool synward_flow_step(struct synward_flow *flow, const struct synward_pkt *pkt,
		       struct synward_net *sn)
{
	enum synward_judgement what;

	/* A number that the other direction is about to change may be either. */
	if (likely(data_race(step_steady(flow, pkt, sn))))
		return false;
	what = step_locked(pkt, sn);
	return what == SYNWARD_SEG_REUSE || what == SYNWARD_SEG_SYN_ON_LIVE;
}

void synward_flow_replaced(const struct synward_pkt *pkt)
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
