// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "facts.h"
#include "number.h"
#include "state.h"

#define TEXT_MAX	64

/* -- the two ends -- */

static void draw_isn(const struct entry *entry, bool of_server)
{
	draw_text(DRAW_DIM, "  isn ");
	if (entry_knows_isn(entry, of_server))
		draw_text(DRAW_PLAIN, "%llu", fields_number(entry->fields, of_server ?
							    "server_isn" : "client_isn"));
	else
		draw_text(DRAW_DIM, "-");
}

static void draw_end(const struct entry *entry, const char *name, const char *port)
{
	char text[ADDRESS_ENDPOINT_MAX];
	const char *address;

	draw_text(DRAW_BOLD, "%s", name);
	address = fields_text(entry->fields, name, "-");
	draw_text(DRAW_PLAIN, "  %s",
		  address_endpoint(text, address, NULL, fields_text(entry->fields, port, "-")));
	draw_isn(entry, !strcmp(name, "server"));
	draw_newline();
}

static void draw_flags(const struct entry *entry)
{
	const char *flags = fields_text(entry->fields, "flags", "-");

	if (!strcmp(flags, "-"))
		return;
	draw_text(DRAW_BOLD, "flags ");
	draw_text(DRAW_MAGENTA, "  %s", flags);
	draw_newline();
}

/* -- the handshake -- */

/* How often more a segment was sent; NULL for not at all. */
static const char *note_repeats(char *text, const struct entry *entry, const char *key)
{
	unsigned long long repeats = fields_number(entry->fields, key);

	if (!repeats)
		return NULL;
	/* the module counts no further than 15 */
	snprintf(text, TEXT_MAX, "sent again %llu%s", repeats, repeats == 15 ? " times or more" :
		 repeats == 1 ? " time" : " times");
	return text;
}

static bool is_state(const struct entry *entry, const char *key, enum state state)
{
	return state_read(fields_text(entry->fields, key, "")) == state;
}

static void draw_syn(struct rungs *rungs, const struct entry *entry)
{
	char note[TEXT_MAX];
	struct rung rung = {
		.time = "0.000000",
		.arrow = RUNG_TO_SERVER,
		.colour = DRAW_CYAN,
		.what = "SYN",
		.detail = entry_has_flag(entry, "fastopen") ? "fast open" : NULL,
		.note = note_repeats(note, entry, "syn_retransmit"),
		.state = { "SYN-SENT", "LISTEN" },
	};

	rung_draw(rungs, &rung);
}

/* Times that the entry does not know are 0: the handshake went through a cookie. */
static void draw_synack(struct rungs *rungs, const struct entry *entry)
{
	unsigned long long us = fields_number(entry->fields, "syn_to_synack_us");
	char time[NUMBER_TEXT_MAX], note[TEXT_MAX];
	struct rung rung = {
		.time = us ? number_seconds(time, us) : NULL,
		.arrow = RUNG_TO_CLIENT,
		.colour = DRAW_CYAN,
		.what = "SYN,ACK",
		.detail = entry_has_flag(entry, "cookie") ? "with a cookie" : NULL,
		.note = note_repeats(note, entry, "synack_retransmit"),
		.state = { "SYN-SENT", "SYN-RECEIVED" },
	};

	rung_draw(rungs, &rung);
}

static void draw_ack(struct rungs *rungs, const struct entry *entry)
{
	unsigned long long us = fields_number(entry->fields, "syn_to_synack_us");
	char time[NUMBER_TEXT_MAX];
	struct rung rung = {
		.time = us ? number_seconds(time, us + fields_number(entry->fields,
								     "synack_to_ack_us")) : NULL,
		.arrow = RUNG_TO_SERVER,
		.what = "ACK",
		.state = { "ESTABLISHED", "ESTABLISHED" },
	};

	rung_draw(rungs, &rung);
}

static void draw_handshake(struct rungs *rungs, const struct entry *entry)
{
	struct rung picked_up = { .what = "picked up in mid-stream", .colour = DRAW_MAGENTA };

	if (entry_has_flag(entry, "picked_up")) {
		rung_draw(rungs, &picked_up);
		return;
	}
	draw_syn(rungs, entry);
	if (is_state(entry, "server_state", STATE_LISTEN))
		return;
	draw_synack(rungs, entry);
	if (entry->fields == &entry->established)
		draw_ack(rungs, entry);
}

/* -- what came then -- */

static void draw_traffic(struct rungs *rungs, const struct entry *entry, const char *packets,
			 const char *bytes, enum rung_arrow arrow)
{
	unsigned long long count = fields_number(entry->fields, packets);
	char size[NUMBER_TEXT_MAX], number[NUMBER_TEXT_MAX], text[TEXT_MAX];
	struct rung rung = { .arrow = arrow, .what = size, .detail = text };

	number_bytes(size, fields_number(entry->fields, bytes));
	snprintf(text, sizeof(text), "in %s segment%s", number_short(number, count),
		 count == 1 ? "" : "s");
	if (count)
		rung_draw(rungs, &rung);
}

static void draw_close(struct rungs *rungs, const struct entry *entry)
{
	const char *how = fields_text(entry->fields, "closed_how", "none");
	const char *by = fields_text(entry->fields, "closed_by", "none");
	bool reset = !strcmp(how, "rst");
	struct rung rung = {
		.arrow = strcmp(by, "server") ? RUNG_TO_SERVER : RUNG_TO_CLIENT,
		.colour = reset ? DRAW_RED : DRAW_CYAN,
		.what = reset ? "RST" : "FIN",
		.detail = "first to close",
	};

	if (strcmp(how, "none") && strcmp(by, "none"))
		rung_draw(rungs, &rung);
}

static void draw_rest(struct rungs *rungs, const struct entry *entry)
{
	draw_traffic(rungs, entry, "client_packets", "client_bytes", RUNG_TO_SERVER);
	draw_traffic(rungs, entry, "server_packets", "server_bytes", RUNG_TO_CLIENT);
	draw_close(rungs, entry);
}

static void draw_now(struct rungs *rungs, const struct entry *entry)
{
	char age[NUMBER_TEXT_MAX], idle[NUMBER_TEXT_MAX], text[TEXT_MAX];
	struct rung rung = {
		.time = "now",
		.what = text,
		.state = {
			fields_text(entry->fields, "client_state", "-"),
			fields_text(entry->fields, "server_state", "-"),
		},
	};

	number_ms(age, fields_number(entry->fields, "age_ms"));
	if (fields_text(entry->fields, "idle_ms", NULL))
		snprintf(text, sizeof(text), "age %s, idle %s", age,
			 number_ms(idle, fields_number(entry->fields, "idle_ms")));
	else
		snprintf(text, sizeof(text), "age %s", age);
	rung_draw(rungs, &rung);
}

void facts_draw(struct rungs *rungs, const struct entry *entry, bool no_header)
{
	draw_end(entry, "client", "client_port");
	draw_end(entry, "server", "server_port");
	draw_flags(entry);
	if (!no_header)
		rung_draw_header(rungs);
	draw_handshake(rungs, entry);
	if (entry->fields == &entry->established)
		draw_rest(rungs, entry);
	draw_now(rungs, entry);
}

json_t *facts_to_json(const struct entry *entry)
{
	json_t *document = document_new(), *fields = fields_to_json(entry->fields);

	json_object_set_new(document, "type", json_string("entry"));
	json_object_update_missing(document, fields);
	json_decref(fields);
	return document;
}
