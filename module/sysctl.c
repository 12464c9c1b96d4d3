// SPDX-License-Identifier: GPL-2.0
/* net.synward.*. See sysctl.h. */
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "compat/compat.h"
#include "exempt.h"
#include "limit.h"
#include "net.h"
#include "sysctl.h"

static unsigned int mode_min = SYNWARD_MODE_TRACK;
static unsigned int mode_max = SYNWARD_MODE_MAX;
static unsigned int none;
static unsigned int one = 1;
static unsigned int percent_max = 100;
static unsigned int halfopen_most = 1 << 24;
static unsigned int hold_max_s = 3600;
static unsigned int timeout_min_s = 1;
static unsigned int timeout_max_s = 7 * 24 * 3600;
/* A half-open entry's age is known modulo 71 minutes. */
static unsigned int timeout_halfopen_max_s = 3600;
static unsigned int limit_off;
static unsigned int limit_max_pps = SYNWARD_LIMIT_PPS_MAX;
static unsigned int burst_derived;
static unsigned int burst_max = SYNWARD_LIMIT_BURST_MAX;
static unsigned int prefix4_min = SYNWARD_LIMIT_PREFIX4_MIN;
static unsigned int prefix4_max = SYNWARD_LIMIT_PREFIX4_MAX;
static unsigned int prefix6_min = SYNWARD_LIMIT_PREFIX6_MIN;
static unsigned int prefix6_max = SYNWARD_LIMIT_PREFIX6_MAX;

/* Early enough for what is under way, late enough for a slow client or two. */
#define ENGAGE_SYNQ_PERCENT	75

/* Longer than the pauses of a flood that comes in waves of seconds. */
#define HOLD_S			10

/*
 * Seconds. SYN-SENT and SYN-RECEIVED as long as the kernel tries (tcp_syn_retries
 * 6, tcp_synack_retries 5); TIME-WAIT as the kernel's. FIN-WAIT-2 and CLOSE-WAIT
 * are a half-closed connection that may be at work in the other direction.
 */
static const unsigned int timeout_default_s[SYNWARD_STATE_MAX] = {
	[SYNWARD_CLOSED]	= 10,
	[SYNWARD_LISTEN]	= 130,
	[SYNWARD_SYN_SENT]	= 130,
	[SYNWARD_SYN_RECEIVED]	= 65,
	[SYNWARD_ESTABLISHED]	= 24 * 3600,
	[SYNWARD_FIN_WAIT_1]	= 120,
	[SYNWARD_FIN_WAIT_2]	= 2 * 3600,
	[SYNWARD_CLOSE_WAIT]	= 2 * 3600,
	[SYNWARD_CLOSING]	= 120,
	[SYNWARD_LAST_ACK]	= 120,
	[SYNWARD_TIME_WAIT]	= 60,
};

/* As proc_douintvec_minmax(), but it says what it refuses and what it takes. */
static int set_uint(synward_compat_ctl_table *table, int write, void *buffer,
		    size_t *len, loff_t *pos)
{
	int shown = min_t(size_t, *len, 16);
	int err = proc_douintvec_minmax(table, write, buffer, len, pos);

	if (err && write)
		net_warn_ratelimited("synward: net.synward.%s: '%*pE' refused, allowed: %u to %u\n",
				     table->procname, shown, (char *)buffer,
				     *(unsigned int *)table->extra1,
				     *(unsigned int *)table->extra2);
	return err;
}

static void log_bad_exempt(const char *bad)
{
	net_warn_ratelimited("synward: net.synward.exempt: '%*pE' refused, allowed: up to %u IPv4 and IPv6 prefixes like 192.0.2.0/24,2001:db8::/32, written at once\n",
			     (int)strnlen(bad, 64), bad, SYNWARD_EXEMPT_MAX);
}

/*
 * A list that is not written at once would be cut in the middle of an entry,
 * and the half of one may be a prefix, too. What programs write in pieces comes
 * in blocks of 512 bytes or more; a piece that is not the last has no newline.
 */
static bool is_piece(const char *buffer, size_t len, loff_t pos)
{
	return pos || (len >= 512 && buffer[len - 1] != '\n');
}

/* No list that is taken is longer, however it is spaced. */
#define LIST_MAX	(4 * SYNWARD_EXEMPT_TEXT)

