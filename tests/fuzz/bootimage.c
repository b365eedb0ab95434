/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel files: what is opened has sane numbers, and can be proved, read and closed */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bootimage.h"
#include "err.h"
#include "num.h"

enum { LEN_MAX = 8192 };	/* packed zeros of this length are a hundred million already */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

__attribute__((format(printf, 1, 2))) static void doubt(const char *fmt, ...)
{
	if (!fmt)
		abort();
}

static void check_error(void)
{
	if (err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN && err_code() != ERR_MEMORY)
		abort();
}

static void check_numbers(const struct bootimage *im)
{
	uint64_t end;

	if (!num_is_power_of_2(im->align) || im->code_size == 0 || im->offset >= im->align)
		abort();
	if (im->entry >= im->code_size && im->kind == BOOTIMAGE_ELF)
		abort();
	if (im->kind != BOOTIMAGE_ELF &&
	    (!num_add(im->code_at, im->code_size, &end) || end > im->size))
		abort();
	if (im->code_size > (im->init_size + 4095) / 4096 * 4096)
		abort();
	if (!memchr(im->version, 0, sizeof im->version))
		abort();
}

/* the first byte chooses a type, and none */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const types[] = { NULL, "bzImage", "elf", "Image", "uki" };
	struct bootimage im;
	uint8_t *bytes;
	uint64_t size;
	int fd;

	if (len < 1 || len > LEN_MAX)
		return 0;
	fd = memfd_create("kernel", 0);
	if (fd < 0 || write(fd, data + 1, len - 1) != (ssize_t)len - 1)
		abort();
	if (bootimage_open(&im, fd, len - 1, types[data[0] % 5])) {
		check_error();
	} else {
		check_numbers(&im);
		if (bootimage_prove(&im, doubt))
			check_error();
		if (bootimage_read(&im, &bytes, &size))
			check_error();
		else if (size != im.code_size)
			abort();
		free(bytes);
	}
	bootimage_close(&im);
	close(fd);
	return 0;
}
