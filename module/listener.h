/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The listening sockets of this host that have been asked for a connection:
 * what each one lives through, and whether cookies answer for it.
 */
#ifndef SYNWARD_LISTENER_H
#define SYNWARD_LISTENER_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "isn.h"

struct sock;
struct synward_net;
struct synward_pkt;

/*
 * Listeners that are remembered on the whole host, and an eighth of them in one
 * namespace but the first. More are not protected.
 */
#define SYNWARD_LISTENERS_MAX	4096U

/* The worker's clock, and how many ticks of history make the rates: 1 s. */
#define SYNWARD_LISTENER_TICK_MS	250U
#define SYNWARD_LISTENER_TICKS		4

/* A cookie proves a client for two minutes; one more for the clock's steps. */
#define SYNWARD_COOKIE_LIFE_S		180U

/**
 * struct synward_listener_key - what names a listener
 * @addr:    bound address; IPv4 in the last word
 * @port:    bound port
 * @netid:   synward_net.id
 * @ifindex: bound device or 0
 * @family:  NFPROTO_IPV4 or NFPROTO_IPV6 (a dual-stack socket is IPv6)
 */
struct synward_listener_key {
	struct in6_addr addr;
	__be16 port;
	u16 netid;
	s32 ifindex;
	u32 family;
};

/* Counters of one CPU; only their sum over all CPUs means something. */
struct synward_listener_count {
	u64 syn;		/* SYNs for it, answered by whom ever */
	u64 completed;		/* handshakes completed, by cookie or not */
	u64 cookie_sent;
	u64 cookie_valid;
	u64 synq_overflow;	/* SYNs that found the SYN queue full */
	u64 acceptq_overflow;	/* SYNs that found the accept queue full */
	s64 halfopen;		/* its entries in the half-open table */
} ____cacheline_aligned_in_smp;

/* The kernel's own queues of the socket, as last seen. */
struct synward_listener_queue {
	u32 synq_len;
	u32 synq_max;
	u32 acceptq_len;
	u32 acceptq_max;
	u32 drops;
};

/**
 * struct synward_listener - a listening socket
 * @node:     in its hash bucket; RCU, changed under listener.c's lock
 * @rcu:      frees it
 * @key:      its name; constant
 * @sn:       its namespace; constant
 * @index:    its place in entries of the half-open table; constant
 * @engaged:  cookies answer for it (in monitor mode: would); engage.c's lock
 * @armed:    counted in synward_net.armed; engage.c's lock
 * @forgotten: no longer in the arrays: never armed again; engage.c's lock
 * @cookie_at: jiffies of the last cookie sent
 * @tried_at: jiffies at which packets last looked at the history
 * @history:  sums of syn and completed and when, one a tick; the worker's
 * @tick:     index of the oldest of @history
 * @quiet_ms: how long it has been quiet while engaged; the worker's
 * @gone_ms:  how long no socket has been found; the worker's
 * @engaged_at: jiffies of the engagement
 * @queue:    written by the worker
 * @reached_at: jiffies of a SYN that reached its socket, 0 for none
 * @away_at:  jiffies at which a proven handshake did not, 0 for none
 * @isn:      of its SYN-ACKs; packets write it, at most one a jiffy
 * @isn_at:   jiffies of that
 * @cpu:      counters, nr_cpu_ids of them
 */
struct synward_listener {
	struct hlist_node node;
	struct rcu_head rcu;
	struct synward_listener_key key;
	struct synward_net *sn;
	u16 index;
	bool engaged;
	bool armed;
	bool forgotten;
	unsigned long cookie_at;
	unsigned long tried_at;
	unsigned long engaged_at;
	struct {
		unsigned long at;
		u64 syn;
		u64 completed;
	} history[SYNWARD_LISTENER_TICKS];
	unsigned int tick;
	u32 quiet_ms;
	u32 gone_ms;
	struct synward_listener_queue queue;
	unsigned long reached_at;
	unsigned long away_at;
	struct synward_isn isn;
	unsigned long isn_at;
	struct synward_listener_count cpu[];
};

int synward_listener_init(void);
void synward_listener_exit(void);

/*
 * Forget all listeners of a namespace whose flows are gone. The worker may
 * still look at them until an RCU grace period later. Process context.
 */
void synward_listener_forget(struct synward_net *sn);

/* The listener of a listening socket, or NULL. Context: RCU read side. */
struct synward_listener *synward_listener_find(const struct synward_net *sn,
					       const struct sock *sk);

/* The same, made when it is not there. NULL when there are too many. */
struct synward_listener *synward_listener_get(struct synward_net *sn,
					      const struct sock *sk);

/*
 * Has TPROXY or a program given @skb to a socket that listens under another name
 * than @sk, which its own addresses and ports tell of? Context: RCU read side.
 */
bool synward_listener_stolen(const struct sk_buff *skb, const struct synward_net *sn,
			     const struct sock *sk);

/* By index, NULL for 0. */
struct synward_listener *synward_listener_by_index(u16 index);

/* One more (1) or one less (-1) half-open entry; index 0 is nobody. */
void synward_listener_halfopen(u16 index, int n);

/* It has sent a SYN-ACK; @hash is its connection's. */
void synward_listener_isn(u16 index, u32 isn, u32 hash);

/* A handshake with it was completed. */
void synward_listener_completed(u16 index);

/* A SYN reached the socket @sk of @l. */
void synward_listener_syn(struct synward_listener *l, const struct sock *sk);

/* Note how the queues of its socket stand. */
void synward_listener_look(struct synward_listener *l, const struct sock *sk);

/* NAT or a queue has taken a proven handshake away. */
void synward_listener_away(struct synward_listener *l);

/* Has that happened within the last ten minutes? */
bool synward_listener_is_away(const struct synward_listener *l);

/*
 * Do SYNs on the wire for it reach it? Not where NAT sends them elsewhere or a
 * SYN proxy answers them. Known for ten minutes at a time.
 */
bool synward_listener_reached(const struct synward_listener *l);

/* Can a cookie that has answered for it still be valid? */
bool synward_listener_answered(const struct synward_listener *l);

/* A SYN was dropped in front of a full accept queue. */
void synward_listener_acceptq_full(struct synward_listener *l);

/* A cookie went out for it (or would have, in monitor mode). */
void synward_listener_cookie_sent(struct synward_listener *l);
void synward_listener_cookie_valid(struct synward_listener *l);

/* Sums over all CPUs. */
void synward_listener_sum(const struct synward_listener *l,
			  struct synward_listener_count *sum);

/* Call @show for each listener of a namespace. Context: process. */
void synward_listener_each(const struct synward_net *sn,
			   void (*show)(struct synward_listener *l, void *arg),
			   void *arg);

/* How many listeners a namespace has, and how many are engaged. */
void synward_listener_totals(const struct synward_net *sn,
			     unsigned int *listeners, unsigned int *engaged);

#endif
