// SPDX-License-Identifier: GPL-2.0
/* Times of the handshake: how they are packed and counted. */
#include "latency.h"

#include "harness.h"
#include "random.h"

static void check_error(struct __test_metadata *_metadata, u32 us)
{
	u32 back = synward_latency_unpack(synward_latency_pack(us));

	/* Rounded down, by less than a thousandth. */
	ASSERT_LE(back, us);
	ASSERT_LT((u64)(us - back) * 1000, us ? us : 1)
		TH_LOG("%u becomes %u", us, back);
}

TEST(small_times_are_exact)
{
	u32 us;

	for (us = 0; us < 4096; us++)
		ASSERT_EQ(us & ~(us >> 11), synward_latency_unpack(synward_latency_pack(us)));
}

TEST(packed_is_off_by_less_than_a_thousandth)
{
	u64 random = 1;
	u32 us, i;

	for (us = 0; us < 3000000; us++)
		check_error(_metadata, us);
	for (i = 0; i < 3000000; i++)
		check_error(_metadata, random_next(&random) >> i % 32);
	for (i = 0; i < 32; i++) {
		check_error(_metadata, 1U << i);
		check_error(_metadata, (1U << i) - 1);
		check_error(_metadata, ~0U >> i);
		check_error(_metadata, ~0U << i);
	}
}

TEST(packing_keeps_the_order)
{
	u64 random = 2;
	u32 i;

	for (i = 0; i < 3000000; i++) {
		u32 a = random_next(&random) >> i % 32;
		u32 b = a + random_below(&random, 1 + a / 100);

		if (b < a)
			continue;
		ASSERT_LE(synward_latency_pack(a), synward_latency_pack(b));
	}
}

TEST(packed_times_unpack_to_themselves)
{
	u32 packed;

	/* All that pack() makes: a mantissa without its highest bit is small. */
	for (packed = 0; packed <= synward_latency_pack(~0U); packed++) {
		if (packed >> 11 && !(packed & 0x400))
			continue;
		ASSERT_EQ(packed,
			  synward_latency_pack(synward_latency_unpack(packed)));
	}
}

/* Bucket i counts times below 2^i us, the last one all the rest. */
TEST(buckets)
{
	unsigned int i, kind;

	for (i = 0; i < SYNWARD_LATENCY_BUCKETS; i++) {
		struct synward_latency lat = {};
		u32 most = i == SYNWARD_LATENCY_BUCKETS - 1 ? ~0U : (1U << i) - 1;
		u32 least = i ? 1U << (i - 1) : 0;

		synward_latency_count(&lat, SYNWARD_LATENCY_ACK, least);
		synward_latency_count(&lat, SYNWARD_LATENCY_ACK, most);
		synward_latency_count(&lat, SYNWARD_LATENCY_SYNACK, most);
		EXPECT_EQ(2, lat.count[SYNWARD_LATENCY_ACK][i]);
		EXPECT_EQ(1, lat.count[SYNWARD_LATENCY_SYNACK][i]);
		for (kind = 0; kind < SYNWARD_LATENCY_MAX; kind++)
			lat.count[kind][i] = 0;
		EXPECT_EQ(0, memcmp(&lat, &(struct synward_latency){}, sizeof(lat)));
	}
}

TEST_HARNESS_MAIN
