// SPDX-License-Identifier: GPL-2.0
/* The kernel's sockets, asked for. See socket.h. */
#include <linux/netfilter.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "compat/compat.h"
#include "listener.h"
#include "net.h"
#include "packet.h"
#include "socket.h"

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
	struct sk_buff *skb = pkt->skb;
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
int synward_socket_iif6(const struct sk_buff *skb)
{
	return inet6_iif(skb) ?: skb->dev->ifindex;
}

static struct sock *socket6(const struct synward_pkt *pkt, struct net *net)
{
	struct sk_buff *skb = pkt->skb;

	return synward_compat_listener6(net, skb, pkt->thoff + pkt->hdrlen,
					&ipv6_hdr(skb)->saddr,
					synward_packet_sport(pkt),
					&ipv6_hdr(skb)->daddr,
					synward_packet_dport(pkt),
					synward_socket_iif6(skb), inet6_sdif(skb));
}

static bool connected6(const struct synward_pkt *pkt, struct net *net)
{
	const struct sk_buff *skb = pkt->skb;
	struct sock *sk;

	sk = synward_compat_connected6(net, &ipv6_hdr(skb)->saddr,
				       synward_packet_sport(pkt),
				       &ipv6_hdr(skb)->daddr,
				       synward_packet_dport(pkt),
				       synward_socket_iif6(skb), inet6_sdif(skb));
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

struct sock *synward_socket_listening(const struct synward_pkt *pkt,
				      const struct synward_net *sn)
{
	return pkt->key.family == NFPROTO_IPV4 ? socket4(pkt, sn->net) :
						 socket6(pkt, sn->net);
}

bool synward_socket_connected(const struct synward_pkt *pkt,
			      const struct synward_net *sn)
{
	return pkt->key.family == NFPROTO_IPV4 ? connected4(pkt, sn->net) :
						 connected6(pkt, sn->net);
}

struct sock *synward_socket_by_key(const struct synward_listener_key *key,
				   struct net *net)
{
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
