/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SYNWARD_UNIT_LINUX_LOG2_H
#define SYNWARD_UNIT_LINUX_LOG2_H

#define ilog2(n)	(31 - __builtin_clz(n))

#endif
