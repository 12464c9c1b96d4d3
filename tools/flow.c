// SPDX-License-Identifier: GPL-2.0
#include "flow.h"
#include "state.h"

const struct field_rule flow_rules[] = {
	{ "family", FIELD_FAMILY },
	{ "client", FIELD_ADDRESS },
	{ "client_port", FIELD_PORT },
	{ "server", FIELD_ADDRESS },
	{ "server_port", FIELD_PORT },
	{ "client_state", FIELD_STATE },
	{ "server_state", FIELD_STATE },
	{ "age_ms", FIELD_NUMBER },
	{ "idle_ms", FIELD_NUMBER },
	{ "client_isn", FIELD_NUMBER },
	{ "server_isn", FIELD_NUMBER },
	{ "client_packets", FIELD_NUMBER },
	{ "client_bytes", FIELD_NUMBER },
	{ "server_packets", FIELD_NUMBER },
	{ "server_bytes", FIELD_NUMBER },
	{ "syn_retransmit", FIELD_NUMBER },
	{ "synack_retransmit", FIELD_NUMBER },
	{ "syn_to_synack_us", FIELD_NUMBER },
	{ "synack_to_ack_us", FIELD_NUMBER },
	{ "closed_by", FIELD_TEXT },
	{ "closed_how", FIELD_TEXT },
	{ "flags", FIELD_FLAGS },
	{ 0 }
};

static bool state_matches(const struct fields *fields, unsigned int wanted)
{
	enum state client = state_read(fields_text(fields, "client_state", ""));
	enum state server = state_read(fields_text(fields, "server_state", ""));

	return wanted & (1U << client | 1U << server);
}

static bool address_matches(const struct fields *fields, const char *key,
			    const struct address_prefix *prefix)
{
	struct address address;

	return address_read(&address, fields_text(fields, key, "")) &&
	       address_in_prefix(&address, prefix);
}

bool flow_matches(const struct fields *fields, const struct options *options)
{
	if (options->port && fields_number(fields, "server_port") != options->port)
		return false;
	if (options->states && !state_matches(fields, options->states))
		return false;
	if (options->client.given && !address_matches(fields, "client", &options->client))
		return false;
	if (options->server.given && !address_matches(fields, "server", &options->server))
		return false;
	return true;
}
