/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/verify.c dumpfilter/verify-kdump.c dumpfilter/verify-kdump-head.c dumpfilter/verify-pages.c dumpfilter/verify-elf.c */
/* a dump to be verified: what is called good, the reader must be able to read */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../dumpfilter/verify.h"
#include "bitmap.h"
#include "err.h"
#include "vmcore.h"

enum {
	MANY_PFNS = 1 << 22,	/* bitmaps of more take their time, and are no news */
	MAX_PAGE = 262144,
	LARGE = 1 << 30,	/* a flattened one may claim any size */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "not so: %s (%s)\n", what, err_text());
	abort();
}

static uint64_t size_of(const char *path)
{
	struct source src;
	uint64_t size;

	require(source_open(&src, path) == 0, "a good dump can be opened");
	size = src.size;
	source_close(&src);
	return size;
}

/* of a part of a split dump the reader has its own pages only, as verify() has */
static void read_all(const char *path, const struct verify_result *r)
{
	static uint8_t page[MAX_PAGE];
	struct bitmap held = { 0 };
	struct vmcore vm;
	uint64_t n = 0;

	require(vmcore_open(&vm, path) == 0, "a good dump can be opened");
	if (vm.npfns <= MANY_PFNS) {
		require(bitmap_open(&held, vm.npfns) == 0 && vmcore_held(&vm, &held, 0) == 0,
			"its pages are known");
		for (uint64_t pfn = bitmap_next_set(&held, 0); pfn < vm.npfns;
		     pfn = bitmap_next_set(&held, pfn + 1), n++)
			require(vmcore_read(&vm, page, vm.page_size, pfn << vm.page_shift) == 0,
				"a good page can be read");
		require(r->format[0] == 'E' || n == r->npages, "they are as many");
	}
	bitmap_close(&held);
	vmcore_close(&vm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct verify_options opts = { .threads = 1 };
	static int fd = -1;
	struct verify_result r;
	char path[64];

	if (fd < 0)
		fd = memfd_create("dump", 0);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (verify(path, &opts, &r)) {
		require(err_code() != ERR_NONE && err_text()[0], "a failure has a reason");
		return 0;
	}
	require((r.first[0] != '\0') == (verify_bad(&r) || r.fault[VERIFY_LAYOUT]),
		"a fault is told in words");
	if (!r.first[0] && !r.incomplete && !r.nunknown && size_of(path) <= LARGE)
		read_all(path, &r);
	return 0;
}
