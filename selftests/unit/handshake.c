// SPDX-License-Identifier: GPL-2.0
/* How connections begin. Sections and figures are those of RFC 9293. */
#include "life.h"

#define AGAIN		SYNWARD_SEG_SYN_AGAIN
#define SYNACK_AGAIN	SYNWARD_SEG_SYNACK_AGAIN
#define OUTSIDE		SYNWARD_SEG_OUT_OF_WINDOW
#define BAD_ACK		SYNWARD_SEG_BAD_ACK
#define BAD_RST		SYNWARD_SEG_BAD_RST
#define ON_LIVE		SYNWARD_SEG_SYN_ON_LIVE
#define REUSE		SYNWARD_SEG_REUSE

/* Figure 6 */
TEST_F(life, three_way)
{
	life_handshake(_metadata, &self->life);
	EXPECT_EQ(variant->isn[C], self->life.conn.side[C].isn);
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
	EXPECT_EQ(variant->isn[C] + 1, self->life.conn.side[C].end);
	EXPECT_EQ(variant->isn[S] + 1, self->life.conn.side[S].end);
	EXPECT_EQ(variant->isn[S] + 1, self->life.conn.side[C].ack);
	EXPECT_EQ(variant->isn[C] + 1, self->life.conn.side[S].ack);
	EXPECT_EQ(2, self->life.conn.side[C].packets);
	EXPECT_EQ(1, self->life.conn.side[S].packets);
	EXPECT_EQ(self->life.now, self->life.conn.since);
	EXPECT_EQ(0, self->life.conn.retrans);
	EXPECT_EQ(0, self->life.conn.flags);
}

TEST_F(life, syn_again_is_counted)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { C, SYN, 0, 0, 0, SS, LI, AGAIN },
	     { C, SYN, 0, 0, 0, SS, LI, AGAIN },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, SYN, 0, 0, 0, SS, SR, AGAIN },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { C, SYN, 0, 0, 0, ES, ES, AGAIN });
	EXPECT_EQ(0x04, self->life.conn.retrans);
}

TEST_F(life, synack_again_is_counted)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { S, SYN | ACK, 0, 1, 0, SS, SR, SYNACK_AGAIN },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { S, SYN | ACK, 0, 1, 0, ES, ES, SYNACK_AGAIN },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(0x20, self->life.conn.retrans);
}

TEST_F(life, counts_of_retransmissions_stop_at_15)
{
	static const struct step syn = { C, SYN, 0, 0, 0, SS, SR, AGAIN };
	static const struct step synack = { S, SYN | ACK, 0, 1, 0, SS, SR,
					    SYNACK_AGAIN };
	unsigned int i;

	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR });
	for (i = 0; i < 40; i++)
		life_play(_metadata, &self->life, &syn, 1);
	EXPECT_EQ(0x0f, self->life.conn.retrans);
	for (i = 0; i < 40; i++)
		life_play(_metadata, &self->life, &synack, 1);
	EXPECT_EQ(0xff, self->life.conn.retrans);
}

/* The same SYN for ever must not keep an entry alive. */
TEST_F(life, syn_again_does_not_refresh)
{
	u32 since;

	PLAY({ C, SYN, 0, 0, 0, SS, LI });
	since = self->life.conn.since;
	PLAY({ C, SYN, 0, 0, 0, SS, LI, AGAIN });
	EXPECT_EQ(since, self->life.conn.since);
}

TEST_F(life, data_instead_of_the_lost_ack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 11, 1, 10, ES, ES },
	     { C, ACK, 1, 1, 10, ES, ES });
}

TEST_F(life, data_on_the_third_segment)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 10, ES, ES },
	     { S, ACK, 1, 11, 0, ES, ES });
	EXPECT_EQ(10, self->life.conn.side[C].bytes);
}

TEST_F(life, data_and_fin_on_the_third_segment)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, FIN | ACK, 1, 1, 10, F1, ES },
	     { S, ACK, 1, 12, 0, F2, CW });
}

/* Figure 7 */
TEST_F(life, simultaneous_open)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { S, SYN | ACK, 0, 1, 0, ES, ES });
}

