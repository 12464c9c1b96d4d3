/* SPDX-License-Identifier: GPL-2.0 */
/* Lives of connections, segment by segment, each with what must come of it. */
#ifndef SYNWARD_UNIT_LIFE_H
#define SYNWARD_UNIT_LIFE_H

#include "harness.h"
#include "kept.h"
#include "state.h"

enum { C = SYNWARD_CLIENT, S = SYNWARD_SERVER };

enum {
	FIN = SYNWARD_TCP_FIN,
	SYN = SYNWARD_TCP_SYN,
	RST = SYNWARD_TCP_RST,
	ACK = SYNWARD_TCP_ACK,
};

enum {
	CL = SYNWARD_CLOSED,
	LI = SYNWARD_LISTEN,
	SS = SYNWARD_SYN_SENT,
	SR = SYNWARD_SYN_RECEIVED,
	ES = SYNWARD_ESTABLISHED,
	F1 = SYNWARD_FIN_WAIT_1,
	F2 = SYNWARD_FIN_WAIT_2,
	CW = SYNWARD_CLOSE_WAIT,
	CG = SYNWARD_CLOSING,
	LA = SYNWARD_LAST_ACK,
	TW = SYNWARD_TIME_WAIT,
};

#define WINDOW		1000	/* of a segment that says nothing else */
#define ZERO_WINDOW	(-1)
#define SCALE(shift)	((shift) + 1)

/**
 * struct step - one segment of a life
 * @from:    C or S
 * @flags:   SYN, ACK, ...
 * @seq:     counted from the sender's ISN
 * @ack:     counted from the receiver's ISN
 * @len:     payload bytes
 * @client:  state that the client is in then
 * @server:  state that the server is in then
 * @what:    judgement, OK if not said
 * @window:  window field
 * @scale:   SCALE(shift) on a SYN, no option if not said
 * @trusted: a socket of the tracker's own host sent it
 */
struct step {
	u8 from;
	u8 flags;
	u32 seq;
	u32 ack;
	u32 len;
	u8 client;
	u8 server;
	u8 what;
	s32 window;
	u8 scale;
	bool trusted;
};

/**
 * struct life - a connection, and how it lives
 * @conn:  the connection
 * @isn:   initial sequence numbers, by role
 * @table: it goes through the half-open table until it is synchronized
 * @now:   jiffies
 */
struct life {
	struct synward_conn conn;
	u32 isn[2];
	bool table;
	u32 now;
};

FIXTURE_VARIANT(life)
{
	u32 isn[2];
	bool table;
};

FIXTURE(life)
{
	struct life life;
};

FIXTURE_SETUP(life)
{
	self->life.isn[C] = variant->isn[C];
	self->life.isn[S] = variant->isn[S];
	self->life.table = variant->table;
	/* They wrap, too. */
	self->life.now = 0xfffffffc;
}

FIXTURE_TEARDOWN(life)
{
}

FIXTURE_VARIANT_ADD(life, plain) {
	.isn = { 1000, 5000 },
};

FIXTURE_VARIANT_ADD(life, client_wraps_at_syn) {
	.isn = { 0xffffffff, 5000 },
};

FIXTURE_VARIANT_ADD(life, server_wraps_at_syn) {
	.isn = { 1000, 0xffffffff },
};

FIXTURE_VARIANT_ADD(life, both_wrap_later) {
	.isn = { 0xfffffffa, 0xfffffffc },
};

FIXTURE_VARIANT_ADD(life, across_the_middle) {
	.isn = { 0x7fffffff, 0x7ffffffd },
};

FIXTURE_VARIANT_ADD(life, table) {
	.isn = { 0xfffffffe, 0xffffff00 },
	.table = true,
};

static inline struct synward_seg life_seg(const struct life *l,
					  const struct step *step)
{
	u32 own = l->isn[step->from];
	u32 other = l->isn[!step->from];

	return (struct synward_seg) {
		.seq = own + step->seq,
		.ack = step->flags & ACK ? other + step->ack : 0,
		.len = step->len,
		.window = step->window ? (step->window < 0 ? 0 : step->window) :
					 WINDOW,
		.flags = step->flags,
		.from = step->from,
		.wscale = step->scale ? step->scale - 1 : SYNWARD_WSCALE_NONE,
		.trusted = step->trusted,
	};
}

static inline bool life_has_begun(const struct life *l)
{
	return l->conn.side[C].bits;
}

/* One segment; the first one opens the connection. */
static inline enum synward_judgement life_step(struct life *l,
					       const struct step *step)
{
	struct synward_seg seg = life_seg(l, step);
	enum synward_judgement what = SYNWARD_SEG_OK;
	struct kept entry = {};

	l->now++;
	if (life_has_begun(l))
		what = synward_state_step(&l->conn, &seg, l->now);
	else
		synward_state_open(&l->conn, &seg, l->now);
	if (l->table && synward_conn_half_open(&l->conn) &&
	    !synward_conn_over(&l->conn)) {
		kept_save(&entry, &l->conn);
		kept_load(&entry, &l->conn);
	}
	return what;
}

/* Every segment must be judged, and leave the states, as it says. */
static inline void life_play(struct __test_metadata *_metadata, struct life *l,
			     const struct step *step, unsigned int steps)
{
	const struct synward_side *side = l->conn.side;
	unsigned int i;

	for (i = 0; i < steps; i++) {
		enum synward_judgement what = life_step(l, &step[i]);

		if (what == step[i].what && side[C].state == step[i].client &&
		    side[S].state == step[i].server)
			continue;
		TH_LOG("segment %u: judgement %u, %s %s; expected %u, %s %s",
		       i, what, synward_state_name(side[C].state),
		       synward_state_name(side[S].state), step[i].what,
		       synward_state_name(step[i].client),
		       synward_state_name(step[i].server));
		_metadata->exit_code = KSFT_FAIL;
		return;
	}
}

#define PLAY(...)							\
	do {								\
		static const struct step steps[] = { __VA_ARGS__ };	\
									\
		life_play(_metadata, &self->life, steps, ARRAY_SIZE(steps)); \
	} while (0)

static inline void life_handshake(struct __test_metadata *_metadata,
				  struct life *l)
{
	static const struct step steps[] = {
		{ C, SYN, 0, 0, 0, SS, LI },
		{ S, SYN | ACK, 0, 1, 0, SS, SR },
		{ C, ACK, 1, 1, 0, ES, ES },
	};

	life_play(_metadata, l, steps, ARRAY_SIZE(steps));
}

#endif
