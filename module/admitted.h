/* SPDX-License-Identifier: GPL-2.0 */
/* Who has been let in before: connections and handshakes that the firewall has seen. */
#ifndef SYNWARD_ADMITTED_H
#define SYNWARD_ADMITTED_H

#include <linux/types.h>

struct synward_flow;
struct synward_pkt;

/*
 * Does a client's segment lie within a connection? A new one on these ports
 * begins beyond the old one's end. Context: RCU read side, as for all here.
 */
bool synward_admitted_belongs(const struct synward_flow *flow,
			      const struct synward_pkt *pkt);

/*
 * The same, of a connection with nothing but its handshake. The listener may have
 * dropped the ACK: the next one is as good. Later on only the socket knows whether
 * it is there, for it can go without a word.
 */
bool synward_admitted_flow(const struct synward_flow *flow,
			   const struct synward_pkt *pkt);

/* Has the firewall seen the SYN of this ACK, however often that was answered? */
bool synward_admitted_syn(const struct synward_pkt *pkt);

/*
 * A handshake that the firewall has let in. Either its SYN, and the kernel has
 * answered that with a cookie of its own, or it was asked about an ACK before
 * this one, which is still on its way or was lost behind it.
 */
bool synward_admitted_handshake(const struct synward_pkt *pkt);

#endif
