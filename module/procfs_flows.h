/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/synward/halfopen and established: one line a connection. */
#ifndef SYNWARD_PROCFS_FLOWS_H
#define SYNWARD_PROCFS_FLOWS_H

#include <linux/types.h>

struct proc_dir_entry;

/* Context: process. Return: whether both files are there. */
bool synward_procfs_flows_create(struct proc_dir_entry *dir, umode_t mode);

#endif
