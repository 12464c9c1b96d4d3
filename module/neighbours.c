// SPDX-License-Identifier: GPL-2.0
/* Who else has netfilter hooks beside us. See neighbours.h. */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <net/net_namespace.h>

#include "compat/compat.h"
#include "hook.h"
#include "neighbours.h"

const struct nf_hook_entries *synward_neighbours_at(const struct net *net, u8 pf,
						    unsigned int hook)
{
	return pf == NFPROTO_IPV4 ? rcu_dereference(net->nf.hooks_ipv4[hook]) :
				    rcu_dereference(net->nf.hooks_ipv6[hook]);
}

unsigned int synward_neighbours_behind_guard(const struct nf_hook_entries *e)
{
	unsigned int i;

	for (i = 0; i < e->num_hook_entries; i++) {
		if (synward_hook_is_ours(&e->hooks[i]))
			return i + 1;
	}
	/* It is being taken out: rather all of them than none. */
	return 0;
}

/* AppArmor, SELinux and the like: no firewall, and on almost every host. */
static bool security_module(const struct nf_hook_ops *ops)
{
	return synward_compat_hook_is_plain(ops) &&
	       (ops->priority == NF_IP_PRI_SELINUX_FIRST ||
		ops->priority == NF_IP_PRI_SELINUX_LAST);
}

bool synward_neighbours_any(const struct net *net, u8 pf, unsigned int hook)
{
	const struct nf_hook_entries *e = synward_neighbours_at(net, pf, hook);
	struct nf_hook_ops **ops;
	unsigned int i = 0;

	if (!e)
		return false;
	ops = nf_hook_entries_get_hook_ops(e);
	if (hook == NF_INET_PRE_ROUTING)
		i = synward_neighbours_behind_guard(e);
	for (; i < e->num_hook_entries; i++) {
		if (!synward_hook_is_ours(&e->hooks[i]) &&
		    !security_module(READ_ONCE(ops[i])))
			return true;
	}
	return false;
}

/*
 * The priority has the same number in both families. Where the kernel's ops have
 * no rcu_head, those of NAT are freed at once with its last chain: a packet that
 * is here just then reads any number, and is judged before or behind NAT.
 */
bool synward_neighbours_nat(const struct net *net, u8 pf)
{
	const struct nf_hook_entries *e;
	struct nf_hook_ops **ops;
	unsigned int i;

	e = synward_neighbours_at(net, pf, NF_INET_PRE_ROUTING);
	if (!e)
		return false;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++) {
		if (READ_ONCE(ops[i])->priority == NF_IP_PRI_NAT_DST)
			return true;
	}
	return false;
}
