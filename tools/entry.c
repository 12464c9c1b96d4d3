// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "entry.h"
#include "flow.h"
#include "state.h"

bool entry_is_between(const struct entry_ends *ends, const struct address_endpoint *client,
		      const struct address_endpoint *server)
{
	if (address_same_endpoint(&ends->one, client))
		return address_same_endpoint(&ends->other, server);
	return address_same_endpoint(&ends->other, client) &&
	       address_same_endpoint(&ends->one, server);
}

static bool read_end(struct address_endpoint *end, const struct fields *fields,
		     const char *address, const char *port)
{
	end->port = (unsigned int)fields_number(fields, port);
	return address_read(&end->address, fields_text(fields, address, ""));
}

static bool matches(const struct fields *fields, const struct entry_ends *ends)
{
	struct address_endpoint client, server;

	return read_end(&client, fields, "client", "client_port") &&
	       read_end(&server, fields, "server", "server_port") &&
	       entry_is_between(ends, &client, &server);
}

static enum exit_code search(struct fields *fields, bool *found, struct proc_file *file,
			     const struct entry_ends *ends)
{
	enum exit_code code = EXIT_OK;
	bool more = true;

	while (!code && !*found) {
		code = proc_next(file, &more);
		if (code || !more)
			break;
		code = fields_read(fields, file, flow_rules);
		*found = !code && matches(fields, ends);
	}
	return code;
}

static enum exit_code search_table(struct fields *fields, bool *found, const char *name,
				   const struct entry_ends *ends, const char *dir)
{
	struct proc_file file;
	enum exit_code code;

	*found = false;
	code = proc_open(&file, dir, name);
	if (code)
		return code;
	code = search(fields, found, &file, ends);
	proc_close(&file);
	return code;
}

static bool is_over(const struct fields *fields)
{
	return state_is_over(fields_text(fields, "client_state", ""),
			     fields_text(fields, "server_state", ""));
}

/*
 * Half-open ones go to the established table, so in this order none is missed. Who is in both
 * got there in between, unless it is a new connection on the ports of an old one.
 */
enum exit_code entry_find(struct entry *entry, const struct entry_ends *ends, const char *dir)
{
	bool halfopen, established;
	enum exit_code code;

	entry->fields = NULL;
	code = search_table(&entry->halfopen, &halfopen, "halfopen", ends, dir);
	if (!code)
		code = search_table(&entry->established, &established, "established", ends, dir);
	if (code)
		return code;
	if (established && !(halfopen && is_over(&entry->established)))
		entry->fields = &entry->established;
	else if (halfopen)
		entry->fields = &entry->halfopen;
	return EXIT_OK;
}

bool entry_is_over(const struct entry *entry)
{
	return is_over(entry->fields);
}

bool entry_has_flag(const struct entry *entry, const char *flag)
{
	return fields_has_word(entry->fields, "flags", flag);
}

/* A server's that has not spoken yet is 0. */
bool entry_knows_isn(const struct entry *entry, bool of_server)
{
	if (entry_has_flag(entry, "picked_up") ||
	    !fields_text(entry->fields, of_server ? "server_isn" : "client_isn", NULL))
		return false;
	return !of_server || entry_has_flag(entry, "cookie") ||
	       fields_number(entry->fields, "server_packets");
}
