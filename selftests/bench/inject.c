// SPDX-License-Identifier: GPL-2.0
/*
 * Gives segments to the network stack as a device would, and counts the cycles
 * that each one takes.
 *
 * "KIND FAMILY PORT COUNT [ROUNDS [LANES]]" written to /proc/synward_inject,
 * FAMILY 4 or 6, sends COUNT times what KIND stands for, once to warm up and then
 * ROUNDS times; reading it gives the number of packets in a round, and the cycles
 * of each round. It happens in the network namespace of who writes. The guest
 * script beside this file sets up addresses and routes to fit those below.
 *
 * LANES CPUs, from the first on, share the packets. What is timed, and how, is in
 * lane.h.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <net/tcp.h>

#include "lane.h"

#define DATA_BYTES	64

static char *dev = "bench0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "device on the clients' side");

static char *peer = "bench1";
module_param(peer, charp, 0444);
MODULE_PARM_DESC(peer, "device on the side of the server behind this host");

module_param_named(typical, inject_typical, bool, 0444);
MODULE_PARM_DESC(typical, "a round takes as long as if each batch were its median batch");

/* -- what can be sent -- */

static const struct step step_syn[] = {
	{ false, TCPHDR_SYN },
};

static const struct step step_ack[] = {
	{ false, TCPHDR_ACK },
};

static const struct step step_data[] = {
	{ false, TCPHDR_ACK | TCPHDR_PSH, DATA_BYTES },
};

static const struct step step_open[] = {
	{ false, TCPHDR_SYN },
	{ true, TCPHDR_SYN | TCPHDR_ACK },
	{ false, TCPHDR_ACK },
};

static const struct step step_life[] = {
	{ false, TCPHDR_SYN },
	{ true, TCPHDR_SYN | TCPHDR_ACK },
	{ false, TCPHDR_ACK },
	{ false, TCPHDR_ACK | TCPHDR_PSH, DATA_BYTES },
	{ true, TCPHDR_ACK | TCPHDR_PSH, DATA_BYTES },
	{ false, TCPHDR_ACK | TCPHDR_FIN },
	{ true, TCPHDR_ACK | TCPHDR_FIN },
	{ false, TCPHDR_ACK },
};

#define STEPS(s)	.steps = (s), .nsteps = ARRAY_SIZE(s)

static const struct kind kinds[] = {
	{ .name = "none", STEPS(step_syn), .unseen = true },
	{ .name = "syn", STEPS(step_syn) },
	{ .name = "ack", STEPS(step_ack) },
	{ .name = "syn-forward", STEPS(step_syn), .forward = true },
	{ .name = "ack-forward", STEPS(step_ack), .forward = true },
	{ .name = "udp-forward", STEPS(step_data), .forward = true, .udp = true },
	{ .name = "life-forward", STEPS(step_life), .forward = true },
	{ .name = "open-forward", STEPS(step_open), .forward = true, .make = true },
	{ .name = "data-forward", STEPS(step_data), .forward = true, .kept = true },
	{ .name = "open-syn", STEPS(step_syn), .make = true, .listen = true },
	{ .name = "open-ack", STEPS(step_ack), .kept = true },
	{ .name = "data", STEPS(step_data), .kept = true },
};

/* -- orders -- */

/* One order at a time: they all work on what follows, and on the lanes. */
static DEFINE_MUTEX(busy);

static unsigned int result_packets, result_rounds;
static u64 result_cycles[ROUNDS_MAX + 1];

static int run_order(struct order *o)
{
	struct net *net = current->nsproxy->net_ns;
	int err = -ENODEV;

	result_packets = o->count * o->kind->nsteps;
	result_rounds = 0;
	o->devs[0] = dev_get_by_name(net, dev);
	o->devs[1] = dev_get_by_name(net, peer);
	if (o->devs[0] && o->devs[1])
		err = inject_lanes_run(o, result_cycles);
	if (!err)
		result_rounds = o->rounds;
	dev_put(o->devs[0]);
	dev_put(o->devs[1]);
	return err;
}

/* The shares must be alike: all lanes meet as often. */
static bool lanes_fit(const struct order *o)
{
	return o->lanes && o->lanes <= LANES_MAX &&
	       o->lanes <= num_online_cpus() && o->count % o->lanes == 0;
}

static int parse_order(struct order *o, const char *line)
{
	unsigned int i;
	char name[16];

	o->rounds = 0;
	o->lanes = 1;
	o->caller = current;
	if (sscanf(line, "%15s %u %hu %u %u %u", name, &o->family, &o->port,
		   &o->count, &o->rounds, &o->lanes) < 4)
		return -EINVAL;
	if ((o->family != 4 && o->family != 6) || !o->count ||
	    o->rounds > ROUNDS_MAX || !lanes_fit(o))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		o->kind = &kinds[i];
		if (o->kind->make && (o->rounds || o->lanes > 1))
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

/* -- hooks that do nothing: what it costs to be asked at all -- */

static unsigned int let_pass(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops empty_hooks[] = {
	{ .hook = let_pass, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING },
	{ .hook = let_pass, .pf = NFPROTO_IPV4, .hooknum = NF_INET_FORWARD },
	{ .hook = let_pass, .pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING },
	{ .hook = let_pass, .pf = NFPROTO_IPV6, .hooknum = NF_INET_FORWARD },
};

/* Return: whether @line is about them; @err says whether it worked. */
static bool switch_hooks(const char *line, int *err)
{
	struct net *net = current->nsproxy->net_ns;

	*err = 0;
	if (sysfs_streq(line, "hooks-on"))
		*err = nf_register_net_hooks(net, empty_hooks, ARRAY_SIZE(empty_hooks));
	else if (sysfs_streq(line, "hooks-off"))
		nf_unregister_net_hooks(net, empty_hooks, ARRAY_SIZE(empty_hooks));
	else
		return false;
	return true;
}

/* -- the file -- */

static ssize_t inject_write(struct file *file, const char __user *user,
			    size_t len, loff_t *pos)
{
	struct order order;
	char line[80];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, user, len))
		return -EFAULT;
	line[len] = '\0';
	if (switch_hooks(line, &err))
		return err ? : len;
	err = parse_order(&order, line);
	if (err)
		return err;
	mutex_lock(&busy);
	err = run_order(&order);
	mutex_unlock(&busy);
	return err ? : len;
}

/* Without rounds that count, the only one there was. */
static int inject_show(struct seq_file *seq, void *v)
{
	unsigned int round;

	mutex_lock(&busy);
	seq_printf(seq, "%u", result_packets);
	for (round = !!result_rounds; round <= result_rounds; round++)
		seq_printf(seq, " %llu", result_cycles[round]);
	seq_putc(seq, '\n');
	mutex_unlock(&busy);
	return 0;
}

static int inject_open(struct inode *inode, struct file *file)
{
	return single_open(file, inject_show, NULL);
}

static const struct proc_ops inject_ops = {
	.proc_open = inject_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = inject_write,
};

static int __init inject_init(void)
{
	inject_lanes_init();
	return proc_create("synward_inject", 0600, NULL, &inject_ops) ? 0 : -ENOMEM;
}

static void __exit inject_exit(void)
{
	remove_proc_entry("synward_inject", NULL);
	inject_lanes_forget();
}

module_init(inject_init);
module_exit(inject_exit);

MODULE_DESCRIPTION("Gives segments to the network stack and counts cycles");
MODULE_AUTHOR("The synward developers");
MODULE_LICENSE("GPL");
