/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PRINT_KMSG: as the kernel gives its records to readers of /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg; info_print_ext_header(), msg_print_ext_body() in
 * kernel/printk/printk.c, 6.12). A line that begins with a space belongs to the record
 * before it and holds KEY=value, of which readers skip those they do not know: so a gap
 * is told, besides by the numbers that are missing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "print-parts.h"
#include "print.h"

static int put_escaped(struct printer *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 0x7f || c == '\\' ? print_hex(p, c) :
							 print_put(p, text + i, 1))
			return -1;
	}
	return 0;
}

/* of a field that may fill its room; nothing if it is empty */
static int put_pair(struct printer *p, const char *key, const char *value, size_t room)
{
	size_t len = strnlen(value, room);

	if (len == 0)
		return 0;
	if (print_put(p, " ", 1) || print_put(p, key, strlen(key)) || print_put(p, "=", 1) ||
	    put_escaped(p, value, len))
		return -1;
	return print_put(p, "\n", 1);
}

int print_kmsg(struct printer *p, const struct record *r)
{
	char head[PREFIX_MAX], name[CALLER_MAX];
	int n;

	n = snprintf(head, sizeof head, "%u,%" PRIu64 ",%" PRIu64 ",%c",
		     r->facility << 3 | r->level, r->seq,
		     r->timed ? r->ts_nsec / NSEC_PER_USEC : 0, r->mark ? r->mark : '-');
	if (p->caller && r->has_caller) {
		print_caller(r, name);
		n += snprintf(head + n, sizeof head - (size_t)n, ",caller=%s", name);
	}
	head[n++] = ';';
	if (print_put(p, head, (size_t)n) || put_escaped(p, r->text, r->len) ||
	    print_put(p, "\n", 1))
		return -1;
	return put_pair(p, "SUBSYSTEM", r->subsystem, sizeof r->subsystem) ||
	       put_pair(p, "DEVICE", r->device, sizeof r->device) ? -1 : 0;
}

int print_kmsg_gap(struct printer *p, const struct record *gap)
{
	char line[PREFIX_MAX], number[24] = "some";
	int n;

	/* at the very beginning there is no record that it could belong to */
	if (!p->any)
		return 0;
	if (gap->lost)
		snprintf(number, sizeof number, "%" PRIu64, gap->lost);
	n = snprintf(line, sizeof line, " LOST_AFTER=%s\n LOST_WHY=%s\n", number,
		     print_why(gap));
	return print_put(p, line, (size_t)n);
}
