// SPDX-License-Identifier: GPL-2.0
/* Bytes to segments. See segments.h. */
#include "segments.h"

#define FIN	SYNWARD_TCP_FIN
#define SYN	SYNWARD_TCP_SYN
#define RST	SYNWARD_TCP_RST
#define PSH	SYNWARD_TCP_PSH
#define ACK	SYNWARD_TCP_ACK

/* Low bits of the first byte. */
#define FROM	0x01
#define TRUSTED	0x02
#define FLAGS	0x1c
#define FLAGS_SHIFT 2
#define DATA	0x20
#define WILD	0xc0	/* both set: numbers from nowhere */

static u32 wild(const u8 *data)
{
	return data[4] | data[5] << 8 | data[6] << 16 | (u32)data[7] << 24;
}

/* A small step to either side. */
static u32 near(u8 byte)
{
	return (u32)(byte & 0x1f) - 16;
}

static u32 window_of(const struct synward_conn *c, unsigned int role, u32 field)
{
	unsigned int scale = synward_conn_wscale(c, role);

	return field << (scale > SYNWARD_WSCALE_MAX ? 0 : scale);
}

static u32 make_seq(const struct synward_conn *c, unsigned int from, u8 how)
{
	const struct synward_side *snd = &c->side[from];
	const struct synward_side *rcv = &c->side[!from];

	switch (how >> 5) {
	case 1:
		return rcv->ack;
	case 2:
		return snd->isn + near(how);
	case 3:
		return snd->end + near(how);
	case 4:
		return rcv->ack + near(how);
	case 5:
		return rcv->ack + window_of(c, !from, rcv->win) + near(how);
	case 6:
		return rcv->ack - window_of(c, !from, U16_MAX) + near(how);
	}
	return snd->end;
}

static u32 make_ack(const struct synward_conn *c, unsigned int from, u8 how)
{
	const struct synward_side *snd = &c->side[from];
	const struct synward_side *rcv = &c->side[!from];

	switch (how >> 5) {
	case 1:
		return rcv->isn + 1;
	case 2:
		return rcv->isn + near(how);
	case 3:
		return rcv->end + near(how);
	case 4:
		return snd->ack + near(how);
	case 5:
		return snd->ack - window_of(c, from, U16_MAX) + near(how);
	case 6:
		return rcv->end + U16_MAX + near(how);
	}
	return rcv->end;
}

/*
 * Those that module/packet.c lets pass; URG and PSH mean nothing here. A RST
 * that is believed is the end of it: few of them.
 */
static u8 make_flags(const u8 *data)
{
	static const u8 flags[] = { ACK, FIN | ACK, SYN, SYN | ACK,
				    RST, RST | ACK, ACK, FIN | ACK };
	u8 chosen = flags[(data[0] & FLAGS) >> FLAGS_SHIFT];

	if (chosen & RST && data[6] & 0xe0)
		chosen = ACK;
	return chosen | (data[7] & (PSH | SYNWARD_TCP_URG));
}

/* Our own socket tells the truth: it does not send data before it is there. */
static bool has_socket(const struct synward_side *snd)
{
	return snd->state >= SYNWARD_SYN_RECEIVED &&
	       snd->state != SYNWARD_TIME_WAIT;
}

static u32 make_len(const u8 *data)
{
	if (!(data[0] & DATA))
		return 0;
	return data[3] < 128 ? data[3] : (data[3] - 127) * 1460;
}

void segments_make(const struct synward_conn *c, struct synward_seg *seg,
		   const u8 *data)
{
	u8 from = data[0] & FROM;

	*seg = (struct synward_seg) {
		.seq = make_seq(c, from, data[1]),
		.ack = make_ack(c, from, data[2]),
		.len = make_len(data),
		.window = data[4] | data[5] << 8,
		.flags = make_flags(data),
		.from = from,
		.wscale = data[6] & 0xf,
		.trusted = data[0] & TRUSTED && has_socket(&c->side[from]),
	};
	if (seg->trusted) {
		/* The truth, of which we may have missed a little. */
		seg->seq = c->side[from].end + (data[1] & 3);
		seg->ack = c->side[!from].end + (data[2] & 3);
	} else if ((data[0] & WILD) == WILD && data[6] & 0x10) {
		if (data[6] & 0x08)
			seg->seq = wild(data);
		else
			seg->ack = wild(data);
	}
	if (!(seg->flags & SYN))
		seg->wscale = SYNWARD_WSCALE_NONE;
}

bool segments_begin(struct synward_conn *c, struct synward_seg *seg,
		    const u8 *data)
{
	bool pick_up = data[0] & TRUSTED && data[0] & DATA;

	*seg = (struct synward_seg) {
		.seq = wild(data),
		.len = make_len(data),
		.window = data[1] | data[2] << 8,
		.flags = SYN,
		.wscale = data[2] & 0xf,
	};
	if (pick_up) {
		seg->ack = ~wild(data) * 7;
		seg->flags = data[0] & FLAGS ? ACK : ACK | FIN;
		seg->from = data[0] & FROM;
		seg->wscale = SYNWARD_WSCALE_NONE;
		seg->trusted = true;
		synward_state_pick_up(c, seg, 0);
	} else {
		synward_state_open(c, seg, 0);
	}
	return pick_up;
}
