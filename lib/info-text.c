/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "info-text.h"
#include "kinfo.h"
#include "stop.h"
#include "vmcore-info.h"

enum { PIECE = 16 << 10 };	/* more than any kernel's */

/* n bytes or up to the end, which is less */
static ssize_t read_some(int fd, char *buf, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t more = read(fd, buf + got, n - got);

		if (more == 0)
			break;
		if (more > 0)
			got += (size_t)more;
		else if (errno != EINTR)
			return fail_sys("reading");
		else if (stop_check())
			return -1;
	}
	return (ssize_t)got;
}

static int read_all(int fd, char **buf, size_t *len)
{
	*buf = NULL;
	for (*len = 0; *len <= KINFO_MAX; ) {
		char *more = realloc(*buf, *len + PIECE);
		ssize_t n;

		if (!more)
			return fail_sys("VMCOREINFO");
		*buf = more;
		n = read_some(fd, *buf + *len, PIECE);
		if (n < 0)
			return -1;
		*len += (size_t)n;
		if (n < PIECE)
			return 0;
	}
	return fail(ERR_CORRUPT, "more than %d bytes: no VMCOREINFO", KINFO_MAX);
}

static int check(const char *text, size_t len)
{
	struct kinfo ki;
	int rc = 0;

	if (kinfo_open(&ki, text, len))
		return -1;
	if (!ki.release[0] || !ki.page_size)
		rc = fail(ERR_CORRUPT, "no VMCOREINFO: it lacks OSRELEASE or PAGESIZE");
	kinfo_close(&ki);
	return rc;
}

int info_text_read(const char *path, char **text, size_t *len)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char *buf;
	int rc;

	if (fd < 0)
		return fail_sys("%s", path);
	rc = read_all(fd, &buf, len);
	if (fd != STDIN_FILENO)
		close(fd);
	if (rc || check(buf, *len)) {
		free(buf);
		return fail_in(path);
	}
	*text = buf;
	return 0;
}

int info_text_give(struct vmcore *vm, const char *text, size_t len)
{
	char *placed;
	size_t placed_len;
	int rc;

	if (vmcore_place_info(vm, text, len, &placed, &placed_len))
		return -1;
	rc = vmcore_give_info(vm, placed, placed_len);
	free(placed);
	return rc;
}
