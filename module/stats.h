/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of one namespace, per CPU. */
#ifndef SYNWARD_STATS_H
#define SYNWARD_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * One line a counter: its id here, its name in /proc. Append only: the order is
 * that of /proc/net/synward/stats and people parse it.
 */
#define SYNWARD_STATS(X)						\
	X(SYN_RECEIVED, "syn_received")					\
	X(SYNACK_SENT, "synack_sent")					\
	X(HANDSHAKE_COMPLETED, "handshake_completed")			\
	X(HALFOPEN, "halfopen")						\
	X(ESTABLISHED, "established")					\
	X(COOKIE_SENT, "cookie_sent")					\
	X(COOKIE_VALID, "cookie_valid")					\
	X(COOKIE_INVALID, "cookie_invalid")				\
	X(ACK_DROPPED, "ack_dropped")					\
	X(SYN_LIMITED, "syn_limited")					\
	X(INVALID_PACKET, "invalid_packet")				\
	X(EVICTED_HALFOPEN, "evicted_halfopen")				\
	X(EVICTED_ESTABLISHED, "evicted_established")			\
	X(UNTRACKED_FULL, "untracked_full")				\
	X(CLOSED_FIN, "closed_fin")					\
	X(CLOSED_RST, "closed_rst")					\
	X(CLOSED_TIMEOUT, "closed_timeout")				\
	X(SYN_RETRANSMIT, "syn_retransmit")				\
	X(SYNACK_RETRANSMIT, "synack_retransmit")			\
	X(WOULD_COOKIE_SENT, "would_cookie_sent")			\
	X(WOULD_ACK_DROPPED, "would_ack_dropped")			\
	X(WOULD_SYN_LIMITED, "would_syn_limited")			\
	X(WOULD_SYN_DROPPED, "would_syn_dropped")			\
	X(SYN_DROPPED_ACCEPTQ, "syn_dropped_acceptq")			\
	X(SYN_SENT, "syn_sent")						\
	X(SYNACK_RECEIVED, "synack_received")				\
	X(FIN_SEEN, "fin_seen")						\
	X(RST_SEEN, "rst_seen")						\
	X(PICKED_UP, "picked_up")					\
	X(OUT_OF_WINDOW, "out_of_window")				\
	X(BAD_ACK, "bad_ack")						\
	X(BAD_RST, "bad_rst")						\
	X(SYN_ON_LIVE, "syn_on_live")					\
	X(UNKNOWN_FLOW, "unknown_flow")					\
	X(ENGAGED, "engaged")						\
	X(DISENGAGED, "disengaged")					\
	X(COOKIE_NO_ROUTE, "cookie_no_route")				\
	X(COOKIE_NO_MEMORY, "cookie_no_memory")				\
	X(COOKIE_PASSED, "cookie_passed")				\
	X(LISTENERS_FULL, "listeners_full")				\
	X(INVALID_SHORT, "invalid_short")				\
	X(INVALID_DOFF, "invalid_doff")					\
	X(INVALID_CHECKSUM, "invalid_checksum")				\
	X(INVALID_FLAGS, "invalid_flags")				\
	X(INVALID_FRAGMENT, "invalid_fragment")				\
	X(INVALID_PORT, "invalid_port")					\
	X(COOKIE_REPLAYED, "cookie_replayed")				\
	X(GUARD_SYN, "guard_syn")					\
	X(GUARD_ACK, "guard_ack")					\
	X(SYN_PASSED_CONNECTED, "syn_passed_connected")			\
	X(SYN_PASSED_ELSEWHERE, "syn_passed_elsewhere")			\
	X(ACK_DROPPED_ACCEPTQ, "ack_dropped_acceptq")			\
	X(REPLAY_ACCEPTED, "replay_accepted")				\
	X(REPLAY_REFUSED, "replay_refused")				\
	X(REPLAY_KEPT, "replay_kept")					\
	X(REPLAY_ELSEWHERE, "replay_elsewhere")				\
	X(REPLAY_NO_MEMORY, "replay_no_memory")				\
	X(SYNACK_REFLECTED, "synack_reflected")				\
	X(COOKIE_MONITORED, "cookie_monitored")				\
	X(LIMIT_FULL, "limit_full")					\
	X(REPLAY_UNASKED, "replay_unasked")				\
	X(ACK_LEFT_TO_NAT, "ack_left_to_nat")				\
	X(ACK_UNKNOWN_TO_NAT, "ack_unknown_to_nat")			\
	X(COOKIE_IN_FRAGMENTS, "cookie_in_fragments")

#define SYNWARD_STATS_ID(id, name) SYNWARD_STAT_##id,
enum synward_stat {
	SYNWARD_STATS(SYNWARD_STATS_ID)
	SYNWARD_STAT_MAX
};

#undef SYNWARD_STATS_ID

/* Gauges (halfopen, established) go up on one CPU and down on another: only
 * the sum over all CPUs means something.
 */
struct synward_stats {
	u64 value[SYNWARD_STAT_MAX];
};

static inline void synward_stats_add(struct synward_stats __percpu *stats,
				     enum synward_stat id, s64 n)
{
	this_cpu_add(stats->value[id], n);
}

static inline void synward_stats_inc(struct synward_stats __percpu *stats,
				     enum synward_stat id)
{
	this_cpu_inc(stats->value[id]);
}

/* A segment that is no TCP, under its reason and under the total. */
static inline void synward_stats_invalid(struct synward_stats __percpu *stats,
					 enum synward_stat reason)
{
	synward_stats_inc(stats, SYNWARD_STAT_INVALID_PACKET);
	synward_stats_inc(stats, reason);
}

/* Sum over all CPUs; a gauge that is caught between two CPUs reads as 0. */
u64 synward_stats_sum(struct synward_stats __percpu *stats, enum synward_stat id);

/* The name in /proc. */
const char *synward_stats_name(enum synward_stat id);

#endif
