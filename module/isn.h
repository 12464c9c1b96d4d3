/* SPDX-License-Identifier: GPL-2.0 */
/* Can a server's initial sequence numbers be predicted (RFC 6528)? Pure. */
#ifndef SYNWARD_ISN_H
#define SYNWARD_ISN_H

#include <linux/types.h>

/* Connections after which a verdict is given. */
#define SYNWARD_ISN_SAMPLES	8U

/* A next ISN closer than this is guessed; one in 256 random ones is. */
#define SYNWARD_ISN_CLOSE	16777216U

enum synward_isn_verdict {
	SYNWARD_ISN_UNKNOWN,	/* not enough connections yet */
	SYNWARD_ISN_RANDOM,
	SYNWARD_ISN_FIXED,	/* always the same */
	SYNWARD_ISN_LINEAR,	/* counts up from one connection to the next */
};

/**
 * struct synward_isn - what the last ISNs were like
 * @last:    the last one
 * @tuple:   hash of its connection: the same one again proves nothing, for its
 *           ISNs follow each other by design (RFC 6528 section 3)
 * @samples: ISNs seen, up to SYNWARD_ISN_SAMPLES + 1
 * @same:    how many of the last followed one of the same value
 * @close:   how many of the last followed closely on the one before
 */
struct synward_isn {
	u32 last;
	u32 tuple;
	u8 samples;
	u8 same;
	u8 close;
};

/**
 * synward_isn_note - one more ISN
 * @isn:   what is known of the server
 * @value: the ISN of its SYN-ACK
 * @tuple: hash of the connection
 */
void synward_isn_note(struct synward_isn *isn, u32 value, u32 tuple);

enum synward_isn_verdict synward_isn_judge(const struct synward_isn *isn);

/* As in /proc: unknown, random, fixed, linear. */
const char *synward_isn_name(enum synward_isn_verdict verdict);

#endif
