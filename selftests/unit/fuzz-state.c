// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine under any segments at all. What it promises:
 *
 * - states and pairs of states are those that two endpoints can be in; they go
 *   forward only, and nobody leaves CLOSED, nor LISTEN but by SYN or RST
 * - judging changes nothing, nor does what is not judged OK, but for counters
 *   of retransmission
 * - numbers move forward, to where the segment says, and on account of a
 *   stranger only inside the windows
 * - the same segment once more changes no state
 * - the short cut for what is expected next comes to the same as the long way
 * - no number means anything by itself: the same life at other places of the
 *   sequence space is the same life
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "segments.h"

#define FIN	SYNWARD_TCP_FIN
#define SYN	SYNWARD_TCP_SYN
#define RST	SYNWARD_TCP_RST
#define ACK	SYNWARD_TCP_ACK

#define BIT(n)	(1U << (n))
#define CL	BIT(SYNWARD_CLOSED)
#define LI	BIT(SYNWARD_LISTEN)
#define SS	BIT(SYNWARD_SYN_SENT)
#define SR	BIT(SYNWARD_SYN_RECEIVED)
#define ES	BIT(SYNWARD_ESTABLISHED)
#define F1	BIT(SYNWARD_FIN_WAIT_1)
#define F2	BIT(SYNWARD_FIN_WAIT_2)
#define CW	BIT(SYNWARD_CLOSE_WAIT)
#define CG	BIT(SYNWARD_CLOSING)
#define LA	BIT(SYNWARD_LAST_ACK)
#define TW	BIT(SYNWARD_TIME_WAIT)

/* Forward only, RFC 9293 figure 5; what was missed is made up for at once. */
static const u16 ways[SYNWARD_STATE_MAX] = {
	[SYNWARD_CLOSED]	= CL,
	[SYNWARD_LISTEN]	= LI | SS | SR | CL,
	[SYNWARD_SYN_SENT]	= SS | SR | ES | F1 | F2 | CW | CG | LA | TW | CL,
	[SYNWARD_SYN_RECEIVED]	= SR | ES | F1 | F2 | CW | CG | LA | TW | CL,
	[SYNWARD_ESTABLISHED]	= ES | F1 | F2 | CW | CG | LA | TW | CL,
	[SYNWARD_FIN_WAIT_1]	= F1 | F2 | CG | TW | CL,
	[SYNWARD_FIN_WAIT_2]	= F2 | TW | CL,
	[SYNWARD_CLOSE_WAIT]	= CW | LA | CG | TW | CL,
	[SYNWARD_CLOSING]	= CG | TW | CL,
	[SYNWARD_LAST_ACK]	= LA | CG | TW | CL,
	[SYNWARD_TIME_WAIT]	= TW | CL,
};

/* What the other endpoint can be in. */
static const u16 pairs[SYNWARD_STATE_MAX] = {
	[SYNWARD_CLOSED]	= CL | TW,
	[SYNWARD_LISTEN]	= SS,
	[SYNWARD_SYN_SENT]	= LI | SS | SR | F1,
	[SYNWARD_SYN_RECEIVED]	= SS | SR,
	[SYNWARD_ESTABLISHED]	= ES | F1,
	[SYNWARD_FIN_WAIT_1]	= SS | ES | F1,
	[SYNWARD_FIN_WAIT_2]	= CW | CG | LA,
	[SYNWARD_CLOSE_WAIT]	= F2,
	[SYNWARD_CLOSING]	= F2,
	[SYNWARD_LAST_ACK]	= F2,
	[SYNWARD_TIME_WAIT]	= CL | TW,
};

void fuzz_broken(const char *promise, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

static void check_states(const struct synward_conn *c)
{
	u8 a = c->side[0].state, b = c->side[1].state;

	PROMISE(a < SYNWARD_STATE_MAX);
	PROMISE(b < SYNWARD_STATE_MAX);
	PROMISE(*synward_state_name(a) != '?');
	if (!(pairs[a] & BIT(b)))
		fprintf(stderr, "%s %s\n", synward_state_name(a),
			synward_state_name(b));
	PROMISE(pairs[a] & BIT(b));
}

static void check_refused(const struct synward_conn *old,
			  const struct synward_conn *c,
			  enum synward_judgement what)
{
	u8 syn = old->retrans & 0x0f, synack = old->retrans & 0xf0;
	struct synward_conn same = *old;

	if (what == SYNWARD_SEG_SYN_AGAIN && syn < 0x0f)
		same.retrans += 0x01;
	if (what == SYNWARD_SEG_SYNACK_AGAIN && synack < 0xf0)
		same.retrans += 0x10;
	PROMISE(!memcmp(&same, c, sizeof(same)));
}

static void check_ways(const struct synward_conn *old,
		       const struct synward_conn *c,
		       const struct synward_seg *seg)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		u8 from = old->side[i].state, to = c->side[i].state;

		PROMISE(ways[from] & BIT(to));
		if (from == SYNWARD_LISTEN && to != from)
			PROMISE(seg->flags & RST ||
				(seg->flags & SYN && seg->from == i));
	}
}

