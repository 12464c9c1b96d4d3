/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints, for perf, bpftrace and the tool. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM synward

#if !defined(SYNWARD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SYNWARD_TRACE_H

#include <linux/netfilter.h>
#include <linux/socket.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "key.h"
#include "guard.h"
#include "net.h"
#include "packet.h"
#include "state.h"

#ifndef SYNWARD_TRACE_ONCE
#define SYNWARD_TRACE_ONCE
/* An endpoint as %pISpc prints it. Return: its port, host order. */
static inline u16 synward_trace_end(u8 *out, const struct synward_key *key,
				    bool hi)
{
	const struct in6_addr *addr = hi ? &key->hi : &key->lo;
	__be16 port = hi ? key->hi_port : key->lo_port;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*v6));
	if (key->family == NFPROTO_IPV4) {
		v4->sin_family = AF_INET;
		v4->sin_port = port;
		v4->sin_addr.s_addr = addr->s6_addr32[3];
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		v6->sin6_addr = *addr;
	}
	return ntohs(port);
}
#endif

#define synward_trace_state(state)					\
	__print_symbolic(state,						\
			 { SYNWARD_CLOSED,	"CLOSED" },		\
			 { SYNWARD_LISTEN,	"LISTEN" },		\
			 { SYNWARD_SYN_SENT,	"SYN-SENT" },		\
			 { SYNWARD_SYN_RECEIVED, "SYN-RECEIVED" },	\
			 { SYNWARD_ESTABLISHED,	"ESTABLISHED" },	\
			 { SYNWARD_FIN_WAIT_1,	"FIN-WAIT-1" },		\
			 { SYNWARD_FIN_WAIT_2,	"FIN-WAIT-2" },		\
			 { SYNWARD_CLOSE_WAIT,	"CLOSE-WAIT" },		\
			 { SYNWARD_CLOSING,	"CLOSING" },		\
			 { SYNWARD_LAST_ACK,	"LAST-ACK" },		\
			 { SYNWARD_TIME_WAIT,	"TIME-WAIT" })

#define synward_trace_judgement(what)					\
	__print_symbolic(what,						\
			 { SYNWARD_SEG_OK,		"ok" },		\
			 { SYNWARD_SEG_SYN_AGAIN,	"syn_again" },	\
			 { SYNWARD_SEG_SYNACK_AGAIN,	"synack_again" },	\
			 { SYNWARD_SEG_OUT_OF_WINDOW,	"out_of_window" },	\
			 { SYNWARD_SEG_BAD_ACK,		"bad_ack" },	\
			 { SYNWARD_SEG_BAD_RST,		"bad_rst" },	\
			 { SYNWARD_SEG_SYN_ON_LIVE,	"syn_on_live" },	\
			 { SYNWARD_SEG_REUSE,		"reuse" })

#define synward_trace_how(how)						\
	__print_symbolic(how,						\
			 { SYNWARD_END_FIN,		"fin" },	\
			 { SYNWARD_END_RST,		"rst" },	\
			 { SYNWARD_END_TIMEOUT,		"timeout" },	\
			 { SYNWARD_END_EVICTED,		"evicted" },	\
			 { SYNWARD_END_REPLACED,	"replaced" })

/* Of synward_conn.flags those that tell who closed. */
#define SYNWARD_TRACE_CLOSER	(SYNWARD_CONN_CLOSER | SYNWARD_CONN_BY_SERVER)

#define synward_trace_closer(flags)					\
	__print_symbolic(flags,						\
			 { 0,				"none" },	\
			 { SYNWARD_CONN_CLOSER,		"client" },	\
			 { SYNWARD_TRACE_CLOSER,	"server" })

#define synward_trace_flags(flags)				\
	__print_flags(flags, "|",				\
		      { SYNWARD_TCP_SYN, "SYN" },		\
		      { SYNWARD_TCP_FIN, "FIN" },		\
		      { SYNWARD_TCP_RST, "RST" },		\
		      { SYNWARD_TCP_PSH, "PSH" },		\
		      { SYNWARD_TCP_ACK, "ACK" },		\
		      { SYNWARD_TCP_URG, "URG" })

/*
 * One segment of a tracked connection, and both states after it. The ports stand
 * alone, too, for filters.
 */
