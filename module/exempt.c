// SPDX-License-Identifier: GPL-2.0
/* The exempt list. See exempt.h. */
#include <linux/ctype.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "exempt.h"
#include "net.h"

/* IPv4 in the last word; the bits behind @len are 0. */
struct prefix {
	struct in6_addr addr;
	u8 len;
	u8 family;
};

/* Never changed once it is published. */
struct synward_exempt {
	struct rcu_head rcu;
	unsigned int n;
	struct prefix prefix[SYNWARD_EXEMPT_MAX];
};

/* Guards the pointers of all namespaces; readers use RCU. */
static DEFINE_MUTEX(lock);

/* -- asking -- */

static bool covers(const struct prefix *p, const struct in6_addr *addr, u16 family)
{
	if (p->family != family)
		return false;
	if (family == NFPROTO_IPV4)
		return !((p->addr.s6_addr32[3] ^ addr->s6_addr32[3]) &
			 inet_make_mask(p->len));
	return ipv6_prefix_equal(&p->addr, addr, p->len);
}

bool synward_exempt_has(const struct synward_net *sn,
			const struct in6_addr *addr, u16 family)
{
	const struct synward_exempt *list = rcu_dereference(sn->exempt);
	unsigned int i;

	for (i = 0; list && i < list->n; i++) {
		if (covers(&list->prefix[i], addr, family))
			return true;
	}
	return false;
}

/* -- from text and to text -- */

/* Without a length the prefix is one address. */
static bool parse_length(struct prefix *p, const char *text, unsigned int most)
{
	p->len = most;
	/* kstrtou8() takes a sign. */
	return !text || (isdigit(*text) && !kstrtou8(text, 10, &p->len) &&
			 p->len <= most);
}

static bool parse4(struct prefix *p, const char *addr, const char *len)
{
	p->family = NFPROTO_IPV4;
	if (!in4_pton(addr, -1, (u8 *)&p->addr.s6_addr32[3], -1, NULL) ||
	    !parse_length(p, len, 32))
		return false;
	p->addr.s6_addr32[3] &= inet_make_mask(p->len);
	return true;
}

/* An IPv4 source is never seen as a mapped one: such an entry is a mistake. */
static bool parse6(struct prefix *p, const char *addr, const char *len)
{
	struct in6_addr whole;

	p->family = NFPROTO_IPV6;
	if (!in6_pton(addr, -1, whole.s6_addr, -1, NULL) ||
	    ipv6_addr_v4mapped(&whole) || !parse_length(p, len, 128))
		return false;
	ipv6_addr_prefix(&p->addr, &whole, p->len);
	return true;
}

/* @entry is left as it was: a message may name it. */
static bool parse_prefix(struct prefix *p, char *entry)
{
	char *slash = strchr(entry, '/');
	bool good;

	memset(p, 0, sizeof(*p));
	if (slash)
		*slash = 0;
	good = strchr(entry, ':') ? parse6(p, entry, slash ? slash + 1 : NULL) :
				    parse4(p, entry, slash ? slash + 1 : NULL);
	if (slash)
		*slash = '/';
	return good;
}

static bool is_listed(const struct synward_exempt *list, const struct prefix *p)
{
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		if (!memcmp(&list->prefix[i], p, sizeof(*p)))
			return true;
	}
	return false;
}

static int parse_list(struct synward_exempt *list, char *text, const char **bad)
{
	struct prefix p;
	char *entry;

	while ((entry = strsep(&text, ", \t\n"))) {
		*bad = entry;
		if (!*entry)
			continue;
		if (!parse_prefix(&p, entry))
			return -EINVAL;
		if (is_listed(list, &p))
			continue;
		if (list->n == SYNWARD_EXEMPT_MAX)
			return -E2BIG;
		list->prefix[list->n++] = p;
	}
	return 0;
}

/* An empty list is none. */
static void publish(struct synward_net *sn, struct synward_exempt *list)
{
	struct synward_exempt *old;

	mutex_lock(&lock);
	old = rcu_replace_pointer(sn->exempt, list->n ? list : NULL,
				  lockdep_is_held(&lock));
	mutex_unlock(&lock);
	if (!list->n)
		kfree(list);
	if (old)
		kfree_rcu(old, rcu);
}

int synward_exempt_set(struct synward_net *sn, char *text, const char **bad)
{
	struct synward_exempt *list = kzalloc(sizeof(*list), GFP_KERNEL);
	int err;

	if (!list)
		return -ENOMEM;
	err = parse_list(list, text, bad);
	if (err)
		kfree(list);
	else
		publish(sn, list);
	return err;
}

static int show_prefix(const struct prefix *p, char *text, size_t size)
{
	if (p->family == NFPROTO_IPV4)
		return scnprintf(text, size, "%pI4/%u", &p->addr.s6_addr32[3],
				 p->len);
	return scnprintf(text, size, "%pI6c/%u", &p->addr, p->len);
}

void synward_exempt_show(const struct synward_net *sn, char *text, size_t size)
{
	const struct synward_exempt *list;
	unsigned int i;
	int at = 0;

	*text = 0;
	rcu_read_lock();
	list = rcu_dereference(sn->exempt);
	for (i = 0; list && i < list->n; i++) {
		if (i)
			at += scnprintf(text + at, size - at, ",");
		at += show_prefix(&list->prefix[i], text + at, size - at);
	}
	rcu_read_unlock();
}

void synward_exempt_free(struct synward_net *sn)
{
	kfree(rcu_dereference_protected(sn->exempt, 1));
}
