// SPDX-License-Identifier: GPL-2.0
/* Segments: valid ones, built field by field, and what can be wrong with one. */
#include <arpa/inet.h>
#include <string.h>

#include "random.h"
#include "segment.h"

#define IP4_LEN		20
#define IP6_LEN		40
#define TCP_LEN		20
#define PROTO_TCP	6

static void put16(u8 *p, u16 value)
{
	value = htons(value);
	memcpy(p, &value, sizeof(value));
}

static void put32(u8 *p, u32 value)
{
	value = htonl(value);
	memcpy(p, &value, sizeof(value));
}

static bool one_in(u64 *random, u32 n)
{
	return !random_below(random, n);
}

static bool is_ipv6(const struct segment *seg)
{
	return seg->bytes[0] >> 4 == 6;
}

/* --- a valid segment */

/* Options of a header of any length, Router Alert, and nothing. */
static unsigned int add_ip4_options(u8 *p, u64 *random)
{
	static const u8 alert[] = { 148, 4, 0, 0 };

	if (!one_in(random, 16))
		return 0;
	memcpy(p, alert, sizeof(alert));
	memset(p + 4, 1, 8);
	return 4 + 4 * random_below(random, 3);
}

static unsigned int put_ip4(u8 *p, const struct end *end, u64 *random)
{
	unsigned int options = add_ip4_options(p + IP4_LEN, random);

	memset(p, 0, IP4_LEN);
	p[0] = 0x40 | (IP4_LEN + options) / 4;
	put16(p + 4, random_next(random));
	p[6] = one_in(random, 2) ? 0x40 : 0;
	p[8] = 64;
	p[9] = PROTO_TCP;
	memcpy(p + 12, end->address, 4);
	memcpy(p + 16, end->peer, 4);
	return IP4_LEN + options;
}

/*
 * Hop-by-hop, routing, fragment (the only one), destination options: eight
 * bytes each, padded. The first one's type goes into @next.
 */
static unsigned int add_extensions(u8 *p, u8 *next, u64 *random)
{
	static const u8 types[] = { 0, 43, 44, 60, 60 };
	unsigned int len = 0;
	unsigned int i;

	for (i = 0; i < sizeof(types); i++) {
		if (!one_in(random, 24))
			continue;
		*next = types[i];
		next = p + len;
		memset(next, 0, 8);
		if (types[i] == 0 || types[i] == 60)
			memcpy(next + 2, "\1\4\0\0\0\0", 6);
		len += 8;
	}
	*next = PROTO_TCP;
	return len;
}

static unsigned int put_ip6(u8 *p, const struct end *end, u64 *random)
{
	memset(p, 0, IP6_LEN);
	p[0] = 0x60;
	p[7] = 64;
	memcpy(p + 8, end->address, 16);
	memcpy(p + 24, end->peer, 16);
	return IP6_LEN + add_extensions(p + IP6_LEN, &p[6], random);
}

/* In the order of Linux, each of them there or not. */
static unsigned int put_options(u8 *p, const struct end *end, bool syn, u64 *random)
{
	u8 *begin = p;

	if (syn && !one_in(random, 8)) {
		memcpy(p, "\2\4", 2);
		put16(p + 2, one_in(random, 4) ? random_next(random) : 1460);
		p += 4;
	}
	if (syn && !one_in(random, 4)) {
		memcpy(p, "\4\2", 2);
		p += 2;
	}
	if (!one_in(random, 4)) {
		memcpy(p, "\10\12", 2);
		put32(p + 2, random_next(random));
		put32(p + 6, end->echo);
		p += 10;
	}
	if (syn && !one_in(random, 4)) {
		memcpy(p, "\3\3", 2);
		p[2] = random_below(random, 16);
		p += 3;
	}
	if (one_in(random, 16)) {
		/* Fast Open, MPTCP, MD5, AO, SACK; what they say is nonsense. */
		static const u8 kinds[] = { 34, 30, 19, 29, 5 };
		u8 len = 2 + random_below(random, 10);

		p[0] = kinds[random_below(random, sizeof(kinds))];
		p[1] = len;
		p += len;
	}
	while ((p - begin) & 3)
		*p++ = 1;
	return p - begin;
}

static unsigned int put_tcp(u8 *p, const struct end *end, u8 flags, u64 *random)
{
	unsigned int options = put_options(p + TCP_LEN, end, flags & TCP_SYN, random);

	memset(p, 0, TCP_LEN);
	put16(p, end->port);
	put16(p + 2, end->peer_port);
	put32(p + 4, end->seq);
	put32(p + 8, flags & TCP_ACK ? end->ack : 0);
	p[12] = (TCP_LEN + options) / 4 << 4;
	p[13] = flags;
	put16(p + 14, random_next(random) | 1024);
	return TCP_LEN + options;
}

