// SPDX-License-Identifier: GPL-2.0
/*
 * Data both ways under flow control, on a way that loses, doubles and
 * reorders on both sides of the tracker. A good connection must never be found
 * fault with: who refuses one segment of it refuses the answers to it as well.
 */
#include "harness.h"
#include "random.h"
#include "state.h"

#define QUEUE_MAX	64
#define MSS		1460U
#define LIVES		1000
#define HAPPENINGS	200000

/**
 * struct tcp - one endpoint
 * @una:     SND.UNA
 * @nxt:     SND.NXT
 * @edge:    up to where it may send: the right edge of the peer's window
 * @total:   where its data ends, the FIN not included
 * @rcv:     RCV.NXT
 * @promise: right edge of its own window, as far as it was ever offered
 * @unread:  bytes that its application has yet to read
 * @buffer:  bytes that it can hold
 * @scale:   window scale, SYNWARD_WSCALE_NONE without
 * @due:     it owes an ACK
 */
struct tcp {
	u32 una;
	u32 nxt;
	u32 edge;
	u32 total;
	u32 rcv;
	u32 promise;
	u32 unread;
	u32 buffer;
	u8 scale;
	bool due;
};

struct packet {
	struct synward_seg seg;
	bool again;	/* doubled on the way: may be as old as it likes */
};

/* One direction on one side of the tracker. */
struct queue {
	struct packet packet[QUEUE_MAX];
	unsigned int used;
};

/**
 * struct life - a connection
 * @conn:    as the tracker sees it
 * @end:     the endpoints
 * @before:  towards the tracker, by sender
 * @behind:  from the tracker on, by sender
 * @scaled:  both offer window scaling
 * @refused: judgement of the first good segment that was found fault with
 * @what:    that segment
 * @random:  state of the generator
 */
struct life {
	struct synward_conn conn;
	struct tcp end[2];
	struct queue before[2];
	struct queue behind[2];
	bool scaled;
	enum synward_judgement refused;
	struct synward_seg what;
	u64 random;
};

static bool one_in(struct life *l, u32 n)
{
	return random_below(&l->random, n) == 0;
}

static void put(struct queue *q, const struct packet *p)
{
	if (q->used < QUEUE_MAX)
		q->packet[q->used++] = *p;
}

/* One of the three that came first: nothing is overtaken by more than two. */
static bool get(struct life *l, struct queue *q, struct packet *p)
{
	unsigned int i;

	if (!q->used)
		return false;
	i = one_in(l, 4) ? random_below(&l->random, q->used < 3 ? q->used : 3) : 0;
	*p = q->packet[i];
	memmove(&q->packet[i], &q->packet[i + 1],
		(q->used - i - 1) * sizeof(*q->packet));
	q->used--;
	return true;
}

static u8 shift(const struct life *l, unsigned int me)
{
	return l->scaled ? l->end[me].scale : 0;
}

/* 3.8.6: the right edge never moves back, and ends on a multiple of the scale. */
static u16 offer(struct life *l, unsigned int me)
{
	struct tcp *t = &l->end[me];
	u32 room = t->unread < t->buffer ? t->buffer - t->unread : 0;
	u32 old = t->promise - t->rcv;
	u32 unit = 1U << shift(l, me);
	u32 field;

	if (room < old)
		room = old;
	field = (room + unit - 1) / unit;
	if (field > U16_MAX)
		field = U16_MAX;
	if (synward_after(t->rcv + field * unit, t->promise))
		t->promise = t->rcv + field * unit;
	return field;
}

static void send_seg(struct life *l, unsigned int me, u8 flags, u32 seq, u32 len)
{
	struct packet p = {
		.seg = {
			.seq = seq,
			.ack = l->end[me].rcv,
			.len = len,
			.window = offer(l, me),
			.flags = flags | SYNWARD_TCP_ACK,
			.from = me,
			.wscale = SYNWARD_WSCALE_NONE,
		},
	};

	l->end[me].due = false;
	put(&l->before[me], &p);
}

