// SPDX-License-Identifier: GPL-2.0
/*
 * Which cells of the table in module/state.c can segments reach? The Makefile
 * makes the table of an ordinary state.o visible and writable, and says how
 * many rows it has. Here one cell after the other gets a wrong value, and the
 * same segments play again: where they lead elsewhere the cell was reached, and
 * it matters.
 */
#include <string.h>

#include "harness.h"
#include "random.h"
#include "reach.h"
#include "segments.h"

#define INPUTS		20000
#define SEGMENTS	40

#define BIT(n)	(1U << (n))
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
#define CL	BIT(SYNWARD_CLOSED)

/*
 * What no segment reaches, by row: the table has an entry for everything, but
 * the judgement before it lets nothing of this through, or another event of the
 * same segment has been there before.
 */
static const u16 out_of_reach[] = {
	SR | ES | F1 | F2 | CW | CG | LA | TW,	/* a SYN out of nowhere */
	CL | ES | F1 | F2 | CW | CG | LA | TW,	/* a SYN-ACK the same */
	LI | ES | F2 | CW | CG | LA | TW,	/* their SYN is acknowledged */
	LI | SR,				/* SR: was acknowledged before */
	LI,
	LI | SS | SR,				/* the ACK has acknowledged SYN */
	LI | SS | SR | ES | F1 | F2,		/* the same, and the FIN */
	LI | SS,				/* the same */
	LI | SS | SR | ES | CW,			/* they have sent no FIN */
	0,
};

static u8 data[(SEGMENTS + 1) * SEGMENT_BYTES];
static u8 trace[SEGMENTS][2];

static void make_data(u64 number)
{
	u64 random = number << 32;
	u32 zeroes = random_below(&random, 8);
	size_t i;

	for (i = 0; i < sizeof(data); i++) {
		u32 r = random_next(&random);

		data[i] = (r >> 8) % 8 < zeroes ? 0 : r;
	}
}

static void note(const struct synward_conn *c, u8 *states)
{
	states[0] = c->side[0].state;
	states[1] = c->side[1].state;
}

/* Return: whether the states go the way that is noted in @trace. */
static bool same_way(void)
{
	struct synward_conn c;
	struct synward_seg seg;
	unsigned int i;
	u8 states[2];

	segments_begin(&c, &seg, data);
	for (i = 0; i < SEGMENTS; i++) {
		note(&c, states);
		if (memcmp(states, trace[i], sizeof(states)))
			return false;
		segments_make(&c, &seg, data + (i + 1) * SEGMENT_BYTES);
		synward_state_step(&c, &seg, i);
	}
	return true;
}

static void note_way(void)
{
	struct synward_conn c;
	struct synward_seg seg;
	unsigned int i;

	segments_begin(&c, &seg, data);
	for (i = 0; i < SEGMENTS; i++) {
		note(&c, trace[i]);
		segments_make(&c, &seg, data + (i + 1) * SEGMENT_BYTES);
		synward_state_step(&c, &seg, i);
	}
}

/* Any other value will do; the way of RST is the surest to be seen. */
static bool matters(unsigned int row, unsigned int state)
{
	u8 right = transition[row][state];
	bool same;

	transition[row][state] = right == SYNWARD_CLOSED ? SYNWARD_TIME_WAIT :
							   SYNWARD_CLOSED;
	same = same_way();
	transition[row][state] = right;
	return !same;
}

static void try_cells(bool reached[CELL_ROWS][STATES])
{
	unsigned int row, state;

	for (row = 0; row < CELL_ROWS; row++)
		for (state = 0; state < STATES; state++)
			if (!reached[row][state])
				reached[row][state] = matters(row, state);
}

TEST(cells)
{
	static bool reached[CELL_ROWS][STATES];
	unsigned int row, state, i;

	ASSERT_EQ(ARRAY_SIZE(out_of_reach), CELL_ROWS);
	for (i = 0; i < INPUTS; i++) {
		make_data(i);
		note_way();
		try_cells(reached);
	}
	for (row = 0; row < CELL_ROWS; row++)
		for (state = 0; state < STATES; state++)
			EXPECT_EQ(!(out_of_reach[row] & BIT(state)),
				  reached[row][state])
				TH_LOG("row %u, %s", row, synward_state_name(state));
}

TEST_HARNESS_MAIN
