// SPDX-License-Identifier: GPL-2.0
/* Damage a file in a way that its seed decides: mutate SEED < good > bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX	65536	/* bytes */
#define CHANGES_MAX	3

static unsigned long long state;

/* A linear congruential generator, its low bits thrown away. */
static unsigned int draw(unsigned int below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(state >> 33) % below;
}

struct text {
	char	byte[2 * INPUT_MAX];
	size_t	length;
};

static void replace(struct text *text, size_t at, size_t length, const char *with, size_t size)
{
	if (text->length - length + size > sizeof(text->byte))
		return;
	memmove(text->byte + at + size, text->byte + at + length, text->length - at - length);
	memcpy(text->byte + at, with, size);
	text->length = text->length - length + size;
}

static void put_nasty(struct text *text, size_t at)
{
	static const char *const nasty[] = {
		"\n", "\r\n", " ", "=", "-", ",", "/", "::", "\xff", "\033[2J", "%s%n",
		"inf", "-1", "0x10", "18446744073709551615", "18446744073709551616",
		"version 2\n", "family=ipv6 ", "client=::1 ", "flags=,,, ", "port=0 ",
		"server_state=LISTEN ",
	};
	const char *one = nasty[draw(sizeof(nasty) / sizeof(*nasty))];

	replace(text, at, 0, one, strlen(one));
}

static void duplicate(struct text *text, size_t at)
{
	size_t length = 1 + draw(200);
	char copy[200];

	if (length > text->length - at)
		length = text->length - at;
	memcpy(copy, text->byte + at, length);
	for (unsigned int i = draw(40); i; i--)
		replace(text, at, 0, copy, length);
}

/* The next digit becomes another one: mostly still a good file. */
static void change_digit(struct text *text, size_t at)
{
	while (at < text->length && !strchr("0123456789", text->byte[at]))
		at++;
	if (at < text->length)
		text->byte[at] = (char)('0' + draw(10));
}

static void change(struct text *text)
{
	size_t at = draw((unsigned int)text->length);
	size_t left = text->length - at;
	char byte = (char)draw(256);

	switch (draw(12)) {
	case 0:
		text->byte[at] = byte;
		break;
	case 1:
		replace(text, at, 0, &byte, 1);
		break;
	case 2:
		replace(text, at, left < 30 ? left : draw(30), "", 0);
		break;
	case 3:
		put_nasty(text, at);
		break;
	case 4:
		duplicate(text, at);
		break;
	case 5:
		text->length = at;
		break;
	default:
		change_digit(text, at);
	}
}

int main(int argc, char **argv)
{
	static struct text text;

	if (argc != 2)
		return 2;
	state = strtoull(argv[1], NULL, 10);
	draw(2);
	text.length = fread(text.byte, 1, INPUT_MAX, stdin);
	for (unsigned int i = 1 + draw(CHANGES_MAX); i && text.length; i--)
		change(&text);
	return fwrite(text.byte, 1, text.length, stdout) != text.length;
}
