/* SPDX-License-Identifier: GPL-2.0 */
/* A search through all that can happen in a life, or through some of it. */
#ifndef SYNWARD_UNIT_SEARCH_H
#define SYNWARD_UNIT_SEARCH_H

#include "model.h"

#define SEARCH_WORLDS	400000U
#define SEARCH_DEPTH	200

/**
 * struct rest - where a life has come to rest
 * @sight:    of the world
 * @truth:    both states of the model
 * @tracked:  both states of the tracker
 * @fin_lost: a FIN was lost before the tracker saw it
 * @ahead:    the tracker has missed a FIN
 */
struct rest {
	u64 sight;
	u8 truth;
	u8 tracked;
	u8 fin_lost;
	u8 ahead;
};

/**
 * struct search - through all that can happen
 * @plan:    kind of life
 * @seen:    hash table of worlds that were looked at
 * @rest:    those at rest
 * @worlds:  entries of @seen
 * @rests:   entries of @rest
 * @excused: of those, where nobody could know
 * @wanted:  stop at the first rest with this sight
 * @depth:   length of @path
 * @path:    what has happened
 * @stop:    found @wanted, or there is no end to it
 */
struct search {
	const struct plan *plan;
	u64 *seen;
	struct rest *rest;
	unsigned int worlds;
	unsigned int rests;
	unsigned int excused;
	u64 wanted;
	unsigned int depth;
	struct {
		u8 what;
		u8 index;
	} path[SEARCH_DEPTH];
	bool stop;
};

bool search_init(struct search *s, const struct plan *plan);
void search_exit(struct search *s);

/* Try everything from @start on, as far as @s->wanted. */
void search_run(struct search *s, const struct world *start);

/* Return: the sight of a rest where the tracker errs without excuse, or 0. */
u64 search_find_error(struct search *s);

/**
 * search_draw - let things happen by lot
 * @s:      its path is written
 * @w:      world to begin with; it is changed
 * @random: state of the generator
 * @r:      filled
 *
 * Return: whether it has come to rest.
 */
bool search_draw(struct search *s, struct world *w, u64 *random, struct rest *r);

/* Does the tracker say what is true of a life that was drawn? */
bool search_agrees(const struct search *s, const struct rest *r);

/* Print the path from @start on, as remarks. */
void search_show(const struct search *s, struct world start);

#endif
