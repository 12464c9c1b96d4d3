// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of both endpoints. See state.h.
 *
 * Each endpoint moves by what it shows itself to have done: a SYN or FIN that
 * it sends, a SYN or FIN of the peer that it acknowledges, one of its own that
 * the peer acknowledges. An acknowledgment proves the receipt; the passing of
 * the segment before it proves nothing, for it may still be lost. So the pair
 * of states is right at rest however segments were lost, doubled or reordered.
 */
#include <linux/jiffies.h>

#include "state.h"

/* What an endpoint shows, in the order in which one segment can show it. */
enum event {
	SND_SYN,	/* sends SYN */
	SND_SYNACK,	/* sends SYN and ACK */
	GOT_SYN,	/* acknowledges the peer's SYN in a segment without SYN */
	ACK_SYN,	/* the same, and its own SYN is acknowledged */
	SYN_ACKED,	/* its own SYN is acknowledged by the peer */
	ACK_FIN,	/* acknowledges the peer's FIN: it has received it */
	SND_FIN,	/* sends FIN */
	SND_FIN_1ST,	/* sends FIN without having received the peer's */
	FIN_ACKED,	/* its own FIN is acknowledged by the peer */
	SEE_RST,	/* a RST that is believed, sent or received */
	EVENT_MAX
};

#define sCL SYNWARD_CLOSED
#define sLI SYNWARD_LISTEN
#define sSS SYNWARD_SYN_SENT
#define sSR SYNWARD_SYN_RECEIVED
#define sES SYNWARD_ESTABLISHED
#define sF1 SYNWARD_FIN_WAIT_1
#define sF2 SYNWARD_FIN_WAIT_2
#define sCW SYNWARD_CLOSE_WAIT
#define sCG SYNWARD_CLOSING
#define sLA SYNWARD_LAST_ACK
#define sTW SYNWARD_TIME_WAIT

/*
 * The specification: one row an event, one column the state before it.
 * The sections are those of RFC 9293; "=" in a legend: the state stays.
 */
static const u8 transition[EVENT_MAX][SYNWARD_STATE_MAX] = {
/* SND_SYN: active open (3.10.1).
 *	CL, LI -> SS	opens; LI: what we took for a listener opens too, a
 *			simultaneous open (3.5, figure 7) or a split handshake
 *	SS =		the SYN is sent again
 *	others =	no SYN leaves a synchronized endpoint
 */
/*		   CL   LI   SS   SR   ES   F1   F2   CW   CG   LA   TW */
[SND_SYN]	= {sSS, sSS, sSS, sSR, sES, sF1, sF2, sCW, sCG, sLA, sTW},
/* SND_SYNACK: (3.10.7.2, 3.10.7.3)
 *	CL, LI -> SR	the listener took the SYN
 *	SS -> SR	simultaneous open: a SYN crossed its own
 *	SR, ES =	sent again, the ACK was lost or is late
 *	others =	late duplicate
 */
[SND_SYNACK]	= {sSR, sSR, sSR, sSR, sES, sF1, sF2, sCW, sCG, sLA, sTW},
/* GOT_SYN: (3.10.7.3)
 *	SS -> SR	a SYN crossed its own; the SYN-ACK that said so was lost
 */
[GOT_SYN]	= {sCL, sLI, sSR, sSR, sES, sF1, sF2, sCW, sCG, sLA, sTW},
/* ACK_SYN: (3.10.7.3)
 *	SS -> ES	got SYN-ACK, answers with ACK
 *	SR =		waits for the ACK of its own SYN
 *	others =	every segment of a synchronized endpoint does this
 */
[ACK_SYN]	= {sCL, sLI, sES, sSR, sES, sF1, sF2, sCW, sCG, sLA, sTW},
/* SYN_ACKED: (3.10.7.4, fifth check)
 *	SS =		it has yet to show that the SYN-ACK arrived
 *	SR -> ES	the handshake is complete
 */
[SYN_ACKED]	= {sCL, sLI, sSS, sES, sES, sF1, sF2, sCW, sCG, sLA, sTW},
/* ACK_FIN: (3.10.7.4, eighth check)
 *	SR, ES -> CW	the peer has closed its half
 *	F1 -> CG	both closed at once (3.6, figure 13)
 *	F2 -> TW	the peer closed second
 */
[ACK_FIN]	= {sCL, sLI, sSS, sCW, sCW, sCG, sTW, sCW, sCG, sLA, sTW},
/* SND_FIN: CLOSE call (3.10.4)
 *	SR, ES -> F1	closes first
 *	CW -> LA	closes second
 *	others =	the FIN is sent again
 */
[SND_FIN]	= {sCL, sLI, sSS, sF1, sF1, sF1, sF2, sLA, sCG, sLA, sTW},
/* SND_FIN_1ST: CLOSE call (3.10.4)
 *	SR, ES -> F1	closes first
 *	CW, LA -> CG	both closed at once, and its ACK of the peer's FIN has
 *			overtaken its own FIN
 *	others =	the FIN is sent again
 */
[SND_FIN_1ST]	= {sCL, sLI, sSS, sF1, sF1, sF1, sF2, sCG, sCG, sCG, sTW},
/* FIN_ACKED: (3.10.7.4, fifth check)
 *	F1 -> F2	half closed
 *	CG -> TW	simultaneous close done
 *	LA -> CL	passive close done
 */
[FIN_ACKED]	= {sCL, sLI, sSS, sSR, sES, sF2, sF2, sCW, sTW, sCL, sTW},
/* SEE_RST: (3.10.7.3, 3.10.7.4, second check) all -> CL */
[SEE_RST]	= {sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL},
};

