// SPDX-License-Identifier: GPL-2.0
/*
 * Small lives in every order of events: each segment lost, doubled, overtaken.
 * Wherever such a life comes to rest, the tracker must say what both endpoints
 * of the model are in truth. It is excused only where nobody could know: where
 * another life, in which it is right, looks the same from where it stands.
 *
 * With more losses there are too many orders to try them all: there some are
 * drawn by lot.
 */
#include "harness.h"
#include "random.h"
#include "search.h"

#define LOTS	3000U

static void check_all(struct __test_metadata *_metadata, const struct plan *plan,
		      enum place place)
{
	struct world start;
	struct search s;

	ASSERT_TRUE(search_init(&s, plan));
	/* Both wrap: one at the end of the handshake, one at its beginning. */
	model_init(&start, plan, place, 0xfffffffe, 0xffffffff);
	search_run(&s, &start);
	EXPECT_FALSE(s.stop) TH_LOG("there is no end to it");
	EXPECT_GT(s.rests, 0);
	s.wanted = search_find_error(&s);
	printf("# %u lost, %u doubled: %u worlds, %u at rest, %u that nobody could know\n",
	       plan->drops, plan->doubles, s.worlds, s.rests, s.excused);
	EXPECT_EQ(0, s.wanted);
	if (s.wanted)
		search_run(&s, &start);
	if (s.stop)
		search_show(&s, start);
	search_exit(&s);
}

static void check_by_lot(struct __test_metadata *_metadata, struct plan plan,
			 enum place place)
{
	struct search s = { .plan = &plan };
	u64 random = place;
	unsigned int i;

	plan.drops = 5;
	plan.doubles = 4;
	for (i = 0; i < LOTS; i++) {
		struct world start, w;
		struct rest r;

		model_init(&start, &plan, place, 0U - random_below(&random, 50),
			   random_next(&random));
		w = start;
		if (!search_draw(&s, &w, &random, &r))
			continue;
		s.rests++;
		if (search_agrees(&s, &r))
			continue;
		search_show(&s, start);
		EXPECT_EQ(r.truth, r.tracked);
		return;
	}
	printf("# %u drawn by lot, %u at rest\n", LOTS, s.rests);
	EXPECT_GT(s.rests, LOTS / 2);
}

/* -- kinds of lives -- */

/* By how many orders there are. In between, all happens twice: many more. */
enum effort { SMALL, MEDIUM, LARGE, EFFORTS };

/* Pairs of how many are lost and how many come twice. */
#define BUDGETS	2
static const u8 at_host[EFFORTS][BUDGETS][2] = {
	[SMALL] = { { 1, 1 }, { 2, 0 } },
	[MEDIUM] = { { 1, 1 }, { 2, 0 } },
	[LARGE] = { { 2, 0 } },
};

static const u8 in_between[EFFORTS][BUDGETS][2] = {
	[SMALL] = { { 1, 0 }, { 0, 1 } },
	[MEDIUM] = { { 1, 0 } },
};

static void check(struct __test_metadata *_metadata, struct plan plan,
		  enum place place, enum effort effort)
{
	const u8 (*budget)[2] = place == BETWEEN ? in_between[effort] :
						   at_host[effort];
	unsigned int i;

	for (i = 0; i < BUDGETS && budget[i][0] + budget[i][1]; i++) {
		plan.drops = budget[i][0];
		plan.doubles = budget[i][1];
		check_all(_metadata, &plan, place);
	}
	check_by_lot(_metadata, plan, place);
}

FIXTURE(order) {
	struct plan plan;
};

FIXTURE_VARIANT(order)
{
	enum place place;
};

FIXTURE_SETUP(order)
{
	self->plan.passive = true;
}

FIXTURE_TEARDOWN(order)
{
}

FIXTURE_VARIANT_ADD(order, at_client) {
	.place = AT_CLIENT,
};

FIXTURE_VARIANT_ADD(order, at_server) {
	.place = AT_SERVER,
};

FIXTURE_VARIANT_ADD(order, between) {
	.place = BETWEEN,
};

