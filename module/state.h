/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine: what both endpoints of one connection live through,
 * inferred from the segments that pass. Pure: no skb, no lock, no clock and no
 * allocation, so the same file compiles in userspace for tests and fuzzers.
 */
#ifndef SYNWARD_STATE_H
#define SYNWARD_STATE_H

#include <linux/types.h>

/* RFC 9293 section 3.3.2. The order is that of the columns in state.c. */
enum synward_state {
	SYNWARD_CLOSED,
	SYNWARD_LISTEN,
	SYNWARD_SYN_SENT,
	SYNWARD_SYN_RECEIVED,
	SYNWARD_ESTABLISHED,
	SYNWARD_FIN_WAIT_1,
	SYNWARD_FIN_WAIT_2,
	SYNWARD_CLOSE_WAIT,
	SYNWARD_CLOSING,
	SYNWARD_LAST_ACK,
	SYNWARD_TIME_WAIT,
	SYNWARD_STATE_MAX
};

/* The two endpoints of a connection, as index of synward_conn.side[]. */
enum synward_role { SYNWARD_CLIENT, SYNWARD_SERVER };

/* TCP header flags, as in the low byte of the flags word (RFC 9293 3.1). */
#define SYNWARD_TCP_FIN		0x01
#define SYNWARD_TCP_SYN		0x02
#define SYNWARD_TCP_RST		0x04
#define SYNWARD_TCP_PSH		0x08
#define SYNWARD_TCP_ACK		0x10
#define SYNWARD_TCP_URG		0x20

/* Window scale: more than 14 means 14 (RFC 7323 2.3); 15 stands for "no option". */
#define SYNWARD_WSCALE_MAX	14
#define SYNWARD_WSCALE_NONE	15

/* synward_side.bits: which of an endpoint's numbers are known. */
#define SYNWARD_SIDE_SYN	0x01	/* its SYN was seen: isn is valid */
#define SYNWARD_SIDE_END	0x02	/* end is valid */
#define SYNWARD_SIDE_ACK	0x04	/* ack and win are valid */
#define SYNWARD_SIDE_FIN	0x08	/* its FIN was seen: end includes it */
#define SYNWARD_SIDE_FIN_AGAIN	0x10	/* ... more than once */
#define SYNWARD_SIDE_AHEAD	0x20	/* see is_ahead() in state.c */
#define SYNWARD_SIDE_MOVED	0x40	/* has sent more since the peer's FIN */

/* How a connection ended, or else why it was forgotten before. */
enum synward_end {
	SYNWARD_END_FIN,
	SYNWARD_END_RST,
	SYNWARD_END_TIMEOUT,	/* silent for too long */
	SYNWARD_END_EVICTED,	/* its bucket was full */
	SYNWARD_END_REPLACED,	/* another one has begun on its ports */
};

/* synward_conn.flags */
#define SYNWARD_CONN_CLIENT_HI	0x0001	/* the client is key.hi */
#define SYNWARD_CONN_PICKED_UP	0x0002	/* first seen in mid-stream */
#define SYNWARD_CONN_COOKIE	0x0004	/* the handshake went through a SYN cookie */
#define SYNWARD_CONN_TLS	0x0008	/* first client payload: TLS ClientHello */
#define SYNWARD_CONN_FASTOPEN	0x0010	/* data on the SYN (RFC 7413) */
#define SYNWARD_CONN_FORWARDED	0x0020	/* neither end is this host */
#define SYNWARD_CONN_DATA	0x0040	/* the client has sent payload */
#define SYNWARD_CONN_CLOSER	0x0080	/* someone began to close: */
#define SYNWARD_CONN_BY_SERVER	0x0100	/* ... the server, else the client */
#define SYNWARD_CONN_BY_RST	0x0200	/* ... with RST, else with FIN */

/**
 * struct synward_side - one endpoint, as far as its segments tell
 * @isn:     initial sequence number, host order
 * @end:     highest sequence number sent, plus one (SND.NXT)
 * @ack:     highest acknowledgment number sent (RCV.NXT)
 * @win:     window of the segment that carried @ack, not scaled
 * @state:   enum synward_state
 * @bits:    SYNWARD_SIDE_*
 * @packets: segments sent
 * @last:    jiffies of the last segment within the window
 * @bytes:   payload bytes sent, retransmissions included
 *
 * Written by the packets of this endpoint alone; @state and @bits under the
 * lock of the table that holds the connection.
 */
