// SPDX-License-Identifier: GPL-2.0
/*
 * Every event in every state. What must come of it is spelled out here from
 * RFC 9293, section 3.10 and figure 5, not from the table in module/state.c,
 * and shown through the public functions: a connection is made up whose one
 * endpoint stands in the state, and one segment shows the event.
 */
#include "harness.h"
#include "state.h"

#define FIN	SYNWARD_TCP_FIN
#define SYN	SYNWARD_TCP_SYN
#define RST	SYNWARD_TCP_RST
#define ACK	SYNWARD_TCP_ACK

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

/* One column of a row: state before, state of the peer, state after. */
struct column {
	u8 state;
	u8 peer;
	u8 after;
};

#define COLUMNS	SYNWARD_STATE_MAX

/**
 * struct cell - an endpoint in a state, and the segment that shows an event
 * @conn: its connection
 * @seg:  the segment
 * @me:   the endpoint
 * @peer: the other one
 * @role: which it is of the two
 * @isn:  its initial sequence number
 */
struct cell {
	struct synward_conn conn;
	struct synward_seg seg;
	struct synward_side *me;
	struct synward_side *peer;
	u8 role;
	u32 isn;
};

FIXTURE(cell)
{
	struct cell cell;
};

FIXTURE_VARIANT(cell)
{
	u8 role;
	u32 isn;	/* of the endpoint; the peer's is 5000 above */
};

FIXTURE_VARIANT_ADD(cell, client) {
	.role = SYNWARD_CLIENT,
	.isn = 1000,
};

FIXTURE_VARIANT_ADD(cell, server) {
	.role = SYNWARD_SERVER,
	.isn = 1000,
};

FIXTURE_VARIANT_ADD(cell, client_wraps) {
	.role = SYNWARD_CLIENT,
	.isn = 0xffffffff,
};

FIXTURE_VARIANT_ADD(cell, server_and_peer_wrap) {
	.role = SYNWARD_SERVER,
	.isn = 0xffffffff - 5000,
};

FIXTURE_SETUP(cell)
{
	self->cell.role = variant->role;
	self->cell.isn = variant->isn;
	self->cell.me = &self->cell.conn.side[variant->role];
	self->cell.peer = &self->cell.conn.side[!variant->role];
}

FIXTURE_TEARDOWN(cell)
{
}

/*
 * Two endpoints that have sent their SYN and 100 bytes, and acknowledged
 * nothing. Those in SYN-SENT and SYN-RECEIVED have sent no data.
 */
static void make_up(struct cell *self, const struct column *column)
{
	struct synward_side *me = self->me;
	struct synward_side *other = self->peer;
	u8 state = column->state;
	u8 peer = column->peer;

	memset(&self->conn, 0, sizeof(self->conn));
	me->isn = self->isn;
	me->end = me->isn + (state == SS || state == SR ? 1 : 101);
	me->win = 1000;
	me->state = state;
	me->bits = SYNWARD_SIDE_SYN | SYNWARD_SIDE_END;
	other->isn = self->isn + 5000;
	other->end = other->isn + (peer == SS || peer == SR ? 1 : 101);
	other->win = 1000;
	other->state = peer;
	other->bits = SYNWARD_SIDE_SYN | SYNWARD_SIDE_END;
	self->seg = (struct synward_seg) {
		.window = 1000,
		.wscale = SYNWARD_WSCALE_NONE,
	};
}

static u8 step(struct cell *self)
{
	synward_state_step(&self->conn, &self->seg, 7);
	return self->me->state;
}

/* A segment of the endpoint itself, or of its peer, that acknowledges @ack. */
static void say(struct cell *self, bool mine, u8 flags, u32 ack)
{
	const struct synward_side *snd = mine ? self->me : self->peer;

	self->seg.from = mine ? self->role : !self->role;
	self->seg.flags = flags;
	self->seg.seq = snd->end;
	self->seg.ack = ack;
	self->seg.trusted = true;
}

static void expect_after(struct __test_metadata *_metadata, struct cell *self,
			 const struct column *column)
{
	EXPECT_EQ(column->after, step(self))
		TH_LOG("in %s, the peer in %s",
		       synward_state_name(column->state),
		       synward_state_name(column->peer));
}

/*
 * 3.10.1 OPEN: LISTEN -> SYN-SENT; in SYN-SENT it is sent again. Nobody else
 * sends a SYN: 3.10.7.4, fourth check, and MAY-2 for those that are through,
 * where it is another connection's.
 */
