// SPDX-License-Identifier: GPL-2.0
/* A bounded table of connections. See table.h. */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "table.h"

/* The sweepers' clock. Deferrable: an idle host is not woken for it. */
#define SWEEP_TICK_MS	250

/* Odd constant of Fibonacci hashing: bucket and shard come from other bits. */
#define SPREAD		0x9E3779B1U

static struct synward_shard *shard_of(const struct synward_table *t, u32 hash)
{
	return &t->shards[reciprocal_scale(hash, t->nshards)];
}

static void *bucket_at(const struct synward_shard *s, unsigned int bucket)
{
	return s->slots + (size_t)bucket * SYNWARD_TABLE_WAYS * s->table->size;
}

static void *bucket_of(const struct synward_table *t, u32 hash)
{
	return bucket_at(shard_of(t, hash),
			 reciprocal_scale(hash * SPREAD, t->buckets));
}

/*
 * A lookup begins at a slot of its own hash, so that in a table that is not
 * crowded the first slot looked at is the right one.
 */
static struct synward_slot *way_of(const struct synward_table *t, void *bucket,
				   u32 hash, unsigned int way)
{
	return bucket + ((hash + way) % SYNWARD_TABLE_WAYS) * t->size;
}

/* -- tags -- */

/* How many fit into one word, and the first slot that has such a word. */
#define TAGS		4U
#define TAGGED		1U

#define EACH_BYTE	0x01010101U

/* Not the bits that choose bucket and slot. Never 0. */
static u32 tag_of(u32 hash)
{
	return (hash >> 8 & 0xff) ? : 1;
}

static u32 *tags_of(const struct synward_table *t, void *bucket, unsigned int i)
{
	struct synward_slot *slot = bucket + (TAGGED + i) * t->size;

	return &slot->tags;
}

static void set_tag(const struct synward_table *t, void *bucket,
		    const struct synward_slot *slot, u32 tag)
{
	unsigned int index = ((void *)slot - bucket) / t->size;
	u32 *tags = tags_of(t, bucket, index / TAGS);
	unsigned int shift = index % TAGS * 8;

	WRITE_ONCE(*tags, (*tags & ~(0xffU << shift)) | tag << shift);
}

/* The high bit of each byte that is zero, and perhaps of one behind such. */
static u32 zero_bytes(u32 x)
{
	return (x - EACH_BYTE) & ~x & (EACH_BYTE << 7);
}

static struct synward_slot *find_by_tag(const struct synward_table *t, void *bucket,
					const struct synward_key *key, u32 hash)
{
	u32 pattern = tag_of(hash) * EACH_BYTE;
	unsigned int i;

	for (i = 0; i < SYNWARD_TABLE_WAYS / TAGS; i++) {
		u32 match = zero_bytes(READ_ONCE(*tags_of(t, bucket, i)) ^ pattern);

		for (; match; match &= match - 1) {
			unsigned int index = i * TAGS + __ffs(match) / 8;
			struct synward_slot *slot = bucket + index * t->size;

			/* As in synward_table_find(). */
			if (data_race(synward_key_equal(&slot->key, key)))
				return slot;
		}
	}
	return NULL;
}

struct synward_slot *synward_table_find(const struct synward_table *t,
					const struct synward_key *key, u32 hash)
{
	void *bucket = bucket_of(t, hash);
	struct synward_slot *near = way_of(t, bucket, hash, 0);

	/* A key that changes meanwhile is nobody's, or ours: see occupy(). */
	if (likely(data_race(synward_key_equal(&near->key, key))))
		return near;
	return find_by_tag(t, bucket, key, hash);
}

static raw_spinlock_t *lock_of(const struct synward_table *t, u32 hash)
{
	struct synward_slot *first = bucket_of(t, hash);

	return &first->lock;
}

void synward_table_lock(const struct synward_table *t, u32 hash)
	__acquires(t)
{
	raw_spin_lock_bh(lock_of(t, hash));
}

void synward_table_unlock(const struct synward_table *t, u32 hash)
	__releases(t)
{
	raw_spin_unlock_bh(lock_of(t, hash));
}

struct synward_slot *synward_table_first(const struct synward_table *t, u32 hash)
{
	return bucket_of(t, hash);
}

