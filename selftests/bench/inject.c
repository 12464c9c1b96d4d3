// SPDX-License-Identifier: GPL-2.0
/*
 * Gives segments to the network stack as a device would, and counts the cycles
 * that each one takes.
 *
 * "KIND FAMILY PORT COUNT [ROUNDS]" written to /proc/synward_inject, FAMILY 4 or
 * 6, sends COUNT times what KIND stands for, once to warm up and then ROUNDS
 * times; reading it gives the number of packets in a round, and the cycles of
 * each round. It happens in the network namespace of who writes. The guest
 * script beside this file sets up addresses and routes to fit those below.
 *
 * Only the calls of netif_receive_skb() are timed, a batch at a time: building
 * packets is not, nor is what the stack leaves to timers and threads.
 */
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/timex.h>
#include <linux/udp.h>
#include <linux/vmalloc.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#define BATCH		64
#define ROUNDS_MAX	8
/* As drivers do that copy small packets. */
#define ROOM_BYTES	256
#define DATA_BYTES	64
#define WINDOW		0xffff

#define CLIENTS4	0xc6120000	/* 198.18.0.0/15 */
#define HERE4		0x0a000001	/* 10.0.0.1 */
#define THERE4		0x0a090001	/* 10.9.0.1 */
#define CLIENT_BITS	17

static char *dev = "bench0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "device on the clients' side");

static char *peer = "bench1";
module_param(peer, charp, 0444);
MODULE_PARM_DESC(peer, "device on the side of the server behind this host");

/**
 * struct flow - a connection as both of its ends know it
 * @client: lowest bits of the client's address
 * @sport:  client's port
 * @seq:    what each end sends next; [1] is the server
 * @ts:     the server's last timestamp
 */
struct flow {
	u32 client;
	u16 sport;
	u32 seq[2];
	u32 ts;
};

/* One segment of a script. */
struct step {
	bool server;
	u8 flags;
	u8 len;
};

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

/**
 * struct kind - what can be sent
 * @name:    as it is written to the file
 * @steps:   the segments of each flow
 * @nsteps:  how many
 * @forward: to the server behind this host, else to this host
 * @make:    flows are made and kept for later
 * @kept:    flows are those that were kept
 * @listen:  the answers' numbers are taken down
 * @udp:     it is not TCP
 * @unseen:  given to nobody: what the measuring itself costs
 */
struct kind {
	const char *name;
	const struct step *steps;
	unsigned int nsteps;
	bool forward;
	bool make;
	bool kept;
	bool listen;
	bool udp;
	bool unseen;
};

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

/* One order at a time: they all work on what follows. */
static DEFINE_MUTEX(busy);

static struct net_device *devs[2];
static struct flow *kept;
static unsigned int kept_count, kept_next;
static u32 serial;

static unsigned int result_packets, result_rounds;
static u64 result_cycles[ROUNDS_MAX + 1];

/**
 * struct order - what was asked for
 * @kind:   the kind
 * @family: 4 or 6
 * @port:   the servers' port
 * @count:  flows or single packets in a round
 * @rounds: rounds that count
 */
struct order {
	const struct kind *kind;
	unsigned int family;
	u16 port;
	unsigned int count;
	unsigned int rounds;
};

/* -- flows -- */

/* Each number comes once in 2^32, and neighbours are far apart. */
static void make_flow(struct flow *flow, bool to_keep)
{
	u32 n = ++serial * 0x9e3779b1;

	flow->client = n & GENMASK(CLIENT_BITS - 1, 0);
	/* The upper half of the ports for what is kept. */
	flow->sport = (n >> CLIENT_BITS) | (to_keep ? 0x8000 : 0);
	if (!flow->sport)
		flow->sport = 0x7fff;
	flow->seq[0] = n * 0x85ebca6b;
	flow->seq[1] = n * 0xc2b2ae35;
	flow->ts = 1;
}

static struct flow *next_kept(void)
{
	struct flow *flow = &kept[kept_next];

	kept_next = (kept_next + 1) % kept_count;
	return flow;
}

static void drop_kept(void)
{
	vfree(kept);
	kept = NULL;
	kept_count = 0;
	kept_next = 0;
}

/* -- packets -- */

static __be32 client4(const struct flow *flow)
{
	return htonl(CLIENTS4 + flow->client);
}