TEST_F(cell, sends_syn)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, SS }, { SS, LI, SS }, { SR, SS, SR },
		{ ES, ES, ES }, { F1, ES, F1 }, { F2, CW, F2 }, { CW, F2, CW },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		if (column->state == LI)
			cell->me->bits = 0;
		cell->seg.from = cell->role;
		cell->seg.flags = SYN;
		cell->seg.seq = cell->isn + 300;
		expect_after(_metadata, cell, column);
	}
}

/* ... and when nothing was there before: CLOSED -> SYN-SENT. */
TEST_F(cell, sends_first_syn)
{
	struct cell *cell = &self->cell;

	cell->seg.flags = SYN;
	cell->seg.seq = cell->isn;
	synward_state_open(&cell->conn, &cell->seg, 7);
	EXPECT_EQ(SS, cell->conn.side[SYNWARD_CLIENT].state);
	EXPECT_EQ(LI, cell->conn.side[SYNWARD_SERVER].state);
}

/*
 * 3.10.7.2: LISTEN -> SYN-RECEIVED. 3.10.7.3: SYN-SENT -> SYN-RECEIVED, when
 * two SYNs have crossed. Elsewhere it is late.
 */
TEST_F(cell, sends_synack)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, SR }, { SS, SS, SR }, { SR, SS, SR },
		{ ES, ES, ES }, { F1, ES, F1 }, { F2, CW, F2 }, { CW, F2, CW },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		if (column->state == LI)
			cell->me->bits = 0;
		cell->seg.from = cell->role;
		cell->seg.flags = SYN | ACK;
		/* The SYN that has crossed another goes once more. */
		cell->seg.seq = cell->isn + (column->state == SS ? 0 : 300);
		cell->seg.ack = cell->peer->isn + 1;
		expect_after(_metadata, cell, column);
	}
}

/* 3.10.7.3, fourth check: SYN-SENT -> ESTABLISHED, and sends an ACK. */
TEST_F(cell, acknowledges_syn)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, SR, ES }, { SR, SS, SR },
		{ ES, ES, ES }, { F1, ES, F1 }, { F2, CW, F2 }, { CW, F2, CW },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		/* It was a SYN-ACK. */
		if (column->peer == SR) {
			cell->peer->ack = cell->isn + 1;
			cell->peer->bits |= SYNWARD_SIDE_ACK;
		}
		say(cell, true, ACK, cell->peer->isn + 1);
		expect_after(_metadata, cell, column);
	}
}

/*
 * 3.10.7.4, fifth check: SYN-RECEIVED -> ESTABLISHED. In SYN-SENT the SYN-ACK
 * that does it may still be lost.
 */
TEST_F(cell, syn_is_acknowledged)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, SR, SS }, { SR, SS, ES },
		{ ES, ES, ES }, { F1, ES, F1 }, { F2, CW, F2 }, { CW, F2, CW },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		say(cell, false, ACK, cell->me->isn + 1);
		expect_after(_metadata, cell, column);
	}
}

/*
 * 3.10.7.4, eighth check, from the sending of its ACK: ESTABLISHED (and
 * SYN-RECEIVED) -> CLOSE-WAIT, FIN-WAIT-1 -> CLOSING, FIN-WAIT-2 -> TIME-WAIT.
 */
TEST_F(cell, acknowledges_fin)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, F1, SS }, { SR, F1, CW },
		{ ES, F1, CW }, { F1, F1, CG }, { F2, LA, TW }, { CW, F2, CW },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		/* Its SYN was acknowledged long ago, this is about the FIN. */
		cell->peer->bits = SYNWARD_SIDE_END | SYNWARD_SIDE_FIN;
		say(cell, true, ACK, cell->peer->end);
		expect_after(_metadata, cell, column);
	}
}

/* 3.10.4 CLOSE: SYN-RECEIVED, ESTABLISHED -> FIN-WAIT-1; CLOSE-WAIT -> LAST-ACK. */
TEST_F(cell, sends_fin)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, SR, SS }, { SR, SS, F1 },
		{ ES, ES, F1 }, { F1, ES, F1 }, { F2, CW, F2 }, { CW, F2, LA },
		{ CG, F2, CG }, { LA, F2, LA }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		cell->peer->bits = SYNWARD_SIDE_END;
		/* Who has acknowledged a FIN does so in every segment. */
		if (column->state >= CW && column->state != CG)
			cell->peer->bits |= SYNWARD_SIDE_FIN;
		say(cell, true, FIN | ACK, cell->peer->end);
		expect_after(_metadata, cell, column);
	}
}

