// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "counter.h"
#include "util.h"

struct counter {
	const char		*name;
	enum counter_group	group;
	const char		*meaning;
};

static const struct counter known[] = {
	{ "mode", COUNTER_GAUGE, "0 track, 1 monitor, 2 adaptive, 3 always" },
	{ "halfopen", COUNTER_GAUGE, "half-open connections now" },
	{ "halfopen_max", COUNTER_GAUGE, "room for half-open connections" },
	{ "established", COUNTER_GAUGE, "established connections now" },
	{ "established_max", COUNTER_GAUGE, "room for established connections" },
	{ "limit_max", COUNTER_GAUGE, "room for sources with a limit" },
	{ "memory_bytes", COUNTER_GAUGE, "memory of the tables" },
	{ "listeners", COUNTER_GAUGE, "listening sockets known" },
	{ "listeners_engaged", COUNTER_GAUGE, "listening sockets answering with cookies" },

	{ "syn_received", COUNTER_TRAFFIC, "SYNs that came in" },
	{ "syn_sent", COUNTER_TRAFFIC, "SYNs that this host sent" },
	{ "synack_sent", COUNTER_TRAFFIC, "SYN-ACKs sent by the host's own stack" },
	{ "synack_received", COUNTER_TRAFFIC, "SYN-ACKs that came in" },
	{ "handshake_completed", COUNTER_TRAFFIC, "three-way handshakes completed" },
	{ "cookie_sent", COUNTER_TRAFFIC, "SYNs answered with a cookie" },
	{ "cookie_valid", COUNTER_TRAFFIC, "ACKs that proved a cookie" },
	{ "cookie_passed", COUNTER_TRAFFIC, "SYNs that no cookie can answer, left to the stack" },
	{ "cookie_monitored", COUNTER_TRAFFIC, "monitor: ACKs that proved a cookie of the kernel" },
	{ "guard_syn", COUNTER_TRAFFIC, "SYNs for engaged listeners" },
	{ "guard_ack", COUNTER_TRAFFIC, "ACKs of no connection, for engaged listeners" },
	{ "syn_passed_connected", COUNTER_TRAFFIC, "SYNs on a socket's ports, left to it" },
	{ "syn_passed_elsewhere", COUNTER_TRAFFIC, "SYNs that the firewall sends elsewhere" },
	{ "replay_accepted", COUNTER_TRAFFIC, "proven handshakes that the firewall let in" },
	{ "ack_left_to_nat", COUNTER_TRAFFIC, "unknown ACKs, judged again behind NAT" },
	{ "replay_unasked", COUNTER_TRAFFIC, "proven handshakes without a firewall to ask" },
	{ "replay_elsewhere", COUNTER_TRAFFIC, "proven handshakes that NAT sent elsewhere" },
	{ "closed_fin", COUNTER_TRAFFIC, "connections closed by FIN" },
	{ "closed_rst", COUNTER_TRAFFIC, "connections closed by RST" },
	{ "closed_timeout", COUNTER_TRAFFIC, "connections that went silent" },
	{ "syn_retransmit", COUNTER_TRAFFIC, "SYNs sent again" },
	{ "synack_retransmit", COUNTER_TRAFFIC, "SYN-ACKs sent again" },
	{ "fin_seen", COUNTER_TRAFFIC, "FINs seen" },
	{ "rst_seen", COUNTER_TRAFFIC, "RSTs seen" },
	{ "picked_up", COUNTER_TRAFFIC, "connections met in mid-stream" },
	{ "out_of_window", COUNTER_TRAFFIC, "segments outside the window, passed" },
	{ "bad_ack", COUNTER_TRAFFIC, "ACKs of what was never sent, passed" },
	{ "bad_rst", COUNTER_TRAFFIC, "RSTs not believed, passed" },
	{ "syn_on_live", COUNTER_TRAFFIC, "SYNs on a live connection" },
	{ "unknown_flow", COUNTER_TRAFFIC, "segments of no tracked flow" },
	{ "engaged", COUNTER_TRAFFIC, "times a listener went to cookies" },
	{ "disengaged", COUNTER_TRAFFIC, "times a listener went back to normal" },

	{ "ack_dropped", COUNTER_DROP, "all dropped ACKs and SYN-ACKs together" },
	{ "syn_limited", COUNTER_DROP, "SYNs over the limit of their source" },
	{ "syn_dropped_acceptq", COUNTER_DROP, "SYNs to a listener with a full accept queue" },
	{ "replay_refused", COUNTER_DROP, "proven handshakes that the firewall refused" },
	{ "replay_kept", COUNTER_DROP, "proven handshakes that a queue took" },
	{ "replay_no_memory", COUNTER_DROP, "proven handshakes without memory for the replay" },
	{ "ack_dropped_acceptq", COUNTER_DROP, "proven ACKs that found the accept queue full" },
	{ "cookie_in_fragments", COUNTER_DROP, "ACKs in fragments with a valid cookie" },
	{ "cookie_replayed", COUNTER_DROP, "late segments of closed connections, with a cookie" },
	{ "synack_reflected", COUNTER_DROP, "SYN-ACKs that nobody asked for" },
	{ "ack_unknown_to_nat", COUNTER_DROP, "ACKs that NAT did not know either" },
	{ "cookie_invalid", COUNTER_DROP, "ACKs with a forged or expired cookie" },

	{ "cookie_no_route", COUNTER_UNANSWERED, "SYNs passed, no route for the answer" },
	{ "cookie_no_memory", COUNTER_UNANSWERED, "SYNs passed, no memory for the answer" },

	{ "invalid_packet", COUNTER_INVALID, "all the invalid ones together" },
	{ "invalid_short", COUNTER_INVALID, "shorter than its header" },
	{ "invalid_doff", COUNTER_INVALID, "impossible data offset" },
	{ "invalid_checksum", COUNTER_INVALID, "wrong checksum" },
	{ "invalid_flags", COUNTER_INVALID, "nonsense flags" },
	{ "invalid_fragment", COUNTER_INVALID, "fragment that hides the header" },
	{ "invalid_port", COUNTER_INVALID, "port 0 at both ends" },
	{ "invalid_address", COUNTER_INVALID, "address that no one may answer" },

	{ "evicted_halfopen", COUNTER_TABLE, "oldest half-opens gave way to new ones" },
	{ "evicted_established", COUNTER_TABLE, "least valuable flows gave way to new ones" },
	{ "untracked_full", COUNTER_TABLE, "flows passed untracked, table full" },
	{ "listeners_full", COUNTER_TABLE, "listeners left alone, table full" },
	{ "limit_full", COUNTER_TABLE, "SYNs passed without a limit, table full" },

	{ "would_cookie_sent", COUNTER_WOULD, "monitor: would have answered with a cookie" },
	{ "would_ack_dropped", COUNTER_WOULD, "monitor: would have dropped the ACK" },
	{ "would_syn_limited", COUNTER_WOULD, "monitor: would have dropped the SYN, limit" },
	{ "would_syn_dropped", COUNTER_WOULD, "monitor: would have dropped the SYN" },
};

