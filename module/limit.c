// SPDX-License-Identifier: GPL-2.0
/* The per-source limit. See limit.h. */
#include <linux/inetdevice.h>
#include <linux/ktime.h>
#include <linux/netfilter.h>
#include <net/ipv6.h>

#include "exempt.h"
#include "limit.h"
#include "packet.h"

/* Tokens are counted in millionths: a rate is so many of them a microsecond. */
#define TOKEN		((u64)USEC_PER_SEC)

/* The longest time that filling takes: the largest burst at one a second. */
#define FILL_MAX_US	((u64)SYNWARD_LIMIT_BURST_MAX * USEC_PER_SEC)

/* A source that has been silent for this long must prove itself again. */
#define PROOF_US	(120 * (u64)USEC_PER_SEC)

/**
 * struct bucket - the tokens of one source
 * @slot:   its key: the prefix as lo, its length as lo_port, nothing else
 * @proven: it has completed a handshake; read without the lock
 * @tokens: in millionths, as of @at
 * @at:     microseconds
 *
 * All under the lock of the table's bucket.
 */
struct bucket {
	struct synward_slot slot;
	bool proven;
	u64 tokens;
	u64 at;
};

#if !IS_ENABLED(CONFIG_DEBUG_SPINLOCK) && !IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC)
static_assert(sizeof(struct bucket) == 64);
#endif

/* -- tokens -- */

static u64 now_us(void)
{
	return ktime_to_us(ktime_get());
}

/* What a bucket of this namespace holds at most. */
static u64 room(const struct synward_net *sn)
{
	u32 burst = READ_ONCE(sn->syn_limit_burst);

	if (!burst)
		burst = max(READ_ONCE(sn->syn_limit), SYNWARD_LIMIT_BURST_LEAST);
	return burst * TOKEN;
}

static u64 level(const struct bucket *b, const struct synward_net *sn, u64 now)
{
	u64 filled = min(now - b->at, FILL_MAX_US) * READ_ONCE(sn->syn_limit);

	return min(b->tokens + filled, room(sn));
}

static void fill(struct bucket *b, const struct synward_net *sn)
{
	u64 now = now_us();

	b->tokens = level(b, sn, now);
	b->at = now;
}

/*
 * A full bucket says as much as none at all, but for the proof. One that takes
 * days to fill must not keep its place from those who come meanwhile.
 */
static bool is_idle(const struct bucket *b, u64 now)
{
	const struct synward_net *sn = synward_net_by_id(b->slot.key.netid);

	return !synward_limit_on(sn) || level(b, sn, now) >= room(sn) ||
	       (!b->proven && now - b->at >= PROOF_US);
}

/* -- the table -- */

static bool expired(struct synward_slot *slot, u32 now)
{
	const struct bucket *b = container_of(slot, struct bucket, slot);
	u64 us = now_us();

	return is_idle(b, us) && (!b->proven || us - b->at >= PROOF_US);
}

struct synward_table synward_limit_table = {
	.size = sizeof(struct bucket),
	.slices = 16,
	.expired = expired,
};

int synward_limit_init(unsigned int max)
{
	int err = synward_table_alloc(&synward_limit_table, max);

	if (!err)
		synward_table_start(&synward_limit_table);
	return err;
}

void synward_limit_exit(void)
{
	synward_table_stop(&synward_limit_table);
	synward_table_free(&synward_limit_table);
}

static struct bucket *find(const struct synward_key *key, u32 hash)
{
	struct synward_slot *slot;

	slot = synward_table_find(&synward_limit_table, key, hash);
	return slot ? container_of(slot, struct bucket, slot) : NULL;
}

/* The one whose loss matters least: without proof, then the longest silent. */
static struct bucket *least(struct bucket *a, struct bucket *b)
{
	if (!a || a->proven > b->proven)
		return b;
	if (a->proven < b->proven)
		return a;
	return a->at <= b->at ? a : b;
}

