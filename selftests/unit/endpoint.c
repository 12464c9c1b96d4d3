// SPDX-License-Identifier: GPL-2.0
/* One TCP endpoint. See endpoint.h. Sections are those of RFC 9293. */
#include <string.h>

#include "endpoint.h"

#define FIN	SYNWARD_TCP_FIN
#define SYN	SYNWARD_TCP_SYN
#define RST	SYNWARD_TCP_RST
#define PSH	SYNWARD_TCP_PSH
#define ACK	SYNWARD_TCP_ACK

/* The kernel has no full socket for a request, and none in TIME-WAIT. */
static bool full_socket(const struct endpoint *e)
{
	if (e->state == SYNWARD_SYN_RECEIVED)
		return !e->passive || e->fastopen;
	return !endpoint_gone(e) && e->state != SYNWARD_TIME_WAIT;
}

void endpoint_send(struct world *w, unsigned int me, u8 flags, u32 seq, u32 len)
{
	struct endpoint *e = &w->end[me];
	struct synward_seg seg = {
		.flags = flags,
		.seq = seq,
		.ack = flags & ACK ? e->rcv : 0,
		.len = len,
		.trusted = full_socket(e),
	};

	if (flags & ACK)
		e->ack_due = false;
	model_emit(w, me, &seg);
}

static void send_ack(struct world *w, unsigned int me)
{
	endpoint_send(w, me, ACK, w->end[me].nxt, 0);
}

/* 3.10.7.1: what nobody expects is answered with RST, by no socket at all. */
static void send_reset(struct world *w, unsigned int me,
		       const struct synward_seg *to)
{
	struct synward_seg seg = { .flags = RST, .seq = to->ack };

	if (to->flags & RST)
		return;
	if (!(to->flags & ACK)) {
		seg.flags = RST | ACK;
		seg.seq = 0;
		seg.ack = to->seq + to->len + !!(to->flags & SYN) +
			  !!(to->flags & FIN);
	}
	model_emit(w, me, &seg);
}

/* -- applications -- */

void endpoint_leave(struct endpoint *e)
{
	u32 nxt = e->nxt;
	u8 passive = e->passive;
	u8 deed = e->deed;

	memset(e, 0, sizeof(*e));
	e->nxt = nxt;
	e->passive = passive;
	e->deed = deed;
	e->state = passive ? SYNWARD_LISTEN : SYNWARD_CLOSED;
}

static void begin(struct endpoint *e)
{
	endpoint_leave(e);
	e->isn = e->nxt + ENDPOINT_ISN_STEP;
	e->una = e->isn;
	e->nxt = e->isn + 1;
}

static bool connect_peer(struct world *w, const struct plan *plan, unsigned int me)
{
	struct endpoint *e = &w->end[me];
	u32 len = plan->fastopen && !me ? MODEL_BYTES : 0;

	if (!endpoint_gone(e) && e->state != SYNWARD_TIME_WAIT)
		return false;
	begin(e);
	e->passive = false;
	e->fastopen = !!len;
	e->state = SYNWARD_SYN_SENT;
	e->nxt += len;
	endpoint_send(w, me, SYN, e->isn, len);
	return true;
}

static bool may_send(const struct endpoint *e)
{
	if (e->state == SYNWARD_SYN_RECEIVED)
		return e->fastopen || !e->passive;
	return e->state == SYNWARD_ESTABLISHED || e->state == SYNWARD_CLOSE_WAIT;
}

/* 3.10.2 and 3.10.4. */
static bool send_and_close(struct world *w, unsigned int me, u32 len, u8 fin)
{
	struct endpoint *e = &w->end[me];
	u32 seq = e->nxt;

	if (!may_send(e))
		return false;
	e->nxt += len + !!fin;
	e->fin = !!fin;
	endpoint_send(w, me, ACK | fin | (len ? PSH : 0), seq, len);
	if (fin)
		e->state = e->state == SYNWARD_CLOSE_WAIT ? SYNWARD_LAST_ACK :
							    SYNWARD_FIN_WAIT_1;
	return true;
}

