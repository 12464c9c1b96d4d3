/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks: where packets meet us. */
#ifndef SYNWARD_HOOK_H
#define SYNWARD_HOOK_H

#include <linux/types.h>

struct net;
struct nf_hook_entries;

/* Context: process. Return: 0 or an error with nothing left registered. */
int synward_hook_register(struct net *net);
void synward_hook_unregister(struct net *net);

/* All hooks of a family at one point, NULL for none. Context: RCU read side. */
const struct nf_hook_entries *synward_hook_entries(const struct net *net, u8 pf,
						   unsigned int hook);

/* The index in @e, all hooks of PRE_ROUTING, of the first behind the guard. */
unsigned int synward_hook_behind_guard(const struct nf_hook_entries *e);

/* Does NAT change destinations here? What is unknown may be known behind it. */
bool synward_hook_nat(const struct net *net, u8 pf);

/*
 * Is there a hook besides our own and those of security modules, at PRE_ROUTING
 * behind the guard?
 */
bool synward_hook_others(const struct net *net, u8 pf, unsigned int hook);

#endif
