/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshake replay: a cookie answers before the firewall has seen the SYN. When
 * an ACK has proven it, and only then, the SYN and the SYN-ACK are made again
 * and shown to all hooks that they would have passed. Neither is sent.
 */
#ifndef SYNWARD_REPLAY_H
#define SYNWARD_REPLAY_H

#include <linux/netfilter.h>
#include <linux/types.h>
#include <net/dst.h>

struct sock;
struct synward_net;
struct synward_pkt;

enum synward_replay {
	SYNWARD_REPLAY_ACCEPTED,
	SYNWARD_REPLAY_UNASKED,		/* nobody else has a hook */
	SYNWARD_REPLAY_REFUSED,		/* dropped, or NAT has no room for it */
	SYNWARD_REPLAY_KEPT,		/* queued or stolen: counts as refused */
	SYNWARD_REPLAY_ELSEWHERE,	/* NAT has led it away */
	SYNWARD_REPLAY_NO_MEMORY,
};

/*
 * Whatever keeps a packet hands it on to this when it lets go; it frees it. It
 * is the kernel's, for this module may be gone by then.
 */
#define SYNWARD_REPLAY_OKFN	dst_discard_out

/* Is a packet at a hook one that we replay? */
static inline bool synward_replay_is(const struct nf_hook_state *state)
{
	return state->okfn == SYNWARD_REPLAY_OKFN;
}

/**
 * synward_replay_handshake - show a proven handshake to the firewall
 * @pkt: the ACK, at PRE_ROUTING, right behind our own hook
 * @sn:  namespace
 * @sk:  listening socket
 * @mss: the client's MSS, synward_cookie_check()
 *
 * PRE_ROUTING from where the guard stands (what comes before it has seen the
 * true SYN), LOCAL_IN, then LOCAL_OUT and POST_ROUTING. Allocates nothing when
 * no one else listens there. Context: softirq, RCU read side.
 */
enum synward_replay synward_replay_handshake(const struct synward_pkt *pkt,
					     struct synward_net *sn,
					     struct sock *sk, u16 mss);

#endif
