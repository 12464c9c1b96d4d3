/* SPDX-License-Identifier: GPL-2.0 */
#define HZ	1000
