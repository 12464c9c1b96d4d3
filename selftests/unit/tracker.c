// SPDX-License-Identifier: GPL-2.0
/* What module/handshake.c and flow.c do with the state machine. See tracker.h. */
#include "tracker.h"

static struct synward_seg as_role(const struct synward_seg *seg, u8 role)
{
	struct synward_seg copy = *seg;

	copy.from = seg->from ^ role;
	return copy;
}

static enum synward_judgement step_flow(struct tracker *t,
					const struct synward_seg *seg, u32 now)
{
	struct synward_seg copy = as_role(seg, t->flow_role);

	return synward_state_step(&t->flow, &copy, now);
}

static void promote(struct tracker *t, const struct synward_conn *conn)
{
	t->flow = *conn;
	t->flow_role = t->half_role;
	t->has_flow = true;
	t->has_half = false;
}

/* Once the server has answered, an old connection on the same ports is gone. */
static void keep(struct tracker *t, const struct synward_conn *conn)
{
	if (!t->half.synack &&
	    conn->side[SYNWARD_SERVER].state == SYNWARD_SYN_RECEIVED) {
		t->half.synack = 1;
		t->has_flow = false;
	}
	kept_save(&t->half, conn);
}

/* A server that took the data of the SYN may speak at once. */
static bool fast_opened(const struct synward_conn *conn)
{
	const struct synward_side *server = &conn->side[SYNWARD_SERVER];

	return server->state == SYNWARD_SYN_RECEIVED &&
	       synward_after(server->ack, conn->side[SYNWARD_CLIENT].isn + 1);
}

static enum synward_judgement step_half(struct tracker *t,
					const struct synward_seg *seg, u32 now)
{
	struct synward_seg copy = as_role(seg, t->half_role);
	enum synward_judgement what;
	struct synward_conn conn;

	kept_load(&t->half, &conn);
	what = synward_state_step(&conn, &copy, now);
	if (synward_conn_over(&conn))
		t->has_half = false;
	else if (!synward_conn_half_open(&conn) || fast_opened(&conn))
		promote(t, &conn);
	else
		keep(t, &conn);
	return what;
}

static enum synward_judgement see_syn(struct tracker *t,
				      const struct synward_seg *seg, u32 now)
{
	enum synward_judgement what = SYNWARD_SEG_REUSE;
	struct synward_seg copy = as_role(seg, seg->from);
	struct synward_conn conn;

	if (t->has_flow)
		what = step_flow(t, seg, now);
	/* On a live one only the answer will tell which of the two holds. */
	if (what != SYNWARD_SEG_REUSE && what != SYNWARD_SEG_SYN_ON_LIVE)
		return what;
	if (t->has_half)
		return step_half(t, seg, now);
	synward_state_open(&conn, &copy, now);
	t->half_role = seg->from;
	t->has_half = true;
	t->half.synack = 0;
	kept_save(&t->half, &conn);
	return SYNWARD_SEG_OK;
}

static enum synward_judgement see_synack(struct tracker *t,
					 const struct synward_seg *seg, u32 now)
{
	if (t->has_half)
		return step_half(t, seg, now);
	return t->has_flow ? step_flow(t, seg, now) : SYNWARD_SEG_OK;
}

/* A RST that acknowledges the SYN of a new connection says nothing to the old. */
static bool refuses(const struct tracker *t, const struct synward_seg *seg)
{
	struct synward_seg copy = as_role(seg, t->half_role);
	struct synward_conn conn;

	if (!t->has_half || (seg->flags & (SYNWARD_TCP_RST | SYNWARD_TCP_ACK)) !=
			    (SYNWARD_TCP_RST | SYNWARD_TCP_ACK))
		return false;
	kept_load(&t->half, &conn);
	return synward_state_judge(&conn, &copy) == SYNWARD_SEG_OK;
}

static enum synward_judgement see_other(struct tracker *t,
					const struct synward_seg *seg, u32 now)
{
	struct synward_seg copy = as_role(seg, 0);

	if (t->has_flow && !refuses(t, seg))
		return step_flow(t, seg, now);
	if (t->has_half)
		return step_half(t, seg, now);
	if (seg->trusted && !(seg->flags & SYNWARD_TCP_RST)) {
		synward_state_pick_up(&t->flow, &copy, now);
		t->flow_role = 0;
		t->has_flow = true;
	}
	return SYNWARD_SEG_OK;
}

enum synward_judgement tracker_see(struct tracker *t,
				   const struct synward_seg *seg, u32 now)
{
	if (!(seg->flags & SYNWARD_TCP_SYN))
		return see_other(t, seg, now);
	return seg->flags & SYNWARD_TCP_ACK ? see_synack(t, seg, now) :
					      see_syn(t, seg, now);
}

static bool half_counts(const struct tracker *t)
{
	return t->has_half && (!t->has_flow || synward_conn_over(&t->flow));
}

u8 tracker_state(const struct tracker *t, unsigned int end)
{
	if (half_counts(t))
		return end == t->half_role ? t->half.states & 0xf :
					     t->half.states >> 4;
	return t->has_flow ? t->flow.side[end ^ t->flow_role].state :
			     SYNWARD_CLOSED;
}

bool tracker_ahead(const struct tracker *t)
{
	return t->has_flow && (t->flow.side[0].bits | t->flow.side[1].bits) &
	       SYNWARD_SIDE_AHEAD;
}
