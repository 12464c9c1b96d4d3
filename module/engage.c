// SPDX-License-Identifier: GPL-2.0
/* When cookies answer for a listener, and when no longer. See engage.h. */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/netfilter.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>

#include "engage.h"
#include "listener.h"
#include "net.h"
#include "trace.h"

/* The half-opens that engage, if no one says: half the SYN queue within these. */
#define THRESHOLD_MIN	8U
#define THRESHOLD_MAX	8192U

/* Guards engaged, armed and forgotten of all listeners. */
static DEFINE_SPINLOCK(lock);

void synward_engage_rates(const struct synward_listener *l,
			  const struct synward_listener_count *sum,
			  u32 *syn, u32 *complete)
{
	unsigned int oldest = READ_ONCE(l->tick) % SYNWARD_LISTENER_TICKS;
	unsigned long since = jiffies - READ_ONCE(l->history[oldest].at);
	u32 ms = max(jiffies_to_msecs(since), SYNWARD_LISTENER_TICK_MS);

	*syn = div_u64((sum->syn - READ_ONCE(l->history[oldest].syn)) *
		       MSEC_PER_SEC, ms);
	*complete = div_u64((sum->completed -
			     READ_ONCE(l->history[oldest].completed)) *
			    MSEC_PER_SEC, ms);
}

/* Most of the last second's SYNs have come to nothing: no crowd does that. */
static bool lagging(const struct synward_listener *l,
		    const struct synward_listener_count *sum)
{
	u32 syn, complete;

	synward_engage_rates(l, sum, &syn, &complete);
	return complete < syn / 2;
}

static void trace_change(const struct synward_listener *l, enum synward_stat what)
{
	const struct synward_key key = {
		.hi = l->key.addr,
		.hi_port = l->key.port,
		.family = l->key.family,
	};

	trace_mitigation(&key, false, what, SYNWARD_PASS, l->sn->net->ns.inum);
}

static void log_change(const struct synward_listener *l, const char *what)
{
	u32 len = READ_ONCE(l->queue.synq_len);
	u32 max = READ_ONCE(l->queue.synq_max);

	if (l->key.family == NFPROTO_IPV4)
		net_info_ratelimited("synward: %pI4:%u: %s (SYN queue %u of %u)\n",
				     &l->key.addr.s6_addr32[3],
				     ntohs(l->key.port), what,
				     len, max);
	else
		net_info_ratelimited("synward: [%pI6c]:%u: %s (SYN queue %u of %u)\n",
				     &l->key.addr, ntohs(l->key.port), what,
				     len, max);
}

/*
 * Count @l in the namespace's armed, and under its port, so that the guard hook
 * looks at packets. Whoever found it before it was forgotten would count it for ever.
 */
static void arm(struct synward_listener *l)
{
	u16 *port = synward_net_armed_port(l->sn, l->key.port);

	lockdep_assert_held(&lock);
	if (l->armed || l->forgotten)
		return;
	WRITE_ONCE(l->armed, true);
	WRITE_ONCE(*port, *port + 1);
	atomic_inc(&l->sn->armed);
}

static void disarm(struct synward_listener *l)
{
	u16 *port = synward_net_armed_port(l->sn, l->key.port);

	lockdep_assert_held(&lock);
	if (!l->armed)
		return;
	WRITE_ONCE(l->armed, false);
	WRITE_ONCE(*port, *port - 1);
	atomic_dec(&l->sn->armed);
}

static void engage(struct synward_listener *l)
{
	spin_lock_bh(&lock);
	if (!l->engaged && READ_ONCE(l->sn->mode) != SYNWARD_MODE_TRACK) {
		l->quiet_ms = 0;
		WRITE_ONCE(l->engaged_at, jiffies);
		WRITE_ONCE(l->cookie_at, jiffies);
		arm(l);
		/* The worker goes on from the quiet_ms set here: judge(). */
		smp_store_release(&l->engaged, true);
		synward_stats_inc(l->sn->stats, SYNWARD_STAT_ENGAGED);
		trace_change(l, SYNWARD_STAT_ENGAGED);
		log_change(l, "under SYN flood, cookies on");
	}
	spin_unlock_bh(&lock);
}

/* Cookies that have answered for it at all times come back as those of an attack do. */
void synward_engage_answered(struct synward_listener *l)
{
	spin_lock_bh(&lock);
	arm(l);
	spin_unlock_bh(&lock);
}

static void disengage(struct synward_listener *l, const char *why)
{
	spin_lock_bh(&lock);
	if (l->engaged) {
		WRITE_ONCE(l->engaged, false);
		synward_stats_inc(l->sn->stats, SYNWARD_STAT_DISENGAGED);
		trace_change(l, SYNWARD_STAT_DISENGAGED);
		log_change(l, why);
	}
	spin_unlock_bh(&lock);
}

