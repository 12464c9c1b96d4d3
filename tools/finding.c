// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "finding.h"

#define INDENT	6	/* columns of the status */
#define DASH	"- "

struct status {
	const char		*word;
	enum draw_colour	colour;
};

static const struct status statuses[] = {
	[FINDING_OK]	= { "ok", DRAW_GREEN },
	[FINDING_WARN]	= { "warn", DRAW_YELLOW },
	[FINDING_FAIL]	= { "fail", DRAW_RED },
};

void findings_add(struct findings *findings, const char *name, enum finding_status status,
		  const char *remedy, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	findings->item = util_grow(findings->item, findings->count, &findings->room,
				   sizeof(*findings->item));
	finding = &findings->item[findings->count++];
	finding->name = name;
	finding->status = status;
	finding->remedy = remedy;
	va_start(args, format);
	vsnprintf(finding->message, sizeof(finding->message), format, args);
	va_end(args);
}

bool findings_failed(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->item[i].status == FINDING_FAIL)
			return true;
	return false;
}

void findings_free(struct findings *findings)
{
	free(findings->item);
	*findings = (struct findings) { 0 };
}

/* How much of @text fits: whole words, and one at least. */
static size_t fitting(const char *text, size_t room)
{
	size_t end = room;

	if (strlen(text) <= room)
		return strlen(text);
	while (end && text[end] != ' ')
		end--;
	return end ? end : strcspn(text, " ");
}

static void draw_wrapped(const char *text, unsigned int indent, unsigned int width)
{
	size_t length = fitting(text, width - indent);

	draw_text(DRAW_PLAIN, "%.*s", (int)length, text);
	for (text += length; *text; text += length) {
		text++;
		draw_newline();
		draw_pad(indent);
		length = fitting(text, width - indent);
		draw_text(DRAW_PLAIN, "%.*s", (int)length, text);
	}
}

static bool fits(const struct finding *finding, unsigned int width)
{
	size_t length = INDENT + strlen(finding->message);

	if (finding->remedy)
		length += strlen("  " DASH) + strlen(finding->remedy);
	return !width || length <= width;
}

static void draw_rest(const struct finding *finding, unsigned int width)
{
	if (fits(finding, width)) {
		draw_text(DRAW_PLAIN, finding->remedy ? "%s  " DASH "%s" : "%s", finding->message,
			  finding->remedy);
		return;
	}
	draw_wrapped(finding->message, INDENT, width);
	if (!finding->remedy)
		return;
	draw_newline();
	draw_pad(INDENT);
	draw_text(DRAW_PLAIN, DASH);
	draw_wrapped(finding->remedy, INDENT + strlen(DASH), width);
}

void findings_draw(const struct findings *findings)
{
	unsigned int width = draw_width(0);

	for (size_t i = 0; i < findings->count; i++) {
		const struct status *status = &statuses[findings->item[i].status];

		draw_text(status->colour, "%s", status->word);
		draw_pad(INDENT - strlen(status->word));
		draw_rest(&findings->item[i], width);
		draw_newline();
	}
}

static json_t *to_json(const struct finding *finding)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(finding->name));
	json_object_set_new(object, "status", json_string(statuses[finding->status].word));
	json_object_set_new(object, "message", json_string(finding->message));
	json_object_set_new(object, "remedy", finding->remedy ? json_string(finding->remedy) :
								json_null());
	return object;
}

json_t *findings_to_json(const struct findings *findings)
{
	json_t *array = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(array, to_json(&findings->item[i]));
	return array;
}
