// SPDX-License-Identifier: GPL-2.0
/* The established table. See established.h. */
#include <linux/jiffies.h>

#include "established.h"
#include "net.h"
#include "trace.h"

#if !IS_ENABLED(CONFIG_DEBUG_SPINLOCK) && !IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC)
static_assert(sizeof(struct synward_flow) == 128);
static_assert(offsetof(struct synward_flow, conn.side) == 64);
#endif

/* The kernel takes a cookie back for two minutes (MAX_SYNCOOKIE_AGE). */
#define COOKIE_LIFE_S	120U

/* Idle for less is alive: never given up for another connection. */
#define ALIVE_MS	30000U

/*
 * A pair lives as long as its more impatient endpoint; CLOSED has nothing to
 * wait for, unless both are.
 */
u32 synward_established_timeout_s(const struct synward_flow *flow)
{
	const struct synward_net *sn = synward_net_by_id(flow->slot.key.netid);
	u32 a = READ_ONCE(sn->timeout_s[flow->conn.side[0].state]);
	u32 b = READ_ONCE(sn->timeout_s[flow->conn.side[1].state]);

	/* As long as its cookie is good for a late duplicate. */
	if (flow->conn.flags & SYNWARD_CONN_COOKIE &&
	    synward_conn_over(&flow->conn))
		return max3(a, b, COOKIE_LIFE_S);
	if (flow->conn.side[0].state == SYNWARD_CLOSED)
		return b;
	return flow->conn.side[1].state == SYNWARD_CLOSED ? a : min(a, b);
}

u32 synward_established_idle(const struct synward_conn *conn, u32 now)
{
	u32 a = now - READ_ONCE(conn->side[0].last);
	u32 b = now - READ_ONCE(conn->side[1].last);

	/* TIME-WAIT runs from its beginning, whatever still comes in. */
	return synward_conn_over(conn) ? now - conn->since : min(a, b);
}

static struct synward_flow *flow_of(struct synward_slot *slot)
{
	return container_of(slot, struct synward_flow, slot);
}

static void account_gone(const struct synward_flow *flow, enum synward_end why)
{
	struct synward_net *sn = synward_net_by_id(flow->slot.key.netid);

	trace_flow_end(&flow->slot.key, &flow->conn,
		       synward_conn_end(&flow->conn, why),
		       jiffies_to_msecs((u32)jiffies - flow->born),
		       sn->net->ns.inum);
	synward_stats_add(sn->stats, SYNWARD_STAT_ESTABLISHED, -1);
	if (why == SYNWARD_END_TIMEOUT && !synward_conn_over(&flow->conn))
		synward_stats_inc(sn->stats, SYNWARD_STAT_CLOSED_TIMEOUT);
}

static bool expired(struct synward_slot *slot, u32 now)
{
	struct synward_flow *flow = flow_of(slot);
	u32 idle = synward_established_idle(&flow->conn, now);

	/* A packet on another CPU may have been later than @now. */
	if ((s32)idle < 0 ||
	    jiffies_to_msecs(idle) / MSEC_PER_SEC < synward_established_timeout_s(flow))
		return false;
	account_gone(flow, SYNWARD_END_TIMEOUT);
	WRITE_ONCE(flow->gen, flow->gen + 1);
	return true;
}

struct synward_table synward_established_table = {
	.size = sizeof(struct synward_flow),
	.slices = 8,
	.expired = expired,
};

int synward_established_init(unsigned int max)
{
	int err = synward_table_alloc(&synward_established_table, max);

	if (!err)
		synward_table_start(&synward_established_table);
	return err;
}

void synward_established_exit(void)
{
	synward_table_stop(&synward_established_table);
	synward_table_free(&synward_established_table);
}

struct synward_flow *synward_established_find(const struct synward_pkt *pkt)
{
	struct synward_slot *slot;

	slot = synward_table_find(&synward_established_table, &pkt->key, pkt->hash);
	return slot ? flow_of(slot) : NULL;
}

void synward_established_remove(struct synward_flow *flow, enum synward_end why,
				u32 hash)
{
	account_gone(flow, why);
	WRITE_ONCE(flow->gen, flow->gen + 1);
	synward_table_release(&synward_established_table, hash, &flow->slot);
}

/* How little a flow is worth: 0 is alive and stays. */
static u64 expendable(const struct synward_flow *flow, u32 now)
{
	u32 idle = synward_established_idle(&flow->conn, now);

	if ((s32)idle < 0)
		idle = 0;
	if (flow->conn.side[0].state == SYNWARD_CLOSED &&
	    flow->conn.side[1].state == SYNWARD_CLOSED)
		return (3ULL << 32) + idle;
	if (synward_conn_over(&flow->conn))
		return (2ULL << 32) + idle;
	if (jiffies_to_msecs(idle) < ALIVE_MS)
		return 0;
	return (1ULL << 32) + idle;
}

static struct synward_slot *evict(u32 hash)
{
	struct synward_slot *first = synward_table_first(&synward_established_table,
							  hash);
	struct synward_flow *victim = NULL;
	struct synward_net *sn;
	u32 now = (u32)jiffies;
	unsigned int way;
	u64 most = 0;

	for (way = 0; way < SYNWARD_TABLE_WAYS; way++) {
		struct synward_flow *flow;
		u64 value;

		flow = flow_of(synward_table_way(&synward_established_table,
						 first, way));
		value = expendable(flow, now);
		if (value > most) {
			most = value;
			victim = flow;
		}
	}
	if (!victim)
		return NULL;
	sn = synward_net_by_id(victim->slot.key.netid);
	synward_stats_inc(sn->stats, SYNWARD_STAT_EVICTED_ESTABLISHED);
	synward_established_remove(victim, SYNWARD_END_EVICTED, hash);
	return &victim->slot;
}

struct synward_flow *synward_established_insert(const struct synward_pkt *pkt,
						const struct synward_conn *conn,
						struct synward_net *sn)
{
	struct synward_slot *slot;
	struct synward_flow *flow;

	slot = synward_table_spare(&synward_established_table, pkt->hash);
	if (!slot)
		slot = evict(pkt->hash);
	if (!slot) {
		synward_stats_inc(sn->stats, SYNWARD_STAT_UNTRACKED_FULL);
		return NULL;
	}
	flow = flow_of(slot);
	flow->synack = 0;
	flow->ack = 0;
	flow->born = (u32)jiffies;
	flow->conn = *conn;
	/* A half-open entry does not remember who spoke when. */
	flow->conn.side[SYNWARD_CLIENT].last = flow->born;
	flow->conn.side[SYNWARD_SERVER].last = flow->born;
	synward_table_occupy(&synward_established_table, pkt->hash, slot,
			     &pkt->key);
	synward_stats_inc(sn->stats, SYNWARD_STAT_ESTABLISHED);
	return flow;
}