static void put_length(struct segment *seg)
{
	if (is_ipv6(seg))
		put16(seg->bytes + 4, seg->len - IP6_LEN);
	else
		put16(seg->bytes + 2, seg->len);
}

void segment_make(struct segment *seg, const struct end *end, u8 flags,
		  unsigned int payload, u64 *random)
{
	u8 *p = seg->bytes;

	seg->thoff = end->ipv6 ? put_ip6(p, end, random) : put_ip4(p, end, random);
	seg->doff = put_tcp(p + seg->thoff, end, flags, random);
	seg->len = seg->thoff + seg->doff;
	if (payload) {
		/* Half of them look like the first bytes of TLS. */
		memset(p + seg->len, 0x16, payload);
		memcpy(p + seg->len, "\x16\3\1\2\0\1", payload < 6 ? payload : 6);
		if (one_in(random, 2))
			p[seg->len] = random_next(random);
		seg->len += payload;
	}
	seg->sums = true;
	put_length(seg);
}

/* --- what can be wrong */

static void flip_bit(struct segment *seg, unsigned int from, unsigned int len, u64 *random)
{
	unsigned int at = from + random_below(random, len);

	if (at < seg->len)
		seg->bytes[at] ^= 1 << random_below(random, 8);
}

static void cut(struct segment *seg, u64 *random)
{
	/* Rather in the headers than behind them. */
	u32 most = one_in(random, 4) ? seg->len : seg->thoff + seg->doff;

	seg->len = 1 + random_below(random, most < seg->len ? most : seg->len);
	if (!one_in(random, 4))
		put_length(seg);
}

static void grow(struct segment *seg, u64 *random)
{
	unsigned int more = random_below(random, 64);

	memset(seg->bytes + seg->len, random_next(random), more);
	seg->len += more;
	if (one_in(random, 2))
		put_length(seg);
}

static void spoil_length(struct segment *seg, u64 *random)
{
	put16(seg->bytes + (is_ipv6(seg) ? 4 : 2), one_in(random, 2) ?
	      random_next(random) : seg->len + random_below(random, 17) - 8);
}

/* IPv4: offset and flags. IPv6: the first extension header becomes a fragment header. */
static void spoil_fragment(struct segment *seg, u64 *random)
{
	static const u16 offsets[] = { 1, 2, 3, 8, 0x1fff, 0 };
	u16 offset = offsets[random_below(random, 6)];
	bool more = one_in(random, 2);

	if (!is_ipv6(seg)) {
		put16(seg->bytes + 6, offset | (more ? 0x2000 : 0));
		return;
	}
	seg->bytes[6] = 44;
	put16(seg->bytes + IP6_LEN + 2, offset << 3 | more);
}

static void spoil_next_header(struct segment *seg, u64 *random)
{
	static const u8 protocols[] = { 0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135, 255 };

	seg->bytes[is_ipv6(seg) ? 6 : 9] = protocols[random_below(random, sizeof(protocols))];
}

static void spoil_flags(struct segment *seg, u64 *random)
{
	seg->bytes[seg->thoff + 13] = random_next(random);
}

static void spoil_doff(struct segment *seg, u64 *random)
{
	seg->bytes[seg->thoff + 12] = random_next(random);
}

/* A kind or a length where one may be. */
static void spoil_option(struct segment *seg, u64 *random)
{
	static const u8 values[] = { 0, 1, 2, 3, 4, 5, 8, 10, 19, 29, 30, 34, 40, 254, 255 };

	if (seg->doff > TCP_LEN)
		seg->bytes[seg->thoff + TCP_LEN + random_below(random, seg->doff - TCP_LEN)] =
			values[random_below(random, sizeof(values))];
}

/* An option at the very end of the header, and of the segment, that says it goes on behind it. */
static void spoil_last_option(struct segment *seg, u64 *random)
{
	static const u8 options[][2] = {
		{ 2, 4 }, { 3, 3 }, { 4, 2 }, { 5, 10 },
		{ 8, 10 }, { 19, 18 }, { 34, 6 }, { 254, 4 },
	};
	const u8 *option = options[random_below(random, 8)];
	unsigned int end = seg->thoff + seg->doff, back = 1 + random_below(random, 3);

	if (seg->doff < TCP_LEN + 4)
		return;
	memset(seg->bytes + seg->thoff + TCP_LEN, 1, seg->doff - TCP_LEN);
	memcpy(seg->bytes + end - back, option, back > 1 ? 2 : 1);
	if (one_in(random, 4) && back > 1)
		seg->bytes[end - back + 1] = random_next(random);
	seg->len = end;
	put_length(seg);
}

