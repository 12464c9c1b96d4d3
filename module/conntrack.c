// SPDX-License-Identifier: GPL-2.0
/* What conntrack knows. See conntrack.h. */
#include <linux/compiler.h>
#include <linux/skbuff.h>

#include "conntrack.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
#include <net/netfilter/nf_conntrack.h>

/*
 * ESTABLISHED can be had without a SYN (nf_conntrack_tcp_loose), and what looks
 * like an answer may come from elsewhere: such an entry is liberal for good.
 */
static bool has_answered(const struct nf_conn *ct, u32 ack)
{
	const struct ip_ct_tcp_state *server = &ct->proto.tcp.seen[IP_CT_DIR_REPLY];

	return ct->status & IPS_SEEN_REPLY &&
	       ct->proto.tcp.state == TCP_CONNTRACK_ESTABLISHED &&
	       !(server->flags & IP_CT_TCP_FLAG_BE_LIBERAL) &&
	       server->td_end == ack;
}

bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	/* Without the lock: what changes now is another segment's doing. */
	return ct && data_race(has_answered(ct, ack));
}
#else
bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack)
{
	return false;
}
#endif
