// SPDX-License-Identifier: GPL-2.0
/* Connections that were there before us. */
#include "harness.h"
#include "state.h"

#define CLIENT		SYNWARD_CLIENT
#define SERVER		SYNWARD_SERVER
#define ACK		SYNWARD_TCP_ACK
#define FIN		SYNWARD_TCP_FIN
#define RST		SYNWARD_TCP_RST
#define SYN		SYNWARD_TCP_SYN

/**
 * struct picked - a connection from its first segment on
 * @conn: the connection
 * @from: whose segment it was
 * @seq:  number at which that began; those of the others count from here
 * @ack:  what it acknowledged; the same
 * @now:  jiffies
 */
struct picked {
	struct synward_conn conn;
	u8 from;
	u32 seq;
	u32 ack;
	u32 now;
};

FIXTURE(pickup)
{
	struct picked picked;
};

FIXTURE_VARIANT(pickup)
{
	u8 from;
	u32 seq;
	u32 ack;
};

FIXTURE_VARIANT_ADD(pickup, of_client) {
	.from = CLIENT,
	.seq = 1000,
	.ack = 5000,
};

FIXTURE_VARIANT_ADD(pickup, of_server) {
	.from = SERVER,
	.seq = 1000,
	.ack = 5000,
};

FIXTURE_VARIANT_ADD(pickup, about_to_wrap) {
	.from = CLIENT,
	.seq = 0xffffffff,
	.ack = 0xfffffff0,
};

FIXTURE_VARIANT_ADD(pickup, across_the_middle) {
	.from = SERVER,
	.seq = 0x7fffffff,
	.ack = 0x7ffffff0,
};

FIXTURE_SETUP(pickup)
{
	self->picked.from = variant->from;
	self->picked.seq = variant->seq;
	self->picked.ack = variant->ack;
	self->picked.now = 100;
}

FIXTURE_TEARDOWN(pickup)
{
}

static void pick_up(struct picked *p, u8 flags, u32 len, u16 window)
{
	struct synward_seg seg = {
		.seq = p->seq,
		.ack = p->ack,
		.len = len,
		.window = window,
		.flags = flags,
		.from = p->from,
		.wscale = SYNWARD_WSCALE_NONE,
		.trusted = true,
	};

	synward_state_pick_up(&p->conn, &seg, p->now);
}

static enum synward_judgement step(struct picked *p, bool ours, u8 flags,
				   u32 seq, u32 ack, u32 len)
{
	struct synward_seg seg = {
		.seq = (ours ? p->seq : p->ack) + seq,
		.ack = (ours ? p->ack : p->seq) + ack,
		.len = len,
		.window = 1000,
		.flags = flags,
		.from = ours ? p->from : !p->from,
		.wscale = SYNWARD_WSCALE_NONE,
		.trusted = ours && !(flags & RST),
	};

	return synward_state_step(&p->conn, &seg, ++p->now);
}

