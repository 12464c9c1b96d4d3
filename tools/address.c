// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "number.h"

#define IPV4_BITS	32
#define IPV6_BITS	128
#define PORT_MAX	65535

bool address_read(struct address *address, const char *text)
{
	*address = (struct address) { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	return inet_pton(address->family, text, address->byte) == 1;
}

bool address_read_prefix(struct address_prefix *prefix, const char *text)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	unsigned long long bits, most;
	size_t length = slash ? (size_t)(slash - text) : strlen(text);

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!address_read(&prefix->address, address))
		return false;
	most = prefix->address.family == AF_INET ? IPV4_BITS : IPV6_BITS;
	bits = most;
	if (slash && (!number_read(slash + 1, &bits) || bits > most))
		return false;
	prefix->length = (unsigned int)bits;
	prefix->given = true;
	return true;
}

bool address_in_prefix(const struct address *address, const struct address_prefix *prefix)
{
	unsigned int whole = prefix->length / 8;
	unsigned int rest = prefix->length % 8;
	unsigned int differ;

	if (address->family != prefix->address.family)
		return false;
	if (memcmp(address->byte, prefix->address.byte, whole) != 0)
		return false;
	if (!rest)
		return true;
	differ = address->byte[whole] ^ prefix->address.byte[whole];
	return differ >> (8 - rest) == 0;
}

/* All of it without "/32". */
const char *address_prefix_text(char *text, const struct address *address, unsigned int bits)
{
	unsigned int most = address->family == AF_INET ? IPV4_BITS : IPV6_BITS;
	struct address first = *address;
	char plain[INET6_ADDRSTRLEN];

	for (unsigned int bit = bits; bit < most; bit++)
		first.byte[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	if (!inet_ntop(first.family, first.byte, plain, sizeof(plain)))
		snprintf(plain, sizeof(plain), "-");
	if (bits < most)
		snprintf(text, ADDRESS_ENDPOINT_MAX, "%s/%u", plain, bits);
	else
		snprintf(text, ADDRESS_ENDPOINT_MAX, "%s", plain);
	return text;
}

const char *address_endpoint(char *text, const char *address, const char *interface,
			     const char *port)
{
	bool ipv6 = strchr(address, ':');

	if (!strcmp(address, "-"))
		return "-";
	snprintf(text, ADDRESS_ENDPOINT_MAX, "%s%s%s%s%s:%s", ipv6 ? "[" : "", address,
		 interface ? "%" : "", interface ? interface : "", ipv6 ? "]" : "", port);
	return text;
}

/* Brackets are for IPv6 alone, and IPv6 never goes without them. */
static bool read_host(struct address *address, const char *text, size_t length)
{
	bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
	char host[INET6_ADDRSTRLEN];

	if (brackets) {
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	return address_read(address, host) && brackets == (address->family == AF_INET6);
}

bool address_read_endpoint(struct address_endpoint *endpoint, const char *text)
{
	const char *colon = strrchr(text, ':');
	unsigned long long port;

	if (!colon || !read_host(&endpoint->address, text, (size_t)(colon - text)))
		return false;
	if (!number_read(colon + 1, &port) || port > PORT_MAX)
		return false;
	endpoint->port = (unsigned int)port;
	return true;
}

bool address_same_endpoint(const struct address_endpoint *one,
			   const struct address_endpoint *other)
{
	return one->port == other->port && one->address.family == other->address.family &&
	       !memcmp(one->address.byte, other->address.byte, ADDRESS_BYTES);
}
