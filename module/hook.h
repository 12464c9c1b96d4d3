/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks: where packets meet us. */
#ifndef SYNWARD_HOOK_H
#define SYNWARD_HOOK_H

#include <linux/types.h>

struct net;
struct nf_hook_entry;

/* Context: process. Return: 0 or an error with nothing left registered. */
int synward_hook_register(struct net *net);
void synward_hook_unregister(struct net *net);

bool synward_hook_is_ours(const struct nf_hook_entry *entry);

#endif
