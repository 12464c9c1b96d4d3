// SPDX-License-Identifier: GPL-2.0
/*
 * Does a segment fit where both endpoints stand? See synward_state_judge() in
 * state.h. Nothing here changes anything.
 */
#include "state.h"

/* The largest window without scaling. No SYN carries more data either. */
#define UNSCALED_MAX	65535U

/* How far back an old segment of this sender may begin: one full window. */
static u32 window_max(const struct synward_conn *c, unsigned int role)
{
	return UNSCALED_MAX << synward_conn_wscale(c, role);
}

static u32 window_of(const struct synward_conn *c, unsigned int role)
{
	return (u32)c->side[role].win << synward_conn_wscale(c, role);
}

/*
 * RFC 9293 3.10.7.4: the segment touches the receive window. Kept wider on the
 * left by one window: retransmissions of what was acknowledged, keepalives
 * (one before the window) and window probes are part of a good connection. But
 * no FIN lies before what was acknowledged behind it: that one is of an older
 * connection, as is whatever a listener seems to send. Before the receiver's
 * first ACK its window is the one of its SYN, which is not scaled.
 */
static bool in_window(const struct synward_conn *c, const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];

	if (!(snd->bits & SYNWARD_SIDE_END))
		return false;
	if (!(rcv->bits & SYNWARD_SIDE_ACK))
		return seg->seq - snd->isn <= UNSCALED_MAX;
	if (seg->flags & SYNWARD_TCP_FIN && synward_before(synward_seg_end(seg), rcv->ack))
		return false;
	return !synward_after(seg->seq, rcv->ack + window_of(c, !seg->from)) &&
	       !synward_before(synward_seg_end(seg), rcv->ack - window_max(c, !seg->from));
}

/*
 * Does @ack acknowledge nothing that @side has not sent? How much data went with
 * the segments of a Fast Open handshake (RFC 7413) is not remembered.
 */
static bool acks_sent(const struct synward_conn *c,
		      const struct synward_side *side, u32 ack)
{
	u32 data = c->flags & SYNWARD_CONN_FASTOPEN ? UNSCALED_MAX : 0;

	return !(side->bits & SYNWARD_SIDE_END) ||
	       !synward_after(ack, side->end + data);
}

/* Does @ack acknowledge the SYN of @side? Of data with it all, a part or none. */
static bool acks_syn(const struct synward_conn *c,
		     const struct synward_side *side, u32 ack)
{
	return side->bits & SYNWARD_SIDE_SYN && synward_after(ack, side->isn) &&
	       acks_sent(c, side, ack);
}

/*
 * RFC 5961 5.2: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. The first ACK of an
 * endpoint acknowledges the SYN: nobody completes a handshake by guessing.
 */
static bool ack_fits(const struct synward_conn *c, const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];

	if (synward_state_opening(rcv->state) || !(snd->bits & SYNWARD_SIDE_ACK))
		return acks_syn(c, rcv, seg->ack);
	return acks_sent(c, rcv, seg->ack) &&
	       !synward_before(seg->ack, snd->ack - window_max(c, seg->from));
}

/*
 * RFC 9293 3.10.7.4, and what Linux makes of it: a peer that has closed may
 * answer with a RST at its FIN rather than behind it.
 */
static bool rst_at_fin(const struct synward_side *rcv,
		       const struct synward_seg *seg)
{
	switch (rcv->state) {
	case SYNWARD_CLOSE_WAIT:
	case SYNWARD_LAST_ACK:
	case SYNWARD_CLOSING:
		return rcv->bits & SYNWARD_SIDE_ACK && seg->seq == rcv->ack - 1;
	}
	return false;
}

/*
 * RFC 5961 3.2: a RST counts at exactly the expected sequence number. What the
 * receiver expects is what it last acknowledged or, when that ACK is still to
 * come, all that the sender has sent. In SYN-SENT it must acknowledge the SYN.
 */
static enum synward_judgement judge_rst(const struct synward_conn *c,
					const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];

	if (seg->trusted)
		return SYNWARD_SEG_OK;
	if (rcv->state == SYNWARD_SYN_SENT && seg->flags & SYNWARD_TCP_ACK)
		return acks_syn(c, rcv, seg->ack) ? SYNWARD_SEG_OK :
						    SYNWARD_SEG_BAD_RST;
	if (rcv->bits & SYNWARD_SIDE_ACK && seg->seq == rcv->ack)
		return SYNWARD_SEG_OK;
	if (snd->bits & SYNWARD_SIDE_END && seg->seq == snd->end)
		return SYNWARD_SEG_OK;
	return rst_at_fin(rcv, seg) ? SYNWARD_SEG_OK : SYNWARD_SEG_BAD_RST;
}

static enum synward_judgement judge_syn(const struct synward_conn *c,
					const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];

	if (snd->bits & SYNWARD_SIDE_SYN && seg->seq == snd->isn)
		return SYNWARD_SEG_SYN_AGAIN;
	if (synward_conn_over(c))
		return SYNWARD_SEG_REUSE;
	/* A new attempt counts as long as nobody has answered the old one. */
	if (snd->state == SYNWARD_LISTEN ||
	    (snd->state == SYNWARD_SYN_SENT && rcv->state == SYNWARD_LISTEN))
		return SYNWARD_SEG_OK;
	return SYNWARD_SEG_SYN_ON_LIVE;
}

static enum synward_judgement judge_synack(const struct synward_conn *c,
					   const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];

	if (snd->bits & SYNWARD_SIDE_SYN && seg->seq == snd->isn &&
	    snd->state != SYNWARD_SYN_SENT)
		return SYNWARD_SEG_SYNACK_AGAIN;
	/* Two SYNs have crossed: its own goes once more, with the same number. */
	if (!synward_state_opening(snd->state) ||
	    (snd->state == SYNWARD_SYN_SENT && seg->seq != snd->isn))
		return SYNWARD_SEG_SYN_ON_LIVE;
	/* It answers the SYN that we know, or it is a stale one (3.5, figure 9). */
	return acks_syn(c, rcv, seg->ack) ? SYNWARD_SEG_OK : SYNWARD_SEG_BAD_ACK;
}

enum synward_judgement synward_state_judge(const struct synward_conn *c,
					   const struct synward_seg *seg)
{
	if (seg->flags & SYNWARD_TCP_RST)
		return judge_rst(c, seg);
	if (seg->flags & SYNWARD_TCP_SYN)
		return seg->flags & SYNWARD_TCP_ACK ? judge_synack(c, seg) :
						      judge_syn(c, seg);
	if (seg->trusted)
		return SYNWARD_SEG_OK;
	if (!in_window(c, seg))
		return SYNWARD_SEG_OUT_OF_WINDOW;
	return ack_fits(c, seg) ? SYNWARD_SEG_OK : SYNWARD_SEG_BAD_ACK;
}
