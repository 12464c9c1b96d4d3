/* SPDX-License-Identifier: GPL-2.0 */
/* How long handshakes take. */
#ifndef SYNWARD_TOOL_LATENCY_H
#define SYNWARD_TOOL_LATENCY_H

#include "options.h"

/* The command. */
enum exit_code latency_run(const struct options *options);

#endif