/* 2001:db8:18::/48, spread as if each client had a network of its own. */
static struct in6_addr client6(const struct flow *flow)
{
	return (struct in6_addr){ .s6_addr32 = {
		htonl(0x20010db8), htonl(0x00180000 | (flow->client & 0xffff)),
		htonl(flow->client * 0x9e3779b1), htonl(flow->client),
	} };
}

/* 2001:db8:10::1 and 2001:db8:9::1. */
static struct in6_addr server6(const struct order *o)
{
	return (struct in6_addr){ .s6_addr32 = {
		htonl(0x20010db8), htonl(o->kind->forward ? 0x00090000 : 0x00100000),
		0, htonl(1),
	} };
}

static __be32 server4(const struct order *o)
{
	return htonl(o->kind->forward ? THERE4 : HERE4);
}

/* @pad: the two bytes before it. */
static u8 *put_ts(u8 *p, u16 pad, u32 val, u32 ecr)
{
	put_unaligned_be32(pad << 16 | TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP, p);
	put_unaligned_be32(val, p + 4);
	put_unaligned_be32(ecr, p + 8);
	return p + TCPOLEN_TSTAMP_ALIGNED;
}

/* What a Linux host sends, in that order. */
static u8 *put_options(u8 *p, const struct flow *flow, const struct step *step)
{
	bool first = step->flags == TCPHDR_SYN;
	u32 val = step->server ? flow->ts : 1000;
	u32 ecr = first || step->server ? 0 : flow->ts;

	if (!(step->flags & TCPHDR_SYN))
		return put_ts(p, TCPOPT_NOP << 8 | TCPOPT_NOP, val, ecr);
	put_unaligned_be32(TCPOPT_MSS << 24 | TCPOLEN_MSS << 16 | 1460, p);
	p = put_ts(p + 4, TCPOPT_SACK_PERM << 8 | TCPOLEN_SACK_PERM, val, ecr);
	put_unaligned_be32(TCPOPT_NOP << 24 | TCPOPT_WINDOW << 16 |
			   TCPOLEN_WINDOW << 8 | 7, p);
	return p + 4;
}

static unsigned int put_tcp(struct sk_buff *skb, struct flow *flow,
			    const struct step *step, const struct order *o)
{
	struct tcphdr *th = (void *)skb_tail_pointer(skb);
	u8 *end = put_options((u8 *)(th + 1), flow, step);
	unsigned int len = end - (u8 *)th + step->len;

	memset(th, 0, sizeof(*th));
	th->source = htons(step->server ? o->port : flow->sport);
	th->dest = htons(step->server ? flow->sport : o->port);
	th->seq = htonl(flow->seq[step->server]);
	if (step->flags & TCPHDR_ACK)
		th->ack_seq = htonl(flow->seq[!step->server]);
	th->doff = (end - (u8 *)th) / 4;
	tcp_flag_word(th) |= htonl(step->flags << 16);
	th->window = htons(WINDOW);
	memset(end, 'x', step->len);
	flow->seq[step->server] += step->len +
				   !!(step->flags & (TCPHDR_SYN | TCPHDR_FIN));
	skb_put(skb, len);
	return len;
}

static unsigned int put_udp(struct sk_buff *skb, const struct flow *flow,
			    const struct order *o)
{
	struct udphdr *uh = skb_put_zero(skb, sizeof(*uh) + DATA_BYTES);

	uh->source = htons(flow->sport);
	uh->dest = htons(o->port);
	uh->len = htons(sizeof(*uh) + DATA_BYTES);
	return sizeof(*uh) + DATA_BYTES;
}

static unsigned int put_payload(struct sk_buff *skb, struct flow *flow,
				const struct step *step, const struct order *o)
{
	return o->kind->udp ? put_udp(skb, flow, o) :
			      put_tcp(skb, flow, step, o);
}

static void put_ip4(struct sk_buff *skb, struct flow *flow,
		    const struct step *step, const struct order *o)
{
	__be32 from = step->server ? server4(o) : client4(flow);
	__be32 to = step->server ? client4(flow) : server4(o);
	struct iphdr *iph = skb_put(skb, sizeof(*iph));
	unsigned int len = put_payload(skb, flow, step, o);
	struct tcphdr *th = (void *)(iph + 1);

	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tot_len = htons(sizeof(*iph) + len),
		.frag_off = htons(IP_DF),
		.ttl = 60,
		.protocol = o->kind->udp ? IPPROTO_UDP : IPPROTO_TCP,
		.saddr = from,
		.daddr = to,
	};
	ip_send_check(iph);
	if (!o->kind->udp)
		th->check = tcp_v4_check(len, from, to, csum_partial(th, len, 0));
}

