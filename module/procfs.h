/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/synward: read only, per namespace. */
#ifndef SYNWARD_PROCFS_H
#define SYNWARD_PROCFS_H

struct synward_net;

#ifdef CONFIG_PROC_FS
/* Context: process. Return: 0 or -ENOMEM with nothing left behind. */
int synward_procfs_register(struct synward_net *sn);
void synward_procfs_unregister(struct synward_net *sn);
#else
static inline int synward_procfs_register(struct synward_net *sn)
{
	return 0;
}

static inline void synward_procfs_unregister(struct synward_net *sn)
{
}
#endif

#endif