/* Of the receiver its state may change, and what it must have sent. */
static void check_receiver(const struct synward_side *old,
			   const struct synward_side *side,
			   const struct synward_seg *seg)
{
	struct synward_side same = *old;

	same.state = side->state;
	if (seg->flags & ACK && synward_after(side->end, old->end)) {
		same.end = seg->ack;
		same.bits |= side->bits & SYNWARD_SIDE_MOVED;
	}
	PROMISE(!memcmp(&same, side, sizeof(same)));
}

static u32 seg_end(const struct synward_seg *seg)
{
	return seg->seq + seg->len + !!(seg->flags & SYN) + !!(seg->flags & FIN);
}

static void check_sender(const struct synward_side *old,
			 const struct synward_side *side,
			 const struct synward_seg *seg)
{
	PROMISE(side->packets == old->packets + 1);
	if (seg->flags & RST)
		return;
	PROMISE(side->bytes == old->bytes + seg->len);
	PROMISE(side->bits & SYNWARD_SIDE_END);
	if (seg->flags & SYN) {
		PROMISE(side->isn == seg->seq && side->end == seg_end(seg));
		return;
	}
	PROMISE(side->isn == old->isn);
	/* The first FIN says where the end is, the next ones nothing new. */
	PROMISE(side->end == old->end ||
		(side->end == seg_end(seg) && !(old->bits & SYNWARD_SIDE_FIN) &&
		 (!(old->bits & SYNWARD_SIDE_END) || seg->flags & FIN ||
		  synward_after(side->end, old->end))));
	PROMISE(side->ack == old->ack ||
		(side->ack == seg->ack &&
		 (!(old->bits & SYNWARD_SIDE_ACK) ||
		  synward_after(side->ack, old->ack))));
}

static u32 window_of(const struct synward_conn *c, unsigned int role, u32 field)
{
	unsigned int scale = synward_conn_wscale(c, role);

	return field << (scale > SYNWARD_WSCALE_MAX ? 0 : scale);
}

/* What a stranger may say. Half the sequence space means: before or behind. */
static void check_stranger(const struct synward_conn *old,
			   const struct synward_seg *seg)
{
	const struct synward_side *snd = &old->side[seg->from];
	const struct synward_side *rcv = &old->side[!seg->from];
	u32 most = window_of(old, !seg->from, U16_MAX);
	u32 win = window_of(old, !seg->from, rcv->win);
	u32 unseen = old->flags & SYNWARD_CONN_FASTOPEN ? U16_MAX : 0;

	if (rcv->bits & SYNWARD_SIDE_ACK && !(seg->flags & SYN)) {
		PROMISE((s32)(seg->seq - rcv->ack - win) <= 0);
		PROMISE((s32)(seg_end(seg) - rcv->ack + most) >= 0);
	}
	if (rcv->bits & SYNWARD_SIDE_END && seg->flags & ACK)
		PROMISE((s32)(seg->ack - rcv->end - unseen) <= 0);
	/* Only who has shown a SYN, or was picked up, can say anything. */
	if (!(seg->flags & SYN))
		PROMISE(snd->bits & SYNWARD_SIDE_END);
	/* A handshake completes by an ACK of the SYN, not by a guess. */
	if (rcv->state == SYNWARD_SYN_RECEIVED)
		PROMISE(seg->ack - rcv->isn - 1 <= rcv->end - rcv->isn - 1 + unseen);
}

static void check_rst(const struct synward_conn *old,
		      const struct synward_conn *c,
		      const struct synward_seg *seg)
{
	const struct synward_side *snd = &old->side[seg->from];
	const struct synward_side *rcv = &old->side[!seg->from];
	bool exact = (rcv->bits & SYNWARD_SIDE_ACK && seg->seq == rcv->ack) ||
		     (snd->bits & SYNWARD_SIDE_END && seg->seq == snd->end);
	bool answers = rcv->state == SYNWARD_SYN_SENT && seg->flags & ACK &&
		       synward_after(seg->ack, rcv->isn);

	bool at_fin = BIT(rcv->state) & (CW | LA | CG) &&
		      seg->seq == rcv->ack - 1;

	PROMISE(exact || answers || at_fin || seg->trusted);
	PROMISE(c->side[0].state == SYNWARD_CLOSED);
	PROMISE(c->side[1].state == SYNWARD_CLOSED);
}

