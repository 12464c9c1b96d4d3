// SPDX-License-Identifier: GPL-2.0
/* SYN cookies. See cookie.h. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <net/inet_ecn.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "compat/compat.h"
#include "cookie.h"
#include "net.h"
#include "packet.h"

/*
 * The low six bits of the timestamp carry the client's options through the
 * handshake (net/ipv4/syncookies.c decodes them).
 */
#define TS_BITS		6
#define TS_WSCALE	0xfU	/* SYNWARD_WSCALE_NONE: no option */
#define TS_SACK		BIT(4)
#define TS_ECN		BIT(5)

static bool family_usable(const struct synward_pkt *pkt)
{
	return pkt->key.family == NFPROTO_IPV4 ? synward_compat_can_cookie4 :
						 synward_compat_can_cookie6;
}

/* Fast Open needs both: a listener that offers it and a SYN that uses it. */
static bool fastopen(const struct synward_options *opt, const struct sock *sk)
{
	const struct request_sock_queue *q = &inet_csk(sk)->icsk_accept_queue;

	return opt->has_tfo && READ_ONCE(q->fastopenq.max_qlen);
}

static bool listener_signs(const struct sock *sk)
{
#ifdef CONFIG_TCP_MD5SIG
	if (rcu_access_pointer(tcp_sk(sk)->md5sig_info))
		return true;
#endif
#ifdef CONFIG_TCP_AO
	if (rcu_access_pointer(tcp_sk(sk)->ao_info))
		return true;
#endif
	return false;
}

bool synward_cookie_usable(const struct synward_pkt *pkt,
			   const struct synward_net *sn, const struct sock *sk)
{
	return READ_ONCE(sn->net->ipv4.sysctl_tcp_syncookies) &&
	       family_usable(pkt) && !listener_signs(sk);
}

/*
 * The kernel drops what is signed for a listener without keys. If it has no code
 * for that kind, it does not look at the option, and neither does this.
 */
static bool is_signed(const struct synward_options *opt)
{
	return (IS_ENABLED(CONFIG_TCP_MD5SIG) && opt->has_md5) ||
	       (IS_ENABLED(CONFIG_TCP_AO) && opt->has_ao);
}

/*
 * One more way of an MPTCP connection that is there: a plain answer would end it.
 * The first one goes on as plain TCP.
 */
static bool joins(const struct synward_options *opt, const struct sock *sk)
{
	return opt->has_join && sk_is_mptcp(sk);
}

/* It may drop SYNs, and would not be asked about one that a cookie answers. */
static bool has_filter(const struct sock *sk)
{
	return rcu_access_pointer(sk->sk_filter);
}

bool synward_cookie_suits(const struct synward_options *opt,
			  const struct sock *sk)
{
	return !has_filter(sk) && !is_signed(opt) && !fastopen(opt, sk) && !joins(opt, sk);
}

/* -- what the client offers and this namespace takes -- */

/*
 * Without a timestamp there is no room for the other options: the kernel
 * forgets them in a cookie, so they must not be offered.
 */
static void take_options(struct synward_options *opt, const struct net *net)
{
	if (!READ_ONCE(net->ipv4.sysctl_tcp_timestamps))
		opt->has_ts = false;
	if (!opt->has_ts || !READ_ONCE(net->ipv4.sysctl_tcp_sack))
		opt->has_sack = false;
	if (!opt->has_ts || !READ_ONCE(net->ipv4.sysctl_tcp_window_scaling))
		opt->wscale = SYNWARD_WSCALE_NONE;
}

static u8 dsfield_of(const struct synward_pkt *pkt)
{
	if (pkt->key.family == NFPROTO_IPV4)
		return ip_hdr(pkt->skb)->tos;
	return ipv6_get_dsfield(ipv6_hdr(pkt->skb));
}

