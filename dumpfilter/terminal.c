/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

struct terminal terminal_of(int fd)
{
	struct terminal t = { .is_one = isatty(fd), .width = 80 };
	struct winsize size;
	locale_t user;

	if (!t.is_one)
		return t;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		t.width = size.ws_col;
	user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (user != (locale_t)0) {
		t.utf8 = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
		freelocale(user);
	}
	return t;
}

char *terminal_bar(const struct terminal *t, char *to, double share, unsigned width)
{
	/* U+2588 is a whole block, U+258F an eighth of one */
	unsigned parts = t->utf8 ? 8 : 1, n;
	char *p = to;

	if (width > 64)
		width = 64;
	n = share > 0 ? (unsigned)(share * width * parts + 0.5) : 0;
	if (share > 0 && n == 0)
		n = 1;
	if (n > width * parts)
		n = width * parts;
	for (; n > 0; n -= n < parts ? n : parts) {
		unsigned part = n < parts ? n : parts;

		if (t->utf8) {
			memcpy(p, "\xe2\x96", 2);
			p[2] = (char)(0x90 - part);
			p += 3;
		} else {
			*p++ = '#';
		}
	}
	*p = '\0';
	return to;
}
