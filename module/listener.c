// SPDX-License-Identifier: GPL-2.0
/* The listening sockets of this host. See listener.h. */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/inet6_hashtables.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "compat/compat.h"
#include "listener.h"
#include "net.h"
#include "packet.h"

#define LISTENER_BUCKETS	256U

/* A listener whose socket has been gone for this long is forgotten. */
#define GONE_MS		10000U

/* A cookie proves a client for two minutes; one more for the clock's steps. */
#define COOKIE_LIFE	(180 * HZ)

/* The half-opens that engage: half the SYN queue, within these bounds. */
#define THRESHOLD_MIN	8U
#define THRESHOLD_MAX	8192U

/* Guards the two arrays below; readers use RCU. */
static DEFINE_SPINLOCK(lock);
static struct hlist_head buckets[LISTENER_BUCKETS];
static struct synward_listener __rcu *by_index[SYNWARD_LISTENERS_MAX + 1];

static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(ticker, tick);

/* -- sockets -- */

static struct sock *socket4(const struct synward_pkt *pkt, struct net *net)
{
	struct sk_buff *skb = pkt->skb;

	return synward_compat_listener4(net, skb, pkt->thoff + pkt->hdrlen,
					ip_hdr(skb)->saddr,
					synward_packet_sport(pkt),
					ip_hdr(skb)->daddr,
					synward_packet_dport(pkt),
					skb->skb_iif, inet_sdif(skb));
}

static bool connected4(const struct synward_pkt *pkt, struct net *net)
{
	const struct sk_buff *skb = pkt->skb;
	struct sock *sk;

	sk = synward_compat_connected4(net, ip_hdr(skb)->saddr,
				       synward_packet_sport(pkt),
				       ip_hdr(skb)->daddr,
				       synward_packet_dport(pkt),
				       skb->skb_iif, inet_sdif(skb));
	if (!sk)
		return false;
	sock_gen_put(sk);
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct sock *socket6(const struct synward_pkt *pkt, struct net *net)
{
	struct sk_buff *skb = pkt->skb;

	return synward_compat_listener6(net, skb, pkt->thoff + pkt->hdrlen,
					&ipv6_hdr(skb)->saddr,
					synward_packet_sport(pkt),
					&ipv6_hdr(skb)->daddr,
					synward_packet_dport(pkt),
					inet6_iif(skb), inet6_sdif(skb));
}

static bool connected6(const struct synward_pkt *pkt, struct net *net)
{
	const struct sk_buff *skb = pkt->skb;
	struct sock *sk;

	sk = synward_compat_connected6(net, &ipv6_hdr(skb)->saddr,
				       synward_packet_sport(pkt),
				       &ipv6_hdr(skb)->daddr,
				       synward_packet_dport(pkt),
				       inet6_iif(skb), inet6_sdif(skb));
	if (!sk)
		return false;
	sock_gen_put(sk);
	return true;
}
#else
static struct sock *socket6(const struct synward_pkt *pkt, struct net *net)
{
	return NULL;
}

static bool connected6(const struct synward_pkt *pkt, struct net *net)
{
	return false;
}
#endif

struct sock *synward_listener_socket(const struct synward_pkt *pkt,
				     const struct synward_net *sn)
{
	return pkt->key.family == NFPROTO_IPV4 ? socket4(pkt, sn->net) :
						 socket6(pkt, sn->net);
}

bool synward_listener_connected(const struct synward_pkt *pkt,
				const struct synward_net *sn)
{
	return pkt->key.family == NFPROTO_IPV4 ? connected4(pkt, sn->net) :
						 connected6(pkt, sn->net);
}

/* The socket behind a name, whoever asks; NULL when it is closed. */
static struct sock *socket_of(const struct synward_listener *l)
{
	const struct synward_listener_key *key = &l->key;
	struct net *net = l->sn->net;

#if IS_ENABLED(CONFIG_IPV6)
	if (key->family == NFPROTO_IPV6)
		return synward_compat_listener6(net, NULL, 0, &in6addr_any, 0,
						&key->addr, key->port,
						key->ifindex, 0);
#endif
	return synward_compat_listener4(net, NULL, 0, 0, 0,
					key->addr.s6_addr32[3], key->port,
					key->ifindex, 0);
}

/* -- names -- */

static void make_key(struct synward_listener_key *key,
		     const struct synward_net *sn, const struct sock *sk)
{
	memset(key, 0, sizeof(*key));
	key->netid = sn->id;
	key->port = htons(sk->sk_num);
	key->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	key->family = NFPROTO_IPV4;
	key->addr.s6_addr32[3] = sk->sk_rcv_saddr;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		key->family = NFPROTO_IPV6;
		key->addr = sk->sk_v6_rcv_saddr;
	}
#endif
}

