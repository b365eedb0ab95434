/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a dump that somebody damaged: all that the tools do with one.
 * It must come to an end, and say why when it fails; sanitizers watch the rest.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../dumpfilter/plan.h"
#include "../../dumpmsg/log.h"
#include "bitmap.h"
#include "codec.h"
#include "err.h"
#include "space.h"
#include "vmcore.h"

enum {
	MANY_PFNS = 1 << 22,	/* 16 GiB: bitmaps of more take their time, and are no news */
	READ_PAGES = 256,
	MAX_PAGE = 262144,
};

static inline void dump_require(bool fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "not so: %s (%s)\n", what, err_text());
	abort();
}

/* what failed has said why */
static inline void dump_require_reason(void)
{
	dump_require(err_code() != ERR_NONE && err_text()[0], "a failure has a reason");
}

/* the pages held are some of those the machine had, and can be asked for */
static inline void dump_check_pages(struct vmcore *vm)
{
	static uint8_t page[MAX_PAGE];
	struct bitmap ram = { 0 }, held = { 0 };
	uint64_t pfn = 0;

	if (bitmap_open(&ram, vm->npfns) || bitmap_open(&held, vm->npfns) ||
	    vmcore_ram(vm, &ram, 0) || vmcore_held(vm, &held, 0)) {
		dump_require_reason();
	} else {
		for (int n = 0; n < READ_PAGES; n++, pfn++) {
			pfn = bitmap_next_set(&held, pfn);
			if (pfn >= vm->npfns)
				break;
			dump_require(bitmap_test(&ram, pfn), "what is held was there");
			if (vmcore_read(vm, page, vm->page_size, pfn << vm->page_shift))
				dump_require_reason();
		}
		/* past the end and across it */
		if (vmcore_read(vm, page, 16, (vm->npfns << vm->page_shift) - 8) == 0)
			dump_require(false, "memory past the end cannot be read");
	}
	bitmap_close(&ram);
	bitmap_close(&held);
}

static inline void dump_check_windows(struct plan *plan)
{
	uint64_t kept = 0;
	int rc = 1;

	for (uint64_t first = 0; (rc = plan_window(plan, first)) == 1; first += plan->window)
		kept += bitmap_count(&plan->keep, 0, plan->keep.nbits);
	if (rc < 0)
		dump_require_reason();
	else
		dump_require(kept == plan->nkeep, "the count is right");
}

/* at once, and in windows of little memory */
static inline void dump_check_plan(struct vmcore *vm)
{
	const struct plan_rules ways[] = {
		{ .level = 31, .kinds = class_kinds(31), .vmemmap = true },
		{ .level = 31, .kinds = class_kinds(31), .memory = 1, .counts = true },
	};

	for (int i = 0; i < 2; i++) {
		struct plan plan;

		if (plan_open(&plan, vm, &ways[i])) {
			dump_require_reason();
			continue;
		}
		dump_require(plan.nkeep <= plan.nheld && plan.nheld <= plan.nram, "fewer are kept");
		dump_check_windows(&plan);
		plan_close(&plan);
	}
}

static inline uint64_t dump_read_log(struct log *log)
{
	struct record r;
	uint64_t n = 0;
	unsigned sum = 0;
	int rc;

	while ((rc = log_next(log, &r)) == 1) {
		for (size_t i = 0; i < r.len; i++)
			sum += (unsigned char)r.text[i];
		dump_require(r.loss == LOSS_NONE || (r.len == 0 && !r.text), "a gap has no text");
		n += r.loss == LOSS_NONE;
	}
	if (rc < 0)
		dump_require_reason();
	dump_require(sum != 1, "the text was read");
	return n;
}

/* twice the same records; where the kernel's structures are of no use, by what they look like */
static inline void dump_check_log(struct vmcore *vm)
{
	struct space space;
	struct log log = { 0 };

	if (space_open(&space, vm) || log_open(&log, &space)) {
		dump_require_reason();
		log_close(&log);
		space.vm = vm;
		if (log_salvage(&log, &space)) {
			dump_require_reason();
			log_close(&log);
			return;
		}
	}
	uint64_t n = dump_read_log(&log);

	dump_require(n > 0 || !log.salvaged, "what was found can be read");
	dump_require(log_rewind(&log) == 0, "what was opened can be read again");
	dump_require(dump_read_log(&log) == n, "it is the same");
	log_close(&log);
}

/* as the file has them: what unpacks is the page */
static inline void dump_check_stored(struct vmcore *vm)
{
	static uint8_t page[MAX_PAGE], stored[MAX_PAGE], unpacked[MAX_PAGE];
	struct codec_readers rs;
	struct vmcore_stored st;

	if (!vmcore_has_stored(vm) || codec_open_readers(&rs, vm->page_size))
		return;
	for (uint64_t pfn = 0; pfn < vm->npfns && pfn < READ_PAGES; pfn++) {
		if (vmcore_read_stored(vm, pfn, stored, &st) ||
		    codec_read(&rs, st.flags, unpacked, vm->page_size, stored, st.size)) {
			dump_require_reason();
			continue;
		}
		dump_require(vmcore_read(vm, page, vm->page_size, pfn << vm->page_shift) == 0,
			     "what unpacks can be read");
		dump_require(memcmp(page, unpacked, vm->page_size) == 0, "it is the same page");
	}
	codec_close_readers(&rs);
}

/* the file as two parts of one dump, with little memory for bitmaps */
static inline void dump_check_parts(const char *path)
{
	const char *const paths[] = { path, path };
	struct vmcore vm;

	if (vmcore_open_parts(&vm, paths, 2, 1)) {
		dump_require_reason();
		return;
	}
	if (vm.npfns <= MANY_PFNS)
		dump_check_pages(&vm);
	dump_check_stored(&vm);
	vmcore_close(&vm);
}

static inline void dump_check(const char *path)
{
	struct vmcore vm;

	if (vmcore_open(&vm, path)) {
		dump_require_reason();
		return;
	}
	if (vmcore_has_stored(&vm))
		dump_check_parts(path);
	dump_check_stored(&vm);
	dump_require(vm.page_size >= 4096 && vm.page_size <= MAX_PAGE &&
		     vm.page_size == 1u << vm.page_shift, "a page size is possible");
	if (vm.npfns <= MANY_PFNS) {
		dump_check_pages(&vm);
		dump_check_plan(&vm);
	}
	dump_check_log(&vm);
	vmcore_close(&vm);
}

/* the same for bytes in memory */
static inline void dump_check_bytes(const void *bytes, size_t len)
{
	static int fd = -1;
	char path[64];

	if (fd < 0)
		fd = memfd_create("dump", 0);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, bytes, len, 0) != (ssize_t)len)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	dump_check(path);
}

#endif