/* Nobody sends a segment again so soon (RFC 6298: 1 s; Linux: 200 ms). */
#define AGAIN_MIN	(HZ / 10)

static void fire(struct synward_side *side, enum event ev)
{
	side->state = transition[ev][side->state];
}

static void open_side(struct synward_side *side, const struct synward_seg *seg)
{
	side->isn = seg->seq;
	side->end = synward_seg_end(seg);
	side->bits = SYNWARD_SIDE_SYN | SYNWARD_SIDE_END;
}

static void set_wscale(struct synward_conn *c, unsigned int role, u8 scale)
{
	if (role == SYNWARD_CLIENT)
		c->wscale = (c->wscale & 0xf0) | scale;
	else
		c->wscale = (c->wscale & 0x0f) | (scale << 4);
}

void synward_state_open(struct synward_conn *c, const struct synward_seg *seg,
			u32 now)
{
	struct synward_side *client = &c->side[SYNWARD_CLIENT];

	*c = (struct synward_conn) {
		.since = now,
		.wscale = SYNWARD_WSCALE_NONE << 4 | seg->wscale,
		.flags = seg->len ? SYNWARD_CONN_FASTOPEN : 0,
	};
	c->side[SYNWARD_SERVER].state = SYNWARD_LISTEN;
	c->side[SYNWARD_SERVER].last = now;
	open_side(client, seg);
	client->win = seg->window;
	client->packets = 1;
	client->bytes = seg->len;
	client->last = now;
	fire(client, SND_SYN);
}

/* The sender is a socket in a synchronized state; the peer is taken to be. */
void synward_state_pick_up(struct synward_conn *c,
			   const struct synward_seg *seg, u32 now)
{
	struct synward_side *snd = &c->side[seg->from];
	struct synward_side *rcv = &c->side[!seg->from];

	*c = (struct synward_conn) {
		.since = now,
		.wscale = SYNWARD_WSCALE_MAX << 4 | SYNWARD_WSCALE_MAX,
		.flags = SYNWARD_CONN_PICKED_UP,
	};
	snd->state = SYNWARD_ESTABLISHED;
	rcv->state = SYNWARD_ESTABLISHED;
	snd->end = seg->seq;
	snd->ack = seg->ack;
	rcv->end = seg->ack;
	rcv->ack = seg->seq;
	rcv->win = seg->window;
	snd->bits = SYNWARD_SIDE_END | SYNWARD_SIDE_ACK;
	rcv->bits = SYNWARD_SIDE_END | SYNWARD_SIDE_ACK;
	rcv->last = now;
	synward_state_step(c, seg, now);
}

/* RFC 7323 2.2: the window of a SYN is not scaled; all others are. */
static u16 window_field(const struct synward_conn *c, const struct synward_seg *seg)
{
	unsigned int scale = synward_conn_wscale(c, seg->from);

	if (!(seg->flags & SYNWARD_TCP_SYN))
		return seg->window;
	return (seg->window + (1U << scale) - 1) >> scale;
}

/*
 * A window does not shrink (RFC 9293 3.8.6): of two with the same number the
 * smaller one is older.
 */
static void note_ack(struct synward_side *snd, const struct synward_seg *seg,
		     u16 window)
{
	if (snd->bits & SYNWARD_SIDE_ACK &&
	    (synward_before(seg->ack, snd->ack) ||
	     (seg->ack == snd->ack && window < snd->win)))
		return;
	snd->ack = seg->ack;
	snd->win = window;
	snd->bits |= SYNWARD_SIDE_ACK;
}

