/* SPDX-License-Identifier: GPL-2.0 */
/* Who else has netfilter hooks beside us: firewalls, conntrack, NAT. */
#ifndef SYNWARD_NEIGHBOURS_H
#define SYNWARD_NEIGHBOURS_H

#include <linux/types.h>

struct net;
struct nf_hook_entries;

/* Context of all: RCU read side. @pf: NFPROTO_IPV4 or NFPROTO_IPV6. */

/* All hooks of a family at one point, ours included; NULL for none. */
const struct nf_hook_entries *synward_neighbours_at(const struct net *net, u8 pf,
						    unsigned int hook);

/* The index in @e, all hooks of PRE_ROUTING, of the first behind the guard. */
unsigned int synward_neighbours_behind_guard(const struct nf_hook_entries *e);

/*
 * Is there a hook besides our own and those of security modules, at PRE_ROUTING
 * behind the guard?
 */
bool synward_neighbours_any(const struct net *net, u8 pf, unsigned int hook);

/* Does NAT change destinations here? What is unknown may be known behind it. */
bool synward_neighbours_nat(const struct net *net, u8 pf);

#endif
