/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "info-file.h"
#include "kinfo.h"
#include "out.h"
#include "stop.h"
#include "vmcore-info.h"
#include "vmlinux.h"

/* up to KINFO_MAX bytes and one more, by which too much is noticed */
static int read_all(int fd, char *buf, size_t *len)
{
	for (*len = 0; *len <= KINFO_MAX; ) {
		ssize_t n = read(fd, buf + *len, KINFO_MAX + 1 - *len);

		if (n == 0)
			return 0;
		if (n > 0)
			*len += (size_t)n;
		else if (errno != EINTR)
			return fail_sys("reading");
		else if (stop_check())
			return -1;
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

int info_file_read(const char *path, char **text, size_t *len)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char *buf;
	int rc;

	if (fd < 0)
		return fail_sys("%s", path);
	buf = malloc(KINFO_MAX + 1);
	rc = buf ? read_all(fd, buf, len) : fail_sys("VMCOREINFO");
	if (fd != STDIN_FILENO)
		close(fd);
	if (rc || check(buf, *len)) {
		free(buf);
		return fail_in(path);
	}
	*text = buf;
	return 0;
}

int info_file_make(const char *vmlinux, const char *path, bool force)
{
	struct out out;
	char *text;
	size_t len;
	int rc;

	if (vmlinux_info(vmlinux, &text, &len))
		return -1;
	rc = out_open_stream(&out, path, force);
	if (rc == 0) {
		rc = out_write(&out, text, len) || out_commit(&out) ? -1 : 0;
		if (rc)
			out_discard(&out);
		out_close(&out);
	}
	free(text);
	return rc;
}

int info_give(struct vmcore *vm, const char *vmlinux, const char *file)
{
	char *text, *placed;
	size_t len, placed_len;
	int rc;

	if (vmlinux ? vmlinux_info(vmlinux, &text, &len) : info_file_read(file, &text, &len))
		return -1;
	rc = vmcore_place_info(vm, text, len, &placed, &placed_len);
	if (rc == 0) {
		rc = vmcore_give_info(vm, placed, placed_len);
		free(placed);
	}
	free(text);
	return rc ? fail_in(vmlinux ? vmlinux : file) : 0;
}
