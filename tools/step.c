// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "facts.h"
#include "number.h"
#include "state.h"
#include "step.h"

#define TEXT_MAX	96

/* -- relative sequence numbers -- */

static void set_base(struct step_base *base, unsigned int number, bool is_isn)
{
	*base = (struct step_base) { .known = true, .is_isn = is_isn, .number = number };
}

/* What the module did not believe gives no base. */
static bool is_believed(const struct segment *segment)
{
	static const char *const good[] = { "ok", "syn_again", "synack_again" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!strcmp(segment_judgement(segment), good[i]))
			return true;
	return false;
}

static void note_numbers(struct steps *steps, const struct segment *segment)
{
	struct step_base *sender = &steps->base[segment->from_server];
	struct step_base *peer = &steps->base[!segment->from_server];

	if (!is_believed(segment))
		return;
	if (segment_has(segment, "SYN"))
		set_base(sender, segment->seq, true);
	else if (!sender->known)
		set_base(sender, segment->seq, false);
	if (segment_has(segment, "ACK") && !peer->known)
		set_base(peer, segment->ack, false);
}

/* Numbers from before the first one seen are negative; before an ISN there are none. */
static long long relative(const struct step_base *base, unsigned int number)
{
	unsigned int distance = number - base->number;

	return base->is_isn ? (long long)distance : (long long)(int)distance;
}

static long long relative_seq(const struct steps *steps, const struct segment *segment)
{
	return relative(&steps->base[segment->from_server], segment->seq);
}

static long long relative_ack(const struct steps *steps, const struct segment *segment)
{
	return relative(&steps->base[!segment->from_server], segment->ack);
}

/* The clock of a recording may go back. */
static unsigned long long relative_us(const struct steps *steps, const struct segment *segment)
{
	return segment->time_us > steps->first_us ? segment->time_us - steps->first_us : 0;
}

/* -- for programs -- */

/* "[2001:db8::1]:80" becomes two values, as in the other documents. */
static void write_segment(const struct steps *steps, const struct segment *segment,
			  const char *judgement)
{
	json_t *line = document_new_line("segment");

	json_object_set_new(line, "time_us", document_number(relative_us(steps, segment)));
	segment_ends_to_json(line, segment);
	json_object_set_new(line, "judgement", json_string(judgement));
	if (steps->base[segment->from_server].known)
		json_object_set_new(line, "relative_seq",
				    json_integer(relative_seq(steps, segment)));
	if (steps->base[!segment->from_server].known && segment_has(segment, "ACK"))
		json_object_set_new(line, "relative_ack",
				    json_integer(relative_ack(steps, segment)));
	segment_rest_to_json(line, segment);
	document_write_line(line);
}

static void write_gone(const struct steps *steps, const struct segment *segment)
{
	json_t *line = document_new_line("gone");

	if (steps->count)
		json_object_set_new(line, "time_us", document_number(relative_us(steps, segment)));
	segment_ends_to_json(line, segment);
	segment_rest_to_json(line, segment);
	document_write_line(line);
}

/* -- for people -- */

static void draw_head(struct steps *steps, const struct segment *segment)
{
	if (steps->headed)
		return;
	steps->headed = true;
	draw_text(DRAW_BOLD, "client");
	draw_text(DRAW_PLAIN, "  %s", fields_text(&segment->fields, "client", "-"));
	draw_newline();
	draw_text(DRAW_BOLD, "server");
	draw_text(DRAW_PLAIN, "  %s", fields_text(&segment->fields, "server", "-"));
	draw_newline();
	if (!steps->no_header)
		rung_draw_header(&steps->rungs);
}

static void append(char *text, const char *name, long long number)
{
	size_t used = strlen(text);

	snprintf(text + used, TEXT_MAX - used, "%s%s %lld", used ? " " : "", name, number);
}

/* Nothing to count from: the number as it is. */
static void set_detail(char *text, const struct steps *steps, const struct segment *segment)
{
	text[0] = '\0';
	append(text, "seq", steps->base[segment->from_server].known ?
	       relative_seq(steps, segment) : (long long)segment->seq);
	if (segment_has(segment, "ACK"))
		append(text, "ack", steps->base[!segment->from_server].known ?
		       relative_ack(steps, segment) : (long long)segment->ack);
}

static void set_what(char *text, const struct segment *segment)
{
	snprintf(text, TEXT_MAX, "%.40s", fields_text(&segment->fields, "flags", "-"));
	if (segment->len)
		append(text, "len", segment->len);
}

static enum draw_colour segment_colour(const struct segment *segment)
{
	if (segment_has(segment, "RST"))
		return DRAW_RED;
	if (segment_has(segment, "SYN") || segment_has(segment, "FIN"))
		return DRAW_CYAN;
	return segment->len ? DRAW_BOLD : DRAW_PLAIN;
}

