// SPDX-License-Identifier: GPL-2.0
/* Numbers: what fits, what is remembered. Sections are those of RFC 9293. */
#include "life.h"

#define OUTSIDE		SYNWARD_SEG_OUT_OF_WINDOW
#define BAD_ACK		SYNWARD_SEG_BAD_ACK

/* A handshake that offers window scales, one byte each way; both offer @window. */
static void scaled_handshake(struct __test_metadata *_metadata, struct life *l,
			     u8 client, u8 server, s32 window)
{
	const struct step steps[] = {
		{ C, SYN, 0, 0, 0, SS, LI, .scale = client },
		{ S, SYN | ACK, 0, 1, 0, SS, SR, .scale = server,
		  .window = 65535 },
		{ C, ACK, 1, 1, 0, ES, ES, .window = window },
		{ C, ACK, 1, 1, 1, ES, ES, .window = window },
		{ S, ACK, 1, 2, 1, ES, ES, .window = window },
		{ C, ACK, 2, 2, 0, ES, ES, .window = window },
	};

	life_play(_metadata, l, steps, ARRAY_SIZE(steps));
}

TEST_F(life, data_moves_the_numbers)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 200, ES, ES, .window = 900 },
	     { C, ACK, 101, 201, 0, ES, ES });
	EXPECT_EQ(variant->isn[C] + 101, self->life.conn.side[C].end);
	EXPECT_EQ(variant->isn[S] + 201, self->life.conn.side[S].end);
	EXPECT_EQ(variant->isn[S] + 201, self->life.conn.side[C].ack);
	EXPECT_EQ(variant->isn[C] + 101, self->life.conn.side[S].ack);
	EXPECT_EQ(900, self->life.conn.side[S].win);
	EXPECT_EQ(100, self->life.conn.side[C].bytes);
	EXPECT_EQ(200, self->life.conn.side[S].bytes);
	EXPECT_EQ(self->life.now, self->life.conn.side[C].last);
	EXPECT_EQ(self->life.now - 1, self->life.conn.side[S].last);
}

/* A GRO or GSO super-segment is a segment like another. */
TEST_F(life, super_segment)
{
	scaled_handshake(_metadata, &self->life, SCALE(10), SCALE(10), 65535);
	PLAY({ C, ACK, 2, 2, 0x7fff0, ES, ES },
	     { S, ACK, 2, 0x7fff2, 0, ES, ES });
}

TEST_F(life, old_ones_move_nothing_back)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { C, ACK, 101, 1, 100, ES, ES },
	     { S, ACK, 1, 201, 50, ES, ES },
	     { C, ACK, 201, 51, 0, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES, .window = 7 },
	     { C, ACK, 1, 1, 100, ES, ES });
	EXPECT_EQ(variant->isn[C] + 201, self->life.conn.side[C].end);
	EXPECT_EQ(variant->isn[S] + 51, self->life.conn.side[C].ack);
	EXPECT_EQ(variant->isn[C] + 201, self->life.conn.side[S].ack);
	EXPECT_EQ(WINDOW, self->life.conn.side[S].win);
}

/* 3.8.4 */
TEST_F(life, keepalive)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES },
	     { C, ACK, 100, 1, 0, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES },
	     { C, ACK, 100, 1, 1, ES, ES },
	     { S, ACK, 0, 101, 0, ES, ES });
	EXPECT_EQ(variant->isn[C] + 101, self->life.conn.side[C].end);
	EXPECT_EQ(self->life.now, self->life.conn.side[S].last);
}

/* 3.8.6.1 */
TEST_F(life, zero_window_probe)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 1000, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES, .window = ZERO_WINDOW },
	     { C, ACK, 1000, 1, 0, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES, .window = ZERO_WINDOW },
	     { C, ACK, 1001, 1, 1, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES, .window = ZERO_WINDOW },
	     { C, ACK, 1001, 1, 1, ES, ES },
	     { S, ACK, 1, 1002, 0, ES, ES, .window = 500 },
	     { C, ACK, 1002, 1, 500, ES, ES });
}

TEST_F(life, acknowledged_data_again)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 500, ES, ES },
	     { C, ACK, 501, 1, 500, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES },
	     { C, ACK, 1, 1, 500, ES, ES },
	     { C, ACK, 1, 1, 1000, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES });
	EXPECT_EQ(variant->isn[C] + 1001, self->life.conn.side[C].end);
	EXPECT_EQ(2500, self->life.conn.side[C].bytes);
}

