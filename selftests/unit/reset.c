// SPDX-License-Identifier: GPL-2.0
/*
 * RST: believed in every state, by either side, but only at exactly the number
 * that the receiver expects (RFC 9293 3.10.7, RFC 5961 3.2).
 */
#include "life.h"

#define BAD_RST		SYNWARD_SEG_BAD_RST

#define BY_RST(who)	(SYNWARD_CONN_CLOSER | SYNWARD_CONN_BY_RST | (who))
#define CLIENT		0
#define SERVER		SYNWARD_CONN_BY_SERVER

/**
 * struct prefix - one way into a pair of states
 * @opening:     without a three-way handshake before
 * @step:        segments
 * @client_next: next sequence number of the client: what a RST would have
 * @server_next: the same of the server
 */
struct prefix {
	bool opening;
	struct step step[4];
	u32 client_next;
	u32 server_next;
};

static const struct prefix prefixes[] = {
	{ true, { { C, SYN, 0, 0, 0, SS, LI },
		  { S, SYN | ACK, 0, 1, 0, SS, SR } }, 1, 1 },
	{ true, { { C, SYN, 0, 0, 0, SS, LI },
		  { S, SYN, 0, 0, 0, SS, SS },
		  { C, SYN | ACK, 0, 1, 0, SR, SS } }, 1, 1 },
	{ true, { { C, SYN, 0, 0, 0, SS, LI },
		  { S, SYN, 0, 0, 0, SS, SS },
		  { S, SYN | ACK, 0, 1, 0, SS, SR } }, 1, 1 },
	{ false, { { C, ACK, 1, 1, 0, ES, ES } }, 1, 1 },
	{ false, { { C, ACK, 1, 1, 10, ES, ES },
		   { S, ACK, 1, 11, 20, ES, ES } }, 11, 21 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES } }, 2, 1 },
	{ false, { { S, FIN | ACK, 1, 1, 0, ES, F1 } }, 1, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, ACK, 1, 2, 0, F2, CW } }, 2, 1 },
	{ false, { { S, FIN | ACK, 1, 1, 0, ES, F1 },
		   { C, ACK, 1, 2, 0, CW, F2 } }, 1, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 2, 0, F2, LA } }, 2, 2 },
	{ false, { { S, FIN | ACK, 1, 1, 0, ES, F1 },
		   { C, FIN | ACK, 1, 2, 0, LA, F2 } }, 2, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 1, 0, F1, F1 } }, 2, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 1, 0, F1, F1 },
		   { C, ACK, 2, 2, 0, CG, F2 } }, 2, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 1, 0, F1, F1 },
		   { S, ACK, 2, 2, 0, F2, CG } }, 2, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 2, 0, F2, LA },
		   { C, ACK, 2, 2, 0, TW, CL } }, 2, 2 },
	{ false, { { S, FIN | ACK, 1, 1, 0, ES, F1 },
		   { C, FIN | ACK, 1, 2, 0, LA, F2 },
		   { S, ACK, 2, 2, 0, CL, TW } }, 2, 2 },
	{ false, { { C, FIN | ACK, 1, 1, 0, F1, ES },
		   { S, FIN | ACK, 1, 1, 0, F1, F1 },
		   { C, ACK, 2, 2, 0, CG, F2 },
		   { S, ACK, 2, 2, 0, TW, TW } }, 2, 2 },
};

/* Return: the last segment. */
static const struct step *play_prefix(struct __test_metadata *_metadata,
				      struct life *l, unsigned int i)
{
	const struct step *step = prefixes[i].step;
	unsigned int n = 0;

	memset(&l->conn, 0, sizeof(l->conn));
	while (n < ARRAY_SIZE(prefixes[i].step) && step[n].flags)
		n++;
	if (!prefixes[i].opening)
		life_handshake(_metadata, l);
	life_play(_metadata, l, step, n);
	return &step[n - 1];
}

static void try_rst(struct __test_metadata *_metadata, struct life *l,
		    unsigned int i, const struct step *rst)
{
	play_prefix(_metadata, l, i);
	life_play(_metadata, l, rst, 1);
	if (_metadata->exit_code == KSFT_FAIL)
		TH_LOG("prefix %u, from %u, seq %d", i, rst->from, (int)rst->seq);
}

static u32 next_of(unsigned int i, u8 from)
{
	return from == C ? prefixes[i].client_next : prefixes[i].server_next;
}

TEST_F(life, exact_number_in_every_state_from_both)
{
	unsigned int i;
	u8 from;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		for (from = C; from <= S; from++) {
			/* A peer in SYN-SENT wants its SYN acknowledged. */
			struct step rst = { from, RST | ACK, next_of(i, from),
					    next_of(i, !from), 0, CL, CL };

			try_rst(_metadata, &self->life, i, &rst);
			EXPECT_TRUE(self->life.conn.flags & SYNWARD_CONN_CLOSER);
			if (next_of(i, C) == 1 && next_of(i, S) == 1)
				EXPECT_EQ(BY_RST(from == S ? SERVER : CLIENT),
					  self->life.conn.flags);
		}
	}
}

TEST_F(life, exact_number_without_ack)
{
	unsigned int i;
	u8 from;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		for (from = C; from <= S; from++) {
			struct step rst = { from, RST, next_of(i, from),
					    0, 0, CL, CL };

			try_rst(_metadata, &self->life, i, &rst);
		}
	}
}

TEST_F(life, of_our_own_socket_at_any_number)
{
	unsigned int i;
	u8 from;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		for (from = C; from <= S; from++) {
			struct step rst = { from, RST, 12345, 0, 0, CL, CL,
					    .trusted = true };

			try_rst(_metadata, &self->life, i, &rst);
		}
	}
}

