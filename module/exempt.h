/* SPDX-License-Identifier: GPL-2.0 */
/* The exempt list: source prefixes of both families that have no limit. */
#ifndef SYNWARD_EXEMPT_H
#define SYNWARD_EXEMPT_H

#include <linux/inet.h>
#include <linux/types.h>

struct in6_addr;
struct synward_net;

#define SYNWARD_EXEMPT_MAX	64U

/* Bytes of the longest list as text, with the 0 at its end. */
#define SYNWARD_EXEMPT_TEXT \
	(SYNWARD_EXEMPT_MAX * (INET6_ADDRSTRLEN + sizeof("/128")))

/**
 * synward_exempt_has - is a source exempt?
 * @sn:     its namespace
 * @addr:   its address; IPv4 in the last word
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Context: any, RCU read side.
 */
bool synward_exempt_has(const struct synward_net *sn,
			const struct in6_addr *addr, u16 family);

/**
 * synward_exempt_set - replace the list of a namespace
 * @sn:   namespace
 * @text: prefixes between commas or white space; it is cut to pieces
 * @bad:  what is wrong, on error
 *
 * Context: process. Return: 0; -EINVAL when an entry is no prefix, -E2BIG when
 * there are too many (@bad is the first that is one too many), -ENOMEM. After
 * an error the list is what it was.
 */
int synward_exempt_set(struct synward_net *sn, char *text, const char **bad);

/* The list as text, in the form that is used everywhere; @size bytes of room. */
void synward_exempt_show(const struct synward_net *sn, char *text, size_t size);

/* The namespace goes away; nobody reads its list any more. */
void synward_exempt_free(struct synward_net *sn);

#endif
