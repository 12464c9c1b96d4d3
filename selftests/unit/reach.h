/* SPDX-License-Identifier: GPL-2.0 */
/* The table of module/state.c, which the Makefile makes visible and counts. */
#ifndef SYNWARD_UNIT_REACH_H
#define SYNWARD_UNIT_REACH_H

#include "state.h"

#define STATES		SYNWARD_STATE_MAX

extern u8 transition[CELL_ROWS][STATES];

#endif
