/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels. Kbuild probes and defines SYNWARD_HAS_*; no
 * version number is asked, because stable kernels take changes back.
 */
#ifndef SYNWARD_COMPAT_H
#define SYNWARD_COMPAT_H

#include <linux/sysctl.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/secure_seq.h>
#include <net/tcp.h>

/* Socket lookups took the hash table as an argument until 6.17. */
#ifdef SYNWARD_HAS_LOOKUP_HASHINFO
#define synward_compat_hashinfo(net) (net)->ipv4.tcp_death_row.hashinfo,
#else
#define synward_compat_hashinfo(net)
#endif

#define synward_compat_listener4(net, skb, doff, saddr, sport, daddr, dport,	\
				 dif, sdif)					\
	__inet_lookup_listener(net, synward_compat_hashinfo(net) skb, doff,	\
			       saddr, sport, daddr, ntohs(dport), dif, sdif)

#define synward_compat_connected4(net, saddr, sport, daddr, dport, dif, sdif)	\
	__inet_lookup_established(net, synward_compat_hashinfo(net) saddr,	\
				  sport, daddr, ntohs(dport), dif, sdif)

#define synward_compat_listener6(net, skb, doff, saddr, sport, daddr, dport,	\
				 dif, sdif)					\
	inet6_lookup_listener(net, synward_compat_hashinfo(net) skb, doff,	\
			      saddr, sport, daddr, ntohs(dport), dif, sdif)

#define synward_compat_connected6(net, saddr, sport, daddr, dport, dif, sdif)	\
	__inet6_lookup_established(net, synward_compat_hashinfo(net) saddr,	\
				   sport, daddr, ntohs(dport), dif, sdif)

/* The cookie was an argument of its own until 6.7. */
#ifdef SYNWARD_HAS_COOKIE_CHECK_ARG
#define synward_compat_cookie_check4(iph, th) \
	__cookie_v4_check(iph, th, ntohl((th)->ack_seq) - 1)
#define synward_compat_cookie_check6(iph, th) \
	__cookie_v6_check(iph, th, ntohl((th)->ack_seq) - 1)
#else
#define synward_compat_cookie_check4(iph, th) __cookie_v4_check(iph, th)
#define synward_compat_cookie_check6(iph, th) __cookie_v6_check(iph, th)
#endif

/*
 * The kernel's per-connection offset of timestamps, in the orientation of the
 * SYN. Without the symbol no offset is guessed: the kernel answers by itself.
 */
#ifdef SYNWARD_HAS_TS_OFF4
#define synward_compat_can_cookie4	true
#define synward_compat_ts_off4(net, saddr, daddr, sport, dport) \
	secure_tcp_seq_and_ts_off(net, daddr, saddr, dport, sport).ts_off
#else
#define synward_compat_can_cookie4	false
#define synward_compat_ts_off4(net, saddr, daddr, sport, dport)	0
#endif

#if defined(SYNWARD_HAS_SEQ_AND_TS_OFF6)
#define synward_compat_can_cookie6	true
#define synward_compat_ts_off6(net, saddr, daddr, sport, dport)		\
	secure_tcpv6_seq_and_ts_off(net, daddr, saddr, dport, sport).ts_off
#elif defined(SYNWARD_HAS_TS_OFF6)
#define synward_compat_can_cookie6	true
#define synward_compat_ts_off6(net, saddr, daddr, sport, dport) \
	secure_tcpv6_ts_off(net, daddr, saddr)
#else
#define synward_compat_can_cookie6	false
#define synward_compat_ts_off6(net, saddr, daddr, sport, dport)	0
#endif

/* A sysctl table ended with an empty entry until its size was passed, 6.6. */
#ifdef SYNWARD_HAS_SYSCTL_SIZE
#define SYNWARD_COMPAT_SYSCTL_END	0
#define synward_compat_register_sysctl(net, path, table, n) \
	register_net_sysctl_sz(net, path, table, n)
#else
#define SYNWARD_COMPAT_SYSCTL_END	1
#define synward_compat_register_sysctl(net, path, table, n) \
	register_net_sysctl(net, path, table)
#endif

/* Handlers got a const table in 6.11. */
#ifdef SYNWARD_HAS_SYSCTL_CONST
#define synward_compat_ctl_table	const struct ctl_table
#else
#define synward_compat_ctl_table	struct ctl_table
#endif

#endif