static void check_taken(const struct synward_conn *old,
			const struct synward_conn *c,
			const struct synward_seg *seg, u32 now)
{
	bool moved = old->side[0].state != c->side[0].state ||
		     old->side[1].state != c->side[1].state;
	struct synward_conn again = *c;

	check_ways(old, c, seg);
	check_receiver(&old->side[!seg->from], &c->side[!seg->from], seg);
	check_sender(&old->side[seg->from], &c->side[seg->from], seg);
	PROMISE((c->flags & old->flags) == old->flags);
	PROMISE(c->retrans == old->retrans);
	if (moved)
		PROMISE(c->since == now);
	else if (!(seg->flags & (FIN | RST)))
		PROMISE(c->since == old->since);
	if (seg->flags & RST)
		check_rst(old, c, seg);
	else if (!seg->trusted)
		check_stranger(old, seg);
	synward_state_step(&again, seg, now);
	PROMISE(again.side[0].state == c->side[0].state);
	PROMISE(again.side[1].state == c->side[1].state);
}

static void check_expected(const struct synward_conn *c,
			   const struct synward_seg *seg,
			   enum synward_judgement judged, u32 now)
{
	struct synward_conn brief = *c, full = *c;

	if ((seg->flags & (SYN | FIN | RST | ACK)) != ACK ||
	    !synward_conn_steady(c) || !synward_conn_expects(c, seg))
		return;
	PROMISE(judged == SYNWARD_SEG_OK);
	synward_conn_advance(&brief, seg, now);
	synward_state_note(&full, seg, now);
	PROMISE(!memcmp(&brief, &full, sizeof(full)));
}

static enum synward_judgement step(struct synward_conn *c,
				   const struct synward_seg *seg, u32 now)
{
	const struct synward_conn old = *c;
	enum synward_judgement judged = synward_state_judge(c, seg);
	enum synward_judgement what;

	PROMISE(!memcmp(&old, c, sizeof(old)));
	check_expected(c, seg, judged, now);
	what = synward_state_step(c, seg, now);
	PROMISE(what == judged);
	PROMISE(what < SYNWARD_SEG_MAX);
	check_states(c);
	if (what == SYNWARD_SEG_OK)
		check_taken(&old, c, seg, now);
	else
		check_refused(&old, c, what);
	return what;
}

/* -- the same life elsewhere -- */

static struct synward_seg moved_seg(const struct synward_seg *seg,
				    const u32 *offset)
{
	struct synward_seg copy = *seg;

	copy.seq += offset[seg->from];
	copy.ack += offset[!seg->from];
	return copy;
}

static void check_moved_side(const struct synward_side *a,
			     const struct synward_side *b, u32 own, u32 other)
{
	PROMISE(a->state == b->state && a->bits == b->bits);
	if (a->bits & SYNWARD_SIDE_SYN)
		PROMISE(a->isn + own == b->isn);
	if (a->bits & SYNWARD_SIDE_END)
		PROMISE(a->end + own == b->end);
	if (a->bits & SYNWARD_SIDE_ACK)
		PROMISE(a->ack + other == b->ack && a->win == b->win);
}

static void check_moved(const struct synward_conn *a,
			const struct synward_conn *b, const u32 *offset)
{
	PROMISE(a->flags == b->flags && a->wscale == b->wscale);
	check_moved_side(&a->side[0], &b->side[0], offset[0], offset[1]);
	check_moved_side(&a->side[1], &b->side[1], offset[1], offset[0]);
}

static void begin_moved(struct synward_conn *c, const struct synward_seg *seg,
			bool pick_up, const u32 *offset)
{
	struct synward_seg copy = moved_seg(seg, offset);

	if (pick_up)
		synward_state_pick_up(c, &copy, 0);
	else
		synward_state_open(c, &copy, 0);
}

int fuzz_one_input(const u8 *data, size_t size)
{
	struct synward_conn c, moved;
	struct synward_seg seg, copy;
	u32 offset[2];
	bool pick_up;
	size_t i;

	if (size < 2 * SEGMENT_BYTES)
		return 0;
	pick_up = segments_begin(&c, &seg, data);
	check_states(&c);
	memcpy(offset, data + SEGMENT_BYTES, sizeof(offset));
	begin_moved(&moved, &seg, pick_up, offset);
	check_moved(&c, &moved, offset);
	for (i = 2; (i + 1) * SEGMENT_BYTES <= size; i++) {
		segments_make(&c, &seg, data + i * SEGMENT_BYTES);
		copy = moved_seg(&seg, offset);
		PROMISE(step(&c, &seg, i) == step(&moved, &copy, i));
		check_moved(&c, &moved, offset);
	}
	return 0;
}
