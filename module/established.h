/* SPDX-License-Identifier: GPL-2.0 */
/* The established table: connections from the handshake's last ACK on. */
#ifndef SYNWARD_ESTABLISHED_H
#define SYNWARD_ESTABLISHED_H

#include "packet.h"
#include "state.h"
#include "table.h"

/**
 * struct synward_flow - a connection past its handshake
 * @slot:   key, and the bucket's lock
 * @gen:    changes whenever the slot changes hands. Written under the lock
 * @synack: from SYN to SYN-ACK, synward_latency_pack()
 * @ack:    from SYN-ACK to ACK, likewise
 * @born:   jiffies of the insertion
 * @conn:   both endpoints. States and bits under the bucket's lock; what a
 *          data segment changes is its sender's own, written without
 *
 * The first cache line says who, the second holds what packets write.
 */
struct synward_flow {
	struct synward_slot slot;
	u32 gen;
	u16 synack;
	u16 ack;
	u32 born;
	struct synward_conn conn;
};

extern struct synward_table synward_established_table;

int synward_established_init(unsigned int max);
void synward_established_exit(void);

/* Lookup without a lock. Return: the flow or NULL. */
struct synward_flow *synward_established_find(const struct synward_pkt *pkt);

/* The next three under the lock of the bucket of @pkt->hash or @hash. */

/**
 * synward_established_insert - remember a connection
 * @pkt:  its segment; not in the table yet
 * @conn: its states
 * @sn:   namespace
 *
 * A full bucket gives up what is worth least: closed, TIME-WAIT, then what has
 * been idle for longest, but nothing that is alive.
 *
 * Return: the flow, or NULL and a count when everything in the bucket is alive.
 */
struct synward_flow *synward_established_insert(const struct synward_pkt *pkt,
						const struct synward_conn *conn,
						struct synward_net *sn);

/* @why: what to say of a connection that was not over. */
void synward_established_remove(struct synward_flow *flow, enum synward_end why,
				u32 hash);

/* Seconds without a segment after which @flow is forgotten. */
u32 synward_established_timeout_s(const struct synward_flow *flow);

/* Jiffies since the last segment, or since the end where that counts. */
u32 synward_established_idle(const struct synward_conn *conn, u32 now);

#endif
