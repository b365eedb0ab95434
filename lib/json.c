/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "json.h"
#include "utf8.h"

static void put_string(FILE *to, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', to);
	while (len > 0) {
		size_t n = utf8_len(s, len);

		if (n == 0) {
			fprintf(to, "\\udc%02x", *s);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(to, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(to, "\\u%04x", *s);
		} else if (*s == 0xc2 && s[1] < 0xa0) {
			fprintf(to, "\\u%04x", s[1]);	/* C1: terminals obey these, too */
		} else {
			fwrite(s, 1, n, to);
		}
		s += n;
		len -= n;
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
		put_string(j->to, key, strlen(key));
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
		put_string(j->to, text, strlen(text));
	else
		fputs("null", j->to);
}

void json_bytes(struct json *j, const char *key, const char *text, size_t len)
{
	begin_value(j, key);
	put_string(j->to, text, len);
}

void json_end(struct json *j)
{
	assert(j->depth == 0);
	putc('\n', j->to);
}
