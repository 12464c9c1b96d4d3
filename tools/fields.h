/* SPDX-License-Identifier: GPL-2.0 */
/* A line of key=value pairs, and the rules for the keys that we know. */
#ifndef SYNWARD_TOOL_FIELDS_H
#define SYNWARD_TOOL_FIELDS_H

#include <jansson.h>

#include "proc.h"

#define FIELDS_MAX	64	/* pairs on a line */

enum field_type {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_PORT,
	FIELD_FAMILY,
	FIELD_ADDRESS,
	FIELD_STATE,
	FIELD_FLAGS,
};

struct field_rule {
	const char	*key;
	enum field_type	type;
};

struct field {
	const char	*key;
	const char	*value;
	enum field_type	type;
};

struct fields {
	struct field	field[FIELDS_MAX];
	size_t		count;
	char		text[PROC_LINE_MAX];	/* what field[] points into */
};

/**
 * fields_read() - split the current line of @file and check what it says
 * @fields: the result, valid until the next call
 * @file: the file, its line untouched
 * @rules: the known keys, best in the order of the file, ended by a NULL key; other keys pass
 *
 * Return: EXIT_OK, or EXIT_ERROR after a message that names file and line.
 */
enum exit_code fields_read(struct fields *fields, const struct proc_file *file,
			   const struct field_rule *rules);

/* Each line of @name in @dir, in its order; @fields are gone after the call. */
enum exit_code fields_visit(const char *dir, const char *name, const struct field_rule *rules,
			    void *context,
			    void (*visit)(void *context, const struct fields *fields));

/* The value, or @otherwise where the line lacks the key. */
const char *fields_text(const struct fields *fields, const char *key, const char *otherwise);
/* One of the words of a value like "tls,forwarded". */
bool fields_has_word(const struct fields *fields, const char *key, const char *word);
unsigned long long fields_number(const struct fields *fields, const char *key);

/* Every pair of the line: numbers as numbers, flags as an array of strings. */
json_t *fields_to_json(const struct fields *fields);

#endif
