/* SPDX-License-Identifier: GPL-2.0 */
/* What module/handshake.c and flow.c do with the state machine and the two tables. */
#ifndef SYNWARD_UNIT_TRACKER_H
#define SYNWARD_UNIT_TRACKER_H

#include "kept.h"
#include "state.h"

/**
 * struct tracker - all that is known of one four-tuple
 * @half:      entry of the half-open table
 * @flow:      entry of the established table
 * @has_half:  @half is in use
 * @has_flow:  @flow is in use
 * @half_role: role of endpoint 0 in @half
 * @flow_role: role of endpoint 0 in @flow
 */
struct tracker {
	struct kept half;
	struct synward_conn flow;
	u8 has_half;
	u8 has_flow;
	u8 half_role;
	u8 flow_role;
};

/**
 * tracker_see - a segment passes
 * @t:   tracker
 * @seg: the segment; @seg->from is an endpoint, 0 or 1, not a role
 * @now: jiffies
 *
 * Return: the judgement of the connection that it belongs to; OK where there is none.
 */
enum synward_judgement tracker_see(struct tracker *t,
				   const struct synward_seg *seg, u32 now);

/*
 * State of endpoint @end; CLOSED when nothing is known. A new connection counts
 * once the old one is over.
 */
u8 tracker_state(const struct tracker *t, unsigned int end);

/* Has it concluded from an ACK that a FIN is missing (SYNWARD_SIDE_AHEAD)? */
bool tracker_ahead(const struct tracker *t);

#endif
