// SPDX-License-Identifier: GPL-2.0
/* How connections end with FIN. Sections and figures are those of RFC 9293. */
#include "life.h"

#define OUTSIDE		SYNWARD_SEG_OUT_OF_WINDOW
#define REUSE		SYNWARD_SEG_REUSE

#define CLOSED_BY(who)	(SYNWARD_CONN_CLOSER | (who))
#define CLIENT		0
#define SERVER		SYNWARD_CONN_BY_SERVER

/* Figure 12 */
TEST_F(life, client_first)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL });
	EXPECT_EQ(CLOSED_BY(CLIENT), self->life.conn.flags);
	EXPECT_TRUE(synward_conn_over(&self->life.conn));
}

TEST_F(life, client_first_fin_with_ack)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL });
	EXPECT_EQ(CLOSED_BY(CLIENT), self->life.conn.flags);
}

TEST_F(life, server_first)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 1, 2, 0, CW, F2 },
	     { C, FIN | ACK, 1, 2, 0, LA, F2 },
	     { S, ACK, 2, 2, 0, CL, TW });
	EXPECT_EQ(CLOSED_BY(SERVER), self->life.conn.flags);
}

TEST_F(life, server_first_fin_with_ack)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, FIN | ACK, 1, 2, 0, LA, F2 },
	     { S, ACK, 2, 2, 0, CL, TW });
	EXPECT_EQ(CLOSED_BY(SERVER), self->life.conn.flags);
}

TEST_F(life, fin_on_data)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 100, F1, ES },
	     { S, ACK, 1, 101, 0, F1, ES },
	     { S, FIN | ACK, 1, 102, 50, F2, LA },
	     { C, ACK, 102, 51, 0, F2, LA },
	     { C, ACK, 102, 52, 0, TW, CL });
}

TEST_F(life, half_close_by_client)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { S, ACK, 1, 2, 500, F2, CW },
	     { C, ACK, 2, 501, 0, F2, CW },
	     { S, ACK, 501, 2, 500, F2, CW },
	     { C, ACK, 2, 1001, 0, F2, CW },
	     { S, FIN | ACK, 1001, 2, 500, F2, LA },
	     { C, ACK, 2, 1502, 0, TW, CL });
	EXPECT_EQ(1500, self->life.conn.side[S].bytes);
}

TEST_F(life, half_close_by_server)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 1, 2, 500, CW, F2 },
	     { S, ACK, 2, 501, 0, CW, F2 },
	     { C, ACK, 501, 2, 500, CW, F2 },
	     { C, FIN | ACK, 1001, 2, 0, LA, F2 },
	     { S, ACK, 2, 1001, 0, LA, F2 },
	     { S, ACK, 2, 1002, 0, CL, TW });
}

/* Data that was under way when the peer closed. */
TEST_F(life, data_crosses_fin)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, ACK, 1, 1, 100, ES, ES },
	     { C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 101, 1, 100, F1, ES },
	     { C, ACK, 2, 101, 0, F1, ES },
	     { C, ACK, 2, 201, 0, F1, ES },
	     { S, ACK, 201, 2, 0, F2, CW });
}

/* Figure 13 */
TEST_F(life, both_at_once)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 1, 0, F1, F1 },
	     { C, ACK, 2, 2, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
	EXPECT_EQ(CLOSED_BY(CLIENT), self->life.conn.flags);
}

TEST_F(life, both_at_once_server_acknowledges_first)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, FIN | ACK, 1, 1, 0, F1, F1 },
	     { S, ACK, 2, 2, 0, F2, CG },
	     { C, ACK, 2, 2, 0, TW, TW });
	EXPECT_EQ(CLOSED_BY(SERVER), self->life.conn.flags);
}

TEST_F(life, both_at_once_fin_again)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 1, 0, F1, F1 },
	     { C, FIN | ACK, 1, 2, 0, CG, F2 },
	     { S, FIN | ACK, 1, 1, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
}

/* Its FIN says that it had not heard of ours: its ACK was sent later. */
TEST_F(life, both_at_once_ack_overtakes_fin)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 2, 2, 0, F2, CW },
	     { S, FIN | ACK, 1, 1, 0, F2, CG },
	     { C, ACK, 2, 2, 0, TW, TW });
}

/* What comes so late has been sent again: the first one is lost. */
TEST_F(life, both_at_once_first_fin_lost)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 2, 2, 0, CW, F2 });
	self->life.now += 200;
	PLAY({ C, FIN | ACK, 1, 2, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
}

/* The same, but what it sent behind its FIN came before its ACK of ours. */
TEST_F(life, both_at_once_first_fin_lost_ack_between)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 2, 1, 0, ES, F1 },
	     { C, ACK, 2, 2, 0, CW, F2 });
	self->life.now += 200;
	PLAY({ C, FIN | ACK, 1, 2, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
}

/* What it sent behind its FIN came even before our FIN. */
TEST_F(life, both_at_once_first_fin_lost_ack_before)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 2, 1, 0, ES, ES },
	     { S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 2, 2, 0, CW, F2 },
	     { C, FIN | ACK, 1, 2, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
}

/* The answer has overtaken the first data: it is an answer. */
TEST_F(life, second_fin_without_its_data)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 2, 2, 0, CW, F2 },
	     { C, FIN | ACK, 2, 2, 0, LA, F2 },
	     { S, ACK, 2, 3, 0, CL, TW });
}