/* -- what endpoints do -- */

static void send_data(struct life *l, unsigned int me)
{
	struct tcp *t = &l->end[me];
	u32 len = t->total - t->nxt;

	if (!synward_before(t->nxt, t->total) || !synward_before(t->nxt, t->edge))
		return;
	if (len > t->edge - t->nxt)
		len = t->edge - t->nxt;
	if (len > MSS)
		len = one_in(l, 2) ? MSS : 1 + random_below(&l->random, MSS);
	t->nxt += len;
	send_seg(l, me, SYNWARD_TCP_PSH, t->nxt - len, len);
}

static void send_fin(struct life *l, unsigned int me)
{
	struct tcp *t = &l->end[me];

	if (t->nxt != t->total || !synward_before(t->nxt, t->edge))
		return;
	t->nxt++;
	send_seg(l, me, SYNWARD_TCP_FIN, t->total, 0);
}

/* Goes back to what is not acknowledged, or asks with one byte before it. */
static void time_out(struct life *l, unsigned int me)
{
	struct tcp *t = &l->end[me];
	u32 len = t->total - t->una;

	if (t->una == t->total && t->nxt == t->total + 1) {
		send_seg(l, me, SYNWARD_TCP_FIN, t->total, 0);
	} else if (t->una == t->nxt) {
		send_seg(l, me, 0, t->una - 1, 0);
	} else {
		if (len > MSS)
			len = MSS;
		if (len > t->nxt - t->una)
			len = t->nxt - t->una;
		send_seg(l, me, 0, t->una, len);
	}
}

static void read_some(struct life *l, unsigned int me)
{
	struct tcp *t = &l->end[me];

	if (!t->unread)
		return;
	t->unread -= 1 + random_below(&l->random, t->unread);
	if (one_in(l, 2))
		send_seg(l, me, 0, t->nxt, 0);
}

/* 3.10.7.4, fifth check; an older segment does not take a window back. */
static void take_ack(struct tcp *t, const struct synward_seg *seg, u8 scale)
{
	u32 edge = seg->ack + ((u32)seg->window << scale);

	if (synward_after(seg->ack, t->una))
		t->una = seg->ack;
	if (synward_after(edge, t->edge))
		t->edge = edge;
}

static void arrive(struct life *l, unsigned int me, const struct synward_seg *seg)
{
	struct tcp *t = &l->end[me];
	bool fin = seg->flags & SYNWARD_TCP_FIN;
	u32 end = seg->seq + seg->len + fin;

	take_ack(t, seg, shift(l, !me));
	/* Segments that ask for an answer, and those that bring nothing new. */
	if (seg->seq != t->rcv || (seg->len && synward_after(end, t->promise))) {
		t->due |= seg->len || fin || synward_before(seg->seq, t->rcv);
		return;
	}
	t->rcv = end;
	t->unread += seg->len;
	if (seg->len || fin)
		t->due = true;
	if (synward_after(t->rcv, t->promise))
		t->promise = t->rcv;
}

/* -- what the way does -- */

static void pass(struct life *l, unsigned int from)
{
	enum synward_judgement what;
	struct packet p;

	if (!get(l, &l->before[from], &p) || one_in(l, 40))
		return;
	what = synward_state_step(&l->conn, &p.seg, 0);
	if (what != SYNWARD_SEG_OK && !p.again && l->refused == SYNWARD_SEG_OK) {
		l->refused = what;
		l->what = p.seg;
	}
	put(&l->behind[from], &p);
	p.again = true;
	if (one_in(l, 40))
		put(&l->before[from], &p);
}

static void deliver(struct life *l, unsigned int from)
{
	struct packet p;

	if (get(l, &l->behind[from], &p) && !one_in(l, 40))
		arrive(l, !from, &p.seg);
}

