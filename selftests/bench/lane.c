// SPDX-License-Identifier: GPL-2.0
/* The CPUs that send. See lane.h. */
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/sort.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <net/tcp.h>

#include "lane.h"
#include "packet.h"

#define BATCH		64
/* Of a round; what comes later is not looked at. */
#define BATCHES_MAX	512

/**
 * struct lane - what one CPU does of an order
 * @work:   so that the CPU does it
 * @order:  the order
 * @index:  which lane, CPU and queue of the device
 * @cycles: what the packets of this round have taken
 * @batch:  what its full batches have taken each
 * @full:   how many there are
 * @err:    how the round ended
 * @next:   of the flows that were kept, the one to come; they are every lane's
 *          in turn
 * @own:    flows that nobody keeps
 * @flows:  those of the batch at hand
 * @skbs:   their packets
 */
struct lane {
	struct work_struct work;
	const struct order *order;
	unsigned int index;
	u64 cycles;
	u32 batch[BATCHES_MAX];
	unsigned int full;
	int err;
	unsigned int next;
	struct flow own[BATCH];
	struct flow *flows[BATCH];
	struct sk_buff *skbs[BATCH];
};

static struct lane lanes[LANES_MAX];

bool inject_typical;

static struct flow *kept;
static unsigned int kept_count;

/* How many times a lane has come to where all of them meet; has one given up? */
static atomic_t arrived;
static bool broken;

/* -- flows that are kept -- */

static struct flow *next_kept(struct lane *lane)
{
	unsigned int n = lane->next;

	lane->next += lane->order->lanes;
	if (lane->next >= kept_count)
		lane->next = lane->index;
	return &kept[n];
}

void inject_lanes_forget(void)
{
	vfree(kept);
	kept = NULL;
	kept_count = 0;
}

static int prepare_flows(const struct order *o)
{
	if (o->kind->kept)
		return kept ? 0 : -ENOENT;
	if (!o->kind->make)
		return 0;
	inject_lanes_forget();
	kept = vcalloc(o->count, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	kept_count = o->count;
	return 0;
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

/* Waits until all lanes are here. Return: whether they all will go on. */
static bool meet(const struct order *o)
{
	int wanted = roundup(atomic_inc_return(&arrived), o->lanes);

	while (atomic_read(&arrived) < wanted && !READ_ONCE(broken))
		cond_resched();
	return !READ_ONCE(broken);
}

/* For ./profile.c, which sees every instruction: what lies between two of these is timed. */
static void mark_batch(void)
{
	asm volatile("xchg %%bx, %%bx" ::: "memory");
}

/* And all that was since the last of these belongs to one order. */
static void mark_order(void)
{
	asm volatile("xchg %%cx, %%cx" ::: "memory");
}

static u64 deliver(struct sk_buff **skbs, unsigned int n,
		   const struct kind *kind)
{
	cycles_t start;
	unsigned int i;

	local_bh_disable();
	mark_batch();
	start = get_cycles();
	for (i = 0; i < n; i++) {
		if (unlikely(kind->unseen))
			ignore(skbs[i]);
		else
			netif_receive_skb(skbs[i]);
	}
	start = get_cycles() - start;
	mark_batch();
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

static void drop_batch(struct lane *lane, unsigned int n)
{
	while (n--)
		kfree_skb(lane->skbs[n]);
}

static int make_batch(struct lane *lane, unsigned int n, const struct step *step)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		lane->skbs[i] = inject_packet(lane->flows[i], step, lane->order,
					      lane->index);
		if (!lane->skbs[i]) {
			drop_batch(lane, i);
			return -ENOMEM;
		}
	}
	return 0;
}

static void note(struct lane *lane, unsigned int n, u64 cycles)
{
	lane->cycles += cycles;
	if (n == BATCH && lane->full < BATCHES_MAX)
		lane->batch[lane->full++] = min_t(u64, cycles, U32_MAX);
}

static int run_batch(struct lane *lane, unsigned int n)
{
	const struct order *o = lane->order;
	const struct kind *kind = o->kind;
	unsigned int i;
	int err;

	for (i = 0; i < kind->nsteps; i++) {
		err = make_batch(lane, n, &kind->steps[i]);
		if (err)
			return err;
		if (!meet(o)) {
			drop_batch(lane, n);
			return -ECANCELED;
		}
		if (kind->listen)
			ask(lane->skbs, lane->flows, n);
		else
			note(lane, n, deliver(lane->skbs, n, kind));
		if (kind->unseen)
			drop_batch(lane, n);
	}
	return 0;
}

static void choose(struct lane *lane, unsigned int n)
{
	const struct kind *kind = lane->order->kind;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kind->make || kind->kept)
			lane->flows[i] = next_kept(lane);
		else
			lane->flows[i] = &lane->own[i];
		if (!kind->kept)
			inject_flow(lane->flows[i], kind->make);
	}
}

static int run_share(struct lane *lane)
{
	const struct order *o = lane->order;
	unsigned int share = o->count / o->lanes;
	unsigned int done, n;
	int err;

	for (done = 0; done < share; done += n) {
		n = min_t(unsigned int, BATCH, share - done);
		choose(lane, n);
		err = run_batch(lane, n);
		if (err)
			return err;
		if (signal_pending(o->caller))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void take_median(struct lane *lane)
{
	const struct order *o = lane->order;
	u64 packets = o->count / o->lanes * o->kind->nsteps;

	sort(lane->batch, lane->full, sizeof(lane->batch[0]), compare, NULL);
	lane->cycles = lane->batch[lane->full / 2] * packets / BATCH;
}

static void work_lane(struct work_struct *work)
{
	struct lane *lane = container_of(work, struct lane, work);

	lane->cycles = 0;
	lane->full = 0;
	lane->err = run_share(lane);
	if (lane->err)
		WRITE_ONCE(broken, true);
	if (inject_typical && lane->full)
		take_median(lane);
}

static int run_round(const struct order *o, u64 *cycles)
{
	unsigned int i;
	int err = 0;

	atomic_set(&arrived, 0);
	broken = false;
	for (i = 0; i < o->lanes; i++)
		queue_work_on(i, system_long_wq, &lanes[i].work);
	*cycles = 0;
	for (i = 0; i < o->lanes; i++) {
		flush_work(&lanes[i].work);
		*cycles = max(*cycles, lanes[i].cycles);
		err = err ? : lanes[i].err;
	}
	return err;
}

static void prepare_lanes(const struct order *o)
{
	unsigned int i;

	for (i = 0; i < o->lanes; i++) {
		lanes[i].order = o;
		lanes[i].index = i;
		lanes[i].next = i;
	}
}

/* What makes flows does so once; the others warm up first. */
static int run_rounds(const struct order *o, u64 *cycles)
{
	unsigned int round;
	int err = 0;

	prepare_lanes(o);
	for (round = 0; !err && round <= o->rounds; round++)
		err = run_round(o, &cycles[round]);
	return err;
}

int inject_lanes_run(const struct order *o, u64 cycles[ROUNDS_MAX + 1])
{
	int err = prepare_flows(o);

	if (err)
		return err;
	if (o->kind->listen) {
		tap.dev = o->devs[0];
		dev_add_pack(&tap);
	}
	err = run_rounds(o, cycles);
	if (o->kind->listen)
		dev_remove_pack(&tap);
	mark_order();
	return err;
}

void inject_lanes_init(void)
{
	unsigned int i;

	for (i = 0; i < LANES_MAX; i++)
		INIT_WORK(&lanes[i].work, work_lane);
}
