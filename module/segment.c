// SPDX-License-Identifier: GPL-2.0
/* What is noted and counted of a segment. See segment.h. */
#include <linux/skbuff.h>

#include "segment.h"

/* RFC 8446 5.1, 4.1.2: record of type handshake, message ClientHello. */
static bool is_client_hello(const struct synward_pkt *pkt)
{
	u8 room[6];
	const u8 *p = skb_header_pointer(pkt->skb, pkt->thoff + pkt->hdrlen,
					 sizeof(room), room);

	return p && p[0] == 22 && p[1] == 3 && p[5] == 1;
}

void synward_segment_note_data(struct synward_conn *conn,
			       const struct synward_pkt *pkt,
			       const struct synward_seg *seg)
{
	if (!seg->len || seg->from != SYNWARD_CLIENT ||
	    conn->flags & (SYNWARD_CONN_DATA | SYNWARD_CONN_PICKED_UP))
		return;
	conn->flags |= SYNWARD_CONN_DATA |
		       (is_client_hello(pkt) ? SYNWARD_CONN_TLS : 0);
}

void synward_segment_count(struct synward_net *sn, enum synward_judgement what)
{
	static const u8 stat[SYNWARD_SEG_MAX] = {
		[SYNWARD_SEG_SYN_AGAIN]		= SYNWARD_STAT_SYN_RETRANSMIT,
		[SYNWARD_SEG_SYNACK_AGAIN]	= SYNWARD_STAT_SYNACK_RETRANSMIT,
		[SYNWARD_SEG_OUT_OF_WINDOW]	= SYNWARD_STAT_OUT_OF_WINDOW,
		[SYNWARD_SEG_BAD_ACK]		= SYNWARD_STAT_BAD_ACK,
		[SYNWARD_SEG_BAD_RST]		= SYNWARD_STAT_BAD_RST,
		[SYNWARD_SEG_SYN_ON_LIVE]	= SYNWARD_STAT_SYN_ON_LIVE,
	};

	if (what != SYNWARD_SEG_OK && what != SYNWARD_SEG_REUSE)
		synward_stats_inc(sn->stats, stat[what]);
}

void synward_segment_count_end(struct synward_net *sn,
			       const struct synward_conn *conn)
{
	synward_stats_inc(sn->stats, conn->flags & SYNWARD_CONN_BY_RST ?
			  SYNWARD_STAT_CLOSED_RST : SYNWARD_STAT_CLOSED_FIN);
}
