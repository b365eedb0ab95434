/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "out.h"
#include "print.h"

enum { PREFIX_MAX = 64 };
enum { NSEC_PER_SEC = 1000000000, NSEC_PER_USEC = 1000 };

void print_open(struct printer *p, struct out *out, bool raw)
{
	p->out = out;
	p->raw = raw;
	p->used = 0;
}

int print_flush(struct printer *p)
{
	size_t n = p->used;

	p->used = 0;
	return n > 0 ? out_write(p->out, p->buf, n) : 0;
}

/* n is at most PREFIX_MAX */
static int put(struct printer *p, const char *text, size_t n)
{
	if (n > sizeof p->buf - p->used && print_flush(p))
		return -1;
	memcpy(p->buf + p->used, text, n);
	p->used += n;
	return 0;
}

static int put_hex(struct printer *p, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	return put(p, (char[]){ '\\', 'x', digits[byte >> 4], digits[byte & 15] }, 4);
}

static int put_spaces(struct printer *p, size_t n)
{
	char spaces[PREFIX_MAX];

	memset(spaces, ' ', sizeof spaces);
	return put(p, spaces, n);
}

/* how many bytes the UTF-8 character at the start has; 0 if it is not a valid one */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		   s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* may go to a terminal as it is: white space is the only control character, also of C1 */
static bool is_safe(const unsigned char *s, size_t n)
{
	if (n == 1)
		return (s[0] >= ' ' && s[0] < 0x7f) || (s[0] >= '\t' && s[0] <= '\r');
	return n > 1 && !(s[0] == 0xc2 && s[1] < 0xa0);
}

static int put_text(struct printer *p, const unsigned char *s, size_t len, size_t indent)
{
	while (len > 0) {
		size_t n = utf8_len(s, len);

		if (!is_safe(s, n)) {
			n = 1;	/* what is left of a character follows as it is met */
			if (put_hex(p, *s))
				return -1;
		} else if (put(p, (const char *)s, n)) {
			return -1;
		}
		/* dmesg looks for a zero byte to see that the text ends there */
		if (*s == '\n' && len > 1 && s[1] != '\0' && put_spaces(p, indent))
			return -1;
		s += n;
		len -= n;
	}
	return 0;
}

int print_record(struct printer *p, const struct record *r)
{
	char prefix[PREFIX_MAX];
	int n = 0;

	if (r->len == 0)
		return put(p, "\n", 1);
	if (p->raw)
		n = snprintf(prefix, sizeof prefix, "<%u>", r->facility << 3 | r->level);
	n += snprintf(prefix + n, sizeof prefix - (size_t)n, "[%5" PRIu64 ".%06u] ",
		      r->ts_nsec / NSEC_PER_SEC,
		      (unsigned)(r->ts_nsec % NSEC_PER_SEC / NSEC_PER_USEC));
	if (put(p, prefix, (size_t)n) ||
	    put_text(p, (const unsigned char *)r->text, r->len, (size_t)n))
		return -1;
	return put(p, "\n", 1);
}
