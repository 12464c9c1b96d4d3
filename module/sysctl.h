/* SPDX-License-Identifier: GPL-2.0 */
/* net.synward.*, per namespace. */
#ifndef SYNWARD_SYSCTL_H
#define SYNWARD_SYSCTL_H

struct synward_net;

/* Context: process. Return: 0 or -ENOMEM. */
int synward_sysctl_register(struct synward_net *sn);
void synward_sysctl_unregister(struct synward_net *sn);

#endif
