// SPDX-License-Identifier: GPL-2.0
/* What conntrack knows. See conntrack.h. */
#include <linux/compiler.h>
#include <linux/skbuff.h>

#include "conntrack.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
#include <net/netfilter/nf_conntrack.h>

bool synward_conntrack_led(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	return ct && READ_ONCE(ct->status) & IPS_DST_NAT;
}

/*
 * ESTABLISHED can be had without a SYN (nf_conntrack_tcp_loose), but not with an
 * answer: that is a RST, and with it the entry is CLOSED.
 */
static bool has_answered(const struct nf_conn *ct, u32 ack)
{
	const struct ip_ct_tcp *tcp = &ct->proto.tcp;

	return ct->status & IPS_SEEN_REPLY &&
	       tcp->state == TCP_CONNTRACK_ESTABLISHED &&
	       tcp->seen[IP_CT_DIR_REPLY].td_end == ack;
}

bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	/* Without the lock: what changes now is another segment's doing. */
	return ct && data_race(has_answered(ct, ack));
}
#else
bool synward_conntrack_led(const struct sk_buff *skb)
{
	return false;
}

bool synward_conntrack_answered(const struct sk_buff *skb, u32 ack)
{
	return false;
}
#endif