struct synward_side {
	u32 isn;
	u32 end;
	u32 ack;
	u16 win;
	u8 state;
	u8 bits;
	u32 packets;
	u32 last;
	u64 bytes;
};

/**
 * struct synward_conn - a connection: two endpoints and what they share
 * @since:   jiffies of the last change of state (or restart of TIME-WAIT)
 * @flags:   SYNWARD_CONN_*
 * @wscale:  window scales as offered, client in the low nibble, server in the
 *           high one
 * @retrans: repeated SYN (low nibble) and SYN-ACK (high nibble), 15 and more as 15
 * @side:    the endpoints, by enum synward_role
 */
struct synward_conn {
	u32 since;
	u16 flags;
	u8 wscale;
	u8 retrans;
	struct synward_side side[2];
};

/**
 * struct synward_seg - the facts of one segment
 * @seq:     sequence number, host order
 * @ack:     acknowledgment number, host order; meaningless without ACK
 * @len:     payload bytes
 * @window:  window field, not scaled
 * @flags:   SYNWARD_TCP_*
 * @from:    enum synward_role of the sender
 * @wscale:  window scale option of a SYN, SYNWARD_WSCALE_NONE without
 * @trusted: a socket of this host sent it, so its numbers are true
 */
struct synward_seg {
	u32 seq;
	u32 ack;
	u32 len;
	u16 window;
	u8 flags;
	u8 from;
	u8 wscale;
	bool trusted;
};

/* The sequence number behind the segment: SYN and FIN count one each. */
static inline u32 synward_seg_end(const struct synward_seg *seg)
{
	return seg->seq + seg->len + !!(seg->flags & SYNWARD_TCP_SYN) +
	       !!(seg->flags & SYNWARD_TCP_FIN);
}

/* What the state machine thought of a segment. Only OK and the two
 * retransmissions may have changed the connection.
 */
enum synward_judgement {
	SYNWARD_SEG_OK,
	SYNWARD_SEG_SYN_AGAIN,		/* the same SYN once more */
	SYNWARD_SEG_SYNACK_AGAIN,	/* the same SYN-ACK once more */
	SYNWARD_SEG_OUT_OF_WINDOW,	/* RFC 9293 3.10.7.4, first check */
	SYNWARD_SEG_BAD_ACK,		/* acknowledges what was never sent */
	SYNWARD_SEG_BAD_RST,		/* RST beside the expected number, RFC 5961 3.2 */
	SYNWARD_SEG_SYN_ON_LIVE,	/* SYN into a live connection, RFC 5961 4.2 */
	SYNWARD_SEG_REUSE,		/* SYN on a closed one: a new connection */
	SYNWARD_SEG_MAX
};

static inline bool synward_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

#define synward_after(a, b) synward_before(b, a)

/* RFC 7323 2.2: scaling holds only when both SYN and SYN-ACK offer it. */
static inline unsigned int synward_conn_wscale(const struct synward_conn *c,
					       unsigned int role)
{
	unsigned int client = c->wscale & 0xf;
	unsigned int server = c->wscale >> 4;

	if (client == SYNWARD_WSCALE_NONE || server == SYNWARD_WSCALE_NONE)
		return 0;
	return role == SYNWARD_CLIENT ? client : server;
}

/* Both ends synchronized and neither closing: nothing but data can pass. */
static inline bool synward_conn_steady(const struct synward_conn *c)
{
	return c->side[0].state == SYNWARD_ESTABLISHED &&
	       c->side[1].state == SYNWARD_ESTABLISHED;
}

/*
 * Is @seg, without SYN, FIN and RST, what its sender on a steady connection says
 * next: nothing lost, doubled or reordered, within the window? Most of all
 * segments are; synward_state_judge() finds them OK too.
 */
