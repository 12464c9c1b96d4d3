/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks: where packets meet us. */
#ifndef SYNWARD_HOOK_H
#define SYNWARD_HOOK_H

struct net;

/* Context: process. Return: 0 or an error with nothing left registered. */
int synward_hook_register(struct net *net);
void synward_hook_unregister(struct net *net);

#endif
