// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wrap.h"

void wrap_put(struct wrap *wrap, enum draw_colour colour, const char *format, ...)
{
	unsigned int gap = wrap->column > wrap->indent ? 3 : 0;
	char text[128];
	unsigned int length;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = (unsigned int)strlen(text);
	if (gap && wrap->column + gap + length > wrap->width) {
		draw_newline();
		draw_pad(wrap->indent);
		wrap->column = wrap->indent;
		gap = 0;
	}
	draw_pad(gap);
	draw_text(colour, "%s", text);
	wrap->column += gap + length;
}