#define OURS(...)	EXPECT_EQ(SYNWARD_SEG_OK, step(&self->picked, true, __VA_ARGS__))
#define PEERS(...)	EXPECT_EQ(SYNWARD_SEG_OK, step(&self->picked, false, __VA_ARGS__))
#define REFUSED(why, ...) \
	EXPECT_EQ(SYNWARD_SEG_##why, step(&self->picked, false, __VA_ARGS__))

#define STATES(own, peers)						\
	do {								\
		EXPECT_EQ(SYNWARD_##own,				\
			  self->picked.conn.side[variant->from].state);	\
		EXPECT_EQ(SYNWARD_##peers,				\
			  self->picked.conn.side[!variant->from].state);	\
	} while (0)

TEST_F(pickup, both_speak)
{
	pick_up(&self->picked, ACK, 100, 500);
	STATES(ESTABLISHED, ESTABLISHED);
	EXPECT_EQ(SYNWARD_CONN_PICKED_UP, self->picked.conn.flags);
	EXPECT_EQ(1, self->picked.conn.side[variant->from].packets);
	EXPECT_EQ(0, self->picked.conn.side[!variant->from].packets);
	EXPECT_EQ(100, self->picked.conn.side[variant->from].bytes);
	EXPECT_EQ(100, self->picked.conn.side[0].last);
	EXPECT_EQ(100, self->picked.conn.side[1].last);
	EXPECT_EQ(100, self->picked.conn.since);
	PEERS(ACK, 0, 100, 0);
	PEERS(ACK, 0, 100, 50);
	OURS(ACK, 100, 50, 0);
	STATES(ESTABLISHED, ESTABLISHED);
}

/* What both have under way we have not seen: the peer may be far behind. */
TEST_F(pickup, peer_is_behind)
{
	pick_up(&self->picked, ACK, 1000, 500);
	PEERS(ACK, 0, -30000, 0);
	PEERS(ACK, 0, -1000000, 100);
	PEERS(ACK, 5000, 0, 100);
	PEERS(ACK, 5100, 1000, 0);
	OURS(ACK, 1000, 5100, 0);
}

TEST_F(pickup, zero_window)
{
	pick_up(&self->picked, ACK, 0, 0);
	PEERS(ACK, 0, 0, 0);
	PEERS(ACK, -1, 0, 0);
	OURS(ACK, 0, 0, 500);
	PEERS(ACK, 0, 500, 0);
}

TEST_F(pickup, fin)
{
	pick_up(&self->picked, FIN | ACK, 10, 500);
	STATES(FIN_WAIT_1, ESTABLISHED);
	PEERS(ACK, 0, 11, 0);
	STATES(FIN_WAIT_2, CLOSE_WAIT);
	PEERS(FIN | ACK, 0, 11, 0);
	STATES(FIN_WAIT_2, LAST_ACK);
	OURS(ACK, 11, 1, 0);
	STATES(TIME_WAIT, CLOSED);
	EXPECT_EQ(SYNWARD_CONN_PICKED_UP | SYNWARD_CONN_CLOSER |
		  (variant->from == SERVER ? SYNWARD_CONN_BY_SERVER : 0),
		  self->picked.conn.flags);
}

TEST_F(pickup, peer_closes)
{
	pick_up(&self->picked, ACK, 100, 500);
	PEERS(FIN | ACK, 0, 100, 0);
	STATES(ESTABLISHED, FIN_WAIT_1);
	OURS(ACK, 100, 1, 0);
	STATES(CLOSE_WAIT, FIN_WAIT_2);
	OURS(FIN | ACK, 100, 1, 0);
	STATES(LAST_ACK, FIN_WAIT_2);
	PEERS(ACK, 1, 101, 0);
	STATES(CLOSED, TIME_WAIT);
}

TEST_F(pickup, peer_resets)
{
	pick_up(&self->picked, ACK, 100, 500);
	REFUSED(BAD_RST, RST, 1, 0, 0);
	REFUSED(BAD_RST, RST, -1, 0, 0);
	REFUSED(BAD_RST, RST | ACK, 500, 100, 0);
	STATES(ESTABLISHED, ESTABLISHED);
	PEERS(RST, 0, 0, 0);
	STATES(CLOSED, CLOSED);
}

TEST_F(pickup, lies_are_refused)
{
	struct synward_conn before;

	pick_up(&self->picked, ACK, 100, 500);
	before = self->picked.conn;
	REFUSED(BAD_ACK, ACK, 0, 101, 0);
	REFUSED(BAD_ACK, FIN | ACK, 0, 100000, 0);
	REFUSED(OUT_OF_WINDOW, ACK, 0x7fffffff, 100, 0);
	REFUSED(OUT_OF_WINDOW, ACK, 0x80000000, 100, 0);
	REFUSED(SYN_ON_LIVE, SYN, 0, 0, 0);
	REFUSED(SYN_ON_LIVE, SYN | ACK, 0, 1, 0);
	EXPECT_EQ(0, memcmp(&before, &self->picked.conn, sizeof(before)));
}

/* Neither handshake nor scales are known. */
TEST_F(pickup, knows_what_it_does_not_know)
{
	pick_up(&self->picked, ACK, 100, 500);
	EXPECT_FALSE(self->picked.conn.side[0].bits & SYNWARD_SIDE_SYN);
	EXPECT_FALSE(self->picked.conn.side[1].bits & SYNWARD_SIDE_SYN);
	EXPECT_EQ(0, self->picked.conn.side[0].isn);
	EXPECT_EQ(0, self->picked.conn.side[1].isn);
	EXPECT_EQ(SYNWARD_WSCALE_MAX, synward_conn_wscale(&self->picked.conn, 0));
	EXPECT_EQ(SYNWARD_WSCALE_MAX, synward_conn_wscale(&self->picked.conn, 1));
	EXPECT_TRUE(synward_conn_steady(&self->picked.conn));
	EXPECT_FALSE(synward_conn_half_open(&self->picked.conn));
	EXPECT_FALSE(synward_conn_over(&self->picked.conn));
}

TEST_HARNESS_MAIN