void synward_state_note(struct synward_conn *c, const struct synward_seg *seg,
			u32 now)
{
	struct synward_side *snd = &c->side[seg->from];
	u32 end = synward_seg_end(seg);

	/* Nothing follows a FIN (3.10.4). */
	if (!(snd->bits & SYNWARD_SIDE_END) ||
	    (!(snd->bits & SYNWARD_SIDE_FIN) && synward_after(end, snd->end))) {
		snd->end = end;
		snd->bits |= SYNWARD_SIDE_END;
	}
	if (seg->flags & SYNWARD_TCP_ACK)
		note_ack(snd, seg, window_field(c, seg));
	snd->packets++;
	snd->bytes += seg->len;
	snd->last = now;
}

static void note_closer(struct synward_conn *c, const struct synward_seg *seg)
{
	if (c->flags & SYNWARD_CONN_CLOSER)
		return;
	c->flags |= SYNWARD_CONN_CLOSER;
	if (seg->from == SYNWARD_SERVER)
		c->flags |= SYNWARD_CONN_BY_SERVER;
	if (seg->flags & SYNWARD_TCP_RST)
		c->flags |= SYNWARD_CONN_BY_RST;
}

static void count_again(u8 *retrans, unsigned int shift)
{
	if ((*retrans >> shift & 0xf) < 0xf)
		*retrans += 1 << shift;
}

/* Does @a's acknowledgment cover everything up to @seq? */
static bool covers(const struct synward_side *a, u32 seq)
{
	return a->bits & SYNWARD_SIDE_ACK && !synward_before(a->ack, seq);
}

static bool syn_acked(const struct synward_side *mine,
		      const struct synward_side *peer)
{
	return mine->bits & SYNWARD_SIDE_SYN && covers(peer, mine->isn + 1);
}

static bool fin_acked(const struct synward_side *mine,
		      const struct synward_side *peer)
{
	return mine->bits & SYNWARD_SIDE_FIN && covers(peer, mine->end);
}

/*
 * Had the sender of this FIN not received the peer's when it first sent it? It
 * says so itself or, when that segment was lost, what it sent after it came
 * first: before the peer's FIN did (no SYNWARD_SIDE_MOVED), or after it
 * (SYNWARD_SIDE_AHEAD) and this one so late that it has been sent again: one
 * that was overtaken is there in no time. @end is that of the sender before
 * this segment.
 */
static bool fin_first(const struct synward_conn *c,
		      const struct synward_seg *seg, u32 end, u32 now)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *peer = &c->side[!seg->from];

	if (!(peer->bits & SYNWARD_SIDE_FIN) ||
	    synward_before(seg->ack, peer->end) ||
	    !(snd->bits & SYNWARD_SIDE_MOVED))
		return true;
	return snd->bits & SYNWARD_SIDE_AHEAD &&
	       !synward_after(synward_seg_end(seg), end) && now - c->since >= AGAIN_MIN;
}

/*
 * From behind a segment that has not come, when the peer's FIN has: the sender
 * had sent its own FIN when it got the peer's. Unless the peer had to repeat
 * its FIN: then the missing one may well have been the answer to the first.
 */
static bool is_ahead(const struct synward_side *snd,
		     const struct synward_side *rcv,
		     const struct synward_seg *seg, u32 end)
{
	return snd->state <= SYNWARD_ESTABLISHED &&
	       !(seg->flags & SYNWARD_TCP_FIN) && synward_after(seg->seq, end) &&
	       (rcv->bits & (SYNWARD_SIDE_FIN | SYNWARD_SIDE_FIN_AGAIN)) ==
	       SYNWARD_SIDE_FIN;
}

/* All that the segment shows of both endpoints; repeating it is harmless. */
static void fire_shown(struct synward_conn *c, const struct synward_seg *seg,
		       u32 end, u32 now)
{
	struct synward_side *snd = &c->side[seg->from];
	struct synward_side *rcv = &c->side[!seg->from];

	if (seg->flags & SYNWARD_TCP_SYN)
		fire(snd, seg->flags & SYNWARD_TCP_ACK ? SND_SYNACK : SND_SYN);
	else if (syn_acked(rcv, snd))
		fire(snd, syn_acked(snd, rcv) ? ACK_SYN : GOT_SYN);
	if (syn_acked(rcv, snd))
		fire(rcv, SYN_ACKED);
	if (syn_acked(snd, rcv))
		fire(snd, SYN_ACKED);
	if (is_ahead(snd, rcv, seg, end))
		snd->bits |= SYNWARD_SIDE_AHEAD;
	if (fin_acked(rcv, snd)) {
		fire(rcv, FIN_ACKED);
		fire(snd, ACK_FIN);
	}
	if (seg->flags & SYNWARD_TCP_FIN)
		fire(snd, fin_first(c, seg, end, now) ? SND_FIN_1ST : SND_FIN);
	if (fin_acked(snd, rcv)) {
		fire(snd, FIN_ACKED);
		fire(rcv, ACK_FIN);
	}
}