/* Counted, no sign of life, and never remembered. */
TEST_F(life, outside_the_window)
{
	struct synward_conn before;

	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES });
	before = self->life.conn;
	PLAY({ C, ACK, 101 + WINDOW + 1, 1, 10, ES, ES, OUTSIDE },
	     { C, FIN | ACK, 101 + WINDOW + 1, 1, 0, ES, ES, OUTSIDE },
	     { C, ACK, 101 + 65536, 1, 0, ES, ES, OUTSIDE },
	     { C, ACK, 101 + 0x40000000, 1, 0, ES, ES, OUTSIDE },
	     { C, ACK, 101 + 0x7fffffffU, 1, 0, ES, ES, OUTSIDE },
	     { C, ACK, 101 - 65535 - 2, 1, 1, ES, ES, OUTSIDE },
	     { C, ACK, 101 - 0x40000000, 1, 0, ES, ES, OUTSIDE },
	     { S, ACK, 1 + WINDOW + 1, 101, 10, ES, ES, OUTSIDE });
	EXPECT_EQ(0, memcmp(&before, &self->life.conn, sizeof(before)));
}

/* Who has filled the window still sends ACKs, from its right edge. */
TEST_F(life, edges_of_the_window)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES },
	     { C, ACK, 101, 1, WINDOW, ES, ES },
	     { C, ACK, 101 + WINDOW, 1, 0, ES, ES },
	     { C, ACK, 102 + WINDOW, 1, 0, ES, ES, OUTSIDE },
	     { C, ACK, 101 - 65535, 1, 0, ES, ES },
	     { C, ACK, 100 - 65535, 1, 0, ES, ES, OUTSIDE });
}

/* RFC 5961 5 */
TEST_F(life, ack_of_what_was_never_sent)
{
	struct synward_conn before;

	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 100, ES, ES });
	before = self->life.conn;
	PLAY({ C, ACK, 101, 102, 0, ES, ES, BAD_ACK },
	     { C, ACK, 101, 1000, 0, ES, ES, BAD_ACK },
	     { C, FIN | ACK, 101, 1000, 0, ES, ES, BAD_ACK },
	     { C, ACK, 101, 0x7fffffff, 0, ES, ES, BAD_ACK },
	     { S, ACK, 101, 102, 0, ES, ES, BAD_ACK },
	     { S, ACK, 101, 101 - 65536, 0, ES, ES, BAD_ACK },
	     { C, ACK, 101, 1 - 65536, 0, ES, ES, BAD_ACK });
	EXPECT_EQ(0, memcmp(&before, &self->life.conn, sizeof(before)));
	PLAY({ C, ACK, 101, 101, 0, ES, ES },
	     { C, ACK, 101, 1 - 65435, 0, ES, ES });
}

/* What our own socket sends is true, whatever we have missed. */
TEST_F(life, own_socket_is_believed)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 100001, 200001, 100, ES, ES, .trusted = true },
	     { S, ACK, 200001, 100101, 100, ES, ES },
	     { C, FIN | ACK, 100101, 200101, 0, F1, ES, .trusted = true },
	     { S, ACK, 200101, 100102, 0, F2, CW });
}

/* -- RFC 7323 -- */

TEST_F(life, scaling_of_both)
{
	scaled_handshake(_metadata, &self->life, SCALE(7), SCALE(3), 1000);
	PLAY({ S, ACK, 2 + (1000 << 7) + 1, 2, 0, ES, ES, OUTSIDE },
	     { S, ACK, 2 + (1000 << 7), 2, 0, ES, ES },
	     { C, ACK, 2 + (1000 << 3) + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + (1000 << 3), 2, 0, ES, ES });
}

