// SPDX-License-Identifier: GPL-2.0
/* The listening sockets of this host. See listener.h. */
#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/inet_connection_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "engage.h"
#include "listener.h"
#include "net.h"
#include "socket.h"

#define LISTENER_BITS	8

/* How long it is believed where SYNs go. */
#define KNOWN_S		600

/* A listener whose socket has been gone for this long is forgotten. */
#define GONE_MS		10000U

/* Guards the two arrays below; readers use RCU. */
static DEFINE_SPINLOCK(lock);
static struct hlist_head buckets[1 << LISTENER_BITS];
static struct synward_listener __rcu *by_index[SYNWARD_LISTENERS_MAX + 1];

/* Of the hash. Written once at load, before any hook runs. */
static u64 seed[5] __read_mostly;

/*
 * Those in the arrays, and of them those of other namespaces than the first. Read
 * without the lock, too: a full table is not searched.
 */
static unsigned int known;
static unsigned int known_inside;

static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(ticker, tick);

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

/*
 * What listens in a container may be an attacker's choice: multiply and shift by
 * secret numbers, of which the high bits are evenly spread over pairs of names.
 */
static struct hlist_head *bucket_of(const struct synward_listener_key *key)
{
	u64 hash = seed[4] * ((__force u32)key->port << 16 | key->netid);
	unsigned int i;

	for (i = 0; i < 4; i++)
		hash += seed[i] * (__force u32)key->addr.s6_addr32[i];
	return &buckets[hash >> (64 - LISTENER_BITS)];
}

static bool same(const struct synward_listener_key *a,
		 const struct synward_listener_key *b)
{
	return a->port == b->port && a->netid == b->netid &&
	       a->ifindex == b->ifindex && a->family == b->family &&
	       ipv6_addr_equal(&a->addr, &b->addr);
}

static struct synward_listener *find(const struct synward_listener_key *key)
{
	struct synward_listener *l;

