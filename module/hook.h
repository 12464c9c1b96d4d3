/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks: where packets meet us. */
#ifndef SYNWARD_HOOK_H
#define SYNWARD_HOOK_H

struct net;
struct nf_hook_entries;

/* Context: process. Return: 0 or an error with nothing left registered. */
int synward_hook_register(struct net *net);
void synward_hook_unregister(struct net *net);

/* The index in @e, all hooks of PRE_ROUTING, of the first behind the guard. */
unsigned int synward_hook_behind_guard(const struct nf_hook_entries *e);

#endif