TEST_F(life, scaling_of_0_is_scaling)
{
	scaled_handshake(_metadata, &self->life, SCALE(0), SCALE(4), 1000);
	PLAY({ S, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { S, ACK, 2 + 1000, 2, 0, ES, ES },
	     { C, ACK, 2 + (1000 << 4) + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + (1000 << 4), 2, 0, ES, ES });
}

TEST_F(life, scaling_of_14)
{
	scaled_handshake(_metadata, &self->life, SCALE(14), SCALE(14), 2);
	PLAY({ S, ACK, 2 + (2 << 14) + 1, 2, 0, ES, ES, OUTSIDE },
	     { S, ACK, 2 + (2 << 14), 2, 0, ES, ES, .window = 2 },
	     { C, ACK, 2 + (2 << 14) + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + (2 << 14), 2, 0, ES, ES });
}

TEST_F(life, scaling_offered_by_client_only)
{
	scaled_handshake(_metadata, &self->life, SCALE(7), 0, 1000);
	PLAY({ S, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { S, ACK, 2 + 1000, 2, 0, ES, ES },
	     { C, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + 1000, 2, 0, ES, ES });
}

/* Not allowed, but no reason to believe it. */
TEST_F(life, scaling_offered_by_server_only)
{
	scaled_handshake(_metadata, &self->life, 0, SCALE(7), 1000);
	PLAY({ S, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { S, ACK, 2 + 1000, 2, 0, ES, ES },
	     { C, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + 1000, 2, 0, ES, ES });
}

TEST_F(life, scaling_offered_by_none)
{
	scaled_handshake(_metadata, &self->life, 0, 0, 1000);
	PLAY({ S, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + 1000 + 1, 2, 0, ES, ES, OUTSIDE });
}

/* The first SYN-ACK, without the option, was not the one that counts. */
TEST_F(life, scaling_offered_by_the_second_synack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI, .scale = SCALE(7) },
	     { S, SYN | ACK, 7777777, 1, 0, SS, SR },
	     { S, SYN | ACK, 0, 1, 0, SS, SR, .scale = SCALE(7) },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { S, ACK, 1 + (WINDOW << 7), 1, 0, ES, ES },
	     { S, ACK, 1 + (WINDOW << 7) + 1, 1, 0, ES, ES, OUTSIDE });
}

TEST_F(life, scaling_in_a_simultaneous_open)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI, .scale = SCALE(2) },
	     { S, SYN, 0, 0, 0, SS, SS, .scale = SCALE(3) },
	     { C, SYN | ACK, 0, 1, 0, SR, SS, .scale = SCALE(2) },
	     { S, SYN | ACK, 0, 1, 0, ES, ES, .scale = SCALE(3) },
	     { C, ACK, 1, 1, 1, ES, ES },
	     { S, ACK, 1, 2, 1, ES, ES },
	     { C, ACK, 2, 2, 0, ES, ES },
	     { S, ACK, 2 + (WINDOW << 2) + 1, 2, 0, ES, ES, OUTSIDE },
	     { C, ACK, 2 + (WINDOW << 3) + 1, 2, 0, ES, ES, OUTSIDE });
}

/* The window of a SYN-ACK is not scaled: an idle server's is not a huge one. */
TEST_F(life, window_of_the_synack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI, .scale = SCALE(7) },
	     { S, SYN | ACK, 0, 1, 0, SS, SR, .scale = SCALE(7),
	       .window = 64000 },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { C, ACK, 64001, 1, 0, ES, ES },
	     { C, ACK, 1 + 65536 + 1, 1, 10, ES, ES, OUTSIDE },
	     { C, ACK, 1000000, 1, 10, ES, ES, OUTSIDE });
}

/* 3.8.6: of two windows for the same number the smaller one has come late. */
TEST_F(life, window_update_overtakes)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 1000, ES, ES },
	     { S, ACK, 1, 1001, 0, ES, ES, .window = 3000 },
	     { S, ACK, 1, 1001, 0, ES, ES, .window = 100 },
	     { C, ACK, 1001, 1, 1000, ES, ES },
	     { C, ACK, 2001, 1, 1000, ES, ES },
	     { C, ACK, 3001, 1, 1000, ES, ES },
	     { S, ACK, 1, 4001, 0, ES, ES, .window = 100 },
	     { C, ACK, 4001, 1, 100, ES, ES },
	     { C, ACK, 4102, 1, 0, ES, ES, OUTSIDE });
}

/* More than 2^31 bytes in one direction, nothing in the other. */
TEST_F(life, round_the_whole_space)
{
	struct step data = { C, ACK, 1, 1, 0x100000, ES, ES };
	struct step ack = { S, ACK, 1, 1, 0, ES, ES };
	struct step fin = { C, FIN | ACK, 0, 1, 0, F1, ES };
	struct step fin_ack = { S, ACK, 1, 0, 0, F2, CW };
	unsigned int i;

	scaled_handshake(_metadata, &self->life, SCALE(14), SCALE(14), 60000);
	data.ack = 2;
	ack.seq = 2;
	for (i = 0; i < 5000; i++) {
		data.seq = 2 + i * data.len;
		ack.ack = data.seq + data.len;
		life_play(_metadata, &self->life, &data, 1);
		life_play(_metadata, &self->life, &ack, 1);
	}
	fin.seq = ack.ack;
	fin.ack = 2;
	fin_ack.seq = 2;
	fin_ack.ack = fin.seq + 1;
	life_play(_metadata, &self->life, &fin, 1);
	life_play(_metadata, &self->life, &fin_ack, 1);
	EXPECT_EQ(5000ULL * data.len + 1, self->life.conn.side[C].bytes);
}

TEST_HARNESS_MAIN
