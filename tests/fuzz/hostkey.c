/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/hostkey-line.c */
/* known_hosts, line by line: what is taken lies in the line and is what was asked for */
#include <stdlib.h>
#include <string.h>

#include "../../dumpsend/hostkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_line(const char *text, size_t len)
{
	static struct hostkey_line l;
	/* a copy as long as the line: reading beyond it is found */
	char *copy = malloc(len ? len : 1);
	unsigned type;

	if (!copy)
		abort();
	memcpy(copy, text, len);
	if (hostkey_parse(copy, len, &l) == 1) {
		if (l.hosts_len == 0 || l.hosts < copy || l.hosts + l.hosts_len > copy + len ||
		    l.key_len < 4 || l.key_len > len)
			abort();
		type = hostkey_type(l.key, l.key_len);
		if (type & (type - 1) || type & ~(unsigned)HOSTKEY_ALL)
			abort();
		hostkey_matches(&l, "host.example.org", 22);
		/* "*" matches everything, unless something else in the list excludes it */
		bool other_port = hostkey_matches(&l, "fe80::1", 2222);

		if (l.hosts_len == 1 && l.hosts[0] == '*' && !other_port)
			abort();
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data, *end = text + len;

	hostkey_type(data, len);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		if (stop - text <= HOSTKEY_LINE)
			check_line(text, (size_t)(stop - text));
		text = newline ? newline + 1 : end;
	}
	return 0;
}
