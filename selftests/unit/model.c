// SPDX-License-Identifier: GPL-2.0
/* The oracle: the world around two endpoints. See model.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"

#define FIN	SYNWARD_TCP_FIN
#define SYN	SYNWARD_TCP_SYN
#define RST	SYNWARD_TCP_RST
#define PSH	SYNWARD_TCP_PSH
#define ACK	SYNWARD_TCP_ACK

/* -- the way -- */

static bool host_of_tracker(const struct world *w, unsigned int me)
{
	return w->place == (me ? AT_SERVER : AT_CLIENT);
}

static u64 mix(u64 hash, const void *data, size_t size)
{
	const u32 *p = data;
	size_t i;

	for (i = 0; i < size / sizeof(*p); i++) {
		hash = (hash ^ p[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash;
}

static void pass(struct world *w, struct packet *p)
{
	w->sight = mix(w->sight, &p->seg, sizeof(p->seg));
	tracker_see(&w->tracker, &p->seg, 0);
	p->passed = true;
}

/* What does not fit into the flight is lost. */
void model_emit(struct world *w, unsigned int me, const struct synward_seg *seg)
{
	struct packet p;

	memset(&p, 0, sizeof(p));
	p.seg = *seg;
	p.seg.from = me;
	p.seg.window = ENDPOINT_WINDOW;
	p.seg.wscale = SYNWARD_WSCALE_NONE;
	p.seg.trusted = seg->trusted && host_of_tracker(w, me);
	if (host_of_tracker(w, me))
		pass(w, &p);
	if (w->packets < MODEL_FLIGHT)
		w->flight[w->packets++] = p;
}

/* -- what happens -- */

static void take_out(struct world *w, unsigned int index)
{
	w->packets--;
	w->flight[index] = w->flight[w->packets];
	memset(&w->flight[w->packets], 0, sizeof(struct packet));
}

static bool deliver(struct world *w, const struct plan *plan, unsigned int index)
{
	struct packet p = w->flight[index];

	if (!p.passed) {
		if (w->place == BETWEEN)
			return false;
		pass(w, &p);
	}
	take_out(w, index);
	endpoint_arrive(w, plan, !p.seg.from, &p.seg);
	return true;
}

static bool lose(struct world *w, unsigned int index)
{
	if (!w->drops)
		return false;
	w->drops--;
	if (!w->flight[index].passed && w->flight[index].seg.flags & FIN)
		w->fin_lost = true;
	take_out(w, index);
	return true;
}

static bool repeat(struct world *w, unsigned int index)
{
	if (!w->doubles || w->packets == MODEL_FLIGHT)
		return false;
	w->doubles--;
	w->flight[w->packets++] = w->flight[index];
	return true;
}

static bool quiet(const struct world *w)
{
	return !w->packets && !w->end[0].ack_due && !w->end[1].ack_due;
}

static bool unacknowledged(const struct endpoint *e)
{
	return !endpoint_gone(e) && e->una != e->nxt;
}

static bool deed_possible(const struct world *w, const struct plan *plan,
			  unsigned int me)
{
	struct world copy = *w;

	return endpoint_act(&copy, plan, me);
}

static bool retransmit(struct world *w, const struct plan *plan, unsigned int me)
{
	struct endpoint *e = &w->end[me];
	u32 left = e->nxt - e->una - e->fin;

	if (!quiet(w) || !unacknowledged(e))
		return false;
	/* Or one would try for ever, while the other waits. */
	if (endpoint_gone(&w->end[!me]) && deed_possible(w, plan, !me))
		return false;
	if (w->last == me + 1 && unacknowledged(&w->end[!me]))
		return false;
	w->last = me + 1;
	if (e->una == e->isn)
		endpoint_send(w, me,
			      e->state == SYNWARD_SYN_SENT ? SYN : SYN | ACK,
			      e->isn, 0);
	else if (left > MODEL_BYTES)
		endpoint_send(w, me, ACK | PSH, e->una, MODEL_BYTES);
	else
		endpoint_send(w, me, ACK | (e->fin ? FIN : 0), e->una, left);
	return true;
}

static bool doubts(const struct world *w, unsigned int me)
{
	const struct endpoint *e = &w->end[me];

	return (e->state == SYNWARD_ESTABLISHED ||
		e->state == SYNWARD_FIN_WAIT_2 ||
		e->state == SYNWARD_CLOSE_WAIT) && endpoint_gone(&w->end[!me]);
}

static bool keepalive(struct world *w, unsigned int me)
{
	if (!quiet(w) || !doubts(w, me))
		return false;
	endpoint_send(w, me, ACK, w->end[me].nxt - 1, 0);
	return true;
}

bool model_happen(struct world *w, const struct plan *plan, enum happening what,
		  unsigned int index)
{
	bool packet = what >= PASS && what <= DOUBLE;

	if (index >= (packet ? w->packets : 2))
		return false;
	switch (what) {
	case DEED:
		return endpoint_act(w, plan, index);
	case ACKNOWLEDGE:
		if (!w->end[index].ack_due)
			return false;
		endpoint_send(w, index, ACK, w->end[index].nxt, 0);
		return true;
	case PASS:
		if (w->flight[index].passed || w->place != BETWEEN)
			return false;
		pass(w, &w->flight[index]);
		return true;
	case DELIVER:
		return deliver(w, plan, index);
	case DROP:
		return lose(w, index);
	case DOUBLE:
		return repeat(w, index);
	case TIMEOUT:
		return retransmit(w, plan, index);
	case KEEPALIVE:
		return keepalive(w, index);
	default:
		return false;
	}
}

void model_init(struct world *w, const struct plan *plan, enum place place,
		u32 isn0, u32 isn1)
{
	memset(w, 0, sizeof(*w));
	w->end[0].nxt = isn0 - ENDPOINT_ISN_STEP;
	w->end[1].nxt = isn1 - ENDPOINT_ISN_STEP;
	w->end[1].passive = plan->passive;
	endpoint_leave(&w->end[0]);
	endpoint_leave(&w->end[1]);
	w->drops = plan->drops;
	w->doubles = plan->doubles;
	w->place = place;
}

/* -- what is seen of it -- */

bool model_rests(const struct world *w, const struct plan *plan)
{
	unsigned int me;

	if (!quiet(w))
		return false;
	for (me = 0; me < 2; me++)
		if (unacknowledged(&w->end[me]) || doubts(w, me) ||
		    deed_possible(w, plan, me))
			return false;
	return true;
}

u8 model_truth(const struct world *w)
{
	u8 a = endpoint_gone(&w->end[0]) ? SYNWARD_CLOSED : w->end[0].state;
	u8 b = endpoint_gone(&w->end[1]) ? SYNWARD_CLOSED : w->end[1].state;

	return a << 4 | b;
}

u8 model_tracked(const struct world *w)
{
	return tracker_state(&w->tracker, 0) << 4 | tracker_state(&w->tracker, 1);
}

static int compare_packets(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct packet));
}

static void clear_side(struct synward_side *side)
{
	side->packets = 0;
	side->last = 0;
	side->bytes = 0;
}

static void clear_tracker(struct tracker *t)
{
	t->half.retrans = 0;
	t->flow.retrans = 0;
	t->flow.since = 0;
	clear_side(&t->flow.side[0]);
	clear_side(&t->flow.side[1]);
	if (!t->has_half)
		memset(&t->half, 0, sizeof(t->half));
	if (!t->has_flow)
		memset(&t->flow, 0, sizeof(t->flow));
}

u64 model_hash(struct world *w)
{
	qsort(w->flight, w->packets, sizeof(struct packet), compare_packets);
	clear_tracker(&w->tracker);
	return mix(1, w, sizeof(*w));
}

void model_describe(const struct world *w, const struct synward_seg *seg,
		    char *text, size_t size)
{
	const struct endpoint *snd = &w->end[seg->from];
	const struct endpoint *rcv = &w->end[!seg->from];

	snprintf(text, size, "%s%s%s%s%s seq %d ack %d len %u%s",
		 seg->from ? "server" : "client",
		 seg->flags & SYN ? " SYN" : "", seg->flags & ACK ? " ACK" : "",
		 seg->flags & FIN ? " FIN" : "", seg->flags & RST ? " RST" : "",
		 (int)(seg->seq - snd->isn), (int)(seg->ack - rcv->isn),
		 seg->len, seg->trusted ? " trusted" : "");
}
