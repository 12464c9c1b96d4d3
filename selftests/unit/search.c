// SPDX-License-Identifier: GPL-2.0
/* A search through all that can happen in a life. See search.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "search.h"

#define SEEN_SIZE	0x100000U

bool search_init(struct search *s, const struct plan *plan)
{
	*s = (struct search) { .plan = plan };
	s->seen = malloc(SEEN_SIZE * sizeof(*s->seen));
	s->rest = malloc(SEARCH_WORLDS * sizeof(*s->rest));
	return s->seen && s->rest;
}

void search_exit(struct search *s)
{
	free(s->seen);
	free(s->rest);
}

/* Return: whether it is new. */
static bool visit(struct search *s, u64 hash)
{
	u32 i = hash & (SEEN_SIZE - 1);

	while (s->seen[i] && s->seen[i] != hash)
		i = (i + 1) & (SEEN_SIZE - 1);
	if (s->seen[i])
		return false;
	s->seen[i] = hash;
	s->worlds++;
	return true;
}

static struct rest rest_of(const struct world *w)
{
	return (struct rest) {
		.sight = w->sight,
		.truth = model_truth(w),
		.tracked = model_tracked(w),
		.fin_lost = w->fin_lost,
		.ahead = tracker_ahead(&w->tracker),
	};
}

static void note_rest(struct search *s, const struct world *w)
{
	s->rest[s->rests++] = rest_of(w);
	s->stop = w->sight == s->wanted;
}

static void note_step(struct search *s, enum happening what, unsigned int index)
{
	s->path[s->depth].what = what;
	s->path[s->depth].index = index;
	s->depth++;
}

static void explore(struct search *s, struct world *w);

static void explore_one(struct search *s, const struct world *w,
			enum happening what, unsigned int index)
{
	struct world next = *w;

	if (!model_happen(&next, s->plan, what, index))
		return;
	note_step(s, what, index);
	explore(s, &next);
	if (!s->stop)
		s->depth--;
}

static void explore(struct search *s, struct world *w)
{
	unsigned int what, index;

	if (!visit(s, model_hash(w)))
		return;
	if (model_rests(w, s->plan)) {
		note_rest(s, w);
		return;
	}
	if (s->depth == SEARCH_DEPTH || s->worlds == SEARCH_WORLDS)
		s->stop = true;
	for (what = 0; what < HAPPENINGS && !s->stop; what++)
		for (index = 0; index < MODEL_FLIGHT && !s->stop; index++)
			explore_one(s, w, what, index);
}

static int compare_rests(const void *a, const void *b)
{
	const struct rest *x = a, *y = b;

	return x->sight < y->sight ? -1 : x->sight > y->sight;
}

static bool half_open(u8 states)
{
	u8 a = states >> 4, b = states & 0xf;

	return a >= SYNWARD_LISTEN && a <= SYNWARD_SYN_RECEIVED &&
	       b >= SYNWARD_LISTEN && b <= SYNWARD_SYN_RECEIVED;
}

/* Both through, and one of them at least in TIME-WAIT. */
static bool through_but_for_time_wait(u8 states)
{
	const u8 time_wait = SYNWARD_TIME_WAIT << 4 | SYNWARD_TIME_WAIT;

	return states == time_wait || states == (time_wait & 0xf0) ||
	       states == (time_wait & 0x0f);
}

/*
 * Two things are right by decision. A SYN that comes again when its connection
 * is long gone makes an entry of the half-open table, which times out; the
 * model knows no time. And when a FIN was lost or overtaken by what was sent
 * after it, a simultaneous close and a second to close can look the same: what
 * is the more frequent is taken, and the end is the same but for TIME-WAIT.
 */
static bool agrees(const struct search *s, const struct rest *r)
{
	if (r->truth == r->tracked)
		return true;
	if (s->plan->doubles && half_open(r->tracked))
		return true;
	return (r->fin_lost || r->ahead) && through_but_for_time_wait(r->truth) &&
	       through_but_for_time_wait(r->tracked);
}

u64 search_find_error(struct search *s)
{
	unsigned int i, j;

	qsort(s->rest, s->rests, sizeof(*s->rest), compare_rests);
	for (i = 0; i < s->rests; i = j) {
		unsigned int right = 0;

		for (j = i; j < s->rests && s->rest[j].sight == s->rest[i].sight; j++)
			right += agrees(s, &s->rest[j]);
		if (!right)
			return s->rest[i].sight;
		s->excused += j - i - right;
	}
	return 0;
}

void search_run(struct search *s, const struct world *start)
{
	struct world w = *start;

	memset(s->seen, 0, SEEN_SIZE * sizeof(*s->seen));
	s->worlds = 0;
	s->rests = 0;
	s->depth = 0;
	s->stop = false;
	explore(s, &w);
}

static void show_states(const struct world *w)
{
	printf("#\t%s %s, tracker: %s %s\n",
	       synward_state_name(w->end[0].state),
	       synward_state_name(w->end[1].state),
	       synward_state_name(tracker_state(&w->tracker, 0)),
	       synward_state_name(tracker_state(&w->tracker, 1)));
}

void search_show(const struct search *s, struct world w)
{
	static const char * const names[HAPPENINGS] = {
		[DEED] = "does", [ACKNOWLEDGE] = "acknowledges",
		[PASS] = "passes", [DELIVER] = "arrives", [DROP] = "is lost",
		[DOUBLE] = "is doubled", [TIMEOUT] = "retransmits",
		[KEEPALIVE] = "probes",
	};
	unsigned int i;

	for (i = 0; i < s->depth; i++) {
		unsigned int what = s->path[i].what;
		unsigned int index = s->path[i].index;
		char text[80];

		model_hash(&w);
		snprintf(text, sizeof(text), "%s", index ? "server" : "client");
		if (what >= PASS && what <= DOUBLE)
			model_describe(&w, &w.flight[index].seg, text, sizeof(text));
		model_happen(&w, s->plan, what, index);
		printf("# %s: %s\n", text, names[what]);
		show_states(&w);
	}
}

/* -- by lot -- */

/* Nobody who is through sends anything by which to tell them from each other. */
static bool both_through(u8 states)
{
	u8 a = states >> 4, b = states & 0xf;

	return (a == SYNWARD_CLOSED || a == SYNWARD_TIME_WAIT) &&
	       (b == SYNWARD_CLOSED || b == SYNWARD_TIME_WAIT);
}

bool search_agrees(const struct search *s, const struct rest *r)
{
	return agrees(s, r) ||
	       (both_through(r->truth) && both_through(r->tracked));
}

bool search_draw(struct search *s, struct world *w, u64 *random, struct rest *r)
{
	unsigned int tries = 0;

	for (s->depth = 0; s->depth < SEARCH_DEPTH; tries++) {
		unsigned int what = random_below(random, HAPPENINGS);
		unsigned int index = random_below(random, w->packets + 2);

		/* Before the bad luck is used up the life shall be under way. */
		if ((what == DROP || what == DOUBLE) && random_below(random, 4))
			continue;
		*r = rest_of(w);
		if (tries % 64 == 0 && model_rests(w, s->plan))
			return true;
		/* The path is shown with packets in this order. */
		model_hash(w);
		if (model_happen(w, s->plan, what, index))
			note_step(s, what, index);
	}
	return false;
}