/* What listens here is the owner's choice, not an attacker's: no secret. */
static struct hlist_head *bucket_of(const struct synward_listener_key *key)
{
	return &buckets[jhash_2words((__force u32)key->addr.s6_addr32[3],
				     (__force u32)key->port << 16 | key->netid,
				     0) % LISTENER_BUCKETS];
}

static struct synward_listener *find(const struct synward_listener_key *key)
{
	struct synward_listener *l;

	hlist_for_each_entry_rcu(l, bucket_of(key), node,
				 lockdep_is_held(&lock)) {
		if (!memcmp(&l->key, key, sizeof(*key)))
			return l;
	}
	return NULL;
}

struct synward_listener *synward_listener_find(const struct synward_net *sn,
					       const struct sock *sk)
{
	struct synward_listener_key key;

	make_key(&key, sn, sk);
	return find(&key);
}

static u16 spare_index(void)
{
	unsigned int i;

	lockdep_assert_held(&lock);
	for (i = 1; i <= SYNWARD_LISTENERS_MAX; i++) {
		if (!rcu_access_pointer(by_index[i]))
			return i;
	}
	return 0;
}

static struct synward_listener *make(struct synward_net *sn,
				     const struct synward_listener_key *key)
{
	struct synward_listener *l;
	unsigned int i;
	u16 index;

	lockdep_assert_held(&lock);
	index = spare_index();
	if (!index)
		return NULL;
	l = kzalloc(struct_size(l, cpu, nr_cpu_ids), GFP_ATOMIC | __GFP_NOWARN);
	if (!l)
		return NULL;
	l->key = *key;
	l->sn = sn;
	l->index = index;
	l->tried_at = jiffies - 1;
	l->isn_at = jiffies - 1;
	for (i = 0; i < SYNWARD_LISTENER_TICKS; i++)
		l->history[i].at = jiffies;
	rcu_assign_pointer(by_index[index], l);
	hlist_add_head_rcu(&l->node, bucket_of(key));
	return l;
}

struct synward_listener *synward_listener_get(struct synward_net *sn,
					      const struct sock *sk)
{
	struct synward_listener_key key;
	struct synward_listener *l;

	make_key(&key, sn, sk);
	l = find(&key);
	if (likely(l))
		return l;
	spin_lock_bh(&lock);
	l = find(&key);
	if (!l)
		l = make(sn, &key);
	spin_unlock_bh(&lock);
	if (!l)
		synward_stats_inc(sn->stats, SYNWARD_STAT_LISTENERS_FULL);
	return l;
}

struct synward_listener *synward_listener_by_index(u16 index)
{
	return index ? rcu_dereference_check(by_index[index], 1) : NULL;
}

/* -- counters -- */

static struct synward_listener_count *count_of(struct synward_listener *l)
{
	return &l->cpu[smp_processor_id()];
}

/* Context of all counting: bottom halves off. */
void synward_listener_halfopen(u16 index, int n)
{
	struct synward_listener *l = synward_listener_by_index(index);

	if (l)
		count_of(l)->halfopen += n;
}