/* RFC 3168 6.1.1: both bits set ask for ECN; an ECT SYN is a broken host. */
static bool wants_ecn(const struct synward_pkt *pkt, const struct sock *sk,
		      const struct dst_entry *dst)
{
	const struct tcphdr *th = tcp_hdr(pkt->skb);
	u32 feature = dst_feature(dst, DST_FEATURE_ECN_MASK);
	bool ect = !INET_ECN_is_not_ect(dsfield_of(pkt));

	if (!th->ece || !th->cwr)
		return false;
	if (tcp_ca_needs_ecn(sk) || feature & DST_FEATURE_ECN_CA)
		return true;
	return (!ect || th->res1) &&
	       (READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_ecn) || feature);
}

/* -- the parts of the SYN-ACK -- */

static u16 client_mss(const struct synward_pkt *pkt,
		      const struct synward_options *opt, const struct sock *sk)
{
	u16 user = READ_ONCE(tcp_sk(sk)->rx_opt.user_mss);
	u16 mss = opt->mss;

	if (!mss)
		return pkt->key.family == NFPROTO_IPV4 ? TCP_MSS_DEFAULT :
			IPV6_MIN_MTU - sizeof(struct tcphdr) -
			sizeof(struct ipv6hdr);
	return user && user < mss ? user : mss;
}

static u32 cookie_isn(const struct synward_pkt *pkt, u16 mss)
{
	const struct tcphdr *th = tcp_hdr(pkt->skb);

#if IS_ENABLED(CONFIG_IPV6)
	if (pkt->key.family == NFPROTO_IPV6)
		return __cookie_v6_init_sequence(ipv6_hdr(pkt->skb), th, &mss);
#endif
	return __cookie_v4_init_sequence(ip_hdr(pkt->skb), th, &mss);
}

static u32 ts_offset(const struct synward_pkt *pkt, const struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (pkt->key.family == NFPROTO_IPV6)
		return synward_compat_ts_off6(net,
				ipv6_hdr(pkt->skb)->saddr.s6_addr32,
				ipv6_hdr(pkt->skb)->daddr.s6_addr32,
				synward_packet_sport(pkt),
				synward_packet_dport(pkt));
#endif
	return synward_compat_ts_off4(net, ip_hdr(pkt->skb)->saddr,
				      ip_hdr(pkt->skb)->daddr,
				      synward_packet_sport(pkt),
				      synward_packet_dport(pkt));
}

/* A timestamp not later than now whose low bits are the options. */
static u32 ts_with_options(const struct synward_options *opt, bool ecn)
{
	u64 now = div_u64(tcp_clock_ns(), NSEC_PER_MSEC);
	u64 ts = round_down(now, 1U << TS_BITS) | opt->wscale;

	if (opt->has_sack)
		ts |= TS_SACK;
	if (ecn)
		ts |= TS_ECN;
	if (ts > now)
		ts -= 1U << TS_BITS;
	return ts;
}

static u32 window_clamp(const struct sock *sk, const struct dst_entry *dst,
			u32 space)
{
	u32 clamp = READ_ONCE(tcp_sk(sk)->window_clamp) ? :
		    dst_metric(dst, RTAX_WINDOW);

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK && (clamp > space || !clamp))
		clamp = space;
	return clamp ? : U16_MAX << TCP_MAX_WSCALE;
}

/* One answer's rounddown(). */
struct rounded {
	u32 space;
	u32 mss;
	u32 result;
};

static DEFINE_PER_CPU(struct rounded, last_rounded);

/*
 * The slowest instruction of an answer would be this division. The SYNs of a
 * flood are for one listener: the last result nearly always fits.
 */
static u32 round_to_mss(u32 space, u32 mss)
{
	struct rounded *last = this_cpu_ptr(&last_rounded);

	if (last->space != space || last->mss != mss)
		*last = (struct rounded){ space, mss, rounddown(space, mss) };
	return last->result;
}

/*
 * The window and the scale that the kernel will compute again from the ACK,
 * tcp_select_initial_window(): another scale would be a silent mismatch.
 */
