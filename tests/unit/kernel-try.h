/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lib/bootimage.c says of a file, its doubts counted. */
#ifndef KERNEL_TRY_H
#define KERNEL_TRY_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#include "kernel-file.h"

static unsigned doubts;
static char last_doubt[200];

__attribute__((format(printf, 1, 2))) static void doubt(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(last_doubt, sizeof last_doubt, fmt, ap);
	va_end(ap);
	doubts++;
}

/* no file of ours stays open, whatever happens */
static int count_files(void)
{
	int n = 0;

	for (int fd = 3; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* opens it, and proves it if that went well: -1 with the first fault */
static inline int try(const uint8_t *file, size_t len, const char *type, struct bootimage *im)
{
	int before = count_files(), fd = kernel_file(file, len), result;

	doubts = 0;
	result = bootimage_open(im, fd, len, type);
	if (result == 0)
		result = bootimage_prove(im, doubt);
	close(fd);
	if (result) {
		bootimage_close(im);
		assert_int_equal(count_files(), before);
	}
	return result;
}

#endif
