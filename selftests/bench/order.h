/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked of the injector: which segments, of how many connections. */
#ifndef INJECT_ORDER_H
#define INJECT_ORDER_H

#include <linux/types.h>

struct net_device;
struct task_struct;

#define ROUNDS_MAX	8

/**
 * struct flow - a connection as both of its ends know it
 * @client: lowest bits of the client's address
 * @sport:  client's port
 * @seq:    what each end sends next; [1] is the server
 * @ts:     the server's last timestamp
 */
struct flow {
	u32 client;
	u16 sport;
	u32 seq[2];
	u32 ts;
};

/* One segment of a script. */
struct step {
	bool server;
	u8 flags;
	u8 len;
};

/**
 * struct kind - what can be sent
 * @name:    as it is written to the file
 * @steps:   the segments of each flow
 * @nsteps:  how many
 * @forward: to the server behind this host, else to this host
 * @make:    flows are made and kept for later
 * @kept:    flows are those that were kept
 * @listen:  the answers' numbers are taken down
 * @udp:     it is not TCP
 * @unseen:  given to nobody: what the measuring itself costs
 */
struct kind {
	const char *name;
	const struct step *steps;
	unsigned int nsteps;
	bool forward;
	bool make;
	bool kept;
	bool listen;
	bool udp;
	bool unseen;
};

/**
 * struct order - what was asked for
 * @kind:   the kind
 * @family: 4 or 6
 * @port:   the servers' port
 * @count:  flows or single packets in a round
 * @rounds: rounds that count
 * @lanes:  CPUs that share them
 * @caller: who asked
 * @devs:   devices on the clients' side, and on that of the server behind this host
 */
struct order {
	const struct kind *kind;
	unsigned int family;
	u16 port;
	unsigned int count;
	unsigned int rounds;
	unsigned int lanes;
	struct task_struct *caller;
	struct net_device *devs[2];
};

#endif
