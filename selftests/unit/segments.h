/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes to segments: lives that are neither good nor quite mad. */
#ifndef SYNWARD_UNIT_SEGMENTS_H
#define SYNWARD_UNIT_SEGMENTS_H

#include "state.h"

/* Bytes of an input that make one segment. */
#define SEGMENT_BYTES	8

/**
 * segments_begin - make a connection of the first bytes
 * @c:    the connection: opened, or picked up
 * @seg:  the segment that did it
 * @data: SEGMENT_BYTES
 *
 * Return: whether it was picked up.
 */
bool segments_begin(struct synward_conn *c, struct synward_seg *seg,
		    const u8 *data);

/**
 * segments_make - make a segment of further bytes
 * @c:    connection: most numbers are chosen near those that matter to it
 * @seg:  filled
 * @data: SEGMENT_BYTES
 */
void segments_make(const struct synward_conn *c, struct synward_seg *seg,
		   const u8 *data);

#endif
