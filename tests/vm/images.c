/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * images - real kernels, whole and damaged, before the eyes of lib/bootimage.c
 *
 * usage: images FILE...
 *
 * For each: it is opened and proved; cut to every multiple of 512 bytes it is refused; and
 * a bzImage is refused with any of some bits flipped in its payload. Prints ok or not ok.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootimage.h"
#include "err.h"

enum { FLIPS = 40, STEP = 512 };

static unsigned doubts;

__attribute__((format(printf, 1, 2))) static void doubt(const char *fmt, ...)
{
	(void)fmt;
	doubts++;
}

static int refused(int fd, uint64_t size, bool *by_header)
{
	struct bootimage im;
	int result = bootimage_open(&im, fd, size, NULL);

	*by_header = result;
	if (result == 0)
		result = bootimage_prove(&im, doubt);
	bootimage_close(&im);
	return result;
}

/* a copy that may be damaged; the caller's own file is not touched */
static int copy(const char *path, uint64_t *size)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("kernel", 0);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st)) {
		perror(path);
		exit(1);
	}
	*size = (uint64_t)st.st_size;
	for (off_t at = 0; at < st.st_size;) {
		if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0) {
			perror(path);
			exit(1);
		}
	}
	close(from);
	return to;
}

static bool say(bool ok, const char *path, const char *what, const char *how)
{
	printf("%s images-%s: %s%s%s\n", ok ? "ok" : "not ok", what, path, *how ? ": " : "", how);
	return ok;
}

static bool proved(int fd, uint64_t size, const char *path, struct bootimage *im)
{
	char text[300];
	int result = bootimage_open(im, fd, size, NULL);

	doubts = 0;
	if (result == 0)
		result = bootimage_prove(im, doubt);
	if (result)
		return say(false, path, "proved", err_text());
	snprintf(text, sizeof text, "%s %s, %" PRIu64 " bytes unpacked, %u doubts", im->format,
		 im->version, im->unpacked_size, doubts);
	return say(doubts == 0, path, "proved", text);
}

static bool cut(int fd, uint64_t size, const char *path)
{
	uint64_t len = size - 1, headers = 0, n = 0;
	char text[200];

	for (len -= len % STEP; ; len -= STEP) {
		bool by_header;

		if (ftruncate(fd, (off_t)len) || refused(fd, len, &by_header) == 0) {
			snprintf(text, sizeof text, "taken for whole with %" PRIu64 " bytes", len);
			return say(false, path, "cut", text);
		}
		n++;
		headers += by_header;
		if (len < STEP)
			break;
	}
	snprintf(text, sizeof text, "all %" PRIu64 " lengths refused, %" PRIu64 " of them by"
		 " the headers", n, headers);
	return say(true, path, "cut", text);
}

static bool flipped(int fd, const struct bootimage *im, const char *path)
{
	char text[200];

	for (uint64_t i = 1; i <= FLIPS; i++) {
		/* neither the setup code nor what unpacks the payload */
		uint64_t at = im->code_at + im->code_size / (FLIPS + 4) * (i + 1) + i;
		uint8_t byte;
		bool by_header;

		if (pread(fd, &byte, 1, (off_t)at) != 1)
			return say(false, path, "flipped", "cannot be read");
		byte ^= (uint8_t)(1 << i % 8);
		if (pwrite(fd, &byte, 1, (off_t)at) != 1 ||
		    refused(fd, im->size, &by_header) == 0) {
			snprintf(text, sizeof text, "bit %" PRIu64 " of byte %#" PRIx64
				 " went unseen", i % 8, at);
			return say(false, path, "flipped", text);
		}
		byte ^= (uint8_t)(1 << i % 8);
		if (pwrite(fd, &byte, 1, (off_t)at) != 1)
			return say(false, path, "flipped", "cannot be mended");
	}
	snprintf(text, sizeof text, "all %d flipped bits refused", FLIPS);
	return say(true, path, "flipped", text);
}

int main(int argc, char **argv)
{
	bool good = argc > 1;

	for (int i = 1; i < argc; i++) {
		struct bootimage im;
		uint64_t size;
		int fd = copy(argv[i], &size);

		if (!proved(fd, size, argv[i], &im)) {
			good = false;
		} else {
			if (im.kind == BOOTIMAGE_BZIMAGE && !im.wrapper)
				good &= flipped(fd, &im, argv[i]);
			good &= cut(fd, size, argv[i]);
		}
		bootimage_close(&im);
		close(fd);
	}
	return good ? 0 : 1;
}
