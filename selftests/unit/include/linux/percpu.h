/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SYNWARD_UNIT_LINUX_PERCPU_H
#define SYNWARD_UNIT_LINUX_PERCPU_H

#define __percpu

#define this_cpu_add(counter, n)	((counter) += (n))
#define this_cpu_inc(counter)		((counter)++)

#endif