/* Return: whether a slot is free now. Who is being limited keeps his bucket. */
static bool evict_idle(u32 hash)
{
	struct synward_slot *first = synward_table_first(&synward_limit_table, hash);
	struct bucket *victim = NULL;
	u64 now = now_us();
	unsigned int way;

	for (way = 0; way < SYNWARD_TABLE_WAYS; way++) {
		struct synward_slot *slot;
		struct bucket *b;

		slot = synward_table_way(&synward_limit_table, first, way);
		b = container_of(slot, struct bucket, slot);
		if (is_idle(b, now))
			victim = least(victim, b);
	}
	if (victim)
		synward_table_release(&synward_limit_table, hash, &victim->slot);
	return victim;
}

/* The bucket of a source that has none yet; NULL when there is no room. */
static struct bucket *insert(const struct synward_key *key, u32 hash,
			     const struct synward_net *sn)
{
	struct synward_slot *slot;
	struct bucket *b;

	slot = synward_table_spare(&synward_limit_table, hash);
	if (!slot && evict_idle(hash))
		slot = synward_table_spare(&synward_limit_table, hash);
	if (!slot)
		return NULL;
	b = container_of(slot, struct bucket, slot);
	b->tokens = room(sn);
	b->at = now_us();
	WRITE_ONCE(b->proven, false);
	synward_table_occupy(&synward_limit_table, hash, slot, key);
	return b;
}

static struct bucket *get(const struct synward_key *key, u32 hash,
			  const struct synward_net *sn)
{
	struct bucket *b = find(key, hash);

	if (!b)
		return insert(key, hash, sn);
	fill(b, sn);
	return b;
}

/* -- sources -- */

/* The length is in the key: two lengths at two times are two sources. */
static u32 make_key(struct synward_key *key, const struct synward_net *sn,
		    const struct in6_addr *addr, u16 family)
{
	unsigned int len;

	memset(key, 0, sizeof(*key));
	if (family == NFPROTO_IPV4) {
		len = READ_ONCE(sn->syn_limit_prefix4);
		key->lo.s6_addr32[3] = addr->s6_addr32[3] & inet_make_mask(len);
	} else {
		len = READ_ONCE(sn->syn_limit_prefix6);
		ipv6_addr_prefix(&key->lo, addr, len);
	}
	key->lo_port = htons(len);
	key->family = family;
	key->netid = sn->id;
	return synward_key_hash(key);
}

/* In a namespace without an id nothing can be remembered. */
static bool has_limit(const struct synward_net *sn, const struct in6_addr *addr,
		      u16 family)
{
	return synward_limit_on(sn) && sn->id && !synward_exempt_has(sn, addr, family);
}

static bool is_proven(const struct synward_key *key, u32 hash)
{
	const struct bucket *b = find(key, hash);

	return b && READ_ONCE(b->proven);
}

static bool take(const struct synward_key *key, u32 hash, struct synward_net *sn)
{
	bool taken = true;
	struct bucket *b;

	synward_table_lock(&synward_limit_table, hash);
	b = get(key, hash, sn);
	if (!b)
		synward_stats_inc(sn->stats, SYNWARD_STAT_LIMIT_FULL);
	else if (b->tokens < TOKEN)
		taken = false;
	else
		b->tokens -= TOKEN;
	synward_table_unlock(&synward_limit_table, hash);
	return taken;
}

bool synward_limit_refuses(const struct synward_pkt *pkt, struct synward_net *sn,
			   bool cookies)
{
	const struct in6_addr *source = synward_packet_saddr(pkt);
	struct synward_key key __aligned(8);
	u32 hash;

	if (!has_limit(sn, source, pkt->key.family))
		return false;
	hash = make_key(&key, sn, source, pkt->key.family);
	/* A flood of forged sources takes no room here. */
	if (cookies && !is_proven(&key, hash))
		return false;
	return !take(&key, hash, sn);
}

void synward_limit_proven(struct synward_net *sn, const struct in6_addr *client,
			  u16 family)
{
	struct synward_key key __aligned(8);
	struct bucket *b;
	u32 hash;

	if (!has_limit(sn, client, family))
		return;
	hash = make_key(&key, sn, client, family);
	synward_table_lock(&synward_limit_table, hash);
	b = get(&key, hash, sn);
	if (b) {
		b->tokens = min(b->tokens + TOKEN, room(sn));
		WRITE_ONCE(b->proven, true);
	}
	synward_table_unlock(&synward_limit_table, hash);
}
