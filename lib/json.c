/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "json.h"

/* how many bytes at s are one UTF-8 sequence (RFC 3629), 0 if they are none */
static size_t utf8_len(const unsigned char *s)
{
	unsigned low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	/* no longer form than needed, no surrogates, nothing above U+10FFFF */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	/* the NUL at the end is no byte of a sequence, so nothing behind it is read */
	for (size_t i = 1; i < len; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

static void put_string(FILE *to, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', to);
	while (*s) {
		size_t len = utf8_len(s);

		if (len == 0) {
			fprintf(to, "\\udc%02x", *s);
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(to, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(to, "\\u%04x", *s);
		} else {
			fwrite(s, 1, len, to);
		}
		s += len;
	}
	putc('"', to);
}

/* the comma and the key in front of a value */
static void begin_value(struct json *j, const char *key)
{
	assert((key != NULL) == (j->depth > 0 && j->object[j->depth - 1]));
	if (j->filled[j->depth])
		fputs(", ", j->to);
	j->filled[j->depth] = true;
	if (key) {
		put_string(j->to, key);
		fputs(": ", j->to);
	}
}

static void open_value(struct json *j, const char *key, bool object)
{
	begin_value(j, key);
	assert(j->depth < JSON_DEPTH);
	putc(object ? '{' : '[', j->to);
	j->object[j->depth++] = object;
	j->filled[j->depth] = false;
}

void json_begin(struct json *j, FILE *to)
{
	*j = (struct json){ .to = to };
}

void json_object(struct json *j, const char *key)
{
	open_value(j, key, true);
}

void json_array(struct json *j, const char *key)
{
	open_value(j, key, false);
}

void json_close(struct json *j)
{
	assert(j->depth > 0);
	putc(j->object[--j->depth] ? '}' : ']', j->to);
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
	begin_value(j, key);
	fprintf(j->to, "%" PRIu64, value);
}

void json_fixed(struct json *j, const char *key, double value, unsigned digits)
{
	begin_value(j, key);
	if (isfinite(value))
		fprintf(j->to, "%.*f", (int)digits, value);
	else
		fputs("null", j->to);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	fputs(value ? "true" : "false", j->to);
}

void json_text(struct json *j, const char *key, const char *text)
{
	begin_value(j, key);
	if (text)
		put_string(j->to, text);
	else
		fputs("null", j->to);
}

void json_end(struct json *j)
{
	assert(j->depth == 0);
	putc('\n', j->to);
}