static void put_ip6(struct sk_buff *skb, struct flow *flow,
		    const struct step *step, const struct order *o)
{
	struct ipv6hdr *iph = skb_put_zero(skb, sizeof(*iph));
	unsigned int len = put_payload(skb, flow, step, o);
	struct in6_addr client = client6(flow), server = server6(o);
	struct tcphdr *th = (void *)(iph + 1);
	struct udphdr *uh = (void *)(iph + 1);

	iph->version = 6;
	iph->payload_len = htons(len);
	iph->nexthdr = o->kind->udp ? IPPROTO_UDP : IPPROTO_TCP;
	iph->hop_limit = 60;
	iph->saddr = step->server ? server : client;
	iph->daddr = step->server ? client : server;
	if (o->kind->udp)
		uh->check = csum_ipv6_magic(&iph->saddr, &iph->daddr, len,
					    IPPROTO_UDP, csum_partial(uh, len, 0));
	else
		th->check = tcp_v6_check(len, &iph->saddr, &iph->daddr,
					 csum_partial(th, len, 0));
}

/* As a device hands it over that has checked the checksum. */
static struct sk_buff *make_packet(struct flow *flow, const struct step *step,
				   const struct order *o)
{
	struct net_device *in = devs[step->server];
	struct sk_buff *skb = netdev_alloc_skb_ip_align(in, ROOM_BYTES);
	struct ethhdr *eth;

	if (!skb)
		return NULL;
	eth = skb_put(skb, sizeof(*eth));
	ether_addr_copy(eth->h_dest, in->dev_addr);
	eth_broadcast_addr(eth->h_source);
	eth->h_source[0] = 2;
	eth->h_proto = htons(o->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (o->family == 4)
		put_ip4(skb, flow, step, o);
	else
		put_ip6(skb, flow, step, o);
	skb->protocol = eth_type_trans(skb, in);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb;
}

/* -- answers -- */

/* Whom the packet at work belongs to, so that the answer needs no search. */
static struct flow *asking;

static u32 find_ts(const u8 *p, const u8 *end)
{
	while (p + TCPOLEN_TIMESTAMP <= end && *p != TCPOPT_EOL) {
		if (*p == TCPOPT_TIMESTAMP)
			return get_unaligned_be32(p + 2);
		p += *p == TCPOPT_NOP ? 1 : max_t(u8, p[1], 2);
	}
	return 0;
}

static int hear(struct sk_buff *skb, struct net_device *in,
		struct packet_type *type, struct net_device *orig)
{
	unsigned int ip_len = skb->protocol == htons(ETH_P_IP) ?
			      sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	const struct tcphdr *th = (void *)(skb_network_header(skb) + ip_len);

	if (skb->pkt_type == PACKET_OUTGOING && asking && th->syn && th->ack &&
	    !skb_is_nonlinear(skb)) {
		asking->seq[1] = ntohl(th->seq) + 1;
		asking->ts = find_ts((const u8 *)(th + 1),
				     (const u8 *)th + th->doff * 4);
	}
	consume_skb(skb);
	return 0;
}

static struct packet_type tap = {
	.type = htons(ETH_P_ALL),
	.func = hear,
};

/* -- rounds -- */

static noinline void ignore(struct sk_buff *skb)
{
	OPTIMIZER_HIDE_VAR(skb);
}

static u64 deliver(struct sk_buff **skbs, unsigned int n,
		   const struct kind *kind)
{
	cycles_t start;
	unsigned int i;

	local_bh_disable();
	start = get_cycles();
	for (i = 0; i < n; i++) {
		if (unlikely(kind->unseen))
			ignore(skbs[i]);
		else
			netif_receive_skb(skbs[i]);
	}
	start = get_cycles() - start;
	local_bh_enable();
	return start;
}

/* The answer must be known as its question's: no batches, no time. */
static void ask(struct sk_buff **skbs, struct flow **flows, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		local_bh_disable();
		asking = flows[i];
		netif_receive_skb(skbs[i]);
		asking = NULL;
		local_bh_enable();
	}
}

