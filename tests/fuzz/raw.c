/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/raw.c dumpsend/recover.c */
/* what a raw device holds: whatever it is, recovery ends, and what fails has no name */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../../dumpsend/raw.h"
#include "../../dumpsend/recover.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static char dir[] = "/tmp/fuzz-raw.XXXXXX";
static char out[sizeof dir + 4], incomplete[sizeof dir + 16];

static void leave(void)
{
	if (rmdir(dir))
		fprintf(stderr, "%s: is left\n", dir);
}

static void enter(void)
{
	/* records may lie anywhere, but not fill our disk */
	struct rlimit limit = { 64 << 20, 64 << 20 };

	if (!mkdtemp(dir) || setrlimit(RLIMIT_FSIZE, &limit) || atexit(leave))
		abort();
	signal(SIGXFSZ, SIG_IGN);
	snprintf(out, sizeof out, "%s/out", dir);
	snprintf(incomplete, sizeof incomplete, "%s-incomplete", out);
}

/* the first byte says whether the others are all of the device, or else what kind of stream */
static int make_device(const unsigned char *data, size_t len)
{
	struct raw_head h = { .complete = data[0] & 2, .flat = data[0] & 4, .length = len - 1,
			      .crc = (uint32_t)crc32(0, data + 1, (uInt)(len - 1)) };
	int fd = memfd_create("device", MFD_CLOEXEC);
	off_t at = data[0] & 1 ? 0 : RAW_HEADER;

	if (fd < 0 || pwrite(fd, data + 1, len - 1, at) != (ssize_t)len - 1)
		abort();
	if (at && raw_put_head(fd, "device", &h))
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static bool entered;
	char device[40];
	struct stat st;
	int fd;

	if (!entered)
		enter();
	entered = true;
	if (len < 1)
		return -1;
	fd = make_device(data, len);
	snprintf(device, sizeof device, "/proc/self/fd/%d", fd);
	if (recover(device, out, false) == 0) {
		if (stat(out, &st) || lstat(incomplete, &st) == 0)
			abort();
	} else if (lstat(out, &st) == 0 || err_code() == ERR_NONE || err_code() == ERR_USAGE) {
		abort();
	}
	unlink(out);
	unlink(incomplete);
	close(fd);
	return 0;
}
