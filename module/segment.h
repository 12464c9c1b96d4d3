/* SPDX-License-Identifier: GPL-2.0 */
/* A packet as the state machine sees it; what is counted and told of it. */
#ifndef SYNWARD_SEGMENT_H
#define SYNWARD_SEGMENT_H

#include "net.h"
#include "options.h"
#include "packet.h"
#include "state.h"
#include "trace.h"

/* @flags: those of its connection, which say who the client is. Return: its sender. */
static inline enum synward_role synward_segment_from(const struct synward_pkt *pkt,
						     u16 flags)
{
	bool client_hi = flags & SYNWARD_CONN_CLIENT_HI;

	return pkt->from_hi == client_hi ? SYNWARD_CLIENT : SYNWARD_SERVER;
}

/* @flags: as above. */
static inline void synward_segment_make(struct synward_seg *seg,
					const struct synward_pkt *pkt, u16 flags)
{
	*seg = (struct synward_seg) {
		.seq = pkt->seq,
		.ack = pkt->ack,
		.len = pkt->len,
		.window = pkt->window,
		.flags = pkt->flags,
		.from = synward_segment_from(pkt, flags),
		.wscale = SYNWARD_WSCALE_NONE,
		.trusted = pkt->trusted,
	};
	if (pkt->flags & SYNWARD_TCP_SYN) {
		struct synward_options opt;

		synward_packet_options(&opt, pkt);
		seg->wscale = opt.wscale;
	}
}

/* For whoever watches; nothing but a jump that is not taken when nobody does. */
static inline void synward_segment_trace(const struct synward_pkt *pkt,
					 const struct synward_net *sn,
					 const struct synward_conn *conn,
					 const struct synward_seg *seg,
					 enum synward_judgement what)
{
	trace_flow_state(pkt, conn, seg, what, sn->net->ns.inum);
}

/* Whether the client has sent data, and whether they are TLS's. */
void synward_segment_note_data(struct synward_conn *conn,
			       const struct synward_pkt *pkt,
			       const struct synward_seg *seg);

/* The statistic of what has been judged; of a connection that is over now. */
void synward_segment_count(struct synward_net *sn, enum synward_judgement what);
void synward_segment_count_end(struct synward_net *sn,
			       const struct synward_conn *conn);

#endif
