/* SPDX-License-Identifier: GPL-2.0 */
/* Tracking: what a segment means for the tables. It never drops. */
#ifndef SYNWARD_TRACK_H
#define SYNWARD_TRACK_H

struct nf_hook_state;
struct synward_net;
struct synward_pkt;

/**
 * synward_track - let the connection of a segment live through it
 * @pkt:   the segment
 * @sn:    its namespace
 * @state: hook state at LOCAL_IN, LOCAL_OUT or FORWARD
 *
 * Context: RCU read side, softirq or process.
 */
void synward_track(const struct synward_pkt *pkt, struct synward_net *sn,
		   const struct nf_hook_state *state);

#endif
