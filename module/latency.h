/* SPDX-License-Identifier: GPL-2.0 */
/* Times of the handshake: a clock, a compact form, histograms. */
#ifndef SYNWARD_LATENCY_H
#define SYNWARD_LATENCY_H

#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/types.h>

/* Bucket i counts times below 2^i us; the last one all the rest (> 33 s). */
#define SYNWARD_LATENCY_BUCKETS	27

enum synward_latency_kind {
	SYNWARD_LATENCY_SYNACK,	/* SYN to SYN-ACK: the server */
	SYNWARD_LATENCY_ACK,	/* SYN-ACK to ACK: the network */
	SYNWARD_LATENCY_MAX
};

struct synward_latency {
	u64 count[SYNWARD_LATENCY_MAX][SYNWARD_LATENCY_BUCKETS];
};

/* Microseconds modulo 2^32, that is 71 minutes. */
static inline u32 synward_latency_now_us(void)
{
	return (u32)div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

static inline void synward_latency_count(struct synward_latency __percpu *lat,
					 enum synward_latency_kind kind, u32 us)
{
	unsigned int bucket = us ? ilog2(us) + 1 : 0;

	if (bucket >= SYNWARD_LATENCY_BUCKETS)
		bucket = SYNWARD_LATENCY_BUCKETS - 1;
	this_cpu_inc(lat->count[kind][bucket]);
}

/* A time in 16 bits: 11 bits of mantissa, 5 of exponent, off by < 0.1 %. */
static inline u16 synward_latency_pack(u32 us)
{
	unsigned int exp = us >> 11 ? ilog2(us) - 10 : 0;

	return exp << 11 | us >> exp;
}

static inline u32 synward_latency_unpack(u16 packed)
{
	return (u32)(packed & 0x7ff) << (packed >> 11);
}

#endif
