// SPDX-License-Identifier: GPL-2.0
/*
 * The options of a SYN. Every parse happens in memory that ends where the
 * options end: the sanitizer sees a byte read too many.
 */
#include "options.h"

#include "harness.h"
#include "random.h"
#include "state.h"

#define OPTIONS_MAX	40

static struct synward_options parse(const u8 *bytes, size_t len)
{
	struct synward_options opt;
	u8 *exact = malloc(len);

	if (len)
		memcpy(exact, bytes, len);
	/* The parser fills all of it. */
	memset(&opt, 0xaa, sizeof(opt));
	synward_options_parse(&opt, exact, len);
	free(exact);
	return opt;
}

#define PARSE(...)							\
	({								\
		static const u8 bytes[] = { __VA_ARGS__ };		\
									\
		parse(bytes, sizeof(bytes));				\
	})

static void expect_nothing(struct __test_metadata *_metadata,
			   const struct synward_options *opt)
{
	EXPECT_EQ(0, opt->mss);
	EXPECT_EQ(SYNWARD_WSCALE_NONE, opt->wscale);
	EXPECT_EQ(0, opt->tsval);
	EXPECT_EQ(0, opt->tsecr);
	EXPECT_FALSE(opt->has_ts);
	EXPECT_FALSE(opt->has_sack);
	EXPECT_FALSE(opt->has_tfo);
	EXPECT_FALSE(opt->has_md5);
	EXPECT_FALSE(opt->has_ao);
	EXPECT_FALSE(opt->has_join);
}

#define EXPECT_NOTHING(...)						\
	do {								\
		struct synward_options opt = PARSE(__VA_ARGS__);	\
									\
		expect_nothing(_metadata, &opt);			\
	} while (0)

TEST(none)
{
	struct synward_options opt = parse(NULL, 0);

	expect_nothing(_metadata, &opt);
	EXPECT_NOTHING(0);
	EXPECT_NOTHING(1);
	EXPECT_NOTHING(1, 1, 1, 1);
	EXPECT_NOTHING(0, 2, 4, 5, 0xb4);
	EXPECT_NOTHING(1, 1, 0, 2, 4, 5, 0xb4);
}

/* As Linux sends them. */
TEST(all_of_linux)
{
	struct synward_options opt = PARSE(2, 4, 0x05, 0xb4, 4, 2,
					   8, 10, 0x12, 0x34, 0x56, 0x78,
					   0x9a, 0xbc, 0xde, 0xf0, 1, 3, 3, 7);

	EXPECT_EQ(1460, opt.mss);
	EXPECT_EQ(7, opt.wscale);
	EXPECT_TRUE(opt.has_sack);
	EXPECT_TRUE(opt.has_ts);
	EXPECT_EQ(0x12345678U, opt.tsval);
	EXPECT_EQ(0x9abcdef0U, opt.tsecr);
	EXPECT_FALSE(opt.has_tfo);
	EXPECT_FALSE(opt.has_md5);
	EXPECT_FALSE(opt.has_ao);
}

static bool same(const struct synward_options *a, const struct synward_options *b)
{
	return a->tsval == b->tsval && a->tsecr == b->tsecr && a->mss == b->mss &&
	       a->wscale == b->wscale && a->has_ts == b->has_ts &&
	       a->has_sack == b->has_sack && a->has_tfo == b->has_tfo &&
	       a->has_md5 == b->has_md5 && a->has_ao == b->has_ao &&
	       a->has_join == b->has_join;
}

/* The layout that is taken at one glance, and all that differ from it by a byte. */
TEST(linux_at_one_glance)
{
	/* With the end of options behind it, it is parsed option by option. */
	u8 bytes[24] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x12, 0x34, 0x56, 0x78,
			 0x9a, 0xbc, 0xde, 0xf0, 1, 3, 3, 7 };
	unsigned int i, value;

	for (i = 0; i < 20; i++) {
		u8 kept = bytes[i];

		for (value = 0; value < 256; value++) {
			struct synward_options glance, slow;

			bytes[i] = value;
			glance = parse(bytes, 20);
			slow = parse(bytes, 24);
			EXPECT_TRUE(same(&glance, &slow))
				TH_LOG("byte %u is %u", i, value);
		}
		bytes[i] = kept;
	}
}

