/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's test harness; its tests take their time under the sanitizers. */
#ifndef SYNWARD_UNIT_HARNESS_H
#define SYNWARD_UNIT_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	100	/* seconds */

#endif
