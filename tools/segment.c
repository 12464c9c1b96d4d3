// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "document.h"
#include "number.h"
#include "segment.h"

#define US_PER_SECOND	1000000ULL
#define US_DIGITS	6
#define SECONDS_MAX	(~0ULL / US_PER_SECOND - 1)
#define NUMBER32_MAX	0xffffffffULL

static const struct field_rule segment_rules[] = {
	{ "netns", FIELD_NUMBER },
	{ "client", FIELD_TEXT },
	{ "server", FIELD_TEXT },
	{ "from", FIELD_TEXT },
	{ "flags", FIELD_FLAGS },
	{ "seq", FIELD_NUMBER },
	{ "ack", FIELD_NUMBER },
	{ "len", FIELD_NUMBER },
	{ "window", FIELD_NUMBER },
	{ "client_state", FIELD_STATE },
	{ "server_state", FIELD_STATE },
	{ "judgement", FIELD_TEXT },
	{ 0 }
};

static const struct field_rule end_rules[] = {
	{ "netns", FIELD_NUMBER },
	{ "client", FIELD_TEXT },
	{ "server", FIELD_TEXT },
	{ "how", FIELD_TEXT },
	{ "closed_by", FIELD_TEXT },
	{ "client_state", FIELD_STATE },
	{ "server_state", FIELD_STATE },
	{ "client_packets", FIELD_NUMBER },
	{ "client_bytes", FIELD_NUMBER },
	{ "server_packets", FIELD_NUMBER },
	{ "server_bytes", FIELD_NUMBER },
	{ "age_ms", FIELD_NUMBER },
	{ 0 }
};

static const struct field_rule decision_rules[] = {
	{ "netns", FIELD_NUMBER },
	{ "client", FIELD_TEXT },
	{ "server", FIELD_TEXT },
	{ "reason", FIELD_TEXT },
	{ "verdict", FIELD_TEXT },
	{ 0 }
};

/* "123.456789: ", the end of what the kernel puts before each event. */
static bool read_time(const char *word, unsigned long long *us)
{
	size_t whole = strspn(word, "0123456789");
	size_t part = strspn(word + whole + (word[whole] == '.'), "0123456789");
	unsigned long long seconds = 0, rest = 0;

	if (!whole || word[whole] != '.' || part != US_DIGITS ||
	    strncmp(word + whole + 1 + part, ": ", 2) != 0)
		return false;
	for (size_t i = 0; i < whole && seconds <= SECONDS_MAX; i++)
		seconds = seconds * 10 + (unsigned int)(word[i] - '0');
	for (size_t i = 0; i < part; i++)
		rest = rest * 10 + (unsigned int)(word[whole + 1 + i] - '0');
	*us = seconds * US_PER_SECOND + rest;
	return seconds <= SECONDS_MAX;
}

/* What follows the last time: a task before it may be called anything. NULL: there is none. */
static const char *find_event(const char *line, unsigned long long *us)
{
	const char *event = NULL;
	unsigned long long found;

	for (const char *word = line; word; word = strchr(word, ' ')) {
		word += strspn(word, " ");
		if (!read_time(word, &found))
			continue;
		*us = found;
		event = strchr(word, ' ') + 1;
	}
	return event;
}

/* "CPU:3 [LOST 12 EVENTS]" */
static bool read_lost(const char *line, unsigned long long *lost)
{
	const char *word = strstr(line, " [LOST ");
	char text[NUMBER_TEXT_MAX];
	size_t digits;

	if (strncmp(line, "CPU:", 4) != 0 || !word)
		return false;
	word += strlen(" [LOST ");
	digits = strspn(word, "0123456789");
	if (digits >= sizeof(text) || strcmp(word + digits, " EVENTS]") != 0)
		return false;
	memcpy(text, word, digits);
	text[digits] = '\0';
	return number_read(text, lost);
}

static enum exit_code need_keys(const struct segment *segment, const struct proc_file *file,
				const char *const *needed)
{
	for (; *needed; needed++)
		if (!fields_text(&segment->fields, *needed, NULL))
			return proc_garbled(file, "garbled: there is no %s=", *needed);
	return EXIT_OK;
}

static enum exit_code take_endpoint(struct address_endpoint *endpoint, const char *key,
				    const struct segment *segment, const struct proc_file *file)
{
	const char *text = fields_text(&segment->fields, key, "");

	if (address_read_endpoint(endpoint, text))
		return EXIT_OK;
	return proc_garbled(file, "garbled: %s=%.80s: expected ADDRESS:PORT", key, text);
}

static enum exit_code take_number(unsigned int *number, const char *key,
				  const struct segment *segment, const struct proc_file *file)
{
	unsigned long long value = fields_number(&segment->fields, key);

	*number = (unsigned int)value;
	if (value <= NUMBER32_MAX)
		return EXIT_OK;
	return proc_garbled(file, "garbled: %s=%llu: expected 32 bits", key, value);
}

static enum exit_code take_from(struct segment *segment, const struct proc_file *file)
{
	const char *from = fields_text(&segment->fields, "from", "");

	segment->from_server = !strcmp(from, "server");
	if (segment->from_server || !strcmp(from, "client"))
		return EXIT_OK;
	return proc_garbled(file, "garbled: from=%.40s: expected client or server", from);
}

