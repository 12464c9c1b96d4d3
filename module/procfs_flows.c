// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/synward/halfopen and established. See procfs_flows.h.
 *
 * A listing goes from slot to slot and prints a copy of each: a position is
 * the number of a slot, so a reader that comes back finds its place, and sees
 * no entry twice in a table at rest.
 */
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/net_namespace.h>

#include "compat/compat.h"
#include "established.h"
#include "halfopen.h"
#include "latency.h"
#include "net.h"
#include "procfs_flows.h"

/**
 * struct listing - an open file
 * @p:    namespace of the file
 * @copy: of the entry that is being printed
 */
struct listing {
	struct seq_net_private p;
	union {
		struct synward_slot slot;
		struct synward_halfopen halfopen;
		struct synward_flow flow;
	} copy;
};

/* -- one line -- */

static void show_address(struct seq_file *seq, const char *name,
			 const struct in6_addr *addr, __be16 port, u16 family)
{
	if (family == NFPROTO_IPV4)
		seq_printf(seq, " %s=%pI4 %s_port=%u", name,
			   &addr->s6_addr32[3], name, ntohs(port));
	else
		seq_printf(seq, " %s=%pI6c %s_port=%u", name, addr, name,
			   ntohs(port));
}

static void show_key(struct seq_file *seq, const struct synward_key *key,
		     bool client_hi)
{
	const struct in6_addr *client = client_hi ? &key->hi : &key->lo;
	const struct in6_addr *server = client_hi ? &key->lo : &key->hi;

	seq_printf(seq, "family=%s",
		   key->family == NFPROTO_IPV4 ? "ipv4" : "ipv6");
	show_address(seq, "client", client,
		     client_hi ? key->hi_port : key->lo_port, key->family);
	show_address(seq, "server", server,
		     client_hi ? key->lo_port : key->hi_port, key->family);
}

static void show_flags(struct seq_file *seq, u16 flags)
{
	static const struct {
		u16 bit;
		const char *name;
	} names[] = {
		{ SYNWARD_CONN_COOKIE, "cookie" },
		{ SYNWARD_CONN_PICKED_UP, "picked_up" },
		{ SYNWARD_CONN_TLS, "tls" },
		{ SYNWARD_CONN_FASTOPEN, "fastopen" },
		{ SYNWARD_CONN_FORWARDED, "forwarded" },
	};
	const char *sep = "";
	unsigned int i;

	seq_puts(seq, " flags=");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].bit))
			continue;
		seq_printf(seq, "%s%s", sep, names[i].name);
		sep = ",";
	}
	seq_puts(seq, *sep ? "\n" : "-\n");
}

static void show_conn(struct seq_file *seq, const struct synward_conn *conn)
{
	const struct synward_side *client = &conn->side[SYNWARD_CLIENT];
	const struct synward_side *server = &conn->side[SYNWARD_SERVER];

	seq_printf(seq, " client_state=%s server_state=%s client_isn=%u server_isn=%u",
		   synward_state_name(client->state),
		   synward_state_name(server->state), client->isn, server->isn);
	seq_printf(seq, " client_packets=%u client_bytes=%llu server_packets=%u server_bytes=%llu",
		   client->packets, client->bytes, server->packets,
		   server->bytes);
	seq_printf(seq, " syn_retransmit=%u synack_retransmit=%u",
		   conn->retrans & 0xf, conn->retrans >> 4);
}

static void show_closed(struct seq_file *seq, u16 flags)
{
	const char *by = flags & SYNWARD_CONN_BY_SERVER ? "server" : "client";
	const char *how = flags & SYNWARD_CONN_BY_RST ? "rst" : "fin";
	bool closed = flags & SYNWARD_CONN_CLOSER;

	seq_printf(seq, " closed_by=%s closed_how=%s", closed ? by : "none",
		   closed ? how : "none");
}

static void show_halfopen(struct seq_file *seq, const struct synward_halfopen *h)
{
	u32 age_ms = (synward_latency_now_us() - h->syn_us) / USEC_PER_MSEC;
	struct synward_conn conn;

	synward_halfopen_load(h, &conn);
	show_key(seq, &h->slot.key, h->flags & SYNWARD_CONN_CLIENT_HI);
	show_conn(seq, &conn);
	seq_printf(seq, " age_ms=%u syn_to_synack_us=%u", age_ms,
		   synward_latency_unpack(h->synack));
	show_flags(seq, h->flags);
}

static void show_flow(struct seq_file *seq, const struct synward_flow *flow)
{
	u32 now = (u32)jiffies;
	s32 idle = synward_established_idle(&flow->conn, now);

	show_key(seq, &flow->slot.key, flow->conn.flags & SYNWARD_CONN_CLIENT_HI);
	show_conn(seq, &flow->conn);
	seq_printf(seq, " age_ms=%u idle_ms=%u syn_to_synack_us=%u synack_to_ack_us=%u",
		   jiffies_to_msecs(now - flow->born),
		   jiffies_to_msecs(max(idle, 0)),
		   synward_latency_unpack(flow->synack),
		   synward_latency_unpack(flow->ack));
	show_closed(seq, flow->conn.flags);
	show_flags(seq, flow->conn.flags);
}

/* -- walking -- */

static const struct synward_table *table_of(struct seq_file *seq)
{
	return pde_data(file_inode(seq->file));
}

/* The first entry of this namespace at slot *pos - 1 or behind. */
static void *seek(struct seq_file *seq, loff_t *pos)
{
	u16 netid = synward_net_of(seq_file_net(seq))->id;
	const struct synward_table *t = table_of(seq);
	struct listing *listing = seq->private;

	for (; *pos <= synward_table_capacity(t); ++*pos) {
		if (synward_table_copy(t, *pos - 1, &listing->copy) &&
		    listing->copy.slot.key.netid == netid)
			return &listing->copy;
		if (*pos % 1024 == 0)
			cond_resched();
	}
	return NULL;
}

static void *start(struct seq_file *seq, loff_t *pos)
{
	return *pos ? seek(seq, pos) : SEQ_START_TOKEN;
}

static void *next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return seek(seq, pos);
}

static void stop(struct seq_file *seq, void *v)
{
}

static int show(struct seq_file *seq, void *v)
{
	struct listing *listing = seq->private;

	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "version 1\n");
	else if (table_of(seq) == &synward_halfopen_table)
		show_halfopen(seq, &listing->copy.halfopen);
	else
		show_flow(seq, &listing->copy.flow);
	return 0;
}

static const struct seq_operations flows_ops = {
	.start = start,
	.next = next,
	.stop = stop,
	.show = show,
};

bool synward_procfs_flows_create(struct proc_dir_entry *dir, umode_t mode)
{
	return proc_create_net_data("halfopen", mode, dir, &flows_ops,
				    sizeof(struct listing),
				    &synward_halfopen_table) &&
	       proc_create_net_data("established", mode, dir, &flows_ops,
				    sizeof(struct listing),
				    &synward_established_table);
}
