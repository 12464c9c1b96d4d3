/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels. Kbuild probes and defines SYNWARD_HAS_*; no
 * version number is asked, because stable kernels take changes back.
 */
#ifndef SYNWARD_COMPAT_H
#define SYNWARD_COMPAT_H

#include <linux/netfilter.h>
#include <linux/proc_fs.h>
#include <linux/sysctl.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/secure_seq.h>
#include <net/tcp.h>

/* Socket lookups took the hash table as an argument until 6.17. */
#ifdef SYNWARD_HAS_LOOKUP_HASHINFO
#define lookup_listener4(net, ...) \
	__inet_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#define lookup_connected4(net, ...) \
	__inet_lookup_established(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#define lookup_listener6(net, ...) \
	inet6_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#define lookup_connected6(net, ...) \
	__inet6_lookup_established(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#else
#define lookup_listener4	__inet_lookup_listener
#define lookup_connected4	__inet_lookup_established
#define lookup_listener6	inet6_lookup_listener
#define lookup_connected6	__inet6_lookup_established
#endif

static inline struct sock *
synward_compat_listener4(struct net *net, struct sk_buff *skb, int doff,
			 __be32 saddr, __be16 sport, __be32 daddr, __be16 dport,
			 int dif, int sdif)
{
	return lookup_listener4(net, skb, doff, saddr, sport, daddr,
				ntohs(dport), dif, sdif);
}

static inline struct sock *
synward_compat_connected4(struct net *net, __be32 saddr, __be16 sport,
			  __be32 daddr, __be16 dport, int dif, int sdif)
{
	return lookup_connected4(net, saddr, sport, daddr, ntohs(dport), dif,
				 sdif);
}

#if IS_ENABLED(CONFIG_IPV6)
static inline struct sock *
synward_compat_listener6(struct net *net, struct sk_buff *skb, int doff,
			 const struct in6_addr *saddr, __be16 sport,
			 const struct in6_addr *daddr, __be16 dport, int dif,
			 int sdif)
{
	return lookup_listener6(net, skb, doff, saddr, sport, daddr,
				ntohs(dport), dif, sdif);
}

static inline struct sock *
synward_compat_connected6(struct net *net, const struct in6_addr *saddr,
			  __be16 sport, const struct in6_addr *daddr,
			  __be16 dport, int dif, int sdif)
{
	return lookup_connected6(net, saddr, sport, daddr, ntohs(dport), dif,
				 sdif);
}
#endif

#undef lookup_listener4
#undef lookup_connected4
#undef lookup_listener6
#undef lookup_connected6

/* Before 5.14 hooks did not say what they are: their priority must do. */
static inline bool synward_compat_hook_is_plain(const struct nf_hook_ops *ops)
{
#ifdef SYNWARD_HAS_HOOK_TYPE
	return ops->hook_ops_type == NF_HOOK_OP_UNDEFINED;
#else
	return true;
#endif
}

/* Where ip_output() or ip6_output() is not exported no route can be told to be a plain one. */
static inline bool synward_compat_output_is_plain4(const struct dst_entry *dst)
{
#ifdef SYNWARD_HAS_IP_OUTPUT
	return dst->output == ip_output;
#else
	return false;
#endif
}

static inline bool synward_compat_output_is_plain6(const struct dst_entry *dst)
{
#ifdef SYNWARD_HAS_IP6_OUTPUT
	return dst->output == ip6_output;
#else
	return false;
#endif
}

#ifndef SYNWARD_HAS_DST_ADVMSS	/* before 6.18 and its backports */
static inline u32 tcp_dst_advmss(const struct dst_entry *dst)
{
	return max_t(u32, dst_metric_advmss(dst), TCP_MIN_MSS);
}
#endif

#ifndef SYNWARD_HAS_PDE_DATA	/* before 5.17 */
#define pde_data PDE_DATA
#endif

/* The cookie was an argument of its own until 6.7. */
static inline int synward_compat_cookie_check4(const struct iphdr *iph,
					       const struct tcphdr *th)
{
#ifdef SYNWARD_HAS_COOKIE_CHECK_ARG
	return __cookie_v4_check(iph, th, ntohl(th->ack_seq) - 1);
#else
	return __cookie_v4_check(iph, th);
#endif
}

static inline int synward_compat_cookie_check6(const struct ipv6hdr *iph,
					       const struct tcphdr *th)
{
#ifdef SYNWARD_HAS_COOKIE_CHECK_ARG
	return __cookie_v6_check(iph, th, ntohl(th->ack_seq) - 1);
#else
	return __cookie_v6_check(iph, th);
#endif
}

/*
 * The kernel's per-connection offset of timestamps, asked for with the
 * addresses and ports of the SYN. Without the symbol no offset is guessed: the
 * kernel answers by itself.
 */
#ifdef SYNWARD_WITHOUT_TS_OFF	/* as if it were such a kernel, for tests */
#undef SYNWARD_HAS_TS_OFF4
#undef SYNWARD_HAS_SEQ_AND_TS_OFF6
#undef SYNWARD_HAS_TS_OFF6
#endif

#ifdef SYNWARD_HAS_TS_OFF4
#define synward_compat_can_cookie4	true
#else
#define synward_compat_can_cookie4	false
#endif

#if defined(SYNWARD_HAS_SEQ_AND_TS_OFF6) || defined(SYNWARD_HAS_TS_OFF6)
#define synward_compat_can_cookie6	true
#else
#define synward_compat_can_cookie6	false
#endif

static inline u32 synward_compat_ts_off4(const struct net *net, __be32 saddr,
					 __be32 daddr, __be16 sport,
					 __be16 dport)
{
#ifdef SYNWARD_HAS_TS_OFF4
	return secure_tcp_seq_and_ts_off(net, daddr, saddr, dport, sport).ts_off;
#else
	return 0;
#endif
}

static inline u32 synward_compat_ts_off6(const struct net *net,
					 const __be32 *saddr,
					 const __be32 *daddr, __be16 sport,
					 __be16 dport)
{
#if defined(SYNWARD_HAS_SEQ_AND_TS_OFF6)
	return secure_tcpv6_seq_and_ts_off(net, daddr, saddr, dport, sport).ts_off;
#elif defined(SYNWARD_HAS_TS_OFF6)
	return secure_tcpv6_ts_off(net, daddr, saddr);
#else
	return 0;
#endif
}

/* A sysctl table ended with an empty entry until its size was passed, 6.6. */
#ifdef SYNWARD_HAS_SYSCTL_SIZE
#define SYNWARD_COMPAT_SYSCTL_END	0
#else
#define SYNWARD_COMPAT_SYSCTL_END	1
#endif

static inline struct ctl_table_header *
synward_compat_register_sysctl(struct net *net, const char *path,
			       struct ctl_table *table, size_t n)
{
#ifdef SYNWARD_HAS_SYSCTL_SIZE
	return register_net_sysctl_sz(net, path, table, n);
#else
	return register_net_sysctl(net, path, table);
#endif
}

/* Handlers got a const table in 6.11. */
#ifdef SYNWARD_HAS_SYSCTL_CONST
#define synward_compat_ctl_table	const struct ctl_table
#else
#define synward_compat_ctl_table	struct ctl_table
#endif

#endif