static int write_exempt(struct synward_net *sn, const char *buffer, size_t len,
			loff_t pos)
{
	const char *bad = "a piece of a list";
	char *text;
	int err;

	if (is_piece(buffer, len, pos) || len > LIST_MAX) {
		log_bad_exempt(bad);
		return -EINVAL;
	}
	text = kmemdup_nul(buffer, len, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	err = synward_exempt_set(sn, text, &bad);
	if (err == -EINVAL || err == -E2BIG) {
		log_bad_exempt(bad);
		err = -EINVAL;
	}
	kfree(text);
	return err;
}

static int read_exempt(const struct synward_net *sn, void *buffer, size_t *len,
		       loff_t *pos)
{
	struct ctl_table shown = { .maxlen = SYNWARD_EXEMPT_TEXT };
	int err;

	shown.data = kmalloc(SYNWARD_EXEMPT_TEXT, GFP_KERNEL);
	if (!shown.data)
		return -ENOMEM;
	synward_exempt_show(sn, shown.data, SYNWARD_EXEMPT_TEXT);
	err = proc_dostring(&shown, 0, buffer, len, pos);
	kfree(shown.data);
	return err;
}

/* A write replaces the whole list, or nothing of it. */
static int set_exempt(synward_compat_ctl_table *table, int write, void *buffer,
		      size_t *len, loff_t *pos)
{
	struct synward_net *sn = container_of(table->data, struct synward_net,
					      exempt);
	int err;

	if (!write)
		return read_exempt(sn, buffer, len, pos);
	err = write_exempt(sn, buffer, *len, *pos);
	if (!err)
		*pos += *len;
	return err;
}

/* @data holds the offset in struct synward_net until bind() has run. */
#define SETTING(name, field, least, most) {				\
	.procname	= name,						\
	.data		= (void *)offsetof(struct synward_net, field),	\
	.maxlen		= sizeof(unsigned int),				\
	.mode		= 0644,						\
	.proc_handler	= set_uint,					\
	.extra1		= &(least),					\
	.extra2		= &(most),					\
}

#define TIMEOUT(name, state) \
	SETTING("timeout_" name, timeout_s[state], timeout_min_s, timeout_max_s)

static const struct ctl_table template[] = {
	SETTING("mode", mode, mode_min, mode_max),
	SETTING("engage_synq", engage_synq, one, percent_max),
	SETTING("engage_halfopen", engage_halfopen, none, halfopen_most),
	SETTING("hold", hold_s, one, hold_max_s),
	SETTING("timeout_syn_sent", timeout_s[SYNWARD_SYN_SENT],
		timeout_min_s, timeout_halfopen_max_s),
	SETTING("timeout_syn_received", timeout_s[SYNWARD_SYN_RECEIVED],
		timeout_min_s, timeout_halfopen_max_s),
	TIMEOUT("established", SYNWARD_ESTABLISHED),
	TIMEOUT("fin_wait_1", SYNWARD_FIN_WAIT_1),
	TIMEOUT("fin_wait_2", SYNWARD_FIN_WAIT_2),
	TIMEOUT("close_wait", SYNWARD_CLOSE_WAIT),
	TIMEOUT("closing", SYNWARD_CLOSING),
	TIMEOUT("last_ack", SYNWARD_LAST_ACK),
	TIMEOUT("time_wait", SYNWARD_TIME_WAIT),
	TIMEOUT("closed", SYNWARD_CLOSED),
	SETTING("syn_limit", syn_limit, limit_off, limit_max_pps),
	SETTING("syn_limit_burst", syn_limit_burst, burst_derived, burst_max),
	SETTING("syn_limit_prefix4", syn_limit_prefix4, prefix4_min, prefix4_max),
	SETTING("syn_limit_prefix6", syn_limit_prefix6, prefix6_min, prefix6_max),
	{
		.procname	= "exempt",
		.data		= (void *)offsetof(struct synward_net, exempt),
		.mode		= 0644,
		.proc_handler	= set_exempt,
	},
};

static struct ctl_table *bind(struct synward_net *sn)
{
	size_t n = ARRAY_SIZE(template);
	struct ctl_table *table;
	size_t i;

	table = kcalloc(n + SYNWARD_COMPAT_SYSCTL_END, sizeof(*table), GFP_KERNEL);
	if (!table)
		return NULL;
	for (i = 0; i < n; i++) {
		table[i] = template[i];
		table[i].data = (void *)sn + (uintptr_t)template[i].data;
	}
	return table;
}

int synward_sysctl_register(struct synward_net *sn)
{
	sn->mode = SYNWARD_MODE_ADAPTIVE;
	sn->engage_synq = ENGAGE_SYNQ_PERCENT;
	sn->engage_halfopen = 0;
	sn->hold_s = HOLD_S;
	memcpy(sn->timeout_s, timeout_default_s, sizeof(sn->timeout_s));
	sn->syn_limit_prefix4 = SYNWARD_LIMIT_PREFIX4;
	sn->syn_limit_prefix6 = SYNWARD_LIMIT_PREFIX6;
	sn->table = bind(sn);
	if (!sn->table)
		return -ENOMEM;
	sn->sysctl = synward_compat_register_sysctl(sn->net, "net/synward",
						    sn->table,
						    ARRAY_SIZE(template));
	if (sn->sysctl || !IS_ENABLED(CONFIG_SYSCTL))
		return 0;
	kfree(sn->table);
	return -ENOMEM;
}

void synward_sysctl_unregister(struct synward_net *sn)
{
	unregister_net_sysctl_table(sn->sysctl);
	kfree(sn->table);
}
