// SPDX-License-Identifier: GPL-2.0
/* What the half-open table keeps of a connection. See kept.h. */
#include "kept.h"

void kept_save(struct kept *k, const struct synward_conn *conn)
{
	k->client_isn = conn->side[SYNWARD_CLIENT].isn;
	k->server_isn = conn->side[SYNWARD_SERVER].isn;
	k->states = conn->side[SYNWARD_CLIENT].state |
		    conn->side[SYNWARD_SERVER].state << 4;
	k->flags = conn->flags;
	k->wscale = conn->wscale;
	k->retrans = conn->retrans;
}

static void load_side(struct synward_side *side, u32 isn, u8 state)
{
	side->state = state;
	if (state != SYNWARD_SYN_SENT && state != SYNWARD_SYN_RECEIVED)
		return;
	side->isn = isn;
	side->end = isn + 1;
	side->bits = SYNWARD_SIDE_SYN | SYNWARD_SIDE_END;
	side->packets = 1;
}

/* A window that is not scaled, in the unit of those that are. */
static u16 unscaled(const struct synward_conn *conn, unsigned int role)
{
	unsigned int scale = synward_conn_wscale(conn, role);

	if (scale > SYNWARD_WSCALE_MAX)
		scale = 0;
	return (U16_MAX + (1U << scale) - 1) >> scale;
}

static void load_ack(struct synward_conn *conn, unsigned int role)
{
	struct synward_side *side = &conn->side[role];

	if (side->state != SYNWARD_SYN_RECEIVED)
		return;
	side->ack = conn->side[!role].isn + 1;
	side->win = unscaled(conn, role);
	side->bits |= SYNWARD_SIDE_ACK;
}

void kept_load(const struct kept *k, struct synward_conn *conn)
{
	*conn = (struct synward_conn) {
		.flags = k->flags,
		.wscale = k->wscale,
		.retrans = k->retrans,
	};
	load_side(&conn->side[SYNWARD_CLIENT], k->client_isn, k->states & 0xf);
	load_side(&conn->side[SYNWARD_SERVER], k->server_isn, k->states >> 4);
	load_ack(conn, SYNWARD_CLIENT);
	load_ack(conn, SYNWARD_SERVER);
}