/* A sample is enough; two CPUs at once may spoil one, the next mends it. */
void synward_listener_isn(u16 index, u32 isn, u32 hash)
{
	struct synward_listener *l = synward_listener_by_index(index);

	if (!l || !time_after(jiffies, READ_ONCE(l->isn_at)))
		return;
	WRITE_ONCE(l->isn_at, jiffies);
	synward_isn_note(&l->isn, isn, hash);
}

void synward_listener_completed(u16 index)
{
	struct synward_listener *l = synward_listener_by_index(index);

	if (l)
		count_of(l)->completed++;
}

void synward_listener_acceptq_full(struct synward_listener *l)
{
	count_of(l)->syn++;
	count_of(l)->acceptq_overflow++;
}

void synward_listener_cookie_sent(struct synward_listener *l)
{
	count_of(l)->syn++;
	count_of(l)->cookie_sent++;
	/* Shared by all CPUs: written once a jiffy, not once a packet. */
	if (time_after(jiffies, READ_ONCE(l->cookie_at)))
		WRITE_ONCE(l->cookie_at, jiffies);
}

void synward_listener_cookie_valid(struct synward_listener *l)
{
	count_of(l)->cookie_valid++;
}

void synward_listener_sum(const struct synward_listener *l,
			  struct synward_listener_count *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct synward_listener_count *c = &l->cpu[cpu];

		sum->syn += READ_ONCE(c->syn);
		sum->completed += READ_ONCE(c->completed);
		sum->cookie_sent += READ_ONCE(c->cookie_sent);
		sum->cookie_valid += READ_ONCE(c->cookie_valid);
		sum->synq_overflow += READ_ONCE(c->synq_overflow);
		sum->acceptq_overflow += READ_ONCE(c->acceptq_overflow);
		sum->halfopen += READ_ONCE(c->halfopen);
	}
	sum->halfopen = max_t(s64, sum->halfopen, 0);
}

/* -- engaging and letting go -- */

