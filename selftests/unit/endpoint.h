/* SPDX-License-Identifier: GPL-2.0 */
/* One TCP endpoint of the oracle: its application, and what it does with segments. */
#ifndef SYNWARD_UNIT_ENDPOINT_H
#define SYNWARD_UNIT_ENDPOINT_H

#include "model.h"

#define ENDPOINT_WINDOW		65535U
#define ENDPOINT_ISN_STEP	64000U	/* how much newer the next connection's is */

/* There is no connection. */
static inline bool endpoint_gone(const struct endpoint *e)
{
	return e->state == SYNWARD_CLOSED || e->state == SYNWARD_LISTEN;
}

/* Forget the connection: CLOSED, or LISTEN again. */
void endpoint_leave(struct endpoint *e);

/* The application of endpoint @me does the next of its deeds, if it can. */
bool endpoint_act(struct world *w, const struct plan *plan, unsigned int me);

/* A segment that acknowledges what has arrived. */
void endpoint_send(struct world *w, unsigned int me, u8 flags, u32 seq, u32 len);

/* RFC 9293 3.10.7: a segment arrives at endpoint @me. */
void endpoint_arrive(struct world *w, const struct plan *plan, unsigned int me,
		     const struct synward_seg *seg);

/* From an endpoint onto the way; model.c. */
void model_emit(struct world *w, unsigned int me, const struct synward_seg *seg);

#endif
