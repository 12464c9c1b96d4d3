/* SPDX-License-Identifier: GPL-2.0 */
/* All counters, listeners and histograms at one moment, as a line of a recording. */
#ifndef SYNWARD_TOOL_SAMPLE_H
#define SYNWARD_TOOL_SAMPLE_H

#include <jansson.h>

#include "exit.h"

/* What is 0 is left out. NULL after a message, with the code in @code. */
json_t *sample_take(const char *dir, enum exit_code *code);

#endif