/*
 * It had not received the peer's FIN when it sent its own: both closed at once,
 * whatever has arrived before. CLOSE-WAIT and LAST-ACK were a wrong guess.
 */
TEST_F(cell, sends_fin_without_having_received_one)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, SR, SS }, { SR, SS, F1 },
		{ ES, F1, F1 }, { F1, F1, F1 }, { F2, LA, F2 }, { CW, F2, CG },
		{ CG, F2, CG }, { LA, F2, CG }, { TW, TW, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		cell->peer->bits = SYNWARD_SIDE_END;
		if (column->peer > SR)
			cell->peer->bits |= SYNWARD_SIDE_FIN;
		say(cell, true, FIN | ACK, cell->peer->end - 1);
		expect_after(_metadata, cell, column);
	}
}

/*
 * 3.10.7.4, fifth check: FIN-WAIT-1 -> FIN-WAIT-2, CLOSING -> TIME-WAIT,
 * LAST-ACK -> CLOSED.
 */
TEST_F(cell, fin_is_acknowledged)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, LI }, { SS, ES, SS }, { SR, ES, SR },
		{ ES, ES, ES }, { F1, ES, F2 }, { F2, CW, F2 }, { CW, F2, CW },
		{ CG, F2, TW }, { LA, F2, CL }, { TW, CL, TW },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		cell->me->bits = SYNWARD_SIDE_END | SYNWARD_SIDE_FIN;
		say(cell, false, ACK, cell->me->end);
		expect_after(_metadata, cell, column);
	}
}

/* 3.10.7.3 and 3.10.7.4, second check, and 3.10.5 ABORT. */
TEST_F(cell, sends_rst)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, CL }, { SS, SR, CL }, { SR, SS, CL },
		{ ES, ES, CL }, { F1, ES, CL }, { F2, CW, CL }, { CW, F2, CL },
		{ CG, F2, CL }, { LA, F2, CL }, { TW, CL, CL },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		say(cell, true, RST, 0);
		expect_after(_metadata, cell, column);
		EXPECT_EQ(CL, cell->peer->state);
	}
}

TEST_F(cell, receives_rst)
{
	static const struct column columns[COLUMNS] = {
		{ CL, TW, CL }, { LI, SS, CL }, { SS, SR, CL }, { SR, SS, CL },
		{ ES, ES, CL }, { F1, ES, CL }, { F2, CW, CL }, { CW, F2, CL },
		{ CG, F2, CL }, { LA, F2, CL }, { TW, CL, CL },
	};
	struct cell *cell = &self->cell;
	const struct column *column;

	for (column = columns; column < columns + COLUMNS; column++) {
		make_up(cell, column);
		say(cell, false, RST | ACK, cell->me->end);
		cell->seg.trusted = false;
		expect_after(_metadata, cell, column);
		EXPECT_EQ(CL, cell->peer->state);
	}
}

/* 3.3.2 */
TEST(names)
{
	static const char * const names[] = {
		"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
		"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK",
		"TIME-WAIT",
	};
	unsigned int i;

	ASSERT_EQ(SYNWARD_STATE_MAX, ARRAY_SIZE(names));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_STREQ(names[i], synward_state_name(i));
	EXPECT_STREQ("?", synward_state_name(SYNWARD_STATE_MAX));
	EXPECT_STREQ("?", synward_state_name(~0U));
}

/* What the tables ask about a pair of states. */
TEST(pairs)
{
	struct synward_conn c = {};
	unsigned int a, b;

	for (a = 0; a < SYNWARD_STATE_MAX; a++) {
		for (b = 0; b < SYNWARD_STATE_MAX; b++) {
			bool opening = a >= LI && a <= SR && b >= LI && b <= SR;

			c.side[0].state = a;
			c.side[1].state = b;
			EXPECT_EQ(a == ES && b == ES, synward_conn_steady(&c));
			EXPECT_EQ((a == CL || a == TW) && (b == CL || b == TW),
				  synward_conn_over(&c));
			/* Who has sent a FIN has left the half-open table. */
			if (opening || a >= F1 || b >= F1)
				EXPECT_EQ(opening, synward_conn_half_open(&c))
					TH_LOG("%s %s", synward_state_name(a),
					       synward_state_name(b));
		}
	}
}

TEST_HARNESS_MAIN
