/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/kmsg gives one record for each read: "PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT",
 * a newline, then lines with a device's properties (Documentation/ABI/testing/dev-kmsg).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmsg.h"

enum { RECORD_MAX = 8192 };

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool is_ours(const char *text)
{
	static const char *const words[] = {
		"kexec", "Lockdown", "locked down", "ima:", "crash", "PEFILE", "PKCS", "bzImage",
		"ignature",
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

bool kmsg_next(int fd, char *text, size_t size)
{
	char record[RECORD_MAX];
	ssize_t n;

	while ((n = read(fd, record, sizeof record - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;	/* overwritten before we came */
		record[n] = '\0';
		char *line = strchr(record, ';');

		if (!line || !is_ours(line + 1))
			continue;
		snprintf(text, size, "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
		for (char *p = text; *p; p++)
			if (!isprint((unsigned char)*p))
				*p = '?';
		return true;
	}
	return false;
}
