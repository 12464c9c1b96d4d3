/* SPDX-License-Identifier: GPL-2.0 */
/* The half-open table: connections whose handshake is not complete. */
#ifndef SYNWARD_HALFOPEN_H
#define SYNWARD_HALFOPEN_H

#include "packet.h"
#include "state.h"
#include "table.h"

/**
 * struct synward_halfopen - a connection between its SYN and its last ACK
 * @slot:       key, and the bucket's lock
 * @client_isn: sequence number of the SYN
 * @server_isn: sequence number of the SYN-ACK, once the server is SYN-RECEIVED
 * @syn_us:     when the SYN came, in microseconds, modulo 2^32
 * @synack:     from SYN to SYN-ACK, synward_latency_pack()
 * @listener:   index of the listener, 0 when this host does not listen there
 * @states:     client in the low nibble, server in the high one
 * @flags:      SYNWARD_CONN_*, those below 0x100
 * @wscale:     as in struct synward_conn
 * @retrans:    as in struct synward_conn
 *
 * All under the bucket's lock.
 */
struct synward_halfopen {
	struct synward_slot slot;
	u32 client_isn;
	u32 server_isn;
	u32 syn_us;
	u16 synack;
	u16 listener;
	u8 states;
	u8 flags;
	u8 wscale;
	u8 retrans;
};

extern struct synward_table synward_halfopen_table;

int synward_halfopen_init(unsigned int max);
void synward_halfopen_exit(void);

/* Lookup without a lock. Return: the entry or NULL. */
struct synward_halfopen *synward_halfopen_find(const struct synward_pkt *pkt);

/* The next five under the lock of the bucket of @pkt->hash. */

/**
 * synward_halfopen_insert - remember a connection that has just begun
 * @pkt:      its segment
 * @conn:     its states
 * @listener: index of the listener or 0
 * @sn:       namespace
 *
 * Never fails: a full bucket gives up its oldest entry, and counts it.
 * Return: the entry.
 */
struct synward_halfopen *
synward_halfopen_insert(const struct synward_pkt *pkt,
			const struct synward_conn *conn, u16 listener,
			struct synward_net *sn);

/**
 * synward_halfopen_ended - tell who watches that a connection ends here
 * @h:    the entry, about to be freed
 * @conn: its states, or NULL for those of @h
 * @why:  what to say when they are not those of a connection that is over
 *
 * Not for an entry that moves to the established table.
 */
void synward_halfopen_ended(const struct synward_halfopen *h,
			    const struct synward_conn *conn,
			    enum synward_end why);

/* Free the entry and do the accounting of gauges. */
void synward_halfopen_remove(struct synward_halfopen *h, u32 hash);

/* The entry as the state machine sees it, and back. */
void synward_halfopen_load(const struct synward_halfopen *h,
			   struct synward_conn *conn);
void synward_halfopen_save(struct synward_halfopen *h,
			   const struct synward_conn *conn);

#endif