/* What synward:mitigation tells. */
static const char *const decisions[] = {
	"cookie_sent", "cookie_passed", "cookie_invalid", "cookie_replayed", "cookie_monitored",
	"cookie_in_fragments", "syn_limited", "syn_dropped_acceptq", "syn_passed_connected",
	"syn_passed_elsewhere", "ack_dropped_acceptq", "ack_left_to_nat", "ack_unknown_to_nat",
	"synack_reflected", "replay_accepted", "replay_unasked", "replay_refused", "replay_kept",
	"replay_elsewhere", "replay_no_memory", "engaged", "disengaged", "would_cookie_sent",
	"would_syn_limited", "would_syn_dropped",
};

static const struct counter *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static enum counter_group guess(const char *name)
{
	if (begins(name, "would_"))
		return COUNTER_WOULD;
	if (begins(name, "invalid_"))
		return COUNTER_INVALID;
	if (begins(name, "evicted_") || begins(name, "untracked_"))
		return COUNTER_TABLE;
	if (strstr(name, "_dropped") || strstr(name, "_limited") || strstr(name, "_refused"))
		return COUNTER_DROP;
	if (strstr(name, "_max") || strstr(name, "_bytes"))
		return COUNTER_GAUGE;
	return COUNTER_TRAFFIC;
}

enum counter_group counter_group(const char *name)
{
	const struct counter *counter = find(name);

	return counter ? counter->group : guess(name);
}

bool counter_is_reason(const char *name)
{
	return counter_group(name) >= COUNTER_DROP && strcmp(name, "ack_dropped") != 0 &&
	       strcmp(name, "invalid_packet") != 0;
}

bool counter_is_decision(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(decisions); i++)
		if (!strcmp(decisions[i], name))
			return true;
	return !find(name);
}

void counter_list_decisions(char *text, size_t size)
{
	size_t length = 0;

	*text = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(decisions) && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s",
					   length ? ", " : "", decisions[i]);
}

const char *counter_meaning(const char *name)
{
	const struct counter *counter = find(name);

	return counter ? counter->meaning : "";
}