static void set_deeds(struct plan *plan, unsigned int me, u8 a, u8 b, u8 c)
{
	plan->deeds[me][0] = a;
	plan->deeds[me][1] = b;
	plan->deeds[me][2] = c;
}

TEST_F(order, handshake)
{
	set_deeds(&self->plan, 0, CONNECT, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, refused)
{
	self->plan.passive = false;
	set_deeds(&self->plan, 0, CONNECT, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, split_handshake)
{
	self->plan.split = true;
	set_deeds(&self->plan, 0, CONNECT, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, simultaneous_open)
{
	self->plan.passive = false;
	set_deeds(&self->plan, 0, CONNECT, DONE, DONE);
	set_deeds(&self->plan, 1, CONNECT, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, client_closes)
{
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, FINISH, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_F(order, server_closes)
{
	set_deeds(&self->plan, 0, CONNECT, FINISH, DONE);
	set_deeds(&self->plan, 1, CLOSE, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, both_close)
{
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, CLOSE, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_F(order, request_and_answer)
{
	set_deeds(&self->plan, 0, CONNECT, SEND, FINISH);
	set_deeds(&self->plan, 1, SEND_CLOSE, DONE, DONE);
	check(_metadata, self->plan, variant->place, LARGE);
}

TEST_F(order, half_close)
{
	set_deeds(&self->plan, 0, CONNECT, SEND_CLOSE, DONE);
	set_deeds(&self->plan, 1, SEND, FINISH, DONE);
	check(_metadata, self->plan, variant->place, LARGE);
}

TEST_F(order, fastopen)
{
	self->plan.fastopen = true;
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, FINISH, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_F(order, fastopen_data_refused)
{
	self->plan.fastopen = true;
	self->plan.wary = true;
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, FINISH, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_F(order, client_aborts)
{
	set_deeds(&self->plan, 0, CONNECT, ABORT, DONE);
	set_deeds(&self->plan, 1, FINISH, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, server_aborts)
{
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, ABORT, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_F(order, server_crashes)
{
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, CRASH, DONE, DONE);
	check(_metadata, self->plan, variant->place, SMALL);
}

TEST_F(order, again_after_server_closed)
{
	set_deeds(&self->plan, 0, CONNECT, FINISH, CONNECT);
	set_deeds(&self->plan, 1, CLOSE, DONE, DONE);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

/*
 * In between, it takes only one segment that is overtaken to fool the tracker
 * in these: data that comes before its SYN-ACK, or the RST of an old connection
 * before the SYN of the one that follows. At either host it must be right.
 */
FIXTURE(order_at_host) {
	struct plan plan;
};

FIXTURE_VARIANT(order_at_host)
{
	enum place place;
};

FIXTURE_SETUP(order_at_host)
{
	self->plan.passive = true;
}

FIXTURE_TEARDOWN(order_at_host)
{
}

FIXTURE_VARIANT_ADD(order_at_host, client) {
	.place = AT_CLIENT,
};

FIXTURE_VARIANT_ADD(order_at_host, server) {
	.place = AT_SERVER,
};

TEST_F(order_at_host, simultaneous_open_and_close)
{
	self->plan.passive = false;
	set_deeds(&self->plan, 0, CONNECT, CLOSE, DONE);
	set_deeds(&self->plan, 1, CONNECT, FINISH, DONE);
	check(_metadata, self->plan, variant->place, LARGE);
}

TEST_F(order_at_host, again_after_client_closed)
{
	set_deeds(&self->plan, 0, CONNECT, CLOSE, CONNECT);
	set_deeds(&self->plan, 1, FINISH, DONE, DONE);
	check(_metadata, self->plan, variant->place, LARGE);
}

TEST_F(order_at_host, fastopen_server_closes)
{
	self->plan.fastopen = true;
	set_deeds(&self->plan, 0, CONNECT, FINISH, DONE);
	set_deeds(&self->plan, 1, SEND, CLOSE, DONE);
	check(_metadata, self->plan, variant->place, LARGE);
}

TEST_F(order_at_host, client_crashes)
{
	set_deeds(&self->plan, 0, CONNECT, CRASH, CONNECT);
	check(_metadata, self->plan, variant->place, MEDIUM);
}

TEST_HARNESS_MAIN