static void rates(const struct synward_listener *l,
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

void synward_listener_rates(const struct synward_listener *l, u32 *syn,
			    u32 *complete)
{
	struct synward_listener_count sum;

	synward_listener_sum(l, &sum);
	rates(l, &sum, syn, complete);
}

/* Most of the last second's SYNs have come to nothing: no crowd does that. */
static bool lagging(const struct synward_listener *l,
		    const struct synward_listener_count *sum)
{
	u32 syn, complete;

	rates(l, sum, &syn, &complete);
	return complete < syn / 2;
}

static void log_change(const struct synward_listener *l, const char *what)
{
	const struct synward_listener_queue *q = &l->queue;

	if (l->key.family == NFPROTO_IPV4)
		net_info_ratelimited("synward: %pI4:%u: %s (SYN queue %u of %u)\n",
				     &l->key.addr.s6_addr32[3],
				     ntohs(l->key.port), what,
				     q->synq_len, q->synq_max);
	else
		net_info_ratelimited("synward: [%pI6c]:%u: %s (SYN queue %u of %u)\n",
				     &l->key.addr, ntohs(l->key.port), what,
				     q->synq_len, q->synq_max);
}

/* Count @l in the namespace's armed, so that the guard hook looks at packets. */
static void arm(struct synward_listener *l)
{
	lockdep_assert_held(&lock);
	if (l->armed)
		return;
	l->armed = true;
	atomic_inc(&l->sn->armed);
}

static void disarm(struct synward_listener *l)
{
	lockdep_assert_held(&lock);
	if (!l->armed)
		return;
	l->armed = false;
	atomic_dec(&l->sn->armed);
}

static void engage(struct synward_listener *l)
{
	spin_lock_bh(&lock);
	if (!l->engaged && READ_ONCE(l->sn->mode) != SYNWARD_MODE_TRACK) {
		l->quiet_ms = 0;
		l->engaged_at = jiffies;
		WRITE_ONCE(l->cookie_at, jiffies);
		arm(l);
		WRITE_ONCE(l->engaged, true);
		synward_stats_inc(l->sn->stats, SYNWARD_STAT_ENGAGED);
		log_change(l, "under SYN flood, cookies on");
	}
	spin_unlock_bh(&lock);
}

static void disengage(struct synward_listener *l, const char *why)
{
	spin_lock_bh(&lock);
	if (l->engaged) {
		WRITE_ONCE(l->engaged, false);
		synward_stats_inc(l->sn->stats, SYNWARD_STAT_DISENGAGED);
		log_change(l, why);
	}
	spin_unlock_bh(&lock);
}

static void look_at_queue(struct synward_listener_queue *q, const struct sock *sk)
{
	WRITE_ONCE(q->synq_len, inet_csk_reqsk_queue_len(sk));
	WRITE_ONCE(q->synq_max, READ_ONCE(sk->sk_max_ack_backlog));
	WRITE_ONCE(q->acceptq_len, READ_ONCE(sk->sk_ack_backlog));
	WRITE_ONCE(q->acceptq_max, READ_ONCE(sk->sk_max_ack_backlog));
	WRITE_ONCE(q->drops, atomic_read(&sk->sk_drops));
}

/*
 * At three quarters of the SYN queue it is time, unless handshakes complete.
 * At the very end the kernel itself would begin to answer with cookies.
 */
static void look_for_pressure(struct synward_listener *l, const struct sock *sk)
{
	u32 len = inet_csk_reqsk_queue_len(sk);
	u32 max = READ_ONCE(sk->sk_max_ack_backlog);
	struct synward_listener_count sum;

	if (len < max - max / 4)
		return;
	/* Sums over all CPUs are not for every packet. */
	if (!time_after(jiffies, READ_ONCE(l->tried_at)))
		return;
	WRITE_ONCE(l->tried_at, jiffies);
	synward_listener_sum(l, &sum);
	if (len < max && !lagging(l, &sum))
		return;
	look_at_queue(&l->queue, sk);
	engage(l);
}

void synward_listener_syn(struct synward_listener *l, const struct sock *sk)
{
	count_of(l)->syn++;
	if (inet_csk_reqsk_queue_is_full(sk))
		count_of(l)->synq_overflow++;
	if (sk_acceptq_is_full(sk))
		count_of(l)->acceptq_overflow++;
	if (!READ_ONCE(l->engaged) &&
	    READ_ONCE(l->sn->mode) != SYNWARD_MODE_TRACK)
		look_for_pressure(l, sk);
}

static u32 threshold(const struct synward_listener *l)
{
	return clamp(l->queue.synq_max / 2, THRESHOLD_MIN, THRESHOLD_MAX);
}

/* Not more SYNs come to nothing than the kernel's queue holds with ease. */
static bool is_quiet(const struct synward_listener *l,
		     const struct synward_listener_count *sum)
{
	u32 syn, complete;

	rates(l, sum, &syn, &complete);
	if (syn > complete && syn - complete > threshold(l) / 32 + 1)
		return false;
	return l->queue.synq_len <= l->queue.synq_max / 2;
}

static void judge(struct synward_listener *l,
		  const struct synward_listener_count *sum)
{
	unsigned int mode = READ_ONCE(l->sn->mode);

	if (mode == SYNWARD_MODE_TRACK) {
		disengage(l, "cookies off: mode 0");
		return;
	}
	if (!l->engaged) {
		if (sum->halfopen >= threshold(l) && lagging(l, sum))
			engage(l);
		return;
	}
	l->quiet_ms = is_quiet(l, sum) ? l->quiet_ms + SYNWARD_LISTENER_TICK_MS : 0;
	if (l->quiet_ms >= SYNWARD_LISTENER_HOLD_MS)
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

static void forget(struct synward_listener *l)
{
	lockdep_assert_held(&lock);
	disarm(l);
	hlist_del_rcu(&l->node);
	RCU_INIT_POINTER(by_index[l->index], NULL);
	kfree_rcu(l, rcu);
}

/* An entry of the half-open table names its listener: those go first. */
static void forget_if_gone(struct synward_listener *l, bool found,
			   const struct synward_listener_count *sum)
{
	l->gone_ms = found ? 0 : l->gone_ms + SYNWARD_LISTENER_TICK_MS;
	if (l->gone_ms < GONE_MS || sum->halfopen)
		return;
	spin_lock_bh(&lock);
	if (rcu_access_pointer(by_index[l->index]) == l)
		forget(l);
	spin_unlock_bh(&lock);
}

static void disarm_if_over(struct synward_listener *l)
{
	if (!l->armed || l->engaged ||
	    time_before(jiffies, READ_ONCE(l->cookie_at) + COOKIE_LIFE))
		return;
	spin_lock_bh(&lock);
	disarm(l);
	spin_unlock_bh(&lock);
}

static void look_at(struct synward_listener *l)
{
	struct synward_listener_count sum;
	struct sock *sk = socket_of(l);

	synward_listener_sum(l, &sum);
	if (sk)
		look_at_queue(&l->queue, sk);
	judge(l, &sum);
	remember(l, &sum);
	disarm_if_over(l);
	forget_if_gone(l, sk, &sum);
}

static void tick(struct work_struct *work)
{
	struct synward_listener *l;
	unsigned int i;

	for (i = 1; i <= SYNWARD_LISTENERS_MAX; i++) {
		if (!rcu_access_pointer(by_index[i]))
			continue;
		rcu_read_lock();
		l = rcu_dereference(by_index[i]);
		if (l)
			look_at(l);
		rcu_read_unlock();
		cond_resched();
	}
	queue_delayed_work(system_unbound_wq, &ticker,
			   msecs_to_jiffies(SYNWARD_LISTENER_TICK_MS));
}

/* -- listing -- */

bool synward_listener_engaged(const struct synward_listener *l)
{
	switch (READ_ONCE(l->sn->mode)) {
	case SYNWARD_MODE_ALWAYS:
		return true;
	case SYNWARD_MODE_ADAPTIVE:
		return READ_ONCE(l->engaged);
	}
	return false;
}

void synward_listener_each(const struct synward_net *sn,
			   void (*show)(struct synward_listener *l, void *arg),
			   void *arg)
{
	struct synward_listener *l;
	unsigned int i;

	rcu_read_lock();
	for (i = 1; i <= SYNWARD_LISTENERS_MAX; i++) {
		l = rcu_dereference(by_index[i]);
		if (l && l->sn == sn)
			show(l, arg);
	}
	rcu_read_unlock();
}

void synward_listener_totals(const struct synward_net *sn,
			     unsigned int *listeners, unsigned int *engaged)
{
	struct synward_listener *l;
	unsigned int i;

	*listeners = 0;
	*engaged = 0;
	rcu_read_lock();
	for (i = 1; i <= SYNWARD_LISTENERS_MAX; i++) {
		l = rcu_dereference(by_index[i]);
		if (!l || l->sn != sn)
			continue;
		++*listeners;
		*engaged += synward_listener_engaged(l);
	}
	rcu_read_unlock();
}

int synward_listener_init(void)
{
	queue_delayed_work(system_unbound_wq, &ticker,
			   msecs_to_jiffies(SYNWARD_LISTENER_TICK_MS));
	return 0;
}

void synward_listener_exit(void)
{
	cancel_delayed_work_sync(&ticker);
}

void synward_listener_forget(struct synward_net *sn)
{
	struct synward_listener *l;
	unsigned int i;

	spin_lock_bh(&lock);
	for (i = 1; i <= SYNWARD_LISTENERS_MAX; i++) {
		l = rcu_dereference_protected(by_index[i], lockdep_is_held(&lock));
		if (l && l->sn == sn)
			forget(l);
	}
	spin_unlock_bh(&lock);
}
