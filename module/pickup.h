/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that were there before us, picked up in mid-stream. */
#ifndef SYNWARD_PICKUP_H
#define SYNWARD_PICKUP_H

#include <linux/types.h>

struct nf_hook_state;
struct synward_halfopen;
struct synward_net;
struct synward_pkt;

/**
 * synward_pickup - a segment of a connection that nobody knows
 * @pkt:   no SYN, no RST
 * @sn:    its namespace
 * @state: hook state
 *
 * What a synchronized socket of this host sends is picked up at once. Of what
 * is forwarded a note is made in the half-open table, and the connection picked
 * up when a segment of the other direction fits. What comes in to this host
 * picks up nothing: an ACK flood would fill the table.
 *
 * Return: whether something was done.
 */
bool synward_pickup(const struct synward_pkt *pkt, struct synward_net *sn,
		    const struct nf_hook_state *state);

/**
 * synward_pickup_confirm - the second segment of a connection that is noted
 * @h:   the note: an entry with SYNWARD_CONN_PICKED_UP; removed when @pkt fits
 * @pkt: the segment
 * @sn:  its namespace
 *
 * Context: the lock of the half-open bucket is held.
 */
void synward_pickup_confirm(struct synward_halfopen *h,
			    const struct synward_pkt *pkt,
			    struct synward_net *sn);

#endif