/* One of the two numbers: nearly right, half the world away, anything. */
static void spoil_number(struct segment *seg, u64 *random)
{
	u8 *p = seg->bytes + seg->thoff + 4 + 4 * random_below(random, 2);
	u32 value;

	memcpy(&value, p, sizeof(value));
	value = ntohl(value);
	switch (random_below(random, 4)) {
	case 0:
		value += random_below(random, 5) - 2;
		break;
	case 1:
		value += 0x80000000u + random_below(random, 3) - 1;
		break;
	case 2:
		value += random_below(random, 1 << 18) - (1 << 17);
		break;
	default:
		value = random_next(random);
	}
	put32(p, value);
}

static void spoil_address(struct segment *seg, u64 *random)
{
	static const u8 bytes[] = { 0, 127, 224, 255, 254, 192 };
	unsigned int len = is_ipv6(seg) ? 16 : 4;
	u8 *p = seg->bytes + (is_ipv6(seg) ? 8 : 12) + len * random_below(random, 2);

	if (one_in(random, 4))
		memcpy(seg->bytes + (is_ipv6(seg) ? 8 : 12), p, len);
	else
		memset(p, bytes[random_below(random, sizeof(bytes))],
		       1 + random_below(random, len));
}

static void swap_ports(struct segment *seg, u64 *random)
{
	u8 *p = seg->bytes + seg->thoff, port[2];

	if (one_in(random, 4)) {
		memset(p + 2 * random_below(random, 2), 0, 2);
		return;
	}
	memcpy(port, p, 2);
	memcpy(p, p + 2, 2);
	memcpy(p + 2, port, 2);
}

static void spoil_sum(struct segment *seg, u64 *random)
{
	seg->sums = false;
	put16(seg->bytes + seg->thoff + 16, random_next(random));
}

static void flip_ip(struct segment *seg, u64 *random)
{
	flip_bit(seg, 0, seg->thoff, random);
}

static void flip_tcp(struct segment *seg, u64 *random)
{
	flip_bit(seg, seg->thoff, seg->doff, random);
}

#define N_MISTAKES	17

void segment_spoil(struct segment *seg, u64 *random)
{
	static void (*const mistakes[N_MISTAKES])(struct segment *seg, u64 *random) = {
		flip_ip, flip_tcp, cut, grow, spoil_length, spoil_fragment, spoil_next_header,
		spoil_flags, spoil_doff, spoil_option, spoil_option, spoil_last_option,
		spoil_number, spoil_number, spoil_address, swap_ports, spoil_sum,
	};
	unsigned int n = 1 + random_below(random, 4);

	while (n--)
		mistakes[random_below(random, N_MISTAKES)](seg, random);
}

/* --- checksums */

static u32 sum(u32 total, const u8 *p, unsigned int len)
{
	for (; len > 1; p += 2, len -= 2)
		total += p[0] << 8 | p[1];
	return len ? total + (p[0] << 8) : total;
}

static u16 fold(u32 total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total;
}

/* By what the packet is now: a wrong version or length has a right checksum too. */
void segment_seal(struct segment *seg)
{
	unsigned int ihl = (seg->bytes[0] & 15) * 4, tcp_len = seg->len - seg->thoff;
	u8 *tcp = seg->bytes + seg->thoff;
	bool ipv6 = is_ipv6(seg);
	u32 total;

	if (!ipv6 && seg->len >= IP4_LEN && ihl <= seg->len) {
		put16(seg->bytes + 10, 0);
		put16(seg->bytes + 10, fold(sum(0, seg->bytes, ihl)));
	}
	if (!seg->sums || seg->len < seg->thoff + TCP_LEN)
		return;
	put16(tcp + 16, 0);
	total = sum(PROTO_TCP + tcp_len, seg->bytes + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
	put16(tcp + 16, fold(sum(total, tcp, tcp_len)));
}

unsigned int segment_tcp(const u8 *bytes, unsigned int len)
{
	unsigned int thoff;

	if (len >= IP6_LEN + TCP_LEN && bytes[0] >> 4 == 6)
		return bytes[6] == PROTO_TCP ? IP6_LEN : 0;
	if (len < IP4_LEN + TCP_LEN || bytes[0] >> 4 != 4 || bytes[9] != PROTO_TCP)
		return 0;
	thoff = (bytes[0] & 15) * 4;
	return thoff + TCP_LEN <= len ? thoff : 0;
}
