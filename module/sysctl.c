// SPDX-License-Identifier: GPL-2.0
/* net.synward.*. See sysctl.h. */
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "compat/compat.h"
#include "net.h"
#include "sysctl.h"

static unsigned int mode_min = SYNWARD_MODE_TRACK;
static unsigned int mode_max = SYNWARD_MODE_MAX;

/* As proc_douintvec_minmax(), but it says what it refuses and what it takes. */
static int set_uint(synward_compat_ctl_table *table, int write, void *buffer,
		    size_t *len, loff_t *pos)
{
	int shown = min_t(size_t, *len, 16);
	int err = proc_douintvec_minmax(table, write, buffer, len, pos);

	if (err && write)
		net_warn_ratelimited("synward: net.synward.%s: '%*pE' refused, allowed: %u to %u\n",
				     table->procname, shown, (char *)buffer,
				     *(unsigned int *)table->extra1,
				     *(unsigned int *)table->extra2);
	return err;
}

/* @data holds the offset in struct synward_net until bind() has run. */
static const struct ctl_table template[] = {
	{
		.procname	= "mode",
		.data		= (void *)offsetof(struct synward_net, mode),
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= set_uint,
		.extra1		= &mode_min,
		.extra2		= &mode_max,
	},
};

static struct ctl_table *bind(struct synward_net *sn)
{
	size_t n = ARRAY_SIZE(template);
	struct ctl_table *table;
	size_t i;

	table = kcalloc(n + SYNWARD_COMPAT_SYSCTL_END, sizeof(*table), GFP_KERNEL);
	if (!table)
		return NULL;
	for (i = 0; i < n; i++) {
		table[i] = template[i];
		table[i].data = (void *)sn + (uintptr_t)template[i].data;
	}
	return table;
}

int synward_sysctl_register(struct synward_net *sn)
{
	sn->table = bind(sn);
	if (!sn->table)
		return -ENOMEM;
	sn->sysctl = synward_compat_register_sysctl(sn->net, "net/synward",
						    sn->table,
						    ARRAY_SIZE(template));
	if (sn->sysctl)
		return 0;
	kfree(sn->table);
	return -ENOMEM;
}

void synward_sysctl_unregister(struct synward_net *sn)
{
	unregister_net_sysctl_table(sn->sysctl);
	kfree(sn->table);
}
