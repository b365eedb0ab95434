/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PRINT_TEXT and PRINT_RAW: as dmesg(1) prints */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "print-parts.h"
#include "print.h"
#include "utf8.h"

static int put_spaces(struct printer *p, size_t n)
{
	char spaces[PREFIX_MAX];

	memset(spaces, ' ', sizeof spaces);
	return print_put(p, spaces, n);
}

/* may go to a terminal as it is: white space is the only control character, also of C1 */
static bool is_safe(const unsigned char *s, size_t n)
{
	if (n == 1)
		return (s[0] >= ' ' && s[0] < 0x7f) || (s[0] >= '\t' && s[0] <= '\r');
	return n > 1 && !(s[0] == 0xc2 && s[1] < 0xa0);
}

/* bytes at the start that are printed as they are: most of most messages */
static size_t plain_len(const unsigned char *s, size_t len)
{
	size_t n = 0;

	while (n < len && n < PREFIX_MAX && s[n] >= ' ' && s[n] < 0x7f)
		n++;
	return n;
}

static int put_text(struct printer *p, const unsigned char *s, size_t len, size_t indent)
{
	while (len > 0) {
		size_t plain = plain_len(s, len), n = plain ? plain : utf8_len(s, len);

		if (!plain && !is_safe(s, n)) {
			n = 1;	/* what is left of a character follows as it is met */
			if (print_hex(p, *s))
				return -1;
		} else if (print_put(p, (const char *)s, n)) {
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

/* "[Sat Nov 21 12:22:00 2026]" in the time zone of whoever reads it */
static size_t put_ctime(const struct printer *p, const struct record *r, char *to, size_t room)
{
	uint32_t nsec;
	time_t sec = print_wall(p, r, &nsec);
	struct tm tm;

	return localtime_r(&sec, &tm) ? strftime(to, room, "[%a %b %e %H:%M:%S %Y]", &tm) : 0;
}

static size_t put_time(const struct printer *p, const struct record *r, char *to, size_t room)
{
	size_t n = p->ctime ? put_ctime(p, r, to, room) : 0;

	if (n > 0)
		return n;
	return (size_t)snprintf(to, room, "[%5" PRIu64 ".%06u]", r->ts_nsec / NSEC_PER_SEC,
				(unsigned)(r->ts_nsec % NSEC_PER_SEC / NSEC_PER_USEC));
}

/* what is in front of the text; at most PREFIX_MAX bytes */
static size_t make_prefix(const struct printer *p, const struct record *r,
			  char prefix[PREFIX_MAX])
{
	size_t n = 0, start;

	if (p->style == PRINT_RAW)
		n = (size_t)snprintf(prefix, PREFIX_MAX, "<%u>", r->facility << 3 | r->level);
	start = n;
	if (r->timed)
		n += put_time(p, r, prefix + n, PREFIX_MAX - n);
	if (p->caller && r->has_caller) {
		char name[CALLER_MAX];

		print_caller(r, name);
		n += (size_t)snprintf(prefix + n, PREFIX_MAX - n, "[%6s]", name);
	}
	if (n > start)
		prefix[n++] = ' ';
	return n;
}

int print_text(struct printer *p, const struct record *r)
{
	char prefix[PREFIX_MAX];
	size_t n;

	if (r->len == 0)
		return print_put(p, "\n", 1);
	n = make_prefix(p, r, prefix);
	if (print_put(p, prefix, n) ||
	    put_text(p, (const unsigned char *)r->text, r->len, n))
		return -1;
	return print_put(p, "\n", 1);
}

int print_text_gap(struct printer *p, const struct record *gap)
{
	/* readers of the raw format take what does not begin so for a part of the last line */
	const char *level = p->style == PRINT_RAW ? "<4>" : "";
	char line[PREFIX_MAX];
	int n;

	if (gap->lost)
		n = snprintf(line, sizeof line, "%s[... %" PRIu64 " record%s lost: %s]\n", level,
			     gap->lost, gap->lost == 1 ? "" : "s", print_why(gap));
	else
		n = snprintf(line, sizeof line, "%s[... some records lost: %s]\n", level,
			     print_why(gap));
	return print_put(p, line, (size_t)n);
}
