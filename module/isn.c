// SPDX-License-Identifier: GPL-2.0
/* Can a server's initial sequence numbers be predicted? See isn.h. */
#include "isn.h"

static u8 one_more(u8 run)
{
	return run < SYNWARD_ISN_SAMPLES ? run + 1 : run;
}

void synward_isn_note(struct synward_isn *isn, u32 value, u32 tuple)
{
	u32 step = value - isn->last;

	if (isn->samples && tuple == isn->tuple)
		return;
	if (isn->samples) {
		isn->same = step ? 0 : one_more(isn->same);
		isn->close = step < SYNWARD_ISN_CLOSE ? one_more(isn->close) : 0;
	}
	if (isn->samples <= SYNWARD_ISN_SAMPLES)
		isn->samples++;
	isn->last = value;
	isn->tuple = tuple;
}

enum synward_isn_verdict synward_isn_judge(const struct synward_isn *isn)
{
	if (isn->samples <= SYNWARD_ISN_SAMPLES)
		return SYNWARD_ISN_UNKNOWN;
	if (isn->same >= SYNWARD_ISN_SAMPLES)
		return SYNWARD_ISN_FIXED;
	return isn->close >= SYNWARD_ISN_SAMPLES ? SYNWARD_ISN_LINEAR :
						   SYNWARD_ISN_RANDOM;
}

const char *synward_isn_name(enum synward_isn_verdict verdict)
{
	static const char * const names[] = {
		[SYNWARD_ISN_UNKNOWN]	= "unknown",
		[SYNWARD_ISN_RANDOM]	= "random",
		[SYNWARD_ISN_FIXED]	= "fixed",
		[SYNWARD_ISN_LINEAR]	= "linear",
	};

	return names[verdict];
}
