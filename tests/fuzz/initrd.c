/* SPDX-License-Identifier: GPL-2.0-or-later */
/* initial RAM disks: the walk ends, and counts no more than there is */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "err.h"
#include "initrd.h"

enum { LEN_MAX = 8192 };	/* packed zeros of this length are a hundred million already */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct initrd rd;
	int fd;

	if (len > LEN_MAX)
		return 0;
	fd = memfd_create("initrd", 0);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	if (initrd_walk(&rd, fd, len, "/init")) {
		if (err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN &&
		    err_code() != ERR_MEMORY)
			abort();
	} else if (rd.archives == 0 || (rd.init_executable && !rd.has_init) ||
		   rd.modules > rd.unpacked) {
		abort();
	}
	if (!memchr(rd.kinds, 0, sizeof rd.kinds))
		abort();
	close(fd);
	return 0;
}