TEST(mss)
{
	EXPECT_EQ(1, PARSE(2, 4, 0, 1).mss);
	EXPECT_EQ(255, PARSE(2, 4, 0, 255).mss);
	EXPECT_EQ(256, PARSE(2, 4, 1, 0).mss);
	EXPECT_EQ(65535, PARSE(2, 4, 255, 255).mss);
	/* None is as good as 0. */
	EXPECT_EQ(0, PARSE(2, 4, 0, 0).mss);
	/* The last one counts, as in tcp_parse_options(), which skips 0. */
	EXPECT_EQ(1400, PARSE(2, 4, 0x05, 0xb4, 2, 4, 0x05, 0x78).mss);
	EXPECT_EQ(1460, PARSE(2, 4, 0x05, 0xb4, 2, 4, 0, 0).mss);
	/* The wrong length. */
	EXPECT_NOTHING(2, 3, 5);
	EXPECT_NOTHING(2, 5, 5, 0xb4, 0);
	EXPECT_NOTHING(2, 2);
}

TEST(window_scale)
{
	u8 bytes[] = { 3, 3, 0 };
	unsigned int shift;

	/* RFC 7323 2.3: more than 14 means 14. */
	for (shift = 0; shift < 256; shift++) {
		bytes[2] = shift;
		EXPECT_EQ(shift < 14 ? shift : 14,
			  parse(bytes, sizeof(bytes)).wscale);
	}
	EXPECT_EQ(2, PARSE(3, 3, 9, 3, 3, 2).wscale);
	EXPECT_NOTHING(3, 2);
	EXPECT_NOTHING(3, 4, 7, 7);
}

TEST(sack)
{
	EXPECT_TRUE(PARSE(4, 2).has_sack);
	EXPECT_FALSE(PARSE(4, 3, 0).has_sack);
	EXPECT_TRUE(PARSE(4, 2, 4, 3, 0).has_sack);
	EXPECT_FALSE(PARSE(5, 10, 0, 0, 0, 1, 0, 0, 0, 2).has_sack);
}