/* Who is in one of these has received a FIN. */
static bool has_fin(u8 state)
{
	return state == CW || state == LA || state == CG;
}

/* What is believed all the same: other tests. */
static bool believed(unsigned int i, u8 from, const struct step *last, u32 seq)
{
	u8 peer = from == C ? last->server : last->client;

	/* At its FIN; where its last data began, which may be on its way. */
	return (seq == next_of(i, from) - 1 && has_fin(peer)) || seq == 1;
}

TEST_F(life, beside_the_number_in_every_state)
{
	static const u32 offsets[] = { -1, 1, -2, 2, 100, WINDOW - 1, WINDOW,
				       WINDOW + 1, 65535, -65535, 0x7fffffff,
				       0x80000000, 0x40000000 };
	unsigned int i, j;
	u8 from;

	for (i = 0; i < 2 * ARRAY_SIZE(prefixes); i++) {
		for (j = 0, from = i % 2; j < ARRAY_SIZE(offsets); j++) {
			const struct step *last = play_prefix(_metadata,
							      &self->life, i / 2);
			u32 seq = next_of(i / 2, from) + offsets[j];
			struct step rst = { from, RST, seq, 0, 0, last->client,
					    last->server, BAD_RST };

			if (!believed(i / 2, from, last, seq))
				try_rst(_metadata, &self->life, i / 2, &rst);
		}
	}
}

/* A blind attacker's choices on an idle connection. */
TEST_F(life, blind)
{
	u32 since;
	u32 last;

	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 101, 0, ES, ES });
	since = self->life.conn.since;
	last = self->life.conn.side[C].last;
	PLAY({ C, RST, 100, 0, 0, ES, ES, BAD_RST },
	     { C, RST, 102, 0, 0, ES, ES, BAD_RST },
	     { C, RST, 600, 0, 0, ES, ES, BAD_RST },
	     { C, RST | ACK, 600, 1, 0, ES, ES, BAD_RST },
	     { S, ACK, 1, 101, 0, ES, ES },
	     { S, RST, 0, 0, 0, ES, ES, BAD_RST },
	     { S, RST, 2, 0, 0, ES, ES, BAD_RST });
	EXPECT_EQ(since, self->life.conn.since);
	EXPECT_EQ(last, self->life.conn.side[C].last);
	PLAY({ C, RST, 101, 0, 0, CL, CL });
	EXPECT_EQ(BY_RST(CLIENT), self->life.conn.flags);
	EXPECT_EQ(self->life.now, self->life.conn.since);
}

/* Its own data is still unacknowledged, or was lost: both numbers will do. */
TEST_F(life, behind_data_under_way)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { C, RST | ACK, 50, 1, 0, ES, ES, BAD_RST },
	     { C, RST | ACK, 101, 1, 0, CL, CL });
}

TEST_F(life, before_data_under_way)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, ACK, 1, 1, 100, ES, ES },
	     { S, RST, 1, 0, 0, CL, CL });
}

/* The challenge ACK passes; what answers it has the right number. */
TEST_F(life, challenge)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, ACK, 1, 51, 0, ES, ES },
	     { C, RST, 80, 0, 0, ES, ES, BAD_RST },
	     { S, ACK, 1, 51, 0, ES, ES },
	     { C, RST, 51, 0, 0, CL, CL });
}

/* Some send it at their FIN rather than behind it, and Linux believes them. */
TEST_F(life, at_the_fin)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { C, RST, 0, 0, 0, F2, CW, BAD_RST },
	     { S, RST, 0, 0, 0, F2, CW, BAD_RST },
	     { C, RST, 1, 0, 0, CL, CL });
}

/* A host that knows nothing of the connection answers its data. */
TEST_F(life, answers_data)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, ACK, 1, 1, 100, ES, ES },
	     { S, RST, 1, 0, 0, CL, CL });
}

TEST_F(life, answers_keepalive)
{
	life_handshake(_metadata, &self->life);
	PLAY({ S, ACK, 1, 1, 100, ES, ES },
	     { C, ACK, 1, 101, 0, ES, ES },
	     { S, ACK, 100, 1, 0, ES, ES },
	     { C, RST, 1, 0, 0, CL, CL });
}

/* It was closing already: who began stays who began. */
TEST_F(life, does_not_change_who_closed_first)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, FIN | ACK, 1, 1, 0, F1, ES },
	     { S, ACK, 1, 2, 0, F2, CW },
	     { S, RST | ACK, 1, 2, 0, CL, CL });
	EXPECT_EQ(SYNWARD_CONN_CLOSER, self->life.conn.flags);
}

TEST_F(life, nothing_moves_after_it)
{
	life_handshake(_metadata, &self->life);
	PLAY({ C, RST, 1, 0, 0, CL, CL },
	     { S, ACK, 1, 1, 100, CL, CL },
	     { S, FIN | ACK, 101, 1, 0, CL, CL },
	     { C, RST, 1, 0, 0, CL, CL },
	     { C, ACK, 1, 102, 0, CL, CL },
	     { C, SYN, 0, 0, 0, CL, CL, SYNWARD_SEG_SYN_AGAIN },
	     { C, SYN, 77777, 0, 0, CL, CL, SYNWARD_SEG_REUSE });
}

/* 3.10.7.3: without an ACK of the SYN nobody in SYN-SENT listens to it. */
TEST_F(life, in_syn_sent)
{
	PLAY({ C, SYN, 0, 0, 0, SS, LI },
	     { S, RST, 1, 0, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 1, 0, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 1, 0x80000001, 0, SS, LI, BAD_RST },
	     { C, RST, 2, 0, 0, SS, LI, BAD_RST },
	     { S, RST | ACK, 99, 1, 0, CL, CL });
}

TEST_HARNESS_MAIN
