/* SPDX-License-Identifier: GPL-2.0 */
/* A connection's handshake, and what segments do to it. */
#ifndef SYNWARD_HANDSHAKE_H
#define SYNWARD_HANDSHAKE_H

#include <linux/types.h>

struct nf_hook_state;
struct synward_net;
struct synward_pkt;

/**
 * synward_handshake_open - a SYN
 * @pkt:      the SYN, a first one or sent again
 * @sn:       its namespace
 * @state:    hook state
 * @listener: index of the listener, 0 when this host does not listen there
 */
void synward_handshake_open(const struct synward_pkt *pkt, struct synward_net *sn,
			    const struct nf_hook_state *state, u16 listener);

/**
 * synward_handshake_cookie - an ACK has proven a cookie: enter its handshake
 * @pkt:      the ACK, before the firewall has seen it
 * @sn:       its namespace
 * @listener: index of the listener
 *
 * Makes the half-open entry that a SYN and its SYN-ACK would have made, so
 * that the ACK completes it like any other once it is delivered.
 */
void synward_handshake_cookie(const struct synward_pkt *pkt,
			      struct synward_net *sn, u16 listener);

/**
 * synward_handshake_step - let a handshake live through a segment
 * @pkt: not the first SYN
 * @sn:  its namespace
 *
 * What completes the handshake moves it to the established table.
 *
 * Return: whether the segment belonged to a half-open connection.
 */
bool synward_handshake_step(const struct synward_pkt *pkt, struct synward_net *sn);

/**
 * synward_handshake_refused - a RST with an ACK on the ports of an old connection
 * @pkt: the RST
 * @sn:  its namespace
 *
 * When it refuses a new SYN on these ports it acknowledges that and says nothing
 * to the old connection.
 *
 * Return: whether it was so.
 */
bool synward_handshake_refused(const struct synward_pkt *pkt, struct synward_net *sn);

#endif
