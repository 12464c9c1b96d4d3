// SPDX-License-Identifier: GPL-2.0
/* What belongs to one network namespace. See net.h. */
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "established.h"
#include "exempt.h"
#include "halfopen.h"
#include "hook.h"
#include "limit.h"
#include "listener.h"
#include "net.h"
#include "procfs.h"
#include "sysctl.h"

unsigned int synward_net_pernet_id __read_mostly;

/* id to struct synward_net. An id is free again once no entry carries it. */
static DEFINE_XARRAY_ALLOC1(ids);

/* The lowest of them at hand: hosts with more namespaces are rare. */
#define NEAR	64U
static struct synward_net *near[NEAR];

struct synward_net *synward_net_by_id(u16 id)
{
	return likely(id < NEAR) ? READ_ONCE(near[id]) : xa_load(&ids, id);
}

static int alloc_counters(struct synward_net *sn)
{
	sn->stats = alloc_percpu(struct synward_stats);
	if (!sn->stats)
		return -ENOMEM;
	sn->latency = alloc_percpu(struct synward_latency);
	if (sn->latency)
		return 0;
	free_percpu(sn->stats);
	return -ENOMEM;
}

static void free_counters(struct synward_net *sn)
{
	free_percpu(sn->latency);
	free_percpu(sn->stats);
}

/* More than 65535 namespaces: the next ones are left alone, not refused. */
static int take_id(struct synward_net *sn)
{
	u32 id = 0;
	int err = xa_alloc(&ids, &id, sn, XA_LIMIT(1, U16_MAX), GFP_KERNEL);

	sn->id = id;
	if (!err && id < NEAR)
		WRITE_ONCE(near[id], sn);
	return err == -EBUSY ? 0 : err;
}

static bool is_dying(struct synward_slot *slot, u32 now)
{
	return synward_net_by_id(slot->key.netid)->dying;
}

/* One walk for all namespaces that go together. */
static void purge_dying(void)
{
	synward_table_purge(&synward_halfopen_table, is_dying);
	synward_table_purge(&synward_established_table, is_dying);
	synward_table_purge(&synward_limit_table, is_dying);
}

static void free_net(struct synward_net *sn)
{
	if (sn->id)
		xa_erase(&ids, sn->id);
	synward_exempt_free(sn);
	free_counters(sn);
}

/* The first hooks see packets before the last one may be refused. */
static int register_hooks(struct synward_net *sn)
{
	int err = synward_hook_register(sn->net);

	if (!err)
		return 0;
	sn->dying = true;
	synchronize_rcu();
	purge_dying();
	synward_listener_forget(sn);
	synchronize_rcu();
	return err;
}

static int __net_init net_init(struct net *net)
{
	struct synward_net *sn = synward_net_of(net);
	int err;

	sn->net = net;
	err = alloc_counters(sn);
	if (err)
		return err;
	err = take_id(sn);
	if (err)
		goto free_net;
	err = synward_sysctl_register(sn);
	if (err)
		goto free_net;
	err = synward_procfs_register(sn);
	if (err)
		goto unregister_sysctl;
	err = register_hooks(sn);
	if (err)
		goto unregister_procfs;
	return 0;

unregister_procfs:
	synward_procfs_unregister(sn);
unregister_sysctl:
	synward_sysctl_unregister(sn);
free_net:
	free_net(sn);
	return err;
}

/* No hook of this namespace runs when the core goes on to net_exit_batch(). */
static void __net_exit net_pre_exit(struct net *net)
{
	struct synward_net *sn = synward_net_of(net);

	synward_procfs_unregister(sn);
	synward_sysctl_unregister(sn);
	synward_hook_unregister(net);
	sn->dying = true;
}

static void __net_exit net_exit_batch(struct list_head *nets)
{
	struct net *net;

	purge_dying();
	list_for_each_entry(net, nets, exit_list)
		synward_listener_forget(synward_net_of(net));
	synchronize_rcu();
	list_for_each_entry(net, nets, exit_list)
		free_net(synward_net_of(net));
}

static struct pernet_operations pernet_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit_batch = net_exit_batch,
	.id = &synward_net_pernet_id,
	.size = sizeof(struct synward_net),
};

int synward_net_init(void)
{
	return register_pernet_subsys(&pernet_ops);
}

void synward_net_exit(void)
{
	unregister_pernet_subsys(&pernet_ops);
}
