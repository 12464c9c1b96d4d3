/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 and IPv6 addresses and prefixes, kept alike. */
#ifndef SYNWARD_TOOL_ADDRESS_H
#define SYNWARD_TOOL_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_BYTES		16
#define ADDRESS_ENDPOINT_MAX	80	/* [address%interface]:port */

struct address {
	int		family;		/* AF_INET, AF_INET6 */
	unsigned char	byte[ADDRESS_BYTES];
};

/* One end of a connection. */
struct address_endpoint {
	struct address	address;
	unsigned int	port;
};

struct address_prefix {
	struct address	address;
	unsigned int	length;		/* bits */
	bool		given;
};

bool address_read(struct address *address, const char *text);
/* "192.0.2.0/24", or an address alone for exactly that one. */
bool address_read_prefix(struct address_prefix *prefix, const char *text);
bool address_in_prefix(const struct address *address, const struct address_prefix *prefix);

/* @address with nothing but its first @bits, as "192.0.2.0/24"; ADDRESS_ENDPOINT_MAX bytes. */
const char *address_prefix_text(char *text, const struct address *address, unsigned int bits);

/*
 * 192.0.2.1:80 or [2001:db8::1]:80, with "%interface" behind the address where one is given;
 * "-" for that address. @text has ADDRESS_ENDPOINT_MAX bytes, and is not always used.
 */
const char *address_endpoint(char *text, const char *address, const char *interface,
			     const char *port);

/* "192.0.2.1:80" or "[2001:db8::1]:80", port 0 to 65535. */
bool address_read_endpoint(struct address_endpoint *endpoint, const char *text);
bool address_same_endpoint(const struct address_endpoint *one,
			   const struct address_endpoint *other);

#endif
