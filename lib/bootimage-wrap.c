/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels that are packed as a whole: an arm64 Image that gzip has packed (the kernel's
 * Image.gz target; U-Boot and some distributions want it), and zboot, an EFI program that
 * unpacks the Image inside it: "MZ" at 0, "zimg" at 4, the packed data's offset at 8 and
 * length at 12, the packer's name at 24 (drivers/firmware/efi/libstub/zboot-header.S,
 * since Linux 6.1; little endian). Both are unpacked into a file in memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bootimage-kinds.h"
#include "cursor.h"
#include "err.h"
#include "num.h"
#include "stop.h"
#include "unpack.h"

enum { STEP = 64 << 10, ZBOOT_HEAD = 16 };

static const uint64_t unpacked_max = (uint64_t)1 << 30;

int bootimage_memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	return fd < 0 ? fail_sys("a file in memory") : fd;
}

int bootimage_append(int fd, uint64_t *size, const uint8_t *bytes, size_t len)
{
	if (*size + len > unpacked_max)
		return fail(ERR_CORRUPT, "larger than 1 GiB unpacked: no kernel is");
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)*size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("a file in memory");
		bytes += n;
		len -= (size_t)n;
		*size += (uint64_t)n;
	}
	return 0;
}

int bootimage_copy(int to, uint64_t *size, int fd, uint64_t at, uint64_t len)
{
	uint8_t buf[STEP];

	for (uint64_t done = 0; done < len;) {
		size_t n = len - done < STEP ? (size_t)(len - done) : STEP;

		if (stop_check() || bootimage_pread(fd, buf, n, at + done) ||
		    bootimage_append(to, size, buf, n))
			return -1;
		done += n;
	}
	return 0;
}

static int put(void *arg, const uint8_t *bytes, size_t len)
{
	struct unwrapped *u = arg;

	return bootimage_append(u->fd, &u->size, bytes, len);
}

static int unpack(struct unwrapped *u, int fd, uint64_t at, uint64_t end)
{
	uint8_t head[UNPACK_MAGIC] = { 0 };
	uint64_t used;

	if (bootimage_pread(fd, head, end - at < UNPACK_MAGIC ? (size_t)(end - at) :
			    UNPACK_MAGIC, at))
		return -1;
	u->packer = unpack_kind(head, sizeof head);
	u->fd = bootimage_memory_file("kernel");
	if (u->fd < 0)
		return -1;
	return unpack_stream(fd, at, end, &used, put, u);
}

int bootimage_packed(struct unwrapped *u, int fd, uint64_t size)
{
	return unpack(u, fd, 0, size);
}

int bootimage_zboot(struct unwrapped *u, int fd, uint64_t size)
{
	uint8_t head[ZBOOT_HEAD];
	struct cursor c = cursor_over(head, sizeof head,
				      __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);
	uint64_t at, end;

	if (bootimage_pread(fd, head, sizeof head, 0))
		return -1;
	cursor_take(&c, 8);
	at = cursor_u32(&c);
	if (!num_add(at, cursor_u32(&c), &end) || end > size || at < ZBOOT_HEAD || end == at)
		return fail(ERR_CORRUPT, "cut short: the packed kernel (offset at 0x8, length at"
			    " 0xc) is %#" PRIx64 "-%#" PRIx64 " of a file of %#" PRIx64
			    " bytes", at, end, size);
	if (unpack(u, fd, at, end))
		return -1;
	u->packer = NULL;
	return 0;
}