static void set_window(struct synward_cookie *cookie, const struct sock *sk,
		       const struct dst_entry *dst, bool scaled)
{
	const struct net *net = sock_net(sk);
	u32 mss = cookie->opt.mss -
		  (cookie->opt.has_ts ? TCPOLEN_TSTAMP_ALIGNED : 0);
	u32 full = max(tcp_full_space(sk), 0);
	u32 clamp = window_clamp(sk, dst, full);
	u32 space = min(clamp, full);
	u32 initial = dst_metric(dst, RTAX_INITRWND);
	u32 window;

	if (space > mss)
		space = round_to_mss(space, mss);
	window = min_t(u32, space, U16_MAX);
	if (READ_ONCE(net->ipv4.sysctl_tcp_workaround_signed_windows))
		window = min_t(u32, window, MAX_TCP_WINDOW);
	if (initial)
		window = min(window, initial * mss);
	cookie->window = window;

	cookie->opt.wscale = SYNWARD_WSCALE_NONE;
	if (!scaled)
		return;
	space = max_t(u32, space, READ_ONCE(net->ipv4.sysctl_tcp_rmem[2]));
	space = max_t(u32, space, READ_ONCE(sysctl_rmem_max));
	space = min(space, clamp);
	cookie->opt.wscale = clamp_t(int, ilog2(space) - 15, 0, TCP_MAX_WSCALE);
}

void synward_cookie_make(struct synward_cookie *cookie,
			 const struct synward_pkt *pkt,
			 const struct synward_options *offered, struct sock *sk,
			 const struct dst_entry *dst)
{
	const struct net *net = sock_net(sk);
	struct synward_options opt = *offered;

	take_options(&opt, net);
	cookie->ecn = opt.has_ts && wants_ecn(pkt, sk, dst);
	cookie->opt = (struct synward_options) {
		.mss = tcp_mss_clamp(tcp_sk(sk), tcp_dst_advmss(dst)),
		.has_ts = opt.has_ts,
		.has_sack = opt.has_sack,
	};
	if (opt.has_ts) {
		cookie->opt.tsval = ts_with_options(&opt, cookie->ecn) +
				    ts_offset(pkt, net);
		cookie->opt.tsecr = opt.tsval;
	}
	set_window(cookie, sk, dst, opt.wscale != SYNWARD_WSCALE_NONE);
	cookie->isn = cookie_isn(pkt, client_mss(pkt, &opt, sk));
	tcp_synq_overflow(sk);
}

/* The header may not be linear in an ACK: the check wants a copy then. */
u16 synward_cookie_check(const struct synward_pkt *pkt, const struct sock *sk)
{
	struct tcphdr room;
	const struct tcphdr *th;

	if (tcp_synq_no_recent_overflow(sk))
		return 0;
	th = skb_header_pointer(pkt->skb, pkt->thoff, sizeof(room), &room);
	if (!th)
		return 0;
#if IS_ENABLED(CONFIG_IPV6)
	if (pkt->key.family == NFPROTO_IPV6)
		return synward_compat_cookie_check6(ipv6_hdr(pkt->skb), th);
#endif
	return synward_compat_cookie_check4(ip_hdr(pkt->skb), th);
}

bool synward_cookie_offer(struct synward_options *opt,
			  const struct synward_pkt *pkt, const struct net *net,
			  u16 mss)
{
	u32 bits;

	synward_packet_options(opt, pkt);
	opt->mss = mss;
	opt->wscale = SYNWARD_WSCALE_NONE;
	opt->has_sack = false;
	opt->has_ts &= !!opt->tsecr;
	if (!opt->has_ts)
		return false;
	bits = opt->tsecr - ts_offset(pkt, net);
	opt->wscale = bits & TS_WSCALE;
	opt->has_sack = bits & TS_SACK;
	opt->tsecr = 0;
	return bits & TS_ECN;
}
