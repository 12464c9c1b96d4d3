// SPDX-License-Identifier: GPL-2.0
/*
 * For a kernel with KASAN: lets a packet's buffer end where the packet ends.
 *
 * A driver's buffer, TUN's too, goes on behind the packet: room for its size
 * class, then struct skb_shared_info. What is read there belongs to the same
 * allocation and KASAN says nothing. So the first hook of PRE_ROUTING marks
 * the bytes between the packet's tail and the buffer's end as not to be
 * touched, down to the byte, for every other packet. Who may write there by
 * right would be accused too: such a packet is a clone, the other half of which is
 * kept for a while, and nobody writes to the buffer of a clone. The marks go with
 * it: a fragment may wait longer for the others, which are then written there.
 */
#include <linux/kasan.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#ifndef CONFIG_KASAN_GENERIC
#error "this is for a kernel with KASAN"
#endif

#define KEPT		256
#define FORBIDDEN	0xfd	/* none of KASAN's own */
#define GRANULE		BIT(KASAN_SHADOW_SCALE_SHIFT)

static struct sk_buff *kept[KEPT];
static atomic_t turn;
static atomic_long_t tightened;

/* Shadow memory has one byte a granule: how many bytes of it are good, from its begin; 0 is all. */
static void forbid(const u8 *from, const u8 *to)
{
	u8 *shadow = kasan_mem_to_shadow((void *)round_down((unsigned long)from, GRANULE));
	u8 *end = kasan_mem_to_shadow((void *)round_down((unsigned long)to, GRANULE));
	unsigned long good = (unsigned long)from & (GRANULE - 1);

	if (shadow == end)
		return;
	if (good)
		*shadow++ = good;
	while (shadow < end)
		*shadow++ = FORBIDDEN;
}

static void allow(const u8 *from, const u8 *to)
{
	u8 *shadow = kasan_mem_to_shadow((void *)round_down((unsigned long)from, GRANULE));
	u8 *end = kasan_mem_to_shadow((void *)round_down((unsigned long)to, GRANULE));

	memset(shadow, 0, end - shadow);
}

static void let_go(struct sk_buff *clone)
{
	if (!clone)
		return;
	allow(skb_tail_pointer(clone), skb_end_pointer(clone));
	kfree_skb(clone);
}

/* Memory of page fragments has no allocator that would remove the marks. */
static bool suits(const struct sk_buff *skb)
{
	return !skb->head_frag && !skb_shared(skb) && !skb_cloned(skb);
}

static unsigned int tighten(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	unsigned int number = atomic_inc_return(&turn);
	struct sk_buff *clone;

	if (number & 1 || !suits(skb))
		return NF_ACCEPT;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return NF_ACCEPT;
	skb_orphan(clone);
	skb_dst_drop(clone);
	nf_reset_ct(clone);
	let_go(xchg(&kept[number / 2 % KEPT], clone));
	forbid(skb_tail_pointer(skb), skb_end_pointer(skb));
	atomic_long_inc(&tightened);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = tighten, .priority = INT_MIN,
		.pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	},
	{
		.hook = tighten, .priority = INT_MIN,
		.pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING,
	},
};

static int __net_init register_in(struct net *net)
{
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static void __net_exit unregister_in(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static struct pernet_operations namespaces = { .init = register_in, .exit = unregister_in };

static int __init tight_init(void)
{
	return register_pernet_subsys(&namespaces);
}

static void __exit tight_exit(void)
{
	unsigned int i;

	unregister_pernet_subsys(&namespaces);
	for (i = 0; i < KEPT; i++)
		let_go(kept[i]);
	pr_info("%ld packets had no room behind them\n", atomic_long_read(&tightened));
}

module_init(tight_init);
module_exit(tight_exit);
MODULE_DESCRIPTION("Packet buffers that end where the packet ends, for KASAN");
MODULE_LICENSE("GPL");
