/* SPDX-License-Identifier: GPL-2.0 */
/* Connections, and their segments as a device hands them over. */
#ifndef INJECT_PACKET_H
#define INJECT_PACKET_H

#include "order.h"

struct sk_buff;

/* A connection that there was not before. Context: any, on several CPUs at once. */
void inject_flow(struct flow *flow, bool to_keep);

/*
 * What @step sends on @flow, as if it had come in by @queue of the device; the
 * flow's numbers go on. Return: NULL without memory.
 */
struct sk_buff *inject_packet(struct flow *flow, const struct step *step,
			      const struct order *o, u16 queue);

#endif