TEST_F(life, both_at_once_fin_again_overtakes_fin)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, ACK, 2, 2, 0, CW, F2 },
	     { C, FIN | ACK, 1, 2, 0, LA, F2 },
	     { C, FIN | ACK, 1, 1, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW });
}

TEST_F(life, fin_overtakes_data)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 101, 1, 0, F1, ES },
	     { S, ACK, 1, 1, 0, F1, ES },
	     { C, ACK, 1, 1, 100, F1, ES },
	     { S, ACK, 1, 102, 0, F2, CW });
}

TEST_F(life, fin_overtakes_ack)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { S, ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL });
}

TEST_F(life, fin_lost_and_sent_again)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { C, FIN | ACK, 1, 1, 0, F2, CW },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL });
}

/* 3.10.7.4, eighth check, TIME-WAIT: restart the timer. */
TEST_F(life, fin_into_time_wait_restarts_it)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL });
	EXPECT_EQ(self->life.now, self->life.conn.since);
	self->life.now += 1000;
	PLAY({ S, FIN | ACK, 1, 2, 0, TW, CL });
	EXPECT_EQ(self->life.now, self->life.conn.since);
	self->life.now += 1000;
	PLAY({ C, ACK, 2, 2, 0, TW, CL });
	EXPECT_NE(self->life.now, self->life.conn.since);
}

TEST_F(life, other_segments_do_not_restart_time_wait)
{
	u32 since;

	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, FIN | ACK, 1, 2, 0, LA, F2 },
	     { S, ACK, 2, 2, 0, CL, TW });
	since = self->life.conn.since;
	PLAY({ C, ACK, 1, 2, 0, CL, TW },
	     { C, ACK, 2, 2, 0, CL, TW },
	     { S, ACK, 2, 2, 0, CL, TW },
	     { S, FIN | ACK, 1, 2, 0, CL, TW });
	EXPECT_EQ(since, self->life.conn.since);
}

/* The last ACK is repeated for the FIN that comes again. */
TEST_F(life, last_ack_lost)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL },
	     { S, FIN | ACK, 1, 2, 0, TW, CL },
	     { C, ACK, 2, 2, 0, TW, CL });
}

/* 3.6.1, MAY-2: who asks next decides; we only say that it may be a new one. */
TEST_F(life, reuse)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, FIN | ACK, 1, 2, 0, LA, F2 },
	     { S, ACK, 2, 2, 0, CL, TW },
	     { C, SYN, 100000, 0, 0, CL, TW, REUSE },
	     { C, SYN, -100000, 0, 0, CL, TW, REUSE },
	     { S, SYN, 100000, 0, 0, CL, TW, REUSE });
}

TEST_F(life, reuse_after_both_closed_at_once)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 1, 0, F1, F1 },
	     { C, ACK, 2, 2, 0, CG, F2 },
	     { S, ACK, 2, 2, 0, TW, TW },
	     { C, SYN, 100000, 0, 0, TW, TW, REUSE });
}

TEST_F(life, no_reuse_before_the_end)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { C, SYN, 100000, 0, 0, F1, ES, SYNWARD_SEG_SYN_ON_LIVE },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, SYN, 100000, 0, 0, F2, LA, SYNWARD_SEG_SYN_ON_LIVE });
}

/* A SYN of the closed connection that comes late makes no new one. */
TEST_F(life, old_syn_is_no_reuse)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL },
	     { C, SYN, 0, 0, 0, TW, CL, SYNWARD_SEG_SYN_AGAIN });
}

/* Nor does a SYN-ACK: nobody has asked. */
TEST_F(life, synack_opens_nothing)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, FIN | ACK, 1, 2, 0, F2, LA },
	     { C, ACK, 2, 2, 0, TW, CL },
	     { S, SYN | ACK, 0, 1, 0, TW, CL, SYNWARD_SEG_SYNACK_AGAIN },
	     { S, SYN | ACK, 4000, 1, 0, TW, CL, SYNWARD_SEG_SYN_ON_LIVE },
	     { S, SYN | ACK, 4000, 2, 0, TW, CL, SYNWARD_SEG_SYN_ON_LIVE },
	     { C, SYN | ACK, 4000, 1, 0, TW, CL, SYNWARD_SEG_SYN_ON_LIVE });
	EXPECT_EQ(variant->isn[S], self->life.conn.side[S].isn);
}

TEST_F(life, late_segments_of_a_closed_connection)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, FIN | ACK, 1, 1, 0, ES, F1 },
	     { C, FIN | ACK, 1, 2, 10, LA, F2 },
	     { S, ACK, 2, 12, 0, CL, TW },
	     { C, ACK, 1, 1, 10, CL, TW },
	     { C, FIN | ACK, 1, 2, 10, CL, TW },
	     { S, ACK, 2, 12, 0, CL, TW });
}

/* Nothing lies behind a FIN: one that is overtaken was of other times. */
TEST_F(life, fin_of_an_older_connection)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 100, ES, ES },
	     { C, FIN | ACK, -500, -500, 0, ES, ES, OUTSIDE },
	     { S, FIN | ACK, -500, -500, 0, ES, ES, OUTSIDE },
	     { C, FIN | ACK, 50, 1, 0, ES, ES, OUTSIDE },
	     { C, FIN | ACK, 99, 1, 0, ES, ES, OUTSIDE },
	     { C, FIN | ACK, 101, 1, 0, F1, ES },
	     { S, ACK, 101, 102, 0, F2, CW });
}

TEST_HARNESS_MAIN