static int make_batch(struct sk_buff **skbs, struct flow **flows, unsigned int n,
		      const struct step *step, const struct order *o)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		skbs[i] = make_packet(flows[i], step, o);
		if (!skbs[i]) {
			while (i--)
				kfree_skb(skbs[i]);
			return -ENOMEM;
		}
	}
	return 0;
}

static int run_batch(struct flow **flows, unsigned int n, const struct order *o,
		     u64 *cycles)
{
	const struct kind *kind = o->kind;
	struct sk_buff *skbs[BATCH];
	unsigned int i, j;
	int err;

	for (i = 0; i < kind->nsteps; i++) {
		err = make_batch(skbs, flows, n, &kind->steps[i], o);
		if (err)
			return err;
		if (kind->listen)
			ask(skbs, flows, n);
		else
			*cycles += deliver(skbs, n, kind);
		for (j = 0; kind->unseen && j < n; j++)
			kfree_skb(skbs[j]);
	}
	return 0;
}

/* Flows that nobody keeps live on the stack of flows of one batch. */
static void choose(struct flow **flows, struct flow *own, unsigned int n,
		   const struct kind *kind)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kind->make || kind->kept)
			flows[i] = next_kept();
		else
			flows[i] = &own[i];
		if (!kind->kept)
			make_flow(flows[i], kind->make);
	}
}

static int run_round(const struct order *o, u64 *cycles)
{
	static struct flow own[BATCH];
	static struct flow *flows[BATCH];
	unsigned int done, n;
	int err;

	*cycles = 0;
	for (done = 0; done < o->count; done += n) {
		n = min_t(unsigned int, BATCH, o->count - done);
		choose(flows, own, n, o->kind);
		err = run_batch(flows, n, o, cycles);
		if (err)
			return err;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* What makes flows does so once; the others warm up first. */
static int run_rounds(const struct order *o)
{
	unsigned int round;
	int err = 0;

	result_packets = o->count * o->kind->nsteps;
	result_rounds = 0;
	for (round = 0; !err && round <= o->rounds; round++)
		err = run_round(o, &result_cycles[round]);
	if (!err)
		result_rounds = o->rounds;
	return err;
}

/* -- orders -- */

static int prepare_flows(const struct order *o)
{
	if (o->kind->kept)
		return kept ? 0 : -ENOENT;
	if (!o->kind->make)
		return 0;
	drop_kept();
	kept = vcalloc(o->count, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	kept_count = o->count;
	return 0;
}

static int run_order(const struct order *o)
{
	int err = prepare_flows(o);

	if (err)
		return err;
	if (o->kind->listen) {
		tap.dev = devs[0];
		dev_add_pack(&tap);
	}
	err = run_rounds(o);
	if (o->kind->listen)
		dev_remove_pack(&tap);
	return err;
}

static int run_with_devices(const struct order *o)
{
	struct net *net = current->nsproxy->net_ns;
	int err = -ENODEV;

	devs[0] = dev_get_by_name(net, dev);
	devs[1] = dev_get_by_name(net, peer);
	if (devs[0] && devs[1])
		err = run_order(o);
	dev_put(devs[0]);
	dev_put(devs[1]);
	return err;
}

static int parse_order(struct order *o, const char *line)
{
	unsigned int i;
	char name[16];

	o->rounds = 0;
	if (sscanf(line, "%15s %u %hu %u %u", name, &o->family, &o->port,
		   &o->count, &o->rounds) < 4)
		return -EINVAL;
	if ((o->family != 4 && o->family != 6) || !o->count ||
	    o->rounds > ROUNDS_MAX)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		o->kind = &kinds[i];
		return o->kind->make && o->rounds ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* -- the file -- */

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
	err = run_with_devices(&order);
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
	return proc_create("synward_inject", 0600, NULL, &inject_ops) ? 0 : -ENOMEM;
}

static void __exit inject_exit(void)
{
	remove_proc_entry("synward_inject", NULL);
	drop_kept();
}

module_init(inject_init);
module_exit(inject_exit);

MODULE_DESCRIPTION("Gives segments to the network stack and counts cycles");
MODULE_AUTHOR("The synward developers");
MODULE_LICENSE("GPL");