TEST(timestamps)
{
	struct synward_options opt;

	opt = PARSE(8, 10, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_TRUE(opt.has_ts);
	EXPECT_EQ(0, opt.tsval);
	opt = PARSE(8, 10, 255, 255, 255, 255, 255, 255, 255, 254);
	EXPECT_EQ(0xffffffffU, opt.tsval);
	EXPECT_EQ(0xfffffffeU, opt.tsecr);
	EXPECT_FALSE(PARSE(8, 9, 0, 0, 0, 1, 0, 0, 0).has_ts);
	EXPECT_FALSE(PARSE(8, 11, 0, 0, 0, 1, 0, 0, 0, 0, 0).has_ts);
}

TEST(fastopen)
{
	EXPECT_TRUE(PARSE(34, 2).has_tfo);
	EXPECT_TRUE(PARSE(34, 10, 1, 2, 3, 4, 5, 6, 7, 8).has_tfo);
	EXPECT_FALSE(PARSE(34, 1).has_tfo);
}

/* Kind 254 belongs to whom the next two bytes say. */
TEST(experimental_fastopen)
{
	EXPECT_TRUE(PARSE(254, 4, 0xf9, 0x89).has_tfo);
	EXPECT_TRUE(PARSE(254, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8).has_tfo);
	EXPECT_TRUE(PARSE(254, 4, 0xf9, 0x89, 254, 4, 0xe2, 0xd4).has_tfo);
	EXPECT_TRUE(PARSE(2, 4, 5, 0xb4, 254, 4, 0xf9, 0x89, 3, 3, 7).has_tfo);
	/* Another experiment, the other kind for them, cut or too short. */
	EXPECT_NOTHING(254, 6, 0xe2, 0xd4, 0xc3, 0xd9);
	EXPECT_NOTHING(254, 4, 0x89, 0xf9);
	EXPECT_NOTHING(253, 4, 0xf9, 0x89);
	EXPECT_NOTHING(254, 4, 0xf9);
	EXPECT_NOTHING(254, 3, 0xf9, 0x89);
	EXPECT_NOTHING(254, 2, 0xf9, 0x89);
}

TEST(authentication)
{
	EXPECT_TRUE(PARSE(19, 18, 0, 0, 0, 0, 0, 0, 0, 0,
			  0, 0, 0, 0, 0, 0, 0, 0).has_md5);
	EXPECT_TRUE(PARSE(29, 16, 0, 0, 0, 0, 0, 0, 0, 0,
			  0, 0, 0, 0, 0, 0).has_ao);
	EXPECT_FALSE(PARSE(19, 18, 0, 0).has_md5);
}

/* RFC 8684: MP_CAPABLE, and what is too short to say. */
TEST(mptcp)
{
	EXPECT_TRUE(PARSE(30, 12, 0x10, 1, 0, 0, 0, 1, 0, 0, 0, 2).has_join);
	EXPECT_TRUE(PARSE(30, 3, 0x1f).has_join);
	EXPECT_NOTHING(30, 4, 0x01, 1);
	EXPECT_NOTHING(30, 4, 0x21, 1);
	EXPECT_NOTHING(30, 2, 0x10);
	EXPECT_NOTHING(30, 12, 0x10, 1);
}

TEST(unknown_kinds_are_skipped)
{
	u8 bytes[] = { 0, 6, 3, 3, 4, 2, 3, 3, 5 };
	unsigned int kind;

	for (kind = 0; kind < 256; kind++) {
		struct synward_options opt;

		bytes[0] = kind;
		opt = parse(bytes, sizeof(bytes));
		if (kind == 0) {
			expect_nothing(_metadata, &opt);
			continue;
		}
		/* NOP has no length: what follows is kind 6, length 3. */
		EXPECT_EQ(5, opt.wscale);
		EXPECT_EQ(kind == 1, opt.has_sack);
	}
}

/* A length that cannot be ends it; what came before holds. */
TEST(bad_lengths)
{
	static const u8 lengths[] = { 0, 1, 41, 254, 255 };
	u8 bytes[OPTIONS_MAX] = { 3, 3, 4 };
	unsigned int kind, i;

	for (kind = 2; kind < 256; kind++) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			struct synward_options opt;

			bytes[3] = kind;
			bytes[4] = lengths[i];
			bytes[5] = 4;
			bytes[6] = 2;
			opt = parse(bytes, sizeof(bytes));
			EXPECT_EQ(4, opt.wscale);
			EXPECT_FALSE(opt.has_sack);
			EXPECT_FALSE(opt.has_tfo);
			EXPECT_FALSE(opt.has_md5);
			EXPECT_FALSE(opt.has_ao);
			EXPECT_FALSE(opt.has_ts);
		}
	}
}

/* Cut at every byte: whole options hold, the one that is cut does not. */
TEST(truncated)
{
	static const u8 bytes[OPTIONS_MAX] = {
		2, 4, 0x05, 0xb4, 1, 3, 3, 7, 4, 2,
		8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	unsigned int len;

	for (len = 0; len <= OPTIONS_MAX; len++) {
		struct synward_options opt = parse(bytes, len);

		EXPECT_EQ(len < 4 ? 0 : 1460, opt.mss);
		EXPECT_EQ(len < 8 ? SYNWARD_WSCALE_NONE : 7, opt.wscale);
		EXPECT_EQ(len >= 10, opt.has_sack);
		EXPECT_EQ(len >= 20, opt.has_ts);
		EXPECT_EQ(len >= 20, opt.tsval);
		EXPECT_EQ(len >= 30, opt.has_tfo);
	}
}

/* Every kind and every length, alone, in every amount of memory. */
TEST(every_kind_and_length)
{
	u8 bytes[OPTIONS_MAX];
	unsigned int kind, size, len;

	memset(bytes, 0xff, sizeof(bytes));
	for (kind = 0; kind < 256; kind++) {
		for (size = 0; size < 256; size++) {
			bytes[0] = kind;
			bytes[1] = size;
			for (len = 0; len <= OPTIONS_MAX; len += 1 + len / 3)
				parse(bytes, len);
		}
	}
}

TEST_HARNESS_MAIN
