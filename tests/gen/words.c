/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words and numbers of a description's lines, and the end when one is wrong. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

void die(const struct desc *d, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "gen: ");
	if (d)
		fprintf(stderr, "%s:%u: ", d->file, d->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	exit(1);
}

void *take(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		die(NULL, "out of memory");
	return p;
}

static char *unquote(struct desc *d, char *from, char **line, size_t *len)
{
	static const char names[] = "ntr0\\\"", bytes[] = "\n\t\r\0\\\"";
	char *to = from, *start = from;

	for (; *from != '"'; from++) {
		if (!*from)
			die(d, "a quoted text does not end");
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		const char *name = strchr(names, *++from);

		if (*from == 'x' && isxdigit(from[1]) && isxdigit(from[2])) {
			char hex[3] = { from[1], from[2], 0 };

			*to++ = (char)strtoul(hex, NULL, 16);
			from += 2;
		} else if (*from && name) {
			*to++ = bytes[name - names];
		} else {
			die(d, "what is \\%c in a text?", *from);
		}
	}
	*line = from + 1;
	*len = (size_t)(to - start);
	*to = '\0';
	return start;
}

char *word(struct desc *d, char **line, size_t *len)
{
	char *p = *line + strspn(*line, " \t\n"), *end;

	if (!*p || *p == '#')
		return NULL;
	if (*p == '"')
		return unquote(d, p + 1, line, len);
	end = p + strcspn(p, " \t\n");
	*len = (size_t)(end - p);
	*line = *end ? end + 1 : end;
	*end = '\0';
	return p;
}

uint64_t number(struct desc *d, const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = text ? strtoull(text, &end, 0) : 0;
	if (!text || errno || end == text || *end)
		die(d, "not a number: %s", text ? text : "nothing");
	return value;
}

struct range range(struct desc *d, char *text)
{
	char *dash = text ? strchr(text, '-') : NULL;
	struct range r;

	if (dash)
		*dash = '\0';
	r.from = number(d, text);
	r.to = dash ? number(d, dash + 1) : r.from + 1;
	if (r.to <= r.from)
		die(d, "an empty range");
	return r;
}

bool content(const char *name, enum content *c)
{
	static const char *const names[] = { [ZERO] = "zero", [TEXT] = "text",
					     [RANDOM] = "random" };

	for (unsigned i = 0; name && i < 3; i++)
		if (!strcmp(names[i], name)) {
			*c = (enum content)i;
			return true;
		}
	return false;
}

char *next_word(struct desc *d, char **line)
{
	size_t len;

	return word(d, line, &len);
}
