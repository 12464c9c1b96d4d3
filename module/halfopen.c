// SPDX-License-Identifier: GPL-2.0
/* The half-open table. See halfopen.h. */
#include "halfopen.h"
#include "latency.h"
#include "listener.h"
#include "net.h"
#include "trace.h"

#if !IS_ENABLED(CONFIG_DEBUG_SPINLOCK) && !IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC)
static_assert(sizeof(struct synward_halfopen) == 64);
#endif

static void account_gone(const struct synward_halfopen *h)
{
	struct synward_net *sn = synward_net_by_id(h->slot.key.netid);

	synward_stats_add(sn->stats, SYNWARD_STAT_HALFOPEN, -1);
	synward_listener_halfopen(h->listener, -1);
}

static u32 age_us(const struct synward_halfopen *h)
{
	return synward_latency_now_us() - h->syn_us;
}

void synward_halfopen_ended(const struct synward_halfopen *h,
			    const struct synward_conn *conn,
			    enum synward_end why)
{
	struct synward_conn loaded;

	/* A note of the pickup's is no connection. */
	if (!trace_flow_end_enabled() || h->flags & SYNWARD_CONN_PICKED_UP)
		return;
	if (!conn) {
		synward_halfopen_load(h, &loaded);
		conn = &loaded;
	}
	trace_flow_end(&h->slot.key, conn, synward_conn_end(conn, why),
		       age_us(h) / USEC_PER_MSEC,
		       synward_net_by_id(h->slot.key.netid)->net->ns.inum);
}

/* From its first SYN: the same SYN sent for ever keeps nothing alive. */
static bool expired(struct synward_slot *slot, u32 now)
{
	struct synward_halfopen *h = container_of(slot, struct synward_halfopen,
						  slot);
	struct synward_net *sn = synward_net_by_id(slot->key.netid);
	u8 state = h->states >> 4 == SYNWARD_SYN_RECEIVED ?
		   SYNWARD_SYN_RECEIVED : SYNWARD_SYN_SENT;

	if (age_us(h) / USEC_PER_SEC < READ_ONCE(sn->timeout_s[state]))
		return false;
	if (!(h->flags & SYNWARD_CONN_PICKED_UP))
		synward_stats_inc(sn->stats, SYNWARD_STAT_CLOSED_TIMEOUT);
	synward_halfopen_ended(h, NULL, SYNWARD_END_TIMEOUT);
	account_gone(h);
	return true;
}

struct synward_table synward_halfopen_table = {
	.size = sizeof(struct synward_halfopen),
	.slices = 4,
	.expired = expired,
};

int synward_halfopen_init(unsigned int max)
{
	int err = synward_table_alloc(&synward_halfopen_table, max);

	if (!err)
		synward_table_start(&synward_halfopen_table);
	return err;
}

void synward_halfopen_exit(void)
{
	synward_table_stop(&synward_halfopen_table);
	synward_table_free(&synward_halfopen_table);
}

struct synward_halfopen *synward_halfopen_find(const struct synward_pkt *pkt)
{
	struct synward_slot *slot;

	slot = synward_table_find(&synward_halfopen_table, &pkt->key, pkt->hash);
	return slot ? container_of(slot, struct synward_halfopen, slot) : NULL;
}

void synward_halfopen_remove(struct synward_halfopen *h, u32 hash)
{
	account_gone(h);
	synward_table_release(&synward_halfopen_table, hash, &h->slot);
}

/* The bucket is full: its oldest entry is the least likely to complete. */
static struct synward_slot *evict_oldest(u32 hash, u32 now)
{
	struct synward_slot *first = synward_table_first(&synward_halfopen_table, hash);
	struct synward_halfopen *h = container_of(first, struct synward_halfopen, slot);
	struct synward_halfopen *end = h + SYNWARD_TABLE_WAYS;
	struct synward_halfopen *oldest = h;
	struct synward_net *sn;

	while (++h < end) {
		if (now - h->syn_us > now - oldest->syn_us)
			oldest = h;
	}
	sn = synward_net_by_id(oldest->slot.key.netid);
	synward_stats_inc(sn->stats, SYNWARD_STAT_EVICTED_HALFOPEN);
	synward_halfopen_ended(oldest, NULL, SYNWARD_END_EVICTED);
	synward_halfopen_remove(oldest, hash);
	return &oldest->slot;
}

struct synward_halfopen *
synward_halfopen_insert(const struct synward_pkt *pkt,
			const struct synward_conn *conn, u16 listener,
			struct synward_net *sn)
{
	u32 now = synward_latency_now_us();
	struct synward_slot *slot;
	struct synward_halfopen *h;

	slot = synward_table_spare(&synward_halfopen_table, pkt->hash);
	if (!slot)
		slot = evict_oldest(pkt->hash, now);
	h = container_of(slot, struct synward_halfopen, slot);
	h->syn_us = now;
	h->synack = 0;
	h->listener = listener;
	synward_halfopen_save(h, conn);
	synward_table_occupy(&synward_halfopen_table, pkt->hash, slot, &pkt->key);
	synward_stats_inc(sn->stats, SYNWARD_STAT_HALFOPEN);
	synward_listener_halfopen(listener, 1);
	return h;
}

/* What the handshake's segments have told follows from ISNs and states. */
static void load_side(struct synward_side *side, u32 isn, u8 state)
{
	side->state = state;
	if (state != SYNWARD_SYN_SENT && state != SYNWARD_SYN_RECEIVED)
		return;
	side->isn = isn;
	side->end = isn + 1;
	side->bits = SYNWARD_SIDE_SYN | SYNWARD_SIDE_END;
}

/* Who is SYN-RECEIVED has acknowledged the other's SYN, with a SYN's window. */
static void load_ack(struct synward_side *side, const struct synward_side *peer,
		     unsigned int scale)
{
	if (side->state != SYNWARD_SYN_RECEIVED)
		return;
	side->ack = peer->isn + 1;
	side->bits |= SYNWARD_SIDE_ACK;
	side->win = DIV_ROUND_UP(U16_MAX, 1U << scale);
}

void synward_halfopen_load(const struct synward_halfopen *h,
			   struct synward_conn *conn)
{
	struct synward_side *client = &conn->side[SYNWARD_CLIENT];
	struct synward_side *server = &conn->side[SYNWARD_SERVER];

	*conn = (struct synward_conn) {
		.flags = h->flags,
		.wscale = h->wscale,
		.retrans = h->retrans,
	};
	load_side(client, h->client_isn, h->states & 0xf);
	load_side(server, h->server_isn, h->states >> 4);
	load_ack(client, server, synward_conn_wscale(conn, SYNWARD_CLIENT));
	load_ack(server, client, synward_conn_wscale(conn, SYNWARD_SERVER));
	client->packets = 1 + (h->retrans & 0xf);
	server->packets = server->bits & SYNWARD_SIDE_SYN ? 1 + (h->retrans >> 4) : 0;
}

void synward_halfopen_save(struct synward_halfopen *h,
			   const struct synward_conn *conn)
{
	h->client_isn = conn->side[SYNWARD_CLIENT].isn;
	h->server_isn = conn->side[SYNWARD_SERVER].isn;
	h->states = conn->side[SYNWARD_CLIENT].state |
		    conn->side[SYNWARD_SERVER].state << 4;
	h->flags = conn->flags;
	h->wscale = conn->wscale;
	h->retrans = conn->retrans;
}
