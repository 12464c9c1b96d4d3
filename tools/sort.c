// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "sort.h"
#include "state.h"

#define KEY_BYTES	20	/* family, address, port */
#define PRUNE_FACTOR	2	/* lines held above the limit before the rest is thrown away */

/* Compared as bytes: whatever is sorted by becomes big-endian. */
struct sort_line {
	unsigned char		key[KEY_BYTES];
	unsigned long long	sequence;	/* lines that compare equal keep their order */
	char			*text;
};

struct sort {
	enum sort_key		key;
	unsigned long long	limit;
	unsigned long long	sequence;
	struct sort_line	*line;
	size_t			count;
	size_t			room;
};

static const char *const names[] = {
	[SORT_AGE]		= "age",
	[SORT_IDLE]		= "idle",
	[SORT_PACKETS]		= "packets",
	[SORT_BYTES]		= "bytes",
	[SORT_RETRANSMIT]	= "retransmit",
	[SORT_CLIENT]		= "client",
	[SORT_SERVER]		= "server",
	[SORT_PORT]		= "port",
	[SORT_STATE]		= "state",
};

const char *const sort_names = "age idle packets bytes retransmit client server port state";

enum sort_key sort_read(const char *name)
{
	for (size_t i = SORT_NONE + 1; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return (enum sort_key)i;
	return SORT_NONE;
}

static void put_number(unsigned char *key, unsigned long long value)
{
	for (int i = 7; i >= 0; i--) {
		key[i] = (unsigned char)value;
		value >>= 8;
	}
}

static void put_endpoint(unsigned char *key, const struct fields *fields, const char *address,
			 const char *port)
{
	unsigned long long number = fields_number(fields, port);
	struct address read;

	if (!address_read(&read, fields_text(fields, address, "")))
		return;
	key[0] = (unsigned char)read.family;
	memcpy(key + 1, read.byte, ADDRESS_BYTES);
	key[ADDRESS_BYTES + 1] = (unsigned char)(number >> 8);
	key[ADDRESS_BYTES + 2] = (unsigned char)number;
}

static void put_states(unsigned char *key, const struct fields *fields)
{
	key[0] = (unsigned char)state_read(fields_text(fields, "client_state", ""));
	key[1] = (unsigned char)state_read(fields_text(fields, "server_state", ""));
}

static unsigned long long sum(const struct fields *fields, const char *one, const char *other)
{
	return fields_number(fields, one) + fields_number(fields, other);
}

/* The complement puts the largest first. */
static void make_key(unsigned char *key, enum sort_key by, const struct fields *fields)
{
	memset(key, 0, KEY_BYTES);
	switch (by) {
	case SORT_AGE:
		return put_number(key, ~fields_number(fields, "age_ms"));
	case SORT_IDLE:
		return put_number(key, ~fields_number(fields, "idle_ms"));
	case SORT_PACKETS:
		return put_number(key, ~sum(fields, "client_packets", "server_packets"));
	case SORT_BYTES:
		return put_number(key, ~sum(fields, "client_bytes", "server_bytes"));
	case SORT_RETRANSMIT:
		return put_number(key, ~sum(fields, "syn_retransmit", "synack_retransmit"));
	case SORT_CLIENT:
		return put_endpoint(key, fields, "client", "client_port");
	case SORT_SERVER:
		return put_endpoint(key, fields, "server", "server_port");
	case SORT_PORT:
		return put_number(key, fields_number(fields, "server_port"));
	case SORT_STATE:
		return put_states(key, fields);
	case SORT_NONE:
		return;
	}
}

static int compare(const void *a, const void *b)
{
	const struct sort_line *one = a, *other = b;
	int order = memcmp(one->key, other->key, KEY_BYTES);

	if (order)
		return order;
	return (one->sequence > other->sequence) - (one->sequence < other->sequence);
}

static void order(struct sort *sort)
{
	if (sort->count)
		qsort(sort->line, sort->count, sizeof(*sort->line), compare);
	while (sort->limit && sort->count > sort->limit)
		free(sort->line[--sort->count].text);
}

struct sort *sort_new(enum sort_key key, unsigned long long limit)
{
	struct sort *sort = util_new(sizeof(*sort));

	*sort = (struct sort) { .key = key, .limit = limit };
	return sort;
}

void sort_add(struct sort *sort, const struct fields *fields, const char *line)
{
	struct sort_line *add;

	sort->line = util_grow(sort->line, sort->count, &sort->room, sizeof(*sort->line));
	add = &sort->line[sort->count++];
	make_key(add->key, sort->key, fields);
	add->sequence = sort->sequence++;
	add->text = util_copy(line);
	/* With a limit the memory is bounded; so is the time, by sorting only now and then. */
	if (sort->limit && sort->count / PRUNE_FACTOR > sort->limit)
		order(sort);
}

size_t sort_finish(struct sort *sort)
{
	order(sort);
	return sort->count;
}

const char *sort_line(const struct sort *sort, size_t i)
{
	return sort->line[i].text;
}

void sort_free(struct sort *sort)
{
	for (size_t i = 0; i < sort->count; i++)
		free(sort->line[i].text);
	free(sort->line);
	free(sort);
}
