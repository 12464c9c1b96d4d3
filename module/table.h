/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bounded table of connections: one shard a possible CPU, on that CPU's
 * node, each an array of buckets of eight slots. Everything is allocated at
 * load, a lookup looks at eight slots at most, and nothing ever grows.
 */
#ifndef SYNWARD_TABLE_H
#define SYNWARD_TABLE_H

#include <linux/cache.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "key.h"

#define SYNWARD_TABLE_WAYS	8U

/**
 * struct synward_slot - how every entry of a table begins
 * @key:  the connection; netid 0 marks a free slot. Written under the bucket's
 *        lock, read without
 * @lock: in the first slot of a bucket it guards the whole bucket: which
 *        connections it holds and their states
 * @tags: in the second and the third slot: a byte of the hash of each of the
 *        bucket's first and last four slots, 0 where it is free. Written under
 *        the lock, read without: what is not there is seen at a glance
 */
struct synward_slot {
	struct synward_key key;
	union {
		raw_spinlock_t lock;
		u32 tags;
	};
};

struct synward_table;

/**
 * struct synward_shard - the part of a table that lives on one CPU's node
 * @slots: buckets times SYNWARD_TABLE_WAYS entries
 * @table: the whole
 * @sweep: removes what has timed out, a slice at a time
 * @next:  bucket at which the next slice begins; the sweeper's own
 */
struct synward_shard {
	void *slots;
	struct synward_table *table;
	struct delayed_work sweep;
	unsigned int next;
} ____cacheline_aligned_in_smp;

/**
 * struct synward_table - a table of connections
 * @shards:  @nshards of them
 * @nshards: possible CPUs
 * @buckets: buckets in each shard
 * @used:    occupied slots, counted by CPU; only the sum means something
 * @size:    bytes of an entry
 * @slices:  ticks in which a sweep goes round once
 * @expired: called under the bucket's lock for each occupied slot of a slice:
 *           has it timed out? It does the accounting; the table frees the slot
 * @lock_class: for lockdep: the buckets of one table nest in those of another
 */
struct synward_table {
	struct synward_shard *shards;
	unsigned int nshards;
	unsigned int buckets;
	int __percpu *used;
	unsigned int size;
	unsigned int slices;
	bool (*expired)(struct synward_slot *slot, u32 now);
	struct lock_class_key lock_class;
};

/**
 * synward_table_alloc - get the memory of a table
 * @t:    size, slices and expired are set, the rest is filled
 * @max:  entries wanted; rounded up to full buckets in every shard
 *
 * Context: process. Return: 0 or -ENOMEM, with nothing left allocated.
 */
int synward_table_alloc(struct synward_table *t, unsigned int max);
void synward_table_free(struct synward_table *t);

/* Start and stop the sweepers. Stopping waits for those that run. */
void synward_table_start(struct synward_table *t);
void synward_table_stop(struct synward_table *t);

/* Entries that @t can hold. */
static inline unsigned int synward_table_capacity(const struct synward_table *t)
{
	return t->nshards * t->buckets * SYNWARD_TABLE_WAYS;
}

size_t synward_table_bytes(const struct synward_table *t);

/**
 * synward_table_find - look a connection up, without a lock
 * @t:    table
 * @key:  connection
 * @hash: its hash
 *
 * The slot may be given to another connection at any time: whoever changes
 * more than its own counters looks again under the lock.
 *
 * Context: any, hooks or worker alive. Return: the slot or NULL.
 */
struct synward_slot *synward_table_find(const struct synward_table *t,
					const struct synward_key *key, u32 hash);

/* The lock of the bucket of @hash. Context: any; disables bottom halves. */
void synward_table_lock(const struct synward_table *t, u32 hash)
	__acquires(t);
void synward_table_unlock(const struct synward_table *t, u32 hash)
	__releases(t);

/* The rest up to synward_table_each() is called under the bucket's lock. */

/* A free slot of the bucket of @hash, the nearest to where a lookup begins. */
struct synward_slot *synward_table_spare(const struct synward_table *t, u32 hash);

/* The first slot of the bucket of @hash, and the one @way (0..7) behind it. */
struct synward_slot *synward_table_first(const struct synward_table *t, u32 hash);

static inline struct synward_slot *
synward_table_way(const struct synward_table *t, struct synward_slot *first,
		  unsigned int way)
{
	return (void *)first + way * t->size;
}

/* Give @slot, spare before, to @key. The entry is filled before this. */
void synward_table_occupy(const struct synward_table *t, u32 hash,
			  struct synward_slot *slot,
			  const struct synward_key *key);
void synward_table_release(const struct synward_table *t, u32 hash,
			   struct synward_slot *slot);

/**
 * synward_table_copy - read a slot by position, for listings
 * @t:   table
 * @pos: 0 to synward_table_capacity() - 1
 * @out: room for an entry
 *
 * Return: true when the slot is occupied; then @out holds a consistent copy.
 */
bool synward_table_copy(const struct synward_table *t, unsigned int pos,
			void *out);

/**
 * synward_table_purge - remove every connection that @doomed picks
 * @t:      table
 * @doomed: called under the bucket's lock; does the accounting
 *
 * Context: process, may sleep.
 */
void synward_table_purge(struct synward_table *t,
			 bool (*doomed)(struct synward_slot *slot, u32 now));

#endif
