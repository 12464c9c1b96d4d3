/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: two TCP endpoints after RFC 9293 and RFC 5961, a channel that
 * loses, doubles and reorders, and the tracker somewhere on the way. Nothing
 * in here knows how module/state.c comes to its conclusions.
 */
#ifndef SYNWARD_UNIT_MODEL_H
#define SYNWARD_UNIT_MODEL_H

#include "tracker.h"

#define MODEL_DEEDS	4
#define MODEL_FLIGHT	12
#define MODEL_BYTES	10	/* payload of a data segment */

/* What an application does, in the order of its script. */
enum deed {
	DONE,
	CONNECT,	/* from CLOSED or TIME-WAIT */
	SEND,		/* MODEL_BYTES; waits for a state that allows it, as the rest */
	CLOSE,		/* FIN */
	SEND_CLOSE,	/* FIN on the last data */
	FINISH,		/* FIN, but only after the peer's */
	ABORT,		/* RST */
	CRASH,		/* forgets everything, says nothing */
};

/* Where the tracker stands. */
enum place { AT_CLIENT, AT_SERVER, BETWEEN, PLACES };

/**
 * struct plan - a kind of life
 * @deeds:    script of endpoint 0, the first to connect, and of endpoint 1
 * @passive:  endpoint 1 listens
 * @fastopen: the SYN carries data, and a server may send at once (RFC 7413)
 * @wary:     ... but the server does not accept that data
 * @split:    the listener answers a SYN with a SYN of its own
 * @drops:    segments that may be lost
 * @doubles:  segments that may come twice
 */
struct plan {
	u8 deeds[2][MODEL_DEEDS];
	bool passive;
	bool fastopen;
	bool wary;
	bool split;
	u8 drops;
	u8 doubles;
};

/**
 * struct endpoint - one TCP
 * @isn:      initial sequence number
 * @una:      SND.UNA
 * @nxt:      SND.NXT
 * @irs:      initial sequence number of the peer
 * @rcv:      RCV.NXT
 * @state:    enum synward_state
 * @passive:  it listens when it is CLOSED
 * @fin:      its FIN is sent: the last number before @nxt
 * @ack_due:  it owes an ACK, and may send it with something else
 * @deed:     next of its script
 * @fastopen: it accepted data on a SYN, or sent some
 */
struct endpoint {
	u32 isn;
	u32 una;
	u32 nxt;
	u32 irs;
	u32 rcv;
	u8 state;
	u8 passive;
	u8 fin;
	u8 ack_due;
	u8 deed;
	u8 fastopen;
};

/* A segment on its way. */
struct packet {
	struct synward_seg seg;
	u8 passed;	/* the tracker has seen it */
};

/* The world at one moment; the same bytes for the same moment. */
struct world {
	struct endpoint end[2];
	struct packet flight[MODEL_FLIGHT];
	struct tracker tracker;
	u8 packets;
	u8 drops;
	u8 doubles;
	u8 place;
	u8 last;	/* who retransmitted last */
	u8 fin_lost;	/* a FIN was lost before the tracker saw it */
	u64 sight;	/* hash of all that the tracker has seen, in order */
};

/* All that can happen next; index: endpoint, or packet in flight. */
enum happening {
	DEED,		/* an application does the next thing */
	ACKNOWLEDGE,	/* the ACK that is due goes alone */
	PASS,		/* a packet passes the tracker between */
	DELIVER,
	DROP,
	DOUBLE,
	TIMEOUT,	/* nothing is on the way, something is unacknowledged */
	KEEPALIVE,	/* everything rests, but is the peer still there? */
	HAPPENINGS
};

void model_init(struct world *w, const struct plan *plan, enum place place,
		u32 isn0, u32 isn1);

/**
 * model_happen - let something happen
 * @w:     world, changed when it is possible
 * @plan:  kind of life
 * @what:  enum happening
 * @index: of the endpoint or the packet
 *
 * Return: whether it was possible.
 */
bool model_happen(struct world *w, const struct plan *plan, enum happening what,
		  unsigned int index);

/* Nothing will happen any more by itself. Deeds that wait for ever don't count. */
bool model_rests(const struct world *w, const struct plan *plan);

/* The states of both endpoints in one number: in truth, and as the tracker says. */
u8 model_truth(const struct world *w);
u8 model_tracked(const struct world *w);

/* Order the flight, clear what makes no difference, and hash it all. */
u64 model_hash(struct world *w);

/* "client SYN seq 0 ack 1 len 10", numbers relative to the ISNs, into @text. */
void model_describe(const struct world *w, const struct synward_seg *seg,
		    char *text, size_t size);

#endif