TRACE_EVENT(flow_state,
	TP_PROTO(const struct synward_pkt *pkt, const struct synward_conn *conn,
		 const struct synward_seg *seg, unsigned int judgement,
		 unsigned int netns),
	TP_ARGS(pkt, conn, seg, judgement, netns),
	TP_STRUCT__entry(
		__array(u8, client, sizeof(struct sockaddr_in6))
		__array(u8, server, sizeof(struct sockaddr_in6))
		__field(u32, netns)
		__field(u32, seq)
		__field(u32, ack)
		__field(u32, len)
		__field(u16, client_port)
		__field(u16, server_port)
		__field(u16, window)
		__field(u8, flags)
		__field(u8, from)
		__field(u8, client_state)
		__field(u8, server_state)
		__field(u8, judgement)
	),
	TP_fast_assign(
		bool hi = conn->flags & SYNWARD_CONN_CLIENT_HI;

		__entry->client_port = synward_trace_end(__entry->client,
							 &pkt->key, hi);
		__entry->server_port = synward_trace_end(__entry->server,
							 &pkt->key, !hi);
		__entry->netns = netns;
		__entry->seq = seg->seq;
		__entry->ack = seg->ack;
		__entry->len = seg->len;
		__entry->window = seg->window;
		__entry->flags = seg->flags;
		__entry->from = seg->from;
		__entry->client_state = conn->side[SYNWARD_CLIENT].state;
		__entry->server_state = conn->side[SYNWARD_SERVER].state;
		__entry->judgement = judgement;
	),
	TP_printk("netns=%u client=%pISpc server=%pISpc from=%s flags=%s seq=%u ack=%u len=%u window=%u client_state=%s server_state=%s judgement=%s",
		  __entry->netns, __entry->client, __entry->server,
		  __entry->from == SYNWARD_CLIENT ? "client" : "server",
		  synward_trace_flags(__entry->flags),
		  __entry->seq, __entry->ack, __entry->len, __entry->window,
		  synward_trace_state(__entry->client_state),
		  synward_trace_state(__entry->server_state),
		  synward_trace_judgement(__entry->judgement))
);

/* A connection leaves its table for good: how it ended, and all it has carried. */
TRACE_EVENT(flow_end,
	TP_PROTO(const struct synward_key *key, const struct synward_conn *conn,
		 unsigned int how, u32 age_ms, unsigned int netns),
	TP_ARGS(key, conn, how, age_ms, netns),
	TP_STRUCT__entry(
		__array(u8, client, sizeof(struct sockaddr_in6))
		__array(u8, server, sizeof(struct sockaddr_in6))
		__field(u64, client_bytes)
		__field(u64, server_bytes)
		__field(u32, client_packets)
		__field(u32, server_packets)
		__field(u32, age_ms)
		__field(u32, netns)
		__field(u16, client_port)
		__field(u16, server_port)
		__field(u16, closer)
		__field(u8, client_state)
		__field(u8, server_state)
		__field(u8, how)
	),
	TP_fast_assign(
		const struct synward_side *client = &conn->side[SYNWARD_CLIENT];
		const struct synward_side *server = &conn->side[SYNWARD_SERVER];
		bool hi = conn->flags & SYNWARD_CONN_CLIENT_HI;

		__entry->client_port = synward_trace_end(__entry->client, key, hi);
		__entry->server_port = synward_trace_end(__entry->server, key, !hi);
		__entry->client_bytes = client->bytes;
		__entry->server_bytes = server->bytes;
		__entry->client_packets = client->packets;
		__entry->server_packets = server->packets;
		__entry->age_ms = age_ms;
		__entry->netns = netns;
		__entry->closer = conn->flags & SYNWARD_TRACE_CLOSER;
		__entry->client_state = client->state;
		__entry->server_state = server->state;
		__entry->how = how;
	),
	TP_printk("netns=%u client=%pISpc server=%pISpc how=%s closed_by=%s client_state=%s server_state=%s client_packets=%u client_bytes=%llu server_packets=%u server_bytes=%llu age_ms=%u",
		  __entry->netns, __entry->client, __entry->server,
		  synward_trace_how(__entry->how),
		  synward_trace_closer(__entry->closer),
		  synward_trace_state(__entry->client_state),
		  synward_trace_state(__entry->server_state),
		  __entry->client_packets, __entry->client_bytes,
		  __entry->server_packets, __entry->server_bytes,
		  __entry->age_ms)
);

#define synward_trace_verdict(verdict)				\
	__print_symbolic(verdict,				\
			 { SYNWARD_PASS,	"pass" },	\
			 { SYNWARD_DROP,	"drop" },	\
			 { SYNWARD_ANSWERED,	"answered" })

/*
 * A decision on a segment for an engaged listener, under the name of its
 * counter; or a listener that engages or lets go, for nobody: address zero.
 */
TRACE_EVENT(mitigation,
	TP_PROTO(const struct synward_key *key, bool client_hi,
		 enum synward_stat reason, unsigned int verdict,
		 unsigned int netns),
	TP_ARGS(key, client_hi, reason, verdict, netns),
	TP_STRUCT__entry(
		__array(u8, client, sizeof(struct sockaddr_in6))
		__array(u8, server, sizeof(struct sockaddr_in6))
		__array(char, reason, 24)
		__field(u32, netns)
		__field(u16, client_port)
		__field(u16, server_port)
		__field(u8, verdict)
	),
	TP_fast_assign(
		__entry->client_port = synward_trace_end(__entry->client, key,
							 client_hi);
		__entry->server_port = synward_trace_end(__entry->server, key,
							 !client_hi);
		strscpy(__entry->reason, synward_stats_name(reason),
			sizeof(__entry->reason));
		__entry->netns = netns;
		__entry->verdict = verdict;
	),
	TP_printk("netns=%u client=%pISpc server=%pISpc reason=%s verdict=%s",
		  __entry->netns, __entry->client, __entry->server,
		  __entry->reason, synward_trace_verdict(__entry->verdict))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
