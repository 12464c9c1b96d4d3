/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lanes: the CPUs that share an order, each with flows of its own, as if the
 * device had a queue for each. All wait for each other before they begin with a
 * batch, and a round takes as long as its slowest lane.
 *
 * Only the calls of netif_receive_skb() are timed, a batch at a time: building
 * packets is not, nor is what the stack leaves to timers and threads.
 */
#ifndef INJECT_LANE_H
#define INJECT_LANE_H

#include "order.h"

#define LANES_MAX	2

/* A round takes as long as if each batch were its median batch. */
extern bool inject_typical;

void inject_lanes_init(void);

/*
 * Send what @o wants, once to warm up and then as many times as it says, and note
 * the cycles of each round. Context: process, one order at a time. Return: 0,
 * -ENOENT without flows that were kept, -ENOMEM, -EINTR.
 */
int inject_lanes_run(const struct order *o, u64 cycles[ROUNDS_MAX + 1]);

/* Give up the flows that were kept. */
void inject_lanes_forget(void);

#endif