TEST_F(life, simultaneous_open_the_other_way_round)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, SYN | ACK, 0, 1, 0, ES, ES });
}

TEST_F(life, simultaneous_open_ends_with_ack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { S, SYN, 0, 0, 0, SR, SS, AGAIN },
	     { C, SYN | ACK, 0, 1, 0, SR, SS, SYNACK_AGAIN },
	     { S, ACK, 1, 1, 0, ES, ES });
}

/* One closes before the other has been heard: the half-open table is too small. */
TEST_F(life, simultaneous_open_and_fin)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { C, FIN | ACK, 1, 1, 0, F1, SS },
	     { S, SYN | ACK, 0, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW });
}

/* The server answers a SYN with a SYN. */
TEST_F(life, split_handshake)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { S, ACK, 1, 1, 0, ES, ES });
}

/* ... and with an ACK before, which a client in SYN-SENT ignores (3.10.7.3). */
TEST_F(life, split_handshake_of_five)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, ACK, 0, 1, 0, SS, LI, OUTSIDE },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { S, ACK, 1, 1, 0, ES, ES });
}

TEST_F(life, stale_synack_then_the_right_one)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 7777, -5000, 0, SS, LI, BAD_ACK },
	     { C, RST, -5000, 0, 0, SS, LI, BAD_RST },
	     { S, SYN | ACK, 7777, 2, 0, SS, LI, BAD_ACK },
	     { S, SYN | ACK, 7777, 0, 0, SS, LI, BAD_ACK },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
}

/* The first answer was forgotten, by a server that started anew. */
TEST_F(life, synack_with_another_isn)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 123456789, 1, 0, SS, SR },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
}

TEST_F(life, new_attempt_before_any_answer)
{
	PLAY({ C, SYN, 0x12345678, 0, 0, SS, LI },
	     { C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 0x12345679, 0, SS, LI, BAD_ACK },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[C], self->life.conn.side[C].isn);
}

/* Figure 10: the server still has an older connection that we know nothing of. */
TEST_F(life, older_connection_at_the_server)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, ACK, 300, 100, 0, SS, LI, OUTSIDE },
	     { S, FIN | ACK, 300, 100, 0, SS, LI, OUTSIDE },
	     { C, RST, 100, 0, 0, SS, LI, BAD_RST },
	     { C, SYN, 0, 0, 0, SS, LI, AGAIN },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[C] + 1, self->life.conn.side[S].ack);
}

TEST_F(life, refused)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, RST, 0, 0, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 0, 0, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 0, 2, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 0, 1, 0, CL, CL });
	EXPECT_EQ(SYNWARD_CONN_CLOSER | SYNWARD_CONN_BY_SERVER |
		  SYNWARD_CONN_BY_RST, self->life.conn.flags);
}

TEST_F(life, refused_after_synack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { S, RST | ACK, -777, 2, 0, SS, SR, BAD_RST },
	     { S, RST | ACK, -777, 1, 0, CL, CL });
}

/* -- RFC 7413: data on the SYN -- */

TEST_F(life, fastopen)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, SYN | ACK, 0, 101, 0, SS, SR },
	     { C, ACK, 101, 1, 0, ES, ES },
	     { S, ACK, 1, 101, 10, ES, ES });
	EXPECT_EQ(SYNWARD_CONN_FASTOPEN, self->life.conn.flags);
}

TEST_F(life, fastopen_data_not_accepted)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES });
}

TEST_F(life, fastopen_data_accepted_in_part)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, SYN | ACK, 0, 51, 0, SS, SR },
	     { C, ACK, 51, 1, 50, ES, ES });
}

TEST_F(life, fastopen_server_speaks_at_once)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, SYN | ACK, 0, 101, 0, SS, SR },
	     { S, ACK, 1, 101, 1000, SS, SR },
	     { S, ACK, 1001, 101, 1000, SS, SR },
	     { C, ACK, 101, 1001, 0, ES, ES },
	     { C, ACK, 101, 2001, 0, ES, ES });
}

