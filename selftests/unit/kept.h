/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the half-open table keeps of a connection between two segments, and what
 * it makes of that again: synward_halfopen_save() and synward_halfopen_load()
 * without the table, whose headers are too much of the kernel for this place.
 */
#ifndef SYNWARD_UNIT_KEPT_H
#define SYNWARD_UNIT_KEPT_H

#include "state.h"

/* The same fields as in struct synward_halfopen. */
struct kept {
	u32 client_isn;
	u32 server_isn;
	u16 synack;
	u8 states;
	u8 flags;
	u8 wscale;
	u8 retrans;
};

void kept_save(struct kept *k, const struct synward_conn *conn);
void kept_load(const struct kept *k, struct synward_conn *conn);

#endif