static void step_rst(struct synward_conn *c, const struct synward_seg *seg,
		     u32 now)
{
	note_closer(c, seg);
	c->side[seg->from].packets++;
	fire(&c->side[0], SEE_RST);
	fire(&c->side[1], SEE_RST);
	c->since = now;
}

static void step_fin(struct synward_conn *c, const struct synward_seg *seg,
		     u32 end, u32 now)
{
	struct synward_side *snd = &c->side[seg->from];

	note_closer(c, seg);
	/* Forged data may have seemed to reach further. */
	if (!(snd->bits & SYNWARD_SIDE_FIN))
		snd->end = synward_seg_end(seg);
	else
		snd->bits |= SYNWARD_SIDE_FIN_AGAIN;
	snd->bits |= SYNWARD_SIDE_FIN;
	/* What was missing is still missing: this one is newer. */
	if (synward_after(synward_seg_end(seg), end))
		snd->bits &= ~SYNWARD_SIDE_AHEAD;
	/* A FIN sent again into TIME-WAIT restarts the timer, 3.10.7.4. */
	if (c->side[!seg->from].state == SYNWARD_TIME_WAIT)
		c->since = now;
}

/* What is acknowledged was sent, even where we have not seen it. */
static void note_sent(struct synward_side *rcv, const struct synward_seg *seg)
{
	if (rcv->bits & SYNWARD_SIDE_END && synward_after(seg->ack, rcv->end))
		rcv->end = seg->ack;
}

/* @end: where the side was before this segment, which is not yet the peer's FIN. */
static void note_moved(struct synward_side *side, u32 end,
		       const struct synward_side *peer)
{
	if (side->end != end && peer->bits & SYNWARD_SIDE_FIN)
		side->bits |= SYNWARD_SIDE_MOVED;
}

static void step_again(struct synward_conn *c, enum synward_judgement what)
{
	count_again(&c->retrans, what == SYNWARD_SEG_SYN_AGAIN ? 0 : 4);
}

enum synward_judgement synward_state_step(struct synward_conn *c,
					  const struct synward_seg *seg, u32 now)
{
	enum synward_judgement what = synward_state_judge(c, seg);
	u8 before[2] = { c->side[0].state, c->side[1].state };
	u32 end = c->side[seg->from].end, peer_end = c->side[!seg->from].end;

	if (what == SYNWARD_SEG_SYN_AGAIN || what == SYNWARD_SEG_SYNACK_AGAIN)
		step_again(c, what);
	if (what != SYNWARD_SEG_OK)
		return what;
	if (seg->flags & SYNWARD_TCP_RST) {
		step_rst(c, seg, now);
		return what;
	}
	if (seg->flags & SYNWARD_TCP_SYN) {
		open_side(&c->side[seg->from], seg);
		set_wscale(c, seg->from, seg->wscale);
	}
	synward_state_note(c, seg, now);
	if (seg->flags & SYNWARD_TCP_ACK)
		note_sent(&c->side[!seg->from], seg);
	note_moved(&c->side[seg->from], end, &c->side[!seg->from]);
	note_moved(&c->side[!seg->from], peer_end, &c->side[seg->from]);
	if (seg->flags & SYNWARD_TCP_FIN)
		step_fin(c, seg, end, now);
	fire_shown(c, seg, end, now);
	if (before[0] != c->side[0].state || before[1] != c->side[1].state)
		c->since = now;
	return what;
}

const char *synward_state_name(unsigned int state)
{
	static const char * const names[SYNWARD_STATE_MAX] = {
		[SYNWARD_CLOSED]	= "CLOSED",
		[SYNWARD_LISTEN]	= "LISTEN",
		[SYNWARD_SYN_SENT]	= "SYN-SENT",
		[SYNWARD_SYN_RECEIVED]	= "SYN-RECEIVED",
		[SYNWARD_ESTABLISHED]	= "ESTABLISHED",
		[SYNWARD_FIN_WAIT_1]	= "FIN-WAIT-1",
		[SYNWARD_FIN_WAIT_2]	= "FIN-WAIT-2",
		[SYNWARD_CLOSE_WAIT]	= "CLOSE-WAIT",
		[SYNWARD_CLOSING]	= "CLOSING",
		[SYNWARD_LAST_ACK]	= "LAST-ACK",
		[SYNWARD_TIME_WAIT]	= "TIME-WAIT",
	};

	return state < SYNWARD_STATE_MAX ? names[state] : "?";
}