struct synward_slot *synward_table_spare(const struct synward_table *t, u32 hash)
{
	void *bucket = bucket_of(t, hash);
	unsigned int way;

	lockdep_assert_held(lock_of(t, hash));
	if (!zero_bytes(*tags_of(t, bucket, 0)) && !zero_bytes(*tags_of(t, bucket, 1)))
		return NULL;
	for (way = 0; way < SYNWARD_TABLE_WAYS; way++) {
		struct synward_slot *slot = way_of(t, bucket, hash, way);

		if (!slot->key.netid)
			return slot;
	}
	return NULL;
}

void synward_table_occupy(const struct synward_table *t, u32 hash,
			  struct synward_slot *slot,
			  const struct synward_key *key)
{
	lockdep_assert_held(lock_of(t, hash));
	slot->key.lo = key->lo;
	slot->key.hi = key->hi;
	slot->key.lo_port = key->lo_port;
	slot->key.hi_port = key->hi_port;
	slot->key.family = key->family;
	/* netid last: a key that is half written belongs to nobody. */
	smp_store_release(&slot->key.netid, key->netid);
	set_tag(t, bucket_of(t, hash), slot, tag_of(hash));
	this_cpu_inc(*t->used);
}

void synward_table_release(const struct synward_table *t, u32 hash,
			   struct synward_slot *slot)
{
	lockdep_assert_held(lock_of(t, hash));
	WRITE_ONCE(slot->key.netid, 0);
	set_tag(t, bucket_of(t, hash), slot, 0);
	this_cpu_dec(*t->used);
}

bool synward_table_copy(const struct synward_table *t, unsigned int pos,
			void *out)
{
	unsigned int per_shard = t->buckets * SYNWARD_TABLE_WAYS;
	struct synward_shard *s = &t->shards[pos / per_shard];
	struct synward_slot *first, *slot;

	first = bucket_at(s, pos % per_shard / SYNWARD_TABLE_WAYS);
	slot = (void *)first + pos % SYNWARD_TABLE_WAYS * t->size;
	if (!READ_ONCE(slot->key.netid))
		return false;
	raw_spin_lock_bh(&first->lock);
	memcpy(out, slot, t->size);
	raw_spin_unlock_bh(&first->lock);
	return ((struct synward_slot *)out)->key.netid;
}

/* One bucket: free the slots that @gone picks. */
static void clean_bucket(struct synward_shard *s, unsigned int bucket,
			 bool (*gone)(struct synward_slot *slot, u32 now))
{
	struct synward_slot *first = bucket_at(s, bucket);
	u32 now = (u32)jiffies;
	unsigned int i;

	raw_spin_lock_bh(&first->lock);
	for (i = 0; i < SYNWARD_TABLE_WAYS; i++) {
		struct synward_slot *slot = (void *)first + i * s->table->size;

		if (slot->key.netid && gone(slot, now)) {
			WRITE_ONCE(slot->key.netid, 0);
			set_tag(s->table, first, slot, 0);
			this_cpu_dec(*s->table->used);
		}
	}
	raw_spin_unlock_bh(&first->lock);
}

/* Not worth the lock when the bucket is empty, as nearly all are. */
static bool bucket_in_use(const struct synward_shard *s, unsigned int bucket)
{
	void *first = bucket_at(s, bucket);

	return READ_ONCE(*tags_of(s->table, first, 0)) |
	       READ_ONCE(*tags_of(s->table, first, 1));
}

static void clean(struct synward_shard *s, unsigned int from, unsigned int to,
		  bool (*gone)(struct synward_slot *slot, u32 now))
{
	unsigned int bucket;

	for (bucket = from; bucket < to; bucket++) {
		if (bucket_in_use(s, bucket))
			clean_bucket(s, bucket, gone);
		if (bucket % 256 == 255)
			cond_resched();
	}
}

/*
 * An idle table costs its sweepers nothing. The sum may be wrong while entries
 * come and go: then it is the next tick's.
 */
static bool in_use(const struct synward_table *t)
{
	int cpu, used = 0;

	for_each_possible_cpu(cpu)
		used += READ_ONCE(*per_cpu_ptr(t->used, cpu));
	return used;
}

