/* SPDX-License-Identifier: GPL-2.0 */
/* The firewall's rules, as far as they could be in the way of a cookie's connection. */
#ifndef SYNWARD_TOOL_RULES_H
#define SYNWARD_TOOL_RULES_H

#include <stdbool.h>

#include "host.h"

struct rules {
	bool	invalid;	/* some drop what conntrack calls INVALID */
	bool	no_syn;		/* some drop what is NEW and no SYN */
	bool	untold;		/* not to be had, as for anybody but root */
};

/**
 * rules_read() - look through the rules of nft and iptables that are in force
 * @rules: the result
 * @host: of a recorded copy its file /firewall-rules is read, which holds what
 *        "nft list ruleset" and "iptables-save" print
 */
void rules_read(struct rules *rules, const struct host *host);

#endif