static enum exit_code take_ends(struct segment *segment, const struct proc_file *file)
{
	enum exit_code code;

	segment->netns = fields_number(&segment->fields, "netns");
	code = take_endpoint(&segment->client, "client", segment, file);
	return code ? code : take_endpoint(&segment->server, "server", segment, file);
}

/* -- the events -- */

static enum exit_code take_seen(struct segment *segment, const struct proc_file *file)
{
	static const char *const needed[] = {
		"client", "server", "from", "flags", "seq", "ack", "len", "client_state",
		"server_state", "judgement", NULL,
	};
	enum exit_code code;

	code = need_keys(segment, file, needed);
	if (!code)
		code = take_ends(segment, file);
	if (!code)
		code = take_from(segment, file);
	if (!code)
		code = take_number(&segment->seq, "seq", segment, file);
	if (!code)
		code = take_number(&segment->ack, "ack", segment, file);
	if (!code)
		code = take_number(&segment->len, "len", segment, file);
	return code;
}

static enum exit_code take_gone(struct segment *segment, const struct proc_file *file)
{
	static const char *const needed[] = { "client", "server", "how", NULL };
	enum exit_code code;

	code = need_keys(segment, file, needed);
	return code ? code : take_ends(segment, file);
}

static enum exit_code take_decision(struct segment *segment, const struct proc_file *file)
{
	static const char *const needed[] = { "client", "server", "reason", "verdict", NULL };
	enum exit_code code;

	code = need_keys(segment, file, needed);
	return code ? code : take_ends(segment, file);
}

struct event {
	const char		*name;
	enum segment_kind	kind;
	const struct field_rule	*rules;
	enum exit_code		(*take)(struct segment *segment, const struct proc_file *file);
};

static const struct event events[] = {
	{ "flow_state: ", SEGMENT_SEEN, segment_rules, take_seen },
	{ "flow_end: ", SEGMENT_GONE, end_rules, take_gone },
	{ "mitigation: ", SEGMENT_DECISION, decision_rules, take_decision },
};

/* The text of the event by itself; its flags are separated as everywhere else. */
static enum exit_code take_event(struct segment *segment, const struct proc_file *file,
				 const struct event *event, const char *words)
{
	struct proc_file part = *file;
	char text[PROC_LINE_MAX];
	enum exit_code code;

	if (!proc_is_plain(words, strlen(words)))
		return proc_garbled(file, "garbled: not plain text");
	part.length = strlen(words);
	memcpy(text, words, part.length + 1);
	for (char *bar = text; (bar = strchr(bar, '|')); bar++)
		*bar = ',';
	part.line = text;
	code = fields_read(&segment->fields, &part, event->rules);
	return code ? code : event->take(segment, file);
}

enum exit_code segment_read(struct segment *segment, const struct proc_file *file,
			    enum segment_kind *kind)
{
	const char *text;

	*kind = SEGMENT_LOST;
	if (read_lost(file->line, &segment->lost))
		return EXIT_OK;
	*kind = SEGMENT_OTHER;
	if (file->line[0] == '#' || !file->length)
		return EXIT_OK;
	if (strlen(file->line) != file->length)
		return proc_garbled(file, "garbled: not plain text");
	text = find_event(file->line, &segment->time_us);
	if (!text)
		return proc_garbled(file, "garbled: no line of a trace: '%.40s'",
				    proc_is_plain(file->line, file->length) ? file->line : "?");
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		size_t length = strlen(events[i].name);

		if (strncmp(text, events[i].name, length) != 0)
			continue;
		*kind = events[i].kind;
		return take_event(segment, file, &events[i], text + length);
	}
	return EXIT_OK;
}

bool segment_has(const struct segment *segment, const char *flag)
{
	return fields_has_word(&segment->fields, "flags", flag);
}

const char *segment_judgement(const struct segment *segment)
{
	return fields_text(&segment->fields, "judgement", "-");
}

const char *segment_client_state(const struct segment *segment)
{
	return fields_text(&segment->fields, "client_state", "-");
}

const char *segment_server_state(const struct segment *segment)
{
	return fields_text(&segment->fields, "server_state", "-");
}

const char *segment_how(const struct segment *segment)
{
	return fields_text(&segment->fields, "how", "-");
}

static void set_end(json_t *object, const char *key, const char *key_port, const char *text,
		    const struct address_endpoint *end)
{
	const char *colon = strrchr(text, ':');
	size_t length = (size_t)(colon - text);

	if (*text == '[') {
		text++;
		length -= 2;
	}
	json_object_set_new(object, key, json_stringn(text, length));
	json_object_set_new(object, key_port, document_number(end->port));
}

void segment_ends_to_json(json_t *line, const struct segment *segment)
{
	set_end(line, "client", "client_port", fields_text(&segment->fields, "client", ""),
		&segment->client);
	set_end(line, "server", "server_port", fields_text(&segment->fields, "server", ""),
		&segment->server);
}

void segment_rest_to_json(json_t *line, const struct segment *segment)
{
	json_t *fields = fields_to_json(&segment->fields);

	json_object_update_missing(line, fields);
	json_decref(fields);
}