static inline bool synward_conn_expects(const struct synward_conn *c,
					const struct synward_seg *seg)
{
	const struct synward_side *snd = &c->side[seg->from];
	const struct synward_side *rcv = &c->side[!seg->from];
	u32 window = (u32)rcv->win << synward_conn_wscale(c, !seg->from);
	u8 known = SYNWARD_SIDE_END | SYNWARD_SIDE_ACK;

	return (snd->bits & (known | SYNWARD_SIDE_FIN)) == known &&
	       (rcv->bits & known) == known && seg->seq == snd->end &&
	       seg->seq - rcv->ack <= window &&
	       !synward_before(seg->ack, snd->ack) &&
	       !synward_after(seg->ack, rcv->end);
}

/* synward_state_note() of such a segment. */
static inline void synward_conn_advance(struct synward_conn *c,
					const struct synward_seg *seg, u32 now)
{
	struct synward_side *snd = &c->side[seg->from];

	snd->end += seg->len;
	/* A window does not shrink (RFC 9293 3.8.6). */
	if (seg->ack != snd->ack || seg->window > snd->win) {
		snd->ack = seg->ack;
		snd->win = seg->window;
	}
	snd->packets++;
	snd->bytes += seg->len;
	snd->last = now;
}

/* Nothing more to expect but late duplicates. */
static inline bool synward_state_over(u8 state)
{
	return state == SYNWARD_CLOSED || state == SYNWARD_TIME_WAIT;
}

static inline bool synward_conn_over(const struct synward_conn *c)
{
	return synward_state_over(c->side[0].state) &&
	       synward_state_over(c->side[1].state);
}

/* How did @c end, of which an entry goes for the reason @why? */
static inline enum synward_end synward_conn_end(const struct synward_conn *c,
						enum synward_end why)
{
	if (!synward_conn_over(c))
		return why;
	return c->flags & SYNWARD_CONN_BY_RST ? SYNWARD_END_RST :
						SYNWARD_END_FIN;
}

/* Not yet synchronized. */
static inline bool synward_state_opening(u8 state)
{
	return state >= SYNWARD_LISTEN && state <= SYNWARD_SYN_RECEIVED;
}

/*
 * Neither end is synchronized: the connection belongs into the half-open table,
 * which has no room for a FIN. Who closes before the last ACK leaves it.
 */
static inline bool synward_conn_half_open(const struct synward_conn *c)
{
	return synward_state_opening(c->side[0].state) &&
	       synward_state_opening(c->side[1].state);
}

/**
 * synward_state_open - begin a connection with its first SYN
 * @c:   the connection, overwritten
 * @seg: a segment with SYN and without ACK; its sender becomes the client
 * @now: jiffies
 */
void synward_state_open(struct synward_conn *c, const struct synward_seg *seg,
			u32 now);

/**
 * synward_state_pick_up - begin a connection in mid-stream
 * @c:   the connection, overwritten
 * @seg: a segment with ACK that a socket of this host sent
 * @now: jiffies
 */
void synward_state_pick_up(struct synward_conn *c,
			   const struct synward_seg *seg, u32 now);

/**
 * synward_state_judge - does a segment fit where both endpoints stand?
 * @c:   the connection, not changed
 * @seg: the segment
 *
 * Source: RFC 9293 3.10.7.4, RFC 5961, RFC 7323 2.3.
 * Return: SYNWARD_SEG_OK or why it must not change anything.
 */
enum synward_judgement synward_state_judge(const struct synward_conn *c,
					   const struct synward_seg *seg);

/**
 * synward_state_note - remember the numbers of a segment that fits
 * @c:   the connection; only the sender's side is written
 * @seg: the segment, judged SYNWARD_SEG_OK
 * @now: jiffies
 */
void synward_state_note(struct synward_conn *c, const struct synward_seg *seg,
			u32 now);

/**
 * synward_state_step - judge, note, and move both endpoints
 * @c:   the connection; the caller holds what guards its states
 * @seg: the segment
 * @now: jiffies
 *
 * Return: the judgement; nothing but counters of retransmission has changed
 * unless it is SYNWARD_SEG_OK.
 */
enum synward_judgement synward_state_step(struct synward_conn *c,
					  const struct synward_seg *seg, u32 now);

/* Name as in RFC 9293; "?" outside the range. */
const char *synward_state_name(unsigned int state);

#endif