/* The length of the SYN queue at which it is time: three quarters by default. */
static u32 pressure(const struct synward_listener *l, u32 max)
{
	u32 percent = READ_ONCE(l->sn->engage_synq);

	return DIV_ROUND_UP_ULL((u64)max * percent, 100);
}

/*
 * It is time, unless handshakes complete. Where the queue is full, the kernel
 * itself would begin to answer with cookies. An empty one is under no attack,
 * however small.
 */
void synward_engage_pressed(struct synward_listener *l, const struct sock *sk)
{
	u32 len = inet_csk_reqsk_queue_len(sk);
	u32 max = READ_ONCE(sk->sk_max_ack_backlog);
	struct synward_listener_count sum;

	if (READ_ONCE(l->engaged) || READ_ONCE(l->sn->mode) == SYNWARD_MODE_TRACK ||
	    !len || len < pressure(l, max))
		return;
	/* Sums over all CPUs are not for every packet. */
	if (!time_after(jiffies, READ_ONCE(l->tried_at)))
		return;
	WRITE_ONCE(l->tried_at, jiffies);
	synward_listener_sum(l, &sum);
	if (!inet_csk_reqsk_queue_is_full(sk) && !lagging(l, &sum))
		return;
	synward_listener_look(l, sk);
	engage(l);
}

static u32 threshold(const struct synward_listener *l)
{
	u32 told = READ_ONCE(l->sn->engage_halfopen);

	return told ? : clamp(READ_ONCE(l->queue.synq_max) / 2, THRESHOLD_MIN,
			      THRESHOLD_MAX);
}

/* Not more SYNs come to nothing than the kernel's queue holds with ease. */
static bool is_quiet(const struct synward_listener *l,
		     const struct synward_listener_count *sum)
{
	u32 syn, complete;

	synward_engage_rates(l, sum, &syn, &complete);
	if (syn > complete && syn - complete > threshold(l) / 32 + 1)
		return false;
	/* The kernel prunes old requests down to four at least. */
	return READ_ONCE(l->queue.synq_len) <=
	       max(READ_ONCE(l->queue.synq_max) / 2, 4U);
}

static void judge(struct synward_listener *l,
		  const struct synward_listener_count *sum)
{
	unsigned int mode = READ_ONCE(l->sn->mode);

	if (mode == SYNWARD_MODE_TRACK) {
		disengage(l, "cookies off: mode 0");
		return;
	}
	/* With the quiet_ms of engage(). */
	if (!smp_load_acquire(&l->engaged)) {
		if (sum->halfopen >= threshold(l) && lagging(l, sum))
			engage(l);
		return;
	}
	l->quiet_ms = is_quiet(l, sum) ? l->quiet_ms + SYNWARD_LISTENER_TICK_MS : 0;
	if (l->quiet_ms >= READ_ONCE(l->sn->hold_s) * MSEC_PER_SEC)
		disengage(l, "quiet again, cookies off");
}

static void remember(struct synward_listener *l,
		     const struct synward_listener_count *sum)
{
	unsigned int oldest = l->tick % SYNWARD_LISTENER_TICKS;

	WRITE_ONCE(l->history[oldest].at, jiffies);
	WRITE_ONCE(l->history[oldest].syn, sum->syn);
	WRITE_ONCE(l->history[oldest].completed, sum->completed);
	WRITE_ONCE(l->tick, l->tick + 1);
}

static void disarm_if_over(struct synward_listener *l)
{
	if (!READ_ONCE(l->armed) || READ_ONCE(l->engaged) ||
	    time_before(jiffies, READ_ONCE(l->cookie_at) +
				 SYNWARD_COOKIE_LIFE_S * HZ))
		return;
	spin_lock_bh(&lock);
	if (!l->engaged)
		disarm(l);
	spin_unlock_bh(&lock);
}

void synward_engage_tick(struct synward_listener *l,
			 const struct synward_listener_count *sum)
{
	judge(l, sum);
	remember(l, sum);
	disarm_if_over(l);
}

void synward_engage_forget(struct synward_listener *l)
{
	spin_lock_bh(&lock);
	l->forgotten = true;
	disarm(l);
	spin_unlock_bh(&lock);
}

bool synward_engage_on(const struct synward_listener *l)
{
	switch (READ_ONCE(l->sn->mode)) {
	case SYNWARD_MODE_ALWAYS:
		return true;
	case SYNWARD_MODE_ADAPTIVE:
		return READ_ONCE(l->engaged);
	}
	return false;
}
