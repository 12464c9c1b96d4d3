/* SPDX-License-Identifier: GPL-2.0 */
/* When cookies answer for a listener, and when no longer. */
#ifndef SYNWARD_ENGAGE_H
#define SYNWARD_ENGAGE_H

#include <linux/types.h>

struct sock;
struct synward_listener;
struct synward_listener_count;

/**
 * synward_engage_pressed - a SYN has come: is it time?
 * @l:  the listener
 * @sk: its socket
 *
 * Engages at net.synward.engage_synq percent of the kernel's SYN queue when
 * handshakes do not complete, and in any case when the queue is full. Context: softirq.
 */
void synward_engage_pressed(struct synward_listener *l, const struct sock *sk);

/* A cookie has been sent for @l: the next three minutes ask for its ACK. */
void synward_engage_answered(struct synward_listener *l);

/**
 * synward_engage_tick - every SYNWARD_LISTENER_TICK_MS: is it time, is it over?
 * @l:   the listener
 * @sum: its counters now
 *
 * Context: the worker, RCU read side.
 */
void synward_engage_tick(struct synward_listener *l,
			 const struct synward_listener_count *sum);

/* The listener goes away. */
void synward_engage_forget(struct synward_listener *l);

/* Do cookies answer for @l at this moment? Not in monitor mode. */
bool synward_engage_on(const struct synward_listener *l);

/**
 * synward_engage_rates - SYNs and completions of about the last second
 * @l:        the listener
 * @sum:      its counters now
 * @syn:      SYNs per second
 * @complete: completed handshakes per second
 */
void synward_engage_rates(const struct synward_listener *l,
			  const struct synward_listener_count *sum,
			  u32 *syn, u32 *complete);

#endif
