// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "address.h"
#include "fields.h"
#include "document.h"
#include "number.h"
#include "state.h"

#define PORT_MAX	65535
#define NO_FLAGS	"-"

/* A key that no rule names is a number if it looks like one. */
static enum field_type guess_type(const char *value)
{
	unsigned long long number;

	return number_read(value, &number) ? FIELD_NUMBER : FIELD_TEXT;
}

/* @next is the rule after the last match: the file keeps its order, so it mostly fits. */
static enum field_type find_type(const struct field *field, const struct field_rule *rules,
				 const struct field_rule **next)
{
	const struct field_rule *rule = *next;

	if (!rule->key || strcmp(rule->key, field->key) != 0)
		for (rule = rules; rule->key; rule++)
			if (!strcmp(rule->key, field->key))
				break;
	if (!rule->key)
		return guess_type(field->value);
	*next = rule + 1;
	return rule->type;
}

/* What a bad value should have been; NULL for a good one. */
static const char *complaint(const struct field *field)
{
	unsigned long long number;
	struct address address;

	switch (field->type) {
	case FIELD_NUMBER:
		return number_read(field->value, &number) ? NULL : "a number";
	case FIELD_PORT:
		return number_read(field->value, &number) && number <= PORT_MAX ?
			NULL : "a port, 0 to 65535";
	case FIELD_FAMILY:
		return !strcmp(field->value, "ipv4") || !strcmp(field->value, "ipv6") ?
			NULL : "ipv4 or ipv6";
	case FIELD_ADDRESS:
		return address_read(&address, field->value) ? NULL : "an address";
	case FIELD_STATE:
		return state_read(field->value) != STATE_NONE ? NULL : "a state of RFC 9293";
	default:
		return NULL;
	}
}

static enum exit_code check(const struct field *field, const struct proc_file *file)
{
	const char *expected = complaint(field);

	if (!expected)
		return EXIT_OK;
	return proc_garbled(file, "garbled: %.40s=%.40s: expected %s",
			    field->key, field->value, expected);
}

/* Cut one "key=value" out of the text at @pair. */
static enum exit_code split(struct field *field, char *pair, const struct proc_file *file)
{
	char *equals = strchr(pair, '=');

	if (!equals || equals == pair || !equals[1])
		return proc_garbled(file, "garbled: '%.40s' is not key=value", pair);
	*equals = '\0';
	field->key = pair;
	field->value = equals + 1;
	return EXIT_OK;
}

static enum exit_code add(struct fields *fields, char *pair, const struct proc_file *file)
{
	if (fields->count == FIELDS_MAX)
		return proc_garbled(file, "garbled: more than %d key=value pairs", FIELDS_MAX);
	return split(&fields->field[fields->count++], pair, file);
}

static enum exit_code split_line(struct fields *fields, const struct proc_file *file)
{
	enum exit_code code = EXIT_OK;
	char *pair, *rest;

	memcpy(fields->text, file->line, file->length + 1);
	fields->count = 0;
	rest = fields->text;
	while (!code && (pair = strsep(&rest, " ")))
		code = add(fields, pair, file);
	return code;
}

enum exit_code fields_read(struct fields *fields, const struct proc_file *file,
			   const struct field_rule *rules)
{
	const struct field_rule *next = rules;
	enum exit_code code;

	code = split_line(fields, file);
	for (size_t i = 0; !code && i < fields->count; i++) {
		fields->field[i].type = find_type(&fields->field[i], rules, &next);
		code = check(&fields->field[i], file);
	}
	return code;
}

enum exit_code fields_visit(const char *dir, const char *name, const struct field_rule *rules,
			    void *context,
			    void (*visit)(void *context, const struct fields *fields))
{
	struct proc_file file;
	struct fields fields;
	enum exit_code code;
	bool more;

	code = proc_open(&file, dir, name);
	if (code)
		return code;
	while (!(code = proc_next(&file, &more)) && more) {
		code = fields_read(&fields, &file, rules);
		if (code)
			break;
		visit(context, &fields);
	}
	proc_close(&file);
	return code;
}

const char *fields_text(const struct fields *fields, const char *key, const char *otherwise)
{
	for (size_t i = 0; i < fields->count; i++)
		if (!strcmp(fields->field[i].key, key))
			return fields->field[i].value;
	return otherwise;
}

bool fields_has_word(const struct fields *fields, const char *key, const char *word)
{
	return util_list_has(fields_text(fields, key, ""), word);
}

unsigned long long fields_number(const struct fields *fields, const char *key)
{
	unsigned long long value;

	return number_read(fields_text(fields, key, ""), &value) ? value : 0;
}

static json_t *flags_to_json(const char *flags)
{
	json_t *array = json_array();

	while (strcmp(flags, NO_FLAGS) != 0 && *flags) {
		size_t length = strcspn(flags, ",");

		if (length)
			json_array_append_new(array, json_stringn(flags, length));
		flags += length;
		flags += *flags == ',';
	}
	return array;
}

static json_t *value_to_json(const struct field *field)
{
	unsigned long long number;

	switch (field->type) {
	case FIELD_FLAGS:
		return flags_to_json(field->value);
	case FIELD_NUMBER:
	case FIELD_PORT:
		return number_read(field->value, &number) ? document_number(number) : json_null();
	default:
		return json_string(field->value);
	}
}

json_t *fields_to_json(const struct fields *fields)
{
	json_t *object = json_object();

	for (size_t i = 0; i < fields->count; i++)
		json_object_set_new(object, fields->field[i].key,
				    value_to_json(&fields->field[i]));
	return object;
}
