/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's sockets, asked for. */
#ifndef SYNWARD_SOCKET_H
#define SYNWARD_SOCKET_H

#include <linux/types.h>

struct net;
struct sk_buff;
struct sock;
struct synward_listener_key;
struct synward_net;
struct synward_pkt;

/* Context of all three: RCU read side; a socket is valid within it. */

/**
 * synward_socket_listening - the listening socket that a segment is for
 * @pkt: a segment that came in
 * @sn:  its namespace
 *
 * Return: the socket or NULL.
 */
struct sock *synward_socket_listening(const struct synward_pkt *pkt,
				      const struct synward_net *sn);

/**
 * synward_socket_connected - is the four-tuple of a segment some socket's?
 * @pkt: a segment that came in
 * @sn:  its namespace
 *
 * Established, TIME-WAIT and request sockets count.
 */
bool synward_socket_connected(const struct synward_pkt *pkt,
			      const struct synward_net *sn);

/* The device that an IPv6 packet came by. Bridges have netfilter ask before IPv6 knows. */
int synward_socket_iif6(const struct sk_buff *skb);

/* The listening socket of a name, whoever asks; NULL when it is closed. */
struct sock *synward_socket_by_key(const struct synward_listener_key *key,
				   struct net *net);

#endif