TEST_F(life, fastopen_server_closes_at_once)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, SYN | ACK, 0, 101, 0, SS, SR },
	     { S, ACK, 1, 101, 1000, SS, SR },
	     { S, FIN | ACK, 1001, 101, 0, SS, F1 },
	     { C, ACK, 101, 1, 0, ES, F1 },
	     { C, ACK, 101, 1002, 0, CW, F2 },
	     { C, FIN | ACK, 101, 1002, 0, LA, F2 },
	     { S, ACK, 1002, 102, 0, CL, TW });
	EXPECT_EQ(SYNWARD_CONN_FASTOPEN | SYNWARD_CONN_CLOSER |
		  SYNWARD_CONN_BY_SERVER, self->life.conn.flags);
}

TEST_F(life, fastopen_refused)
{
	PLAY({ C, SYN, 0, 0, 100, SS, LI },
	     { S, RST | ACK, 0, 101, 0, CL, CL });
}

/* -- what must not disturb a handshake -- */

/* Who cannot see the SYN-ACK must not complete a handshake by guessing. */
TEST_F(life, guessed_ack)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, ACK, 1, 0, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, -1, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 0x10001, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 0x100000, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 0x40000000, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 0x7fffffff, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 0x80000001, 0, SS, SR, BAD_ACK },
	     { C, ACK, 1, 1, 0, ES, ES });
}

/* Neither who cannot see anything, in the name of the server. */
TEST_F(life, guessed_answers)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, FIN | ACK, 123456, 1, 0, SS, LI, OUTSIDE },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { S, ACK, 0x10000000, 1, 10, SS, SR, OUTSIDE },
	     { S, FIN | ACK, 0x10000000, 1, 0, SS, SR, OUTSIDE },
	     { S, FIN | ACK, 0x80000000, 0x1000, 0, SS, SR, OUTSIDE },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 1, 2, 0, CW, F2 });
}

/* A server that has answered with SYN-ACK never sends a SYN. */
TEST_F(life, forged_syn_of_the_server)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { S, SYN, 99999, 0, 0, SS, SR, ON_LIVE },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
}

TEST_F(life, forged_syn_of_the_client)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN | ACK, 0, 1, 0, SS, SR },
	     { C, SYN, 99999, 0, 0, SS, SR, ON_LIVE },
	     { C, ACK, 1, 1, 0, ES, ES });
	EXPECT_EQ(variant->isn[C], self->life.conn.side[C].isn);
}

TEST_F(life, forged_syn_in_a_simultaneous_open)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, SYN, 0, 0, 0, SS, SS },
	     { S, SYN, 4711, 0, 0, SS, SS, ON_LIVE },
	     { C, SYN, 4711, 0, 0, SS, SS, ON_LIVE },
	     { C, SYN | ACK, 0, 1, 0, SR, SS },
	     { C, SYN, 4711, 0, 0, SR, SS, ON_LIVE },
	     { S, SYN | ACK, 0, 1, 0, ES, ES });
}

/* RFC 5961 4.2: a SYN on a live connection is answered with a challenge ACK. */
TEST_F(life, syn_on_live)
{
	u32 since;

	life_handshake(_metadata, &self->life);
	since = self->life.conn.since;
	PLAY({ C, SYN, 5000, 0, 0, ES, ES, ON_LIVE },
	     { S, ACK, 1, 1, 0, ES, ES },
	     { S, SYN, 5000, 0, 0, ES, ES, ON_LIVE },
	     { C, ACK, 1, 1, 0, ES, ES },
	     { S, SYN | ACK, 5000, 1, 0, ES, ES, ON_LIVE },
	     { C, SYN | ACK, 5000, 1, 0, ES, ES, ON_LIVE });
	EXPECT_EQ(since, self->life.conn.since);
	EXPECT_EQ(variant->isn[C], self->life.conn.side[C].isn);
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
}

/* The client started anew: the RST for the challenge ACK ends the old one. */
TEST_F(life, syn_on_live_after_a_crash)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 10, ES, ES },
	     { C, SYN, 5000, 0, 0, ES, ES, ON_LIVE },
	     { S, ACK, 1, 11, 0, ES, ES },
	     { C, RST, 11, 0, 0, CL, CL },
	     { C, SYN, 5000, 0, 0, CL, CL, REUSE });
}

TEST_HARNESS_MAIN
