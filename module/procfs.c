// SPDX-License-Identifier: GPL-2.0
/* /proc/net/synward: the files and the totals. See procfs.h. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/net_namespace.h>

#include "engage.h"
#include "established.h"
#include "halfopen.h"
#include "latency.h"
#include "limit.h"
#include "listener.h"
#include "net.h"
#include "procfs.h"
#include "procfs_flows.h"

static struct synward_net *net_of(struct seq_file *seq)
{
	return synward_net_of(seq_file_single_net(seq));
}

/* -- stats -- */

static void show_gauge(struct seq_file *seq, const char *name, u64 value)
{
	seq_printf(seq, "%s %llu\n", name, value);
}

static int show_stats(struct seq_file *seq, void *v)
{
	struct synward_net *sn = net_of(seq);
	unsigned int listeners, engaged, id;

	seq_puts(seq, "version 1\n");
	for (id = 0; id < SYNWARD_STAT_MAX; id++)
		show_gauge(seq, synward_stats_name(id),
			   synward_stats_sum(sn->stats, id));
	synward_listener_totals(sn, &listeners, &engaged);
	show_gauge(seq, "mode", READ_ONCE(sn->mode));
	show_gauge(seq, "listeners", listeners);
	show_gauge(seq, "listeners_engaged", engaged);
	show_gauge(seq, "halfopen_max",
		   synward_table_capacity(&synward_halfopen_table));
	show_gauge(seq, "established_max",
		   synward_table_capacity(&synward_established_table));
	show_gauge(seq, "memory_bytes",
		   synward_table_bytes(&synward_halfopen_table) +
		   synward_table_bytes(&synward_established_table) +
		   synward_table_bytes(&synward_limit_table));
	show_gauge(seq, "limit_max",
		   synward_table_capacity(&synward_limit_table));
	return 0;
}

/* -- latency -- */

static u64 sum_bucket(const struct synward_net *sn,
		      enum synward_latency_kind kind, unsigned int bucket)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(sn->latency, cpu)->count[kind][bucket]);
	return sum;
}

static void show_histogram(struct seq_file *seq, const char *name,
			   enum synward_latency_kind kind)
{
	const struct synward_net *sn = net_of(seq);
	unsigned int i;

	for (i = 0; i < SYNWARD_LATENCY_BUCKETS - 1; i++)
		seq_printf(seq, "%s %u %llu\n", name, 1U << i,
			   sum_bucket(sn, kind, i));
	seq_printf(seq, "%s inf %llu\n", name, sum_bucket(sn, kind, i));
}

static int show_latency(struct seq_file *seq, void *v)
{
	seq_puts(seq, "version 1\n");
	show_histogram(seq, "syn_to_synack", SYNWARD_LATENCY_SYNACK);
	show_histogram(seq, "synack_to_ack", SYNWARD_LATENCY_ACK);
	return 0;
}

/* -- listeners -- */

static void show_listener_name(struct seq_file *seq,
			       const struct synward_listener_key *key)
{
	if (key->family == NFPROTO_IPV4)
		seq_printf(seq, "family=ipv4 address=%pI4",
			   &key->addr.s6_addr32[3]);
	else
		seq_printf(seq, "family=ipv6 address=%pI6c", &key->addr);
	seq_printf(seq, " port=%u ifindex=%d", ntohs(key->port), key->ifindex);
}

static void show_listener_queue(struct seq_file *seq,
				const struct synward_listener_queue *q)
{
	seq_printf(seq, " synq_len=%u synq_max=%u acceptq_len=%u acceptq_max=%u drops=%u\n",
		   READ_ONCE(q->synq_len), READ_ONCE(q->synq_max),
		   READ_ONCE(q->acceptq_len), READ_ONCE(q->acceptq_max),
		   READ_ONCE(q->drops));
}

static void show_listener(struct synward_listener *l, void *arg)
{
	bool engaged = synward_engage_on(l);
	struct synward_listener_count sum;
	struct seq_file *seq = arg;
	u32 syn_rate, complete_rate;

	synward_listener_sum(l, &sum);
	synward_engage_rates(l, &sum, &syn_rate, &complete_rate);
	show_listener_name(seq, &l->key);
	seq_printf(seq, " mode=%s engaged_ms=%u halfopen=%lld syn=%llu syn_rate=%u completed=%llu complete_rate=%u cookie_sent=%llu cookie_valid=%llu",
		   engaged ? "cookies" : "normal",
		   READ_ONCE(l->engaged) ?
		   jiffies_to_msecs(jiffies - READ_ONCE(l->engaged_at)) : 0,
		   sum.halfopen, sum.syn, syn_rate, sum.completed,
		   complete_rate, sum.cookie_sent, sum.cookie_valid);
	seq_printf(seq, " synq_overflow=%llu acceptq_overflow=%llu isn=%s",
		   sum.synq_overflow, sum.acceptq_overflow,
		   /* A sample that is being written is as good as the last. */
		   synward_isn_name(data_race(synward_isn_judge(&l->isn))));
	show_listener_queue(seq, &l->queue);
}

static int show_listeners(struct seq_file *seq, void *v)
{
	seq_puts(seq, "version 1\n");
	synward_listener_each(net_of(seq), show_listener, seq);
	return 0;
}

/* -- the files -- */

/* Totals for everybody; who talks to whom for root alone. */
#define TOTALS_MODE	0444
#define FLOWS_MODE	0440

static bool create_files(struct synward_net *sn)
{
	struct proc_dir_entry *dir = sn->proc;

	return proc_create_net_single("stats", TOTALS_MODE, dir, show_stats, NULL) &&
	       proc_create_net_single("latency", TOTALS_MODE, dir, show_latency, NULL) &&
	       proc_create_net_single("listeners", TOTALS_MODE, dir,
				      show_listeners, NULL) &&
	       synward_procfs_flows_create(dir, FLOWS_MODE);
}

int synward_procfs_register(struct synward_net *sn)
{
	sn->proc = proc_net_mkdir(sn->net, "synward", sn->net->proc_net);
	if (!sn->proc)
		return -ENOMEM;
	if (create_files(sn))
		return 0;
	synward_procfs_unregister(sn);
	return -ENOMEM;
}

void synward_procfs_unregister(struct synward_net *sn)
{
	proc_remove(sn->proc);
}