static bool abort_it(struct world *w, unsigned int me)
{
	struct endpoint *e = &w->end[me];

	if (!may_send(e) && e->state != SYNWARD_FIN_WAIT_1 &&
	    e->state != SYNWARD_FIN_WAIT_2)
		return false;
	endpoint_send(w, me, RST | ACK, e->nxt, 0);
	endpoint_leave(e);
	return true;
}

static bool crash(struct endpoint *e)
{
	if (e->state < SYNWARD_ESTABLISHED)
		return false;
	endpoint_leave(e);
	return true;
}

static bool act(struct world *w, const struct plan *plan, unsigned int me)
{
	struct endpoint *e = &w->end[me];

	switch (plan->deeds[me][e->deed]) {
	case CONNECT:
		return connect_peer(w, plan, me);
	case SEND:
		return send_and_close(w, me, MODEL_BYTES, 0);
	case CLOSE:
		return send_and_close(w, me, 0, FIN);
	case SEND_CLOSE:
		return send_and_close(w, me, MODEL_BYTES, FIN);
	case FINISH:
		return e->state == SYNWARD_CLOSE_WAIT &&
		       send_and_close(w, me, 0, FIN);
	case ABORT:
		return abort_it(w, me);
	case CRASH:
		return crash(e);
	}
	return false;
}

bool endpoint_act(struct world *w, const struct plan *plan, unsigned int me)
{
	if (w->end[me].deed >= MODEL_DEEDS || !act(w, plan, me))
		return false;
	w->end[me].deed++;
	return true;
}

/* -- arrival of a segment, 3.10.7 -- */

/* 3.10.7.2; and again when TIME-WAIT gives way to a new connection. */
static void arrive_listen(struct world *w, const struct plan *plan,
			  unsigned int me, const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (seg->flags & RST)
		return;
	if (seg->flags & ACK) {
		send_reset(w, me, seg);
		return;
	}
	if (!(seg->flags & SYN))
		return;
	begin(e);
	if (plan->split) {
		e->state = SYNWARD_SYN_SENT;
		endpoint_send(w, me, SYN, e->isn, 0);
		return;
	}
	e->fastopen = seg->len && !plan->wary;
	e->irs = seg->seq;
	e->rcv = seg->seq + 1 + (e->fastopen ? seg->len : 0);
	e->state = SYNWARD_SYN_RECEIVED;
	endpoint_send(w, me, SYN | ACK, e->isn, 0);
}

/* 3.10.7.3 */
static void arrive_syn_sent(struct world *w, unsigned int me,
			    const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (seg->flags & ACK && (!synward_after(seg->ack, e->isn) ||
				 synward_after(seg->ack, e->nxt))) {
		send_reset(w, me, seg);
		return;
	}
	if (seg->flags & RST) {
		if (seg->flags & ACK)
			endpoint_leave(e);
		return;
	}
	if (!(seg->flags & SYN))
		return;
	e->irs = seg->seq;
	e->rcv = seg->seq + 1;
	if (seg->flags & ACK) {
		e->una = seg->ack;
		e->state = SYNWARD_ESTABLISHED;
		e->ack_due = true;
		return;
	}
	e->state = SYNWARD_SYN_RECEIVED;
	endpoint_send(w, me, SYN | ACK, e->isn, 0);
}

static u32 seg_end(const struct synward_seg *seg)
{
	return seg->seq + seg->len + !!(seg->flags & SYN) + !!(seg->flags & FIN);
}

/* 3.10.7.4, first check; the window is never zero. */
static bool acceptable(const struct endpoint *e, const struct synward_seg *seg)
{
	u32 end = seg_end(seg);

	if (end == seg->seq)
		return seg->seq - e->rcv < ENDPOINT_WINDOW;
	return seg->seq - e->rcv < ENDPOINT_WINDOW || end - 1 - e->rcv < ENDPOINT_WINDOW;
}

/* The peer has not heard of our SYN-ACK, or a SYN-ACK crossed ours. */
static bool again_in_syn_received(struct world *w, unsigned int me,
				  const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (e->state != SYNWARD_SYN_RECEIVED || !(seg->flags & SYN) ||
	    seg->seq != e->irs)
		return false;
	if (!(seg->flags & ACK)) {
		/* A request answers again; a socket only says where it is. */
		if (e->passive)
			endpoint_send(w, me, SYN | ACK, e->isn, 0);
		else
			send_ack(w, me);
	} else if (seg->ack == e->isn + 1) {
		e->una = seg->ack;
		e->state = SYNWARD_ESTABLISHED;
		e->ack_due = true;
	}
	return true;
}