static void sweep(struct work_struct *work)
{
	struct synward_shard *s = container_of(work, struct synward_shard,
					       sweep.work);
	struct synward_table *t = s->table;
	unsigned int to = min(s->next + DIV_ROUND_UP(t->buckets, t->slices),
			      t->buckets);

	if (in_use(t))
		clean(s, s->next, to, t->expired);
	s->next = to < t->buckets ? to : 0;
	queue_delayed_work(system_unbound_wq, &s->sweep,
			   msecs_to_jiffies(SWEEP_TICK_MS));
}

void synward_table_purge(struct synward_table *t,
			 bool (*doomed)(struct synward_slot *slot, u32 now))
{
	unsigned int i;

	for (i = 0; i < t->nshards; i++)
		clean(&t->shards[i], 0, t->buckets, doomed);
}

/* kvmalloc() gives no more than INT_MAX, and with panic_on_warn dies of being asked. */
static void *alloc_slots(size_t bytes, int node)
{
	if (bytes > INT_MAX)
		return vzalloc_node(bytes, node);
	return kvzalloc_node(bytes, GFP_KERNEL | __GFP_RETRY_MAYFAIL, node);
}

static int alloc_shard(struct synward_table *t, unsigned int i, int cpu)
{
	struct synward_shard *s = &t->shards[i];
	size_t n = (size_t)t->buckets * SYNWARD_TABLE_WAYS;
	unsigned int bucket;

	s->table = t;
	INIT_DEFERRABLE_WORK(&s->sweep, sweep);
	s->slots = alloc_slots(n * t->size, cpu_to_node(cpu));
	if (!s->slots)
		return -ENOMEM;
	for (bucket = 0; bucket < t->buckets; bucket++) {
		struct synward_slot *first = bucket_at(s, bucket);

		raw_spin_lock_init(&first->lock);
		lockdep_set_class(&first->lock, &t->lock_class);
	}
	return 0;
}

/* What does not fit is refused: nobody shall be killed to make room for it. */
static bool fits(const struct synward_table *t)
{
	u64 bytes = (u64)synward_table_capacity(t) * t->size;
	long available = si_mem_available();

	if (available > 0 && bytes >> PAGE_SHIFT < available && bytes == (size_t)bytes)
		return true;
	pr_err("synward: a table of %llu KiB does not fit into the memory that is available, %ld KiB\n",
	       bytes >> 10, available << (PAGE_SHIFT - 10));
	return false;
}

int synward_table_alloc(struct synward_table *t, unsigned int max)
{
	unsigned int i = 0;
	int cpu;

	t->nshards = num_possible_cpus();
	t->buckets = DIV_ROUND_UP(max, t->nshards * SYNWARD_TABLE_WAYS);
	if (!fits(t))
		return -ENOMEM;
	t->shards = kvcalloc(t->nshards, sizeof(*t->shards), GFP_KERNEL);
	t->used = alloc_percpu(int);
	if (!t->shards || !t->used) {
		synward_table_free(t);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		if (alloc_shard(t, i++, cpu)) {
			synward_table_free(t);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Each namespace has taken its own along when it went. */
static void look_for_leftovers(const struct synward_table *t)
{
	if (t->used && in_use(t))
		pr_err("synward: BUG: entries of no namespace\n");
}

void synward_table_free(struct synward_table *t)
{
	unsigned int i;

	look_for_leftovers(t);
	for (i = 0; t->shards && i < t->nshards; i++)
		kvfree(t->shards[i].slots);
	kvfree(t->shards);
	t->shards = NULL;
	free_percpu(t->used);
	t->used = NULL;
}

void synward_table_start(struct synward_table *t)
{
	unsigned int i;

	for (i = 0; i < t->nshards; i++)
		queue_delayed_work(system_unbound_wq, &t->shards[i].sweep,
				   msecs_to_jiffies(SWEEP_TICK_MS));
}

void synward_table_stop(struct synward_table *t)
{
	unsigned int i;

	for (i = 0; i < t->nshards; i++)
		cancel_delayed_work_sync(&t->shards[i].sweep);
}

size_t synward_table_bytes(const struct synward_table *t)
{
	return (size_t)synward_table_capacity(t) * t->size +
	       t->nshards * sizeof(*t->shards);
}
