// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "document.h"
#include "draw.h"
#include "happening.h"
#include "number.h"

#define US_PER_SECOND	1000000LL
#define TIME_MAX	64	/* bytes */
#define US_PER_MS	1000LL
#define TIME_WIDTH	12
#define WHAT_WIDTH	8
#define WHY_WIDTH	20

/* -- when -- */

static long long of_day_us(const struct happenings *happenings, const struct segment *segment)
{
	return (long long)segment->time_us + happenings->clock_us;
}

/* For people, of the place; a recording has only its own clock. */
static void local_time(char *out, const struct happenings *happenings,
		       const struct segment *segment)
{
	long long us = of_day_us(happenings, segment);
	time_t seconds = (time_t)(us / US_PER_SECOND);
	struct tm tm = { 0 };

	if (!happenings->clock_us) {
		snprintf(out, TIME_MAX, "%llu.%06llu", segment->time_us / US_PER_SECOND,
			 segment->time_us % US_PER_SECOND);
		return;
	}
	localtime_r(&seconds, &tm);
	snprintf(out, TIME_MAX, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(us % US_PER_SECOND / US_PER_MS));
}

/* -- what -- */

struct what {
	const char		*word;
	const char		*why;
	enum draw_colour	colour;
};

static const char *text_of(const struct segment *segment, const char *key)
{
	return fields_text(&segment->fields, key, "-");
}

/* A decision about a listener is nobody's: its client has port 0. */
static bool is_of_listener(const struct segment *segment, enum segment_kind kind)
{
	return kind == SEGMENT_DECISION && !segment->client.port;
}

static struct what decision(const struct segment *segment)
{
	struct what what = { text_of(segment, "verdict"), text_of(segment, "reason"),
			     DRAW_GREEN };

	if (is_of_listener(segment, SEGMENT_DECISION)) {
		what.word = "listener";
		what.colour = DRAW_MAGENTA;
	} else if (!strcmp(what.word, "drop")) {
		what.colour = DRAW_RED;
	} else if (!strcmp(what.word, "answered")) {
		what.colour = DRAW_YELLOW;
	}
	return what;
}

static struct what what_of(const struct segment *segment, enum segment_kind kind)
{
	if (kind == SEGMENT_DECISION)
		return decision(segment);
	if (kind == SEGMENT_GONE)
		return (struct what){ "end", segment_how(segment), DRAW_DIM };
	return (struct what){ "segment", text_of(segment, "flags"), DRAW_CYAN };
}

/* -- for people -- */

static void show_ends(const struct segment *segment, enum segment_kind kind)
{
	if (!is_of_listener(segment, kind))
		draw_text(DRAW_PLAIN, "%s %s ", text_of(segment, "client"),
			  kind == SEGMENT_SEEN && segment->from_server ? "<" : ">");
	draw_text(DRAW_PLAIN, "%s", text_of(segment, "server"));
}

static void show_traffic(const struct segment *segment)
{
	const struct fields *fields = &segment->fields;
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX], age[NUMBER_TEXT_MAX];

	draw_text(DRAW_DIM, "  %s, %s/%s packets", number_ms(age, fields_number(fields, "age_ms")),
		  number_short(one, fields_number(fields, "client_packets")),
		  number_short(other, fields_number(fields, "server_packets")));
	draw_text(DRAW_DIM, ", %s/%s bytes",
		  number_short(one, fields_number(fields, "client_bytes")),
		  number_short(other, fields_number(fields, "server_bytes")));
}

static void show_closer(const struct segment *segment)
{
	const char *closer = text_of(segment, "closed_by");

	if (strcmp(closer, "client") == 0 || strcmp(closer, "server") == 0)
		draw_text(DRAW_DIM, "  by %s", closer);
}

static void show_rest(const struct segment *segment, enum segment_kind kind)
{
	if (kind == SEGMENT_DECISION)
		return;
	draw_text(DRAW_PLAIN, "  %s/%s", segment_client_state(segment),
		  segment_server_state(segment));
	if (kind == SEGMENT_GONE) {
		show_closer(segment);
		show_traffic(segment);
	} else if (strcmp(segment_judgement(segment), "ok") != 0) {
		draw_text(DRAW_YELLOW, "  %s", segment_judgement(segment));
	}
}

static void show_line(const struct happenings *happenings, const struct segment *segment,
		      enum segment_kind kind)
{
	struct what what = what_of(segment, kind);
	char when[TIME_MAX];

	local_time(when, happenings, segment);
	draw_text(DRAW_DIM, "%-*s  ", TIME_WIDTH, when);
	draw_text(what.colour, "%-*s  %-*s  ", WHAT_WIDTH, what.word, WHY_WIDTH, what.why);
	show_ends(segment, kind);
	show_rest(segment, kind);
	draw_newline();
}

/* -- for programs -- */

static const char *type_of(enum segment_kind kind)
{
	if (kind == SEGMENT_DECISION)
		return "mitigation";
	return kind == SEGMENT_GONE ? "end" : "state";
}

static void write_line(const struct happenings *happenings, const struct segment *segment,
		       enum segment_kind kind)
{
	json_t *line = document_new_line(type_of(kind));

	json_object_set_new(line, "time_us", document_number(segment->time_us));
	if (happenings->clock_us)
		json_object_set_new(line, "time",
				    document_time(of_day_us(happenings, segment)));
	segment_ends_to_json(line, segment);
	segment_rest_to_json(line, segment);
	document_write(line);
	putchar('\n');
}

/* -- all -- */

void happenings_begin(const struct happenings *happenings)
{
	if (happenings->json || happenings->no_header)
		return;
	draw_text(DRAW_BOLD, "%-*s  %-*s  %-*s  %s", TIME_WIDTH, "TIME", WHAT_WIDTH, "WHAT",
		  WHY_WIDTH, "WHY", "CLIENT > SERVER");
	draw_newline();
}

void happening_show(struct happenings *happenings, const struct segment *segment,
		    enum segment_kind kind)
{
	happenings->count++;
	if (happenings->json)
		write_line(happenings, segment, kind);
	else
		show_line(happenings, segment, kind);
}

void happenings_show_lost(const struct happenings *happenings, unsigned long long events)
{
	if (happenings->json) {
		document_write_lost(events);
		return;
	}
	draw_text(DRAW_RED, "%llu events were too fast to be seen", events);
	draw_newline();
}