/* Fifth check. Return: whether there is more of the segment to look at. */
static bool take_ack(struct world *w, unsigned int me, const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (e->state == SYNWARD_SYN_RECEIVED) {
		if (!synward_after(seg->ack, e->isn) ||
		    synward_after(seg->ack, e->nxt)) {
			send_reset(w, me, seg);
			return false;
		}
		e->state = SYNWARD_ESTABLISHED;
	}
	if (synward_after(seg->ack, e->nxt)) {
		send_ack(w, me);
		return false;
	}
	if (synward_after(seg->ack, e->una))
		e->una = seg->ack;
	if (!e->fin || e->una != e->nxt)
		return true;
	if (e->state == SYNWARD_FIN_WAIT_1)
		e->state = SYNWARD_FIN_WAIT_2;
	else if (e->state == SYNWARD_CLOSING)
		e->state = SYNWARD_TIME_WAIT;
	else if (e->state == SYNWARD_LAST_ACK)
		endpoint_leave(e);
	return !endpoint_gone(e);
}

/* Eighth check */
static void take_fin(struct endpoint *e)
{
	switch (e->state) {
	case SYNWARD_ESTABLISHED:
		e->state = SYNWARD_CLOSE_WAIT;
		break;
	case SYNWARD_FIN_WAIT_1:
		e->state = SYNWARD_CLOSING;
		break;
	case SYNWARD_FIN_WAIT_2:
		e->state = SYNWARD_TIME_WAIT;
		break;
	}
}

/* Seventh and eighth check; what is out of order is thrown away. */
static void take_text(struct world *w, unsigned int me, const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];
	u32 end = seg_end(seg);

	if (end == seg->seq)
		return;
	if (synward_after(seg->seq, e->rcv) || !synward_after(end, e->rcv)) {
		send_ack(w, me);
		return;
	}
	e->rcv = end;
	e->ack_due = true;
	if (seg->flags & FIN)
		take_fin(e);
}

/* Second to fourth check, with RFC 5961. Return: is there more? */
static bool take_control(struct world *w, unsigned int me,
			 const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (seg->flags & RST) {
		if (seg->seq == e->rcv)
			endpoint_leave(e);
		else
			send_ack(w, me);
		return false;
	}
	if (seg->flags & SYN)
		send_ack(w, me);
	return !(seg->flags & SYN) && seg->flags & ACK;
}

static void arrive_other(struct world *w, unsigned int me,
			 const struct synward_seg *seg)
{
	struct endpoint *e = &w->end[me];

	if (again_in_syn_received(w, me, seg))
		return;
	if (!acceptable(e, seg)) {
		if (!(seg->flags & RST))
			send_ack(w, me);
		return;
	}
	if (take_control(w, me, seg) && take_ack(w, me, seg))
		take_text(w, me, seg);
}

/* 3.6.1 and MAY-2: a newer SYN ends TIME-WAIT. */
static bool reuses(const struct world *w, unsigned int me,
		   const struct synward_seg *seg)
{
	const struct endpoint *e = &w->end[me];

	return e->state == SYNWARD_TIME_WAIT && e->passive &&
	       (seg->flags & (SYN | ACK | RST)) == SYN &&
	       synward_after(seg->seq, e->rcv);
}

void endpoint_arrive(struct world *w, const struct plan *plan, unsigned int me,
		     const struct synward_seg *seg)
{
	switch (w->end[me].state) {
	case SYNWARD_CLOSED:
		/* Who is about to connect, too, lets a SYN pass: a firewall. */
		if (plan->deeds[me][w->end[me].deed] != CONNECT || plan->passive)
			send_reset(w, me, seg);
		break;
	case SYNWARD_LISTEN:
		arrive_listen(w, plan, me, seg);
		break;
	case SYNWARD_SYN_SENT:
		arrive_syn_sent(w, me, seg);
		break;
	default:
		if (reuses(w, me, seg))
			arrive_listen(w, plan, me, seg);
		else
			arrive_other(w, me, seg);
	}
}

