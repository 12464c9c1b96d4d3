/* SPDX-License-Identifier: GPL-2.0 */
/* What belongs to one network namespace. */
#ifndef SYNWARD_NET_H
#define SYNWARD_NET_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "latency.h"
#include "state.h"
#include "stats.h"

extern unsigned int synward_net_pernet_id;

struct ctl_table_header;
struct net;
struct proc_dir_entry;
struct synward_exempt;

/* net.synward.mode */
enum synward_mode {
	SYNWARD_MODE_TRACK,	/* track only */
	SYNWARD_MODE_MONITOR,	/* decide and count, change no packet */
	SYNWARD_MODE_ADAPTIVE,	/* answer with cookies while under attack */
	SYNWARD_MODE_ALWAYS,	/* answer with cookies at all times */
	SYNWARD_MODE_MAX = SYNWARD_MODE_ALWAYS
};

/* What is not for one of these ports is not looked at. A power of two. */
#define SYNWARD_ARMED_PORTS	64

/**
 * struct synward_net - a network namespace
 * @net:     the kernel's own
 * @id:      names it in keys; 1 to 65535, 0 when there are too many namespaces:
 *           then nothing is tracked in it
 * @mode:    enum synward_mode; sysctl writes it, packets read it without a lock
 * @dying:   its hooks are gone; whatever it has in the tables goes next
 * @timeout_s: seconds for which an endpoint in a state may be silent, by enum
 *           synward_state; sysctl writes it, the sweepers read it
 * @engage_synq: percent of the kernel's SYN queue at which cookies come on
 * @engage_halfopen: half-opens of one listener at which they do; 0: half the queue
 * @hold_s:  seconds that a listener is quiet before they go off again
 * @armed:   listeners that are engaged, or whose cookies are still valid
 * @armed_ports: how many of those have a port with these low bits; engage.c's
 *           lock, packets read it without
 * @listeners: that it has; listener.c's lock
 * @syn_limit: SYNs per second and source, 0 is off. This and the next three:
 *           sysctl writes them, packets read them without a lock
 * @syn_limit_burst: SYNs that a source may send at once; 0: as limit.h says
 * @syn_limit_prefix4: bits of an IPv4 address that name a source
 * @syn_limit_prefix6: the same for IPv6
 * @exempt:  sources without a limit, or NULL; RCU, exempt.c's lock
 * @stats:   counters
 * @latency: histograms of handshake times
 * @sysctl:  net.synward of this namespace
 * @table:   what @sysctl was made of
 * @proc:    /proc/net/synward of this namespace
 */
struct synward_net {
	struct net *net;
	u16 id;
	unsigned int mode;
	bool dying;
	unsigned int timeout_s[SYNWARD_STATE_MAX];
	unsigned int engage_synq;
	unsigned int engage_halfopen;
	unsigned int hold_s;
	atomic_t armed;
	u16 armed_ports[SYNWARD_ARMED_PORTS];
	unsigned int listeners;
	unsigned int syn_limit;
	unsigned int syn_limit_burst;
	unsigned int syn_limit_prefix4;
	unsigned int syn_limit_prefix6;
	struct synward_exempt __rcu *exempt;
	struct synward_stats __percpu *stats;
	struct synward_latency __percpu *latency;
	struct ctl_table_header *sysctl;
	struct ctl_table *table;
	struct proc_dir_entry *proc;
};

static inline u16 *synward_net_armed_port(struct synward_net *sn, __be16 port)
{
	return &sn->armed_ports[ntohs(port) % SYNWARD_ARMED_PORTS];
}

int synward_net_init(void);
void synward_net_exit(void);

/* Context: any; the namespace is alive. */
static inline struct synward_net *synward_net_of(const struct net *net)
{
	return net_generic(net, synward_net_pernet_id);
}

/* The same for hooks: RCU's read side is held, and need not be taken again. */
static inline struct synward_net *synward_net_hooked(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[synward_net_pernet_id];
}

/*
 * The namespace of an entry in a table. Context: the lock of the entry's
 * bucket, which is what keeps the namespace from going away.
 */
struct synward_net *synward_net_by_id(u16 id);

#endif