	hlist_for_each_entry_rcu(l, bucket_of(key), node,
				 lockdep_is_held(&lock)) {
		if (same(&l->key, key))
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

bool synward_listener_stolen(const struct sk_buff *skb, const struct synward_net *sn,
			     const struct sock *sk)
{
	const struct sock *to = skb->sk;
	struct synward_listener_key asked, given;

	if (likely(!to) || to == sk || READ_ONCE(to->sk_state) != TCP_LISTEN)
		return false;
	make_key(&asked, sn, sk);
	make_key(&given, sn, to);
	return !same(&asked, &given);
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

/* One more, or one less. */
static void count(struct synward_net *sn, int n)
{
	lockdep_assert_held(&lock);
	WRITE_ONCE(known, known + n);
	if (!net_eq(sn->net, &init_net))
		WRITE_ONCE(known_inside, known_inside + n);
	WRITE_ONCE(sn->listeners, sn->listeners + n);
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
	count(sn, 1);
	return l;
}

/* Containers may not have all of them, however many: half is left for the host. */
static bool is_room(const struct synward_net *sn)
{
	if (net_eq(sn->net, &init_net))
		return READ_ONCE(known) < SYNWARD_LISTENERS_MAX;
	return READ_ONCE(known_inside) < SYNWARD_LISTENERS_MAX / 2 &&
	       READ_ONCE(sn->listeners) < SYNWARD_LISTENERS_MAX / 8;
}

/* Return: NULL when there are too many. */
static struct synward_listener *find_or_make(struct synward_net *sn,
					     const struct synward_listener_key *key)
{
	struct synward_listener *l;

	spin_lock_bh(&lock);
	l = find(key);
	if (!l)
		l = make(sn, key);
	spin_unlock_bh(&lock);
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
	if (is_room(sn))
		l = find_or_make(sn, &key);
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
	/* A sample, see above. */
	data_race((synward_isn_note(&l->isn, isn, hash), true));
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

/* Never 0, which stands for never. */
static unsigned long stamp(void)
{
	return jiffies | 1;
}

static bool lately(unsigned long at, unsigned long seconds)
{
	return at && time_before(jiffies, at + seconds * HZ);
}

void synward_listener_away(struct synward_listener *l)
{
	WRITE_ONCE(l->away_at, stamp());
}

bool synward_listener_is_away(const struct synward_listener *l)
{
	return lately(READ_ONCE(l->away_at), KNOWN_S);
}

bool synward_listener_reached(const struct synward_listener *l)
{
	return lately(READ_ONCE(l->reached_at), KNOWN_S) &&
	       !synward_listener_is_away(l);
}

bool synward_listener_answered(const struct synward_listener *l)
{
	return lately(READ_ONCE(l->reached_at), KNOWN_S + SYNWARD_COOKIE_LIFE_S);
}

void synward_listener_cookie_valid(struct synward_listener *l)
{
	count_of(l)->cookie_valid++;
}

/* What another CPU counts just now may be missing. */
static void add_up(struct synward_listener_count *sum,
		   const struct synward_listener_count *c)
{
	sum->syn += READ_ONCE(c->syn);
	sum->completed += READ_ONCE(c->completed);
	sum->cookie_sent += READ_ONCE(c->cookie_sent);
	sum->cookie_valid += READ_ONCE(c->cookie_valid);
	sum->synq_overflow += READ_ONCE(c->synq_overflow);
	sum->acceptq_overflow += READ_ONCE(c->acceptq_overflow);
	sum->halfopen += READ_ONCE(c->halfopen);
}

void synward_listener_sum(const struct synward_listener *l,
			  struct synward_listener_count *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		/* Written without a mark: it would cost the packet path two instructions. */
		data_race((add_up(sum, &l->cpu[cpu]), true));
	}
	sum->halfopen = max_t(s64, sum->halfopen, 0);
}

void synward_listener_syn(struct synward_listener *l, const struct sock *sk)
{
	unsigned long at = READ_ONCE(l->reached_at);

	count_of(l)->syn++;
	/* Shared by all CPUs: written once a second, not once a packet. */
	if (!at || time_after(jiffies, at + HZ))
		WRITE_ONCE(l->reached_at, stamp());
	if (inet_csk_reqsk_queue_is_full(sk))
		count_of(l)->synq_overflow++;
	if (sk_acceptq_is_full(sk))
		count_of(l)->acceptq_overflow++;
	synward_engage_pressed(l, sk);
}

/* -- the worker -- */

void synward_listener_look(struct synward_listener *l, const struct sock *sk)
{
	struct synward_listener_queue *q = &l->queue;

	WRITE_ONCE(q->synq_len, inet_csk_reqsk_queue_len(sk));
	WRITE_ONCE(q->synq_max, READ_ONCE(sk->sk_max_ack_backlog));
	WRITE_ONCE(q->acceptq_len, READ_ONCE(sk->sk_ack_backlog));
	WRITE_ONCE(q->acceptq_max, READ_ONCE(sk->sk_max_ack_backlog));
	WRITE_ONCE(q->drops, atomic_read(&sk->sk_drops));
}

static void forget(struct synward_listener *l)
{
	lockdep_assert_held(&lock);
	synward_engage_forget(l);
	hlist_del_rcu(&l->node);
	RCU_INIT_POINTER(by_index[l->index], NULL);
	count(l->sn, -1);
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

static void look_at(struct synward_listener *l)
{
	struct synward_listener_count sum;
	struct sock *sk = synward_socket_by_key(&l->key, l->sn->net);

	synward_listener_sum(l, &sum);
	if (sk)
		synward_listener_look(l, sk);
	synward_engage_tick(l, &sum);
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
		*engaged += synward_engage_on(l);
	}
	rcu_read_unlock();
}

int synward_listener_init(void)
{
	get_random_bytes(seed, sizeof(seed));
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
