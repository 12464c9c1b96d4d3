// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "compat/compat.h"
#include "established.h"
#include "halfopen.h"
#include "key.h"
#include "limit.h"
#include "listener.h"
#include "net.h"

#define HALFOPEN_MIN	1024U
#define HALFOPEN_MAX	(16U << 20)
#define ESTABLISHED_MIN	1024U
#define ESTABLISHED_MAX	(64U << 20)
#define LIMIT_MIN	1024U
#define LIMIT_MAX	(16U << 20)

/* Says what it refuses and what it takes. */
static int set_within(const char *val, const struct kernel_param *kp,
		      unsigned int least, unsigned int most)
{
	unsigned int n;
	int err = kstrtouint(val, 0, &n);

	if (err || n < least || n > most) {
		pr_err("synward: %s=%s refused, allowed: %u to %u\n", kp->name,
		       val, least, most);
		return -EINVAL;
	}
	*(unsigned int *)kp->arg = n;
	return 0;
}

static int set_halfopen(const char *val, const struct kernel_param *kp)
{
	return set_within(val, kp, HALFOPEN_MIN, HALFOPEN_MAX);
}

static int set_established(const char *val, const struct kernel_param *kp)
{
	return set_within(val, kp, ESTABLISHED_MIN, ESTABLISHED_MAX);
}

static int set_limit(const char *val, const struct kernel_param *kp)
{
	return set_within(val, kp, LIMIT_MIN, LIMIT_MAX);
}

static const struct kernel_param_ops halfopen_ops = {
	.set = set_halfopen,
	.get = param_get_uint,
};

static const struct kernel_param_ops established_ops = {
	.set = set_established,
	.get = param_get_uint,
};

static const struct kernel_param_ops limit_ops = {
	.set = set_limit,
	.get = param_get_uint,
};

static unsigned int halfopen_max = 65536;
module_param_cb(halfopen_max, &halfopen_ops, &halfopen_max, 0444);
MODULE_PARM_DESC(halfopen_max,
		 "half-open connections to track, 64 bytes each (1024 to 16777216, default 65536)");

static unsigned int established_max = 262144;
module_param_cb(established_max, &established_ops, &established_max, 0444);
MODULE_PARM_DESC(established_max,
		 "established connections to track, 128 bytes each (1024 to 67108864, default 262144)");

static unsigned int limit_max = 65536;
module_param_cb(limit_max, &limit_ops, &limit_max, 0444);
MODULE_PARM_DESC(limit_max,
		 "sources to remember for net.synward.syn_limit, 64 bytes each (1024 to 16777216, default 65536)");

static void greet(void)
{
	pr_info("synward: %u half-open, %u established, %u sources, %zu KiB\n",
		synward_table_capacity(&synward_halfopen_table),
		synward_table_capacity(&synward_established_table),
		synward_table_capacity(&synward_limit_table),
		(synward_table_bytes(&synward_halfopen_table) +
		 synward_table_bytes(&synward_established_table) +
		 synward_table_bytes(&synward_limit_table)) >> 10);
	if (!synward_compat_can_cookie4)
		pr_info("synward: this kernel does not export its IPv4 timestamp offset: it answers SYN floods with its own cookies, and we only track\n");
}

static int __init synward_init(void)
{
	int err;

	synward_key_init();
	err = synward_halfopen_init(halfopen_max);
	if (err)
		return err;
	err = synward_established_init(established_max);
	if (err)
		goto exit_halfopen;
	err = synward_limit_init(limit_max);
	if (err)
		goto exit_established;
	synward_listener_init();
	err = synward_net_init();
	if (err)
		goto exit_listener;
	greet();
	return 0;

exit_listener:
	synward_listener_exit();
	synward_limit_exit();
exit_established:
	synward_established_exit();
exit_halfopen:
	synward_halfopen_exit();
	return err;
}

/* kfree_rcu() may still be at work on listeners and lists when we leave. */
static void __exit synward_exit(void)
{
	synward_net_exit();
	synward_listener_exit();
	synward_limit_exit();
	synward_established_exit();
	synward_halfopen_exit();
	rcu_barrier();
}

module_init(synward_init);
module_exit(synward_exit);

MODULE_DESCRIPTION("Tracks TCP handshakes and answers SYN floods");
MODULE_AUTHOR("The synward developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(SYNWARD_VERSION);
