/* SPDX-License-Identifier: GPL-2.0 */
/* The entry of one connection in the module's tables. */
#ifndef SYNWARD_TOOL_ENTRY_H
#define SYNWARD_TOOL_ENTRY_H

#include "address.h"
#include "fields.h"

/* The two ends, in any order. */
struct entry_ends {
	struct address_endpoint	one;
	struct address_endpoint	other;
};

struct entry {
	struct fields	halfopen;
	struct fields	established;
	struct fields	*fields;	/* the one to look at; NULL: the connection is not known */
};

bool entry_is_between(const struct entry_ends *ends, const struct address_endpoint *client,
		      const struct address_endpoint *server);

/* @dir is the module's. EXIT_OK also where it is not known. */
enum exit_code entry_find(struct entry *entry, const struct entry_ends *ends, const char *dir);

bool entry_is_over(const struct entry *entry);
/* Whether the entry knows the initial sequence number of that end. */
bool entry_knows_isn(const struct entry *entry, bool of_server);
bool entry_has_flag(const struct entry *entry, const char *flag);

#endif