static const char *set_note(char *text, const char *judgement)
{
	if (!strcmp(judgement, "ok"))
		return NULL;
	snprintf(text, TEXT_MAX, "%.40s", judgement);
	for (char *gap = text; (gap = strchr(gap, '_')); gap++)
		*gap = ' ';
	return text;
}

static void draw_segment(struct steps *steps, const struct segment *segment,
			 const char *judgement)
{
	char time[NUMBER_TEXT_MAX], what[TEXT_MAX], detail[TEXT_MAX], note[TEXT_MAX];
	struct rung rung = {
		.time = number_seconds(time, relative_us(steps, segment)),
		.arrow = segment->from_server ? RUNG_TO_CLIENT : RUNG_TO_SERVER,
		.colour = segment_colour(segment),
		.what = what,
		.detail = detail,
		.note = set_note(note, judgement),
		.state = { segment_client_state(segment), segment_server_state(segment) },
	};

	draw_head(steps, segment);
	set_what(what, segment);
	set_detail(detail, steps, segment);
	rung_draw(&steps->rungs, &rung);
	fflush(stdout);
}

static void draw_carried(const struct segment *segment, const char *end, const char *packets,
			 const char *bytes)
{
	char size[NUMBER_TEXT_MAX], number[NUMBER_TEXT_MAX];

	number_bytes(size, fields_number(&segment->fields, bytes));
	number_short(number, fields_number(&segment->fields, packets));
	draw_text(DRAW_DIM, ", %s %s in %s", end, size, number);
}

static void draw_gone(const struct segment *segment)
{
	char age[NUMBER_TEXT_MAX];

	draw_text(DRAW_PLAIN, "ended: %s", segment_how(segment));
	draw_text(DRAW_DIM, ", age %s", number_ms(age, fields_number(&segment->fields, "age_ms")));
	draw_carried(segment, "client", "client_packets", "client_bytes");
	draw_carried(segment, "server", "server_packets", "server_bytes");
	draw_newline();
	fflush(stdout);
}

/* -- both -- */

void step_begin(struct steps *steps, bool json, bool no_header)
{
	*steps = (struct steps) { .json = json, .no_header = no_header };
	rung_begin(&steps->rungs);
}

void step_show_entry(struct steps *steps, const struct entry *entry)
{
	if (entry_knows_isn(entry, false))
		set_base(&steps->base[RUNG_CLIENT],
			 (unsigned int)fields_number(entry->fields, "client_isn"), true);
	if (entry_knows_isn(entry, true))
		set_base(&steps->base[RUNG_SERVER],
			 (unsigned int)fields_number(entry->fields, "server_isn"), true);
	if (steps->json) {
		document_write_line(facts_to_json(entry));
		return;
	}
	facts_draw(&steps->rungs, entry, steps->no_header);
	steps->headed = true;
	fflush(stdout);
}

/* The old connection judges the SYN that ends it; the new one tells of it once more. */
static void forget_old(struct steps *steps)
{
	memset(steps->base, 0, sizeof(steps->base));
	steps->reused = true;
	steps->over = false;
}

void step_show(struct steps *steps, const struct segment *segment)
{
	const char *judgement = segment_judgement(segment);

	if (!strcmp(judgement, "reuse")) {
		forget_old(steps);
		return;
	}
	if (!steps->count++)
		steps->first_us = segment->time_us;
	note_numbers(steps, segment);
	if (steps->reused && segment_has(segment, "SYN") && !strcmp(judgement, "ok"))
		judgement = "reuse";
	steps->reused = false;
	steps->over = state_is_over(segment_client_state(segment), segment_server_state(segment));
	if (steps->json)
		write_segment(steps, segment, judgement);
	else
		draw_segment(steps, segment, judgement);
}

void step_show_gone(const struct steps *steps, const struct segment *segment)
{
	if (steps->json)
		write_gone(steps, segment);
	else
		draw_gone(segment);
}

void step_show_lost(const struct steps *steps, unsigned long long events)
{
	if (steps->json) {
		document_write_lost(events);
		return;
	}
	draw_text(DRAW_RED, "%llu segments of all connections were too fast to be seen", events);
	draw_newline();
	fflush(stdout);
}

void step_end(const struct steps *steps, const char *reason, const char *text)
{
	json_t *line;

	if (steps->json) {
		line = document_new_line("end");
		json_object_set_new(line, "reason", json_string(reason));
		json_object_set_new(line, "segments", document_number(steps->count));
		document_write_line(line);
		return;
	}
	draw_text(DRAW_DIM, "%s", text);
	draw_newline();
}