static void handshake(struct life *l)
{
	struct tcp *c = &l->end[SYNWARD_CLIENT];
	struct tcp *s = &l->end[SYNWARD_SERVER];
	struct synward_seg seg = {
		.seq = c->una - 1,
		.flags = SYNWARD_TCP_SYN,
		.from = SYNWARD_CLIENT,
		.window = c->buffer > U16_MAX ? U16_MAX : c->buffer,
		.wscale = c->scale,
	};

	synward_state_open(&l->conn, &seg, 0);
	s->edge = c->una + seg.window;
	s->edge = s->una + seg.window;
	c->promise = s->una + seg.window;
	seg.seq = s->una - 1;
	seg.ack = c->una;
	seg.flags = SYNWARD_TCP_SYN | SYNWARD_TCP_ACK;
	seg.from = SYNWARD_SERVER;
	seg.window = s->buffer > U16_MAX ? U16_MAX : s->buffer;
	seg.wscale = s->scale;
	synward_state_step(&l->conn, &seg, 0);
	c->edge = c->una + seg.window;
	s->promise = c->una + seg.window;
	send_seg(l, SYNWARD_CLIENT, 0, c->una, 0);
}

static void begin(struct life *l, u64 seed)
{
	unsigned int i;

	memset(l, 0, sizeof(*l));
	l->random = seed;
	for (i = 0; i < 2; i++) {
		struct tcp *t = &l->end[i];

		t->una = random_next(&l->random);
		/* Most often it wraps on the way. */
		if (!one_in(l, 4))
			t->una = 0U - random_below(&l->random, 200000);
		t->nxt = t->una;
		t->total = t->una + random_below(&l->random, 300000);
		t->buffer = 1 + random_below(&l->random, one_in(l, 2) ? 10000 : 500000);
		t->scale = one_in(l, 4) ? SYNWARD_WSCALE_NONE :
					  random_below(&l->random, 15);
	}
	l->end[0].rcv = l->end[1].una;
	l->end[1].rcv = l->end[0].una;
	l->scaled = l->end[0].scale != SYNWARD_WSCALE_NONE &&
		    l->end[1].scale != SYNWARD_WSCALE_NONE;
	handshake(l);
}

static void happen(struct life *l)
{
	unsigned int me = random_below(&l->random, 2);

	switch (random_below(&l->random, 12)) {
	case 0 ... 2:
		send_data(l, me);
		break;
	case 3 ... 5:
		pass(l, me);
		break;
	case 6 ... 8:
		deliver(l, me);
		break;
	case 9:
		read_some(l, me);
		break;
	case 10:
		if (l->end[me].due)
			send_seg(l, me, 0, l->end[me].nxt, 0);
		break;
	case 11:
		if (one_in(l, 20))
			time_out(l, me);
		else if (one_in(l, 20))
			send_fin(l, me);
		break;
	}
}

static bool finished(const struct life *l)
{
	return l->end[0].una == l->end[0].total + 1 &&
	       l->end[1].una == l->end[1].total + 1;
}

/* Return: whether both have sent all that they had. */
static bool live(struct __test_metadata *_metadata, u64 seed)
{
	struct life l;
	unsigned int n;

	begin(&l, seed);
	for (n = 0; n < HAPPENINGS && !finished(&l) && !l.refused; n++)
		happen(&l);
	ASSERT_EQ(SYNWARD_SEG_OK, l.refused)
		TH_LOG("seed %llu, after %u: from %u seq %u ack %u len %u",
		       (unsigned long long)seed, n, l.what.from, l.what.seq,
		       l.what.ack, l.what.len);
	if (!finished(&l))
		return false;
	EXPECT_TRUE(synward_conn_over(&l.conn));
	return true;
}

TEST(flow_control)
{
	unsigned int done = 0;
	u64 seed;

	for (seed = 1; seed <= LIVES; seed++)
		done += live(_metadata, seed);
	/* Some crawl, with a window of a few bytes. */
	EXPECT_GT(done, LIVES * 9 / 10);
}

TEST_HARNESS_MAIN
